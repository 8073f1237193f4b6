"""/speech/search: full text over all that was said, opened at the second it was said; agents search their own talks."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import worded
from cxcall.store import categories, customers, speech_names, speech_search
from cxcall.store.paging import BadCursor, Slice
from cxcall.store.speech_search import FoundTalk, SearchFilter
from cxcall.web.access import needs, user_of
from cxcall.web.dates import when_text
from cxcall.web.digits import clock_text
from cxcall.web.keys import ENGINE
from cxcall.web.pages.speech import search_export, search_filter, search_view
from cxcall.web.pages.speech.search_filter import Asked
from cxcall.web.pages.speech.search_view import PATH, Known, Most, SearchView
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import gettext as _

ROWS = 20
AT_MOST = 1000
"""Talks counted exactly; of more the page says "more than"."""
EXPORTED = 10_000

routes = web.RouteTableDef()


@routes.get(PATH)
@needs()
async def show(request: web.Request) -> web.Response:
    asked = search_filter.read(request.query)
    async with request.app[ENGINE].connect() as conn:
        view = await _view(conn, request, asked, request.query.get("after"))
    return page(request, "speech/search.html", view)


@routes.get(PATH + "/export")
@needs()
async def export(request: web.Request) -> web.StreamResponse:
    """All turns that were meant, one a line, as CSV or XLSX."""
    asked = search_filter.read(request.query)
    async with request.app[ENGINE].connect() as conn:
        known = await _known(conn)
    chunks = _chunks(request, wanted(request, asked))
    return await search_export.send(request, chunks, known.categories, xlsx=request.query.get("format") == "xlsx")


async def search(request: web.Request, text: str) -> Group | None:
    """Talks in which these words were said, for the search box and Ctrl K."""
    if len(text) < 2:
        return None
    asked = Asked(text=text)
    async with request.app[ENGINE].connect() as conn:
        found = await speech_search.page(conn, wanted(request, asked), limit=4, shown=1)
    hits = [_hit(talk) for talk in found.rows if talk.turns]
    if not hits:
        return None
    more = Hit(path=asked.address(PATH), icon="search", title=_("All conversations with these words"))
    return Group(title=_("What was said"), hits=[*hits, more])


def wanted(request: web.Request, asked: Asked) -> SearchFilter:
    """The question as the store takes it, held to the asker's own phones where the asker is an agent."""
    shown, user = current(), user_of(request)
    return search_filter.wanted(
        asked, shown.now, shown.zone, jalali=shown.calendar == "jalali",
        phones=None if user.oversees else user.extensions,
    )  # fmt: skip


async def _view(conn: AsyncConnection, request: web.Request, asked: Asked, after: str | None) -> SearchView:
    filter_, known = wanted(request, asked), await _known(conn)
    user = user_of(request)
    view = SearchView(
        asked=asked,
        own=not user.oversees,
        known=known,
        chips=search_view.chips_of(asked, known),
        sets_up=user.oversees,
        since="" if asked.since is None else str(asked.since),
        until="" if asked.until is None else str(asked.until),
        example="1405/08/30" if current().calendar == "jalali" else "2026-11-21",
    )
    found = await _found(conn, filter_, after)
    if not found.rows:
        none_yet = not asked.fields or not await speech_search.count(conn, SearchFilter(), at_most=1)
        return dataclasses.replace(view, most=await _most(conn, request, asked), none_yet=none_yet)
    total = await speech_search.count(conn, filter_, at_most=AT_MOST)
    ids = {talk.transcript.customer_id or "" for talk in found.rows} - {""}
    people = await customers.many(conn, ids)
    return dataclasses.replace(
        view,
        rows=[search_view.row_of(talk, people, known.categories) for talk in found.rows],
        total=min(total, AT_MOST),
        about=total > AT_MOST,
        newer=asked.address(PATH, after=found.previous) if found.previous else None,
        older=asked.address(PATH, after=found.next) if found.next else None,
        csv_url=asked.address(PATH + "/export", format="csv"),
        xlsx_url=asked.address(PATH + "/export", format="xlsx"),
    )


async def _found(conn: AsyncConnection, filter_: SearchFilter, after: str | None) -> Slice[FoundTalk]:
    """One page; the first for a place that is none."""
    try:
        return await speech_search.page(conn, filter_, limit=ROWS, after=after)
    except BadCursor:
        return await speech_search.page(conn, filter_, limit=ROWS)


async def _most(conn: AsyncConnection, request: web.Request, asked: Asked) -> Most | None:
    """The filter to drop when nothing fits: the one without which most talks are left."""
    counts = {
        name: await speech_search.count(conn, wanted(request, asked.without(name)), at_most=AT_MOST)
        for name in sorted(asked.fields, key=lambda name: name == "text")  # of equals, what was said stays
    }
    name = max(counts, key=lambda name: counts[name], default=None)
    if name is None or counts[name] == 0:
        return None
    return Most(name=_(search_view.NAMES[name]), count=counts[name], url=asked.without(name).address(PATH))


async def _known(conn: AsyncConnection) -> Known:
    names = await categories.names(conn)
    return Known(
        queues=await speech_names.queues(conn),
        agents=await speech_names.agents(conn),
        categories={id_: worded(name, current().language) for id_, name in names.items()},
    )


async def _chunks(request: web.Request, filter_: SearchFilter) -> AsyncIterator[Sequence[FoundTalk]]:
    """All talks in pages; each on a connection of its own, so that no snapshot is held for long."""
    after, sent = None, 0
    while sent < EXPORTED:
        async with request.app[ENGINE].connect() as conn:
            found = await speech_search.page(conn, filter_, limit=200, after=after, shown=50)
        yield found.rows
        sent, after = sent + len(found.rows), found.next
        if after is None:
            return


def _hit(talk: FoundTalk) -> Hit:
    """A talk by the first of its turns; the words around what was asked for, when and by whom."""
    turn = talk.turns[0]
    begin = max(0, (turn.spans[0][0] if turn.spans else 0) - 24)
    said = ("…" if begin else "") + turn.shown[begin : begin + 80] + ("…" if begin + 80 < len(turn.shown) else "")
    of = talk.transcript
    note = " · ".join(part for part in (of.queue, when_text(of.began_at), clock_text(turn.start)) if part)
    return Hit(path=search_view.url_of(of, turn) or Asked(text="").address(PATH), icon="chat", title=said, note=note)
