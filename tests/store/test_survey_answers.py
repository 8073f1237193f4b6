"""Responses as they are read: of a call, of a customer, in lists; comments; merges of calls and customers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.customers.profile import Profile
from cxcall.store import calls, customer_merges, customers, survey_answers, survey_calls, survey_comments, survey_pages
from cxcall.store import survey_responses as responses
from cxcall.store.paging import BadCursor
from cxcall.store.survey_calls import NewSurveyCall, SurveyCall
from cxcall.store.survey_pages import CommentFilter, ResponseFilter
from tests.store.make import REGION, after, queue_call, write
from tests.store.survey_make import answered, new, published

MARYAM = Profile(name="Maryam Hosseini", numbers=("+989123456789",))
REZA = Profile(name="Reza", numbers=("+989197302215",))


async def listed(conn: AsyncConnection, **wanted: Any) -> list[str]:
    """The unique ids of a list, without what they have in common."""
    found = await survey_pages.page(conn, ResponseFilter(**wanted))
    assert await survey_pages.count(conn, ResponseFilter(**wanted)) == len(found.rows)
    return [row.response.unique_id.partition(".")[2] for row in found.rows]


async def test_a_response_is_shown_with_its_customer_answers_and_comments(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        customer = await customers.create(conn, MARYAM)
        done = await answered(conn, 1, csat=4, nps=9, solved="1", customer_id=customer.id)
        comment = await survey_comments.add(conn, done, "comment", sha="ab", seconds=7.5, at=after(15))
        again = await survey_comments.add(conn, done, "comment", sha="cd", seconds=1, at=after(16))
        row = await survey_answers.get(conn, done.id)
        assert await survey_answers.get(conn, "no such") is None
    assert comment == again
    assert comment.file == f"2026-11/{done.id}-comment.wav"
    assert row is not None
    assert (row.response, row.customer_name, row.comments) == (done, "Maryam Hosseini", (comment,))
    assert [(a.part, a.measure, a.value, a.label.get("en")) for a in row.answers] == [
        ("csat", "csat", 4.0, "4 of 5"),
        ("nps", "nps", 9.0, None),
        ("solved", None, None, "Yes"),
    ]
    assert row.answers[0].title["fa"] == "چقدر راضی هستید؟"
    assert (row.score("nps"), row.score("ces")) == (9.0, None)


async def test_a_response_is_found_by_every_name_of_its_call(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, [write(queue_call(1)), write(queue_call(2))], region=REGION)
        kept, gone = "lab-1763700001.1", "lab-1763700002.2"
        early = await answered(conn, 2, call_id=gone, csat=3)
        survey = (await published(conn)).id
        planned = await plan(conn, survey, 1, for_call_id=gone)
        await calls.apply(conn, [write(queue_call(1), 2, gone)], region=REGION)
        late = await answered(conn, 3, call_id=gone, at=90, kind="later")
        for name in (kept, gone):
            assert [row.response.id for row in await survey_answers.of_call(conn, name)] == [early.id, late.id]
            assert await plan(conn, survey, 2, for_call_id=name) == await survey_calls.get(conn, planned.id)
        assert await survey_answers.of_call(conn, "lab-3") == []


async def test_a_call_merged_into_one_that_is_rung_already_is_not_rung_too(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, [write(queue_call(1)), write(queue_call(2))], region=REGION)
        survey = (await published(conn)).id
        first = await plan(conn, survey, 1, for_call_id="lab-1763700001.1")
        second = await plan(conn, survey, 1, for_call_id="lab-1763700002.2")
        await calls.apply(conn, [write(queue_call(1), 2, "lab-1763700002.2")], region=REGION)
        assert [call.id for call in await survey_calls.due(conn, after(100))] == [first.id]
        gone = await survey_calls.get(conn, second.id)
        assert gone is not None
        assert (gone.state, gone.reason) == ("cancelled", "merged")


async def test_customers_made_one_share_their_answers_until_that_is_taken_back(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept, gone = await customers.create(conn, MARYAM), await customers.create(conn, REZA)
        mine = await answered(conn, 1, customer_id=kept.id)
        theirs = await answered(conn, 2, at=50, customer_id=gone.id, number="+989197302215")
        planned = await plan(conn, (await published(conn)).id, 2, customer_id=gone.id)
        done = await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        assert await ids_of(conn, kept.id) == [theirs.id, mine.id]
        since = await answered(conn, 3, at=100, customer_id=kept.id, number="+989197302215")
        await customer_merges.undo_merge(conn, done.id)
        assert await ids_of(conn, kept.id) == [mine.id]
        assert await ids_of(conn, gone.id) == [since.id, theirs.id]
        back = await survey_calls.get(conn, planned.id)
        assert back is not None
        assert back.customer_id == gone.id


async def test_who_answered_before_having_a_profile_has_the_answers_in_it(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        response = await answered(conn, 1)
        await responses.not_asked(conn, new(2), "share")
        customer = await customers.create(conn, MARYAM)
        assert await ids_of(conn, customer.id) == [response.id]


async def test_a_list_holds_what_the_filter_says(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        await answered(conn, 1, nps=3, csat=2, solved="2", at=0)
        await answered(conn, 2, nps=9, at=100, queue="sales", agent="PJSIP/1002")
        spoken = await answered(conn, 3, csat=5, at=200, kind="later", survey_id=survey.id, number="+982188340000")
        await survey_comments.add(conn, spoken, "comment", sha="", seconds=3, at=after(210))
        left = await responses.offer(conn, new(4, at=300))
        await responses.end(conn, left.id, "hung_up", after(301))
        await responses.not_asked(conn, new(5, at=400), "transferred")
        await responses.not_asked(conn, new(6, at=500), "share")
        await responses.offer(conn, new(7, at=600, kind="test"))
        assert await listed(conn) == ["4", "3", "2", "1"]
        assert await listed(conn, kind="test") == ["7"]
        assert await listed(conn, state="not_asked") == ["6", "5"]
        assert await listed(conn, state="not_asked", reason="transferred") == ["5"]
        assert await listed(conn, queue="sales") == ["2"]
        assert await listed(conn, agent="PJSIP/1001") == ["4", "3", "1"]
        assert await listed(conn, agent=("PJSIP/1001", "PJSIP/1002")) == ["4", "3", "2", "1"]
        assert await listed(conn, survey_id=survey.id) == ["3"]
        assert await listed(conn, number="+982188340000") == ["3"]
        assert await listed(conn, end="hung_up") == ["4"]
        assert await listed(conn, commented=True) == ["3"]
        assert await listed(conn, measure="nps") == ["2", "1"]
        assert await listed(conn, measure="nps", at_most=6) == ["1"]
        assert await listed(conn, part="solved", keys="2") == ["1"]
        assert await listed(conn, since=after(100), until=after(300)) == ["3", "2"]
        # the answer of the first came at 2 s
        assert await listed(conn, measure="nps", since=after(1), until=after(100)) == ["1"]


async def test_a_list_is_read_page_by_page_in_both_directions(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(7):
            response = await answered(conn, n, at=n // 2)
            await survey_comments.add(conn, response, "comment", sha="", seconds=1, at=after(n // 2))
        first = await survey_pages.page(conn, ResponseFilter(), limit=3)
        second = await survey_pages.page(conn, ResponseFilter(), limit=3, after=first.next)
        third = await survey_pages.page(conn, ResponseFilter(), limit=3, after=second.next)
        assert len({row.response.id for part in (first, second, third) for row in part.rows}) == 7
        assert third.next is None
        back = await survey_pages.page(conn, ResponseFilter(), limit=3, after=third.previous)
        assert back == second
        heard = await survey_pages.comments(conn, CommentFilter(), limit=4)
        rest = await survey_pages.comments(conn, CommentFilter(), limit=4, after=heard.next)
        assert len({row.comment.response_id for part in (heard, rest) for row in part.rows}) == 7
        assert await survey_pages.comments(conn, CommentFilter(), limit=4, after=rest.previous) == heard
        for bad in ("x", first.next):
            with pytest.raises(BadCursor):
                await survey_pages.comments(conn, CommentFilter(), after=bad)


async def test_comments_are_heard_written_down_and_listed(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        one = await answered(conn, 1, nps=2)
        two = await answered(conn, 2, at=10, queue="sales", agent="PJSIP/1002", survey_id=survey.id)
        await survey_comments.add(conn, one, "comment", sha="", seconds=1, at=after(5), state="waiting")
        await survey_comments.add(conn, two, "comment", sha="", seconds=1, at=after(15), state="waiting")
        assert [c.response_id for c in await survey_comments.waiting(conn)] == [one.id, two.id]
        assert await survey_comments.transcribed(conn, one.id, "comment", "سلام", after(20))
        assert await survey_comments.transcribed(conn, two.id, "comment", None, after(20))
        assert not await survey_comments.transcribed(conn, two.id, "other", None, after(20))
        await survey_comments.heard(conn, one.id, "comment", "sara", after(30))
        await survey_comments.heard(conn, one.id, "comment", "omid", after(40))
        everything = await survey_pages.comments(conn, CommentFilter())
        shown = [(c.comment.state, c.comment.text, c.comment.listened_by) for c in everything.rows]
        assert shown == [("failed", None, None), ("done", "سلام", "sara")]
        assert everything.rows[1].row.score("nps") == 2.0
        for wanted in (
            CommentFilter(unheard=True), CommentFilter(queue="sales"), CommentFilter(agent="PJSIP/1002"),
            CommentFilter(survey_id=survey.id), CommentFilter(since=after(10), until=after(20)),
        ):  # fmt: skip
            assert [c.comment.response_id for c in (await survey_pages.comments(conn, wanted)).rows] == [two.id]
            assert await survey_pages.count_comments(conn, wanted) == 1


async def ids_of(conn: AsyncConnection, customer_id: str) -> list[str]:
    return [row.response.id for row in await survey_answers.of_customer(conn, customer_id)]


async def plan(conn: AsyncConnection, survey_id: str, n: int, **other: Any) -> SurveyCall:
    """A survey call for the n-th call, due in a minute."""
    defaults: dict[str, Any] = {
        "server": "lab", "queue": "support", "number": "+989197302215", "for_call_id": f"lab-{n}",
        "next_at": after(60), "made_at": after(n),
    }  # fmt: skip
    return await survey_calls.plan(conn, NewSurveyCall(survey_id=survey_id, **{**defaults, **other}))
