"""What is wrong with hours: times, dates of both calendars, zones, spans that overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from persiantools.jdatetime import JalaliDate

from cxcall.problem import Problem
from cxcall.queues.hours import Calendar, Holiday, Span
from cxcall.queues.opening import Open, minutes, state_at
from cxcall.queues.problems import problem

_DATE = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})", re.ASCII)
_LEAP_YEARS = {"gregorian": 2028, "jalali": 1403}


def calendar_problems(calendar: Calendar) -> tuple[Problem, ...]:
    """What is wrong with hours; fields are `zone`, `week.2` (Monday 0), `week.2.0.since`, `holidays.1.date` …"""
    return tuple(_checked(calendar))


def never_open(calendar: Calendar, now: float | None) -> bool:
    """Whether the hours are never open: in the coming year, or, where the time is not known, at all."""
    if now is None or list(_zone(calendar)):
        return not any(calendar.week) and not any(holiday.hours for holiday in calendar.holidays)
    state = state_at(calendar, (), now)
    return not isinstance(state, Open) and state.opens is None


def _checked(calendar: Calendar) -> Iterator[Problem]:
    yield from _zone(calendar)
    if len(calendar.week) != 7:
        yield problem("week_length", "week")
    for n, spans in enumerate(calendar.week):
        yield from _spans(f"week.{n}", spans)
    for n, holiday in enumerate(calendar.holidays):
        yield from _holiday(f"holidays.{n}", holiday)
        if any((other.calendar, other.date) == (holiday.calendar, holiday.date) for other in calendar.holidays[:n]):
            yield problem("date_twice", f"holidays.{n}.date", date=holiday.date)


def _zone(calendar: Calendar) -> Iterator[Problem]:
    try:
        ZoneInfo(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield problem("unknown_zone", "zone", zone=calendar.zone)


def _spans(field: str, spans: Sequence[Span]) -> Iterator[Problem]:
    read: list[tuple[tuple[int, int], Span]] = []
    for n, span in enumerate(spans):
        wrong = [name for name in ("since", "to") if not _is_time(getattr(span, name))]
        yield from (problem("time_form", f"{field}.{n}.{name}", time=getattr(span, name)) for name in wrong)
        if not wrong:
            read.append((minutes(span), span))
    for (first, one), (second, other) in pairwise(sorted(read, key=lambda each: each[0])):
        if second[0] < first[1]:
            yield problem("spans_overlap", field, first=f"{one.since}–{one.to}", second=f"{other.since}–{other.to}")


def _is_time(time: str) -> bool:
    try:
        minutes(Span(since=time, to=time))
    except ValueError:
        return False
    return True


def _holiday(field: str, holiday: Holiday) -> Iterator[Problem]:
    found = _DATE.fullmatch(holiday.date)
    if found is None or not _is_date(holiday, *found.groups()):
        yield problem("date_form", f"{field}.date", date=holiday.date)
    yield from _spans(f"{field}.hours", holiday.hours)


def _is_date(holiday: Holiday, year: str | None, month: str, day: str) -> bool:
    """Whether the day exists; one of every year, whether it does in some year."""
    numbers = int(year) if year else _LEAP_YEARS[holiday.calendar], int(month), int(day)
    try:
        (JalaliDate if holiday.calendar == "jalali" else date)(*numbers)
    except ValueError:
        return False
    return True
