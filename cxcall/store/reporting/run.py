"""Makes a report: the one way from a definition and a period to figures, for pages, API, files, mail and commands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.problem import Problem
from cxcall.reports.answer import Answer, Figure, Line
from cxcall.reports.arranging import Keys, filled, in_order, opened, partner, slots_of
from cxcall.reports.checking import MOST_LINES, REPEAT_WINDOW, BadReport, problem, problems
from cxcall.reports.definition import Definition, Narrowing, Row
from cxcall.reports.measures import Measure, find
from cxcall.reports.period import CalendarName, Span, previous, year_before
from cxcall.reports.tally import Tally, total
from cxcall.store import site_holidays
from cxcall.store.reporting import goals, notes, reading
from cxcall.store.reporting.reading import CannotSplit

__all__ = ["BadReport", "SiteClock", "run"]

Found = dict[Keys, Tally]

_SUMMABLE = frozenset(("visits", "parts", "states", "calls", "transfers", "resolution"))
_APART: frozenset[Row] = frozenset((
    "interval", "hour", "day", "week", "month", "weekday", "hour_of_day",
    "server", "queue", "agent", "did", "direction", "outcome", "transfer_kind",
))  # fmt: skip
"""Families and rows where nothing is in two rows: the whole is what all rows are together."""

_MOST_DAYS = 400
"""In longer periods no holiday is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteClock:
    """Whose days count: the site's zone, the reader's calendar, the country (ISO 3166) whose holidays are named,
    and the language of what people named in several."""

    zone: tzinfo
    calendar: CalendarName
    country: str
    language: str = "en"


async def run(conn: AsyncConnection, definition: Definition, span: Span, *, site: SiteClock, now: datetime) -> Answer:
    """A report over a period. Raises `BadReport` when it can't be made as it is asked for."""
    if wrong := problems(definition, span):
        raise BadReport(wrong)
    reader = _Reader(conn=conn, definition=definition, site=site)
    times = slots_of(definition.by, span, site.zone, site.calendar)
    found = await reader.rows(span, definition.narrowing)
    whole = await reader.whole(span, definition.narrowing, found)
    before, only = _other(definition, span, site)
    then: Found = {}
    whole_then: Tally | None = None
    if only is not None:
        then = await reader.rows(before or span, only)
        whole_then = await reader.whole(before or span, only, then)
    match = partner(definition.by, times, slots_of(definition.by, before or span, site.zone, site.calendar))
    until = min(now, now - REPEAT_WINDOW if "fcr" in definition.measures else now)
    rows = in_order(filled(found, definition, times, site.zone, now), definition, times, site.calendar)
    still_open = opened(times, until)
    told = await notes.notes(conn, definition, span, zone=site.zone, now=now, rows=len(rows), shown=MOST_LINES)
    return Answer(
        definition=definition,
        span=span,
        before=before,
        lines=tuple(
            Line(
                keys=keys,
                figures=figures(definition, tally, None if only is None else then.get(match(keys), Tally())),
                incomplete=any(key in still_open for key in keys),
            )
            for keys, tally in rows[:MOST_LINES]
        ),
        total=Line(keys=(), figures=figures(definition, whole, whole_then), incomplete=span.until > until),
        goals=await goals.goals(conn, definition),
        notes=told,
        holidays=await _holidays(conn, span, site.country),
    )


def figures(definition: Definition, tally: Tally, then: Tally | None) -> dict[str, Figure]:
    """The figures of a row; `then`: what it is compared with, None: nothing."""
    found: dict[str, Figure] = {}
    for name, measure in _measures(definition):
        figure = measure.figure(tally, definition.short)
        if then is not None:
            before = measure.figure(then, definition.short)
            figure = replace(figure, before=before.value, before_n=before.n)
        found[name] = figure
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads what a report needs of the families of its measures."""

    conn: AsyncConnection
    definition: Definition
    site: SiteClock

    async def rows(self, span: Span, only: Narrowing) -> Found:
        return await self._tallies(span, only, self.definition.by)

    async def whole(self, span: Span, only: Narrowing, rows: Found) -> Tally:
        """All of a period: of the rows where nothing can be in two of them, else counted anew."""
        if self._families() <= _SUMMABLE and _APART.issuperset(self.definition.by):
            return total(rows.values())
        return (await self._tallies(span, only, ())).get((), Tally())

    async def _tallies(self, span: Span, only: Narrowing, by: tuple[Row, ...]) -> Found:
        try:
            return await reading.tallies(
                self.conn, span=span, by=by, narrowing=only, families=self._families(), zone=self.site.zone,
                calendar=self.site.calendar, waits=self._waits(), language=self.site.language,
            )  # fmt: skip
        except CannotSplit as error:
            raise BadReport(self._refused(error)) from error

    def _families(self) -> frozenset[str]:
        return frozenset(family for _, measure in _measures(self.definition) for family in measure.families)

    def _waits(self) -> bool:
        """Whether percentiles of waits are asked for."""
        return any(name.startswith("wait_p") for name in self.definition.measures)

    def _refused(self, error: CannotSplit) -> list[Problem]:
        code = "cannot_split" if error.row in self.definition.by else "cannot_narrow"
        return [
            problem(f"measures.{n}", code, measure=name, row=error.row)
            for n, (name, measure) in enumerate(_measures(self.definition))
            if error.family in measure.families
        ]


def _measures(definition: Definition) -> list[tuple[str, Measure]]:
    """The measures by name; `problems` saw to it that all of them are known."""
    return [(name, measure) for name in definition.measures if (measure := find(name)) is not None]


def _other(definition: Definition, span: Span, site: SiteClock) -> tuple[Span | None, Narrowing | None]:
    """What a report is compared with: another period, or the same one of another queue; None: nothing."""
    if definition.other_queue:
        return None, msgspec.structs.replace(definition.narrowing, queues=(definition.other_queue,))
    if definition.compare == "before":
        return previous(span, "", site.zone, site.calendar), definition.narrowing
    if definition.compare == "year":
        return year_before(span, site.zone, site.calendar), definition.narrowing
    return None, None


async def _holidays(conn: AsyncConnection, span: Span, country: str) -> tuple[tuple[date, str], ...]:
    """Holidays of the country and of the site's calendars within a period, by day."""
    if span.days > _MOST_DAYS:
        return ()
    return tuple((await site_holidays.named(conn, span.first, span.last, country=country)).items())
