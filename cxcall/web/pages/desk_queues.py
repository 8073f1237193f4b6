"""At the desk: log in to queues and out of them, sign in to a phone and leave it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.floor import AgentLogOut
from cxcall.queues.presence import number_of
from cxcall.store import audit, sign_ins, users
from cxcall.store.errors import Conflict
from cxcall.web.access import Seat, SignedIn, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.desk import answer, duty_here, remember, state_refused
from cxcall.web.pages.desk_member import DEADLINE
from cxcall.web.pages.desk_shift import (
    KEPT_QUEUES,
    MyQueue,
    floor_changed,
    log_in,
    log_out,
    remembered_queues,
    servers_of,
    shift_of,
)
from cxcall.web.pages.forms import field
from cxcall.web.render import page
from cxcall.web.words import N_

PHONE = re.compile(r"[A-Za-z0-9_]+/[\w@+.:-]{1,70}(/n)?")
NUMBER = re.compile(r"[0-9]{1,20}")
MOST_KEPT = 50
NO_PHONE = N_("Write the phone's number, such as 1002, or its name in Asterisk, such as PJSIP/1002.")
TAKEN = N_("Somebody signed in to this phone at the same moment. Try again.")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPhone:
    """A phone that can be chosen; `who` sits there now, "" nobody."""

    name: str
    number: str
    who: str
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    phones: Sequence[KnownPhone]
    servers: Sequence[str]
    seat: Seat | None
    typed: str = ""
    error: str = ""


@routes.post("/desk/queue")
@needs()
async def queue(request: web.Request) -> web.StreamResponse:
    """Log in to a queue or out of it, or of all that are offered (`queue` empty)."""
    form = await request.post()
    wanted, act = field(form, "queue"), field(form, "act")
    if act not in ("in", "out"):
        raise web.HTTPBadRequest
    user, duty = user_of(request), await duty_here(request)
    async with request.app[ENGINE].connect() as conn:
        shift = await shift_of(conn, user, duty, servers_of(request), user.kept, whole=True)
    chosen = [one for one in shift.queues if wanted in ("", one.key) and (one.state == "out") == (act == "in")]
    if wanted and all(one.key != wanted for one in shift.queues):
        raise web.HTTPBadRequest
    try:
        if act == "in":
            # Who is on a break stays on it in the queue they come to.
            await log_in(request, user, chosen, reason=duty.reason if duty.paused else "")
        else:
            await log_out(request, user, chosen)
    except (NoAnswer, CommandRefused) as error:
        return await answer(request, state_refused(error, duty))
    await _remember(request, chosen, out=act == "out")
    return await answer(request, "")


@routes.get("/desk/phone")
@needs()
async def phone_page(request: web.Request) -> web.Response:
    return page(request, "desk_phone.html", await _phones(request))


@routes.post("/desk/phone")
@needs()
async def phone(request: web.Request) -> web.StreamResponse:
    """Sign in to a phone, or leave it (`act` leave): the queues follow."""
    form = await request.post()
    if field(form, "act") == "leave":
        return await _leave(request)
    view = await _phones(request)
    if not view.servers:
        raise web.HTTPBadRequest
    wanted, server = typed(field(form, "phone") or field(form, "other")), field(form, "server") or view.servers[0]
    name = _named(wanted, view.phones)
    if server not in view.servers:
        raise web.HTTPBadRequest
    if not name:
        return page(request, "desk_phone.html", replace(view, typed=wanted, error=NO_PHONE), status=422)
    user, now = user_of(request), request.app[CLOCK]()
    before = await _queues(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            sits = await sign_ins.of_user(conn, user.id)
            there = await sign_ins.at(conn, server, name)
            await sign_ins.sign_in(conn, user.id, server, name, now=now)
            await _note(request, conn, "agent.sign_in", server=server, phone=name)
    except Conflict:
        return page(request, "desk_phone.html", replace(view, typed=wanted, error=TAKEN), status=409)
    if there is not None and there.user_id != user.id:
        await _clear(request, server, name)
    for phone_before in (sits.interface,) if sits else user.extensions:
        if phone_before != name:
            await _clear(request, server, phone_before)
    await floor_changed(request)
    seated = replace(user, seat=Seat(server=server, phone=name, since=now))
    return await _join(request, seated, [one for one in before if one.server == server])


async def _leave(request: web.Request) -> web.StreamResponse:
    """Get up: the phone is in no queue any more, and the own phones are again where they were."""
    user, before = user_of(request), await _queues(request)
    if user.seat is None:
        raise web.HTTPSeeOther("/desk")
    async with request.app[ENGINE].begin() as conn:
        await sign_ins.sign_out(conn, user.id, now=request.app[CLOCK]())
        await _note(request, conn, "agent.sign_out", server=user.seat.server, phone=user.seat.phone)
    await _clear(request, user.seat.server, user.seat.phone)
    await floor_changed(request)
    stays = [one for one in before if one.state != "out"]
    await _remember(request, stays, out=True)
    return await _join(request, replace(user, seat=None), stays if user.extensions else [])


async def _join(request: web.Request, user: SignedIn, wanted: Sequence[MyQueue]) -> web.StreamResponse:
    """Into the queues, then to the desk; what Asterisk refuses can be tried again there."""
    try:
        await log_in(request, user, wanted)
    except (NoAnswer, CommandRefused):
        await _remember(request, wanted, out=True)
    raise web.HTTPSeeOther("/desk")


async def _clear(request: web.Request, server: str, phone: str) -> None:
    """No queue asks a phone any more. Asterisk away: then none does."""
    try:
        await request.app[COMMANDS].ask("agents:log_out", AgentLogOut(server=server, device=phone))
    except (NoAnswer, CommandRefused):
        return


async def _queues(request: web.Request) -> Sequence[MyQueue]:
    user, duty = user_of(request), await duty_here(request)
    async with request.app[ENGINE].connect() as conn:
        return (await shift_of(conn, user, duty, servers_of(request), user.kept, whole=True)).queues


async def _remember(request: web.Request, chosen: Sequence[MyQueue], *, out: bool) -> None:
    """What they left by hand is offered to them again, also where nothing but their will says that they belong."""
    before = remembered_queues(user_of(request).kept)
    keys = {one.key for one in chosen}
    kept = [key for key in before if key not in keys] + (sorted(keys) if out else [])
    await remember(request, {KEPT_QUEUES: kept[-MOST_KEPT:] or None})


async def _phones(request: web.Request) -> PhoneView:
    """Every phone that is known: people's own and those in queues, and who sits there."""
    user, servers = user_of(request), servers_of(request)
    async with request.app[ENGINE].connect() as conn:
        everyone = {person.id: person for person in await users.everyone(conn) if not person.disabled}
        sitting = {each.interface: each.user_id for each in await sign_ins.open_ones(conn)}
    names = {phone for person in everyone.values() for phone in person.extensions} | set(sitting)
    for server in servers:
        names |= await _in_queues(request, server)
    shown = []
    for name in sorted(names, key=lambda name: (number_of(name) == "", len(number_of(name)), number_of(name), name)):
        owner = everyone.get(sitting.get(name, ""))
        shown.append(
            KnownPhone(
                name=name,
                number=number_of(name) or name,
                who=owner.display_name if owner is not None and owner.id != user.id else "",
                mine=name in user.phones,
            )
        )
    return PhoneView(phones=shown, servers=servers, seat=user.seat)


async def _in_queues(request: web.Request, server: str) -> set[str]:
    """Phones that are members of queues now."""
    try:
        members = await request.app[COMMANDS].ask(f"members:{server}", None, timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        return set()
    return {device for member in members if PHONE.fullmatch(device := str(member["device"])) and number_of(device)}


def _named(wanted: str, known: Sequence[KnownPhone]) -> str:
    """The phone that is meant by its name or its number; "" for what is neither."""
    for one in known:
        if wanted.casefold() in (one.name.casefold(), one.number.casefold()) and not one.name.startswith("Local/"):
            return one.name
    if NUMBER.fullmatch(wanted):
        return f"PJSIP/{wanted}"
    return wanted if PHONE.fullmatch(wanted) else ""


async def _note(request: web.Request, conn: AsyncConnection, act: str, **details: str) -> None:
    user = user_of(request)
    await audit.add(
        conn,
        actor=user.name,
        act=act,
        subject=f"user:{user.id}",
        details=details,
        address=address_of(request),
        at=request.app[CLOCK](),
    )
