"""What is asked for every call, page or search about speech is read from an index, on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import (
    category_figures,
    category_talks,
    hints,
    recordings,
    speech_jobs,
    speech_search,
    speech_settings,
    transcript_pages,
    transcripts,
    turns,
    understood,
    voicemails,
)
from cxcall.store.category_figures import Cut
from cxcall.store.speech_search import SearchFilter
from cxcall.store.survey_figures import Period
from cxcall.store.transcript_pages import TranscriptFilter
from tests.store.plans import plans_of, reads_all_of, sorts
from tests.store.speech_big import BEGAN, CATEGORIES, YEAR

Ask = Callable[[AsyncConnection], Awaitable[object]]

LARGE = ("transcripts", "turns", "speech_texts", "recordings", "speech_jobs", "category_hits", "category_calls",
         "required_checks", "hints")  # fmt: skip
END = BEGAN + YEAR
DAY = Cut(period=Period(since=END - timedelta(days=1), until=END))
DAYS = [END - timedelta(days=n) for n in range(7, -1, -1)]

ASKED: dict[str, Ask] = {
    "the transcript of a call": lambda conn: transcripts.of_call(conn, "lab-70.1"),
    "transcripts of comments": lambda conn: transcripts.of_subjects(conn, "comment", ["r-why", "s-why"]),
    "what was live": lambda conn: transcripts.under_way(conn, "live"),
    "messages left in a call": lambda conn: voicemails.of_call(conn, "lab-70.1"),
    "turns": lambda conn: turns.of_transcript(conn, "x"),
    "the last turn": lambda conn: turns.last_n(conn, "x"),
    "what was found": lambda conn: understood.found(conn, "x"),
    "calls of a list": lambda conn: transcript_pages.of_calls(conn, [f"lab-{n}.1" for n in range(50)]),
    "recordings of a call": lambda conn: recordings.of_call(conn, "lab-70.1"),
    "recordings to be deleted": lambda conn: recordings.due(conn, BEGAN),
    "recordings under way": lambda conn: recordings.open_ones(conn),
    "rules of the queue": lambda conn: speech_settings.of(conn, "lab", "queue 1"),
    "hints of a call": lambda conn: hints.of_call(conn, "lab-70.1"),
    "uses of hints": lambda conn: hints.uses(conn, DAY.period),
    "what a day found": lambda conn: category_figures.counts(conn, DAY),
    "by queue": lambda conn: category_figures.by_queue(conn, CATEGORIES[1], DAY),
    "what had to be said": lambda conn: category_figures.required(conn, DAY),
    "the last talks": lambda conn: category_talks.sample(conn, most=50),
}
LISTS: dict[str, TranscriptFilter] = {
    "all": TranscriptFilter(),
    "days": TranscriptFilter(since=END - timedelta(days=90), until=END),
    "queue": TranscriptFilter(queue="queue 1"),
    "agent": TranscriptFilter(agents=("PJSIP/1001",)),
}
SEARCHES: dict[str, SearchFilter] = {
    "word": SearchFilter(text="refund"),
    "phrase": SearchFilter(text='"the you"', speaker="agent"),
    "everything": SearchFilter(text="refund می\u200cخواهم ord*", queue="queue 1", agents=("PJSIP/1001",), mood_max=0.1,
                               category_id=CATEGORIES[0], since=END - timedelta(days=90)),
}  # fmt: skip


def found_by_index(plan: str) -> bool:
    return not any(reads_all_of(table, plan) for table in LARGE)


@pytest.mark.parametrize("name", ASKED)
async def test_a_question_about_speech_is_answered_from_indexes(talked_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(talked_engine, plans) as conn:
        await ASKED[name](conn)
    assert plans
    assert [plan for plan in plans if not found_by_index(plan)] == []


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_of_transcripts_is_read_in_order_from_its_index(talked_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(talked_engine, plans) as conn:
        first = await transcript_pages.page(conn, LISTS[name], limit=5)
        await transcript_pages.page(conn, LISTS[name], limit=5, after=first.next)
    assert len(first.rows) == 5
    assert [plan for plan in plans if sorts(plan) or not found_by_index(plan)] == []


@pytest.mark.parametrize("name", SEARCHES)
async def test_a_search_reads_the_index_of_words_and_never_all_talks(talked_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(talked_engine, plans) as conn:
        await speech_search.page(conn, SEARCHES[name])
        await speech_search.count(conn, SEARCHES[name], at_most=20)
    assert plans
    assert [plan for plan in plans if not found_by_index(plan)] == []
    if talked_engine.dialect.name == "sqlite":
        assert any("speech_found VIRTUAL TABLE INDEX" in plan and not sorts(plan) for plan in plans)


async def test_the_calls_of_a_category_and_its_days_are_read_in_order(talked_engine: AsyncEngine) -> None:
    plans: list[str] = []
    year = Cut(period=Period(since=BEGAN, until=END))
    async with plans_of(talked_engine, plans) as conn:
        first = await category_talks.page(conn, CATEGORIES[0], year, limit=20)
        await category_talks.page(conn, CATEGORIES[0], year, limit=20, after=first.next)
    assert len(first.rows) == 20
    assert [plan for plan in plans if sorts(plan) or not found_by_index(plan)] == []
    plans.clear()
    async with plans_of(talked_engine, plans) as conn:
        await category_figures.trend(conn, DAYS, DAY)
    assert [plan for plan in plans if not found_by_index(plan)] == []


async def test_the_next_job_is_found_by_its_index(talked_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(talked_engine, plans) as conn:
        await conn.execute(speech_jobs.ready(END))
    assert [plan for plan in plans if sorts(plan) or not found_by_index(plan)] == []
