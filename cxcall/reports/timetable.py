"""When a report is sent: every day, on days of the week, or on a day of the month of a calendar, at a time of the site.

A time that summer time skips is the moment the clock jumps to; one that comes twice counts the first time.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

import msgspec
from persiantools.jdatetime import JalaliDate

from cxcall.reports.period import CalendarName

Every = Literal["day", "week", "month"]
LAST_DAY = 31
"""The 31st is the last day of every month, and so is any day a month does not have."""
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_JALALI: Any = JalaliDate  # has no annotations


class Timetable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at`: HH:MM of the site's clock. `weekdays`: 0 is Monday, for `week`. `day` 1 to 31 of a month of `calendar`."""

    every: Every = "day"
    at: str = "08:00"
    weekdays: tuple[int, ...] = (0,)
    day: int = 1
    calendar: CalendarName = "gregorian"

    @property
    def is_right(self) -> bool:
        """Whether there is any day and a time it can mean."""
        days = all(0 <= day <= 6 for day in self.weekdays) and (bool(self.weekdays) or self.every != "week")
        return days and 1 <= self.day <= LAST_DAY and time_of(self.at) is not None


def time_of(text: str) -> time | None:
    """`8:05` or `08:05`; None when it is no time."""
    found = _AT.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else None


def next_after(table: Timetable, moment: datetime, zone: tzinfo) -> datetime:
    """The first moment (UTC) of a timetable after `moment`. Raises ValueError for a timetable that is not right."""
    at = time_of(table.at)
    if at is None or not table.is_right:
        raise ValueError("not a timetable")
    day = moment.astimezone(zone).date() - timedelta(days=1)
    while True:
        if _is_on(table, day):
            found = datetime.combine(day, at, zone).astimezone(UTC)
            if found > moment:
                return found
        day += timedelta(days=1)


def next_ones(table: Timetable, moment: datetime, zone: tzinfo, count: int) -> list[datetime]:
    """The next `count` moments."""
    found: list[datetime] = []
    while len(found) < count:
        found.append(next_after(table, found[-1] if found else moment, zone))
    return found


def latest_due(table: Timetable, since: datetime, now: datetime, zone: tzinfo) -> datetime:
    """Of the moments from `since`, which is one, up to `now` the last: what was missed runs once."""
    due = since
    while (following := next_after(table, due, zone)) <= now:
        due = following
    return due


def _is_on(table: Timetable, day: date) -> bool:
    if table.every == "day":
        return True
    if table.every == "week":
        return day.weekday() in table.weekdays
    in_month, tomorrow = _day_of_month(day, table.calendar), _day_of_month(day + timedelta(days=1), table.calendar)
    return in_month == table.day or (in_month < table.day and tomorrow == 1)


def _day_of_month(day: date, calendar: CalendarName) -> int:
    return int(_JALALI.to_jalali(day).day) if calendar == "jalali" else day.day
