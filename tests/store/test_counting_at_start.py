"""A service counts by itself what is not counted yet, beside calls that end, and tries again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall import housekeeping
from cxcall.settings import Settings, Site
from cxcall.store import calls
from cxcall.store.reporting import due, keeping, rebuild
from cxcall.store.reporting.tables import ROLLUPS, rollup_calls, rollup_due
from tests.store.make import REGION
from tests.store.rollup_histories import BERLIN, TEHRAN, counting, history

SETTINGS = Settings(site=Site(timezone="Asia/Tehran"))


Part = Callable[[Settings, AsyncEngine], Coroutine[Any, Any, None]]


@asynccontextmanager
async def counting_service(engine: AsyncEngine, part: Part = housekeeping.count_what_is_not) -> AsyncIterator[None]:
    """The part of the service that counts."""
    task = asyncio.create_task(part(SETTINGS, engine))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_complete(engine: AsyncEngine) -> None:
    async with asyncio.timeout(60):
        while True:
            async with engine.connect() as conn:
                if await keeping.complete(conn, str(TEHRAN)):
                    return
            await asyncio.sleep(0.02)


async def is_right(engine: AsyncEngine) -> bool:
    return (await rebuild.rebuild(engine, TEHRAN, check=True)).differences == ()


async def test_calls_of_a_version_without_rollups_are_counted(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, history(5), region=REGION, counting=counting(TEHRAN))
        await due.settle(conn, TEHRAN)
        for table in ROLLUPS:
            await conn.execute(delete(table))
        await keeping.change(conn, zone="")
        assert not await keeping.complete(conn, str(TEHRAN))
    async with counting_service(engine):
        await until_complete(engine)
    assert await is_right(engine)


async def test_another_zone_of_the_site_is_counted_while_calls_go_on_ending(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "SLICE", 40)  # gently: 2 calls a transaction
    async with engine.begin() as conn:
        await calls.apply(conn, history(6), region=REGION, counting=counting(BERLIN))
        await due.settle(conn, BERLIN)
    async with counting_service(engine):
        for write in history(7, calls=12):
            async with engine.begin() as conn:
                await calls.apply(conn, [write], region=REGION, counting=counting(TEHRAN))
            await asyncio.sleep(0)
        await until_complete(engine)
    assert await is_right(engine)


async def test_what_a_killed_rebuild_left_is_gone_on_with_at_the_next_start(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, history(8), region=REGION, counting=counting(BERLIN))
        await due.settle(conn, BERLIN)
    async with engine.begin() as conn:
        await rebuild._begin(conn, TEHRAN, check=False)
    async with engine.begin() as conn:
        counted_before = await rebuild._slice_of_calls(conn, TEHRAN, 5)
        assert counted_before == 5
        assert not await keeping.complete(conn, str(TEHRAN))
    real, told = rebuild.rebuild, list[int]()

    async def noted(*given: Any, **more: Any) -> rebuild.Rebuilt:
        done = await real(*given, **more)
        told.append(done.calls)
        return done

    monkeypatch.setattr(rebuild, "rebuild", noted)
    async with counting_service(engine), asyncio.timeout(60):
        while not told:
            await asyncio.sleep(0.02)
    monkeypatch.setattr(rebuild, "rebuild", real)
    every = await real(engine, TEHRAN)
    assert told == [every.calls - counted_before]
    assert await is_right(engine)


async def test_a_database_that_is_gone_for_a_while_is_tried_again(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, history(9, calls=5), region=REGION, counting=counting(BERLIN))
        await due.settle(conn, BERLIN)
    real, tries = rebuild.rebuild, list[bool]()
    sleep = asyncio.sleep

    async def failing(*given: Any, **more: Any) -> rebuild.Rebuilt:
        tries.append(True)
        if len(tries) < 3:
            raise OSError("the database is gone")
        return await real(*given, **more)

    async def short(seconds: float) -> None:
        await sleep(min(seconds, 0.01))

    monkeypatch.setattr(rebuild, "rebuild", failing)
    monkeypatch.setattr(asyncio, "sleep", short)
    async with counting_service(engine):
        await until_complete(engine)
    assert len(tries) == 3
    assert (await real(engine, TEHRAN, check=True)).differences == ()


async def test_what_is_counted_is_left_alone(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, history(10, calls=5), region=REGION, counting=counting(TEHRAN))
        await due.settle(conn, TEHRAN)

    rebuilt: list[bool] = []

    async def noted(*_: object, **__: object) -> rebuild.Rebuilt:
        rebuilt.append(True)
        return rebuild.Rebuilt(calls=0)

    monkeypatch.setattr(rebuild, "rebuild", noted)
    async with counting_service(engine):
        await asyncio.sleep(0.2)
    assert rebuilt == []
    async with engine.connect() as conn:
        assert await keeping.complete(conn, str(TEHRAN))


async def test_calls_that_have_ended_are_counted_before_anybody_asks_also_after_a_failure(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, sleep, tries = due.count, asyncio.sleep, list[bool]()

    async def failing(*given: Any) -> int:
        tries.append(True)
        if len(tries) == 1:
            raise OSError("the database is gone")
        return await real(*given)

    async def short(seconds: float) -> None:
        await sleep(min(seconds, 0.01))

    monkeypatch.setattr(due, "count", failing)
    monkeypatch.setattr(asyncio, "sleep", short)
    async with counting_service(engine, housekeeping.count_ended), asyncio.timeout(30):
        for seed in (11, 12):
            async with engine.begin() as conn:
                await calls.apply(conn, history(seed, calls=5), region=REGION, counting=counting(TEHRAN))
            left = 1
            while left:
                await sleep(0.02)
                async with engine.connect() as conn:
                    left = await conn.scalar(select(func.count()).select_from(rollup_due)) or 0
    async with engine.connect() as conn:
        assert await conn.scalar(select(func.sum(rollup_calls.c.calls)).where(rollup_calls.c.grain == 0))
    assert await is_right(engine)
