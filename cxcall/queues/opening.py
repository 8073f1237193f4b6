"""Is a queue open: hours of the week, holidays of both calendars, and "closed now".

Times come in and go out as epoch seconds; hours are the wall clock's of the calendar's zone, so summer time moves them.
A span belongs to the day it starts: a night before a holiday goes on into its morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from persiantools.jdatetime import JalaliDate

from cxcall.queues.hours import Calendar, Closure, Holiday, Span

HORIZON_DAYS = 400
"""How far ahead we look for the next change."""
DAY_MINUTES = 24 * 60

Why = Literal["hours", "holiday", "closure"]


class Open(msgspec.Struct, frozen=True):
    """Open, until a moment; None: no end in sight."""

    until: float | None


class Closed(msgspec.Struct, frozen=True):
    """Closed, with the moment it opens (None: not in sight) and the reason; `title` is the holiday's."""

    opens: float | None
    why: Why
    title: str = ""
    closure: Closure | None = None


class Change(msgspec.Struct, frozen=True):
    """A moment at which a queue opens or closes; `why` and `title` tell why it is closed from then on."""

    at: float
    open: bool
    why: Why = "hours"
    title: str = ""


def minutes(span: Span) -> tuple[int, int]:
    """The span as minutes from its day's midnight; the end is more than a day's where it goes over midnight.

    ValueError for what is no time of day.
    """
    since, to = _minute(span.since), _minute(span.to)
    return since, to if to > since else to + DAY_MINUTES


def applying(closures: Iterable[Closure], queue: str) -> tuple[Closure, ...]:
    """Closures of this queue and of all queues."""
    return tuple(closure for closure in closures if closure.queue in ("", queue))


def holiday_of(calendar: Calendar, day: date) -> Holiday | None:
    """The holiday on a day; one with a year goes before one of every year."""
    return _found_holiday(calendar, day) if calendar.holidays else None


def day_spans(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """The spans that start on a day."""
    holiday = holiday_of(calendar, day)
    return calendar.week[day.weekday()] if holiday is None else holiday.hours


def state_at(calendar: Calendar | None, closures: Iterable[Closure], moment: float) -> Open | Closed:
    """Whether a queue with this calendar (None: always open) is open. `closures`: those that apply to it."""
    ruling = _ruling(closures, moment)
    if ruling is not None:
        return _closed_by(calendar, closures, ruling)
    if calendar is None:
        return Open(None)
    for since, to in _intervals(calendar, moment):
        if since <= moment:
            return Open(to)
        return _closed_until(calendar, since, moment)
    return _closed_until(calendar, None, moment)


def changes(
    calendar: Calendar | None, closures: Iterable[Closure], moment: float, count: int = 5
) -> tuple[Change, ...]:
    """The next moments at which the queue opens or closes, at most `count`."""
    closures = tuple(closures)
    found: list[Change] = []
    while len(found) < count:
        match state_at(calendar, closures, moment):
            case Open(until=float(moment)):
                after = state_at(calendar, closures, moment)
                why, title = (after.why, after.title) if isinstance(after, Closed) else ("hours", "")
                found.append(Change(moment, False, why, title))
            case Closed(opens=float(moment)):
                found.append(Change(moment, True))
            case _:
                break
    return tuple(found)


def _minute(time: str) -> int:
    hour, _, minute = time.partition(":")
    if not (len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdecimal()):
        raise ValueError(time)
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > DAY_MINUTES:
        raise ValueError(time)
    return value


def _jalali(day: date) -> str:
    return str(JalaliDate(day).isoformat())  # type: ignore[no-untyped-call]  # no stub


def _found_holiday(calendar: Calendar, day: date) -> Holiday | None:
    gregorian, jalali = day.isoformat(), _jalali(day)
    yearly = None
    for holiday in calendar.holidays:
        name = jalali if holiday.calendar == "jalali" else gregorian
        if holiday.date == name:
            return holiday
        if yearly is None and holiday.date == name[5:]:
            yearly = holiday
    return yearly


def _ruling(closures: Iterable[Closure], moment: float) -> Closure | None:
    """Of closures in force the one that lasts longest."""
    in_force = [closure for closure in closures if closure.until is None or closure.until > moment]
    return max(in_force, key=lambda closure: (closure.until is None, closure.until or 0.0), default=None)


def _closed_by(calendar: Calendar | None, closures: Iterable[Closure], ruling: Closure) -> Closed:
    if ruling.until is None:
        return Closed(None, "closure", closure=ruling)
    match state_at(calendar, (), ruling.until):
        case Closed(opens=opens):
            return Closed(opens, "closure", closure=ruling)
        case _:
            return Closed(ruling.until, "closure", closure=ruling)


def _closed_until(calendar: Calendar, opens: float | None, moment: float) -> Closed:
    holiday = holiday_of(calendar, datetime.fromtimestamp(moment, ZoneInfo(calendar.zone)).date())
    return Closed(opens, "hours") if holiday is None else Closed(opens, "holiday", title=holiday.title)


def _intervals(calendar: Calendar, moment: float) -> Iterator[tuple[float, float | None]]:
    """When it is open from `moment` on, in order; what touches is one. The end is None where none is in sight."""
    zone = ZoneInfo(calendar.zone)
    first = datetime.fromtimestamp(moment, zone).date() - timedelta(days=1)
    since: float | None = None
    to = 0.0
    for n in range(HORIZON_DAYS + 1):
        for start, end in _of_day(calendar, first + timedelta(days=n), zone):
            if end <= moment:
                continue
            if since is None:
                since, to = start, end
            elif start <= to:
                to = max(to, end)
            else:
                yield since, to
                since, to = start, end
        if since is not None and _midnight(first + timedelta(days=n + 1), zone) > to:
            yield since, to
            since = None
    if since is not None:
        yield since, None


def _of_day(calendar: Calendar, day: date, zone: ZoneInfo) -> list[tuple[float, float]]:
    """The day's spans as moments, in order; broken ones are left out."""
    found: list[tuple[float, float]] = []
    for span in day_spans(calendar, day):
        try:
            since, to = minutes(span)
        except ValueError:
            continue
        start, end = _moment(day, since, zone), _moment(day, to, zone)
        if end > start:
            found.append((start, end))
    return sorted(found)


def _midnight(day: date, zone: ZoneInfo) -> float:
    return _moment(day, 0, zone)


def _moment(day: date, minute: int, zone: ZoneInfo) -> float:
    days, minute = divmod(minute, DAY_MINUTES)
    day += timedelta(days=days)
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).timestamp()
