"""A report that is not saved yet, as its form shows it: the table it would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from cxcall.reports.definition import Definition
from cxcall.web.keys import CLOCK
from cxcall.web.pages.own_reports import periods
from cxcall.web.pages.reports import report
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.table import Table, table
from cxcall.web.presentation import current
from cxcall.web.report_reading import Question
from cxcall.web.report_words import note_text

SHOWN = 200
"""Rows of a preview."""
LIKE = "queues"
"""The report whose page shows the calls behind the figures of one that has no page yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`table` None: `problems` says why. `more`: rows that are not shown."""

    period: str = ""
    table: Table | None = None
    notes: Sequence[str] = ()
    problems: Sequence[str] = ()
    more: int = 0


async def preview(request: web.Request, definition: Definition, period: str) -> Preview:
    """The report over its period as it is now, or what is wrong with it."""
    shown = current()
    span = periods.span_of(period, request.app[CLOCK](), shown.zone, shown.calendar)
    question = Question(definition=definition, span=span, calendar=shown.calendar, when="")
    words = {**_words(definition), "from": str(span.first), "to": str(span.last)}
    asked = Asked(name=LIKE, words=words, question=question, opens=_fits(definition))
    made, problems = await report.make(request, asked)
    if made is None:
        return Preview(problems=problems)
    more = max(0, len(made.lines) - SHOWN)
    return Preview(
        period=report.days_text(span),
        table=table(replace(made, lines=made.lines[:SHOWN]), asked),
        notes=[note_text(note) for note in made.notes],
        more=more,
    )


def _fits(definition: Definition) -> bool:
    """Whether an address can name what it is narrowed to: commas stand between names there."""
    only = definition.narrowing
    return not any("," in one for several in (only.servers, only.queues, only.agents, only.dids) for one in several)


def _words(definition: Definition) -> dict[str, str]:
    """What an address says to ask for it."""
    only = definition.narrowing
    several = {
        "by": definition.by or ("total",),
        "measures": definition.measures,
        "server": only.servers,
        "queue": only.queues,
        "agent": only.agents,
        "did": only.dids,
        "direction": only.directions,
        "weekday": map(str, only.weekdays),
        "hour": map(str, only.hours),
        "short": (definition.short,),
    }
    return {word: ",".join(values) for word, values in several.items()}
