"""Calls that have ended and are not in the rollups yet: noted when they end, counted before anybody reads.

The transaction that ends a call, corrects or merges it notes so, in one short row that waits for nobody. Once a second,
and before every reading of rollups, what is noted is counted and the note taken away in the same transaction: so a
figure always tells of every call that has ended, and a call's end pays next to nothing for it.

A note has what the call had added when it was counted last: that is taken away, and what the call says by then added.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

import msgspec
import structlog
from sqlalchemy import Insert, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.reports.facts import Contributions
from cxcall.store.bulk import BulkWrite, Row, rows_of
from cxcall.store.reporting import keeping, longest, records
from cxcall.store.reporting.tables import rollup_due
from cxcall.store.reporting.writing import BOTH, LIVE, Additions
from cxcall.store.upsert import insert_into

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""Calls that are counted in a transaction."""
WAIT_S = 5.0
"""Seconds a reader waits for them. Where nobody can write for so long, calls can't end either."""

_ANY = "SELECT 1 FROM rollup_due LIMIT 1"
_its = rollup_due.c
_counted_before = msgspec.msgpack.Decoder(Contributions)


def noted(*, before: Mapping[str, Contributions], now: Iterable[CallRecord]) -> list[Row]:
    """Notes of calls as they are written `now`, and of what calls had added `before`, in the order of their ids."""
    notes: dict[str, bytes | None] = {record.id: None for record in now if record.ended_at is not None}
    notes |= {call_id: msgspec.msgpack.encode(found) for call_id, found in before.items()}
    return [{"call_id": call_id, "before": notes[call_id]} for call_id in sorted(notes)]


def _insert(conn: AsyncConnection) -> Insert:
    """A note that is there stays: what it says is still to be taken away. It is held against being counted now."""
    insert = insert_into(conn, rollup_due)
    return insert.on_conflict_do_update(index_elements=["call_id"], set_={"call_id": insert.excluded.call_id})


write_notes = BulkWrite(_insert)
"""Writes what `noted` made."""


async def settle(conn: AsyncConnection, zone: tzinfo) -> None:
    """Have all that is noted counted before `conn` reads figures; by whom writes itself, in the same transaction.

    A reader goes on after WAIT_S with the figures there are.
    """
    if not await rows_of(conn, _ANY):
        return
    sync = conn.sync_connection
    if sync is not None and sync.get_execution_options().get("cxcall_writes"):
        await count_within(conn, zone)
        return
    try:
        async with asyncio.timeout(WAIT_S):
            await _count_all(conn.engine, zone)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("calls that have just ended can't be counted now", error=str(error))
    if conn.dialect.name == "sqlite":
        await conn.rollback()  # a reader sees what was there when it began to read


async def count(engine: AsyncEngine, zone: tzinfo) -> int:
    """Count what is noted, some at a time; how many calls there were."""
    async with engine.connect() as conn:
        if not await rows_of(conn, _ANY):
            return 0
    return await _count_all(engine, zone)


async def count_within(conn: AsyncConnection, zone: tzinfo) -> None:
    """The same in a transaction of one's own."""
    while await _count(conn, zone) == AT_ONCE:
        pass


async def had_added(conn: AsyncConnection, after: str, until: str) -> dict[str, Contributions | None]:
    """What noted calls are counted with for now, None: not at all; by id, of ids after `after` up to `until`."""
    rows = await conn.execute(select(_its.call_id, _its.before).where(_its.call_id > after, _its.call_id <= until))
    return {call_id: None if before is None else _counted_before.decode(before) for call_id, before in rows}


async def _count_all(engine: AsyncEngine, zone: tzinfo) -> int:
    done, some = 0, AT_ONCE
    while some == AT_ONCE:
        async with engine.begin() as conn:
            some = await _count(conn, zone)
        done += some
    return done


async def _count(conn: AsyncConnection, zone: tzinfo) -> int:
    """Count the first of them; how many. One counts at a time; who is being written just now is left for later."""
    kept = await keeping.held(conn, str(zone))
    query = select(_its.call_id, _its.before).order_by(_its.call_id).limit(AT_ONCE)
    rows: list[Any] = list(await conn.execute(query.with_for_update(skip_locked=True)))
    ids = [row.call_id for row in rows]
    before = {row.call_id: _counted_before.decode(row.before) for row in rows if row.before is not None}
    now = await records.contributed(conn, ids, zone)
    additions = Additions(zone)
    for times, some in ((-1, before), (1, now)):
        for call_id, found in some.items():
            rebuilt = kept.calls_done is not None and call_id <= kept.calls_done
            additions.add(found, times=times, to=BOTH if rebuilt else LIVE)
    await additions.write(conn)
    if before:
        await longest.correct(conn, before, now, zone, BOTH if kept.under_way else LIVE)
    for begin in range(0, len(ids), records.AT_ONCE):
        await conn.execute(delete(rollup_due).where(_its.call_id.in_(ids[begin : begin + records.AT_ONCE])))
    return len(ids)
