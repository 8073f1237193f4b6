"""Several writers add to the same rollup rows at the same time: nothing is lost, nobody waits in a circle."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import CallId, CallRecord
from cxcall.store import calls
from cxcall.store.calls import CallWrite
from cxcall.store.reporting import rebuild
from cxcall.store.reporting.tables import (
    ROLLUPS,
    rollup_agents,
    rollup_calls,
    rollup_queues,
    rollup_transfers,
    rollup_waits,
)
from tests.store.make import REGION
from tests.store.rollup_histories import BERLIN, call, counting
from tests.store.test_rollups import from_calls, kept

WRITERS = 4
PG = pytest.param("postgresql", marks=pytest.mark.postgresql)


def alike(number: int) -> list[CallRecord]:
    """Different calls that are booked in the very same rows, all five tables of them."""
    chance = random.Random(2)
    model = next(
        one for one in (call(n, chance) for n in range(500))
        if one.direction == "inbound" and any(transfer.result == "ok" for transfer in one.transfers)
        and any(visit.result == "answered" for visit in one.queue_visits)
    )  # fmt: skip
    return [replace(model, id=CallId(f"{model.server}-{n:05d}.1")) for n in range(number)]


async def write(engine: AsyncEngine, records: list[CallRecord], revision: int = 1) -> None:
    async with engine.begin() as conn:
        writes = [CallWrite(record=one, revision=revision) for one in records]
        await calls.apply(conn, writes, region=REGION, counting=counting())


async def test_writers_at_the_same_rows_lose_nothing(engine: AsyncEngine) -> None:
    records = alike(1 + WRITERS * 6)
    await write(engine, records[:1])  # also makes the caller's profile
    rest = records[1:]

    async def one_of_them(mine: list[CallRecord]) -> None:
        for record in mine:
            await write(engine, [record])
            await write(engine, [replace(record, called="02188341199")], revision=2)

    async with asyncio.timeout(60):
        await asyncio.gather(*(one_of_them(rest[n::WRITERS]) for n in range(WRITERS)))
    async with engine.connect() as conn:
        found = await kept(conn)
        assert found == await from_calls(conn)
    assert all(found[table.name] for table in ROLLUPS[:-1])
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()


@pytest.mark.parametrize("engine", [PG], indirect=True)
async def test_a_writer_that_waits_for_a_row_has_touched_no_later_table(engine: AsyncEngine) -> None:
    first, second = alike(2)
    await write(engine, [first])
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30), engine.connect() as holder, engine.connect() as looker:
        await holder.execute(select(rollup_queues.c.slot).with_for_update())
        writer = asyncio.create_task(write(engine, [second]))
        while not await looker.scalar(waiting):
            await looker.rollback()
            await asyncio.sleep(0.02)
        for table in (rollup_waits, rollup_agents, rollup_calls, rollup_transfers):
            rows = await looker.execute(select(table.c.slot).with_for_update(nowait=True))
            assert rows.all(), table.name
        await looker.rollback()
        await holder.rollback()
        await writer
    async with engine.connect() as conn:
        assert await kept(conn) == await from_calls(conn)
