"""Slots of time in SQL: which of a rollup's cover a period, and what of a day each of them is.

A zone's offset from UTC is taken as whole quarters of an hour, which all zones have had since 1972. A period on days
that begin or end inside a quarter would count that quarter with both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, and_, case, literal, or_

from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import CalendarName, Slot, Span, slots

QUARTER, HOUR, DAY, SIXTEEN = 0, 1, 2, 3
"""The grains of `tables`."""

SECONDS = 900
"""Of a quarter."""

_DAYS_BEFORE_EPOCH = date(1970, 1, 1).toordinal()

TIMES: frozenset[Row] = frozenset(("interval", "hour", "day", "week", "month", "weekday", "hour_of_day"))
_BY_QUARTER: frozenset[Row] = frozenset(("interval", "hour"))
_BY_DAY: frozenset[Row] = frozenset(("day", "week", "month", "weekday"))

Part = Literal["quarter", "hour_start", "hour", "ordinal", "weekday"]
"""Of a slot: its own number, the quarter in which its local hour began, hour of the day, day, weekday (0 is Monday)."""

_PARTS: dict[Row, Part] = {
    "interval": "quarter", "hour": "hour_start", "hour_of_day": "hour", "weekday": "weekday",
    "day": "ordinal", "week": "ordinal", "month": "ordinal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Slots of a grain that follow each other, `last` included."""

    grain: int
    first: int
    last: int


def coarsest(by: Iterable[Row], narrowing: Narrowing, grains: frozenset[int]) -> int:
    """The largest slots that tell these rows and this narrowing apart, of the grains a table has."""
    rows = set(by)
    if rows & _BY_QUARTER or grains == {QUARTER}:
        return QUARTER
    if "hour_of_day" in rows or narrowing.hours:
        return HOUR if HOUR in grains else QUARTER
    return DAY if rows & _BY_DAY or narrowing.weekdays else SIXTEEN


def cover(span: Span, grain: int) -> list[Run]:
    """The fewest slots of at most this size that are exactly the period."""
    first, last = span.first.toordinal(), span.last.toordinal()
    if grain == QUARTER:
        return [Run(QUARTER, _quarter(span.since), _quarter(span.until - timedelta(microseconds=1)))]
    if grain == HOUR:
        return [Run(HOUR, first * 24, last * 24 + 23)]
    if grain == DAY:
        return [Run(DAY, first, last)]
    begin, end = -(-first // 16), (last + 1) // 16
    if begin >= end:
        return [Run(DAY, first, last)]
    edges = (Run(DAY, first, begin * 16 - 1), Run(SIXTEEN, begin, end - 1), Run(DAY, end * 16, last))
    return [run for run in edges if run.first <= run.last]


def within(table: FromClause, runs: Sequence[Run]) -> ColumnElement[bool]:
    """Rows of a rollup that lie in those slots."""
    its = table.c
    return or_(*(and_(its.grain == run.grain, its.slot.between(run.first, run.last)) for run in runs))


class Clock:
    """What of the day the slots of a grain are, as SQL, and the values of a report's rows of time."""

    def __init__(self, table: FromClause, grain: int, span: Span, zone: tzinfo, calendar: CalendarName) -> None:
        self._slot: ColumnElement[Any] = table.c.slot
        self._grain = grain
        self._span = span
        self._zone = zone
        self._calendar = calendar

    def part(self, row: Row) -> ColumnElement[Any]:
        """What rows of this kind are grouped by; `values` says what they are called."""
        return self._of(_PARTS[row])

    def narrowed(self, narrowing: Narrowing) -> list[ColumnElement[bool]]:
        """Only these weekdays and hours."""
        found: list[ColumnElement[bool]] = []
        if narrowing.weekdays:
            found.append(self._of("weekday").in_(sorted(set(narrowing.weekdays))))
        if narrowing.hours:
            found.append(self._of("hour").in_(sorted(set(narrowing.hours))))
        return found

    def values(self, row: Row) -> Mapping[int, str]:
        """The value of a row (`period.Slot`) by what `part` gives."""
        if row == "weekday":
            return {day: str(day) for day in range(7)}
        if row == "hour_of_day":
            return {hour: str(hour) for hour in range(24)}
        return _values(self._span, row, self._zone, self._calendar)

    def _of(self, part: Part) -> ColumnElement[Any]:
        if part == "weekday":
            return (self._of("ordinal") + 6) % 7
        if self._grain == DAY:
            return self._slot
        if self._grain == HOUR:
            return self._slot // 24 if part == "ordinal" else self._slot % 24
        return self._of_quarter(part)

    def _of_quarter(self, part: Part) -> ColumnElement[Any]:
        if part == "quarter":
            return self._slot
        ahead = self._ahead()
        local = self._slot + ahead
        if part == "hour_start":
            return local // 4 * 4 - ahead
        return local // 96 + _DAYS_BEFORE_EPOCH if part == "ordinal" else local // 4 % 24

    def _ahead(self) -> ColumnElement[Any]:
        """How many quarters the zone is ahead of UTC."""
        changes = offsets(self._span, self._zone)
        last = literal(changes[-1][1])
        if len(changes) == 1:
            return last
        until = [(self._slot < after[0], literal(now[1])) for now, after in pairwise(changes)]
        return case(*until, else_=last)


@lru_cache(maxsize=64)
def _values(span: Span, row: Row, zone: tzinfo, calendar: CalendarName) -> Mapping[int, str]:
    """The values of times that pass, by quarter or by day: several tables of a report ask the same."""
    grouped = slots(span, row, zone, calendar)
    if row in _BY_QUARTER:
        return {
            quarter: slot.value
            for slot in grouped
            for quarter in range(_quarter(slot.since), -(-_seconds(slot.until) // SECONDS))
        }
    return dict(_by_day(grouped, span))


@lru_cache(maxsize=64)
def offsets(span: Span, zone: tzinfo) -> tuple[tuple[int, int], ...]:
    """From which quarter on the zone is how many quarters ahead of UTC, over a period."""
    return tuple(_offsets(span, zone))


def _offsets(span: Span, zone: tzinfo) -> Iterator[tuple[int, int]]:
    quarter, end = _quarter(span.since), _quarter(span.until)
    now = _ahead_at(quarter, zone)
    yield quarter, now
    while quarter < end:
        day = min(quarter + 96, end)
        after = _ahead_at(day, zone)
        if after != now:
            low, high = quarter, day
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _ahead_at(middle, zone) != now else (middle, high)
            now = after
            yield high, now
        quarter = day


def _ahead_at(quarter: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(quarter * SECONDS, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // SECONDS


def _quarter(moment: datetime) -> int:
    return int(moment.timestamp() // SECONDS)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _by_day(grouped: Iterable[Slot], span: Span) -> Iterator[tuple[int, str]]:
    """The value of each day of the period."""
    several = list(grouped)
    begins = [slot.first.toordinal() for slot in several]
    ends = [*begins[1:], span.last.toordinal() + 1]
    for slot, begin, end in zip(several, begins, ends, strict=True):
        for ordinal in range(begin, end):
            yield ordinal, slot.value
