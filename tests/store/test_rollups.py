"""Rollups say what the calls say: whatever the batches, corrections and merges, and when they are made anew."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallId, QueueVisit
from cxcall.reports.facts import contributions
from cxcall.store import agent_states, calls
from cxcall.store.agent_tables import agent_states as states_table
from cxcall.store.calls import CallWrite
from cxcall.store.reporting import due, keeping, rebuild
from cxcall.store.reporting.tables import (
    ROLLUPS,
    rollup_agents,
    rollup_due,
    rollup_keeping,
    rollup_queues,
    rollup_states,
)
from cxcall.store.reporting.writing import Additions
from cxcall.store.tables import call_aliases, call_legs, call_records, call_visits
from cxcall.store.tables import calls as calls_table
from tests.store.make import REGION
from tests.store.rollup_histories import BEGIN, BERLIN, TEHRAN, call, changes, counting, history

Rows = dict[str, dict[tuple[Any, ...], tuple[int, ...]]]
FAST = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def kept(conn: AsyncConnection) -> Rows:
    """What is read, without rows of nothing."""
    await due.settle(conn, BERLIN)
    found: Rows = {}
    for table in ROLLUPS:
        keys = len(table.primary_key.columns)
        query = select(*table.primary_key.columns, *(c for c in table.c if not c.primary_key)).where(table.c.grain < 10)
        rows = [tuple(row) for row in await conn.execute(query)]
        found[table.name] = {row[:keys]: row[keys:] for row in rows if any(row[keys:])}
    return found


async def from_calls(conn: AsyncConnection) -> Rows:
    """What the records say that are stored in the end."""
    additions = Additions(counting().zone)
    for call_id in (await conn.scalars(select(calls_table.c.id))).all():
        record = await calls.get(conn, call_id)
        assert record is not None
        if record.ended_at is not None:
            additions.add(contributions(record, counting()))
    return {table.name: {key: tuple(row) for key, row in additions.rows(table).items()} for table in ROLLUPS}


async def apply(conn: AsyncConnection, *pieces: list[CallWrite]) -> None:
    for piece in pieces:
        await calls.apply(conn, piece, region=REGION, counting=counting())


async def clear(conn: AsyncConnection) -> None:
    for table in (
        *ROLLUPS,
        rollup_due,
        rollup_keeping,
        call_records,
        call_legs,
        call_visits,
        call_aliases,
        calls_table,
        states_table,
    ):
        await conn.execute(delete(table))


@FAST
@given(
    seed=st.integers(0, 10**6),
    cuts=st.lists(st.integers(1, 30), max_size=5),
    shuffled=st.booleans(),
    counted=st.booleans(),
)
async def test_rollups_are_what_the_calls_contribute_in_the_end(
    engine: AsyncEngine, seed: int, cuts: list[int], shuffled: bool, counted: bool
) -> None:
    writes = history(seed)
    if shuffled:
        random.Random(seed).shuffle(writes)
    edges = [0, *sorted({cut for cut in cuts if cut < len(writes)}), len(writes)]
    pieces = [writes[begin:end] for begin, end in pairwise(edges)]
    async with asyncio.timeout(60), engine.begin() as conn:
        for piece in pieces:
            await apply(conn, piece)
            if counted:  # else corrections come before anything was counted
                await due.settle(conn, BERLIN)
        once, right = await kept(conn), await from_calls(conn)
        await apply(conn, *pieces[::-1], writes)
        twice, still_right = await kept(conn), await from_calls(conn)
        await clear(conn)
    assert once == right
    assert twice == still_right
    assert once["rollup_calls"]


async def test_slots_of_every_size_hold_the_same_sums(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await apply(conn, *(history(seed) for seed in range(3)))
        for change in changes(7):
            await agent_states.write(conn, [change], zone=BERLIN)
        await due.settle(conn, BERLIN)
        for table in ROLLUPS:
            sums = [func.sum(c).label(c.name) for c in table.c if not c.primary_key and c.name != "wait_max"]
            keys = [c for c in table.primary_key.columns if c.name not in ("grain", "slot")]
            by_grain: dict[int, set[tuple[Any, ...]]] = {}
            for row in await conn.execute(select(table.c.grain, *keys, *sums).group_by(table.c.grain, *keys)):
                by_grain.setdefault(row[0], set()).add(tuple(row[1:]))
            assert len(by_grain) >= 2, table.name
            assert len({frozenset(rows) for rows in by_grain.values()}) == 1, table.name


async def test_a_call_that_has_not_ended_adds_nothing(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        open_ones = [write for write in history(3) if write.record.ended_at is None]
        assert open_ones
        await apply(conn, open_ones)
        assert not any((await kept(conn)).values())


@pytest.mark.parametrize("wait", [1e15, 1e300])
async def test_a_call_that_can_not_be_counted_is_written_all_the_same(engine: AsyncEngine, wait: float) -> None:
    chance = random.Random(5)
    whole, odd = call(1, chance), call(2, chance)
    visit = QueueVisit(queue="support", joined_at=odd.started_at, result="answered", wait=wait)
    async with engine.begin() as conn:
        await apply(conn, [CallWrite(record=one, revision=1) for one in (whole, replace(odd, queue_visits=(visit,)))])
    async with engine.connect() as conn:
        assert await conn.scalar(select(func.count()).select_from(calls_table)) == 2
        assert sum(calls for calls, *_ in (await kept(conn))["rollup_calls"].values()) == 3, "one call in three grains"
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()


async def test_a_record_that_can_not_be_read_keeps_no_other_call_from_being_counted(engine: AsyncEngine) -> None:
    chance = random.Random(5)
    whole, odd = call(1, chance), call(2, chance)
    async with engine.begin() as conn:
        await apply(conn, [CallWrite(record=one, revision=1) for one in (whole, odd)])
        await conn.execute(update(call_records).where(call_records.c.call_id == odd.id).values(record='{"of": "2031"}'))
    async with engine.connect() as conn:
        assert sum(calls for calls, *_ in (await kept(conn))["rollup_calls"].values()) == 3, "one call in three grains"
        assert await conn.scalar(select(func.count()).select_from(rollup_due)) == 0
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()


async def test_the_longest_wait_goes_when_the_call_that_had_it_is_corrected(engine: AsyncEngine) -> None:
    chance = random.Random(1)
    base = next(
        one for one in (call(n, chance) for n in range(100))
        if one.direction == "inbound" and len(one.queue_visits) == 1 and one.queue_visits[0].result == "answered"
    )  # fmt: skip

    def waited(n: int, seconds: float) -> CallWrite:
        visit = replace(base.queue_visits[0], wait=seconds)
        return CallWrite(record=replace(base, id=CallId(f"lab-{n}"), server="lab", queue_visits=(visit,)), revision=1)

    async with engine.begin() as conn:
        await apply(conn, [waited(1, 10.0), waited(2, 500.0)])
        await due.settle(conn, BERLIN)
        longest = select(func.max(rollup_queues.c.wait_max)).group_by(rollup_queues.c.grain)
        assert set((await conn.scalars(longest)).all()) == {500_000_000}
        await apply(conn, [replace(waited(2, 20.0), revision=2)])
        await due.settle(conn, BERLIN)
        assert set((await conn.scalars(longest)).all()) == {20_000_000}
        assert await kept(conn) == await from_calls(conn)


async def test_targets_are_those_of_the_day_the_call_was_written(engine: AsyncEngine) -> None:
    writes = history(5, calls=20)
    async with engine.begin() as conn:
        await apply(conn, writes)
        before = await kept(conn)
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()
    async with engine.begin() as conn:  # the same calls under other targets are other figures
        assert {row.target for row in await conn.execute(select(call_visits.c.target))} >= {20, 60}
        await conn.execute(update(call_visits).values(target=0, short=0))
    await rebuild.rebuild(engine, BERLIN)
    async with engine.connect() as conn:
        assert (await kept(conn))["rollup_queues"] != before["rollup_queues"]


@pytest.mark.parametrize("spoilt", ["changed", "missing", "too many"])
async def test_a_check_names_what_differs_and_a_rebuild_mends_it(engine: AsyncEngine, spoilt: str) -> None:
    async with engine.begin() as conn:
        await apply(conn, history(11), history(12))
        for change in changes(3):
            await agent_states.write(conn, [change], zone=BERLIN)
        right = await kept(conn)
        its = rollup_agents.c
        if spoilt == "changed":
            await conn.execute(
                update(rollup_agents).where(its.grain == 2, its.agent == "Sara").values(talk=its.talk + 1)
            )
        elif spoilt == "missing":
            await conn.execute(delete(rollup_agents).where(its.grain == 2, its.agent == "Sara"))
            await conn.execute(delete(rollup_states).where(rollup_states.c.grain == 3))
        else:
            await conn.execute(update(rollup_agents).where(its.agent == "Sara").values(agent="Nobody"))
    checked = await rebuild.rebuild(engine, BERLIN, check=True)
    assert {difference.table for difference in checked.differences} >= {"rollup_agents"}
    assert any("Sara" in difference.key or "Nobody" in difference.key for difference in checked.differences)
    if spoilt == "changed":
        assert all(set(difference.columns) == {"talk"} for difference in checked.differences)
    async with engine.connect() as conn:
        assert await kept(conn) != right, "a check changes nothing"
    rebuilt = await rebuild.rebuild(engine, BERLIN)
    assert rebuilt.calls > 5
    async with engine.connect() as conn:
        assert await kept(conn) == right
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()


@pytest.mark.parametrize("check", [True, False])
async def test_a_rebuild_beside_a_service_that_writes_counts_everything_once(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, check: bool
) -> None:
    monkeypatch.setattr(rebuild, "SLICE", 2)
    early, late = history(21), history(22, calls=12)
    spells = changes(9, 60)
    async with engine.begin() as conn:
        await apply(conn, early)
        for change in spells[:30]:
            await agent_states.write(conn, [change], zone=BERLIN)
    waiting: list[Any] = [*late, *spells[30:]]

    async def write_some() -> None:
        while waiting:
            one = waiting.pop(0)
            async with engine.begin() as conn:
                if isinstance(one, CallWrite):
                    await apply(conn, [one])
                else:
                    await agent_states.write(conn, [one], zone=BERLIN)

    async with asyncio.timeout(60):
        result, _ = await asyncio.gather(rebuild.rebuild(engine, BERLIN, check=check), write_some())
    assert result.differences == ()
    async with engine.connect() as conn:
        assert (await kept(conn)) | {"rollup_states": {}} == await from_calls(conn)
        assert (
            await conn.scalar(select(func.count()).select_from(rollup_states).where(rollup_states.c.grain >= 10)) == 0
        )
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()


async def test_a_rebuild_that_was_left_off_is_gone_on_with_and_a_check_waits_for_it(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "SLICE", 3)
    async with engine.begin() as conn:
        await apply(conn, history(31, calls=12))
        right = await kept(conn)

    class Stopped(Exception):
        pass

    def stop(kind: str, done: int, every: int) -> None:
        if done >= 3:
            raise Stopped

    with pytest.raises(Stopped):
        await rebuild.rebuild(engine, BERLIN, progress=stop)
    async with engine.connect() as conn:
        assert await kept(conn) == right
        assert not await keeping.complete(conn, str(BERLIN))
    with pytest.raises(rebuild.RebuildUnderWay):
        await rebuild.rebuild(engine, BERLIN, check=True)
    told: list[tuple[str, int, int]] = []
    rest = await rebuild.rebuild(engine, BERLIN, progress=lambda *so_far: told.append(so_far))
    assert 0 < rest.calls < 12
    assert told[0][0] == "calls"
    async with engine.connect() as conn:
        assert await kept(conn) == right
        assert await keeping.complete(conn, str(BERLIN))


async def test_calls_from_before_and_another_zone_are_counted_by_a_rebuild(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        assert await keeping.complete(conn, "Europe/Berlin")
        await apply(conn, history(41))
        await due.settle(conn, BERLIN)
        assert await keeping.complete(conn, "Europe/Berlin")
        assert not await keeping.complete(conn, "Asia/Tehran")
        for table in ROLLUPS:  # as a database of the version before
            await conn.execute(delete(table))
        await keeping.change(conn, zone="")
        assert not await keeping.complete(conn, "Europe/Berlin")
    await rebuild.rebuild(engine, TEHRAN)
    async with engine.connect() as conn:
        assert await keeping.complete(conn, "Asia/Tehran")
    assert (await rebuild.rebuild(engine, TEHRAN, check=True)).differences == ()


async def test_states_of_days_that_are_forgotten_are_left_as_they_were_counted(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for change in changes(3):
            await agent_states.write(conn, [change], zone=BERLIN)
        right = await kept(conn)
        assert await agent_states.sweep(conn, before=BEGIN + timedelta(days=2))
    assert (await rebuild.rebuild(engine, BERLIN, check=True)).differences == ()
    await rebuild.rebuild(engine, BERLIN)
    async with engine.connect() as conn:
        assert await kept(conn) == right
        assert await conn.scalar(text("SELECT 1")) == 1
