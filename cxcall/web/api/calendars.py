"""`/calendars`: opening hours that queues share, with holidays of both calendars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import tidy
from cxcall.queues.hours import Calendar, Holiday, Span
from cxcall.store import calendars, queues
from cxcall.store.calendars import CalendarNameTaken, KeptCalendar, NoSuchCalendar
from cxcall.store.errors import Conflict
from cxcall.store.queues import KeptQueue
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import SETTINGS
from cxcall.web.pages.hours.form import LONGEST_NAME, MOST_HOLIDAYS, MOST_SPANS, wrong_with
from cxcall.web.pages.hours.telling import Untold, goes_by, renew
from cxcall.web.problems import Problem

NONE = "There is no such calendar."

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]
Zone = Annotated[str, msgspec.Meta(max_length=100, description="IANA name: Asia/Tehran.")]
Spans = Annotated[list[Span], msgspec.Meta(max_length=MOST_SPANS)]
Week = Annotated[list[Spans], msgspec.Meta(min_length=7, max_length=7)]
Holidays = Annotated[list[Holiday], msgspec.Meta(max_length=MOST_HOLIDAYS)]
Waiting = Literal["stay", "leave"]


class NewCalendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`week`: seven days from Monday, each its spans, none: closed. A holiday without `hours` is closed all day; its
    `date` is `YYYY-MM-DD`, or `MM-DD` for every year, of its `calendar`. `waiting`: what becomes of callers who wait
    when it closes."""

    name: Name
    week: Week
    holidays: Holidays = []
    zone: Zone | msgspec.UnsetType = msgspec.UNSET
    waiting: Waiting = "stay"


class CalendarChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays. `week` and `holidays` are given whole."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    week: Week | msgspec.UnsetType = msgspec.UNSET
    holidays: Holidays | msgspec.UnsetType = msgspec.UNSET
    zone: Zone | msgspec.UnsetType = msgspec.UNSET
    waiting: Waiting | msgspec.UnsetType = msgspec.UNSET


class UntoldServer(msgspec.Struct, frozen=True, kw_only=True):
    """An Asterisk that has not taken the hours, and why; it takes them when it is there again."""

    server: str
    why: str


class ShownCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """`queues`: those that go by these hours, `server:name`. `untold`: after a change, who has not taken it yet."""

    id: str
    version: int
    name: str
    week: list[list[Span]]
    holidays: list[Holiday]
    zone: str
    waiting: Waiting
    queues: list[str]
    untold: list[UntoldServer]
    updated_at: Time
    updated_by: str


class CalendarList(msgspec.Struct, frozen=True, kw_only=True):
    """All calendars by name."""

    items: list[ShownCalendar]


async def list_calendars(asked: Asked[None, None]) -> CalendarList:
    async with asked.engine.connect() as conn:
        using = await queues.everything(conn)
        kept = await calendars.everything(conn)
    return CalendarList(items=[_shown(one, using) for one in kept])


async def get_calendar(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return await _answer(conn, await _found(asked, conn))


async def create_calendar(asked: Asked[None, NewCalendar]) -> Answer:
    """Queues go by it when they name it and are applied."""
    body = asked.body
    zone = asked.request.app[SETTINGS].site.timezone if body.zone is msgspec.UNSET else body.zone
    calendar = _checked({**msgspec.to_builtins(body), "zone": zone})
    async with asked.engine.begin() as conn:
        try:
            kept = await calendars.create(conn, calendar, by=asked.who.name, now=asked.now)
        except CalendarNameTaken as error:
            raise _taken(error) from error
        await note_act(asked, conn, "hours.create", f"hours:{kept.id}", {"name": calendar.name})
        return await _answer(conn, kept, {"Location": f"{ROOT}/calendars/{kept.id}"})


async def change_calendar(asked: Asked[None, CalendarChange]) -> Answer:
    """Asterisk is told at once; `untold` names servers that could not be."""
    version = expected_version(asked.request, asked.body.version)
    given = msgspec.to_builtins(asked.body)
    given.pop("version", None)
    async with asked.engine.begin() as conn:
        before = await _found(asked, conn)
        calendar = _checked({**msgspec.to_builtins(before.calendar), **given})
        try:
            kept = await calendars.save(
                conn, before.id, calendar, version=version.number, by=asked.who.name, now=asked.now
            )
        except CalendarNameTaken as error:
            raise _taken(error) from error
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchCalendar as error:
            raise Problem(404, NONE) from error
        await note_act(asked, conn, "hours.change", f"hours:{kept.id}", {"name": calendar.name})
    untold = await renew(asked.request, kept.id)
    async with asked.engine.connect() as conn:
        return await _answer(conn, kept, untold=untold)


async def delete_calendar(asked: Asked[None, None]) -> None:
    """409 while queues go by it."""
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        kept = await _found(asked, conn)
        if using := _users(kept, await queues.everything(conn)):
            raise Problem(409, f"Queues go by these hours: {', '.join(using)}. Give them others first.")
        try:
            await calendars.remove(conn, kept.id, version=version.number)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchCalendar as error:
            raise Problem(404, NONE) from error
        await note_act(asked, conn, "hours.remove", f"hours:{kept.id}", {"name": kept.calendar.name})


def _checked(fields: dict[str, Any]) -> Calendar:
    """The calendar these fields make; Problem 422 with what the page would say of it."""
    calendar = msgspec.convert({**fields, "name": tidy(fields["name"])}, Calendar)
    errors = [
        {"detail": sentence, "pointer": "#/" + field.replace(".", "/")} for field, sentence in wrong_with(calendar)
    ]
    if errors:
        raise Problem(422, "These can't be hours, see errors.", errors=errors)
    return calendar


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> KeptCalendar:
    kept = await calendars.get(conn, asked.path["id"])
    if kept is None:
        raise Problem(404, NONE)
    return kept


def _taken(error: CalendarNameTaken) -> Problem:
    return Problem(409, str(error), errors=[{"detail": str(error), "pointer": "#/name"}])


async def _answer(
    conn: AsyncConnection, kept: KeptCalendar, headers: dict[str, str] | None = None, untold: Sequence[Untold] = ()
) -> Answer:
    shown = _shown(kept, await queues.everything(conn), untold)
    return Answer(value=shown, headers={"ETag": etag(kept.version), **(headers or {})})


def _shown(kept: KeptCalendar, using: Sequence[KeptQueue], untold: Sequence[Untold] = ()) -> ShownCalendar:
    calendar = kept.calendar
    return ShownCalendar(
        id=kept.id, version=kept.version, name=calendar.name, week=[list(day) for day in calendar.week],
        holidays=list(calendar.holidays), zone=calendar.zone, waiting=calendar.waiting, queues=_users(kept, using),
        untold=[UntoldServer(server=one.server, why=one.why) for one in untold], updated_at=kept.updated_at,
        updated_by=kept.updated_by,
    )  # fmt: skip


def _users(kept: KeptCalendar, every: Sequence[KeptQueue]) -> list[str]:
    return [f"{queue.server}:{queue.name}" for queue in every if goes_by(queue, kept.id)]


_READ: dict[str, Any] = {"tag": "queues", "scope": Scope.QUEUES_READ, "roles": tuple(sorted(OVERSEERS))}
_WRITE: dict[str, Any] = {"tag": "queues", "scope": Scope.QUEUES_WRITE, "roles": (Role.ADMIN,)}
ENDPOINTS = (
    Endpoint(method="GET", path="/calendars", handler=list_calendars, summary="List opening hours",
             gives=CalendarList, **_READ),
    Endpoint(method="POST", path="/calendars", handler=create_calendar, summary="Add opening hours",
             body=NewCalendar, gives=ShownCalendar, status=201, problems=(409,), gives_headers=("Location", "ETag"),
             **_WRITE),
    Endpoint(method="GET", path="/calendars/{id}", handler=get_calendar, summary="One set of opening hours",
             gives=ShownCalendar, gives_headers=("ETag",), **_READ),
    Endpoint(method="PATCH", path="/calendars/{id}", handler=change_calendar, summary="Change opening hours",
             body=CalendarChange, gives=ShownCalendar, problems=(409, 412, 428), headers=("If-Match",),
             gives_headers=("ETag",), **_WRITE),
    Endpoint(method="DELETE", path="/calendars/{id}", handler=delete_calendar, summary="Remove opening hours",
             status=204, problems=(409, 412, 428), headers=("If-Match",), **_WRITE),
)  # fmt: skip
