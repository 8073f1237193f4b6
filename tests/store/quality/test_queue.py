"""What waits to be scored, for whom, in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxcall.store.paging import BadCursor
from cxcall.store.quality import evaluations, queue
from cxcall.store.quality.evaluations import OwnCall
from cxcall.store.quality.queue import NoSuchPart, NoSuchReview
from cxcall.store.quality.scorecards import NoSuchScorecard
from tests.store.quality.stage import NOW, a_person, a_review, scored, some_calls
from tests.support.quality_stage import GOOD, publish_card


async def waiting(engine: Any, calls: Any, **asked: Any) -> Any:
    """The numbers of the calls that wait."""
    async with engine.connect() as conn:
        return [calls.index(one.call_id) for one in (await queue.waiting(conn, **asked)).rows]


async def test_what_a_reviewer_has_begun_is_above_the_first_page_and_on_no_other(engine):
    calls = await some_calls(engine, 7)
    async with engine.begin() as conn:
        card = await publish_card(conn, NOW)
        reviews = [await a_review(conn, call, card) for call in calls]
        for n in (5, 2):
            await evaluations.begin(conn, reviews[n].id, reviewer="leila", now=NOW)
    pages, after = [], None
    async with engine.connect() as conn:
        for _ in range(3):
            found = await queue.waiting(conn, reviewer="leila", after=after, limit=2)
            pages.append([calls.index(one.call_id) for one in found.rows])
            after = found.next
        back = await queue.waiting(conn, reviewer="leila", after=found.previous, limit=2)
        first = await queue.waiting(conn, reviewer="leila", after=back.previous, limit=2)
    assert pages == [[2, 5, 0, 1], [3, 4], [6]]
    assert [calls.index(one.call_id) for one in first.rows] == pages[0]
    assert await waiting(engine, calls, reviewer="leila", queue="other") == []


async def test_what_somebody_else_scores_now_does_not_wait_until_they_have_left_it_for_a_day(engine):
    calls = await some_calls(engine, 3)
    async with engine.begin() as conn:
        card = await publish_card(conn, NOW)
        reviews = [await a_review(conn, call, card, wanted=2 if n == 1 else 1) for n, call in enumerate(calls)]
        for review in reviews[:2]:
            await evaluations.begin(conn, review.id, reviewer="omid", now=NOW)
    assert await waiting(engine, calls, reviewer="leila", now=NOW + timedelta(hours=23)) == [1, 2]
    assert await waiting(engine, calls, reviewer="leila", now=NOW + timedelta(hours=25)) == [0, 1, 2]
    assert await waiting(engine, calls, reviewer="omid", now=NOW + timedelta(hours=23)) == [0, 1, 2]
    async with engine.begin() as conn:
        await evaluations.begin(conn, reviews[1].id, reviewer="nima", now=NOW)
    assert await waiting(engine, calls, reviewer="leila", now=NOW + timedelta(hours=23)) == [2]


async def test_a_skipped_call_that_somebody_chooses_by_hand_waits_again(engine):
    (call,) = await some_calls(engine, 1)
    async with engine.begin() as conn:
        card = await publish_card(conn, NOW)
        review = await a_review(conn, call, card)
        await queue.skip(conn, review.id, "not now", by="leila")
        assert (await queue.waiting(conn, reviewer="leila")).rows == []
        assert await a_review(conn, call, card) == review
        assert [one.id for one in (await queue.waiting(conn, reviewer="leila")).rows] == [review.id]


async def test_what_is_no_call_no_card_or_no_place_is_refused(engine):
    (call,) = await some_calls(engine, 1)
    async with engine.begin() as conn:
        card = await publish_card(conn, NOW)
        for refusal, asked in ((NoSuchPart, ("none", "Sara", card)), (NoSuchPart, (call, "Omid", card)),
                               (NoSuchScorecard, (call, "Sara", "none"))):  # fmt: skip
            with pytest.raises(refusal):
                await queue.add(conn, *asked, by="leila", now=NOW)
        with pytest.raises(NoSuchReview):
            await queue.skip(conn, "none", "", by="leila")
        with pytest.raises(BadCursor):
            await queue.waiting(conn, reviewer="leila", after="garbage")


async def test_an_agent_nobody_knows_is_scored_too(engine):
    (call,) = await some_calls(engine, 1)
    async with engine.begin() as conn:
        review = await a_review(conn, call, await publish_card(conn, NOW))
        made = await scored(conn, review.id, "leila")
    assert (made.agent, made.agent_user_id) == ("Sara", None)


async def test_who_sat_at_the_phone_does_not_correct_their_own_evaluation(engine):
    (call,) = await some_calls(engine, 1)
    async with engine.begin() as conn:
        sara = await a_person(conn, "Sara", "PJSIP/1001", role="supervisor")
        made = await scored(conn, (await a_review(conn, call, await publish_card(conn, NOW))).id, "leila")
        with pytest.raises(OwnCall):
            await evaluations.correct(conn, made.id, GOOD, "", why="x", version=made.version, by=sara, now=NOW)
