"""The "closed now" switch: first Asterisk, which keeps it whether we run or not, then the record of who did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import QUEUES, CloseQueue, OpenQueue
from cxcall.letters import tidy
from cxcall.queues.hours import Closure
from cxcall.store import closures, queues
from cxcall.store.closures import KeptClosure, NoSuchClosure
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import BUS, CLOCK, COMMANDS, ENGINE
from cxcall.web.pages.alerts import next_time
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.hours.listing import LENGTHS, PATH, show
from cxcall.web.pages.hours.telling import AWAY, note
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.login import local
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ASKED_S = 20.0
FIELDS = ("queue", "until", "until_time", "why", "prompt", "waiting", "next")
NO_QUEUE = N_("Choose what to close.")
NO_TIME = N_("That is no time. Write it like 17:30.")
LONGEST = 200

routes = web.RouteTableDef()


@routes.post(PATH + "/close")
@needs(*OVERSEERS)
async def close(request: web.Request) -> web.StreamResponse:
    form, now = await request.post(), request.app[CLOCK]()
    sent = {name: field(form, name) for name in FIELDS}
    until, errors = _until(form, now)
    server, colon, queue = sent["queue"].partition(":")
    if not colon or not await _ours(request, server, queue):
        errors["queue"] = _(NO_QUEUE)
    if errors:
        return await show(request, typed=sent, errors=errors, status=422)
    closure = Closure(
        queue=queue, until=until.timestamp() if until else None, prompt=sent["prompt"], by=user_of(request).shown_name,
        since=now.timestamp(), why=tidy(sent["why"])[:LONGEST],
        waiting="leave" if sent["waiting"] == "leave" else "stay",
    )  # fmt: skip
    ask = CloseQueue(server=server, queue=queue, until=closure.until, prompt=closure.prompt)
    why = await _asked(request, "queues:close", ask)
    if why:
        return await show(request, typed=sent, error=why, status=409)
    try:
        async with request.app[ENGINE].begin() as conn:
            kept = await closures.close(conn, server, closure, now=now)
            await note(request, conn, "queue.close", f"queue:{server}:{queue}", until=closure.until, why=closure.why)
    except Conflict:
        pass  # somebody closed it at this very moment
    else:
        _tell(request, kept)
    raise web.HTTPSeeOther(local(sent["next"]) if sent["next"] else f"{PATH}?done=closed")


@routes.post(PATH + "/open")
@needs(*OVERSEERS)
async def reopen(request: web.Request) -> web.StreamResponse:
    form, now = await request.post(), request.app[CLOCK]()
    async with request.app[ENGINE].connect() as conn:
        standing = await closures.standing(conn, now=now)
    kept = next((one for one in standing if one.id == field(form, "closure")), None)
    if kept is not None:
        ask = OpenQueue(server=kept.server, queue=kept.closure.queue)
        why = await _asked(request, "queues:open", ask)
        if why:
            return await show(request, error=why, status=409)
        try:
            async with request.app[ENGINE].begin() as conn:
                await closures.lift(conn, kept.id, by=user_of(request).shown_name, now=now)
                await note(request, conn, "queue.open", f"queue:{kept.server}:{kept.closure.queue}")
        except NoSuchClosure:
            pass  # somebody was quicker
        else:
            _tell(request, kept)
    back = field(form, "next")
    raise web.HTTPSeeOther(local(back) if back else f"{PATH}?done=open")


def _until(form: Form, now: datetime) -> tuple[datetime | None, dict[str, str]]:
    """Until when; a time that was typed counts before the choice."""
    choice, at = field(form, "until"), typed(field(form, "until_time"))
    if choice == "at" or (at and choice == ""):
        until = next_time(at, now) if at else None
        return until, {} if until is not None else {"until_time": _(NO_TIME)}
    if choice in LENGTHS and choice:
        return now + timedelta(minutes=int(choice)), {}
    return None, {}


async def _ours(request: web.Request, server: str, queue: str) -> bool:
    """Whether Asterisk asks before it lets callers in: queues that cxcall writes."""
    async with request.app[ENGINE].connect() as conn:
        mine = [one for one in await queues.of_server(conn, server) if one.applied is not None]
    return bool(mine) and (not queue or any(one.name == queue for one in mine))


async def _asked(request: web.Request, name: str, act: Any) -> str:
    """Have it done; "" or why it was not."""
    try:
        await request.app[COMMANDS].ask(name, act, timeout=ASKED_S)
    except NoAnswer:
        return _(AWAY)
    except CommandRefused as refused:
        return said(str(refused))
    return ""


def _tell(request: web.Request, kept: KeptClosure) -> None:
    """The wallboard and whoever watches queues look again."""
    news: Mapping[str, Any] = {
        "server": kept.server, "version": None, "outcome": "closure", "by": user_of(request).name
    }  # fmt: skip
    request.app[BUS].publish(QUEUES, news)
