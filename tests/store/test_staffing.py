"""What staffing reads, on both databases: calls of past weeks from rollups, who answers, what agents did."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.queues.hours import Calendar, Holiday, Span
from cxcall.store import calendars, staffing
from cxcall.store.site_holidays import holidays, named
from tests.store.plans import plans_of, reads_all_of
from tests.support.staffing_stage import HANDLE_S, QUEUE, ZONE, calls_in, staged

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)


async def test_history_has_every_day_and_what_was_offered_and_handled_in_it(engine: AsyncEngine) -> None:
    stage = await staged(engine, NOW)
    async with engine.connect() as conn:
        known = await staffing.history(
            conn, queues_named=(QUEUE,), last=stage.day, zone=ZONE, holidays=frozenset()
        )  # fmt: skip
        other = await staffing.history(conn, queues_named=("sales",), last=stage.day, zone=ZONE, holidays=frozenset())
    assert other.first is None
    assert len(known.past.days) in (69, 70)  # the first days may have been quiet
    busy = stage.day - timedelta(days=3)
    seen = known.past.days[busy][10 * 60 + 30]
    assert seen.offered == calls_in(busy, 10.5)
    assert seen.seconds == pytest.approx(seen.handled * HANDLE_S)
    assert known.patience is not None
    assert known.patience > 100


async def test_who_answers_in_a_queue_is_known_where_we_write_it(engine: AsyncEngine) -> None:
    stage = await staged(engine, NOW)
    async with engine.connect() as conn:
        assert await staffing.serving(conn, [QUEUE]) == {stage.sara, stage.reza}
        assert await staffing.serving(conn, [QUEUE, "sales"]) is None
        assert await staffing.serving(conn, []) is None


async def test_adherence_lays_states_beside_the_roster(engine: AsyncEngine) -> None:
    stage = await staged(engine, NOW)
    async with engine.connect() as conn:
        found = await staffing.adherence(conn, first=stage.day, last=stage.day, zone=ZONE, now=NOW)
        (alone,) = await staffing.adherence(
            conn, first=stage.day, last=stage.day, zone=ZONE, now=NOW, user_id=stage.sara
        )  # fmt: skip
    assert [one.name for one in found] == ["Mina Kiani", "رضا کریمی"]
    mina, reza = (one.found for one in found)
    assert (mina.scheduled, mina.adhered, reza.share) == (8 * 3600, 8 * 3600 - 27 * 60, 1.0)
    assert alone.found == mina


async def test_time_in_which_nobody_was_watched_counts_for_nothing(engine: AsyncEngine) -> None:
    stage = await staged(engine, NOW)
    tomorrow = NOW + timedelta(days=1)
    async with engine.connect() as conn:
        (mina, _) = await staffing.adherence(conn, first=stage.next, last=stage.next, zone=ZONE, now=tomorrow)
    assert mina.found.scheduled == 0
    assert mina.found.unknown > 0


async def test_holidays_of_calendars_count_in_both_calendars(engine: AsyncEngine) -> None:
    week = ((),) * 7
    days = (
        Holiday(date="2026-11-22"), Holiday(date="09-02", calendar="jalali"), Holiday(date="12-25"),
        Holiday(date="1405-09-04", calendar="jalali"),
    )  # fmt: skip
    async with engine.begin() as conn:
        await calendars.create(conn, Calendar(name="Office", week=week, holidays=days), by="a", now=NOW)
        first, last = NOW.date(), NOW.date() + timedelta(days=40)
        found = await holidays(conn, first, last, country="DE")
    assert [day.isoformat() for day in sorted(found)] == ["2026-11-22", "2026-11-23", "2026-11-25", "2026-12-25"]


async def test_a_day_is_named_as_the_site_says_before_what_the_country_does(engine: AsyncEngine) -> None:
    """1 to 4 Farvardin 1405 are 21 to 24 March 2026, Nowruz; the 26th is announced, the 27th open till noon."""
    morning = (Span(since="08:00", to="12:00"),)
    days = (
        Holiday(date="03-21", title="Nowruz and Eid"), Holiday(date="2026-03-26", title="Announced"),
        Holiday(date="03-27", title="Closed in other years"), Holiday(date="2026-03-27", hours=morning),
        Holiday(date="2026-04-05", title="Later"),
    )  # fmt: skip
    async with engine.begin() as conn:
        await calendars.create(conn, Calendar(name="Office", week=((),) * 7, holidays=days), by="a", now=NOW)
        first, last = date(2026, 3, 20), date(2026, 3, 30)
        found = await named(conn, first, last, country="IR")
        assert {day.day: title for day, title in found.items()} == {
            20: "Nationalisation of the oil industry", 21: "Nowruz and Eid", 22: "Nowruz", 23: "Nowruz", 24: "Nowruz",
            26: "Announced", 27: "",
        }  # fmt: skip
        abroad = await named(conn, first, last, country="DE")
        assert [day.day for day in abroad] == [21, 26, 27]
        closed = await holidays(conn, first, last, country="DE")
        assert {day.day for day in closed} == {21, 26}, "open for some hours is no day off, whatever other years say"


async def test_what_agents_did_is_found_by_an_index(engine: AsyncEngine) -> None:
    stage = await staged(engine, NOW)
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        if engine.dialect.name == "postgresql":
            await conn.exec_driver_sql("SET enable_seqscan = off")  # what is asked is whether it could do otherwise
        await staffing.adherence(conn, first=stage.day, last=stage.day, zone=ZONE, now=NOW)
    for table in ("agent_states", "roster_entries"):
        reading = [plan for plan in plans if table in plan]
        assert reading
        assert not any(reads_all_of(table, plan) for plan in reading), reading
