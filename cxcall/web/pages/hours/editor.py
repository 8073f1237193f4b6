"""/admin/hours/<id>: the week, holidays of both calendars, and what follows from them, before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from cxcall.queues.hours import Calendar, Span
from cxcall.store import calendars, queues
from cxcall.store.calendars import CalendarNameTaken, KeptCalendar, NoSuchCalendar
from cxcall.store.errors import Conflict
from cxcall.web import errors
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE, SETTINGS
from cxcall.web.pages.forms import field as text_of
from cxcall.web.pages.hours.form import MOST_SPANS, SHOWN_SPANS, Pair, Typed, act, made, read, typed_of
from cxcall.web.pages.hours.listing import PATH
from cxcall.web.pages.hours.telling import Untold, goes_by, note, renew
from cxcall.web.pages.hours.view import NextChange, State, bars, day_name, day_order, next_changes, state
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.removed import REMOVED
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ONE = PATH + "/{id:[0-9a-f]{20,}}"
CONFLICT = N_("Somebody else changed this meanwhile. Look at it and save again.")
NAME_TAKEN = N_("There are hours of this name already.")
IN_USE = N_("Queues go by these hours: %(queues)s. Give them others first.")
USUAL = Span(since="09:00", to="17:00")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A weekday: its fields, and when it is open as (start, length) in minutes."""

    n: int
    name: str
    pairs: Sequence[Pair]
    bars: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """`id` "": new hours. `state` None: what was typed is no hours yet. `untold`: servers that have not taken it."""

    id: str
    version: int
    typed: Typed
    days: Sequence[DayRow]
    state: State | None
    changes: Sequence[NextChange]
    queues: Sequence[str]
    may_change: bool
    error: str = ""
    untold: Sequence[Untold] = ()

    def of(self, field: str) -> Sequence[str]:
        return self.typed.errors.get(field, ())


@routes.get(PATH + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    free = {4} if current().calendar == "jalali" else {5, 6}
    week = tuple(() if day in free else (USUAL,) for day in range(7))
    usual = Calendar(name="", week=week, zone=request.app[SETTINGS].site.timezone)
    return await _show(request, None, typed_of(usual))


@routes.post(PATH + "/new")
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    return await _act(request, None)


@routes.get(ONE)
@needs(*OVERSEERS)
async def show_one(request: web.Request) -> web.Response:
    kept = await _found(request)
    return await _show(request, kept, typed_of(kept.calendar))


@routes.post(ONE)
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    return await _act(request, await _found(request))


@routes.post(ONE + "/tell")
@needs(Role.ADMIN)
async def tell(request: web.Request) -> web.StreamResponse:
    """Have Asterisk take hours that were saved while it was away."""
    return await _told(request, await _found(request))


@routes.post(ONE + "/remove")
@needs(Role.ADMIN)
async def remove(request: web.Request) -> web.StreamResponse:
    kept = await _found(request)
    async with request.app[ENGINE].begin() as conn:
        using = [queue.name for queue in await queues.everything(conn) if goes_by(queue, kept.id)]
        if not using:
            try:
                await calendars.remove(conn, kept.id, version=kept.version)
            except (Conflict, NoSuchCalendar):
                raise web.HTTPSeeOther(f"{PATH}/{kept.id}") from None
            await note(request, conn, "hours.remove", f"hours:{kept.id}", name=kept.calendar.name)
    if using:
        error = _(IN_USE) % {"queues": ", ".join(using)}
        return await _show(request, kept, typed_of(kept.calendar), error=error, status=409)
    request.app[REMOVED].put(kept.id, kept)
    raise web.HTTPSeeOther(f"{PATH}?done=removed&who={kept.id}")


@routes.post(ONE + "/restore")
@needs(Role.ADMIN)
async def restore(request: web.Request) -> web.StreamResponse:
    """Hours that were removed, as they were."""
    kept = request.app[REMOVED].get(request.match_info["id"], KeptCalendar)
    if kept is None:
        raise web.HTTPNotFound
    now, who = request.app[CLOCK](), user_of(request).name
    try:
        async with request.app[ENGINE].begin() as conn:
            await calendars.create(conn, kept.calendar, by=who, now=now, calendar_id=kept.id)
            await note(request, conn, "hours.restore", f"hours:{kept.id}", name=kept.calendar.name)
    except CalendarNameTaken:
        return errors.answer(request, 409, _(NAME_TAKEN))
    request.app[REMOVED].back(kept.id)
    raise web.HTTPSeeOther(f"{PATH}?done=restored")


async def _act(request: web.Request, kept: KeptCalendar | None) -> web.StreamResponse:
    form = await request.post()
    got, do = read(form), text_of(form, "do")
    if do != "save":
        return await _show(request, kept, made(got)[0] if do == "preview" else act(got, do, day_order()))
    got, calendar = made(got)
    if got.errors:
        return await _show(request, kept, got, status=422)
    now, who = request.app[CLOCK](), user_of(request).name
    try:
        async with request.app[ENGINE].begin() as conn:
            if kept is None:
                saved = await calendars.create(conn, calendar, by=who, now=now)
            else:
                version = number_in(text_of(form, "version"))
                saved = await calendars.save(conn, kept.id, calendar, version=version, by=who, now=now)
            done = "hours.create" if kept is None else "hours.change"
            await note(request, conn, done, f"hours:{saved.id}", name=calendar.name)
    except CalendarNameTaken:
        return await _show(request, kept, _wrong(got, "name", _(NAME_TAKEN)), status=409)
    except (Conflict, NoSuchCalendar):
        return await _show(request, await _found(request), got, error=_(CONFLICT), status=409)
    return await _told(request, saved)


async def _told(request: web.Request, saved: KeptCalendar) -> web.StreamResponse:
    untold = await renew(request, saved.id)
    if untold:
        return await _show(request, saved, typed_of(saved.calendar), untold=untold)
    raise web.HTTPSeeOther(f"{PATH}?done=saved")


def _wrong(got: Typed, field: str, sentence: str) -> Typed:
    return replace(got, errors={**got.errors, field: [sentence]})


async def _show(
    request: web.Request,
    kept: KeptCalendar | None,
    typed: Typed,
    *,
    error: str = "",
    untold: Sequence[Untold] = (),
    status: int = 200,
) -> web.Response:
    using: list[str] = []
    if kept is not None:
        async with request.app[ENGINE].connect() as conn:
            using = [queue.name for queue in await queues.everything(conn) if goes_by(queue, kept.id)]
    checked, calendar = made(typed)
    faulty = any(field != "name" for field in checked.errors)
    now = current().now.timestamp()
    view = CalendarView(
        id=kept.id if kept else "",
        version=kept.version if kept else 0,
        typed=typed,
        days=[_row(n, typed, None if faulty else calendar) for n in day_order()],
        state=None if faulty else state(calendar, (), now),
        changes=() if faulty else next_changes(calendar, now),
        queues=using,
        may_change=user_of(request).role is Role.ADMIN,
        error=error,
        untold=untold,
    )
    return page(request, "hours/calendar.html", view, status=status)


def _row(n: int, typed: Typed, calendar: Calendar | None) -> DayRow:
    pairs = list(typed.week[n])
    room = min(MOST_SPANS, max(SHOWN_SPANS, len(pairs) + 1))
    pairs += [("", "")] * (room - len(pairs))
    return DayRow(n=n, name=day_name(n), pairs=pairs, bars=bars(calendar, n) if calendar else ())


async def _found(request: web.Request) -> KeptCalendar:
    async with request.app[ENGINE].connect() as conn:
        kept = await calendars.get(conn, request.match_info["id"])
    if kept is None:
        raise web.HTTPNotFound
    return kept
