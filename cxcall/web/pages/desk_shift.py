"""The agent's shift at the desk: reasons to pause, queues to log in to and out of, the phone they sit at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.floor import AgentLogIn, AgentLogOut
from cxcall.queues.membership import Member, resolve
from cxcall.queues.presence import LOGGED_OFF
from cxcall.store import pause_reasons, queue_people, queues
from cxcall.store.pause_reasons import PauseReason
from cxcall.store.queues import KeptQueue
from cxcall.web.access import SignedIn
from cxcall.web.keys import COMMANDS, SETTINGS
from cxcall.web.pages.desk_member import Duty
from cxcall.web.presentation import current

NO_PHONE_YET = "none"
KEPT_QUEUES = "desk_queues"
"""Name of the user's setting that remembers queues they logged out of: `server/queue`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """A reason to pause in the reader's words; `limit` in seconds, None without."""

    id: str
    text: str
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyQueue:
    """A queue the agent may answer in. `member`: as what, where they do not now."""

    server: str
    name: str
    title: str
    state: str
    member: Member | None = None

    @property
    def key(self) -> str:
        return f"{self.server}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    reasons: Sequence[ReasonView] = ()
    queues: Sequence[MyQueue] = ()
    since: datetime | None = None
    phone: str = ""
    """The phone they signed in to, "" where it is their own."""

    @property
    def some_in(self) -> bool:
        return any(queue.state != "out" for queue in self.queues)

    @property
    def some_out(self) -> bool:
        return any(queue.state == "out" for queue in self.queues)


async def shift_of(
    conn: AsyncConnection,
    user: SignedIn,
    duty: Duty,
    servers: Iterable[str],
    kept: Mapping[str, object],
    *,
    whole: bool = False,
) -> Shift:
    """What the agent can choose from now. `kept`: what pages remember for them.

    While a call is there queues are left out unless `whole`: the desk shows none, and a ring must not wait for them.
    """
    remembered = remembered_queues(kept)
    found: dict[str, MyQueue] = {}
    busy = not whole and duty.state is not None and duty.state.state in ("ringing", "on_call")
    for server in () if busy else servers:
        known = await queues.of_server(conn, server)
        for queue in await _mine(conn, user, server, known, duty, remembered):
            found[queue.key] = queue
    return Shift(
        reasons=[reason_view(reason) for reason in await pause_reasons.everything(conn, enabled_only=True)],
        queues=sorted(found.values(), key=lambda queue: (queue.title.casefold(), queue.key)),
        phone=user.seat.phone if user.seat else "",
        since=user.seat.since if user.seat else None,
    )


def remembered_queues(kept: Mapping[str, object]) -> list[str]:
    """Queues they logged out of by hand, `server/queue`."""
    keys = kept.get(KEPT_QUEUES)
    return [str(key) for key in keys] if isinstance(keys, list) else []


def reason_view(reason: PauseReason) -> ReasonView:
    return ReasonView(id=reason.id, text=reason_text(reason), limit=reason.limit_s or None)


def reason_text(reason: PauseReason) -> str:
    """A reason's name in the reader's language, else in any."""
    return in_language(reason.name) or reason.id


def in_language(texts: Mapping[str, str]) -> str:
    """What a site wrote in several languages, in the reader's, else in any; "" where it wrote nothing."""
    return texts.get(current().language) or next((text for text in texts.values() if text), "")


async def log_in(request: web.Request, user: SignedIn, wanted: Iterable[MyQueue], *, reason: str = "") -> None:
    """Have these queues ask the agent's phone. Raises CommandRefused, NoAnswer of the first that did not."""
    if not user.phones:
        raise CommandRefused("no phone")
    for queue in wanted:
        member = queue.member or Member(interface=user.phones[0], name=user.shown_name)
        await request.app[COMMANDS].ask(
            "agents:log_in",
            AgentLogIn(
                server=queue.server,
                device=user.phones[0],
                queue=queue.name,
                name=member.name or user.shown_name,
                penalty=member.penalty,
                state_interface=member.state_interface if member.interface == user.phones[0] else "",
                reason=reason,
            ),
        )


async def log_out(request: web.Request, user: SignedIn, wanted: Iterable[MyQueue]) -> None:
    """Have these queues no longer ask any of the agent's phones."""
    for queue in wanted:
        for phone in user.phones:
            await request.app[COMMANDS].ask(
                "agents:log_out", AgentLogOut(server=queue.server, device=phone, queue=queue.name)
            )


async def floor_changed(request: web.Request) -> None:
    """Tell the floor that people, reasons or queues changed; it would find out by itself a minute later."""
    try:
        await request.app[COMMANDS].ask("agents:reload", None)
    except (NoAnswer, CommandRefused):
        return


def servers_of(request: web.Request) -> list[str]:
    return [server.name for server in request.app[SETTINGS].ami]


async def _mine(
    conn: AsyncConnection,
    user: SignedIn,
    server: str,
    known: Sequence[KeptQueue],
    duty: Duty,
    remembered: Sequence[str],
) -> list[MyQueue]:
    """Queues of a server: those that have the phone now, those that name the person, those they left by hand."""
    seats = [seat for where, seat in duty.seats if where == server]
    here = {queue for seat in seats for queue in seat.queues}
    named = await _named(conn, user, server, known)
    left = {key.partition("/")[2] for key in remembered if key.partition("/")[0] == server}
    looks: dict[str, Any] = {queue.name: queue.shown for queue in known}
    lines = []
    for name in sorted(here | set(named) | left):
        pauses = [seat.pauses.get(name) for seat in seats if name in seat.queues]
        out = not pauses or all(pause == LOGGED_OFF for pause in pauses)
        state = "out" if out else "paused" if all(pause is not None for pause in pauses) else "in"
        title = in_language(looks[name].title) if name in looks else ""
        lines.append(MyQueue(server=server, name=name, title=title or name, state=state, member=named.get(name)))
    return lines


async def _named(conn: AsyncConnection, user: SignedIn, server: str, known: Sequence[KeptQueue]) -> dict[str, Member]:
    """Queues whose definition asks this person: by name, team or skill; and as what member."""
    definitions = [definition for queue in known if (definition := queue.applied) is not None and definition.enabled]
    if not definitions:
        return {}
    people = await queue_people.people(conn, server)
    mine = people.persons.get(user.id)
    if mine is None:
        return {}
    alone = msgspec.structs.replace(mine, interfaces=user.phones[:1] or (NO_PHONE_YET,))
    only = msgspec.structs.replace(people, persons={user.id: alone})
    return {
        definition.name: member
        for definition in definitions
        for member in resolve((one for one in definition.members if one.kind != "interface"), only)
    }
