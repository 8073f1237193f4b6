"""How long agents were busy with a caller lately, by queue: what an expected wait is made of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.tables import call_visits

Place = tuple[str, str]
"""A queue: server and name."""


async def means(conn: AsyncConnection, *, since: datetime) -> dict[Place, float]:
    """Seconds of an answered visit, hold included, on average over those that joined since then."""
    its = call_visits.c
    query = (
        select(its.server, its.queue, func.avg(its.talk))
        .where(its.joined_at.is_not(None), its.joined_at >= since, its.result == "answered")
        .group_by(its.server, its.queue)
    )
    return {(server, queue): float(mean) for server, queue, mean in await conn.execute(query) if mean}
