"""What the floor asks all day, and the board at its start, is read from indexes on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.queues.definition import QueueDefinition
from cxcall.queues.hours import Closure
from cxcall.store import (
    agent_states,
    alerts,
    board_figures,
    closures,
    floor_messages,
    queue_versions,
    queues,
    screens,
    sign_ins,
    skills,
    teams,
    users,
)
from cxcall.store.agent_tables import agent_states as agent_states_table
from cxcall.store.alerts import NewAlert
from tests.store.big import CALLS
from tests.store.make import after
from tests.store.plans import plans_of, reads_all_of, sorts

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SPELLS, PHONES = 6_000, 20
LARGE = ("agent_states", "agent_sign_ins", "floor_messages", "closures", "queues", "queue_versions", "alerts",
         "screens", "user_skills", "team_members")  # fmt: skip

Ask = Callable[[AsyncConnection], Awaitable[object]]

ASKED: dict[str, Ask] = {
    "the whole floor now": lambda conn: agent_states.now_in(conn),
    "a server's floor now": lambda conn: agent_states.now_in(conn, "lab"),
    "a day of all": lambda conn: agent_states.history(conn, since=NOW - DAY, until=NOW),
    "a day of a person": lambda conn: agent_states.history(conn, since=NOW - DAY, until=NOW, user_id="user 3"),
    "a day of a phone": lambda conn: agent_states.history(
        conn, since=NOW - DAY, until=NOW, server="lab", interface="PJSIP/1003"
    ),
    "where somebody sits": lambda conn: sign_ins.of_user(conn, "x"),
    "who sits at a phone": lambda conn: sign_ins.at(conn, "lab", "PJSIP/1003"),
    "everybody who sits": lambda conn: sign_ins.open_ones(conn, "lab"),
    "a person's phones": lambda conn: sign_ins.phones(conn, "x", "lab"),
    "where somebody sat": lambda conn: sign_ins.history(conn, "x"),
    "unread messages": lambda conn: floor_messages.unread(conn, "x"),
    "the last messages": lambda conn: floor_messages.sent(conn),
    "what is closed": lambda conn: closures.standing(conn, now=NOW, server="lab"),
    "what opens again": lambda conn: closures.over(conn, now=NOW),
    "what was closed": lambda conn: closures.history(conn, "lab"),
    "a queue": lambda conn: queues.get(conn, "lab", "queue 7"),
    "a server's queues": lambda conn: queues.of_server(conn, "lab"),
    "the version that stands": lambda conn: queue_versions.standing(conn, "lab"),
    "how the last version ended": lambda conn: queue_versions.unfinished(conn, "lab"),
    "versions": lambda conn: queue_versions.history(conn, "lab"),
    "alerts that stand": lambda conn: alerts.of_rules(conn),
    "a screen's address": lambda conn: screens.find(conn, "x"),
    "a person's skills": lambda conn: skills.of_user(conn, "x"),
    "a person's teams": lambda conn: teams.of_user(conn, "x"),
}
IN_ORDER = ("where somebody sat", "the last messages", "what was closed", "versions")


async def fill(engine: AsyncEngine) -> None:
    """A month of spells of twenty phones, and some rows of all else."""
    began = NOW - timedelta(days=30)
    step = timedelta(days=30) / (SPELLS / PHONES)
    async with engine.begin() as conn:
        rows = [
            {"id": f"{m}-{n}", "server": "lab", "interface": f"PJSIP/{1001 + n}", "user_id": f"user {n}", "name": "x",
             "state": "ready" if m % 2 else "on_call", "reason": "", "queues": "[]", "since": began + step * m,
             "until": began + step * (m + 1) if m + 1 < SPELLS // PHONES else None}
            for m in range(SPELLS // PHONES) for n in range(PHONES)
        ]  # fmt: skip
        await conn.execute(agent_states_table.insert(), rows)
        people = [
            (await users.create(conn, name=f"user {n}", role="agent", password_hash="x")).id for n in range(PHONES)
        ]
        for n, user_id in enumerate(people):
            await sign_ins.sign_in(conn, user_id, "lab", f"PJSIP/{1001 + n}", now=NOW)
        await floor_messages.send(conn, people, from_name="x", text="x", now=NOW)
        for n in range(20):
            await queues.create(conn, "lab", QueueDefinition(name=f"queue {n}"), by="x", now=NOW)
            await closures.close(conn, "lab", Closure(queue=f"queue {n}"), now=NOW)
        for n in range(120):
            raised = await alerts.raise_(conn, NewAlert(key=f"k{n}", title="t", rule_id="r"), now=NOW)
            if n % 20:
                await alerts.close(conn, raised.id, by="x", now=NOW)
        await conn.execute(text("ANALYZE"))


async def test_what_the_floor_asks_all_day_is_read_from_indexes_and_histories_in_order(engine: AsyncEngine) -> None:
    await fill(engine)
    read_whole: list[tuple[str, str]] = []
    sorted_: list[tuple[str, str]] = []
    for name, ask in ASKED.items():
        plans: list[str] = []
        async with plans_of(engine, plans) as conn:
            if engine.dialect.name == "postgresql":  # it reads small tables whole: could it do otherwise?
                await conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
                await conn.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            await ask(conn)
        assert plans
        read_whole += [(name, plan) for plan in plans if any(reads_all_of(table, plan) for table in LARGE)]
        sorted_ += [(name, plan) for plan in plans if name in IN_ORDER and sorts(plan)]
    assert read_whole == []
    assert sorted_ == []


async def test_the_board_starts_from_its_day_and_the_calls_that_go_on_alone(big_engine: AsyncEngine) -> None:
    since = after((CALLS - 300) * 250)
    asked: dict[str, Ask] = {
        "visits": lambda conn: board_figures.visits(conn, since=since),
        "visits of a server": lambda conn: board_figures.visits(conn, since=since, server="lab"),
        "calls that go on": lambda conn: board_figures.under_way(conn),
        "calls that go on at a server": lambda conn: board_figures.under_way(conn, server="lab"),
        "agents": lambda conn: board_figures.agents(conn, since=since),
    }
    for name, ask in asked.items():
        plans: list[str] = []
        async with plans_of(big_engine, plans) as conn:
            if conn.dialect.name == "postgresql":  # of so few calls it reads all to find the legs of a day
                await conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            await ask(conn)
        index = "ix_calls_in_progress" if name.startswith("calls") else "ix_call_visits_joined"
        whole = [
            plan for plan in plans if any(reads_all_of(each, plan) for each in ("calls", "call_visits", "call_legs"))
        ]
        assert (name, whole) == (name, [])
        assert all(index in plan for plan in plans), (name, plans)
