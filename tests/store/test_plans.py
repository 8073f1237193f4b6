"""Every list a page shows is read from an index, on both databases, at a size where a missing one would hurt."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import calls, customer_pages, customers, voicemails
from cxcall.store.calls import CallFilter
from cxcall.store.customer_pages import CustomerFilter, Order
from cxcall.store.desk_card import desk_card
from tests.store.big import CALLS
from tests.store.make import after
from tests.store.plans import plans_of, reads_all_of, sorts

LISTS = {
    "all": CallFilter(),
    "queue": CallFilter(queue="queue 3"),
    "agent": CallFilter(agent="Agent 7"),
    "extension": CallFilter(extension="PJSIP/1007"),
    "outcome": CallFilter(outcome="answered"),
    "direction": CallFilter(direction="inbound"),
    "server": CallFilter(server="lab"),
    "days": CallFilter(since=after(1_000_000), until=after(2_000_000)),
}
FEW = {
    "rare queue": CallFilter(queue="rare"),
    "rare outcome": CallFilter(outcome="congestion"),
    "rare direction": CallFilter(direction="outbound"),
    "no such server": CallFilter(server="elsewhere"),
    "number": CallFilter(number="+989120000007"),
    "number not folded": CallFilter(number="1001"),
    "rare outcome of a queue": CallFilter(queue="queue 1", outcome="congestion"),
    "rare outcome of an agent": CallFilter(agent="Agent 7", outcome="congestion"),
    "a whole number": CallFilter(text="0912 000 0077"),
    "last digits": CallFilter(text="0077"),
    "both phones of a person": CallFilter(extension=("PJSIP/1007", "PJSIP/1002")),
}
TABLES = ("calls", "call_legs", "call_visits", "call_records")


def found_by_index(plan: str) -> bool:
    return not any(reads_all_of(table, plan) for table in TABLES)


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_of_a_list_is_read_in_order_from_its_index(big_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        first = await calls.page(conn, LISTS[name], limit=50)
        second = await calls.page(conn, LISTS[name], limit=50, after=first.next)
    assert len(second.rows) == 50
    assert [plan for plan in plans if sorts(plan) or not found_by_index(plan)] == []


@pytest.mark.parametrize("name", FEW)
async def test_a_page_of_few_calls_never_reads_the_others(big_engine: AsyncEngine, name: str) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        await calls.page(conn, FEW[name], limit=50)
        await calls.count(conn, FEW[name])
    assert [plan for plan in plans if not found_by_index(plan)] == []


async def test_a_customers_calls_are_read_in_order_from_an_index(big_engine: AsyncEngine) -> None:
    async with big_engine.connect() as conn:
        (newest,) = (await calls.page(conn, CallFilter(), limit=1)).rows
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        assert (await calls.for_customer(conn, str(newest.customer_id))).rows[0] == newest
    assert [plan for plan in plans if not found_by_index(plan)] == []


async def test_newer_calls_are_counted_from_the_new_end_only(big_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        for wanted in LISTS.values():
            await calls.newer_than(conn, wanted, after((CALLS - 13) * 250))
        assert await calls.newer_than(conn, CallFilter(), after((CALLS - 13) * 250)) == 12
    assert [plan for plan in plans if not found_by_index(plan)] == []


async def test_calls_in_progress_are_read_from_their_own_index(big_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        assert len(await calls.in_progress(conn)) == 9
        assert len(await calls.rows_in_progress(conn)) == 9
    assert all("ix_calls_in_progress" in plan for plan in plans)


async def test_the_call_of_a_voice_message_is_found_by_its_number(big_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        for number in ("+989120000007", "1001"):
            await voicemails.call_of(conn, number, after(1_000_000), 20.0)
    assert len(plans) == 2
    assert [plan for plan in plans if not found_by_index(plan)] == []


async def test_one_call_is_read_by_its_keys(big_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        assert await calls.get(conn, "lab-1763700007.7") is not None
        assert await calls.get(conn, "no such call") is None
    assert [plan for plan in plans if not found_by_index(plan)] == []


async def test_a_word_that_is_everywhere_is_found_without_sorting_all_of_them(big_engine: AsyncEngine) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        page = await calls.page(conn, CallFilter(text="حسین"), limit=50)
    assert len(page.rows) == 50
    assert not sorts(plans[-1])
    assert "ix_calls_newest" in plans[-1]


@pytest.mark.parametrize("order", ["name", "newest"])
async def test_customers_are_listed_in_order_from_an_index(big_engine: AsyncEngine, order: Order) -> None:
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        first = await customer_pages.page(conn, CustomerFilter(), order=order)
        second = await customer_pages.page(conn, CustomerFilter(), order=order, after=first.next)
    assert len(second.rows) == 50
    listing = [plan for plan in plans if "ix_customers_" in plan]
    assert len(listing) == 2
    assert not any(sorts(plan) for plan in listing)


async def test_the_agents_card_reads_only_its_customer(big_engine: AsyncEngine) -> None:
    async with big_engine.connect() as conn:
        (newest,) = (await calls.page(conn, CallFilter(), limit=1)).rows
    plans: list[str] = []
    async with plans_of(big_engine, plans) as conn:
        customer = await customers.get(conn, str(newest.customer_id))
        assert customer is not None
        card = await desk_card(conn, customer, now=after(CALLS * 250), call_id=newest.id)
    assert card.calls_total == 4
    assert [plan for plan in plans if not found_by_index(plan)] == []
