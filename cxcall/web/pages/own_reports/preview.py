"""A report as a plain table: what the form shows of itself before it is saved, and a saved one when it is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

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
from cxcall.web.report_reading import key_word
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
    """`calls`: where the calls counted in it are, "" where it counts none or they can't be asked for in an address."""

    text: str
    n: str
    few: bool
    calls: str = ""


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


async def answer_of(request: web.Request, definition: Definition, period: str) -> Answer:
    """The report over its period as it is now. Raises BadReport, TimeoutError, SQLAlchemyError."""
    shown, now = current(), request.app[CLOCK]()
    site = SiteClock(zone=shown.zone, calendar=shown.calendar, country=shown.country)
    span = periods.span_of(period, now, shown.zone, shown.calendar)
    async with asyncio.timeout(LIMIT_S), request.app[ENGINE].connect() as conn:
        return await run(conn, definition, span, site=site, now=now)


async def table_of(request: web.Request, definition: Definition, period: str) -> Table:
    """The report over its period as it is now, or what is wrong with it."""
    try:
        answer = await answer_of(request, definition, period)
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
        rows=[_row(line, answer, times) for line in answer.lines[:SHOWN]],
        total=_row(answer.total, answer, times),
        notes=[note_text(note) for note in answer.notes],
        period=" – ".join(dict.fromkeys(date_text(day) for day in days)),
        more=max(0, len(answer.lines) - SHOWN),
    )


def _row(line: Line, answer: Answer, times: Slots) -> TableRow:
    definition = answer.definition
    units: Mapping[str, str] = {
        name: measure.unit for name in definition.measures if (measure := find(name)) is not None
    }
    cells = [
        Cell(
            text=figure_text(units[name], figure.value),
            n=number_text(figure.n),
            few=figure.few,
            calls=_calls(line, name, answer),
        )
        for name in definition.measures
        for figure in (line.figures[name],)
    ]
    slots = [next((one for one in times.get(key.row, ()) if one.value == key.value), None) for key in line.keys]
    titles = [key_text(key, slot) for key, slot in zip(line.keys, slots, strict=True)]
    return TableRow(titles=titles, cells=cells, incomplete=line.incomplete)


def _calls(line: Line, name: str, answer: Answer) -> str:
    """The address of the calls counted in a figure, as those of ready-made reports have it."""
    measure, figure = find(name), line.figures[name]
    only = answer.definition.narrowing
    texts = {"server": only.servers, "queue": only.queues, "agent": only.agents, "did": only.dids}
    told = not any("," in one for values in texts.values() for one in values)
    if measure is None or not measure.behind or not figure.n or not told:
        return ""
    words = {
        "by": ",".join(answer.definition.by) if line.keys else "total",
        "measures": name,
        **{word: ",".join(values) for word, values in texts.items()},
        "direction": ",".join(only.directions),
        "weekday": ",".join(map(str, only.weekdays)),
        "hour": ",".join(map(str, only.hours)),
        "short": answer.definition.short,
        "from": str(answer.span.first),
        "to": str(answer.span.last),
        "measure": name,
        "key": key_word(line.keys),
    }
    return "/reports/queues/calls?" + urlencode({word: text for word, text in words.items() if text})
