"""/reports/transfers: from where to where callers were passed on, as a map whose cells open the calls they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from aiohttp import web

from cxcall.reports.table import Column
from cxcall.store.paging import BadCursor
from cxcall.store.reporting import passed_on
from cxcall.store.reporting.passed_on import Asked as Wanted
from cxcall.store.reporting.passed_on import From, PassedRow, Way
from cxcall.web import errors
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import ENGINE
from cxcall.web.pages.report_lists import shared
from cxcall.web.pages.report_lists.passed_map import PassedMap, drawn, finding, row_title, to_shown, to_title
from cxcall.web.pages.report_lists.shared import ROWS
from cxcall.web.pages.reports import menus, report
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.menus import Menus
from cxcall.web.pages.reports.report import days_text
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.report_keys import KINDS
from cxcall.web.report_words import problem_text, report_name, report_sentence
from cxcall.web.words import gettext as _

PATH = "/reports/{name:transfers}"
WORDS = ("rows", "kind", "source", "target", "all")
"""`rows`: agent or queue; `kind` of transfer; `source` and `target` of one cell, after an = as they may be empty;
`all`: every target has a column."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersView:
    name: str
    title: str
    sentence: str
    period: str
    menus: Menus
    problems: Sequence[str]
    rows: Sequence[tuple[str, str, bool]]
    kinds: Sequence[tuple[str, str, bool]]
    finding: str
    map: PassedMap
    figures_url: str
    csv_url: str
    xlsx_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedView:
    """The calls behind a cell. `count`: of the whole list."""

    where: str
    period: str
    count: int
    rows: Sequence[PassedRow]
    back: str
    newer: str
    older: str

    @staticmethod
    def kind(row: PassedRow) -> str:
        return _(KINDS[row.kind]) if row.kind in KINDS else row.kind


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.StreamResponse:
    if shared.wants_figures(request):
        return await report.report_page(request)
    asked = shared.asked_with(request, *WORDS)
    wanted = _wanted(asked)
    async with request.app[ENGINE].connect() as conn:
        found = await passed_on.ways(conn, replace(wanted, from_=None, to=None), current().zone)
        choices = await menus.menus(conn, asked)
    view = TransfersView(
        name=asked.name,
        title=report_name(asked.name),
        sentence=report_sentence(asked.name),
        period=days_text(asked.question.span),
        menus=choices,
        problems=[problem_text(one) for one in asked.wrong],
        rows=[
            (_("From queues"), asked.address(rows=""), wanted.by == "queue"),
            (_("By agents"), asked.address(rows="agent"), wanted.by == "agent"),
        ],
        kinds=_kinds(asked),
        finding=finding(found, wanted.by),
        map=drawn(found, asked, wanted.by, everything=bool(asked.words.get("all"))),
        figures_url=asked.address(by="transfer_kind", rows="", kind="", all=""),
        csv_url=asked.address("/export.csv"),
        xlsx_url=asked.address("/export.xlsx"),
    )
    return page(request, "report_lists/transfers.html", view)


@routes.get(PATH + "/calls")
@needs(*OVERSEERS)
async def behind(request: web.Request) -> web.StreamResponse:
    """The calls behind a cell, or with less said behind a row, a column or all of the map."""
    asked = shared.asked_with(request, *WORDS)
    if asked.wrong:
        raise web.HTTPNotFound
    wanted, after = _wanted(asked), request.query.get("after")
    async with request.app[ENGINE].connect() as conn:
        found = await passed_on.ways(conn, wanted, current().zone)
        try:
            several = await passed_on.calls_of(conn, wanted, current().zone, limit=ROWS, after=after)
        except BadCursor:
            several = await passed_on.calls_of(conn, wanted, current().zone, limit=ROWS)
    view = PassedView(
        where=_where(wanted),
        period=days_text(asked.question.span),
        count=sum(way.n for way in found),
        rows=several.rows,
        back=asked.address(source="", target=""),
        newer=asked.address("/calls", after=several.previous) if several.previous else "",
        older=asked.address("/calls", after=several.next) if several.next else "",
    )
    return page(request, "report_lists/passed.html", view)


@routes.get(PATH + "/export.{kind:csv|xlsx}")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.StreamResponse:
    """A line for every way callers went."""
    asked = shared.asked_with(request, *WORDS)
    if asked.wrong:
        return errors.answer(request, 422, " ".join(problem_text(one) for one in asked.wrong))
    wanted = replace(_wanted(asked), from_=None, to=None)
    async with request.app[ENGINE].connect() as conn:
        found = await passed_on.ways(conn, wanted, current().zone)
    columns = (
        Column(id=f"from_{wanted.by}", title=_("From"), kind="text"),
        Column(id="to", title=_("To"), kind="text"),
        Column(id="share", title=_("Share"), kind="share"),
        Column(id="transfers", title=_("Transfers"), kind="count"),
    )
    made = shared.sheet(report_name(asked.name), columns, _lines(found, wanted.by))
    total = (_("Total"), None, 1.0 if found else None, float(sum(way.n for way in found)))
    return await shared.file("transfers-map", asked, request.match_info["kind"], replace(made, total=total))


def _lines(found: Sequence[Way], by: From) -> list[tuple[str, str, float, float]]:
    total = sum(way.n for way in found)
    return [(row_title(way.from_, by), to_title(way.to), way.n / total, float(way.n)) for way in found]


def _wanted(asked: Asked) -> Wanted:
    words, only = asked.words, asked.definition.narrowing
    by = "agent" if words.get("rows") == "agent" else "queue"
    return Wanted(
        span=asked.question.span,
        by=cast("From", by),
        from_=_value(words.get("source", "")),
        to=_value(words.get("target", "")),
        queues=only.queues,
        agents=only.agents,
        kinds=(words["kind"],) if words.get("kind") in KINDS else (),
    )


def _value(word: str) -> str | None:
    """What stands after the =; None where nothing was said."""
    return word[1:] if word.startswith("=") else None


def _kinds(asked: Asked) -> list[tuple[str, str, bool]]:
    chosen = asked.words.get("kind", "")
    several = [("", _("All kinds")), *((kind, _(word)) for kind, word in KINDS.items())]
    return [(word, asked.address(kind=kind), kind == (chosen if chosen in KINDS else "")) for kind, word in several]


def _where(wanted: Wanted) -> str:
    """From where to where, as far as it was said."""
    from_ = None if wanted.from_ is None else row_title(wanted.from_, wanted.by)
    to = None if wanted.to is None else to_shown(wanted.to)
    if from_ is not None and to is not None:
        return _("from %(one)s to %(other)s") % {"one": from_, "other": to}
    if from_ is not None:
        return _("from %(one)s") % {"one": from_}
    return "" if to is None else _("to %(other)s") % {"other": to}
