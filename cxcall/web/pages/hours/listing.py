"""/admin/hours: what is closed now, the switch that closes, and the calendars with who goes by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from cxcall.queues.hours import Calendar
from cxcall.store import calendars, closures, prompts, queues
from cxcall.store.calendars import KeptCalendar
from cxcall.store.closures import KeptClosure
from cxcall.store.queues import KeptQueue
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages.hours.telling import goes_by
from cxcall.web.pages.hours.view import NextChange, State, next_changes, state
from cxcall.web.presentation import current
from cxcall.web.removed import undo_of
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/hours"
DONE = {
    "saved": N_("Saved."),
    "removed": N_("Removed."),
    "restored": N_("It is back."),
    "closed": N_("Closed. New callers go where the queue sends them when it is closed."),
    "open": N_("Open again."),
}
LENGTHS: Mapping[str, str] = {
    "": N_("until somebody opens it"),
    "30": N_("for half an hour"),
    "60": N_("for an hour"),
    "240": N_("for four hours"),
    "at": N_("until this time:"),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLine:
    """Something that is closed now: `name` of the queue, "" all of the server."""

    id: str
    server: str
    name: str
    title: str
    since: datetime | None
    until: datetime | None
    by: str
    why: str
    prompt: str
    leave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRow:
    id: str
    name: str
    zone: str
    state: State
    changes: Sequence[NextChange]
    queues: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The form that closes: choices, and what was typed with what is wrong about it."""

    choices: Sequence[tuple[str, str]]
    prompts: Sequence[str]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    next: str = ""

    @property
    def lengths(self) -> Sequence[tuple[str, str]]:
        return [(key, _(words)) for key, words in LENGTHS.items()]

    def get(self, name: str) -> str:
        return self.typed.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursView:
    closed: Sequence[ClosedLine]
    rows: Sequence[HoursRow]
    switch: Switch
    several: bool
    may_change: bool
    error: str = ""


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    done = DONE.get(request.query.get("done", ""))
    typed = {"queue": request.query.get("queue", "")}
    return await show(request, typed=typed, done=Done(text=_(done), undo=undo_of(request, PATH)) if done else None)


async def show(
    request: web.Request,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    error: str = "",
    status: int = 200,
    done: Done | None = None,
) -> web.Response:
    """The page, with what was typed into the switch."""
    now = current().now
    async with request.app[ENGINE].connect() as conn:
        kept = await calendars.everything(conn)
        there = await queues.everything(conn)
        standing = await closures.standing(conn, now=now)
        spoken = sorted(prompt.name for prompt in await prompts.everything(conn))
    several = len(request.app[SETTINGS].ami) > 1
    names = {(queue.server, queue.name): _title(queue) for queue in there}
    view = HoursView(
        closed=[_line(one, names) for one in standing],
        rows=[_row(one, there, now.timestamp()) for one in kept],
        switch=Switch(
            choices=_choices(request, there, several=several), prompts=spoken, typed=typed or {}, errors=errors or {},
            next=(typed or {}).get("next", ""),
        ),
        several=several,
        may_change=user_of(request).role is Role.ADMIN,
        error=error,
    )  # fmt: skip
    return page(request, "hours/list.html", view, status=status, done=done)


def _choices(request: web.Request, there: Sequence[KeptQueue], *, several: bool) -> Sequence[tuple[str, str]]:
    """What can be closed: queues that cxcall writes, and all of a server's."""
    found = []
    for server in request.app[SETTINGS].ami:
        mine = [queue for queue in there if queue.server == server.name and queue.applied is not None]
        if not mine:
            continue
        every = _("All queues of %(server)s") % {"server": server.name} if several else _("All queues")
        found.append((f"{server.name}:", every))
        found += [
            (f"{server.name}:{queue.name}", _title(queue) + (f" · {server.name}" if several else "")) for queue in mine
        ]
    return found


def _title(queue: KeptQueue) -> str:
    return queue.shown.title.get(current().language) or queue.name


def _line(kept: KeptClosure, names: Mapping[tuple[str, str], str]) -> ClosedLine:
    closure = kept.closure
    return ClosedLine(
        id=kept.id, server=kept.server, name=closure.queue,
        title=names.get((kept.server, closure.queue), closure.queue),
        since=_moment(closure.since), until=_moment(closure.until), by=closure.by, why=closure.why,
        prompt=closure.prompt, leave=closure.waiting == "leave",
    )  # fmt: skip


def _moment(at: float | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def _row(kept: KeptCalendar, there: Sequence[KeptQueue], now: float) -> HoursRow:
    calendar: Calendar = kept.calendar
    return HoursRow(
        id=kept.id, name=calendar.name, zone=calendar.zone, state=state(calendar, (), now),
        changes=next_changes(calendar, now)[:3], queues=[_title(one) for one in there if goes_by(one, kept.id)],
    )  # fmt: skip
