"""From where to where callers were passed on: as many calls behind each way as it says, on pages that lead back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.definition import Narrowing
from cxcall.store import calls
from cxcall.store.paging import BadCursor
from cxcall.store.reporting import passed_on, reading
from cxcall.store.reporting.passed_on import Asked, From, PassedRow
from tests.store.make import REGION
from tests.store.plans import plans_of, reads_all_of, sorts
from tests.store.rollup_histories import BERLIN, counting, history, whole


async def fill(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, history(1, calls=400), region=REGION, counting=counting())


async def listed(conn: AsyncConnection, asked: Asked, limit: int = 3) -> list[PassedRow]:
    rows: list[PassedRow] = []
    after: str | None = None
    for _ in range(200):
        page = await passed_on.calls_of(conn, asked, BERLIN, limit=limit, after=after)
        rows += page.rows
        after = page.next
        if after is None:
            return rows
    raise AssertionError("no end")


@pytest.mark.parametrize("by", ["queue", "agent"])
async def test_every_way_opens_as_many_as_it_says_and_all_ways_are_the_measure(
    engine: AsyncEngine, by: From, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passed_on, "AT_ONCE", 7)
    await fill(engine)
    asked = Asked(span=whole(), by=by)
    async with engine.connect() as conn:
        ways = await passed_on.ways(conn, asked, BERLIN)
        assert len(ways) > 3
        for way in ways:
            rows = await listed(conn, replace(asked, from_=way.from_, to=way.to))
            assert sum(row.times for row in rows) == way.n, way
        families = frozenset({"transfers"})
        told = await reading.tallies(
            conn, span=whole(), by=(), narrowing=Narrowing(), families=families, zone=BERLIN, calendar="gregorian"
        )
        assert sum(way.n for way in ways) == told[()]["transfers"]
        assert sum(row.times for row in await listed(conn, asked)) == told[()]["transfers"]


async def test_ways_are_narrowed_to_queues_agents_and_kinds(engine: AsyncEngine) -> None:
    await fill(engine)
    async with engine.connect() as conn:
        everything = await passed_on.ways(conn, Asked(span=whole()), BERLIN)
        some = Asked(span=whole(), queues=("support",), agents=("Sara",), kinds=("blind", "park"))
        ways = await passed_on.ways(conn, some, BERLIN)
        assert 0 < sum(way.n for way in ways) < sum(way.n for way in everything)
        rows = await listed(conn, some)
        assert {(row.queue, row.agent) for row in rows} == {("support", "Sara")}
        assert {row.kind for row in rows} <= {"blind", "park"}
        assert sum(row.times for row in rows) == sum(way.n for way in ways)
        assert await passed_on.ways(conn, replace(some, queues=("nowhere",)), BERLIN) == []


async def test_pages_lead_back_to_those_they_came_from(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passed_on, "AT_ONCE", 4)
    await fill(engine)
    asked = Asked(span=whole())
    async with engine.connect() as conn:
        there = [await passed_on.calls_of(conn, asked, BERLIN, limit=4)]
        while (following := there[-1].next) is not None:
            there.append(await passed_on.calls_of(conn, asked, BERLIN, limit=4, after=following))
        assert len(there) > 2
        back = [there[-1]]
        while (before := back[-1].previous) is not None:
            back.append(await passed_on.calls_of(conn, asked, BERLIN, limit=4, after=before))
        assert [one.rows for one in reversed(back)] == [one.rows for one in there]
        for word in ("x", "bm93aGVyZQ"):
            with pytest.raises(BadCursor):
                await passed_on.calls_of(conn, asked, BERLIN, after=word)


async def test_calls_are_found_along_an_index(engine: AsyncEngine) -> None:
    await fill(engine)
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        await passed_on.calls_of(conn, Asked(span=whole(), from_="support"), BERLIN)
    assert plans
    if engine.dialect.name == "sqlite":  # PostgreSQL rather reads a small table whole
        assert not any(reads_all_of("calls", plan) or sorts(plan) for plan in plans)
