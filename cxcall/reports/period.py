"""Days as a site counts them, and what they are grouped into: intervals, hours, days, weeks, months of a calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Literal

from persiantools.jdatetime import JalaliDate

_JALALI: Any = JalaliDate  # has no annotations

CalendarName = Literal["gregorian", "jalali"]
"""Weeks begin on Monday in the first and on Saturday in the second."""

Grouping = Literal["interval", "hour", "day", "week", "month", "weekday", "hour_of_day"]
"""Rows of time: 15 minutes, hours, days …; `weekday` and `hour_of_day` gather all Mondays, all hours from 10 to 11."""

Quick = Literal["today", "yesterday", "week", "last_week", "month", "last_month", "quarter", "year", "last_year"]
"""Periods by name. Those that are not over reach to today."""

INTERVAL = timedelta(minutes=15)
QUARTER_S = 900
"""Seconds of an interval (METRICS.md); every zone's hours begin with one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole days of a zone, `last` included, as the moments [since, until) in UTC."""

    first: date
    last: date
    since: datetime
    until: datetime

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time of a period: [since, until) in UTC, never beyond the period, `first` its first day within it.

    `value` names it: the ISO date of the day it begins with (a week or month also where that lies before the period),
    of intervals and hours the ISO moment in UTC.
    """

    value: str
    first: date
    since: datetime
    until: datetime


def span_of(first: date, last: date, zone: tzinfo) -> Span:
    """The days from `first` to `last` of a zone; the earlier one comes first whatever the order."""
    first, last = min(first, last), max(first, last)
    return Span(first=first, last=last, since=midnight(first, zone), until=midnight(last + timedelta(days=1), zone))


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins, in UTC; a midnight that summer time skips is the moment of the change."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def quick(name: Quick, today: date, calendar: CalendarName) -> tuple[date, date]:
    """First and last day of a period by name."""
    if name in ("today", "yesterday"):
        day = today - timedelta(days=name == "yesterday")
        return day, day
    begin = _BEGIN[name.removeprefix("last_")](today, calendar)
    if not name.startswith("last_"):
        return begin, today
    last = begin - timedelta(days=1)
    return _BEGIN[name.removeprefix("last_")](last, calendar), last


@lru_cache(maxsize=64)
def slots(span: Span, grouping: Grouping, zone: tzinfo, calendar: CalendarName) -> tuple[Slot, ...]:
    """The times of a period in order. Raises ValueError for weekdays and hours of the day, which are no such times."""
    if grouping in ("interval", "hour"):
        return tuple(_clock_slots(span, zone, of_hours=grouping == "hour"))
    if grouping not in ("day", "week", "month"):
        msg = f"{grouping} gathers many times"
        raise ValueError(msg)
    return tuple(_day_slots(span, grouping, zone, calendar))


def previous(span: Span, name: str, zone: tzinfo, calendar: CalendarName) -> Span:
    """What a period is compared with: the same one before it.

    Whole months, years and quarters (of the calendar): as many of them before; a month, quarter, year or week up to
    some day: as many days of the one before; anything else, or `name` "days": as many days right before.
    """
    begins = month_start(span.first, calendar) == span.first and name != "days"
    after = span.last + timedelta(days=1)
    if begins and month_start(after, calendar) == after:
        months = _months(span.first, after, calendar)
        return span_of(add_months(span.first, -months, calendar), span.first - timedelta(days=1), zone)
    if begins and span.days > 1 and (months := _begun(span.first, after, calendar)):
        first = add_months(span.first, -months, calendar)
        return span_of(first, min(first + timedelta(days=span.days - 1), span.first - timedelta(days=1)), zone)
    if name != "days" and 1 < span.days <= 7 and week_start(span.first, calendar) == span.first:
        return span_of(span.first - timedelta(days=7), span.last - timedelta(days=7), zone)
    return span_of(span.first - timedelta(days=span.days), span.first - timedelta(days=1), zone)


def _begun(first: date, after: date, calendar: CalendarName) -> int:
    """How many months the month, quarter or year has that a period is the beginning of; 0: of none."""
    for months, begin in ((1, month_start), (3, _quarter_start), (12, _year_start)):
        if begin(first, calendar) == first and after <= add_months(first, months, calendar):
            return months
    return 0


def year_before(span: Span, zone: tzinfo, calendar: CalendarName) -> Span:
    """The same dates of the year before; of a leap day the day before it."""
    return span_of(add_months(span.first, -12, calendar), _year_before_last(span.last, calendar), zone)


def week_start(day: date, calendar: CalendarName) -> date:
    """The Saturday or Monday that begins a day's week."""
    return day - timedelta(days=(day.weekday() + 2) % 7 if calendar == "jalali" else day.weekday())


def month_start(day: date, calendar: CalendarName) -> date:
    """The first of a day's month."""
    return day - timedelta(days=_parts(day, calendar)[2] - 1)


def add_months(day: date, months: int, calendar: CalendarName) -> date:
    """The same day so many months later; where that month is shorter, its last one."""
    year, month, number = _parts(day, calendar)
    year, month = divmod(year * 12 + month - 1 + months, 12)
    first = _date(year, month + 1, calendar)
    after = _date(year + (month == 11), (month + 1) % 12 + 1, calendar)
    return first + timedelta(days=min(number, (after - first).days) - 1)


def _year_before_last(day: date, calendar: CalendarName) -> date:
    return add_months(day, -12, calendar)


def _quarter_start(day: date, calendar: CalendarName) -> date:
    year, month, _ = _parts(day, calendar)
    return _date(year, (month - 1) // 3 * 3 + 1, calendar)


def _year_start(day: date, calendar: CalendarName) -> date:
    return _date(_parts(day, calendar)[0], 1, calendar)


_BEGIN: dict[str, Callable[[date, CalendarName], date]] = {
    "week": week_start, "month": month_start, "quarter": _quarter_start, "year": _year_start,
}  # fmt: skip


def _parts(day: date, calendar: CalendarName) -> tuple[int, int, int]:
    if calendar == "gregorian":
        return day.year, day.month, day.day
    jalali = _JALALI.to_jalali(day)
    return jalali.year, jalali.month, jalali.day


def _date(year: int, month: int, calendar: CalendarName) -> date:
    if calendar == "gregorian":
        return date(year, month, 1)
    day: date = _JALALI(year, month, 1).to_gregorian()
    return day


def _months(first: date, after: date, calendar: CalendarName) -> int:
    (year, month, _), (end_year, end_month, _) = _parts(first, calendar), _parts(after, calendar)
    return (end_year - year) * 12 + end_month - month


def _day_slots(span: Span, grouping: Grouping, zone: tzinfo, calendar: CalendarName) -> Iterator[Slot]:
    day = span.first
    while day <= span.last:
        begin = day if grouping == "day" else _BEGIN[grouping](day, calendar)
        after = _after(begin, grouping, calendar)
        last = min(after - timedelta(days=1), span.last)
        yield Slot(
            value=begin.isoformat(),
            first=day,
            since=midnight(day, zone),
            until=midnight(last + timedelta(days=1), zone),
        )
        day = last + timedelta(days=1)


def _after(begin: date, grouping: Grouping, calendar: CalendarName) -> date:
    if grouping == "month":
        return add_months(begin, 1, calendar)
    return begin + timedelta(days=7 if grouping == "week" else 1)


def _clock_slots(span: Span, zone: tzinfo, *, of_hours: bool) -> Iterator[Slot]:
    """Quarters of an hour, or those that belong to one hour of the zone, together."""
    begin: datetime | None = None
    known, at = 0, span.since
    while at < span.until:
        hour = _hour(at, zone) if of_hours else 0
        if begin is not None and (not of_hours or hour != known):
            yield _clock_slot(begin, at, zone)
            begin = None
        begin, known, at = begin or at, hour, at + INTERVAL
    if begin is not None:
        yield _clock_slot(begin, span.until, zone)


def _hour(at: datetime, zone: tzinfo) -> int:
    """The quarter in which the zone's hour began that holds a moment."""
    offset = at.astimezone(zone).utcoffset() or timedelta()
    ahead = int(offset.total_seconds()) // QUARTER_S
    return (int(at.timestamp()) // QUARTER_S + ahead) // 4 * 4 - ahead


def _clock_slot(since: datetime, until: datetime, zone: tzinfo) -> Slot:
    value = since.isoformat().replace("+00:00", "Z")
    return Slot(value=value, first=since.astimezone(zone).date(), since=since, until=until)
