"""Rosters in both databases: replaced, merged, edited, taken back; and found by an index."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.staffing.shift import Activity, Shift
from cxcall.store import rosters, users
from cxcall.store.rosters import Clash, NoSuchChange, NoSuchEntry
from tests.store.plans import plans_of, reads_all_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MONDAY, END = NOW, NOW + timedelta(days=7)


def shift(agent: str, day: int, since: int = 8, until: int = 16, activity: Activity = "work") -> Shift:
    begin = MONDAY + timedelta(days=day)
    return Shift(
        agent=agent, since=begin + timedelta(hours=since), until=begin + timedelta(hours=until), activity=activity
    )


async def two(conn: AsyncConnection) -> tuple[str, str]:
    made = [
        await users.create(
            conn, name=name, role="agent", password_hash="!", display_name=shown, extensions=(f"PJSIP/{extension}",)
        )
        for name, shown, extension in (("sara", "سارا احمدی", 1001), ("reza", "Reza", 1002))
    ]
    return made[0].id, made[1].id


async def standing(engine: AsyncEngine) -> set[Shift]:
    async with engine.connect() as conn:
        return {one.shift for one in await rosters.entries(conn, since=MONDAY, until=END)}


async def test_people_are_found_by_login_name_and_extension(engine):
    async with engine.begin() as conn:
        sara, reza = await two(conn)
        people = await rosters.people(conn)
    assert {people.find(name) for name in ("Sara", "سارا احمدي", "1001", "PJSIP/1001", "pjsip/1001")} == {(sara,)}
    assert people.find("REZA") == (reza,)
    assert people.find("1") == ()


async def test_replacing_puts_a_week_of_the_same_people_aside_and_leaves_the_others(engine):
    async with engine.begin() as conn:
        sara, reza = await two(conn)
        await rosters.merge(conn, [shift(sara, 0), shift(sara, 1), shift(reza, 0), shift(sara, 9)], by="a", now=NOW)
        change = await rosters.replace(conn, [shift(sara, 2)], since=MONDAY, until=END, by="a", now=NOW, file="w.csv")
    assert (change.kind, change.file, change.added, change.removed) == ("replace", "w.csv", 1, 2)
    assert await standing(engine) == {shift(sara, 2), shift(reza, 0)}


async def test_merging_takes_the_place_only_of_what_lies_in_its_way(engine):
    async with engine.begin() as conn:
        sara, reza = await two(conn)
        await rosters.merge(
            conn, [shift(sara, 0), shift(sara, 0, 12, 13, "lunch"), shift(sara, 1), shift(reza, 0)], by="a", now=NOW
        )
        change = await rosters.merge(conn, [shift(sara, 0, 15, 20), shift(reza, 3)], by="a", now=NOW)
    assert (change.added, change.removed) == (2, 1)
    assert await standing(engine) == {
        shift(sara, 0, 12, 13, "lunch"), shift(sara, 0, 15, 20), shift(sara, 1), shift(reza, 0), shift(reza, 3),
    }  # fmt: skip


async def test_taking_back_brings_what_was_there_and_only_once(engine):
    async with engine.begin() as conn:
        sara, _ = await two(conn)
        await rosters.merge(conn, [shift(sara, 0), shift(sara, 1)], by="a", now=NOW)
        change = await rosters.replace(conn, [shift(sara, 0, 9, 17)], since=MONDAY, until=END, by="a", now=NOW)
        undone = await rosters.undo(conn, change.id, now=NOW)
        with pytest.raises(NoSuchChange):
            await rosters.undo(conn, change.id, now=NOW)
        latest = (await rosters.changes(conn))[0]
    assert (undone.gone, undone.back, undone.left) == (1, 2, 0)
    assert latest.undone_at == NOW
    assert await standing(engine) == {shift(sara, 0), shift(sara, 1)}


async def test_what_another_change_put_there_since_is_not_overlaid(engine):
    async with engine.begin() as conn:
        sara, _ = await two(conn)
        await rosters.merge(conn, [shift(sara, 0), shift(sara, 1)], by="a", now=NOW)
        first = await rosters.replace(conn, [], since=MONDAY, until=END, by="a", now=NOW, agents=[sara])
        await rosters.edit(conn, put=[shift(sara, 0, 10, 12)], by="b", now=NOW)
        undone = await rosters.undo(conn, first.id, now=NOW)
    assert (undone.gone, undone.back, undone.left) == (0, 1, 1)
    assert await standing(engine) == {shift(sara, 0, 10, 12), shift(sara, 1)}


async def test_an_upload_taken_back_never_returns_by_another_undo(engine):
    async with engine.begin() as conn:
        sara, _ = await two(conn)
        upload = await rosters.merge(conn, [shift(sara, 0)], by="a", now=NOW)
        (entry,) = await rosters.entries(conn, since=MONDAY, until=END)
        removal = await rosters.edit(conn, remove=[entry.id], by="a", now=NOW)
        await rosters.undo(conn, upload.id, now=NOW)
        undone = await rosters.undo(conn, removal.id, now=NOW)
    assert (undone.back, await standing(engine)) == (0, set())


async def test_by_hand_nothing_is_laid_over_what_is_there(engine):
    async with engine.begin() as conn:
        sara, _ = await two(conn)
        await rosters.edit(conn, put=[shift(sara, 0)], by="a", now=NOW)
    async with engine.begin() as conn:
        with pytest.raises(Clash) as refused:
            await rosters.edit(conn, put=[shift(sara, 0, 15, 18)], by="a", now=NOW)
    assert refused.value.others == (shift(sara, 0),)
    async with engine.begin() as conn:
        (entry,) = await rosters.entries(conn, since=MONDAY, until=END)
        await rosters.edit(conn, remove=[entry.id], put=[shift(sara, 0, 15, 18)], by="a", now=NOW)
        with pytest.raises(NoSuchEntry):
            await rosters.edit(conn, remove=[entry.id], by="a", now=NOW)
    assert await standing(engine) == {shift(sara, 0, 15, 18)}


async def test_a_night_shift_belongs_to_both_days(engine):
    async with engine.begin() as conn:
        sara, _ = await two(conn)
        await rosters.edit(conn, put=[shift(sara, 0, 22, 30)], by="a", now=NOW)
        for since, until, n in ((0, 24, 1), (24, 48, 1), (30, 54, 0), (-24, 22, 0)):
            begin, end = MONDAY + timedelta(hours=since), MONDAY + timedelta(hours=until)
            assert len(await rosters.entries(conn, since=begin, until=end)) == n


async def test_after_ninety_days_what_was_put_aside_is_forgotten(engine):
    async with engine.begin() as conn:
        sara, _ = await two(conn)
        await rosters.merge(conn, [shift(sara, 0)], by="a", now=NOW)
        await rosters.replace(conn, [], since=MONDAY, until=END, by="a", now=NOW, agents=[sara])
        await rosters.edit(conn, put=[shift(sara, 3)], by="a", now=NOW + timedelta(days=89))
        assert len(await rosters.changes(conn)) == 3
        assert await rosters.sweep(conn, now=NOW + timedelta(days=91)) == 1
        assert len(await rosters.changes(conn)) == 1
    assert await standing(engine) == {shift(sara, 3)}


async def test_a_person_who_is_removed_takes_their_roster_along(engine):
    async with engine.begin() as conn:
        sara, reza = await two(conn)
        await rosters.merge(conn, [shift(sara, 0), shift(reza, 0)], by="a", now=NOW)
        await users.remove(conn, sara)
    assert await standing(engine) == {shift(reza, 0)}


async def test_twenty_thousand_entries_are_written_and_taken_back(engine):
    async with engine.begin() as conn:
        sara, reza = await two(conn)
        many = [
            shift(who, day % 400, hour, hour + 1) for who in (sara, reza) for day in range(400) for hour in range(24)
        ]
        change = await rosters.merge(conn, many, by="a", now=NOW)
    assert change.added == 19_200
    async with engine.begin() as conn:
        again = await rosters.merge(conn, many, by="a", now=NOW)
        assert again.removed == 19_200
        undone = await rosters.undo(conn, again.id, now=NOW)
    assert (undone.gone, undone.back) == (19_200, 19_200)


async def test_two_changes_at_once_do_not_lay_one_shift_over_another(engine):
    async with engine.begin() as conn:
        sara, _ = await two(conn)

    async def put(since: int) -> bool:
        async with engine.begin() as conn:
            try:
                await rosters.edit(conn, put=[shift(sara, 0, since, since + 8)], by="a", now=NOW)
            except Clash:
                return False
        return True

    done = await asyncio.gather(*(put(since) for since in (8, 9, 10, 11)))
    assert sum(done) == 1
    assert len(await standing(engine)) == 1


async def test_a_week_is_read_by_an_index(engine):
    async with engine.begin() as conn:
        sara, reza = await two(conn)
        await rosters.merge(
            conn, [shift(who, day, hour, hour + 1) for who in (sara, reza) for day in range(100) for hour in range(24)],
            by="a", now=NOW,
        )  # fmt: skip
        if engine.dialect.name == "postgresql":
            await conn.exec_driver_sql("ANALYZE roster_entries")
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        await rosters.entries(conn, since=MONDAY, until=END)
        await rosters.entries(conn, since=MONDAY, until=END, users_ids=[sara])
        await rosters.ever(conn)
    assert len(plans) == 3
    for plan in plans[:2]:
        assert not reads_all_of("roster_entries", plan), plan
