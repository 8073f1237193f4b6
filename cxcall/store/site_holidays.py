"""Holidays of the site: those of its country, and days that a calendar of its hours names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.opening import holiday_of
from cxcall.reports.holidays import of_span
from cxcall.reports.period import span_of
from cxcall.store import calendars


async def named(
    conn: AsyncConnection, first: date, last: date, *, country: str, whole_days: bool = False
) -> Mapping[date, str]:
    """Those of a time, both days included, in order, with what they are called ("": nothing); what a calendar says
    goes before what the country does. `whole_days`: without days on which a calendar is open for some hours."""
    found = dict(of_span(span_of(first, last, UTC), country))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for kept in await calendars.everything(conn):
        for day in days:
            holiday = holiday_of(kept.calendar, day)
            if holiday is not None and not (whole_days and holiday.hours):
                found[day] = holiday.title or found.get(day, "")
    return dict(sorted(found.items()))


async def holidays(conn: AsyncConnection, first: date, last: date, *, country: str) -> frozenset[date]:
    """Days of a time that are holidays of the country, or on which a calendar is closed all day."""
    return frozenset(await named(conn, first, last, country=country, whole_days=True))
