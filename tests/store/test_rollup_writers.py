"""Several write, correct and count calls of the same rollup rows at the same time: each is counted once."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallId, CallRecord
from cxcall.reports.definition import Narrowing
from cxcall.store import calls
from cxcall.store.calls import CallWrite
from cxcall.store.reporting import due, keeping, reading, rebuild
from cxcall.store.reporting.tables import ROLLUPS, rollup_due
from tests.store.make import REGION
from tests.store.rollup_histories import BERLIN, call, counting, whole
from tests.store.test_rollups import from_calls, kept

WRITERS = 4
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
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


async def test_calls_are_counted_once_however_many_count_and_correct_them(engine: AsyncEngine) -> None:
    records = alike(1 + WRITERS * 6)
    await write(engine, records[:1])
    rest, ending = records[1:], True

    async def end(mine: list[CallRecord]) -> None:
        for record in mine:
            await write(engine, [record])
            await write(engine, [replace(record, called="02188341199")], revision=2)

    async def count() -> None:
        while ending:
            await due.count(engine, BERLIN)

    async with asyncio.timeout(60):
        counters = [asyncio.create_task(count()) for _ in range(2)]
        await asyncio.gather(*(end(rest[n::WRITERS]) for n in range(WRITERS)))
        ending = False
        await asyncio.gather(*counters)
    async with engine.connect() as conn:
        assert await kept(conn) == await from_calls(conn)
        assert await conn.scalar(select(func.count()).select_from(rollup_due)) == 0
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()


@pytest.mark.parametrize("engine", [PG], indirect=True)
async def test_the_end_of_a_call_waits_for_nobody_who_counts_or_rebuilds(engine: AsyncEngine) -> None:
    first, second = alike(2)
    await write(engine, [first])
    await due.count(engine, BERLIN)
    async with engine.begin() as holder:
        await keeping.held(holder, str(BERLIN))
        for table in ROLLUPS:
            await holder.execute(select(table.c.slot).with_for_update())
        async with asyncio.timeout(10):
            await write(engine, [second])
            await write(engine, [replace(first, called="02188341199")], revision=2)
    async with engine.connect() as conn:
        assert await kept(conn) == await from_calls(conn)


@pytest.mark.parametrize("engine", [PG], indirect=True)
async def test_a_call_that_is_corrected_while_it_is_counted_is_counted_as_it_is_in_the_end(engine: AsyncEngine) -> None:
    (record,) = alike(1)
    await write(engine, [record])
    async with asyncio.timeout(30), engine.connect() as looker:
        async with engine.begin() as counting_it:
            await due.count_within(counting_it, BERLIN)
            correction = asyncio.create_task(write(engine, [replace(record, called="02188341199")], revision=2))
            while not await looker.scalar(text(WAITING)):
                await looker.rollback()
                await asyncio.sleep(0.02)
        await correction
    async with engine.connect() as conn:
        found = await kept(conn)
        assert found == await from_calls(conn)
    assert {key[3] for key in found["rollup_calls"]} == {"02188341199"}


@pytest.mark.parametrize("engine", [PG], indirect=True)
async def test_a_correction_under_way_is_counted_when_it_is_written(engine: AsyncEngine) -> None:
    (record,) = alike(1)
    await write(engine, [record])
    corrected = CallWrite(record=replace(record, called="02188341199"), revision=2)
    async with asyncio.timeout(30):
        async with engine.begin() as conn:
            await calls.apply(conn, [corrected], region=REGION, counting=counting())
            assert await due.count(engine, BERLIN) == 0, "nobody waits for who writes"
        assert await due.count(engine, BERLIN) == 1
    async with engine.connect() as conn:
        assert await kept(conn) == await from_calls(conn)


async def test_a_reader_sees_calls_that_have_just_ended_and_goes_on_where_nobody_can_count(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "WAIT_S", 0.3)
    first, second = alike(2)
    await write(engine, [first])

    async def answered(conn: AsyncConnection) -> float:
        found = await reading.tallies(
            conn, span=whole(), by=(), narrowing=Narrowing(), families=frozenset({"calls"}), zone=BERLIN,
            calendar="gregorian",
        )  # fmt: skip
        return found[()]["calls"]

    async with engine.connect() as reader:
        assert await answered(reader) == 1
        await reader.rollback()
        await write(engine, [second])
        async with asyncio.timeout(20):
            async with engine.begin() as holder:
                await keeping.held(holder, str(BERLIN))
                assert await answered(reader) == 1
            assert await answered(reader) == 2
