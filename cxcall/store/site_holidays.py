"""Holidays of the site: those of its country, and days on which a calendar of its queues is closed all day."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

from persiantools.jdatetime import JalaliDate
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.holidays import of_span
from cxcall.reports.period import span_of
from cxcall.store import calendars

_JALALI: Any = JalaliDate  # has no annotations


async def holidays(conn: AsyncConnection, first: date, last: date, *, country: str) -> frozenset[date]:
    """Those of a time, both days included."""
    found = {day for day, _ in of_span(span_of(first, last, UTC), country)}
    named = {
        (holiday.calendar, holiday.date)
        for kept in await calendars.everything(conn)
        for holiday in kept.calendar.holidays
        if not holiday.hours
    }
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if any(name in named for name in _names(day)):
            found.add(day)
    return frozenset(found)


def _names(day: date) -> tuple[tuple[str, str], ...]:
    """What a holiday on this day may be written as: with its year or for every year, in both calendars."""
    jalali = _JALALI.to_jalali(day)
    in_year = f"{jalali.month:02}-{jalali.day:02}"
    return (
        ("gregorian", day.isoformat()), ("gregorian", f"{day.month:02}-{day.day:02}"),
        ("jalali", f"{jalali.year:04}-{in_year}"), ("jalali", in_year),
    )  # fmt: skip
