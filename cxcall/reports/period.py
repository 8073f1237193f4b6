"""Days as a site counts them, and what they are grouped into: intervals, hours, days, weeks, months of a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

CalendarName = Literal["gregorian", "jalali"]
"""Weeks begin on Monday in the first and on Saturday in the second."""

Grouping = Literal["interval", "hour", "day", "week", "month", "weekday", "hour_of_day"]
"""Rows of time: 15 minutes, hours, days …; `weekday` and `hour_of_day` gather all Mondays, all hours from 10 to 11."""


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


def span_of(first: date, last: date, zone: tzinfo) -> Span:
    """The days from `first` to `last` of a zone; the earlier one comes first whatever the order."""
    first, last = min(first, last), max(first, last)
    return Span(first=first, last=last, since=midnight(first, zone), until=midnight(last + timedelta(days=1), zone))


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins, in UTC; a midnight that summer time skips is the moment of the change."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
