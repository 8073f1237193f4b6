"""What stored calls add to rollups: from their records, with the targets their visits were written with."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.facts import Contributions, Counting, Target
from cxcall.store.reporting.counted import counted_text
from cxcall.store.tables import call_records, call_visits, calls

AT_ONCE = 500
"""Ids a statement."""


async def contributed(conn: AsyncConnection, ids: Collection[str], zone: tzinfo) -> dict[str, Contributions]:
    """What those of these calls that have ended have added, as they are stored."""
    found: dict[str, Contributions] = {}
    every = sorted(ids)
    for begin in range(0, len(every), AT_ONCE):
        some = every[begin : begin + AT_ONCE]
        found |= await of_records(conn, _ended().where(calls.c.id.in_(some)), zone)
    return found


async def of_records(conn: AsyncConnection, query: Select[Any], zone: tzinfo) -> dict[str, Contributions]:
    """What the calls of a query (`ended`) add, by id."""
    rows = (await conn.execute(query)).all()
    known = await targets_of(conn, [row.call_id for row in rows if row.visits])
    return {
        row.call_id: counted_text(row.call_id, row.record, Counting(zone=zone, targets=known.get(row.call_id, {})))
        for row in rows
    }


def _ended() -> Select[Any]:
    """Records of calls that have ended."""
    return (
        select(call_records.c.call_id, call_records.c.record, calls.c.visits)
        .join_from(calls, call_records)
        .where(calls.c.ended_at.is_not(None))
    )


def following(after: str, limit: int) -> Select[Any]:
    """The next so many calls by id that have ended."""
    return _ended().where(calls.c.id > after).order_by(calls.c.id).limit(limit)


async def targets_of(conn: AsyncConnection, ids: Collection[str]) -> dict[str, dict[tuple[str, str], Target]]:
    """The targets each call was counted with; rows from before targets were kept have the usual ones."""
    its = call_visits.c
    found: dict[str, dict[tuple[str, str], Target]] = {}
    every = sorted(ids)
    for begin in range(0, len(every), AT_ONCE):
        some = its.call_id.in_(every[begin : begin + AT_ONCE])
        query = select(its.call_id, its.server, its.queue, its.target, its.short).where(some, its.target.is_not(None))
        for call_id, server, queue, target, short in await conn.execute(query):
            found.setdefault(call_id, {})[server, queue] = Target(within=target, short=short)
    return found
