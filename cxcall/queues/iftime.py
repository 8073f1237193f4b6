"""Hours as Asterisk's IFTIME() understands them, so that queues open and close with nobody but Asterisk there.

Its specs are `times,weekdays,days,months,zone`: minutes of the wall clock, both ends included, and no year. So days
that are not like their weekday are told by their date, the nearest of each day of the year, and the list is written
anew now and then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from cxcall.queues.hours import Calendar
from cxcall.queues.opening import DAY_MINUTES
from cxcall.queues.week import Minutes, clock, hours_on, regular_hours

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def dialplan(calendar: Calendar, first_day: date, days: int = 400) -> tuple[str, ...]:
    """Rules in order: the first whose spec holds decides, none means closed. Each is `open|SPEC` or `closed|SPEC`."""
    regular = tuple(regular_hours(calendar, weekday) for weekday in range(7))
    return (*_by_date(calendar, regular, first_day, days), *_by_weekday(regular, calendar.zone))


def _by_date(calendar: Calendar, regular: Sequence[Minutes], first_day: date, days: int) -> Iterator[str]:
    """Rules for days that are not like their weekday; neighbours that are alike share one."""
    exceptions = enumerate(_exceptions(calendar, regular, first_day, days))
    for (month, _, hours), alike in groupby(exceptions, key=_alike):
        numbers = [day.day for _, (day, _) in alike]
        span = _range([str(number) for number in (numbers[0], numbers[-1])])
        for since, to in hours:
            yield f"open|{_times(since, to)},*,{span},{_MONTHS[month - 1]},{calendar.zone}"
        if hours != ((0, DAY_MINUTES),):
            yield f"closed|*,*,{span},{_MONTHS[month - 1]},{calendar.zone}"


def _exceptions(
    calendar: Calendar, regular: Sequence[Minutes], first_day: date, days: int
) -> Iterator[tuple[date, Minutes]]:
    """Days not like their weekday. Of a day of the year that comes twice the nearest counts."""
    for n in range(min(days, 366)):
        day = first_day + timedelta(days=n)
        hours = hours_on(calendar, day)
        if hours != regular[day.weekday()] and not (n == 365 and _a_year_before(day) == first_day):
            yield day, hours


def _a_year_before(day: date) -> date | None:
    return None if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _alike(numbered: tuple[int, tuple[date, Minutes]]) -> tuple[int, int, Minutes]:
    """The same for days of one month with the same hours that follow each other without a gap."""
    n, (day, hours) = numbered
    return day.month, day.toordinal() - n, hours


def _by_weekday(regular: Sequence[Minutes], zone: str) -> Iterator[str]:
    """Rules of the week: the same times on several days are one rule for each run of days."""
    times = dict.fromkeys(times for hours in regular for times in hours)
    for since, to in times:
        for run in _runs([n for n, hours in enumerate(regular) if (since, to) in hours]):
            yield f"open|{_times(since, to)},{_days(run)},*,*,{zone}"


def _runs(weekdays: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Weekdays that follow each other, as first and last; Saturday to Wednesday is one run."""
    if len(weekdays) == 7:
        yield 0, 6
        return
    for first in weekdays:
        if (first - 1) % 7 not in weekdays:
            last = first
            while (last + 1) % 7 in weekdays:
                last = (last + 1) % 7
            yield first, last


def _days(run: tuple[int, int]) -> str:
    return "*" if run == (0, 6) else _range([_WEEKDAYS[day] for day in run])


def _range(ends: Sequence[str]) -> str:
    return ends[0] if ends[0] == ends[-1] else f"{ends[0]}-{ends[-1]}"


def _times(since: int, to: int) -> str:
    """Asterisk counts the last minute in; a whole day is `*`."""
    return "*" if (since, to) == (0, DAY_MINUTES) else f"{clock(since)}-{clock(to - 1)}"
