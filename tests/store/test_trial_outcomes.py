"""What became of a trial's calls, by group, as experiments compare it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.routing import trials
from cxcall.routing.decision import Decision, Result
from cxcall.routing.trials import MEASURES
from cxcall.store import calls, routing_decisions, trial_outcomes
from cxcall.store.routing_decisions import NewDecision
from tests.store.make import REGION, after, queue_call, ringing, write
from tests.store.plans import plans_of, reads_all_of
from tests.store.survey_make import answered

DAY = 86_400
NOW = after(20 * DAY).astimezone(ZoneInfo("Asia/Tehran"))


async def called(
    conn: AsyncConnection, record: CallRecord, group: Literal["treated", "control"] | None, *, who: str | None = None
) -> None:
    """A call that was decided for and is tied to its decision."""
    await calls.apply(conn, [write(record)], region=REGION)
    at = (record.started_at or NOW).astimezone(NOW.tzinfo)
    decision = Decision(at=at, result=Result(), groups={"faster": group} if group else {})
    unique = record.linked_ids[0]
    new = NewDecision(
        decision=decision, server="lab", unique_id=unique, call_id=record.id, number="+989123456789", customer_id=who
    )
    await routing_decisions.add(conn, [new])


def abandoned(n: int, at: float) -> CallRecord:
    record = ringing(queue_call(n, at=at))
    visit = replace(record.queue_visits[0], left_at=after(at + 9), result="abandoned", wait=9.0)
    return replace(record, ended_at=after(at + 9), outcome="abandoned", ended_by="caller", queue_visits=(visit,))


async def values(conn: AsyncConnection, measure: trials.Measure) -> list[tuple[str, float]]:
    return [(each.arm, each.value) for each in await trial_outcomes.of_trial(conn, "faster", measure, now=NOW)]


async def test_each_call_of_a_trial_has_one_value_a_measure(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        first, second, third = queue_call(1), abandoned(2, 2 * DAY), queue_call(3, at=15 * DAY)
        await called(conn, first, "treated", who="c1")
        await called(conn, second, "control")
        await called(conn, third, "treated", who="c1")
        await called(conn, queue_call(4, at=16 * DAY), None)
        await called(conn, ringing(queue_call(5, at=19 * DAY)), "control")
        await answered(conn, 1, csat=5, nps=9, call_id=first.id)
        await answered(conn, 3, csat=2, call_id=third.id)
        await answered(conn, 9, csat=1)
        assert await values(conn, "csat") == [("treated", 5.0), ("treated", 2.0)]
        assert await values(conn, "nps") == [("treated", 9.0)]
        assert await values(conn, "wait") == [("treated", 20.0), ("control", 9.0), ("treated", 20.0)]
        assert await values(conn, "abandoned") == [("treated", 0.0), ("control", 1.0), ("treated", 0.0)]
        assert await values(conn, "handle") == [("treated", 60.0), ("treated", 60.0)]
        assert await values(conn, "repeat") == [("treated", 1.0), ("control", 0.0)]  # the third is not a week ago
        found = await trial_outcomes.of_trial(conn, "faster", "wait", now=NOW)
        assert [each.who for each in found] == ["c1", "+989123456789", "c1"]
        assert await trial_outcomes.sizes(conn, "faster") == {"treated": 2, "control": 2}
        sums = trials.sample("wait", ((each.who, each.value) for each in found if each.arm == "treated"))
        assert (sums.customers, sums.n, sums.total) == (1, 2, 40.0)


async def test_a_call_that_asked_twice_counts_once_and_a_period_may_be_chosen(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        once = queue_call(1)
        await called(conn, once, "treated")
        again = Decision(at=NOW, result=Result(), groups={"faster": "control"})
        await routing_decisions.add(
            conn, [NewDecision(decision=again, server="lab", unique_id="x", call_id=once.id, number="1")]
        )
        await called(conn, queue_call(2, at=DAY), "control")
        assert await values(conn, "wait") == [("treated", 20.0), ("control", 20.0)]
        later = await trial_outcomes.of_trial(
            conn, "faster", "wait", now=NOW, since=after(DAY), until=after(DAY) + timedelta(hours=1)
        )
        assert [each.arm for each in later] == ["control"]
        assert await trial_outcomes.of_trial(conn, "another", "wait", now=NOW) == []


@pytest.mark.parametrize("measure", MEASURES)
async def test_outcomes_read_the_calls_of_the_trial_alone(big_engine: AsyncEngine, measure: trials.Measure) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        if conn.dialect.name == "postgresql":
            await conn.execute(text("SET LOCAL enable_seqscan = off"))
        await trial_outcomes.of_trial(conn, "faster", measure, now=NOW)
    large = ("calls", "call_visits", "routing_decisions", "routing_trials", "survey_responses", "survey_answers")
    assert [plan for plan in plans if any(reads_all_of(table, plan) for table in large)] == []
