"""Lists of calls: filters, paging in both directions, figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.store import calls, users
from cxcall.store.calls import CallFilter
from cxcall.store.paging import BadCursor
from tests.store.make import REGION, after, queue_call, ringing, write


async def filled(engine: AsyncEngine, *records: CallRecord) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, [write(record) for record in records], region=REGION)


async def ids(conn: AsyncConnection, wanted: CallFilter) -> list[str]:
    return [row.id for row in (await calls.page(conn, wanted)).rows]


async def test_paging_forth_and_back_shows_every_call_once(engine: AsyncEngine) -> None:
    # Several begin at the same moment: the id decides.
    records = [queue_call(n, at=n // 3) for n in range(25)]
    await filled(engine, *records)
    in_order = [r.id for r in sorted(records, key=lambda r: (r.started_at, r.id), reverse=True)]
    async with engine.connect() as conn:
        seen, pages, after_ = [], [], None
        while True:
            page = await calls.page(conn, CallFilter(), limit=4, after=after_)
            pages.append(page)
            seen += [row.id for row in page.rows]
            if page.next is None:
                break
            after_ = page.next
        assert seen == in_order
        assert pages[0].previous is None
        back = [row.id for row in pages[-1].rows]
        previous = pages[-1].previous
        while previous is not None:
            page = await calls.page(conn, CallFilter(), limit=4, after=previous)
            back = [row.id for row in page.rows] + back
            previous = page.previous
        assert back == in_order


async def test_a_page_does_not_shift_when_new_calls_come(engine: AsyncEngine) -> None:
    await filled(engine, *(queue_call(n, at=n) for n in range(10)))
    async with engine.connect() as conn:
        first = await calls.page(conn, CallFilter(), limit=5)
    await filled(engine, *(queue_call(n, at=n) for n in range(10, 22)))
    async with engine.connect() as conn:
        second = await calls.page(conn, CallFilter(), limit=5, after=first.next)
        assert [row.id for row in second.rows] == [queue_call(n).id for n in (4, 3, 2, 1, 0)]
        assert await calls.newer_than(conn, CallFilter(), first.rows[0].started_at) == 12


async def test_each_filter_finds_its_calls_only(engine: AsyncEngine) -> None:
    plain = queue_call(1)
    outbound = queue_call(2, direction="outbound", called="09351112233", outcome="no_answer")
    visit = plain.queue_visits[0]
    twice = queue_call(3, queue_visits=(visit, replace(visit, queue="sales"), replace(visit, queue="support")), at=100)
    omid = queue_call(4, legs=(plain.legs[0], replace(plain.legs[1], answered_at=after(3))), number="1002", at=200)
    elsewhere = queue_call(5, server="other", at=300, talks=())
    await filled(engine, plain, outbound, twice, omid, elsewhere)
    async with engine.connect() as conn:
        assert await ids(conn, CallFilter(queue="sales")) == [twice.id]
        assert (await ids(conn, CallFilter(queue="support"))).count(twice.id) == 1
        assert await ids(conn, CallFilter(agent="Omid")) == [omid.id]
        assert await ids(conn, CallFilter(extension="PJSIP/1002")) == [omid.id]
        assert omid.id not in await ids(conn, CallFilter(extension="PJSIP/1001"))
        assert len(await ids(conn, CallFilter(extension=("PJSIP/1001", "PJSIP/1002")))) == 5
        assert await ids(conn, CallFilter(extension=())) == []
        assert await ids(conn, CallFilter(extension="PJSIP/1002", agent="Omid")) == [omid.id], "both are on the legs"
        assert await ids(conn, CallFilter(extension="PJSIP/1001", agent="Sara", queue="sales")) == [twice.id]
        assert await ids(conn, CallFilter(outcome="no_answer")) == [outbound.id]
        assert await ids(conn, CallFilter(direction="outbound", queue="support")) == [outbound.id]
        assert await ids(conn, CallFilter(server="other")) == [elsewhere.id]
        assert await ids(conn, CallFilter(number="+989351112233")) == [outbound.id]
        assert await ids(conn, CallFilter(number="1002")) == [omid.id]
        assert await ids(conn, CallFilter(since=after(100), until=after(200))) == [twice.id]
        assert elsewhere.id not in await ids(conn, CallFilter(min_talk=30))
        assert await ids(conn, CallFilter(agent="Sara", queue="sales", since=after(50))) == [twice.id]
        assert await calls.count(conn, CallFilter(queue="support")) == 5


@pytest.mark.parametrize(
    "text",
    ["مریم", "حسین", "حسيني", "مریم حسینی", "0912345", "0912 345 67 89", "+98912345", "98912", "۰۹۱۲", "6789",
     "3456789", "912345"],
)  # fmt: skip
async def test_a_call_is_found_by_name_and_number_however_written(engine: AsyncEngine, text: str) -> None:
    found = queue_call(1, number="09123456789", name="مريم حسيني")
    await filled(engine, found, queue_call(2, number="02188341190", name="Reza"))
    async with engine.connect() as conn:
        assert await ids(conn, CallFilter(text=text)) == [found.id]
        assert await calls.count(conn, CallFilter(text=text)) == 1


async def test_an_internal_caller_is_found_by_name_and_extension(engine: AsyncEngine) -> None:
    inside = queue_call(1, number="1007", name="Hoda Zand", direction="internal", called="1001")
    await filled(engine, inside, queue_call(2))
    async with engine.connect() as conn:
        for text in ("hoda", "HODA z", "1007", "1001"):
            assert await ids(conn, CallFilter(text=text)) == [inside.id]
        for text in ("%", "_", "'", "...", "nobody", "ho%"):
            assert await ids(conn, CallFilter(text=text)) == []


async def test_a_line_of_the_list_says_what_the_page_shows(engine: AsyncEngine) -> None:
    await filled(engine, queue_call(1, number="۰۹۱۲۳۴۵۶۷۸۹"), ringing(queue_call(2, at=5, number="anonymous")))
    async with engine.connect() as conn:
        unknown, row = (await calls.page(conn, CallFilter())).rows
        assert [one.id for one in await calls.rows_in_progress(conn)] == [unknown.id]
    assert (row.caller_number, row.customer_name, row.queue, row.agent) == (
        "+989123456789",
        "Maryam",
        "support",
        "Sara",
    )
    assert (row.wait, row.talk, row.outcome, row.ended_by) == (20.0, 60.0, "answered", "caller")
    assert (row.started_at, row.answered_at, row.ended_at) == (after(0), after(20), after(80))
    assert (unknown.caller_number, unknown.customer_id, unknown.wait, unknown.talk) == ("anonymous", None, None, 0.0)


async def test_the_figures_above_the_list_are_of_all_its_calls(engine: AsyncEngine) -> None:
    plain = [queue_call(n) for n in range(4)]
    lengths = (10, 30, 50, 70)
    records = [
        replace(call, talks=(replace(call.talks[0], to=after(20 + seconds)),))
        for call, seconds in zip(plain, lengths, strict=True)
    ]
    gone = queue_call(9, talks=(), outcome="abandoned", answered_at=None)
    await filled(engine, *records, gone)
    async with engine.connect() as conn:
        figures = await calls.summary(conn, CallFilter())
        assert (figures.calls, figures.answered, figures.abandoned) == (5, 4, 1)
        assert figures.mean_wait_answered == pytest.approx(20.0)
        assert (figures.talk_total, figures.median_talk) == (160.0, 40.0)
        nothing = await calls.summary(conn, CallFilter(queue="none"))
        assert (nothing.calls, nothing.mean_wait_answered, nothing.talk_total, nothing.median_talk) == (
            0,
            None,
            0.0,
            None,
        )


async def test_a_count_stops_where_it_is_told(engine: AsyncEngine) -> None:
    await filled(engine, *(queue_call(n) for n in range(8)))
    async with engine.connect() as conn:
        assert await calls.count(conn, CallFilter(), at_most=5) == 6
        assert await calls.count(conn, CallFilter(), at_most=8) == 8


@pytest.mark.parametrize("word", ["x", "!!", "bm8", "ن", "bgBhYmMAeA", "bgA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5AHg"])
async def test_a_cursor_that_is_none_is_refused(engine: AsyncEngine, word: str) -> None:
    async with engine.connect() as conn:
        with pytest.raises(BadCursor):
            await calls.page(conn, CallFilter(), after=word)


async def test_users_are_never_found_by_a_call_filter_of_nobody(engine: AsyncEngine) -> None:
    """A person without a phone sees no calls of their own, rather than all."""
    async with engine.begin() as conn:
        user = await users.create(conn, name="supervisor", role="supervisor", password_hash="x")
        await calls.apply(conn, [write(queue_call(1))], region=REGION)
        assert await ids(conn, CallFilter(extension=user.extensions)) == []
