"""Figures of surveys: each is what one would count by hand."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import survey_comments, survey_drivers, survey_figures, survey_pages
from cxcall.store import survey_responses as responses
from cxcall.store.survey_figures import AgentResults, Cut, FunnelCount, PartCount, Period
from cxcall.store.survey_pages import ResponseFilter
from cxcall.surveys.dialogue import Given
from tests.store.make import MORNING, after
from tests.store.survey_make import CSAT, NPS, answered, new, published

HOUR = Period(since=MORNING, until=after(3600))
ALL = Cut(period=HOUR)


def count(
    n: int, state: str = "not_asked", reason: str = "ask", end: str = "", kind: str = "after_call"
) -> FunnelCount:
    return FunnelCount(kind=kind, state=state, reason=reason, end=end, n=n)  # type: ignore[arg-type]  # words as the tables have them


def in_words(counts: list[FunnelCount]) -> Counter[str]:
    return Counter({f"{c.kind} {c.state} {c.reason} {c.end}".strip(): c.n for c in counts})


async def a_morning(conn: AsyncConnection, survey_id: str) -> None:
    """Sara: two finished, one left, one transferred, one opted out; Omid: one finished, one caller hung up first."""
    omid: dict[str, Any] = {"queue": "sales", "agent": "PJSIP/1002", "agent_name": "Omid", "survey_id": survey_id}
    await answered(conn, 1, nps=10, csat=5, solved="1", at=10, wait=5.0, repeat=False, survey_id=survey_id)
    await answered(conn, 2, nps=2, csat=1, solved="2", at=20, wait=90.0, repeat=True, survey_id=survey_id)
    left = await responses.offer(conn, new(3, at=30, survey_id=survey_id))
    wrong = Given(part="csat", result="wrong_key", keys="7", tries=3)
    await responses.give(conn, left, 0, wrong, CSAT, after(35))
    await responses.end(conn, left.id, "hung_up", after(40))
    await responses.not_asked(conn, new(4, at=50), "transferred")
    gone = await responses.offer(conn, new(5, at=60, survey_id=survey_id))
    await responses.give(conn, gone, 0, Given(part="csat", result="opted_out", keys="9"), CSAT, after(62))
    await responses.end(conn, gone.id, "opted_out", after(63))
    await answered(conn, 6, nps=9, solved="1", at=70, wait=15.0, transferred=True, **omid)
    await responses.not_asked(conn, new(7, at=80, **omid), "caller_hung_up")
    await answered(conn, 8, nps=0, at=90, kind="later", **omid)
    trial = await responses.offer(conn, new(9, at=95, kind="test"))
    await responses.give(conn, trial, 0, Given(part="nps", result="answered", keys="0", value=0.0), NPS, after(96))
    await answered(conn, 10, nps=7, at=7200, survey_id=survey_id)


async def test_the_funnel_counts_every_call_once_with_its_reason(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await a_morning(conn, (await published(conn)).id)
        everything = in_words(await survey_figures.funnel(conn, ALL))
        by_agent = await survey_figures.funnel_by_agent(conn, ALL)
        by_queue = await survey_figures.funnel_by_queue(conn, ALL)
    assert everything == {
        "after_call finished ask finished": 3,
        "after_call offered ask hung_up": 1,
        "after_call started ask opted_out": 1,
        "after_call not_asked transferred": 1,
        "after_call not_asked caller_hung_up": 1,
        "later finished ask finished": 1,
    }
    assert in_words(by_agent["PJSIP/1002"]) == in_words(by_queue["sales"])
    assert in_words(by_agent["PJSIP/1002"]) == {
        "after_call finished ask finished": 1,
        "after_call not_asked caller_hung_up": 1,
        "later finished ask finished": 1,
    }
    assert set(by_agent) == {"PJSIP/1001", "PJSIP/1002"}


async def test_no_way_a_response_can_stand_is_left_out_of_the_funnel(engine: AsyncEngine) -> None:
    chance = random.Random(3)
    async with engine.begin() as conn:
        for n in range(120):
            agent = f"PJSIP/100{chance.randrange(3)}" if chance.random() < 0.8 else ""
            call = new(n, at=n, queue=f"queue {n % 3}", agent=agent, kind=chance.choice(("after_call", "later")))
            if chance.random() < 0.4:
                await responses.not_asked(conn, call, chance.choice(("share", "closed", "not_answered", "unavailable")))
                continue
            response = await responses.offer(conn, call)
            if chance.random() < 0.5:
                await responses.begun(conn, response.id, after(n))
            if chance.random() < 0.8:
                ends = ("finished", "hung_up", "opted_out", "handed_over", "lost")
                await responses.end(conn, response.id, chance.choice(ends), after(n + 1))  # type: ignore[arg-type]  # words as the tables have them
        everything = await survey_figures.funnel(conn, ALL)
        asked = await survey_pages.count(conn, ResponseFilter())
        not_asked = await survey_pages.count(conn, ResponseFilter(state="not_asked"))
        for agents in (("PJSIP/1000",), ("PJSIP/1001", "PJSIP/1002")):
            mine = await survey_figures.funnel(conn, Cut(period=HOUR, agents=agents))
            assert sum(c.n for c in mine if c.state != "not_asked") == await survey_pages.count(
                conn, ResponseFilter(agent=agents)
            )
    assert sum(c.n for c in everything) == asked + not_asked == 120
    assert sum(c.n for c in everything if c.state == "not_asked") == not_asked


async def test_a_score_counts_what_was_given_in_the_period(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        await a_morning(conn, survey.id)
        assert await survey_figures.scores(conn, "nps", ALL) == {10.0: 1, 2.0: 1, 9.0: 1, 0.0: 1}
        assert await survey_figures.scores(conn, "csat", ALL) == {5.0: 1, 1.0: 1}
        assert await survey_figures.scores(conn, "ces", ALL) == {}
        assert await survey_figures.scores_by_queue(conn, "nps", ALL) == {
            "support": {10.0: 1, 2.0: 1}, "sales": {9.0: 1, 0.0: 1},
        }  # fmt: skip
        assert await survey_figures.scores_by_agent(conn, "csat", ALL) == {"PJSIP/1001": {5.0: 1, 1.0: 1}}
        sales = Cut(period=HOUR, queue="sales")
        assert await survey_figures.scores(conn, "nps", sales) == {9.0: 1, 0.0: 1}
        assert await survey_figures.scores_by_agent(conn, "nps", sales) == {"PJSIP/1002": {9.0: 1, 0.0: 1}}
        assert await survey_figures.scores_by_queue(conn, "nps", sales) == {"sales": {9.0: 1, 0.0: 1}}
        elsewhere = Cut(period=HOUR, survey_id="other")
        assert await survey_figures.scores(conn, "nps", elsewhere) == {}
        assert await survey_figures.funnel(conn, elsewhere) == []
        edges = [MORNING, after(20), after(60), after(7300)]
        assert await survey_figures.scores_by_edges(conn, "nps", edges, ALL) == [
            {10.0: 1}, {2.0: 1}, {9.0: 1, 0.0: 1, 7.0: 1},
        ]  # fmt: skip
        assert await survey_figures.scores_by_edges(conn, "nps", edges, sales) == [{}, {}, {9.0: 1, 0.0: 1}]
        assert await survey_figures.scores_by_edges(conn, "nps", edges[:1], ALL) == []


async def test_the_parts_of_a_survey_are_the_steps_of_its_funnel(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        await a_morning(conn, survey.id)
        counts = await survey_figures.parts(conn, Cut(period=HOUR, survey_id=survey.id))
        sales = await survey_figures.parts(conn, Cut(period=HOUR, survey_id=survey.id, queue="sales"))
    expected = {
        PartCount(part=part, result=result, keys=keys, n=n)  # type: ignore[arg-type]  # words as the tables have them
        for part, result, keys, n in (
            ("csat", "answered", "5", 1), ("csat", "answered", "1", 1), ("csat", "wrong_key", "", 1),
            ("csat", "opted_out", "", 1), ("nps", "answered", "10", 1), ("nps", "answered", "2", 1),
            ("nps", "answered", "9", 1), ("nps", "answered", "0", 1), ("solved", "answered", "1", 2),
            ("solved", "answered", "2", 1),
        )
    }  # fmt: skip
    assert set(counts) == expected
    assert {(c.part, c.keys, c.n) for c in sales} == {("nps", "9", 1), ("nps", "0", 1), ("solved", "1", 1)}


async def test_an_agent_sees_what_their_callers_said_on_all_their_phones(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await a_morning(conn, (await published(conn)).id)
        more = await answered(conn, 20, csat=4, at=300, agent="PJSIP/2001")
        await survey_comments.add(conn, more, "comment", sha="", seconds=1, at=after(310))
        mine = await survey_figures.results_of_agent(conn, ("PJSIP/1001", "PJSIP/2001"), HOUR)
        nobody = await survey_figures.results_of_agent(conn, (), HOUR)
        names = await survey_figures.agent_names(conn, ["PJSIP/1001", "PJSIP/1002", "PJSIP/9"])
        assert await survey_figures.agent_names(conn, []) == {}
    assert mine.scores == {"csat": {5.0: 1, 1.0: 1, 4.0: 1}, "nps": {10.0: 1, 2.0: 1}, "ces": {}}
    assert (sum(c.n for c in mine.funnel), mine.comments) == (6, 1)
    assert nobody == AgentResults(funnel=[], scores={}, comments=0)
    assert names == {"PJSIP/1001": "Sara", "PJSIP/1002": "Omid"}


async def test_drivers_set_calls_with_something_beside_those_without(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await a_morning(conn, (await published(conn)).id)
        found = await survey_drivers.drivers(conn, "nps", ALL)
        only_sales = await survey_drivers.drivers(conn, "nps", Cut(period=HOUR, queue="sales", agents=("PJSIP/1002",)))
    told = {(driver.of, driver.part, driver.key): (driver.with_, driver.without) for driver in found}
    assert told == {
        ("queue", "", "support"): ({10.0: 1, 2.0: 1}, {9.0: 1, 0.0: 1}),
        ("queue", "", "sales"): ({9.0: 1, 0.0: 1}, {10.0: 1, 2.0: 1}),
        ("agent", "", "PJSIP/1001"): ({10.0: 1, 2.0: 1}, {9.0: 1, 0.0: 1}),
        ("agent", "", "PJSIP/1002"): ({9.0: 1, 0.0: 1}, {10.0: 1, 2.0: 1}),
        ("wait", "", "0"): ({10.0: 1, 9.0: 1}, {2.0: 1}),
        ("wait", "", "60"): ({2.0: 1}, {10.0: 1, 9.0: 1}),
        ("transferred", "", "yes"): ({9.0: 1}, {}),
        ("repeat", "", "yes"): ({2.0: 1}, {10.0: 1}),
        ("answer", "solved", "1"): ({10.0: 1, 9.0: 1}, {2.0: 1}),
        ("answer", "solved", "2"): ({2.0: 1}, {10.0: 1, 9.0: 1}),
    }
    (no,) = [driver for driver in found if (driver.part, driver.key) == ("solved", "2")]
    assert (no.title["en"], no.label["en"]) == ("Was it solved?", "No")
    assert [driver.with_ for driver in only_sales if driver.of == "transferred"] == [{9.0: 1}]


async def test_drivers_of_many_answers_look_at_the_newest(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey_drivers, "NEWEST", 2)
    async with engine.begin() as conn:
        for n in range(5):
            await answered(conn, n, nps=n, at=n * 10, wait=1.0)
        found = await survey_drivers.drivers(conn, "nps", Cut(period=Period(since=MORNING, until=after(3600))))
    assert [driver.with_ for driver in found if driver.of == "wait"] == [{4.0: 1, 3.0: 1}]
    assert [sum(driver.with_.values()) for driver in found if driver.of == "queue"] == [5]


async def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(engine: AsyncEngine) -> None:
    moment = timedelta(microseconds=1)
    async with engine.begin() as conn:
        response = await answered(conn, 1, nps=5, at=9)
        given_at = after(10)
        assert response.offered_at == after(9)
        for since, until, n in (
            (given_at, given_at + moment, 1), (given_at - moment, given_at, 0), (given_at + moment, after(99), 0),
        ):  # fmt: skip
            cut = Cut(period=Period(since=since, until=until))
            assert sum((await survey_figures.scores(conn, "nps", cut)).values()) == n
            assert len(await survey_figures.scores_by_edges(conn, "nps", [since, until], cut)) == 1
