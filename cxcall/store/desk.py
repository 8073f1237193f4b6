"""What one agent's desk shows of calls: those at the agent's phones now, the offers of the last minutes, the day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.store.call_rows import record_from
from cxcall.store.held import Phones, is_theirs
from cxcall.store.notes import CallNote
from cxcall.store.tables import call_legs, call_notes, call_records, calls, customers


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDay:
    """Calls answered or placed and reached since a moment; seconds of the agent's own part, None without calls."""

    calls: int = 0
    mean_talk: float | None = None
    longest: float | None = None


async def in_progress_at(conn: AsyncConnection, phones: Collection[str]) -> list[CallRecord]:
    """Calls that have not ended and have a leg at one of `phones` (`PJSIP/1001`), oldest first."""
    at_phones = select(call_legs.c.call_id).where(call_legs.c.call_id == calls.c.id, call_legs.c.device.in_(phones))
    return await _records(conn, _records_by_start().where(calls.c.ended_at.is_(None), at_phones.exists()))


async def offered_at(conn: AsyncConnection, phones: Collection[str], since: datetime) -> list[CallRecord]:
    """Calls begun since `since` that rang, talked or were placed at one of `phones`, oldest first."""
    at_phones = select(call_legs.c.call_id).where(call_legs.c.call_id == calls.c.id, call_legs.c.device.in_(phones))
    return await _records(conn, _records_by_start().where(calls.c.started_at >= since, at_phones.exists()))


async def day(conn: AsyncConnection, phones: Phones, since: datetime) -> DeskDay:
    """The day of the agent at `phones`, while they were theirs, since its midnight; a call going on counts, its talk
    not yet."""
    rows = await conn.execute(
        select(call_legs.c.role, call_legs.c.answered_at, call_legs.c.ended_at, calls.c.answered_at.label("reached_at"))
        .join(calls, calls.c.id == call_legs.c.call_id)
        .where(is_theirs(phones), call_legs.c.started_at >= since)
    )
    reached = [row for row in rows if row.reached_at is not None]
    parts = (_own_part(row.role, row.answered_at, row.ended_at, row.reached_at) for row in reached)
    talks = [part for part in parts if part is not None]
    return DeskDay(
        calls=len(reached),
        mean_talk=sum(talks) / len(talks) if talks else None,
        longest=max(talks, default=None),
    )


def _own_part(
    role: str, answered_at: datetime | None, ended_at: datetime | None, reached_at: datetime | None
) -> float | None:
    """Seconds between pick-up and hang-up; for a call placed, from the answer at the other end."""
    begin = reached_at if role == "caller" else answered_at
    return (ended_at - begin).total_seconds() if begin and ended_at else None


def _records_by_start() -> Select[Any]:
    both = select(call_records.c.record, calls.c.customer_id).join_from(calls, call_records)
    return both.order_by(calls.c.started_at, calls.c.id)


async def _records(conn: AsyncConnection, query: Select[Any]) -> list[CallRecord]:
    return [record_from(row.record, row.customer_id) for row in await conn.execute(query)]


async def notes_on(conn: AsyncConnection, call_ids: Collection[str]) -> list[CallNote]:
    """The notes of several calls, oldest first."""
    query = select(call_notes).where(call_notes.c.call_id.in_(call_ids)).order_by(call_notes.c.saved_at)
    return [CallNote(**row._mapping) for row in await conn.execute(query)] if call_ids else []


async def at_phones(conn: AsyncConnection, call_ids: Collection[str], phones: Collection[str]) -> set[str]:
    """Those of `call_ids` that rang, talked or were placed at one of `phones`."""
    query = select(call_legs.c.call_id).where(call_legs.c.call_id.in_(call_ids), call_legs.c.device.in_(phones))
    return set((await conn.scalars(query)).all()) if call_ids else set()


async def names_of(conn: AsyncConnection, customer_ids: Collection[str]) -> dict[str, str]:
    """Names of customers by id, also of those merged into others."""
    query = select(customers.c.id, customers.c.name).where(customers.c.id.in_(customer_ids))
    return {row.id: row.name for row in await conn.execute(query)} if customer_ids else {}
