"""/reports/NAME/calls: the calls counted in a figure, as many as it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.arranging import slots_of
from cxcall.reports.checking import BadReport
from cxcall.reports.measures import find
from cxcall.store.paging import BadCursor
from cxcall.store.reporting import behind
from cxcall.store.reporting.behind import BehindRow
from cxcall.store.reporting.menus import titles_of
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages.labels import LEG_RESULTS, OUTCOMES, VISIT_RESULTS, Label
from cxcall.web.pages.reports import asking
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.report import ONE, days_text
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.report_keys import key_text
from cxcall.web.report_reading import keys_of
from cxcall.web.report_words import name, sentence
from cxcall.web.words import gettext as _

ROWS = 50
_RESULTS: dict[str, Label] = dict([*OUTCOMES.items(), *LEG_RESULTS.items(), *VISIT_RESULTS.items()])

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindView:
    """`where`: the row the figure stands in, "" the total. `count`: of the whole list."""

    report: str
    figure: str
    sentence: str
    where: str
    period: str
    count: int
    rows: Sequence[BehindRow]
    back: str
    newer: str
    older: str

    @staticmethod
    def result(row: BehindRow) -> str:
        """What came of a visit, an offer or a call."""
        label = _RESULTS.get(row.result)
        return _(label.text) if label else ""


@routes.get(ONE + "/calls")
@needs(*OVERSEERS)
async def behind_page(request: web.Request) -> web.Response:
    return await show(request, asking.asked(request))


async def show(request: web.Request, asked: Asked) -> web.Response:
    """The calls counted in a figure of a report."""
    word = request.query.get("key", "")
    measure = find(request.query.get("measure", ""))
    if measure is None or asked.wrong:
        raise web.HTTPNotFound
    keys = _keys(request, asked, word)
    shown, definition = current(), asked.definition
    about: dict[str, Any] = {
        "measure": measure.id, "span": asked.question.span, "narrowing": definition.narrowing, "keys": keys,
        "short": definition.short, "zone": shown.zone, "calendar": asked.question.calendar,
    }  # fmt: skip
    async with request.app[ENGINE].connect() as conn:
        count = await behind.count_behind(conn, **about)
        keys = await _named(conn, keys)
        try:
            found = await behind.calls_behind(conn, **about, limit=ROWS, after=request.query.get("after"))
        except BadCursor:
            found = await behind.calls_behind(conn, **about, limit=ROWS)
    here = {"measure": measure.id, "key": word}
    view = BehindView(
        report=asked.title,
        figure=name(measure.id),
        sentence=sentence(measure.id, definition.short),
        where=", ".join(_titles(asked, keys)),
        period=days_text(asked.question.span),
        count=count,
        rows=found.rows,
        back=asked.address(),
        newer=asked.address("/calls", **here, after=found.previous) if found.previous else "",
        older=asked.address("/calls", **here, after=found.next) if found.next else "",
    )
    return page(request, "reports/calls.html", view)


def _keys(request: web.Request, asked: Asked, word: str) -> tuple[Key, ...]:
    servers = [server.name for server in request.app[SETTINGS].ami]
    try:
        return keys_of(asked.definition, word, servers) if word else ()
    except BadReport:
        raise web.HTTPNotFound from None


async def _named(conn: AsyncConnection, keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Choices in menus as people call them."""
    if all(key.row != "menu" for key in keys):
        return keys
    titles = await titles_of(conn, current().language)
    return tuple(replace(key, title=titles.get(key.value, key.title)) if key.row == "menu" else key for key in keys)


def _titles(asked: Asked, keys: Sequence[Key]) -> list[str]:
    shown = current()
    times = slots_of(asked.definition.by, asked.question.span, shown.zone, shown.calendar)
    return [
        key_text(key, next((slot for slot in times.get(key.row, ()) if slot.value == key.value), None)) for key in keys
    ]
