"""Profiles: whose number, changes by several people, search, merges and their undoing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.customers.profile import Profile
from cxcall.store import (
    calls,
    customer_export,
    customer_merges,
    customer_notes,
    customer_pages,
    customers,
    managers,
    users,
)
from cxcall.store.calls import CallFilter
from cxcall.store.customer_merges import CannotMerge
from cxcall.store.customer_pages import CustomerFilter
from cxcall.store.customers import Conflict, NoSuchCustomer, NumberTaken
from cxcall.store.desk_card import desk_card
from tests.store.make import REGION, after, queue_call, ringing, write

MARYAM = Profile(
    name="مریم حسینی", numbers=("+989123456789", "+982188341190"), emails=("m@example.ir",), company="Arash",
    city="تهران", tier="gold", language="fa", tags=("vip", "late"),
)  # fmt: skip
REZA = Profile(name="Reza Mohammadi", numbers=("+989197302215",), tags=("new",), company="Arash", city="Karaj")


async def names(conn: AsyncConnection, wanted: CustomerFilter) -> list[str]:
    return [row.name for row in (await customer_pages.page(conn, wanted)).rows]


async def test_a_profile_is_kept_as_it_was_written(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await customers.create(conn, MARYAM)
    async with engine.connect() as conn:
        assert await customers.get(conn, made.id) == made
        assert await customers.by_number(conn, "+982188341190") == made
        assert await customers.by_number(conn, "+982100000000") is None
        assert await customers.get(conn, "nobody") is None
    assert (made.profile, made.version, made.origin, made.first_contact) == (MARYAM, 1, "person", False)


async def test_a_change_over_another_ones_change_is_a_conflict(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await customers.create(conn, MARYAM)
        now = await customers.change(conn, made.id, replace(MARYAM, city="قم", tags=("late",)), version=1)
        assert (now.version, now.profile.city, now.profile.tags) == (2, "قم", ("late",))
        with pytest.raises(Conflict):
            await customers.change(conn, made.id, MARYAM, version=1)
        with pytest.raises(NoSuchCustomer):
            await customers.change(conn, "nobody", MARYAM)


async def test_a_number_belongs_to_one_customer_and_the_refusal_names_them(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        owner = await customers.create(conn, MARYAM)
        reza = await customers.create(conn, REZA)
    with pytest.raises(NumberTaken, match="belongs to مریم حسینی") as taken:
        async with engine.begin() as conn:
            await customers.add_number(conn, reza.id, "+989123456789")
    assert taken.value.owner_id == owner.id
    async with engine.begin() as conn:
        assert await customers.get(conn, reza.id) == reza
        await customers.remove_number(conn, owner.id, "+989123456789")
        now = await customers.add_number(conn, reza.id, "+989123456789")
        assert now.profile.numbers == ("+989197302215", "+989123456789")
        assert await customers.add_number(conn, reza.id, "+989123456789") == now


async def test_the_main_number_stays_first(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await customers.create(conn, MARYAM)
        turned = replace(MARYAM, numbers=MARYAM.numbers[::-1])
        await customers.change(conn, made.id, turned)
        assert (await customers.change(conn, made.id, turned)).profile.numbers == turned.numbers


@pytest.mark.parametrize(
    "text", ["maryam", "مریم", "حسيني م", "حس", "arash maryam", "ARASH", "0912345", "+98 912", "6789", "m@exam", "vip"]
)
async def test_a_customer_is_found_by_the_beginning_of_any_word(engine: AsyncEngine, text: str) -> None:
    async with engine.begin() as conn:
        await customers.create(conn, replace(MARYAM, name="مریم حسینی Maryam"))
        await customers.create(conn, replace(REZA, company="Parsa"))
        assert await names(conn, CustomerFilter(text=text)) == ["مریم حسینی Maryam"]
        assert await customer_pages.count(conn, CustomerFilter(text=text)) == 1


async def test_lists_are_sorted_by_name_and_filtered(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for name, tier, tags in (
            ("ژاله", "gold", ()),
            ("", None, ()),
            ("آرش", None, ("vip",)),
            ("پیمان", "gold", ("vip",)),
        ):
            await customers.create(conn, Profile(name=name, tier=tier, tags=tags))  # type: ignore[arg-type]  # tags as written here
        await calls.apply(conn, [write(queue_call(1, name="بابک"))], region=REGION)
        assert await names(conn, CustomerFilter()) == ["آرش", "بابک", "پیمان", "ژاله", ""]
        assert await names(conn, CustomerFilter(tier="gold")) == ["پیمان", "ژاله"]
        assert await names(conn, CustomerFilter(tag="vip")) == ["آرش", "پیمان"]
        assert await names(conn, CustomerFilter(first_contact=True)) == ["بابک"]
        assert await names(conn, CustomerFilter(text="nobody")) == []
        assert await customer_pages.tags(conn) == ["vip"]
        (first,) = (await customer_pages.page(conn, CustomerFilter(first_contact=True))).rows
        assert (first.calls, first.last_call_at, first.first_contact) == (1, after(0), True)
        forth = await customer_pages.page(conn, CustomerFilter(), limit=3)
        rest = await customer_pages.page(conn, CustomerFilter(), limit=3, after=forth.next)
        back = await customer_pages.page(conn, CustomerFilter(), limit=3, after=rest.previous)
        assert [row.name for row in rest.rows] == ["ژاله", ""]
        assert back.rows == forth.rows
        newest = await customer_pages.page(conn, CustomerFilter(), order="newest", limit=2)
        older = await customer_pages.page(conn, CustomerFilter(), order="newest", after=newest.next)
        assert [row.name for row in newest.rows] == ["پیمان", "آرش"]
        assert len(older.rows) == 3


async def test_calls_that_came_before_their_number_was_known_become_the_customers(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, [write(queue_call(1, direction="unknown"))], region=REGION)
        made = await customers.create(conn, MARYAM)
        assert [row.id for row in (await calls.for_customer(conn, made.id)).rows] == [queue_call(1).id]


async def test_an_edited_first_contact_is_one_no_more(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        (call,) = await calls.apply(conn, [write(queue_call(1))], region=REGION)
        who = await customers.get(conn, str(call.record.caller.customer_id))
        assert who is not None
        assert (who.first_contact, who.first_contact_at, who.profile.name) == (True, after(0), "Maryam")
        assert not (await customers.change(conn, who.id, replace(who.profile, name="Maryam H."))).first_contact


@pytest.mark.parametrize("name", ["09123456789", "Anonymous", "unknown", "+98 912", "", None, "CID:Unknown"[4:]])
async def test_a_number_or_a_word_of_the_network_is_no_name(engine: AsyncEngine, name: str | None) -> None:
    async with engine.begin() as conn:
        (call,) = await calls.apply(conn, [write(queue_call(1, name=name))], region=REGION)
        who = await customers.get(conn, str(call.record.caller.customer_id))
        assert who is not None
        assert who.profile.name == ""


async def test_a_merge_moves_numbers_calls_and_notes_and_links_still_work(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept, gone = await customers.create(conn, MARYAM), await customers.create(conn, REZA)
        await calls.apply(conn, [write(queue_call(1, number="09197302215")), write(queue_call(2))], region=REGION)
        await customer_notes.add(conn, gone.id, "sara", "prefers mornings")
        done = await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        now = await customers.get(conn, gone.id)
        assert now is not None
        assert (now.id, now.profile.numbers) == (kept.id, (*MARYAM.numbers, *REZA.numbers))
        assert await calls.count(conn, CallFilter(customer_id=kept.id)) == 2
        assert [note.text for note in await customer_notes.of_customer(conn, kept.id)] == ["prefers mornings"]
        assert await names(conn, CustomerFilter(text="Reza")) == []
        assert [merge.id for merge in await customer_merges.of_customer(conn, kept.id)] == [done.id]
        (later,) = await calls.apply(conn, [write(queue_call(3, number="09197302215"))], region=REGION)
        assert later.record.caller.customer_id == kept.id
        with pytest.raises(CannotMerge):
            await customer_merges.merge(conn, kept.id, gone.id, by="sara")


async def test_a_merge_taken_back_gives_each_their_own(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept, gone = await customers.create(conn, replace(MARYAM, city="")), await customers.create(conn, REZA)
        await calls.apply(conn, [write(queue_call(1, number="09197302215")), write(queue_call(2))], region=REGION)
        await customer_notes.add(conn, gone.id, "sara", "his note")
        done = await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        await calls.apply(conn, [write(queue_call(3, number="09197302215"))], region=REGION)
        await customers.change(conn, kept.id, replace(MARYAM, numbers=(*MARYAM.numbers, *REZA.numbers), city="Shiraz"))
        first, second, stays = await customer_merges.undo_merge(conn, done.id)
        assert first.profile == replace(MARYAM, city="Shiraz")
        assert second.profile == REZA
        assert stays == ("city",)
        assert await calls.count(conn, CallFilter(customer_id=gone.id)) == 2
        assert await calls.count(conn, CallFilter(customer_id=kept.id)) == 1
        assert len(await customer_notes.of_customer(conn, gone.id)) == 1
        assert await names(conn, CustomerFilter(text="Reza")) == ["Reza Mohammadi"]
        with pytest.raises(CannotMerge):
            await customer_merges.undo_merge(conn, done.id)


async def test_the_card_of_a_ringing_call_says_who_and_what_was(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await customers.create(conn, MARYAM)
        old, lately = (
            queue_call(1, at=-864_000),
            queue_call(2, at=-7200, outcome="abandoned", answered_at=None, talks=()),
        )
        unanswered = replace(lately, queue_visits=(replace(lately.queue_visits[0], result="abandoned", agent=None),))
        now = ringing(queue_call(3))
        await calls.apply(
            conn, [write(old), write(replace(unanswered, legs=lately.legs[:1])), write(now)], region=REGION
        )
        await customer_notes.add(conn, made.id, "sara", "first")
        await customer_notes.add(conn, made.id, "sara", "call after five")
        card = await desk_card(conn, made, now=after(1), call_id=now.id)
    assert (card.customer.id, card.calls_total, card.calls_lately, card.last_agent) == (made.id, 2, 1, "Sara")
    assert card.last_call is not None
    assert (card.last_call.id, card.last_call.outcome, card.last_call.queue) == (lately.id, "abandoned", "support")
    assert (card.last_note, card.first_contact) == ("call after five", False)


async def test_the_card_of_someone_new_says_first_contact(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        (call,) = await calls.apply(conn, [write(ringing(queue_call(1)))], region=REGION)
        who = await customers.get(conn, str(call.record.caller.customer_id))
        assert who is not None
        card = await desk_card(conn, who, now=after(1), call_id=call.record.id)
        assert (card.first_contact, card.last_call, card.last_note, card.calls_total) == (True, None, None, 0)


async def test_a_note_is_taken_back_by_its_author_only(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await customers.create(conn, MARYAM)
        note = await customer_notes.add(conn, made.id, "sara", " text\0 ")
        assert note.text == "text"
        assert not await customer_notes.remove(conn, made.id, note.id, author="omid")
        assert not await customer_notes.remove(conn, "another", note.id, author="sara")
        assert await customer_notes.remove(conn, made.id, note.id, author="sara")


async def test_what_a_customer_is_worth_and_who_looks_after_them_is_kept_merged_exported_and_outlives_the_user(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        sara = await users.create(conn, name="sara", role="agent", password_hash="x", display_name="Sara Ahmadi")
        worth = replace(REZA, value=1250.0, manager=sara.id)
        kept, gone = await customers.create(conn, MARYAM), await customers.create(conn, worth)
        assert gone.profile == worth
        merge = await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        both = await customers.get(conn, kept.id)
        assert both is not None
        assert (both.profile.value, both.profile.manager) == (1250.0, sara.id)
        (row,) = [row async for row in customer_export.export_rows(conn)]
        assert row[-2:] == ["1250", "sara"]
        kept, gone, stays = await customer_merges.undo_merge(conn, merge.id)
        assert (kept.profile, gone.profile, stays) == (MARYAM, worth, ())
        assert await managers.by_name(conn) == {"sara": sara.id, "sara ahmadi": sara.id, sara.id: sara.id}
        assert await managers.shown(conn) == {sara.id: "Sara Ahmadi"}
        await users.remove(conn, sara.id)
        left = await customers.get(conn, gone.id)
        assert left is not None
        assert (left.profile.value, left.profile.manager) == (1250.0, None)
        again = await customers.change(conn, gone.id, worth)  # of a form that was open all the time
        assert (again.profile.value, again.profile.manager) == (1250.0, None)
        assert (await customers.change(conn, gone.id, REZA)).profile == REZA


async def test_an_export_has_every_customer_once(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept, gone = await customers.create(conn, MARYAM), await customers.create(conn, REZA)
        await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        rows = [row async for row in customer_export.export_rows(conn)]
    assert [row[:2] for row in rows] == [["مریم حسینی", "+989123456789; +982188341190; +989197302215"]]
