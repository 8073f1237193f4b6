"""Own reports, saved views and exports in the background, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.reports.definition import Definition, Narrowing
from cxcall.store import own_reports, report_jobs, saved_views, users
from cxcall.store.errors import Conflict
from cxcall.store.report_jobs import LEASE, MOST_OPEN, MOST_TRIES, Job, LostLease, Reading, TooManyJobs
from cxcall.store.sharing import Reader, Shared
from cxcall.store.users import RoleName

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BY_AGENT = Definition(by=("agent",), measures=("handled", "aht"), narrowing=Narrowing(queues=("billing",)))


async def people(engine: AsyncEngine) -> dict[str, Reader]:
    made = {}
    roles: dict[str, RoleName] = {"omid": "supervisor", "nima": "supervisor", "leila": "admin", "sara": "agent"}
    async with engine.begin() as conn:
        for name, role in roles.items():
            user = await users.create(conn, name=name, role=role, password_hash="x", display_name=name)
            made[name] = Reader(id=user.id, role=role)
    return made


async def test_a_report_is_kept_with_its_definition_and_shown_to_whom_it_is_shared_with(engine: AsyncEngine) -> None:
    who = await people(engine)
    seen: dict[Shared, set[str]] = {
        "nobody": {"omid"}, "supervisors": {"omid", "nima"}, "overseers": {"omid", "nima", "leila"},
        "everyone": {"omid", "nima", "leila", "sara"},
    }  # fmt: skip
    for shared, readers in seen.items():
        async with engine.begin() as conn:
            made = await own_reports.create(
                conn, name=f"for {shared}", owner_id=who["omid"].id, definition=BY_AGENT, period="last_month",
                shared=shared, by="omid", now=NOW,
            )  # fmt: skip
            for name, reader in who.items():
                found = await own_reports.get(conn, made.id, reader)
                assert (found is not None) == (name in readers), (shared, name)
                assert (made.id in [one.id for one in await own_reports.listed(conn, reader)]) == (name in readers)
            assert made.definition == BY_AGENT
            assert made.owner == "omid"


async def test_a_report_saved_over_an_old_version_is_refused_and_a_removed_one_comes_back(engine: AsyncEngine) -> None:
    who = await people(engine)
    async with engine.begin() as conn:
        made = await own_reports.create(
            conn, name="mine", owner_id=who["omid"].id, definition=BY_AGENT, period="today", by="omid", now=NOW
        )
        changed = await own_reports.save(
            conn, made.id, version=1, name="ours", shared="overseers", definition=Definition(), period="week",
            by="omid", now=NOW,
        )  # fmt: skip
        assert (changed.version, changed.name, changed.definition) == (2, "ours", Definition())
        with pytest.raises(Conflict):
            await own_reports.save(
                conn, made.id, version=1, name="old", shared="nobody", definition=BY_AGENT, period="", by="x", now=NOW
            )
        with pytest.raises(Conflict):
            await own_reports.remove(conn, made.id, version=1, now=NOW)
        await own_reports.remove(conn, made.id, version=2, now=NOW)
        assert await own_reports.get(conn, made.id) is None
        assert await own_reports.listed(conn, who["omid"]) == []
        assert not await own_reports.restore(conn, made.id, owner_id=who["nima"].id), "only who made it"
        assert await own_reports.restore(conn, made.id, owner_id=who["omid"].id)
        back = await own_reports.get(conn, made.id)
        assert back is not None
        assert back.name == "ours"
        await own_reports.remove(conn, made.id, version=back.version, now=NOW)
        assert await own_reports.sweep(conn, before=NOW + timedelta(seconds=1)) == 1
        assert not await own_reports.restore(conn, made.id, owner_id=who["omid"].id)


async def test_views_are_kept_shared_opened_first_and_taken_back(engine: AsyncEngine) -> None:
    who = await people(engine)
    async with engine.begin() as conn:
        lost = await saved_views.create(
            conn, "calls", name="Lost today", owner_id=who["omid"].id, query="when=today&outcome=abandoned",
            shared="overseers", now=NOW,
        )  # fmt: skip
        await saved_views.create(conn, "calls", name="A", owner_id=who["nima"].id, query="queue=a", now=NOW)
        assert [one.name for one in await saved_views.listed(conn, "calls", who["nima"])] == ["A", "Lost today"]
        assert await saved_views.listed(conn, "calls", who["sara"]) == []
        await saved_views.open_first(conn, "calls", who["nima"].id, lost.id)
        assert await saved_views.default_of(conn, "calls", who["nima"]) == lost
        assert await saved_views.default_of(conn, "calls", who["omid"]) is None
        with pytest.raises(saved_views.NoSuchView):
            await saved_views.save(
                conn, lost.id, owner_id=who["nima"].id, version=1, name="x", shared="nobody", query=""
            )
        named = await saved_views.save(
            conn, lost.id, owner_id=who["omid"].id, version=1, name="Lost", shared="nobody", query=lost.query
        )
        assert await saved_views.default_of(conn, "calls", who["nima"]) is None, "no longer shared with them"
        with pytest.raises(Conflict):
            await saved_views.remove(conn, lost.id, owner_id=who["omid"].id, version=1, now=NOW)
        await saved_views.remove(conn, lost.id, owner_id=who["omid"].id, version=named.version, now=NOW)
        assert await saved_views.listed(conn, "calls", who["omid"]) == []
        assert await saved_views.restore(conn, lost.id, owner_id=who["omid"].id)
        assert [one.name for one in await saved_views.listed(conn, "calls", who["omid"])] == ["Lost"]


async def asked(engine: AsyncEngine, owner: Reader) -> Job:
    async with engine.begin() as conn:
        return await report_jobs.make(
            conn, kind="calls", name="calls", owner_id=owner.id, query="when=today", reader=Reading(language="fa"),
            format_="csv", lines=1000, now=NOW,
        )  # fmt: skip


async def test_an_export_goes_on_where_a_lost_worker_left_it_and_the_lost_one_writes_no_more(
    engine: AsyncEngine,
) -> None:
    who = await people(engine)
    job = await asked(engine, who["omid"])
    async with engine.begin() as conn:
        first = await report_jobs.take(conn, now=NOW)
        assert first is not None
        assert first.reader == Reading(language="fa")
        assert await report_jobs.take(conn, now=NOW) is None, "it is being written"
        await report_jobs.written(conn, first, done=500, place="here", size=1234, now=NOW)
        later = NOW + LEASE + timedelta(seconds=1)
        second = await report_jobs.take(conn, now=later)
        assert second is not None
        assert (second.id, second.done, second.place, second.bytes) == (job.id, 500, "here", 1234)
        with pytest.raises(LostLease):
            await report_jobs.written(conn, first, done=600, place="there", size=2000, now=later)
        await report_jobs.written(conn, second, done=1200, place="end", size=3000, now=later)
        await report_jobs.finish(conn, second, now=later)
        done = await report_jobs.get(conn, job.id, owner_id=who["omid"].id)
        assert done is not None
        assert (done.state, done.done, done.lines) == ("done", 1200, 1200)
        assert await report_jobs.get(conn, job.id, owner_id=who["nima"].id) is None, "another's is nobody's business"
        assert await report_jobs.expired(conn, now=later) == []
        assert await report_jobs.expired(conn, now=later + report_jobs.KEPT) == [job.id]


async def test_an_export_that_is_cancelled_stops_its_worker_and_one_that_keeps_failing_is_given_up(
    engine: AsyncEngine,
) -> None:
    who = await people(engine)
    job = await asked(engine, who["omid"])
    async with engine.begin() as conn:
        taken = await report_jobs.take(conn, now=NOW)
        assert taken is not None
        assert not await report_jobs.cancel(conn, job.id, owner_id=who["nima"].id, now=NOW)
        assert await report_jobs.cancel(conn, job.id, owner_id=who["omid"].id, now=NOW)
        with pytest.raises(LostLease):
            await report_jobs.written(conn, taken, done=1, place="", size=1, now=NOW)
    await asked(engine, who["omid"])
    now = NOW
    async with engine.begin() as conn:
        for _ in range(MOST_TRIES):
            now += timedelta(hours=1)
            taken = await report_jobs.take(conn, now=now)
            assert taken is not None
            await report_jobs.fail(conn, taken, "the disk is full", now=now)
        assert await report_jobs.take(conn, now=now + timedelta(days=1)) is None
        newest = (await report_jobs.of_person(conn, who["omid"].id))[0]
        assert (newest.state, newest.problem) == ("failed", "the disk is full")


async def test_one_person_can_not_fill_the_queue_of_exports(engine: AsyncEngine) -> None:
    who = await people(engine)
    for _ in range(MOST_OPEN):
        await asked(engine, who["omid"])
    with pytest.raises(TooManyJobs):
        await asked(engine, who["omid"])
    await asked(engine, who["nima"])
