"""Calls chosen by their survey, names and weeks: the same rows as the figures, read from indexes on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import survey_history, survey_names, survey_weeks
from cxcall.store.survey_choice import Answered, Surveyed, ids_of_calls
from cxcall.store.survey_figures import Cut, Period, funnel, scores
from tests.store.plans import plans_of, reads_all_of
from tests.store.survey_big import BEGAN, SURVEY, YEAR

END = BEGAN + YEAR
SINCE = END - timedelta(days=1)
DAY = Period(since=SINCE, until=END)
WEEKS = [END - timedelta(days=7) * n for n in range(12, -1, -1)]
LARGE = ("survey_responses", "survey_answers", "survey_comments")

CHOICES: dict[str, Surveyed] = {
    "asked": Surveyed(states=("offered", "started", "finished"), since=SINCE, until=END),
    "finished in a queue": Surveyed(states=("finished",), queue="queue 1", since=SINCE, until=END),
    "why not": Surveyed(states=("not_asked",), reason="transferred", since=SINCE, until=END),
    "all of a day": Surveyed(kinds=("after_call",), since=SINCE, until=END),
    "detractors": Surveyed(scores=(Answered(measure="nps", most=6),), since=SINCE, until=END),
    "of an agent": Surveyed(
        scores=(Answered(measure="csat"),), agents=("PJSIP/1003",), since=END - timedelta(days=4), until=END
    ),
    "a question": Surveyed(part="solved", survey_id=SURVEY, since=SINCE, until=END),
    "comments": Surveyed(commented=True, since=SINCE, until=END),
}
Ask = Callable[[AsyncConnection], Awaitable[object]]
ASKS: dict[str, Ask] = {
    "queues": survey_names.queues,
    "agents": survey_names.agents,
    "ever": survey_names.ever,
    "weeks": lambda conn: survey_weeks.asked_by_edges(conn, WEEKS, Cut(period=DAY)),
    "of calls": lambda conn: survey_history.of_calls(conn, ["lab-70.1", "lab-71.1"]),
}


async def _number(conn: AsyncConnection, wanted: Surveyed) -> int:
    return await conn.scalar(select(func.count()).select_from(ids_of_calls(wanted).subquery())) or 0


@pytest.mark.parametrize("name", [*CHOICES, *ASKS])
async def test_it_is_read_from_an_index(surveyed_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(surveyed_engine, plans) as conn:
        if name in ASKS:
            assert await ASKS[name](conn)
        else:
            assert await _number(conn, CHOICES[name]) > 0
    assert plans
    assert [plan for plan in plans if any(reads_all_of(table, plan) for table in LARGE)] == []


async def test_a_choice_holds_the_rows_the_figures_count(surveyed_engine: AsyncEngine) -> None:
    cut = Cut(period=DAY, queue="queue 1")
    async with surveyed_engine.connect() as conn:
        stood = await funnel(conn, cut)
        given = await scores(conn, "nps", cut)
        weeks = await survey_weeks.asked_by_edges(conn, [SINCE, END], cut)
        asked = await _number(
            conn, Surveyed(states=("offered", "started", "finished"), queue="queue 1", since=SINCE, until=END)
        )
        passed = await _number(
            conn, Surveyed(states=("not_asked",), reason="transferred", queue="queue 1", since=SINCE, until=END)
        )
        low = await _number(
            conn, Surveyed(scores=(Answered(measure="nps", most=6),), queue="queue 1", since=SINCE, until=END)
        )
    assert asked == sum(count.n for count in stood if count.state != "not_asked") == weeks[0][0]
    assert weeks[0][1] == sum(count.n for count in stood if count.state == "finished")
    assert passed == sum(count.n for count in stood if count.reason == "transferred")
    assert low == sum(n for value, n in given.items() if value <= 6)
