"""/reports/NAME: a report over a period as a table whose numbers open, drawn, and as a file; saved ones too."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, urlencode

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from cxcall.reports.answer import Answer
from cxcall.reports.arranging import slots_of
from cxcall.reports.checking import BadReport
from cxcall.reports.period import Span
from cxcall.reports.table import sheet
from cxcall.store import rfm
from cxcall.web import customer_groups, errors, report_files
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.dates import date_text
from cxcall.web.holiday_words import holiday_text
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages.reports import aside, asking, chart, finding, heat, menus, table, waits, ways
from cxcall.web.pages.reports.asking import PATH, Asked
from cxcall.web.pages.reports.chart import Chart
from cxcall.web.pages.reports.heat import Heat
from cxcall.web.pages.reports.menus import Menus
from cxcall.web.pages.reports.table import Table
from cxcall.web.pages.reports.waits import Spread
from cxcall.web.pages.reports.ways import Way
from cxcall.web.presentation import current
from cxcall.web.render import Done, page
from cxcall.web.report_file_words import FileWords
from cxcall.web.report_making import answer, clock_of
from cxcall.web.report_words import note_text, problem_text
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

LIMIT_S = 15.0
"""How long a page waits for the database."""
SLOW = N_("The report takes too long. Choose a shorter period, or let it be sent: that has more time.")
ONE = PATH + "/{name:[a-z][a-z-]+}"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A saved report on its page: what it is called by `own:ID`, who made it, "" for the reader themselves."""

    id: str
    period: str
    shared: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """`table` None: there are no figures, `problems` says why. `only`: what else the report is narrowed to. `kept`: of
    a saved one. `groups`: of customers, where they are rows, each with the rule that makes it."""

    name: str
    title: str
    sentence: str
    kept: Kept | None
    period: str
    before: str
    only: Sequence[str]
    menus: Menus
    problems: Sequence[str]
    notes: Sequence[str]
    finding: str
    table: Table | None
    heat: Heat | None
    chart: Chart | None
    ways: Sequence[Way]
    spread: Spread | None
    holidays: Sequence[tuple[str, str]]
    csv_url: str
    xlsx_url: str
    save_url: str
    send_url: str
    groups: Sequence[tuple[str, str]] = ()

    @property
    def drawn(self) -> bool:
        """Whether there is anything that charts.js draws."""
        return self.chart is not None or bool(self.spread and self.spread.n)


@routes.get(ONE)
@needs(*OVERSEERS)
async def report_page(request: web.Request) -> web.Response:
    return await show(request, asking.asked(request))


@routes.get(ONE + "/export")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    """The same figures as a file; `format` csv or xlsx."""
    return await file(request, asking.asked(request))


async def show(
    request: web.Request, asked: Asked, *, kept: Kept | None = None, done: Done | None = None
) -> web.Response:
    """The page of a report."""
    made, problems = await make(request, asked)
    async with request.app[ENGINE].connect() as conn:
        choices = await menus.menus(conn, asked)
        spread = await waits.spread(conn, asked, request.app[SETTINGS].site) if made else None
        groups = customer_groups.rules(asked.definition.by, await rfm.bounds(conn)) if made else []
        required = await aside.required(conn, asked.definition.by)
    if made:
        made = aside.put_last(made, required)
    told = list(dict.fromkeys([*map(problem_text, asked.wrong), *problems]))
    view = replace(_view(asked, made, choices, told, spread, kept, required), groups=groups)
    return page(request, "reports/report.html", view, done=done)


async def file(request: web.Request, asked: Asked) -> web.Response:
    """A report as a file of the request's `format`."""
    made, problems = (None, []) if asked.wrong else await make(request, asked)
    if made is None:
        return errors.answer(request, 422, " ".join([*map(problem_text, asked.wrong), *problems]))
    kind = "xlsx" if request.query.get("format") == "xlsx" else "csv"
    clock = clock_of(request.app[SETTINGS].site, asked.question.calendar)
    paper = sheet(made, asked.title, words=FileWords(), zone=clock.zone, calendar=clock.calendar)
    whole = report_files.csv_bytes(paper) if kind == "csv" else await asyncio.to_thread(report_files.xlsx_bytes, paper)
    name = quote(report_files.file_name(asked.stem, made.span, kind))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    kind_of = report_files.CSV_TYPE if kind == "csv" else report_files.XLSX_TYPE
    return web.Response(body=whole, content_type=kind_of, charset="utf-8" if kind == "csv" else None, headers=headers)


async def make(request: web.Request, asked: Asked) -> tuple[Answer | None, list[str]]:
    """The report, or why there is none."""
    site = request.app[SETTINGS].site
    try:
        async with asyncio.timeout(LIMIT_S), request.app[ENGINE].connect() as conn:
            return await answer(conn, asked.question, site=site, now=current().now), []
    except BadReport as error:
        return None, [problem_text(one) for one in error.problems]
    except (TimeoutError, SQLAlchemyError):
        return None, [_(SLOW)]


def _view(
    asked: Asked, made: Answer | None, choices: Menus, told: Sequence[str], spread: Spread | None, kept: Kept | None,
    required: Collection[str],
) -> ReportView:  # fmt: skip
    shown = current()
    times = slots_of(asked.definition.by, asked.question.span, shown.zone, shown.calendar) if made else {}
    figures = table.table(made, asked, required) if made else None
    hours = heat.heat(made, asked, asked.show) if made else None
    several = ways.ways(made, figures) if made and figures else ()
    drawn = asked.show or ways.usual(several)
    return ReportView(
        name=asked.name,
        title=asked.title,
        sentence=asked.sentence,
        kept=kept,
        period=days_text(asked.question.span),
        before=days_text(made.before) if made and made.before else "",
        only=menus.narrowed(asked),
        menus=choices,
        problems=told,
        notes=[note_text(note) for note in made.notes] if made else [],
        finding=finding.finding(aside.without(made, required), times) if made else "",
        table=figures,
        heat=hours,
        chart=chart.chart(made, figures, asked, drawn) if made and figures and not hours else None,
        ways=several,
        spread=spread,
        holidays=[_holiday(day, title) for day, title in made.holidays] if made else [],
        csv_url=asked.address("/export", format="csv"),
        xlsx_url=asked.address("/export", format="xlsx"),
        save_url="" if kept else "/reports/own/new?" + urlencode({"report": asked.name, **asked.words}),
        send_url=f"/reports/schedules/new?report={f'own:{kept.id}' if kept else asked.name}",
    )


def days_text(span: Span) -> str:
    """The days of a period: 1 Nov 2026 – 21 Nov 2026."""
    return " – ".join(dict.fromkeys(date_text(day) for day in (span.first, span.last)))


def _holiday(day: date, title: str) -> tuple[str, str]:
    return date_text(day, year=False), holiday_text(title)
