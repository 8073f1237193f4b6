"""Results in both databases: what each row counts, opens and costs to read."""

from __future__ import annotations

import random
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.agreement import agreement
from cxcall.quality.scorecard import Item
from cxcall.quality.scoring import Answer
from cxcall.reports.period import span_of
from cxcall.store.ids import new_id
from cxcall.store.quality import evaluations, queue, results
from cxcall.store.quality.results import BY, Only
from cxcall.store.quality.tables import evaluations as rows
from cxcall.store.quality.tables import quality_reviews
from tests.store.plans import plans_of, reads_all_of, sorts
from tests.store.quality.stage import NOW
from tests.support.quality_stage import CARD, publish_card

ZONE = ZoneInfo("Asia/Tehran")
WHERE: dict[str, Any] = {"zone": ZONE, "calendar": "jalali"}
SPAN = span_of(date(2026, 11, 1), date(2026, 11, 30), ZONE)
AGENTS, QUEUES, REVIEWERS = ("Omid", "Reza", "Sara"), ("", "sales", "support"), ("leila", "nima", "parisa")


def _answers(chance: random.Random) -> dict[str, Answer]:
    def one(item: Item) -> Answer:
        if item.na and chance.random() < 0.5:
            return Answer(value=None)
        return Answer(value=chance.randint(1, item.highest) if item.highest else chance.randint(0, 1))

    return {item.id: one(item) for item in CARD.items()}


async def fill(conn: AsyncConnection, seed: int, parts: int) -> str:
    """Reviews of made-up calls, some twice, some drafts; as many as chance brings."""
    chance = random.Random(seed)
    card = await publish_card(conn, NOW)
    for n in range(parts):
        wanted = chance.choice((1, 1, 2))
        review: dict[str, Any] = {
            "id": new_id(), "call_id": f"lab-{seed}-{n}", "agent": chance.choice(AGENTS), "agent_user_id": None,
            "queue": chance.choice(QUEUES), "began_at": SPAN.since + timedelta(hours=chance.randint(-24, 31 * 24)),
            "why": "random", "plan_id": None, "scorecard_id": card, "wanted": wanted, "done": 0, "skipped_why": None,
            "skipped_by": "", "created_at": NOW, "created_by": "leila",
        }  # fmt: skip
        await conn.execute(quality_reviews.insert().values(review))
        for reviewer in chance.sample(REVIEWERS, chance.randint(0, wanted)):
            begun = await evaluations.begin(conn, review["id"], reviewer=reviewer, now=NOW)
            if chance.random() < 0.8:
                await evaluations.submit(
                    conn, begun.id, _answers(chance), "", version=begun.version, by=reviewer, now=NOW
                )
    return card


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_row_opens_what_it_counts_whatever_it_is_narrowed_to_and_whoever_reads(engine, seed):
    async with engine.begin() as conn:
        card = await fill(conn, seed, 40)
    asked = [Only(), Only(agents=("Sara", "Reza")), Only(queues=("sales", "")), Only(scorecard_id=card),
             Only(agents=("Omid",), queues=("support",)), Only(scorecard_id="other")]  # fmt: skip
    async with engine.connect() as conn:
        for only in asked:
            for reader in ("leila", "nobody"):
                every = await results.evaluations_behind(
                    conn, SPAN, by="agent", key="", only=only, reader=reader, **WHERE, limit=500
                )
                for by in BY:
                    told = await results.results(conn, SPAN, by=by, only=only, reader=reader, **WHERE)
                    for row in told:
                        found = await results.evaluations_behind(
                            conn, SPAN, by=by, key=row.key, only=only, reader=reader, **WHERE, limit=500
                        )
                        assert len(found.rows) == row.n > 0
                        assert {one.id for one in found.rows} <= {one.id for one in every.rows}
                    if by != "item":
                        assert sum(row.n for row in told) == len(every.rows)


@pytest.mark.parametrize("seed", [4, 5])
async def test_nobody_counts_or_opens_the_first_of_two_before_the_second_is_there_but_who_wrote_it(engine, seed):
    async with engine.begin() as conn:
        await fill(conn, seed, 40)
    async with engine.connect() as conn:
        waiting = {row.id for row in await conn.execute(quality_reviews.select()) if row.wanted == 2 and row.done == 1}
        assert waiting
        for reader in (*REVIEWERS, "nobody"):
            seen = await results.evaluations_behind(
                conn, SPAN, by="agent", key="", only=Only(), reader=reader, **WHERE, limit=500
            )
            assert all(one.reviewer == reader for one in seen.rows if one.review_id in waiting)


async def test_agreement_is_counted_over_the_pairs_it_opens(engine):
    async with engine.begin() as conn:
        card = await fill(conn, 6, 80)
    async with engine.connect() as conn:
        told = await results.agreements(conn, SPAN, card, reader="nobody")
    assert [one.item_id for one in told] == [item.id for item in CARD.items()]
    for item in told:
        assert item.pairs
        assert all(one.review_id == other.review_id and one.reviewer != other.reviewer for one, other in item.pairs)
        values = [(one.answers[item.item_id].value, other.answers[item.item_id].value) for one, other in item.pairs]
        assert item.agreement == agreement(values, highest=item.highest)


async def test_lists_of_many_reviews_and_evaluations_read_indexes_and_do_not_sort(engine):
    async with engine.begin() as conn:
        card = await publish_card(conn, NOW)
        reviews = [
            {"id": f"r{n:05}", "call_id": f"lab-{n}", "agent": "Sara", "agent_user_id": f"u{n % 50}", "queue": "sales",
             "began_at": SPAN.since + timedelta(minutes=n), "why": "random", "plan_id": "p", "scorecard_id": card,
             "wanted": 1, "done": int(n % 20 != 0), "skipped_why": None, "skipped_by": "", "created_at": NOW,
             "created_by": "plan"}
            for n in range(6000)
        ]  # fmt: skip
        await conn.execute(insert(quality_reviews), reviews)
        made = [
            {"id": f"e{n:05}", "review_id": f"r{n:05}", "call_id": f"lab-{n}", "agent": "Sara",
             "agent_user_id": f"u{n % 50}", "queue": "sales", "began_at": SPAN.since + timedelta(minutes=n),
             "scorecard_id": card, "scorecard_version": 1, "reviewer": f"v{n % 7}",
             "state": "submitted" if n % 20 else "draft", "version": 2, "answers": "{}", "comment": "", "score": 0.5,
             "sections": "{}", "missed": "[]", "created_at": NOW, "saved_at": NOW, "submitted_at": NOW, "corrected": 0}
            for n in range(6000)
        ]  # fmt: skip
        await conn.execute(insert(rows), made)
        await conn.exec_driver_sql("ANALYZE")
    pages: list[str] = []
    async with plans_of(engine, pages) as conn:
        page = await queue.waiting(conn, reviewer="v3")
        await queue.waiting(conn, reviewer="v3", after=page.next)
        theirs = await evaluations.of_agent(conn, "u4")
        await evaluations.of_agent(conn, "u4", after=theirs.next)
        await evaluations.of_call(conn, "lab-70", reviewer="v1")
    tables = ("quality_reviews", "evaluations")
    for table in tables:
        assert not [plan for plan in pages if reads_all_of(table, plan)], (table, pages)
    assert "ix_quality_reviews_waiting" in "".join(pages)
    assert "ix_evaluations_agent" in "".join(pages)
    assert not sorts(next(plan for plan in pages if "ix_evaluations_agent" in plan))
    spans: list[str] = []
    day = span_of(date(2026, 11, 2), date(2026, 11, 2), ZONE)
    async with plans_of(engine, spans) as conn:
        await results.evaluations_behind(conn, day, by="agent", key="", only=Only(), reader="v1", **WHERE)
    assert "ix_evaluations_newest" in "".join(spans), spans


def test_the_period_here_is_a_month_of_tehran():
    assert SPAN.since.astimezone(UTC).hour == 20
