"""Survey calls afterwards, and the people who are never asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.customers.profile import NO_SURVEY, Profile
from cxcall.store import customer_merges, customers, survey_calls, survey_opt_outs
from cxcall.store.paging import BadCursor
from cxcall.store.survey_calls import NewSurveyCall, SurveyCall
from tests.store.make import MORNING, after
from tests.store.survey_make import published

NUMBER = "+989123456789"
DAY = timedelta(days=1).total_seconds()


async def planned(conn: AsyncConnection, n: int, **other: Any) -> SurveyCall:
    """A call that may be made a minute after the morning."""
    survey = (await published(conn, f"Survey {n}")).id
    return await survey_calls.plan(conn, NewSurveyCall(**{
        "survey_id": survey, "server": "lab", "queue": "support", "number": NUMBER, "for_call_id": f"lab-{n}",
        "next_at": after(60), "made_at": after(n), **other,
    }))  # fmt: skip


async def test_a_call_is_due_when_its_time_has_come(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        second = await planned(conn, 1, next_at=after(90))
        first = await planned(conn, 2)
        assert await survey_calls.due(conn, after(59)) == []
        assert await survey_calls.due(conn, after(90)) == [first, second]
        assert await survey_calls.due(conn, after(90), server="other") == []
        await survey_calls.postpone(conn, first.id, after(500), "closed")
        assert await survey_calls.due(conn, after(90)) == [second]


async def test_a_number_is_never_rung_twice_a_day(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        call, other = await planned(conn, 1), await planned(conn, 2)
        rung = await survey_calls.claim(conn, call.id, now=after(60), day_began=MORNING)
        assert rung == replace(call, state="ringing", tries=1, tried_at=after(60))
        assert await survey_calls.claim(conn, call.id, now=after(61), day_began=MORNING) is None
        assert await survey_calls.claim(conn, other.id, now=after(61), day_began=MORNING) is None
        await survey_calls.again(conn, call.id, after(DAY), "no answer")
        assert await survey_calls.claim(conn, call.id, now=after(70), day_began=MORNING) is None
        tomorrow = after(DAY)
        assert await survey_calls.claim(conn, call.id, now=tomorrow, day_began=tomorrow) is not None
        await survey_calls.give_up(conn, call.id, "no answer")
        assert await survey_calls.claim(conn, call.id, now=after(DAY * 3), day_began=after(DAY * 3)) is None


async def test_a_call_ends_once(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        call = await planned(conn, 1)
        await survey_calls.claim(conn, call.id, now=after(60), day_began=MORNING)
        await survey_calls.done(conn, call.id, "response")
        await survey_calls.give_up(conn, call.id, "late")
        await survey_calls.cancel(conn, call.id, "late")
        ended = await survey_calls.get(conn, call.id)
        assert ended is not None
        assert (ended.state, ended.response_id) == ("done", "response")


async def test_who_was_asked_meanwhile_is_not_rung_any_more(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        waiting, ringing = await planned(conn, 1), await planned(conn, 2)
        await planned(conn, 3, number="+982188340000")
        await survey_calls.claim(conn, ringing.id, now=after(60), day_began=MORNING)
        assert await survey_calls.cancel_of_number(conn, NUMBER, "asked") == 1
        page = await survey_calls.page(conn, "cancelled")
        assert [(call.id, call.reason) for call in page.rows] == [(waiting.id, "asked")]


async def test_what_rang_when_we_went_away_waits_again(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        call = await planned(conn, 1)
        await survey_calls.claim(conn, call.id, now=after(60), day_began=MORNING)
        assert await survey_calls.lose_ringing(conn, after(60), after(900)) == 0
        assert await survey_calls.lose_ringing(conn, after(61), after(900)) == 1
        assert [call.tries for call in await survey_calls.due(conn, after(900))] == [1]


async def test_survey_calls_are_listed_page_by_page(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = [(await planned(conn, n, next_at=after(60 + n // 2))).id for n in range(5)]
        looks: tuple[tuple[survey_calls.State | None, list[str]], ...] = ((None, made[::-1]), ("waiting", made))
        for state, order in looks:
            first = await survey_calls.page(conn, state, limit=3)
            second = await survey_calls.page(conn, state, limit=3, after=first.next)
            assert [call.id for call in (*first.rows, *second.rows)] == order
            assert await survey_calls.page(conn, state, limit=3, after=second.previous) == first
        with pytest.raises(BadCursor):
            await survey_calls.page(conn, after="bad")


async def test_who_opts_out_is_known_by_number_and_by_profile(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        customer = await customers.create(
            conn, Profile(name="Maryam", numbers=(NUMBER, "+982188340000"), tags=("vip",))
        )
        assert not await survey_opt_outs.holds(conn, NUMBER, customer.id)
        await survey_opt_outs.add(conn, NUMBER, how="key", by="", at=MORNING)
        await survey_opt_outs.add(conn, NUMBER, how="person", by="sara", at=after(9))
        now = await customers.get(conn, customer.id)
        assert now is not None
        assert now.profile.tags == ("vip", NO_SURVEY)
        assert await survey_opt_outs.holds(conn, NUMBER)
        assert await survey_opt_outs.holds(conn, "+982188340000")
        assert await survey_opt_outs.holds(conn, "", customer.id)
        assert not await survey_opt_outs.holds(conn, "+989197302215")
        (row,) = (await survey_opt_outs.page(conn)).rows
    assert (row.number, row.at, row.how, row.customer_name) == (NUMBER, MORNING, "key", "Maryam")


async def test_a_tag_taken_off_the_profile_lifts_the_opt_out(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        customer = await customers.create(conn, Profile(name="Maryam", numbers=(NUMBER,)))
        await survey_opt_outs.add(conn, NUMBER, how="key", by="", at=MORNING)
        await customers.change(conn, customer.id, customer.profile)
        assert not await survey_opt_outs.holds(conn, NUMBER, customer.id)
        assert (await survey_opt_outs.page(conn)).rows == []


async def test_a_number_without_a_profile_opts_out_and_in_again(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await survey_opt_outs.add(conn, NUMBER, how="person", by="sara", at=MORNING)
        assert await survey_opt_outs.holds(conn, NUMBER)
        assert await survey_opt_outs.remove(conn, NUMBER)
        assert not await survey_opt_outs.holds(conn, NUMBER)
        assert not await survey_opt_outs.remove(conn, NUMBER)


async def test_an_opt_out_taken_back_takes_the_tag_along(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        customer = await customers.create(conn, Profile(name="Maryam", numbers=(NUMBER,), tags=(NO_SURVEY,)))
        assert await survey_opt_outs.remove(conn, NUMBER)
        now = await customers.get(conn, customer.id)
        assert now is not None
        assert now.profile.tags == ()


async def test_a_merge_keeps_the_opt_out_and_taking_it_back_too(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept = await customers.create(conn, Profile(name="Maryam", numbers=(NUMBER,)))
        gone = await customers.create(conn, Profile(name="Reza", numbers=("+989197302215",)))
        await survey_opt_outs.add(conn, "+989197302215", how="key", by="", at=MORNING)
        done = await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        assert await survey_opt_outs.holds(conn, NUMBER)
        await customer_merges.undo_merge(conn, done.id)
        assert not await survey_opt_outs.holds(conn, NUMBER)
        assert await survey_opt_outs.holds(conn, "+989197302215")


async def test_opt_outs_are_listed_page_by_page(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(5):
            await survey_opt_outs.add(conn, f"+98912000000{n}", how="key", by="", at=after(n // 2))
        first = await survey_opt_outs.page(conn, limit=3)
        second = await survey_opt_outs.page(conn, limit=3, after=first.next)
        assert [row.number[-1] for row in (*first.rows, *second.rows)] == ["4", "3", "2", "1", "0"]
        assert await survey_opt_outs.page(conn, limit=3, after=second.previous) == first
