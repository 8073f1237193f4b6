"""Callers who hung up while waiting: who was reached again, by whom and when; the same number as the report's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.reports.definition import Narrowing
from cxcall.reports.measures import MEASURES
from cxcall.reports.period import span_of
from cxcall.store import calls as call_store
from cxcall.store.paging import BadCursor
from cxcall.store.reporting import reading, recalls
from cxcall.store.reporting.recalls import Lost, LostCounts
from tests.store.make import MORNING, after, queue_call, write
from tests.store.plans import plans_of, reads_all_of

HOUR = 3600.0
SPAN = span_of(MORNING.date(), MORNING.date() + timedelta(days=1), UTC)
ALL = Lost(span=SPAN)


def gave_up(n: int, number: str, *, at: float, wait: float = 40.0) -> CallRecord:
    """A caller who hung up after so long in the queue support."""
    call = queue_call(n, at=at, number=number)
    visit = replace(
        call.queue_visits[0], result="abandoned", agent=None, interface=None, wait=wait, talk=0.0, ring=0.0,
        left_at=after(at + wait),
    )  # fmt: skip
    return replace(
        call, answered_at=None, ended_at=after(at + wait), outcome="abandoned", talks=(), queue_visits=(visit,)
    )


async def stored(conn: AsyncConnection, *records: CallRecord) -> None:
    await call_store.apply(conn, [write(record) for record in records], region="IR")


async def a_day(conn: AsyncConnection) -> None:
    """Five gave up: called back, called again, called again too late, not at all, and one after two seconds."""
    back: dict[str, Any] = {"direction": "outbound", "queue_visits": ()}
    called_back = queue_call(11, at=2 * HOUR, number="1001", **back)
    legs = tuple(replace(leg, number="09120000001") if leg.role != "caller" else leg for leg in called_back.legs)
    called_back = replace(called_back, legs=legs, called="09120000001")
    await stored(
        conn,
        gave_up(1, "09120000001", at=0),
        gave_up(2, "09120000002", at=HOUR),
        gave_up(3, "09120000003", at=HOUR + 60),
        gave_up(4, "09120000004", at=2 * HOUR),
        gave_up(5, "09120000005", at=3 * HOUR, wait=2.0),
        called_back,
        gave_up(12, "09120000002", at=1.5 * HOUR, wait=3.0),
        queue_call(13, at=4 * HOUR, number="09120000002"),
        queue_call(14, at=8 * 24 * HOUR, number="09120000003"),
    )


async def test_each_of_the_abandoned_is_called_back_called_again_or_open(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await a_day(conn)
        assert await recalls.counts(conn, ALL) == LostCounts(lost=4, back=1, again=1)
        assert await recalls.counts(conn, replace(ALL, short="in")) == LostCounts(lost=6, back=1, again=2)
        rows = {row.number: row for row in (await recalls.page(conn, ALL)).rows}
        assert {number[-1]: row.reached for number, row in rows.items()} == {
            "1": "back",
            "2": "again",
            "3": "",
            "4": "",
        }
        again = rows["+989120000002"]
        assert (again.after, again.reached_agent) == (timedelta(hours=3), "Sara")
        assert rows["+989120000001"].after == timedelta(hours=2)
        assert rows["+989120000003"].after is None


@pytest.mark.parametrize("short", ["out", "in"])
async def test_there_are_as_many_as_the_report_counts(engine: AsyncEngine, short: Any) -> None:
    async with engine.begin() as conn:
        await a_day(conn)
        found = await reading.tallies(
            conn, span=SPAN, by=(), narrowing=Narrowing(), families=frozenset(("visits",)), zone=UTC,
            calendar="gregorian",
        )  # fmt: skip
        sums = found[()]
        expected = sums["abandoned"] - (sums["short_abandoned"] if short == "out" else 0)
        assert (await recalls.counts(conn, replace(ALL, short=short))).lost == expected > 0
        assert MEASURES["abandoned"].value(sums, "in") == sums["abandoned"]


async def test_pages_go_on_where_the_last_one_ended_and_come_back(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await a_day(conn)
        whole = (await recalls.page(conn, ALL)).rows
        first = await recalls.page(conn, ALL, limit=3)
        second = await recalls.page(conn, ALL, limit=3, after=first.next)
        assert [*first.rows, *second.rows] == whole
        assert (await recalls.page(conn, ALL, limit=3, after=second.previous)).rows == first.rows
        assert len((await recalls.page(conn, replace(ALL, reached=""))).rows) == 2
        assert len((await recalls.page(conn, replace(ALL, reached="back"))).rows) == 1
        assert len((await recalls.page(conn, replace(ALL, reached="again"))).rows) == 1
        assert (await recalls.page(conn, replace(ALL, queues=("none",)))).rows == []
        with pytest.raises(BadCursor):
            await recalls.page(conn, ALL, after="nonsense")


async def test_the_abandoned_are_found_by_an_index(big_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        await recalls.page(conn, ALL)
        await recalls.counts(conn, ALL)
    assert len(plans) == 2
    for table in ("calls", "call_visits"):
        assert not any(reads_all_of(table, plan) for plan in plans), plans
