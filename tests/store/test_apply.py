"""Writing calls: every batch, as often and in as many pieces as it comes, leaves the same rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import Caller, CallRecord, Gap
from cxcall.store import calls
from cxcall.store.calls import AppliedCall, CallFilter, CallWrite
from cxcall.store.tables import call_legs, call_visits, customer_numbers, customers
from tests.store.make import REGION, after, queue_call, ringing, write


async def applied(engine: AsyncEngine, *batch: CallWrite) -> list[AppliedCall]:
    async with engine.begin() as conn:
        return await calls.apply(conn, batch, region=REGION)


async def stored(engine: AsyncEngine, call_id: str) -> CallRecord | None:
    async with engine.connect() as conn:
        return await calls.get(conn, call_id)


async def rows(engine: AsyncEngine, table: Table) -> int:
    async with engine.connect() as conn:
        return len((await conn.execute(select(table))).all())


async def test_a_call_comes_back_as_it_was_written_tied_to_its_customer(engine: AsyncEngine) -> None:
    call = queue_call(1, gaps=(Gap(from_=after(5), to=after(9)),))
    (done,) = await applied(engine, write(call))
    assert done.new_customer
    assert done.record.caller.customer_id is not None
    assert await stored(engine, call.id) == done.record
    assert replace(done.record, caller=call.caller) == call


async def test_all_spellings_of_a_number_are_one_customer(engine: AsyncEngine) -> None:
    spellings = ["09123456789", "00989123456789", "+989123456789", "989123456789", "۰۹۱۲۳۴۵۶۷۸۹", "٠٩١٢٣٤٥٦٧٨٩"]
    done = await applied(engine, *(write(queue_call(n, number=number)) for n, number in enumerate(spellings)))
    assert len({call.record.caller.customer_id for call in done}) == 1
    assert [call.new_customer for call in done] == [True, False, False, False, False, False]


@pytest.mark.parametrize("number", [None, "", "anonymous", "Unknown", "1001", "s", "restricted", "\0"])
async def test_a_withheld_or_internal_number_makes_no_customer(engine: AsyncEngine, number: str | None) -> None:
    call = queue_call(1)
    (done,) = await applied(engine, write(replace(call, caller=replace(call.caller, number=number))))
    assert done.record.caller.customer_id is None
    assert await rows(engine, customers) == 0


async def test_the_customer_of_an_outbound_call_is_who_was_called(engine: AsyncEngine) -> None:
    caller = Caller(number="1001", name="Sara", channel="PJSIP/1001-00000001")
    call = queue_call(1, name="Sara", direction="outbound", called="09351112233", caller=caller, queue_visits=())
    (done,) = await applied(engine, write(call))
    assert done.new_customer
    async with engine.connect() as conn:
        (row,) = (await calls.page(conn, CallFilter(customer_id=done.record.caller.customer_id))).rows
    assert (row.party_number, row.customer_name, row.agent) == ("+989351112233", "", "Sara")


async def test_an_internal_call_has_no_customer(engine: AsyncEngine) -> None:
    (done,) = await applied(engine, write(queue_call(1, direction="internal")))
    assert done.record.caller.customer_id is None


async def test_a_lower_or_equal_revision_changes_nothing(engine: AsyncEngine) -> None:
    call = queue_call(1)
    await applied(engine, write(call, 5))
    assert await applied(engine, write(replace(call, called="999"), 5)) == []
    assert await applied(engine, write(replace(call, called="999"), 4)) == []
    kept = await stored(engine, call.id)
    assert kept is not None
    assert kept.called == call.called


async def test_a_replayed_fragment_never_opens_an_ended_call_again(engine: AsyncEngine) -> None:
    call = queue_call(1)
    await applied(engine, write(call, 5))
    assert await applied(engine, write(ringing(call), 9)) == []
    async with engine.connect() as conn:
        assert await calls.in_progress(conn) == []


async def test_a_growing_call_rewrites_its_legs_and_visits(engine: AsyncEngine) -> None:
    call = queue_call(1)
    await applied(engine, write(ringing(replace(call, legs=call.legs[:1])), 1))
    await applied(engine, write(call, 7))
    assert await rows(engine, call_legs) == 3
    assert await rows(engine, call_visits) == 1
    async with engine.connect() as conn:
        (row,) = (await calls.page(conn, CallFilter(agent="Sara"))).rows
        assert (await calls.page(conn, CallFilter(agent="Omid"))).rows == []
    assert (row.agent, row.queue, row.wait, row.talk, row.outcome) == ("Sara", "support", 20.0, 60.0, "answered")


async def test_a_merged_call_becomes_another_name_of_the_call_it_served(engine: AsyncEngine) -> None:
    call, consultation = queue_call(1), queue_call(2, direction="internal")
    await applied(engine, write(ringing(call), 1), write(ringing(consultation), 1))
    await applied(engine, write(call, 8, consultation.id))
    found = await stored(engine, consultation.id)
    assert found is not None
    assert found.id == call.id
    assert await applied(engine, write(consultation, 9)) == []
    assert await applied(engine, write(call, 8, consultation.id)) == []
    async with engine.connect() as conn:
        assert await calls.count(conn, CallFilter()) == 1


async def test_a_merged_call_in_the_same_batch_never_gets_a_row(engine: AsyncEngine) -> None:
    call, consultation = queue_call(1), queue_call(2)
    done = await applied(engine, write(ringing(consultation), 1), write(call, 8, consultation.id))
    assert [one.record.id for one in done] == [call.id]


async def test_names_of_merged_calls_lead_to_the_last_call_of_a_chain(engine: AsyncEngine) -> None:
    first, second, third = queue_call(1), queue_call(2), queue_call(3)
    await applied(engine, write(second, 2, third.id))
    await applied(engine, write(first, 2, second.id))
    found = await stored(engine, third.id)
    assert found is not None
    assert found.id == first.id


async def test_a_corrected_number_moves_the_call_and_leaves_no_ghost(engine: AsyncEngine) -> None:
    call = queue_call(1, number="02188341190")
    (before,) = await applied(engine, write(ringing(call), 1))
    (now,) = await applied(engine, write(queue_call(1, number="09121112233"), 2))
    assert now.new_customer
    assert now.record.caller.customer_id != before.record.caller.customer_id
    async with engine.connect() as conn:
        assert (await conn.scalars(select(customer_numbers.c.number))).all() == ["+989121112233"]


async def test_calls_the_switch_forgot_end_with_a_gap(engine: AsyncEngine) -> None:
    up, lost, elsewhere = ringing(queue_call(1)), ringing(queue_call(2)), ringing(queue_call(3, server="other"))
    await applied(engine, write(up, 3), write(lost, 3), write(elsewhere, 3))
    async with engine.begin() as conn:
        (ended,) = await calls.end_forgotten(conn, "lab", {up.id}, after(500), region=REGION)
    assert (ended.record.id, ended.record.ended_at, ended.record.outcome) == (lost.id, after(500), "failed")
    assert ended.record.gaps[-1].to == after(500)
    async with engine.connect() as conn:
        assert [record.id for record in await calls.in_progress(conn)] == [up.id, elsewhere.id]


async def test_text_no_database_takes_is_cleaned_and_written(engine: AsyncEngine) -> None:
    (done,) = await applied(engine, write(queue_call(1, name="Ma\0ry\udce9m", called="\0\ud800")))
    assert done.record.caller.name == "Mary?m"
    assert await stored(engine, done.record.id) == done.record


async def test_two_servers_with_the_same_uniqueid_are_two_calls(engine: AsyncEngine) -> None:
    await applied(engine, write(queue_call(1)), write(queue_call(1, server="other")))
    async with engine.connect() as conn:
        assert await calls.count(conn, CallFilter()) == 2
        assert await calls.count(conn, CallFilter(server="other")) == 1


async def test_texts_longer_than_an_index_takes_are_written_and_kept(engine: AsyncEngine) -> None:
    long = "".join(chr(0x4E00 + n % 5000) for n in range(6000))
    visit = replace(queue_call(1).queue_visits[0], queue=long)
    legs = tuple(replace(leg, agent=long, channel=f"PJSIP/{long}-1") for leg in queue_call(1).legs)
    (done,) = await applied(
        engine, write(queue_call(1, name="\ufdfa" * 900 + long, called=long, queue_visits=(visit,), legs=legs))
    )
    (other,) = await applied(engine, write(queue_call(2, number=long, name="\ufdfa" * 80)))
    assert await stored(engine, done.record.id) == done.record
    assert await stored(engine, other.record.id) == other.record
