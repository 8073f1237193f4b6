"""A history written at once is what the same calls would have left one by one."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import survey_answers, survey_responses, survey_seed
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_responses import Response
from cxcall.store.survey_seed import PastResponse
from cxcall.surveys.dialogue import Given
from tests.store.make import after
from tests.store.survey_make import CSAT, NPS, new

FIVE = Given(part="csat", result="answered", keys="5", value=5.0, tries=2)
SILENT = Given(part="nps", result="no_input", tries=3)
PAST = (
    PastResponse(new=new(1, wait=9.0, repeat=True), given=((SILENT, NPS, after(2)), (FIVE, CSAT, after(4))),
                 end="finished", ended_at=after(9)),
    PastResponse(new=new(2), given=((SILENT, NPS, after(2)),), end="hung_up", ended_at=after(3)),
    PastResponse(new=new(3), given=((FIVE, CSAT, after(2)),), end="lost", ended_at=after(3)),
    PastResponse(new=new(4), end="handed_over", ended_at=after(3), handed_to="support"),
    PastResponse(new=new(5), reason="transferred"),
)  # fmt: skip


async def one_by_one(conn: AsyncConnection, past: PastResponse) -> Response:
    """The same as it would have happened."""
    if past.reason != "ask":
        return await survey_responses.not_asked(conn, past.new, past.reason)
    response = await survey_responses.offer(conn, past.new)
    for n, (given, part, at) in enumerate(past.given):
        await survey_responses.give(conn, response, n, given, part, at)
    assert past.ended_at is not None
    ended = await survey_responses.end(conn, response.id, past.end, past.ended_at, handed_to=past.handed_to)  # type: ignore[arg-type]  # one of the ends: it has ended
    assert ended is not None
    return ended


async def test_a_history_written_at_once_is_what_the_calls_would_have_left(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        slowly = [await one_by_one(conn, past) for past in PAST]
        elsewhere = [replace(past, new=replace(past.new, server="other")) for past in PAST]
        at_once = await survey_seed.write(conn, elsewhere)
        assert await survey_seed.write(conn, []) == []
        for one, other in zip(slowly, at_once, strict=True):
            expected = await survey_answers.get(conn, one.id)
            found = await survey_answers.get(conn, other.id)
            assert expected is not None
            assert found == ResponseRow(
                response=replace(expected.response, id=other.id, server="other"), customer_name=None,
                answers=expected.answers, comments=(),
            )  # fmt: skip
            assert found.response == other
