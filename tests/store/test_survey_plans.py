"""What is asked for every call or every page about surveys is read from an index, on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import (
    survey_answers,
    survey_askings,
    survey_calls,
    survey_comments,
    survey_drivers,
    survey_facts,
    survey_figures,
    survey_opt_outs,
    survey_pages,
    survey_responses,
    survey_unasked,
    surveys,
)
from cxcall.store.survey_figures import Cut, Period
from cxcall.store.survey_pages import CommentFilter, ResponseFilter
from tests.store.plans import plans_of, reads_all_of, sorts
from tests.store.survey_big import BEGAN, SURVEY, YEAR

LARGE = ("survey_responses", "survey_answers", "survey_comments", "survey_calls", "survey_opt_outs")
END = BEGAN + YEAR
DAY = Period(since=END - timedelta(days=1), until=END)
WEEKS = [END - timedelta(days=7) * n for n in range(12, -1, -1)]
SOME = "+989120000070"
ONE = f"{70:026x}"

Ask = Callable[[AsyncConnection], Awaitable[object]]

PER_CALL: dict[str, Ask] = {
    "rules of the queue": lambda conn: survey_askings.of(conn, "lab", "queue 1"),
    "the script": lambda conn: surveys.live(conn, SURVEY),
    "asked last": lambda conn: survey_responses.last_asked(conn, number=SOME, customer_id="customer 70"),
    "opted out": lambda conn: survey_opt_outs.holds(conn, SOME, "customer 70"),
    "facts of the call": lambda conn: survey_facts.of_call(conn, "lab-70.1"),
    "one response": lambda conn: survey_responses.find(conn, ONE),
    "what was running": lambda conn: survey_unasked.running(conn, BEGAN),
    "due": lambda conn: survey_calls.due(conn, BEGAN + timedelta(days=3)),
    "waiting to be written down": lambda conn: survey_comments.waiting(conn),
}
PER_PAGE: dict[str, Ask] = {
    "of a call": lambda conn: survey_answers.of_call(conn, "lab-70.1"),
    "of a customer": lambda conn: survey_answers.of_customer(conn, "customer 70", limit=5),
    "one with its answers": lambda conn: survey_answers.get(conn, ONE),
    "results of an agent": lambda conn: survey_figures.results_of_agent(conn, ("PJSIP/1003", "PJSIP/1007"), DAY),
    "names of agents": lambda conn: survey_figures.agent_names(conn, ["PJSIP/1003", "PJSIP/1007"]),
    "funnel": lambda conn: survey_figures.funnel(conn, Cut(period=DAY)),
    "funnel by agent": lambda conn: survey_figures.funnel_by_agent(conn, Cut(period=DAY, survey_id=SURVEY)),
    "parts": lambda conn: survey_figures.parts(conn, Cut(period=DAY, survey_id=SURVEY)),
    "score": lambda conn: survey_figures.scores(conn, "nps", Cut(period=DAY)),
    "score of a queue": lambda conn: survey_figures.scores(conn, "nps", Cut(period=DAY, queue="queue 1")),
    "score by queue": lambda conn: survey_figures.scores_by_queue(conn, "nps", Cut(period=DAY)),
    "score by agent": lambda conn: survey_figures.scores_by_agent(conn, "nps", Cut(period=DAY)),
    "score by week": lambda conn: survey_figures.scores_by_edges(conn, "nps", WEEKS, Cut(period=DAY)),
    "drivers": lambda conn: survey_drivers.drivers(conn, "nps", Cut(period=DAY)),
}
LISTS: dict[str, ResponseFilter] = {
    "all": ResponseFilter(),
    "days": ResponseFilter(since=END - timedelta(days=90), until=END),
    "queue": ResponseFilter(queue="queue 1"),
    "agent": ResponseFilter(agent="PJSIP/1003"),
    "finished": ResponseFilter(state="finished"),
    "not asked": ResponseFilter(state="not_asked"),
    "why not": ResponseFilter(state="not_asked", reason="transferred"),
    "low scores": ResponseFilter(measure="nps", at_most=6),
    "commented": ResponseFilter(commented=True),
}
FEW: dict[str, ResponseFilter] = {
    "an answer": ResponseFilter(survey_id=SURVEY, part="solved", keys="2", since=DAY.since, until=DAY.until),
    "a number": ResponseFilter(number=SOME),
    "a customer": ResponseFilter(customer_id="customer 70"),
    "what a day said": ResponseFilter(measure="nps", at_most=6, since=END - timedelta(days=1), until=END),
}
COMMENTS: dict[str, CommentFilter] = {
    "all": CommentFilter(),
    "queue": CommentFilter(queue="queue 1"),
    "agent": CommentFilter(agent="PJSIP/1003"),
    "of a survey, not heard": CommentFilter(survey_id=SURVEY, unheard=True),
}


def found_by_index(plan: str) -> bool:
    return not any(reads_all_of(table, plan) for table in LARGE)


@pytest.mark.parametrize("name", [*PER_CALL, *PER_PAGE])
async def test_a_question_is_answered_from_indexes(surveyed_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(surveyed_engine, plans) as conn:
        await {**PER_CALL, **PER_PAGE}[name](conn)
    assert plans
    assert [plan for plan in plans if not found_by_index(plan)] == []


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_of_responses_is_read_in_order_from_its_index(surveyed_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(surveyed_engine, plans) as conn:
        first = await survey_pages.page(conn, LISTS[name], limit=20)
        await survey_pages.page(conn, LISTS[name], limit=20, after=first.next)
    assert len(first.rows) == 20
    lists = [plan for plan in plans if "ix_survey_responses_" in plan]
    assert len(lists) == 2
    assert [plan for plan in lists if sorts(plan) or not found_by_index(plan)] == []


@pytest.mark.parametrize("name", FEW)
async def test_a_page_of_few_responses_never_reads_the_others(surveyed_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(surveyed_engine, plans) as conn:
        await survey_pages.page(conn, FEW[name], limit=5)
        await survey_pages.count(conn, FEW[name])
    assert [plan for plan in plans if not found_by_index(plan)] == []


@pytest.mark.parametrize("name", COMMENTS)
async def test_a_page_of_comments_is_read_in_order_from_its_index(surveyed_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(surveyed_engine, plans) as conn:
        first = await survey_pages.comments(conn, COMMENTS[name], limit=5)
        await survey_pages.comments(conn, COMMENTS[name], limit=5, after=first.next)
    lists = [plan for plan in plans if "ix_survey_comments_" in plan]
    assert len(lists) == 2
    assert [plan for plan in lists if sorts(plan) or not found_by_index(plan)] == []


async def test_survey_calls_and_opt_outs_are_listed_in_order_from_an_index(surveyed_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(surveyed_engine, plans) as conn:
        await survey_calls.page(conn, limit=20)
        await survey_calls.page(conn, "waiting", limit=20)
        await survey_opt_outs.page(conn, limit=20)
    assert len(plans) == 3
    assert [plan for plan in plans if sorts(plan) or not found_by_index(plan)] == []
