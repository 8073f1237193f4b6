"""Words about a caller go from evaluations and what came of them; what was scored stays."""

from __future__ import annotations

import pytest

from cxcall.quality.scoring import Answer
from cxcall.store import calls
from cxcall.store.errors import Conflict
from cxcall.store.quality import coaching, disputes, evaluations, forgetting, queue
from tests.store.make import REGION, queue_call, write
from tests.store.quality.stage import NOW, a_person, a_review
from tests.support.quality_stage import GOOD, publish_card

WORDY = {**GOOD, "greeted": Answer(value=0, comment="Mrs Hosseini was cut short")}


async def test_what_was_written_about_the_calls_of_a_number_goes_and_scores_stay(engine):
    mine, other, skipped = (
        queue_call(1, number="09121110000"), queue_call(2, number="09122220000"), queue_call(3, number="09121110000")
    )  # fmt: skip
    async with engine.begin() as conn:
        await calls.apply(conn, [write(record) for record in (mine, other, skipped)], region=REGION)
        sara = await a_person(conn, "Sara", "PJSIP/1001")
        card = await publish_card(conn, NOW)
        ids = []
        for record in (mine, other):
            review = await a_review(conn, record.id, card)
            begun = await evaluations.begin(conn, review.id, reviewer="leila", now=NOW)
            made = await evaluations.submit(conn, begun.id, WORDY, "Hosseini", version=1, by="leila", now=NOW)
            await evaluations.correct(
                conn, made.id, WORDY, "Hosseini", why="Hosseini rang", version=made.version, by="leila", now=NOW
            )
            await disputes.open_(conn, made.id, "she said", by=sara, now=NOW)
            await coaching.create(conn, sara, "Let Mrs H. speak", by="leila", now=NOW, evaluation_id=made.id)
            ids.append(made.id)
        review = await a_review(conn, skipped.id, card)
        await queue.skip(conn, review.id, "Hosseini's brother", by="leila")
        before = await evaluations.get(conn, ids[0])
        assert before is not None
        assert [
            await forgetting.forget_caller(conn, "+98912" + "1110000"),
            await forgetting.forget_caller(conn, "+1"),
        ] == [1, 0]

    async with engine.connect() as conn:
        told = []
        for id_ in ids:
            its = await evaluations.get(conn, id_)
            assert its is not None
            [was] = await evaluations.history(conn, id_)
            [said] = await disputes.of_evaluation(conn, id_)
            [task] = await coaching.of_evaluation(conn, id_)
            told.append(
                [its.comment, its.answers["greeted"].comment, was.comment, was.why, was.answers["greeted"].comment,
                 said.said, task.text]
            )  # fmt: skip
            assert (its.score, its.answers["greeted"].value, was.score) == (before.score, 0, before.score)
        again = await queue.get(conn, review.id)
    comment = "Mrs Hosseini was cut short"
    assert told == [
        ["", "", "", "", "", "", forgetting.GONE],
        ["Hosseini", comment, "Hosseini", "Hosseini rang", comment, "she said", "Let Mrs H. speak"],
    ]
    assert again is not None
    assert again.skipped_why == ""
    with pytest.raises(Conflict):
        async with engine.begin() as conn:
            await evaluations.correct(conn, ids[0], WORDY, "", why="x", version=before.version, by="leila", now=NOW)
