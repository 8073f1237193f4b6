"""Recency, frequency and value of customers: what a night works out is what one counts by hand from the calls."""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall import housekeeping
from cxcall.customers.rfm import Bounds, Seen, group, scores
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import span_of
from cxcall.settings import Settings, Site
from cxcall.store import calls as call_store
from cxcall.store import rfm
from cxcall.store.calls import CallWrite
from cxcall.store.reporting import callers, fifths, resolution
from cxcall.store.reporting.ask import Ask, CannotSplit
from cxcall.store.rfm_tables import rfm_customers
from cxcall.store.routing_tables import customer_accounts
from cxcall.store.tables import calls, customers
from tests.store.make import MORNING, queue_call, write

BERLIN = ZoneInfo("Europe/Berlin")
NOW = MORNING + timedelta(hours=20)
DAY = 86_400.0


async def made(engine: AsyncEngine, seed: int, people: int = 40) -> None:
    """Calls of some customers over two years, a few of them ours, in both halves of the day."""
    chance = random.Random(seed)
    writes: list[CallWrite] = []
    for person in range(people):
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            at = -(chance.random() ** 3) * 700 * DAY
            direction = chance.choice(("inbound", "inbound", "inbound", "outbound"))
            one = queue_call(len(writes), at=at, number=f"0912{person:07d}", direction=direction)
            writes.append(write(one))
    async with engine.begin() as conn:
        await call_store.apply(conn, writes, region="IR")


async def valued(engine: AsyncEngine, seed: int) -> None:
    """Values of some of them."""
    chance = random.Random(seed)
    async with engine.begin() as conn:
        for one in sorted((await conn.scalars(select(customers.c.id))).all()):
            if chance.random() < 0.6:
                await conn.execute(
                    insert(customer_accounts).values(customer_id=one, value=chance.choice((0, 10, 99.5)))
                )


async def by_hand(engine: AsyncEngine, now: datetime = NOW) -> dict[str, Seen]:
    """From every call that a customer made."""
    today = now.astimezone(BERLIN).date()
    days = defaultdict(list)
    async with engine.connect() as conn:
        query = select(calls.c.customer_id, calls.c.started_at, calls.c.direction).where(
            calls.c.customer_id.is_not(None)
        )
        for row in await conn.execute(query):
            if row.direction != "outbound" and row.started_at <= now:
                days[row.customer_id].append(row.started_at.astimezone(BERLIN).date())
        values = {row.customer_id: row.value for row in await conn.execute(select(customer_accounts))}
    found = {}
    for customer, every in days.items():
        lately = [day for day in every if day > today - timedelta(days=365)]
        found[customer] = Seen(last=max(every), days=len(set(lately)), contacts=len(lately), value=values.get(customer))
    return found


def cuts(amounts: Sequence[float]) -> tuple[float, ...]:
    """What 20, 40, 60 and 80 % are at most."""
    return tuple(sorted(amounts)[math.ceil(len(amounts) * part / 5) - 1] for part in range(1, 5))


@pytest.mark.parametrize("purchases", [False, True])
async def test_a_night_works_out_what_one_counts_by_hand(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, purchases: bool
) -> None:
    monkeypatch.setattr(rfm, "AT_ONCE", 7)
    await made(engine, 1)
    if purchases:
        await valued(engine, 2)
    found = await rfm.work_out(engine, BERLIN, now=NOW, pause_s=0)
    right = await by_hand(engine)
    assert found is not None
    assert (found.on, found.customers, found.by_purchases) == (NOW.astimezone(BERLIN).date(), len(right), purchases)
    assert found.recency == cuts([(found.on - seen.last).days for seen in right.values()])
    assert found.frequency == cuts([seen.days for seen in right.values()])
    assert found.value == cuts([(seen.value or 0) if purchases else seen.contacts for seen in right.values()])
    async with engine.connect() as conn:
        assert await rfm.bounds(conn) == found
        assert {one: await rfm.of_customer(conn, one) for one in right} == right
        assert await rfm.of_customer(conn, "nobody") is None
    assert len({group(scores(seen, found)) for seen in right.values()}) > 3


@pytest.mark.parametrize("purchases", [False, True])
async def test_reports_by_group_count_each_customer_in_the_group_their_scores_make(
    engine: AsyncEngine, purchases: bool
) -> None:
    await made(engine, 3)
    if purchases:
        await valued(engine, 4)
    first = NOW.date() - timedelta(days=200)
    async with engine.connect() as conn:
        assert set(await _told(conn, first)) <= {""}, "before the first night"
    bounds = await rfm.work_out(engine, BERLIN, now=NOW, pause_s=0)
    assert bounds is not None
    right = await by_hand(engine)
    there: dict[str, set[str]] = defaultdict(set)
    async with engine.connect() as conn:
        query = select(calls.c.customer_id, calls.c.started_at, calls.c.direction)
        for row in await conn.execute(query):
            if row.direction != "outbound" and row.started_at.astimezone(BERLIN).date() >= first:
                there[group(scores(right[row.customer_id], bounds))].add(row.customer_id)
        found = await _told(conn, first)
        resolved = await resolution.read(conn, _ask("rfm", first), NOW)
    assert found == {name: len(several) for name, several in there.items()}
    assert {keys[0].value for keys in resolved} <= set(there)
    assert sum(tally["fcr_n"] for tally in resolved.values()) > 0


async def test_the_figure_counts_all_customers_whatever_the_period_and_is_narrowed_to_nothing(
    engine: AsyncEngine,
) -> None:
    await made(engine, 8)
    async with engine.connect() as conn:
        assert await fifths.read(conn, _ask("rfm", NOW.date())) == {}
    bounds = await rfm.work_out(engine, BERLIN, now=NOW, pause_s=0)
    assert bounds is not None
    right = Counter(group(scores(seen, bounds)) for seen in (await by_hand(engine)).values())
    async with engine.connect() as conn:
        found = await fifths.read(conn, _ask("rfm", NOW.date()))
        whole = await fifths.read(conn, replace(_ask("rfm", NOW.date()), by=()))
        for narrowed in (Narrowing(queues=("support",)), Narrowing(weekdays=(1,)), Narrowing(hours=(1,))):
            with pytest.raises(CannotSplit):
                await fifths.read(conn, replace(_ask("rfm", NOW.date()), narrowing=narrowed))
        with pytest.raises(CannotSplit):
            await fifths.read(conn, _ask("queue", NOW.date()))
    assert {keys[0].value: tally["fifths"] for keys, tally in found.items()} == right
    assert whole[()]["fifths"] == bounds.customers == right.total()


async def test_who_is_gone_or_new_is_told_apart_the_next_night(engine: AsyncEngine) -> None:
    await made(engine, 5, people=6)
    await rfm.work_out(engine, BERLIN, now=NOW, pause_s=0)
    async with engine.begin() as conn:
        gone = await conn.scalar(select(func.min(rfm_customers.c.customer_id)))
        await conn.execute(delete(calls).where(calls.c.customer_id == gone))
        await call_store.apply(conn, [write(queue_call(900, at=0, number="09350000001"))], region="IR")
        new = await conn.scalar(select(calls.c.customer_id).where(calls.c.party_number == "+989350000001"))
        assert await rfm.of_customer(conn, new or "") is None
    tomorrow = NOW + timedelta(days=1)
    found = await rfm.work_out(engine, BERLIN, now=tomorrow, pause_s=0)
    right = await by_hand(engine, tomorrow)
    assert found is not None
    assert found.customers == len(right) == 6
    async with engine.connect() as conn:
        assert await rfm.of_customer(conn, gone or "") is None
        assert await rfm.of_customer(conn, new or "") == right[new or ""]


async def test_a_site_without_calls_has_no_bounds(engine: AsyncEngine) -> None:
    assert await rfm.work_out(engine, BERLIN, now=NOW, pause_s=0) is None
    async with engine.connect() as conn:
        assert await rfm.bounds(conn) is None


async def test_a_customer_that_is_removed_takes_what_was_seen_along(engine: AsyncEngine) -> None:
    await made(engine, 6, people=3)
    await rfm.work_out(engine, BERLIN, now=NOW, pause_s=0)
    async with engine.begin() as conn:
        one = await conn.scalar(select(func.min(rfm_customers.c.customer_id)))
        await conn.execute(delete(calls).where(calls.c.customer_id == one))
        await conn.execute(delete(customers).where(customers.c.id == one))
        assert await rfm.of_customer(conn, one or "") is None


async def test_a_service_works_it_out_at_its_first_start_and_then_at_night(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(engine, 7, people=3)
    worked: list[bool] = []
    real, sleep = rfm.work_out, asyncio.sleep

    async def noted(*given: AsyncEngine | ZoneInfo, now: datetime) -> Bounds | None:
        worked.append(True)
        if len(worked) == 1:
            raise OSError("the database is gone")
        return await real(engine, BERLIN, now=now)

    async def short(seconds: float) -> None:
        await sleep(min(seconds, 0.01))

    monkeypatch.setattr(rfm, "work_out", noted)
    monkeypatch.setattr(asyncio, "sleep", short)
    task = asyncio.create_task(housekeeping.score_customers(Settings(site=Site(timezone="Europe/Berlin")), engine))
    async with asyncio.timeout(20):
        found: Bounds | None = None
        while found is None:
            await sleep(0.02)
            async with engine.connect() as conn:
                found = await rfm.bounds(conn)
    await sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(worked) == 2, "once more after the failure, then not before the next night"


def _ask(row: Row, first: date) -> Ask:
    span = span_of(first, NOW.astimezone(BERLIN).date(), BERLIN)
    return Ask(span=span, by=(row,), narrowing=Narrowing(), zone=BERLIN, calendar="gregorian")


async def _told(conn: AsyncConnection, first: date) -> dict[str, float]:
    found = await callers.read(conn, _ask("rfm", first), NOW)
    return {keys[0].value: tally["customers"] for keys, tally in found.items()}
