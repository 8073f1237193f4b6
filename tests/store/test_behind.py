"""The calls behind a figure are as many as the figure says, whichever figure, row and page."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.measures import MEASURES
from cxcall.reports.period import span_of
from cxcall.store import calls
from cxcall.store.paging import Slice
from cxcall.store.reporting import behind, behind_calls, reading
from cxcall.store.reporting.behind import BehindRow
from tests.store.make import REGION
from tests.store.plans import plans_of, reads_all_of, sorts
from tests.store.rollup_histories import BERLIN, counting, history, whole

OPEN = [name for name, one in MEASURES.items() if one.behind is not None and one.families & behind_calls.FAMILIES]


async def fill(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for seed in range(4):
            await calls.apply(conn, history(seed, calls=25), region=REGION, counting=counting())


async def listed(conn: AsyncConnection, measure: str, keys: tuple[Key, ...], narrowing: Narrowing) -> list[BehindRow]:
    rows: list[BehindRow] = []
    after: str | None = None
    for _ in range(200):
        page = await behind.calls_behind(
            conn, measure=measure, span=whole(), narrowing=narrowing, keys=keys, short="out", zone=BERLIN,
            calendar="gregorian", limit=7, after=after,
        )  # fmt: skip
        rows += page.rows
        after = page.next
        if after is None:
            return rows
        assert len(page.rows) == 7
    raise AssertionError("no end")


@pytest.mark.parametrize("by", [None, "queue", "agent", "hour_of_day", "weekday", "day", "did", "outcome"])
async def test_as_many_calls_are_listed_as_were_counted(
    engine: AsyncEngine, by: Row | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "AT_ONCE", 9)
    await fill(engine)
    looked = 0
    async with engine.connect() as conn:
        for measure in ("offered", "abandon_rate", "sl_fair", "handled", "missed_ring", "transfer_rate", "calls"):
            one = MEASURES[measure]
            if by and by not in one.rows:
                continue
            found = await reading.tallies(
                conn, span=whole(), by=(by,) if by else (), narrowing=Narrowing(), families=one.families, zone=BERLIN,
                calendar="gregorian",
            )  # fmt: skip
            for keys in list(found)[:4]:
                count = await behind.count_behind(
                    conn, measure=measure, span=whole(), narrowing=Narrowing(), keys=keys, short="out", zone=BERLIN,
                    calendar="gregorian",
                )  # fmt: skip
                rows = await listed(conn, measure, keys, Narrowing())
                assert len(rows) == count, (measure, keys)
                assert [row.started_at for row in rows] == sorted((row.started_at for row in rows), reverse=True)
                looked += count
    assert looked > 5


@pytest.mark.parametrize("measure", ["offered", "handled", "calls", "abandoned"])
async def test_pages_lead_back_to_those_they_came_from(
    engine: AsyncEngine, measure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "AT_ONCE", 4)
    await fill(engine)
    async with engine.connect() as conn:

        async def page(after: str | None) -> Slice[BehindRow]:
            return await behind.calls_behind(
                conn, measure=measure, span=whole(), narrowing=Narrowing(), keys=(), short="in", zone=BERLIN,
                calendar="gregorian", limit=3, after=after,
            )  # fmt: skip

        there = [await page(None)]
        assert there[0].previous is None
        while (following := there[-1].next) is not None:
            there.append(await page(following))
        assert len(there) > 2
        back = [there[-1]]
        while (before := back[-1].previous) is not None:
            back.append(await page(before))
        assert [one.rows for one in reversed(back)] == [one.rows for one in there]
        assert all(one.next is not None for one in back[1:])


async def test_every_figure_that_opens_lists_what_it_counts(engine: AsyncEngine) -> None:
    await fill(engine)
    assert len(OPEN) > 20
    narrowing = Narrowing(weekdays=(0, 4, 5, 6), servers=("lab",))
    async with engine.connect() as conn:
        seen = 0
        for measure in OPEN:
            count = await behind.count_behind(
                conn, measure=measure, span=whole(), narrowing=narrowing, keys=(), short="out", zone=BERLIN,
                calendar="gregorian",
            )  # fmt: skip
            rows = await listed(conn, measure, (), narrowing)
            assert len(rows) == count, measure
            assert {row.server for row in rows} <= {"lab"}
            seen += count > 0
        assert seen > 12


async def test_a_figure_without_calls_lists_none(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        assert await listed(conn, "login", (), Narrowing()) == []
        assert await listed(conn, "nonsense", (), Narrowing()) == []


@pytest.mark.parametrize(
    ("measure", "keys"),
    [
        ("abandoned", ()),
        ("timed_out", (Key(row="queue", value="queue 1", server="lab"),)),
        ("offered", (Key(row="queue", value="queue 1", server="lab"),)),
        ("offered", ()),
        ("handled", (Key(row="agent", value="Agent 7"),)),
        ("calls", ()),
    ],
)
async def test_a_page_reads_an_index_and_sorts_nothing(
    big_engine: AsyncEngine, measure: str, keys: tuple[Key, ...]
) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        await behind.calls_behind(
            conn, measure=measure, span=span_of(date(2026, 1, 1), date(2027, 12, 31), BERLIN), narrowing=Narrowing(),
            keys=keys, short="out", zone=BERLIN, calendar="gregorian", limit=50,
        )  # fmt: skip
    listing = [plan for plan in plans if "customers" in plan]
    assert listing
    for plan in listing:
        assert not any(reads_all_of(table, plan) for table in ("calls", "call_visits", "call_records")), plan
        assert not sorts(plan), plan
