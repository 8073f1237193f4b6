"""Own reports, views, schedules and exports are read along indexes, however many there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import own_reports, report_jobs, report_schedules, saved_views
from cxcall.store.people_tables import users
from cxcall.store.report_tables import default_views, report_runs
from cxcall.store.report_tables import own_reports as reports_table
from cxcall.store.report_tables import report_jobs as jobs_table
from cxcall.store.report_tables import report_schedules as schedules_table
from cxcall.store.report_tables import saved_views as views_table
from cxcall.store.sharing import Reader
from tests.store.plans import plans_of, reads_all_of, sorts

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PEOPLE, EACH, SCHEDULES, RUNS = 400, 12, 300, 40
ME = Reader(id="u7", role="supervisor")


async def fill(engine: AsyncEngine) -> None:
    """400 people with twelve reports, views and exports each, 300 schedules with forty runs each."""
    people = [f"u{n}" for n in range(PEOPLE)]
    shared = ("nobody",) * 40 + ("supervisors",)
    made = {"version": 1, "made_at": NOW, "updated_at": NOW, "updated_by": "x"}
    own = [(f"{owner}-{n}", owner, n) for owner in people for n in range(EACH)]
    async with engine.begin() as conn:
        await conn.execute(users.insert(), [
            {"id": id_, "version": 1, "name": id_, "name_key": id_, "display_name": id_, "role": "supervisor",
             "password_hash": "x", "disabled": False, "preferences": "{}", "created_at": NOW, "updated_at": NOW}
            for id_ in people
        ])  # fmt: skip
        await conn.execute(reports_table.insert(), [
            {**made, "id": id_, "name": f"Report {n}", "owner_id": owner, "shared": shared[hash_(id_) % len(shared)],
             "definition": "{}", "period": "month", "removed_at": NOW if n == 11 and owner == "u7" else None}
            for id_, owner, n in own
        ])  # fmt: skip
        await conn.execute(views_table.insert(), [
            {"id": id_, "version": 1, "list": "calls" if n % 4 == 0 else f"list {n}", "name": f"View {n}",
             "owner_id": owner, "shared": "nobody", "query": "q=x", "made_at": NOW, "removed_at": None}
            for id_, owner, n in own
        ])  # fmt: skip
        await conn.execute(default_views.insert(), [
            {"user_id": owner, "list": "calls", "view_id": f"{owner}-0"} for owner in people
        ])  # fmt: skip
        await conn.execute(jobs_table.insert(), [
            {"id": id_, "kind": "calls", "name": "x", "owner_id": owner, "query": "", "reader": "{}", "format": "csv",
             "state": "waiting" if id_ == "u7-3" else "done", "tries": 0, "done": 0, "lines": 0, "place": "",
             "bytes": 0, "problem": "", "made_at": NOW + timedelta(seconds=n), "expires_at": NOW + timedelta(days=n)}
            for id_, owner, n in own
        ])  # fmt: skip
        schedules = [f"s{n}" for n in range(SCHEDULES)]
        await conn.execute(schedules_table.insert(), [
            {**made, "id": id_, "name": id_, "owner_id": "u7", "body": '{"report":"queues"}', "enabled": True,
             "next_at": NOW + timedelta(hours=n - 2), "removed_at": None}
            for n, id_ in enumerate(schedules)
        ])  # fmt: skip
        await conn.execute(report_runs.insert(), [
            {"id": f"{id_}-{n}", "schedule_id": id_, "due_at": NOW - timedelta(days=n), "asked": False, "tries": 1,
             "state": "waiting" if n == 0 and id_ in ("s1", "s2") else "done", "next_at": NOW if n == 0 else None,
             "ended_at": NOW - timedelta(days=n), "reached": "[]", "files": "[]", "problem": "", "said": ""}
            for id_ in schedules for n in range(RUNS)
        ])  # fmt: skip
    async with engine.connect() as conn:
        await conn.execute(text("ANALYZE"))
        await conn.commit()


def hash_(word: str) -> int:
    """The same in every run."""
    return sum(ord(letter) * (n + 1) for n, letter in enumerate(word))


Asked = Callable[[AsyncConnection], Awaitable[object]]
QUESTIONS: dict[str, tuple[str, Asked]] = {
    "a report by id": ("own_reports", lambda conn: own_reports.get(conn, "u9-3", ME)),
    "a view by id": ("saved_views", lambda conn: saved_views.get(conn, "u9-4", ME)),
    "views of a list": ("saved_views", lambda conn: saved_views.listed(conn, "list 5", ME)),
    "the view that is opened first": ("default_views", lambda conn: saved_views.default_of(conn, "calls", ME)),
    "a schedule by id": ("report_schedules", lambda conn: report_schedules.get(conn, "s7")),
    "the log of a schedule": ("report_runs", lambda conn: report_schedules.runs(conn, "s7", limit=20)),
    "an export by id": ("report_jobs", lambda conn: report_jobs.get(conn, "u7-3", owner_id="u7")),
    "exports of a person": ("report_jobs", lambda conn: report_jobs.of_person(conn, "u7", limit=5)),
    "exports that are over": ("report_jobs", lambda conn: report_jobs.expired(conn, now=NOW - timedelta(days=1))),
}


@pytest.fixture
async def full(engine: AsyncEngine) -> AsyncEngine:
    await fill(engine)
    return engine


async def test_no_question_of_a_page_reads_a_whole_table(full: AsyncEngine) -> None:
    for name, (table, ask) in QUESTIONS.items():
        plans: list[str] = []
        async with plans_of(full, plans) as conn:
            await ask(conn)
        assert plans, name
        for plan in plans:
            assert not reads_all_of(table, plan), f"{name}:\n{plan}"


async def test_newest_runs_and_exports_come_from_the_index_as_they_lie_there(full: AsyncEngine) -> None:
    for name in ("the log of a schedule", "exports that are over"):
        plans: list[str] = []
        async with plans_of(full, plans) as conn:
            await QUESTIONS[name][1](conn)
        assert not any(sorts(plan) for plan in plans), f"{name}:\n{plans}"


async def test_what_is_due_is_found_among_what_is_open(full: AsyncEngine) -> None:
    """Asked every few seconds by each process."""
    plans: list[str] = []
    async with plans_of(full, plans) as conn:
        assert await report_schedules.start_due(conn, now=NOW - timedelta(hours=1, minutes=30), zone=UTC) == 1
        assert len(await report_schedules.take(conn, now=NOW, limit=5)) >= 2
        assert await report_jobs.take(conn, now=NOW) is not None
        await conn.rollback()
    for plan in plans:
        for table in ("report_schedules", "report_runs", "report_jobs"):
            assert not reads_all_of(table, plan), plan
    assert any("ix_report_schedules_next" in plan for plan in plans)
    assert any("ix_report_runs_open" in plan for plan in plans)


async def test_among_thousands_of_reports_a_reader_sees_their_own_and_what_is_shared(full: AsyncEngine) -> None:
    async with full.connect() as conn:
        seen = await own_reports.listed(conn, ME)
        named = await own_reports.named(conn, "Report 3", ME)
        everything = await own_reports.listed(conn, None)
    assert len(everything) == PEOPLE * EACH - 1, "without the one that was removed"
    assert all(one.owner_id == "u7" or one.shared == "supervisors" for one in seen)
    assert len([one for one in seen if one.owner_id == "u7"]) == EACH - 1
    assert "u7-3" in {one.id for one in named}
    assert {one.id for one in named} <= {one.id for one in seen}
    assert {one.name for one in named} == {"Report 3"}
