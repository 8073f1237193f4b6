"""A report as a plain table: what the form shows of itself before it is saved, and a saved one when it is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from cxcall.reports.answer import Answer, Line
from cxcall.reports.arranging import Slots, slots_of
from cxcall.reports.checking import BadReport
from cxcall.reports.definition import Definition
from cxcall.reports.measures import find
from cxcall.store.reporting.run import SiteClock, run
from cxcall.web.dates import date_text
from cxcall.web.digits import number_text
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.own_reports import periods
from cxcall.web.presentation import current
from cxcall.web.report_keys import key_text
from cxcall.web.report_words import figure_text, note_text, problem_text, row_name, sentence
from cxcall.web.report_words import name as measure_name
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

LIMIT_S = 10.0
SHOWN = 200
"""Rows of a preview."""
SLOW = N_("The report takes too long to make. Choose fewer rows or a shorter period.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    text: str
    n: str
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    titles: Sequence[str]
    cells: Sequence[Cell]
    incomplete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`headings`: of the rows; `figures`: name and sentence of each figure. `problems`: why there is no table."""

    headings: Sequence[str] = ()
    figures: Sequence[tuple[str, str]] = ()
    rows: Sequence[TableRow] = ()
    total: TableRow | None = None
    notes: Sequence[str] = ()
    problems: Sequence[str] = ()
    period: str = ""
    more: int = 0


async def table_of(request: web.Request, definition: Definition, period: str) -> Table:
    """The report over its period as it is now, or what is wrong with it."""
    shown, now = current(), request.app[CLOCK]()
    site = SiteClock(zone=shown.zone, calendar=shown.calendar, country=shown.country)
    span = periods.span_of(period, now, shown.zone, shown.calendar)
    try:
        async with asyncio.timeout(LIMIT_S), request.app[ENGINE].connect() as conn:
            answer = await run(conn, definition, span, site=site, now=now)
    except BadReport as error:
        return Table(problems=[problem_text(one) for one in error.problems])
    except (TimeoutError, SQLAlchemyError):
        return Table(problems=[_(SLOW)])
    return _table(answer)


def _table(answer: Answer) -> Table:
    definition, shown = answer.definition, current()
    times = slots_of(definition.by, answer.span, shown.zone, shown.calendar)
    days = (answer.span.first, answer.span.last)
    return Table(
        headings=[row_name(row) for row in definition.by],
        figures=[(measure_name(one), sentence(one, definition.short)) for one in definition.measures],
        rows=[_row(line, definition, times) for line in answer.lines[:SHOWN]],
        total=_row(answer.total, definition, times),
        notes=[note_text(note) for note in answer.notes],
        period=" – ".join(dict.fromkeys(date_text(day) for day in days)),
        more=max(0, len(answer.lines) - SHOWN),
    )


def _row(line: Line, definition: Definition, times: Slots) -> TableRow:
    units: Mapping[str, str] = {
        name: measure.unit for name in definition.measures if (measure := find(name)) is not None
    }
    cells = [
        Cell(text=figure_text(units[name], figure.value), n=number_text(figure.n), few=figure.few)
        for name in definition.measures
        for figure in (line.figures[name],)
    ]
    slots = [next((one for one in times.get(key.row, ()) if one.value == key.value), None) for key in line.keys]
    titles = [key_text(key, slot) for key, slot in zip(line.keys, slots, strict=True)]
    return TableRow(titles=titles, cells=cells, incomplete=line.incomplete)
