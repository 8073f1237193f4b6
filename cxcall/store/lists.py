"""Names to choose from in filters: queues and agents of the calls there are, found by jumping along an index."""

from __future__ import annotations

from sqlalchemy import Column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.tables import call_legs, call_visits

MOST = 200
"""Names offered; a person who looks for another types it."""


async def queues(conn: AsyncConnection) -> list[str]:
    """Queues that had calls, by name."""
    return await _distinct(conn, call_visits.c.list_queue)


async def agents(conn: AsyncConnection) -> list[str]:
    """Agents that took part in calls, by name."""
    return await _distinct(conn, call_legs.c.list_agent)


async def _distinct(conn: AsyncConnection, column: Column[str]) -> list[str]:
    """Distinct values by one index look-up each: with 200 agents in a million calls DISTINCT would read them all."""
    found: list[str] = []
    last = ""
    while len(found) < MOST:
        value = await conn.scalar(select(column).where(column.is_not(None), column > last).order_by(column).limit(1))
        if value is None:
            break
        found.append(value)
        last = value
    return found
