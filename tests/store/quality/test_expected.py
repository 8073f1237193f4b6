"""About how many calls a plan would draw: what it draws, on average, and never more calls looked at than so many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store.quality import expected
from cxcall.store.quality.expected import Expected
from cxcall.store.quality.plans import Drawn
from tests.store.make import MORNING
from tests.store.plans import plans_of, reads_all_of
from tests.store.quality.stage import DAY, some_calls

# The calls begin on Saturday 21 November 2026, MORNING.
NOW = MORNING + timedelta(days=14)


def drawn(**other: Any) -> Drawn:
    usual: dict[str, Any] = {"name": "Weekly", "scorecard_id": "card", "random": 3}
    return Drawn(**{**usual, **other})


async def ask(engine: AsyncEngine, **other: Any) -> Expected:
    async with engine.connect() as conn:
        return await expected.expected(conn, drawn(**other), now=NOW)


async def test_a_plan_is_told_what_it_would_draw_of_a_week_on_average(engine):
    await some_calls(engine, 14, every=DAY)  # one a day, two weeks
    assert await ask(engine) == Expected(calls=3, agents=1, of=7, weeks=2)
    assert await ask(engine, random=0, longest=1, long_from=1) == Expected(calls=1, agents=1, of=7, weeks=2)


async def test_weeks_before_the_first_call_do_not_count_those_without_calls_after_it_do(engine):
    await some_calls(engine, 4, every=60)  # in the week before the last only
    assert await ask(engine) == Expected(calls=1.5, agents=1, of=2, weeks=2)


async def test_without_calls_nothing_is_expected(engine):
    assert await ask(engine) == Expected()


@pytest.mark.parametrize("narrow", [{"queues": ("sales",)}, {"teams": ("none",)}, {"category": "none"},
                                    {"needs": "recording"}, {"needs": "transcript"}])  # fmt: skip
async def test_what_narrows_the_plan_narrows_what_is_expected(engine, narrow):
    await some_calls(engine, 3, begin=13 * DAY)
    assert (await ask(engine)).of == 3
    assert await ask(engine, **narrow) == Expected()


async def test_of_a_week_with_more_calls_the_last_ones_are_looked_at_and_that_is_said(engine):
    await some_calls(engine, 9, begin=13 * DAY)
    async with engine.connect() as conn:
        some = await expected.expected(conn, drawn(), now=NOW, looked=4)
        all_ = await expected.expected(conn, drawn(), now=NOW, looked=9)
    assert some == Expected(calls=3, agents=1, of=4, weeks=1, cut=True)
    assert all_ == Expected(calls=3, agents=1, of=9, weeks=1)


@pytest.mark.parametrize("needs", ["any", "recording", "transcript"])
async def test_what_is_told_while_one_types_reads_a_bounded_part_of_the_calls(big_engine, needs):
    found: list[str] = []
    asked = drawn(worst_mood=2, low_csat=2, category="x", queues=("support",), needs=needs)
    async with plans_of(big_engine, found) as conn:
        await expected.expected(conn, asked, now=NOW)
    assert len(found) == 2 * expected.WEEKS
    assert not [one for one in found if reads_all_of("calls", one)]
    if big_engine.dialect.name == "sqlite":
        for table in ("call_legs", "transcripts", "survey_responses", "survey_answers", "recordings"):
            assert not [one for one in found if reads_all_of(table, one)], table
