"""Who came back: first-contact resolution, repeat callers and segments, counted by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.customers.segments import segment
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import Span, span_of
from cxcall.reports.tally import Tally
from cxcall.store import calls as call_store
from cxcall.store import speech_seed
from cxcall.store.engine import open_engine
from cxcall.store.reporting import callers, resolution
from cxcall.store.reporting.ask import Ask
from cxcall.store.speech_seed import PastTalk
from cxcall.store.tables import calls
from cxcall.store.turns import NewTurn
from tests.store.make import MORNING, after, queue_call, write
from tests.store.plans import plans_of, reads_all_of
from tests.store.speech_make import hit, talk, turn

DAYS = 86_400.0
LATER = MORNING + timedelta(days=60)
SPAN = span_of(MORNING.date(), MORNING.date() + timedelta(days=30), UTC)
MARYAM, REZA = "09123456789", "09351112233"


async def called(conn: AsyncConnection, times: Iterable[tuple[int, float, str]], **other: Any) -> None:
    """Calls by number of the call, day and number."""
    writes = [write(queue_call(n, at=day * DAYS, number=number, **other)) for n, day, number in times]
    await call_store.apply(conn, writes, region="IR")


def ask(*by: Row, span: Span = SPAN, **only: Any) -> Ask:
    return Ask(span=span, by=by, narrowing=Narrowing(**only), zone=UTC, calendar="gregorian")


async def read(conn: AsyncConnection, *by: Row, now: datetime = LATER, **only: Any) -> dict[str, dict[str, float]]:
    found = await resolution.read(conn, ask(*by, **only), now)
    for keys, tally in (await callers.read(conn, ask(*by, **only), now)).items():
        found.setdefault(keys, Tally()).add(tally)
    return {" ".join(key.value for key in keys): tally.sums for keys, tally in found.items()}


def resolved(sums: dict[str, float]) -> tuple[float, float, float]:
    return sums["fcr_n"], sums["fcr_resolved"], sums["fcr_open"]


async def test_a_call_is_resolved_when_the_customer_does_not_come_back_within_seven_days(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await called(conn, [(1, 0, MARYAM), (2, 7, MARYAM), (3, 14.01, MARYAM), (4, 1, REZA)])
        whole = (await read(conn))[""]
        assert resolved(whole) == (4, 3, 0)  # the first one came back on the seventh day to the second
        assert (whole["customers"], whole["repeat_customers"]) == (2, 1)


async def test_another_number_of_the_same_customer_is_the_same_customer(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await called(conn, [(1, 0, MARYAM), (2, 1, REZA)])
        assert resolved((await read(conn))[""]) == (2, 2, 0)
        ids = list((await conn.execute(calls.select().order_by(calls.c.started_at))).mappings())
        await conn.execute(calls.update().values(customer_id=ids[0]["customer_id"]))
        whole = (await read(conn))[""]
        assert resolved(whole) == (2, 1, 0)
        assert (whole["customers"], whole["repeat_customers"]) == (1, 1)


async def test_calls_of_ours_are_no_contacts_and_unanswered_ones_resolve_nothing(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await called(conn, [(1, 0, MARYAM)])
        await called(conn, [(2, 1, MARYAM)], direction="outbound")
        assert resolved((await read(conn))[""]) == (1, 1, 0)
        await called(conn, [(3, 2, MARYAM)], outcome="abandoned")
        whole = (await read(conn))[""]
        assert resolved(whole) == (1, 0, 0)
        assert whole["repeat_customers"] == 1


async def test_calls_whose_seven_days_are_not_over_are_counted_as_open(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await called(conn, [(1, 0, MARYAM), (2, 10, REZA)])
        assert resolved((await read(conn, now=after(12 * DAYS)))[""]) == (2, 2, 1)


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [("refund", "refund", 1), ("refund", "delivery", 2), ("refund", "", 1), ("", "delivery", 1)],
)
async def test_what_calls_were_about_tells_whether_the_second_is_about_the_first(
    engine: AsyncEngine, first: str, second: str, counts: int
) -> None:
    async with engine.begin() as conn:
        await called(conn, [(1, 0, MARYAM), (2, 1, MARYAM)])
        said = [NewTurn(turn=turn(1, "hello"))]
        ids = list(await conn.scalars(calls.select().with_only_columns(calls.c.id).order_by(calls.c.started_at)))
        await speech_seed.write(
            conn,
            [
                PastTalk(
                    new=talk(n, state="done", subject=call, call_id=call), turns=said,
                    hits=[hit(topic, 1, "hello")] if topic else [],
                )
                for n, (call, topic) in enumerate(zip(ids, (first, second), strict=True))
            ],
        )  # fmt: skip
        assert resolved((await read(conn))[""]) == (2, counts, 0)


async def test_a_customer_counts_once_in_a_week_and_once_in_each_queue(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await called(conn, [(1, 0, MARYAM), (2, 1, MARYAM), (3, 20, MARYAM), (4, 2, REZA)])
        days, weeks = await read(conn, "day"), await read(conn, "week")
        assert [row["repeat_customers"] for row in days.values()] == [0, 0, 0, 0]
        assert sum(row["customers"] for row in days.values()) == 4
        assert sum(row["customers"] for row in weeks.values()) == 3
        assert sum(row["repeat_customers"] for row in weeks.values()) == 1
        assert (await read(conn, "queue"))["support"]["customers"] == 2
        assert (await read(conn, "agent"))["Sara"]["repeat_customers"] == 1
        assert await read(conn, queues=("none",)) == {}


async def test_segments_are_told_as_of_the_last_day(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await called(conn, [(n, n, MARYAM) for n in range(0, 14, 2)] + [(90, 25, REZA)])
        rows = await read(conn, "segment")
        assert {name: row["customers"] for name, row in rows.items()} == {"loyal": 1, "new": 1}
        assert rows["loyal"]["repeat_customers"] == 1


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.lists(st.tuples(st.sampled_from((MARYAM, REZA)), st.integers(0, 24 * 28)), max_size=12, unique=True))
async def test_resolution_of_any_history_is_what_one_counts_by_hand(
    engine: AsyncEngine, times: list[tuple[str, int]]
) -> None:
    async with engine.connect() as conn, conn.begin() as transaction:
        await called(conn, [(n, hour / 24, number) for n, (number, hour) in enumerate(times)])
        again = sum(any(n == number and hour < h <= hour + 168 for n, h in times) for number, hour in times)
        rows = await read(conn)
        several = [sum(n == number for n, _ in times) for number in {number for number, _ in times}]
        assert [resolved(row) for row in rows.values()] == ([(len(times), len(times) - again, 0)] if times else [])
        assert [row["repeat_customers"] for row in rows.values()] == ([sum(n > 1 for n in several)] if times else [])
        await transaction.rollback()


async def test_contacts_of_a_day_are_found_by_indexes(big: str) -> None:
    engine, plans = open_engine(big), list[str]()
    async with engine.connect() as conn:
        newest = await conn.scalar(calls.select().with_only_columns(func.max(calls.c.started_at)))
    assert newest is not None
    async with plans_of(engine, plans) as conn:
        for each in (callers, resolution):
            await each.read(conn, ask("queue", span=span_of(newest.date(), newest.date(), UTC)))
    await engine.dispose()
    assert len(plans) == 4
    assert not [plan for plan in plans if reads_all_of("calls", plan)], plans


@pytest.mark.parametrize("days", [3, 30, 90, 200])
async def test_segments_of_any_period_are_what_the_pure_rule_says(engine: AsyncEngine, days: int) -> None:
    chance = random.Random(days)
    numbers = [f"0912000{n:04}" for n in range(40)]
    busy = {number: chance.choice((0.5, 2, 6, 20)) for number in numbers}
    times = [(number, chance.random() * 500) for number in numbers for _ in range(int(busy[number] * 2))]
    last = MORNING.date() + timedelta(days=480)
    span = span_of(last - timedelta(days=days - 1), last, UTC)
    async with engine.begin() as conn:
        await called(conn, [(n, day, number) for n, (number, day) in enumerate(times)])
        found = await callers.read(conn, ask("segment", span=span), after(500 * DAYS))
    expected: Counter[str] = Counter()
    for number in numbers:
        mine = sorted(after(day * DAYS).date() for each, day in times if each == number)
        if any(span.first <= day <= span.last for day in mine):
            expected[segment(mine, first=mine[0], today=span.last)] += 1
    assert {keys[0].value: tally.sums["customers"] for keys, tally in found.items()} == expected
    assert expected
