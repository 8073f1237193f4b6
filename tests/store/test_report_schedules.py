"""Schedules of reports: when they run, that no run is lost or comes twice, and how they are tried again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.reports.timetable import Timetable, next_after, next_ones
from cxcall.store import report_schedules, users
from cxcall.store.errors import Conflict
from cxcall.store.report_schedules import LEASE, RETRY_AFTER, Plan, Run, Schedule

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAILY = Plan(report="queues", timetable=Timetable(at="08:00"), mail=("boss@example.com",))


def local(table: Timetable, zone: ZoneInfo, since: datetime, count: int) -> list[str]:
    return [f"{moment.astimezone(zone):%Y-%m-%d %H:%M%z}" for moment in next_ones(table, since, zone, count)]


def test_days_weeks_and_months_of_both_calendars_come_at_the_sites_time() -> None:
    assert local(Timetable(at="8:00"), TEHRAN, NOW, 2) == ["2026-11-24 08:00+0330", "2026-11-25 08:00+0330"]
    weekly = Timetable(every="week", weekdays=(5, 0), at="07:30")
    assert local(weekly, TEHRAN, NOW, 3) == [
        "2026-11-28 07:30+0330", "2026-11-30 07:30+0330", "2026-12-05 07:30+0330",
    ]  # fmt: skip
    last = Timetable(every="month", day=31, at="23:59")
    assert [one[:10] for one in local(last, BERLIN, NOW, 4)] == ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]
    first = Timetable(every="month", day=1, calendar="jalali", at="06:00")
    # 1 Azar, 1 Dey, 1 Bahman, 1 Esfand 1405 and 1 Farvardin 1406.
    assert [one[:10] for one in local(first, TEHRAN, datetime(2026, 11, 21, tzinfo=UTC), 5)] == [
        "2026-11-22", "2026-12-22", "2027-01-21", "2027-02-20", "2027-03-21",
    ]  # fmt: skip
    end = Timetable(every="month", day=31, calendar="jalali", at="06:00")
    assert local(end, TEHRAN, datetime(2027, 3, 1, tzinfo=UTC), 1) == ["2027-03-20 06:00+0330"], "29 Esfand"


def test_a_time_that_summer_time_skips_comes_once_and_one_that_comes_twice_counts_once() -> None:
    night = Timetable(at="02:30")
    spring = local(night, BERLIN, datetime(2027, 3, 27, 12, tzinfo=UTC), 2)
    assert spring == ["2027-03-28 03:30+0200", "2027-03-29 02:30+0200"]
    autumn = local(night, BERLIN, datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert autumn == ["2026-10-25 02:30+0200", "2026-10-26 02:30+0100"]


@pytest.mark.parametrize(
    "table", [Timetable(at="24:00"), Timetable(every="week", weekdays=()), Timetable(day=0), Timetable(at="8")]
)
def test_a_timetable_that_means_no_moment_is_refused(table: Timetable) -> None:
    with pytest.raises(ValueError, match="timetable"):
        next_after(table, NOW, TEHRAN)


async def scheduled(engine: AsyncEngine, plan: Plan = DAILY) -> Schedule:
    async with engine.begin() as conn:
        user = await users.create(conn, name="omid", role="supervisor", password_hash="x", display_name="Omid")
        return await report_schedules.create(
            conn, name="Every morning", owner_id=user.id, plan=plan, zone=TEHRAN, by="omid", now=NOW
        )


async def take_one(engine: AsyncEngine, now: datetime) -> Run:
    async with engine.begin() as conn:
        taken = await report_schedules.take(conn, now=now, limit=10)
    assert len(taken) == 1
    return taken[0][0]


async def test_what_was_missed_while_nothing_ran_runs_once_for_its_newest_moment(engine: AsyncEngine) -> None:
    made = await scheduled(engine)
    assert made.next_at == datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    back = datetime(2026, 11, 30, 12, tzinfo=UTC)
    async with engine.begin() as conn:
        assert await report_schedules.start_due(conn, now=NOW, zone=TEHRAN) == 0
        assert await report_schedules.start_due(conn, now=back, zone=TEHRAN) == 1
        assert await report_schedules.start_due(conn, now=back, zone=TEHRAN) == 0
        after = await report_schedules.get(conn, made.id)
        found = await report_schedules.runs(conn, made.id)
    assert after is not None
    assert after.next_at == datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    assert [run.due_at for run in found] == [datetime(2026, 11, 30, 4, 30, tzinfo=UTC)]


async def test_two_processes_that_look_at_once_make_and_take_one_run(engine: AsyncEngine) -> None:
    await scheduled(engine)
    then = NOW + timedelta(days=1)

    async def look() -> tuple[int, int]:
        async with engine.begin() as conn:
            started = await report_schedules.start_due(conn, now=then, zone=TEHRAN)
        async with engine.begin() as conn:
            return started, len(await report_schedules.take(conn, now=then, limit=10))

    both = await asyncio.gather(look(), look())
    assert sum(started for started, _ in both) == 1
    async with engine.begin() as conn:
        more = len(await report_schedules.take(conn, now=then, limit=10))
    assert sum(taken for _, taken in both) + more == 1


async def test_a_run_that_fails_waits_longer_each_time_and_remembers_whom_it_reached(engine: AsyncEngine) -> None:
    made = await scheduled(engine)
    now = NOW
    async with engine.begin() as conn:
        await report_schedules.run_now(conn, made.id, now=now)
    for wait in RETRY_AFTER:
        run = await take_one(engine, now)
        async with engine.begin() as conn:
            await report_schedules.reached(conn, run, ["folder"], ["a.csv"])
            await report_schedules.fail(conn, run, "mail", "421 later", now=now)
            assert await report_schedules.take(conn, now=now + wait - timedelta(seconds=1), limit=1) == []
        now += wait
    run = await take_one(engine, now)
    assert run.reached == ("folder",)
    async with engine.begin() as conn:
        await report_schedules.fail(conn, run, "mail", "550 no", now=now)
        (over,) = await report_schedules.runs(conn, made.id)
        assert (over.state, over.problem, over.said) == ("failed", "mail", "550 no")
        assert await report_schedules.again(conn, over.id, now=now)
    run = await take_one(engine, now)
    async with engine.begin() as conn:
        await report_schedules.finish(conn, run, now=now)
        (over,) = await report_schedules.runs(conn, made.id)
        assert (over.state, over.problem) == ("done", "")
        assert not await report_schedules.again(conn, over.id, now=now)


async def test_a_run_whose_worker_was_lost_is_taken_again_and_the_lost_one_changes_nothing(engine: AsyncEngine) -> None:
    made = await scheduled(engine)
    async with engine.begin() as conn:
        await report_schedules.run_now(conn, made.id, now=NOW)
    lost = await take_one(engine, NOW)
    async with engine.begin() as conn:
        assert await report_schedules.take(conn, now=NOW + LEASE, limit=1) == []
    again = await take_one(engine, NOW + LEASE + timedelta(seconds=1))
    assert again.id == lost.id
    async with engine.begin() as conn:
        await report_schedules.fail(conn, lost, "slow", "", now=NOW)
        (run,) = await report_schedules.runs(conn, made.id)
    assert run.state == "running"


async def test_a_paused_schedule_does_not_run_and_a_removed_one_comes_back(engine: AsyncEngine) -> None:
    made = await scheduled(engine)
    then = NOW + timedelta(days=3)
    async with engine.begin() as conn:
        paused = await report_schedules.pause(conn, made.id, paused=True, version=1, zone=TEHRAN, by="omid", now=NOW)
        assert paused.next_at is None
        assert await report_schedules.start_due(conn, now=then, zone=TEHRAN) == 0
        with pytest.raises(Conflict):
            await report_schedules.pause(conn, made.id, paused=False, version=1, zone=TEHRAN, by="x", now=NOW)
        on = await report_schedules.pause(conn, made.id, paused=False, version=2, zone=TEHRAN, by="omid", now=then)
        assert on.next_at == datetime(2026, 11, 27, 4, 30, tzinfo=UTC)
        await report_schedules.run_now(conn, made.id, now=then)
        await report_schedules.remove(conn, made.id, version=3, now=then)
        assert await report_schedules.everything(conn) == []
        assert await report_schedules.take(conn, now=then, limit=1) == [], "what waited is not sent"
        assert await report_schedules.restore(conn, made.id, zone=TEHRAN, now=then)
        back = await report_schedules.get(conn, made.id)
        assert back is not None
        assert back.next_at == on.next_at
        assert back.plan == DAILY
