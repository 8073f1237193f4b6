"""Queues as people set them up: drafts beside what was applied, versions, opening hours, closures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.queues.definition import MemberChoice, QueueDefinition, QueueLook, Targets
from cxcall.queues.hours import Calendar, Closure, Holiday, Span
from cxcall.store import calendars, closures, queue_servers, queue_versions, queues
from cxcall.store.calendars import CalendarNameTaken, NoSuchCalendar
from cxcall.store.closures import NoSuchClosure
from cxcall.store.errors import Conflict
from cxcall.store.queue_versions import QueueVersion
from cxcall.store.queues import KeptQueue, NoSuchQueue, QueueNameTaken

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEMBERS = (MemberChoice(kind="team", value="t1", penalty=2), MemberChoice(kind="interface", value="PJSIP/1009"))
SUPPORT = QueueDefinition(name="support", title={"fa": "پشتیبانی"}, members=MEMBERS, ring=20)
SALES = QueueDefinition(name="sales", strategy="rrmemory")
WEEK = ((Span(since="08:00", to="17:00"),),) * 5 + ((), ())


async def draft(conn: AsyncConnection, definition: QueueDefinition | None, version: int) -> KeptQueue:
    return await queues.save_draft(conn, "lab", "support", definition, version=version, by="x", now=NOW)


async def test_a_draft_is_kept_whole_beside_what_was_applied(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await queues.create(conn, "lab", SUPPORT, by="sara", now=NOW)
        assert (made.draft, made.applied, made.changed, made.version) == (SUPPORT, None, True, 1)
        assert made == await queues.get(conn, "lab", "support") == await queues.by_id(conn, made.id)
        with pytest.raises(QueueNameTaken):
            await queues.create(conn, "lab", SUPPORT, by="x", now=NOW)
        await queues.create(conn, "other", SUPPORT, by="x", now=NOW)
        await queues.applied(conn, "lab", [SUPPORT], by="sara", now=NOW + HOUR)
        (kept,) = await queues.of_server(conn, "lab")
        assert (kept.applied, kept.changed, kept.version, kept.updated_at) == (SUPPORT, False, 1, NOW)
        assert kept.shown == QueueLook(title={"fa": "پشتیبانی"})
        assert await queues.counts(conn) == {"lab": (1, 0), "other": (1, 1)}
        assert list(await queues.looks(conn)) == [("lab", "support"), ("other", "support")]


async def test_two_who_draft_at_once_do_not_overwrite_each_other_and_a_name_stays(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await queues.create(conn, "lab", SUPPORT, by="x", now=NOW)
        mine = await draft(conn, QueueDefinition(name="support", ring=5), 1)
        with pytest.raises(Conflict) as met:
            await draft(conn, SUPPORT, 1)
        assert met.value.args == (mine,)
        with pytest.raises(NoSuchQueue):
            await queues.save_draft(conn, "lab", "none", None, version=1, by="x", now=NOW)
        with pytest.raises(ValueError, match="can't be called sales"):
            await draft(conn, SALES, 2)


async def test_what_was_drafted_is_discarded_to_what_was_applied_or_gone_when_it_never_was(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await queues.applied(conn, "lab", [SUPPORT], by="x", now=NOW)
        await queues.create(conn, "lab", SALES, by="x", now=NOW)
        removed = await draft(conn, None, 1)
        assert (removed.removing, removed.changed) == (True, True)
        back = await queues.discard(conn, "lab", "support", version=2, by="x", now=NOW)
        assert back is not None
        assert (back.draft, back.changed, back.version) == (SUPPORT, False, 3)
        with pytest.raises(Conflict):
            await queues.discard(conn, "lab", "sales", version=7, by="x", now=NOW)
        assert await queues.discard(conn, "lab", "sales", version=1, by="x", now=NOW) is None
        assert await queues.get(conn, "lab", "sales") is None


async def test_going_back_takes_untouched_drafts_along_and_leaves_edited_ones(engine: AsyncEngine) -> None:
    newer = QueueDefinition(name="support", ring=5)
    async with engine.begin() as conn:
        await queues.applied(conn, "lab", [SUPPORT], by="x", now=NOW)
        await draft(conn, newer, 1)
        await queues.create(conn, "lab", SALES, by="x", now=NOW)
        await queues.applied(conn, "lab", [newer, SALES], by="x", now=NOW)
        edited = await queues.save_draft(
            conn, "lab", "sales", QueueDefinition(name="sales", ring=9), version=1, by="x", now=NOW
        )
        await queues.applied(conn, "lab", [SUPPORT], by="omid", now=NOW + HOUR)
        sales, support = await queues.of_server(conn, "lab")
        assert (support.draft, support.applied, support.version, support.updated_by) == (SUPPORT, SUPPORT, 3, "omid")
        assert (sales.draft, sales.applied, sales.version) == (edited.draft, None, 2)
        await draft(conn, None, 3)
        await queues.applied(conn, "lab", [], by="x", now=NOW)
        assert [kept.name for kept in await queues.of_server(conn, "lab")] == ["sales"]


async def test_queues_of_somebody_else_are_found_once_and_get_a_look(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await queues.create(conn, "lab", SALES, by="x", now=NOW)
        assert await queues.observe(conn, "lab", ["700", "sales", "701", "700"], now=NOW) == 2
        assert await queues.observe(conn, "lab", ["700", "701"], now=NOW) == 0
        look = QueueLook(title={"en": "Front"}, targets=Targets(answer_within=10))
        kept = await queues.save_look(conn, "lab", "700", look, version=1, by="x", now=NOW)
        assert (kept.kind, kept.look, kept.shown, kept.changed) == ("observed", look, look, False)
        with pytest.raises(Conflict):
            await queues.save_draft(conn, "lab", "700", None, version=2, by="x", now=NOW)
        await queues.applied(conn, "lab", [SALES], by="x", now=NOW)
        assert len(await queues.everything(conn)) == 3


async def test_a_queue_is_taken_over_and_given_back(engine: AsyncEngine) -> None:
    own = QueueDefinition(name="700", title={"en": "Front"}, colour="d3", wrap_up=30)
    async with engine.begin() as conn:
        await queues.observe(conn, "lab", ["700"], now=NOW)
        taken = await queues.adopt(conn, "lab", "700", own, version=1, by="x", now=NOW)
        assert (taken.kind, taken.draft, taken.changed, taken.shown.colour) == ("managed", own, True, "d3")
        given = await queues.release(conn, "lab", "700", version=2, by="x", now=NOW)
        assert (given.kind, given.draft, given.applied) == ("observed", None, None)
        assert given.shown == QueueLook(title={"en": "Front"}, colour="d3", wrap_up=30)


async def begin(conn: AsyncConnection, text: str, base: int | None, restores: int | None = None) -> QueueVersion:
    return await queue_versions.begin(
        conn, "lab", text=text, definitions=[SUPPORT, SALES], by="sara", now=NOW, base=base, restores=restores
    )


async def test_a_version_stands_once_it_was_applied_and_a_failed_one_does_not(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await queue_servers.save(conn, "lab", mode="managed", file="queues_cxcall.conf", by="x", now=NOW)
        first = await begin(conn, "one", None)
        assert await queue_versions.unfinished(conn, "lab") == first
        assert await queue_versions.standing(conn, "lab") is None
        done = await queue_versions.end(conn, first.id, state="applied", seconds=0.5)
        assert (done.n, done.text, done.definitions, done.state) == (1, "one", (SUPPORT, SALES), "applied")
        assert done == await queue_versions.standing(conn, "lab") == await queue_versions.get(conn, "lab", 1)
        failed = await begin(conn, "two", 1)
        await queue_versions.end(conn, failed.id, state="failed", seconds=3, problem="the line broke")
        assert await queue_versions.unfinished(conn, "lab") is None
        assert await queue_versions.standing(conn, "lab") == done
        with pytest.raises(Conflict) as met:
            await begin(conn, "three", None)
        assert met.value.args == (await queue_servers.get(conn, "lab"),)
        lines = await queue_versions.history(conn, "lab")
        assert [(line.n, line.state, line.problem, line.queues) for line in lines] == [
            (2, "failed", "the line broke", 2),
            (1, "applied", "", 2),
        ]
        assert await queue_versions.history(conn, "lab", before=2) == lines[1:]


async def test_going_back_to_an_older_version_is_a_new_one_and_marks_those_behind(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await queue_servers.save(conn, "lab", mode="managed", by="x", now=NOW)
        for n in range(1, 4):
            version = await begin(conn, str(n), n - 1 or None)
            await queue_versions.end(conn, version.id, state="applied", seconds=1)
        back = await begin(conn, "1", 3, restores=1)
        await queue_versions.end(conn, back.id, state="applied", seconds=1)
        lines = await queue_versions.history(conn, "lab")
        assert [(line.n, line.state) for line in lines] == [
            (4, "applied"), (3, "rolled_back"), (2, "rolled_back"), (1, "applied"),
        ]  # fmt: skip
        server = await queue_servers.get(conn, "lab")
        assert server is not None
        assert server.applied_version == 4


async def test_of_two_who_begin_a_version_at_once_one_is_told(engine: AsyncEngine) -> None:
    async def one() -> bool:
        try:
            async with engine.begin() as conn:
                version = await begin(conn, "x", None)
                await queue_versions.end(conn, version.id, state="applied", seconds=1)
        except Conflict:
            return False
        return True

    async with engine.begin() as conn:
        await queue_servers.save(conn, "lab", mode="managed", by="x", now=NOW)
    assert sorted(await asyncio.gather(one(), one(), one())) == [False, False, True]


async def test_a_servers_mode_is_chosen_by_one_at_a_time(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        assert await queue_servers.get(conn, "lab") is None
        first = await queue_servers.save(conn, "lab", mode="observe", by="x", now=NOW)
        with pytest.raises(Conflict):
            await queue_servers.save(conn, "lab", mode="managed", by="x", now=NOW)
        second = await queue_servers.save(conn, "lab", mode="managed", file="f", version=first.version, by="y", now=NOW)
        assert (second.version, second.mode, second.file) == (2, "managed", "f")
        assert await queue_servers.everything(conn) == [second]


async def test_calendars_keep_hours_and_holidays_under_one_name_each(engine: AsyncEngine) -> None:
    hours = Calendar(name="Office", week=WEEK, holidays=(Holiday(date="01-01", calendar="jalali", title="نوروز"),))
    async with engine.begin() as conn:
        kept = await calendars.create(conn, hours, by="x", now=NOW)
        assert (await calendars.get(conn, kept.id), kept.calendar) == (kept, hours)
        with pytest.raises(CalendarNameTaken):
            await calendars.create(conn, Calendar(name="office", week=WEEK), by="x", now=NOW)
        saved = await calendars.save(conn, kept.id, Calendar(name="Office", week=()), version=1, by="y", now=NOW)
        with pytest.raises(Conflict):
            await calendars.save(conn, kept.id, hours, version=1, by="x", now=NOW)
        assert await calendars.everything(conn) == [saved]
        with pytest.raises(Conflict):
            await calendars.remove(conn, kept.id, version=1)
        await calendars.remove(conn, kept.id, version=2)
        with pytest.raises(NoSuchCalendar):
            await calendars.remove(conn, kept.id, version=2)


async def test_a_queue_is_closed_until_its_time_or_until_it_is_lifted(engine: AsyncEngine) -> None:
    now = NOW.timestamp()
    lunch = Closure(queue="support", until=now + 1800, since=now, by="sara", why="fire alarm")
    for_good = Closure(queue="", since=now, by="omid")
    async with engine.begin() as conn:
        one = await closures.close(conn, "lab", lunch, now=NOW)
        all_ = await closures.close(conn, "lab", for_good, now=NOW)
        assert (one.closure, all_.closure) == (lunch, for_good)
        assert await closures.standing(conn, now=NOW) == [all_, one]
        assert await closures.standing(conn, now=NOW, server="other") == []
        assert await closures.over(conn, now=NOW) == []
        assert await closures.standing(conn, now=NOW + HOUR, server="lab") == [all_]
        assert await closures.over(conn, now=NOW + HOUR) == [one]
        again = await closures.close(conn, "lab", lunch, now=NOW + HOUR)
        assert await closures.over(conn, now=NOW + HOUR) == [again]
        await closures.lift(conn, again.id, by="", now=NOW + HOUR)
        with pytest.raises(NoSuchClosure):
            await closures.lift(conn, one.id, by="x", now=NOW)
        told = {kept.id: kept.lifted_by for kept in await closures.history(conn, "lab")}
        assert told == {one.id: "sara", again.id: "", all_.id: ""}
