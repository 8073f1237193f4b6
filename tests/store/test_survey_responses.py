"""Responses: one a call, whatever happens in between, and what the caller answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import Transfer
from cxcall.store import calls, survey_facts, survey_responses, survey_unasked
from cxcall.store.survey_tables import survey_answers
from cxcall.surveys.dialogue import Given
from tests.store.make import REGION, after, queue_call, write
from tests.store.survey_make import COMMENT, CSAT, NPS, answered, new, published


async def test_a_call_is_offered_its_survey_once(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        first = await survey_responses.offer(conn, new(1, survey_id=survey.id, survey_version=1))
        again = await survey_responses.offer(conn, new(1, at=5, queue="sales"))
        assert first == again
        assert (first.state, first.reason, first.end, first.survey_version) == ("offered", "ask", "", 1)
        assert (await survey_responses.offer(conn, new(2))).id != first.id
        assert (await survey_responses.offer(conn, new(1, kind="later"))).id != first.id


async def test_why_a_call_was_not_asked_never_hides_that_it_was(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        refused = await survey_responses.not_asked(conn, new(1), "closed")
        assert (refused.state, refused.reason) == ("not_asked", "closed")
        known = await survey_responses.not_asked(conn, new(1, at=3, agent="", customer_id=None), "caller_hung_up")
        assert (known.id, known.reason, known.agent) == (refused.id, "caller_hung_up", "PJSIP/1001")
        offered = await survey_responses.offer(conn, new(1, at=5))
        assert (offered.state, offered.reason, offered.offered_at) == ("offered", "ask", after(5))
        assert await survey_responses.not_asked(conn, new(1, at=9), "caller_hung_up") == offered


async def test_an_answer_is_kept_once_and_begins_the_survey(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        response = await survey_responses.offer(conn, new(1, wait=12.0, transferred=True))
        silent = Given(part="csat", result="no_input", tries=3)
        assert await survey_responses.give(conn, response, 0, silent, CSAT, after(8))
        assert (await survey_responses.find(conn, response.id)) == response
        given = Given(part="nps", result="answered", keys="9", value=9.0, tries=2)
        assert await survey_responses.give(conn, response, 1, given, NPS, after(10))
        assert not await survey_responses.give(conn, response, 1, given, NPS, after(11))
        assert not await survey_responses.begun(conn, response.id, after(12))
        started = await survey_responses.find(conn, response.id)
        assert started == replace(response, state="started", started_at=after(10))
        rows = (await conn.execute(select(survey_answers).order_by(survey_answers.c.n))).all()
    assert [(row.result, row.value, row.tries, row.given_at) for row in rows] == [
        ("no_input", None, 3, after(8)),
        ("answered", 9.0, 2, after(10)),
    ]
    assert (rows[1].measure, rows[1].queue, rows[1].agent, rows[1].wait) == ("nps", "support", "PJSIP/1001", 12.0)
    assert '"Would you recommend us?"' in rows[1].title


async def test_only_the_first_end_counts(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        done = await answered(conn, 1, csat=5, at=0)
        assert (done.state, done.end, done.started_at, done.ended_at) == ("finished", "finished", after(1), after(20))
        assert await survey_responses.end(conn, done.id, "hung_up", after(30)) == done
        left = await survey_responses.offer(conn, new(2))
        left_ = await survey_responses.end(conn, left.id, "hung_up", after(3))
        assert left_ == replace(left, end="hung_up", ended_at=after(3))
        over = await survey_responses.offer(conn, new(3))
        passed = await survey_responses.end(conn, over.id, "handed_over", after(4), handed_to="queue:support")
        assert passed is not None
        assert (passed.state, passed.handed_to, passed.started_at) == ("finished", "queue:support", after(4))
        assert await survey_responses.end(conn, "no such", "finished", after(1)) is None


async def test_a_survey_cut_off_in_the_middle_is_ended_as_lost_with_what_was_given(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await answered(conn, 1, csat=5)
        await survey_responses.not_asked(conn, new(2), "closed")
        cut = await survey_responses.offer(conn, new(3))
        given = Given(part="csat", result="answered", keys="2", value=2.0)
        await survey_responses.give(conn, cut, 0, given, CSAT, after(2))
        await survey_responses.offer(conn, new(4, at=100))
        (left,) = await survey_unasked.running(conn, after(50))
        lost = await survey_responses.end(conn, left.id, "lost", after(50))
        assert lost is not None
        assert (lost.id, lost.state, lost.end) == (cut.id, "started", "lost")
        assert await survey_unasked.running(conn, after(50)) == []


async def test_a_test_leaves_no_answers(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        trial = await survey_responses.offer(conn, new(1, kind="test"))
        assert not await survey_responses.give(
            conn, trial, 0, Given(part="comment", result="answered"), COMMENT, after(1)
        )
        assert await survey_responses.last_asked(conn, number="+989123456789") is None


async def test_a_customer_was_asked_last_by_any_number(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, [write(queue_call(1)), write(queue_call(2, number="09350000001"))], region=REGION)
        first, second = [await calls.get(conn, f"lab-{1_763_700_000 + n}.{n}") for n in (1, 2)]
        assert first is not None
        assert second is not None
        mine, other = first.caller.customer_id, second.caller.customer_id
        await survey_responses.offer(conn, new(1, at=10, customer_id=mine))
        await survey_responses.offer(conn, new(2, at=20, customer_id=mine, number="+982188340000"))
        await survey_responses.not_asked(conn, new(3, at=30, customer_id=mine), "share")
        assert await survey_responses.last_asked(conn, number="+989123456789") == after(10)
        assert await survey_responses.last_asked(conn, number="+989123456789", customer_id=mine) == after(20)
        assert await survey_responses.last_asked(conn, customer_id=other) is None
        assert await survey_responses.last_asked(conn) is None


async def test_what_was_not_known_at_the_offer_is_added_later(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        response = await survey_responses.offer(conn, new(1, agent_name=""))
        await survey_responses.tie(conn, response.id, call_id="lab-1", agent_name="Sara")
        await survey_responses.tie(conn, response.id)
        assert await survey_responses.find(conn, response.id) == replace(response, call_id="lab-1", agent_name="Sara")


async def test_what_a_switch_says_never_stops_a_survey(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        odd = new(1, agent_name="Sa\0ra \ud800", number="\0" + "1" * 5000, unique_id="1\0.2", queue="q" * 9000)
        response = await survey_responses.offer(conn, odd)
        assert response == await survey_responses.not_asked(conn, odd, "closed")
    assert (response.agent_name, response.unique_id, len(response.number), len(response.queue)) == (
        "Sara ?", "1.2", 200, 200,
    )  # fmt: skip


@pytest.mark.parametrize("earlier_days", [1, 8])
async def test_the_facts_of_a_call_are_those_stored_of_it(engine: AsyncEngine, earlier_days: int) -> None:
    now = timedelta(days=earlier_days).total_seconds()
    passed = (Transfer(kind="attended", at=after(now + 30), by="1001", to="1002"),)
    async with engine.begin() as conn:
        await calls.apply(
            conn, [write(queue_call(1)), write(queue_call(2, at=now, transfers=passed))], region=REGION
        )  # fmt: skip
        first = await survey_facts.of_call(conn, "lab-1763700001.1")
        second = await survey_facts.of_call(conn, "lab-1763700002.2")
        assert await survey_facts.of_call(conn, "lab-3") is None
    assert first is not None
    assert second is not None
    assert (first.number, first.wait, first.talk, first.transferred, first.repeat) == (
        "+989123456789", 20.0, 60.0, False, False,
    )  # fmt: skip
    assert (second.customer_id, second.transferred, second.repeat) == (first.customer_id, True, earlier_days == 1)
