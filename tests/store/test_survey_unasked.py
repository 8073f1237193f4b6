"""Calls that a survey knows nothing of yet, and responses that are still open."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import calls, survey_responses, survey_unasked
from tests.store.make import REGION, after, queue_call, write
from tests.store.survey_make import new


async def test_a_call_of_a_queue_that_asks_is_found_until_it_has_a_response(engine: AsyncEngine) -> None:
    first, second = queue_call(1), queue_call(2)
    async with engine.begin() as conn:
        await calls.apply(conn, [write(first), write(second)], region=REGION)
        since, until = after(-3600), after(24 * 3600)
        found = await survey_unasked.unaccounted(conn, {"support"}, since, until)
        assert sorted(found) == sorted({first.id, second.id})
        assert await survey_unasked.unaccounted(conn, {"billing"}, since, until) == []
        assert await survey_unasked.unaccounted(conn, {"support"}, since, since) == [], "not over by then"
        await survey_responses.not_asked(conn, new(1, call_id=first.id), "caller_hung_up")
        assert await survey_unasked.unaccounted(conn, {"support"}, since, until) == [second.id]


async def test_a_response_is_found_by_a_channel_of_its_caller_and_while_it_runs(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        response = await survey_responses.offer(conn, new(1))
        assert await survey_unasked.of_channel(conn, response.server, {response.unique_id, "other"}) == response
        assert await survey_unasked.of_channel(conn, "elsewhere", {response.unique_id}) is None
        assert await survey_unasked.running(conn, after(60)) == [response]
        await survey_responses.end(conn, response.id, "hung_up", after(30))
        assert await survey_unasked.running(conn, after(60)) == []
