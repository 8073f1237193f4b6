"""Times as ranges of moments: what rows of time and narrowing to weekdays and hours leave of a period.

Raw rows carry moments, which an index finds by range; a Monday is one, all Mondays of a year are 52.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing
from cxcall.reports.period import CalendarName, Span, midnight, slots
from cxcall.store.reporting.slots import TIMES

Range = tuple[datetime, datetime]
"""Since, until (not included)."""

_STEP = timedelta(minutes=15)


def ranges(span: Span, narrowing: Narrowing, keys: Iterable[Key], zone: tzinfo, calendar: CalendarName) -> list[Range]:
    """What is left of a period, the newest first; ranges that touch are one."""
    since, until = span.since, span.until
    weekdays, hours = set(narrowing.weekdays), set(narrowing.hours)
    for key in keys:
        if key.row == "weekday":
            weekdays = _both(weekdays, int(key.value))
        elif key.row == "hour_of_day":
            hours = _both(hours, int(key.value))
        elif key.row in TIMES:
            begin, end = _slot(key, span, zone, calendar)
            since, until = max(since, begin), min(until, end)
    if since >= until:
        return []
    if weekdays or hours:
        return list(_joined(_pieces(since, until, weekdays, hours, zone)))[::-1]
    return [(since, until)]


def inside(column: ColumnElement[Any], several: Sequence[Range]) -> ColumnElement[bool]:
    """Whether a moment lies in one of them."""
    if not several:
        return false()
    return or_(*(and_(column >= since, column < until) for since, until in several))


def _both(asked: set[int], one: int) -> set[int]:
    """What is asked for twice must hold twice; −1 is no weekday and no hour."""
    return {one} if not asked or one in asked else {-1}


def _slot(key: Key, span: Span, zone: tzinfo, calendar: CalendarName) -> Range:
    for slot in slots(span, key.row, zone, calendar):
        if slot.value == key.value:
            return slot.since, slot.until
    return span.until, span.until


def _pieces(since: datetime, until: datetime, weekdays: set[int], hours: set[int], zone: tzinfo) -> Iterator[Range]:
    day = since.astimezone(zone).date()
    while (begin := midnight(day, zone)) < until:
        end = midnight(day + timedelta(days=1), zone)
        if not weekdays or day.weekday() in weekdays:
            for piece in _hours(begin, end, hours, zone) if hours else ((begin, end),):
                if piece[0] < until and piece[1] > since:
                    yield max(piece[0], since), min(piece[1], until)
        day += timedelta(days=1)


def _hours(begin: datetime, end: datetime, hours: set[int], zone: tzinfo) -> Iterator[Range]:
    """The quarters of a day that lie in these hours of its clock, whatever summer time does to it."""
    at = begin
    while at < end:
        if at.astimezone(zone).hour in hours:
            yield at, at + _STEP
        at += _STEP


def _joined(pieces: Iterable[Range]) -> Iterator[Range]:
    last: Range | None = None
    for since, until in pieces:
        if last is not None and last[1] == since:
            last = (last[0], until)
            continue
        if last is not None:
            yield last
        last = (since, until)
    if last is not None:
        yield last
