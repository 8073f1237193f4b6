"""Customers who called again: as many as the figure says, with the calls counted, on pages that lead back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.definition import Narrowing
from cxcall.reports.period import span_of
from cxcall.store import calls as call_store
from cxcall.store import speech_seed
from cxcall.store.paging import BadCursor
from cxcall.store.reporting import callers, repeaters, resolution
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.repeaters import Asked, Repeater
from cxcall.store.speech_seed import PastTalk
from cxcall.store.tables import calls
from cxcall.store.turns import NewTurn
from tests.store.make import MORNING, queue_call, write
from tests.store.plans import plans_of, reads_all_of
from tests.store.speech_make import hit, talk, turn

DAYS = 86_400.0
SPAN = span_of(MORNING.date(), MORNING.date() + timedelta(days=30), UTC)
LATER = MORNING + timedelta(days=60)
MARYAM, REZA, NEDA = "09123456789", "09351112233", "09351112244"
ALL = Asked(span=SPAN, zone=UTC)


async def called(conn: AsyncConnection, times: Iterable[tuple[int, float, str]], **other: Any) -> None:
    """Calls by number of the call, day and number."""
    writes = [write(queue_call(n, at=day * DAYS, number=number, **other)) for n, day, number in times]
    await call_store.apply(conn, writes, region="IR")


async def month(conn: AsyncConnection) -> None:
    """Maryam thrice, Reza twice, ten others twice and Neda once; calls of ours count nowhere."""
    await called(conn, [(1, 0, MARYAM), (2, 1, MARYAM), (3, 20, MARYAM), (4, 2, REZA), (5, 3, REZA), (6, 4, NEDA)])
    await called(conn, [(7, 5, NEDA)], direction="outbound")
    await called(conn, [(100 + n, n % 9, f"0912000{n % 10:04}") for n in range(20)])


async def everybody(conn: AsyncConnection, asked: Asked, limit: int = 5) -> list[Repeater]:
    found = await repeaters.page(conn, asked, limit=limit)
    rows = found.rows
    while found.next:
        found = await repeaters.page(conn, asked, limit=limit, after=found.next)
        rows = rows + found.rows
    return rows


async def figure(conn: AsyncConnection, narrowing: Narrowing, name: str) -> float:
    ask = Ask(span=SPAN, by=(), narrowing=narrowing, zone=UTC, calendar="gregorian")
    family = resolution if name.startswith("fcr") else callers
    tally = (await family.read(conn, ask, LATER)).get(())
    return tally[name] if tally else 0


@pytest.mark.parametrize(
    "narrowing",
    [Narrowing(), Narrowing(queues=("support",)), Narrowing(queues=("sales",)), Narrowing(weekdays=(5, 6)),
     Narrowing(hours=(6,)), Narrowing(hours=(7,)), Narrowing(agents=("Sara",), servers=("lab",))],
)  # fmt: skip
async def test_as_many_customers_are_listed_as_the_figure_counts(engine: AsyncEngine, narrowing: Narrowing) -> None:
    asked = Asked(span=SPAN, zone=UTC, narrowing=narrowing)
    async with engine.begin() as conn:
        await month(conn)
        rows = await everybody(conn, asked)
        assert len(rows) == await figure(conn, narrowing, "repeat_customers")
        assert len({row.customer_id for row in rows}) == len(rows)
        for row in rows:
            several = (await repeaters.calls_of(conn, asked, customer_id=row.customer_id)).rows
            assert len(several) == row.contacts == await repeaters.count_of(conn, asked, customer_id=row.customer_id)
            assert (several[0].call_id, several[0].agent) == (row.last_call, row.last_agent)


async def test_who_called_most_stands_first_with_the_last_contact_and_topics(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await month(conn)
        ids = list(await conn.scalars(calls.select().with_only_columns(calls.c.id).order_by(calls.c.started_at)))
        mine = [id_ for id_ in ids if id_.endswith((".1", ".2", ".3"))][:3]
        said = [NewTurn(turn=turn(1, "hello"))]
        await speech_seed.write(
            conn,
            [
                PastTalk(
                    new=talk(n, state="done", subject=call, call_id=call), turns=said, hits=[hit(topic, 1, "hello")]
                )
                for n, (call, topic) in enumerate(zip(mine, ("refund", "delivery", "delivery"), strict=True))
            ],
        )
        first = (await repeaters.page(conn, ALL, limit=1)).rows[0]
        assert (first.contacts, first.answered, first.topics) == (3, 3, ("delivery", "refund"))
        assert first.last_at - first.first_at == timedelta(days=20)
        assert (first.last_queue, first.last_agent) == ("support", "Sara")


async def test_calls_that_solved_nothing_are_those_that_the_figure_lacks(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await month(conn)
        rows = (await repeaters.calls_of(conn, ALL, unsolved=True)).rows
        lacks = await figure(conn, Narrowing(), "fcr_n") - await figure(conn, Narrowing(), "fcr_resolved")
        assert len(rows) == lacks == await repeaters.count_of(conn, ALL, unsolved=True) > 0
        assert all(row.again for row in rows)


async def test_pages_lead_back_and_words_that_are_no_place_are_refused(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await month(conn)
        first = await repeaters.page(conn, ALL, limit=5)
        second = await repeaters.page(conn, ALL, limit=5, after=first.next)
        assert second.previous
        assert (await repeaters.page(conn, ALL, limit=5, after=second.previous)).rows == first.rows
        newest = await repeaters.calls_of(conn, ALL, limit=5)
        older = await repeaters.calls_of(conn, ALL, limit=5, after=newest.next)
        assert (await repeaters.calls_of(conn, ALL, limit=5, after=older.previous)).rows == newest.rows
        for word in ("x", "bgBzb29uAHg"):
            with pytest.raises(BadCursor):
                await repeaters.page(conn, ALL, after=word)
            with pytest.raises(BadCursor):
                await repeaters.calls_of(conn, ALL, after=word)


async def test_contacts_of_a_period_are_found_along_an_index(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await month(conn)
    if engine.dialect.name != "sqlite":  # PostgreSQL rather reads a small table whole
        return
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        await repeaters.page(conn, ALL)
        await repeaters.calls_of(conn, ALL, unsolved=True)
    assert len(plans) > 3
    assert not any(reads_all_of(table, plan) for plan in plans for table in ("calls", "transcripts", "category_calls"))
