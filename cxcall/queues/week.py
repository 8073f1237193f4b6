"""Hours as minutes: of one day, what comes over from the night before with it, and of a week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from cxcall.queues.hours import Calendar, Span
from cxcall.queues.opening import DAY_MINUTES, day_spans, minutes

WEEK_MINUTES = 7 * DAY_MINUTES

Minutes = tuple[tuple[int, int], ...]
"""When it is open: from one minute to another (not included), in order and apart."""


def regular_hours(calendar: Calendar, weekday: int) -> Minutes:
    """What a weekday (Monday 0) without holidays is like, in minutes from its midnight."""
    return _day(calendar.week[weekday - 1], calendar.week[weekday])


def hours_on(calendar: Calendar, day: date) -> Minutes:
    """What a day is like, holidays counted, in minutes from its midnight."""
    return _day(day_spans(calendar, day - timedelta(days=1)), day_spans(calendar, day))


def open_week(calendar: Calendar | None, shift: int = 0) -> Minutes:
    """A week without holidays, in minutes from Monday's midnight, `shift` minutes later; None: always open."""
    if calendar is None:
        return ((0, WEEK_MINUTES),)
    spans: list[tuple[int, int]] = []
    for weekday in range(7):
        for since, to in regular_hours(calendar, weekday):
            start = (weekday * DAY_MINUTES + since + shift) % WEEK_MINUTES
            end = start + to - since
            spans.append((start, min(end, WEEK_MINUTES)))
            if end > WEEK_MINUTES:
                spans.append((0, end - WEEK_MINUTES))
    return joined(spans)


def is_open(week: Minutes, minute: int) -> bool:
    """Whether a minute of the week is within its hours."""
    return any(since <= minute < to for since, to in week)


def joined(spans: Iterable[tuple[int, int]]) -> Minutes:
    """Spans in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for since, to in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], to)
        else:
            found.append((since, to))
    return tuple(found)


def clock(minute: int) -> str:
    """A minute of the week or day as HH:MM."""
    return f"{minute % DAY_MINUTES // 60:02}:{minute % 60:02}"


def _day(night_before: Iterable[Span], own: Iterable[Span]) -> Minutes:
    spans = [(0, to - DAY_MINUTES) for _, to in _read(night_before) if to > DAY_MINUTES]
    spans += [(since, min(to, DAY_MINUTES)) for since, to in _read(own) if since < DAY_MINUTES]
    return joined(spans)


def _read(spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """Spans as minutes; broken ones are left out, as everywhere."""
    for span in spans:
        try:
            yield minutes(span)
        except ValueError:
            continue
