"""The list of calls: filters in the address, pages that stand still, export. Agents see their own calls."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import iso
from cxcall.store import calls, lists, transcript_pages
from cxcall.store.calls import CallFilter
from cxcall.store.paging import BadCursor
from cxcall.store.survey_choice import Surveyed
from cxcall.web.access import SignedIn, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages import calls_export, calls_filter, calls_view, survey_filter
from cxcall.web.pages.calls_filter import Asked
from cxcall.web.pages.calls_view import AT_MOST, CallsView, Most, Problem
from cxcall.web.pages.own_reports import call_views
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page

PATH = "/calls"
ROWS = 50
SUMMED = 100_000
"""Calls up to which the totals are worked out with every page."""

BESIDE = 20_000
"""Calls from which on an export is written in the background."""

routes = web.RouteTableDef()


@routes.get(PATH)
@needs()
async def list_page(request: web.Request) -> web.Response:
    """One page of the calls asked for; bare, the view the reader opens it with."""
    await call_views.open_first(request, PATH)
    asked = calls_filter.read(request.query)
    async with request.app[ENGINE].connect() as conn:
        view = await _view(conn, request, asked, request.query.get("after"))
    return page(request, "calls.html", view, done=call_views.done(request))


@routes.get(PATH + "/newer")
@needs()
async def newer(request: web.Request) -> web.Response:
    """The pill above the list: how many calls began after the newest one shown (`than`, ISO time)."""
    asked = calls_filter.read(request.query)
    than = _moment(request.query.get("than", ""))
    count = 0
    if than is not None:
        async with request.app[ENGINE].connect() as conn:
            count = await calls.newer_than(conn, wanted(request, asked), than)
    view = CallsView(now=current().now, asked=asked, own=_own(request), newer=count, first_url=asked.address(PATH))
    return fragment(request, "calls_newer.html", view)


@routes.get(PATH + "/export")
@needs()
async def export(request: web.Request) -> web.StreamResponse:
    """The calls asked for as CSV, or only those with the `id`s given, which stand on the page `after`."""
    asked = calls_filter.read(request.query)
    chosen = request.query.getall("id", [])[:500]
    return await calls_export.send(request, _chunks(request, wanted(request, asked), frozenset(chosen)))


async def _chunks(
    request: web.Request, filter_: CallFilter, chosen: frozenset[str]
) -> AsyncIterator[Sequence[calls.CallRow]]:
    """All rows of a filter in pages; each page on a connection of its own, so that no snapshot is held for long."""
    after = request.query.get("after") if chosen else None
    missing = set(chosen)
    while True:
        async with request.app[ENGINE].connect() as conn:
            found = await calls.page(conn, filter_, limit=500, after=after)
        yield [row for row in found.rows if not chosen or row.id in chosen]
        missing -= {row.id for row in found.rows}
        after = found.next
        if after is None or (chosen and not missing):
            return


async def _view(conn: AsyncConnection, request: web.Request, asked: Asked, after: str | None) -> CallsView:
    filter_ = wanted(request, asked)
    try:
        found = await calls.page(conn, filter_, limit=ROWS, after=after)
    except BadCursor:
        found = await calls.page(conn, filter_, limit=ROWS)
    heard = await transcript_pages.of_calls(conn, [row.id for row in found.rows])
    view = CallsView(
        now=current().now,
        asked=asked,
        own=_own(request),
        rows=[calls_view.row_of(row, heard.get(row.id)) for row in found.rows],
        chips=calls_view.chips_of(asked, PATH),
        problems=[Problem(name=calls_view.NAMES[name], value=value) for name, value in asked.problems],
        first_url=asked.address(PATH),
        queues=await lists.queues(conn),
        agents=() if _own(request) else await lists.agents(conn),
        since=_day(asked.since),
        until=_day(asked.until),
        example="1405/08/30" if current().calendar == "jalali" else "2026-11-21",
        kept=await call_views.tabs(conn, request, asked),
    )
    if not found.rows:
        return dataclasses.replace(view, most=await _most(conn, request, asked))
    total = await calls.count(conn, filter_, at_most=AT_MOST)
    newest = found.rows[0].started_at
    return dataclasses.replace(
        view,
        total=min(total, AT_MOST),
        about=total > AT_MOST,
        beside=total > BESIDE,
        kpis=calls_view.kpis_of(total, await calls.summary(conn, filter_) if total <= SUMMED else None),
        newer=await calls.newer_than(conn, filter_, newest) if after else 0,
        newer_url=asked.address(PATH + "/newer", than=iso(newest)),
        export_url=asked.address(PATH + "/export"),
        hidden=tuple(parse_qsl(urlsplit(asked.address(PATH, after=after)).query)),
        newer_page=asked.address(PATH, after=found.previous) if found.previous else None,
        older_page=asked.address(PATH, after=found.next) if found.next else None,
    )


def wanted(request: web.Request, asked: Asked) -> CallFilter:
    """The filters as the store takes them, held to the agent's own phones where the asker is one."""
    return wanted_by(user_of(request), asked)


def wanted_by(user: SignedIn, asked: Asked) -> CallFilter:
    """As `wanted`, for this person."""
    shown = current()
    since, until = calls_filter.span(asked, shown.now, shown.zone, jalali=shown.calendar == "jalali")
    agents = (asked.agent,) if asked.agent else ()
    own = None if user.oversees else user
    within = Surveyed(since=since, until=until, queue=asked.queue, agents=agents, survey_id=asked.of)
    surveyed = survey_filter.wanted(asked.survey, within)
    return CallFilter(
        text=asked.text,
        since=None if surveyed else since,
        until=None if surveyed else until,
        queue=None if surveyed else asked.queue or None,
        agent=None if surveyed else asked.agent or None,
        surveyed=surveyed,
        outcome=asked.outcome,
        direction=asked.direction,
        number=calls_filter.folded(asked.number, shown.country) or None,
        extension=own.past_phones if own else None,
    )


async def _most(conn: AsyncConnection, request: web.Request, asked: Asked) -> Most | None:
    """The filter to drop when nothing fits: the one without which most calls are left."""
    counts = {
        name: await calls.count(conn, wanted(request, asked.without(name)), at_most=AT_MOST) for name in asked.fields
    }
    name = max(counts, key=lambda name: counts[name], default=None)
    if name is None or counts[name] == 0:
        return None
    return Most(name=calls_view.NAMES[name], count=counts[name], url=asked.without(name).address(PATH))


def _own(request: web.Request) -> bool:
    return not user_of(request).oversees


def _day(day: object) -> str:
    return "" if day is None else str(day)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
