"""What plans draw by themselves: every week once, when it is over, however often and by however many it is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cxcall import housekeeping
from cxcall.reports.period import span_of
from cxcall.settings import Settings, Site
from cxcall.store import audit
from cxcall.store.quality import candidates, drawing, plans, queue, scorecards, weekly
from cxcall.store.quality.plans import Drawn, Plan
from cxcall.store.quality.tables import quality_reviews
from tests.store.make import MORNING
from tests.store.plans import plans_of, reads_all_of
from tests.store.quality.stage import DAY, NOW, a_plan, a_review, some_calls
from tests.support.quality_stage import CARD, publish_card

ZONE = ZoneInfo("UTC")
SITE: dict[str, Any] = {"zone": ZONE, "calendar": "gregorian"}
# The calls begin on Saturday 21 November 2026; NOW is the Monday after the next week.
FIRST, SECOND = (
    span_of(date(2026, 11, 16), date(2026, 11, 22), ZONE),
    span_of(date(2026, 11, 23), date(2026, 11, 29), ZONE),
)


def kept(drawn_until: Any = None) -> Plan:
    drawn = Drawn(name="Weekly", scorecard_id="card")
    return Plan(
        id="p", version=1, drawn=drawn, paused=False, drawn_until=drawn_until, updated_at=NOW, updated_by="leila"
    )


async def reviews(engine: Any) -> Any:
    async with engine.connect() as conn:
        return (await queue.waiting(conn, reviewer="leila", limit=500)).rows


def test_a_new_plan_draws_the_two_weeks_that_are_over_and_then_each_week_once():
    both = drawing.due(kept(), **SITE, now=NOW)
    assert both is not None
    assert (both.first, both.last) == (FIRST.first, SECOND.last)
    assert drawing.due(kept(both.until), **SITE, now=NOW + timedelta(days=6)) is None
    third = drawing.due(kept(both.until), **SITE, now=NOW + timedelta(days=7))
    assert third is not None
    assert (third.since, third.days) == (both.until, 7)


def test_a_week_that_was_over_a_moment_ago_waits_for_what_is_still_written_down():
    over = SECOND.until
    assert drawing.due(kept(FIRST.until), **SITE, now=over + timedelta(hours=5)) is None
    assert drawing.due(kept(FIRST.until), **SITE, now=over + timedelta(hours=7)) == SECOND


@given(
    hours=st.lists(st.integers(0, 24 * 9), min_size=1, max_size=20),
    zone=st.sampled_from(["UTC", "Asia/Tehran", "Europe/Berlin", "America/Sao_Paulo"]),
    calendar=st.sampled_from(["gregorian", "jalali"]),
)
@settings(max_examples=60, deadline=None)
def test_weeks_follow_each_other_without_a_gap_or_a_day_twice_also_when_clocks_change(hours, zone, calendar):
    now, until = datetime(2026, 3, 1, tzinfo=UTC), None
    for some in hours:
        now += timedelta(hours=some)
        span = drawing.due(kept(until), zone=ZoneInfo(zone), calendar=calendar, now=now)
        if span is not None:
            assert until is None or span.since == until
            assert span.days % 7 == 0
            assert span.until <= now
            until = span.until


async def test_every_plan_draws_its_weeks_once_and_says_so(engine):
    await some_calls(engine, 20, every=DAY / 10)
    async with engine.begin() as conn:
        plan = await a_plan(conn, random=2)
    # From Saturday morning on, ten a day: 18 in the first week and two in the second.
    assert [await weekly.draw_due(engine, **SITE, now=NOW) for _ in range(2)] == [4, 0]
    async with engine.connect() as conn:
        told = [one for one in await audit.page(conn) if one.act == "quality.draw"]
        after = await plans.get(conn, plan.id)
    assert [(one.actor, one.subject, one.details["reviews"]) for one in told] == [("system", f"plan:{plan.id}", 4)]
    assert after is not None
    assert (after.version, after.drawn_until) == (1, SECOND.until)


async def test_two_services_that_draw_at_once_draw_as_much_as_one(engine):
    await some_calls(engine, 12)
    async with engine.begin() as conn:
        await a_plan(conn, random=3)
    drawn = await asyncio.gather(*(weekly.draw_due(engine, **SITE, now=NOW) for _ in range(2)))
    assert sum(drawn) == len(await reviews(engine)) == 3


async def test_a_draw_that_is_cut_off_is_made_again_whole(engine, monkeypatch):
    await some_calls(engine, 5)
    async with engine.begin() as conn:
        await a_plan(conn, random=2)

    async def killed(*_):
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(plans, "drew", killed)
        with pytest.raises(asyncio.CancelledError):
            await weekly.draw_due(engine, **SITE, now=NOW)
    assert await reviews(engine) == []
    assert await weekly.draw_due(engine, **SITE, now=NOW) == 2


async def test_weeks_of_a_pause_are_not_drawn_later_those_before_a_card_is_published_are(engine):
    await some_calls(engine, 5)
    async with engine.begin() as conn:
        paused = await a_plan(conn, random=1)
        await plans.pause(conn, paused.id, True, version=1, by="leila", now=NOW)
        card = await scorecards.create(conn, CARD, by="leila", now=NOW)
        await a_plan(conn, card.id, random=1)
    assert await weekly.draw_due(engine, **SITE, now=NOW) == 0
    async with engine.begin() as conn:
        await plans.pause(conn, paused.id, False, version=2, by="leila", now=NOW)
        await scorecards.publish(conn, card.id, version=1, by="leila", now=NOW)
    assert await weekly.draw_due(engine, **SITE, now=NOW) == 1
    assert [one.scorecard_id for one in await reviews(engine)] == [card.id]


@pytest.mark.parametrize(
    "wish", [{"random": 3}, {"random": 0, "longest": 3, "long_from": 1}, {"random": 1, "longest": 1, "long_from": 1}]
)
async def test_who_asks_every_hour_of_a_week_has_no_more_than_who_asks_once(engine, wish):
    async with engine.begin() as conn:
        plan = await a_plan(conn, **wish)
    wanted = wish["random"] + wish.get("longest", 0)
    for n in range(6):
        await some_calls(engine, 4, begin=DAY * 2 + n * 3600, first=n * 4)
        async with engine.begin() as conn:
            await drawing.draw(conn, plan, SECOND, **SITE, now=NOW)
            assert await conn.scalar(select(func.count()).select_from(quality_reviews)) <= wanted
    assert len(await reviews(engine)) == wanted


async def test_a_call_somebody_chose_by_hand_is_not_drawn_a_second_time(engine):
    ids = await some_calls(engine, 2)
    async with engine.begin() as conn:
        card = await publish_card(conn, NOW)
        await a_review(conn, ids[0], card)
        plan = await a_plan(conn, card, random=5)
        assert await drawing.draw(conn, plan, FIRST, **SITE, now=NOW) == 1
    assert sorted(one.call_id for one in await reviews(engine)) == sorted(ids)


async def test_the_service_draws_without_anybody_asking(engine):
    now = datetime.now(UTC)
    await some_calls(engine, 3, begin=(now - timedelta(days=8) - MORNING).total_seconds())
    async with engine.begin() as conn:
        await a_plan(conn, random=2)
    job = asyncio.create_task(housekeeping.draw_reviews(Settings(site=Site(timezone="UTC")), engine))
    try:
        async with asyncio.timeout(30):
            while len(await reviews(engine)) < 2:
                await asyncio.sleep(0.05)
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def test_a_draw_of_a_week_reads_that_week_of_the_calls(big_engine):
    # Not written anywhere: other tests read the same database.
    plan = replace(kept(), drawn=Drawn(name="Weekly", scorecard_id="card", worst_mood=1, low_csat=1))
    found: list[str] = []
    async with plans_of(big_engine, found) as conn:
        await candidates.candidates(conn, plan, FIRST, **SITE)
        await drawing._drawn_before(conn, plan, FIRST)
    assert found
    for table in ("calls", "quality_reviews", "transcripts", "survey_responses", "survey_answers"):
        assert big_engine.dialect.name != "sqlite" or not [one for one in found if reads_all_of(table, one)], table
    assert not [one for one in found if reads_all_of("calls", one)]
