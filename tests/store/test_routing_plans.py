"""What is asked for every call, and what lists of decisions show, is read from indexes on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.routing.decision import Decision, Result
from cxcall.routing.facts import Facts
from cxcall.store import handle_times, routing_decisions, routing_facts, routing_lists, routing_past, trial_outcomes
from cxcall.store.routing_decisions import NewDecision
from tests.store.make import after
from tests.store.plans import plans_of, reads_all_of, sorts

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tehran"))
HOUR = timedelta(hours=1)
DECISIONS = 3_000
NUMBER = "+989120000007"
OF_CALLERS = ("customers", "customer_numbers", "customer_tags", "customer_accounts", "calls", "call_legs",
              "agent_states", "survey_responses", "survey_answers", "transcripts", "tasks", "call_backs")  # fmt: skip
OF_DECISIONS = ("routing_decisions", "routing_facts", "routing_matches", "routing_trials", "calls", "call_visits")

Ask = Callable[[AsyncConnection], Awaitable[object]]

ASKED: dict[str, Ask] = {
    "a call's decisions": lambda conn: routing_decisions.of_call(conn, "lab-7.1"),
    "a call's decisions by its channels": lambda conn: routing_decisions.of_call(
        conn, "lab-7.1", server="lab", unique_ids=["7.1", "8.1"]
    ),
    "a channel's decision": lambda conn: routing_decisions.of_channel(conn, "lab", "7.1"),
    "decisions": lambda conn: routing_lists.page(conn),
    "an hour's decisions": lambda conn: routing_lists.page(conn, since=NOW - HOUR, until=NOW),
    "decisions of a rule": lambda conn: routing_lists.page_of_rule(conn, "rule 3"),
    "a day's decisions of a rule": lambda conn: routing_lists.page_of_rule(conn, "rule 3", day="2026-11-21"),
    "how often rules held": lambda conn: routing_lists.counts(conn, ["rule 3"], since="2026-11-20", until="2026-11-22"),
    "when rules held last": lambda conn: routing_lists.last_held(conn, ["rule 3", "rule 4"]),
    "an hour to play again": lambda conn: routing_past.past(conn, since=NOW - HOUR, until=NOW),
    "how long agents were busy": lambda conn: handle_times.means(conn, since=NOW - HOUR),
    "how many an hour had": lambda conn: routing_lists.total(conn, since=NOW - HOUR, until=NOW, most=1000),
    "calls of a page's decisions": lambda conn: routing_decisions.calls_of(conn, ["7", "8", "9"]),
    "which experiments there were": lambda conn: trial_outcomes.names(conn),
    "what nobody tied": lambda conn: routing_decisions.link_open(conn, since=NOW - HOUR, until=NOW),
}
IN_ORDER = ("decisions", "an hour's decisions", "decisions of a rule", "a day's decisions of a rule")


async def fill(conn: AsyncConnection) -> None:
    """Some days of decisions, each by two of ten rules."""
    news = [
        NewDecision(
            decision=Decision(
                at=NOW - n * timedelta(minutes=1), result=Result(queue="q"), groups={"t": "control"},
                matched=(f"rule {n % 10}", f"rule {(n + 1) % 10}"),
            ),
            server="lab", unique_id=f"{n}.1", call_id=f"lab-{n}.1" if n % 2 else None,
            facts=Facts(at=NOW, server="lab", call=f"{n}.1"),
        )
        for n in range(DECISIONS)
    ]  # fmt: skip
    await routing_decisions.add(conn, news)


async def test_a_caller_is_known_from_indexes_alone_in_one_statement(big_engine: AsyncEngine) -> None:
    explain = "EXPLAIN QUERY PLAN " if big_engine.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF) "
    async with big_engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            sql, parameters = routing_facts.statement(conn, [NUMBER])
            dear = str((await conn.exec_driver_sql(f"EXPLAIN {sql}", parameters)).scalar())
            cost = float(dear.partition("..")[2].partition(" ")[0])
            assert cost < 50_000, "from 100,000 on PostgreSQL compiles it anew for each read (jit)"
        if conn.dialect.name == "postgresql":  # tables that are empty here it reads whole: could it do otherwise?
            await conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        known = await routing_facts.of_number(conn, NUMBER, now=after(20_000 * 250).astimezone(NOW.tzinfo))
        sql, parameters = routing_facts.statement(conn, [NUMBER])
        plan = "\n".join(str(row[-1]) for row in await conn.exec_driver_sql(explain + sql, parameters))
    assert known.customer is not None
    assert known.past.last_outcome == "answered"
    assert [table for table in OF_CALLERS if reads_all_of(table, plan)] == []
    assert "BLOOM FILTER" not in plan  # it is made by reading the whole table
    assert "AUTOMATIC" not in plan
    for index in ("ix_calls_customer", "ix_tasks_customer", "ix_customers_merged_into"):
        assert index in plan, index


async def test_decisions_are_found_listed_and_counted_from_indexes(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await fill(conn)
        await conn.execute(text("ANALYZE"))
    read_whole: list[tuple[str, str]] = []
    sorted_: list[tuple[str, str]] = []
    for name, ask in ASKED.items():
        plans: list[str] = []
        async with plans_of(engine, plans) as conn:
            if engine.dialect.name == "postgresql":
                await conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
                await conn.exec_driver_sql("SET LOCAL enable_bitmapscan = off" if name in IN_ORDER else "SELECT 1")
            await ask(conn)
        assert plans
        read_whole += [(name, plan) for plan in plans if any(reads_all_of(table, plan) for table in OF_DECISIONS)]
        sorted_ += [(name, plan) for plan in plans if name in IN_ORDER and sorts(plan)]
    assert read_whole == []
    assert sorted_ == []
