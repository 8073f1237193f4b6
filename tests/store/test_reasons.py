"""What callers said when they were asked why they call, on both databases."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import calls, reasons, tables
from cxcall.store.calls import CallWrite
from cxcall.store.reason_tables import call_reasons
from cxcall.store.reasons import How, Reason
from tests.store.make import REGION, after, queue_call
from tests.store.plans import plans_of, reads_all_of


def said(n: int, intent: str = "", how: How = "none", **more: Any) -> Reason:
    one = Reason(id=f"token-{n}", at=after(n), call_id=f"lab-{n}", text=f"words {n}", intent=intent, how=how)
    return replace(one, **more)


async def test_what_became_of_it_later_takes_the_place_of_what_was_kept(engine: AsyncEngine) -> None:
    first = said(1, guess="billing", confidence=0.5, queue="main", language="en", ms=420.0)
    later = replace(first, intent="billing", how="confirmed", confidence=1.0)
    async with engine.begin() as conn:
        await reasons.put(conn, first)
        await reasons.put(conn, later)
        assert await reasons.of_call(conn, "lab-1") == later
        assert await reasons.of_call(conn, "lab-2") is None


async def test_of_a_call_the_last_counts_and_it_goes_with_a_call_that_becomes_part_of_another(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        one, other = queue_call(1), queue_call(2, at=5)
        await calls.apply(conn, [CallWrite(record=one, revision=1), CallWrite(record=other, revision=1)], region=REGION)
        await reasons.put(conn, said(1, call_id=one.id))
        await reasons.put(conn, said(2, "sales", "sure", call_id=one.id))
        assert {one.text for one in (await reasons.of_calls(conn, [one.id, other.id])).values()} == {"words 2"}
        assert [await reasons.any_since(conn, after(at)) for at in (1, 2, 3)] == [True, True, False]
        await calls.apply(conn, [CallWrite(record=other, revision=2, merged=(one.id,))], region=REGION)
        found = [await reasons.of_call(conn, id_) for id_ in (one.id, other.id)]
        assert [(each.text, each.call_id) for each in found if each] == [("words 2", other.id)] * 2
        assert await reasons.of_calls(conn, []) == {}


async def test_what_somebody_said_is_forgotten_for_all_their_numbers_and_stays_counted(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        mine, other = queue_call(1), queue_call(2, at=5, number="09120000002")
        await calls.apply(
            conn, [CallWrite(record=mine, revision=1), CallWrite(record=other, revision=1)], region=REGION
        )
        for n, call in enumerate((mine, other)):
            await reasons.put(conn, said(n, "sales", "sure", call_id=call.id, keys="1"))
        number = await conn.scalar(select(tables.calls.c.party_number).where(tables.calls.c.id == mine.id))
        assert number
        assert [await reasons.forget_caller(conn, number) for _ in range(2)] == [1, 0]
        found = await reasons.of_calls(conn, [mine.id, other.id])
        assert [(found[call.id].text, found[call.id].keys) for call in (mine, other)] == [("", ""), ("words 1", "1")]
        assert [use.calls for use in await reasons.uses(conn, since=after(0), until=after(60))] == [2]


async def test_intents_are_counted_by_how_they_were_known(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        heard: list[tuple[str, How]] = [("sales", "sure"), ("sales", "keyed"), ("sales", "sure"), ("", "none")]
        for n, (intent, how) in enumerate(heard):
            await reasons.put(conn, said(n, intent, how))
        await reasons.put(conn, said(90, "sales", "sure"))
        found = await reasons.uses(conn, since=after(0), until=after(60))
        assert [(use.intent, use.calls, dict(use.by_how)) for use in found] == [
            ("sales", 3, {"sure": 2, "keyed": 1}), ("", 1, {"none": 1})
        ]  # fmt: skip
        assert [one.text for one in await reasons.not_understood(conn, since=after(0))] == ["words 3"]


async def test_lists_and_counts_read_indexes(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        many = [asdict(said(n, "sales" if n % 2 else "", "sure")) for n in range(4_000)]
        await conn.execute(insert(call_reasons), many)
        await conn.exec_driver_sql("ANALYZE")
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        await reasons.of_calls(conn, ["lab-7", "lab-8"])
        await reasons.uses(conn, since=after(1), until=after(1) + timedelta(seconds=2))
        await reasons.not_understood(conn, since=after(3_900), limit=3)
    assert not [plan for plan in plans if reads_all_of("call_reasons", plan)], plans
    assert "ix_call_reasons" in plans[2], "the newest are read from the end of an index"
