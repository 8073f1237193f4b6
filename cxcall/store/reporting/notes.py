"""What has to be said about a report: how far it is complete, which calls were recovered, what may still change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Note
from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.reports.definition import Definition
from cxcall.reports.period import Span, midnight
from cxcall.store.reporting import keeping
from cxcall.store.tables import call_records, calls, journal_positions, recovered

QUIET = timedelta(minutes=10)
"""A server of which nothing came for so long may not be listened to: nothing is claimed of the time since."""
GIVEN_UP = timedelta(days=7)
"""A server of which nothing came for so long is none any more."""


async def notes(
    conn: AsyncConnection, definition: Definition, span: Span, *, zone: tzinfo, now: datetime, rows: int, shown: int
) -> tuple[Note, ...]:
    """All that is to be said of a period; nothing where it is over and was heard whole. Of `rows` so many are shown."""
    heard = await _heard_until(conn, now)
    found = [Note(code="complete_until", at=heard)] if span.since < heard < span.until else []
    found += _open(definition, span, zone, now)
    n = await conn.scalar(recovered_in(span))
    if n:
        found.append(Note(code="recovered", n=n))
    if not await keeping.complete(conn, str(zone)):
        found.append(Note(code="zone"))
    if rows > shown:
        found.append(Note(code="cut", n=rows - shown))
    return tuple(found)


def recovered_in(span: Span) -> Select[Any]:
    """Counts the calls begun in a period of which a part was not heard."""
    its = calls.c
    begun = (its.id == call_records.c.call_id, its.started_at >= span.since, its.started_at < span.until)
    # Not a join: there SQLite would begin with the calls of the period, which are many, and not with the few.
    return select(func.count()).select_from(call_records).where(recovered, exists().where(*begun))


def open_from(now: datetime) -> datetime:
    """Whoever called from here on may still come back about the same."""
    return now - REPEAT_WINDOW


async def _heard_until(conn: AsyncConnection, now: datetime) -> datetime:
    """Up to when everything that happened is in the database: now, unless a server has been silent for long."""
    its = journal_positions.c
    silent = (its.saved_at < now - QUIET, its.saved_at > now - GIVEN_UP)
    last: datetime | None = await conn.scalar(select(func.min(its.saved_at)).where(*silent))
    return last or now


def _open(definition: Definition, span: Span, zone: tzinfo, now: datetime) -> Iterator[Note]:
    """The days of which first-contact resolution may still change."""
    if "fcr" not in definition.measures:
        return
    first = max(span.first, open_from(now).astimezone(zone).date())
    last = min(span.last, now.astimezone(zone).date())
    if first <= last:
        yield Note(code="fcr_open", n=(last - first + timedelta(days=1)).days, at=midnight(first, zone))
