"""Evaluations in both databases: drafts, submitting, blind double scoring, corrections."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from cxcall.quality.scoring import Answer
from cxcall.store.errors import Conflict
from cxcall.store.quality import evaluations, queue, scorecards
from cxcall.store.quality.evaluations import AlreadyScored, NotSubmitted
from cxcall.store.quality.scorecards import NoSuchScorecard
from cxcall.store.quality.tables import evaluations as rows
from tests.store.quality.stage import NOW, a_review, scored, some_calls
from tests.support.quality_stage import GOOD, MISSED, publish_card


async def one_review(engine: Any, *, wanted: int = 1) -> Any:
    (call,) = await some_calls(engine, 1)
    async with engine.begin() as conn:
        return await a_review(conn, call, await publish_card(conn, NOW), wanted=wanted)


async def test_a_draft_is_kept_submitted_and_then_no_draft_any_more(engine):
    review = await one_review(engine)
    async with engine.begin() as conn:
        begun = await evaluations.begin(conn, review.id, reviewer="leila", now=NOW)
        assert await evaluations.begin(conn, review.id, reviewer="leila", now=NOW) == begun
        some = {"listened": Answer(value=4, comment="almost")}
        kept = await evaluations.save_draft(conn, begun.id, some, "so far", version=1, by="leila", now=NOW)
        assert (kept.version, kept.answers, kept.comment, kept.score) == (2, some, "so far", None)
        made = await evaluations.submit(conn, begun.id, MISSED, "done", version=2, by="leila", now=NOW)
        assert (made.state, made.score, made.missed, made.submitted_at) == ("submitted", 0.0, ("identified",), NOW)
        assert await evaluations.begin(conn, review.id, reviewer="leila", now=NOW) == made
        after = await queue.get(conn, review.id)
        assert after is not None
        assert (after.done, after.waits) == (1, False)
        with pytest.raises(NotSubmitted):
            await evaluations.save_draft(conn, made.id, some, "", version=3, by="leila", now=NOW)
        with pytest.raises(NotSubmitted):
            await evaluations.submit(conn, made.id, GOOD, "", version=3, by="leila", now=NOW)


async def test_a_draft_that_another_window_saved_is_not_written_over(engine):
    review = await one_review(engine)
    async with engine.begin() as conn:
        begun = await evaluations.begin(conn, review.id, reviewer="leila", now=NOW)

    async def save(value: Any) -> Any:
        async with engine.begin() as conn:
            answers = {"listened": Answer(value=value)}
            return await evaluations.save_draft(conn, begun.id, answers, "", version=1, by="leila", now=NOW)

    one, other = list[Any](await asyncio.gather(save(2), save(3), return_exceptions=True))
    refused, saved = (one, other) if isinstance(one, Conflict) else (other, one)
    assert isinstance(refused, Conflict)
    assert refused.args == (saved,)


async def test_one_window_that_begins_twice_at_once_has_one_draft(engine):
    review = await one_review(engine)

    async def begin(reviewer: str) -> Any:
        async with engine.begin() as conn:
            return await evaluations.begin(conn, review.id, reviewer=reviewer, now=NOW)

    one, other = await asyncio.gather(begin("leila"), begin("leila"))
    assert one == other


async def test_of_two_reviewers_at_once_one_scores_and_the_other_is_told(engine):
    review = await one_review(engine)

    async def begin(reviewer: str) -> Any:
        async with engine.begin() as conn:
            return await evaluations.begin(conn, review.id, reviewer=reviewer, now=NOW)

    found = await asyncio.gather(begin("leila"), begin("omid"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["AlreadyScored", "Evaluation"]


async def test_a_draft_that_is_still_worked_on_keeps_others_out(engine):
    review = await one_review(engine)
    async with engine.begin() as conn:
        begun = await evaluations.begin(conn, review.id, reviewer="leila", now=NOW)
        later = NOW + timedelta(hours=20)
        await evaluations.save_draft(conn, begun.id, {}, "", version=1, by="leila", now=later)
        with pytest.raises(AlreadyScored):
            await evaluations.begin(conn, review.id, reviewer="omid", now=NOW + timedelta(hours=30))


async def test_two_who_score_the_same_part_know_of_each_other_when_both_are_done(engine):
    review = await one_review(engine, wanted=2)
    async with engine.begin() as conn:

        async def seen(reader: str) -> Any:
            return [one.reviewer for one in await evaluations.of_call(conn, review.call_id, reviewer=reader)]

        await scored(conn, review.id, "leila")
        assert (await seen("leila"), await seen("omid"), await seen("admin")) == (["leila"], [], [])
        begun = await evaluations.begin(conn, review.id, reviewer="omid", now=NOW + timedelta(hours=1))
        assert (await seen("leila"), await seen("omid")) == (["leila"], ["omid"])
        with pytest.raises(AlreadyScored):
            await evaluations.begin(conn, review.id, reviewer="third", now=NOW)
        await evaluations.submit(conn, begun.id, MISSED, "", version=1, by="omid", now=NOW)
        both = ["leila", "omid"]
        assert (await seen("leila"), await seen("omid"), await seen("admin")) == (both, both, both)


async def test_a_part_skipped_after_the_first_of_two_is_hidden_only_from_who_has_begun_to_score_it(engine):
    review = await one_review(engine, wanted=2)
    async with engine.begin() as conn:
        first = await scored(conn, review.id, "leila")
        await evaluations.begin(conn, review.id, reviewer="omid", now=NOW)
        await queue.skip(conn, review.id, "enough", by="leila")
        assert await evaluations.of_call(conn, review.call_id, reviewer="admin") == [first]
        assert [one.reviewer for one in await evaluations.of_call(conn, review.call_id, reviewer="omid")] == ["omid"]


async def test_by_a_retired_scorecard_what_was_begun_is_finished_and_nothing_is_begun(engine):
    first, second = await some_calls(engine, 2)
    async with engine.begin() as conn:
        card = await publish_card(conn, NOW)
        begun_review, other = await a_review(conn, first, card), await a_review(conn, second, card)
        begun = await evaluations.begin(conn, begun_review.id, reviewer="leila", now=NOW)
        retired = await scorecards.retire(conn, card, version=2, by="leila", now=NOW)
        with pytest.raises(NoSuchScorecard):
            await evaluations.begin(conn, other.id, reviewer="leila", now=NOW)
        assert [one.id for one in (await queue.waiting(conn, reviewer="leila")).rows] == [begun_review.id]
        assert (await queue.waiting(conn, reviewer="omid")).rows == []
        await evaluations.submit(conn, begun.id, GOOD, "", version=1, by="leila", now=NOW)
        await scorecards.restore(conn, card, version=retired.version, by="leila", now=NOW)
        assert [one.id for one in (await queue.waiting(conn, reviewer="leila")).rows] == [other.id]


async def test_each_correction_keeps_what_was_said_before(engine):
    review = await one_review(engine)
    async with engine.begin() as conn:
        made = await scored(conn, review.id, "leila")
        once = await evaluations.correct(
            conn, made.id, MISSED, "missed it", why="heard again", version=made.version, by="omid", now=NOW
        )
        twice = await evaluations.correct(
            conn, made.id, GOOD, "no", why="was right", version=once.version, by="leila", now=NOW
        )
        with pytest.raises(Conflict):
            await evaluations.correct(conn, made.id, GOOD, "", why="x", version=made.version, by="omid", now=NOW)
        told = await evaluations.history(conn, made.id)
    assert (once.score, once.corrected, twice.score, twice.corrected) == (0.0, 1, 1.0, 2)
    assert [(one.n, one.score, one.comment, one.why, one.by) for one in told] == [
        (1, 1.0, "", "heard again", "omid"), (2, 0.0, "missed it", "was right", "leila")
    ]  # fmt: skip
    assert [one.answers for one in told] == [GOOD, MISSED]


async def test_a_draft_is_not_corrected(engine):
    review = await one_review(engine)
    async with engine.begin() as conn:
        begun = await evaluations.begin(conn, review.id, reviewer="leila", now=NOW)
        with pytest.raises(NotSubmitted):
            await evaluations.correct(conn, begun.id, GOOD, "", why="x", version=1, by="leila", now=NOW)


async def test_of_two_corrections_at_once_one_holds_and_history_has_one(engine):
    review = await one_review(engine)
    async with engine.begin() as conn:
        made = await scored(conn, review.id, "leila")

    async def correct(by: str) -> Any:
        async with engine.begin() as conn:
            return await evaluations.correct(conn, made.id, MISSED, by, why="x", version=made.version, by=by, now=NOW)

    found = await asyncio.gather(correct("leila"), correct("omid"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "Evaluation"]
    async with engine.connect() as conn:
        assert len(await evaluations.history(conn, made.id)) == 1


async def test_a_submission_that_is_cut_off_leaves_the_draft_and_the_review_as_they_were(engine):
    review = await one_review(engine)
    async with engine.begin() as conn:
        begun = await evaluations.begin(conn, review.id, reviewer="leila", now=NOW)

    async def cut_off() -> None:
        async with engine.begin() as conn:
            await evaluations.submit(conn, begun.id, GOOD, "", version=1, by="leila", now=NOW)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await cut_off()
    async with engine.connect() as conn:
        assert await evaluations.get(conn, begun.id) == begun
        assert await queue.get(conn, review.id) == review
        assert await conn.scalar(select(func.count()).select_from(rows)) == 1
