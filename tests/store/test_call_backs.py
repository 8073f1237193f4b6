"""Call-backs and their plans as both databases keep them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import Caller, CallId, CallRecord
from cxcall.customers.profile import Profile
from cxcall.routing.call_back import CallBack
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.store import call_back_plans, call_backs, calls, customer_merges, customers
from cxcall.store.calls import CallWrite
from cxcall.store.engine import refresh_statistics
from cxcall.store.errors import Conflict
from cxcall.store.paging import BadCursor
from tests.store.make import MORNING, after
from tests.store.plans import plans_of, reads_all_of, sorts


def call_back(n: int, **more: object) -> CallBack:
    one = CallBack(
        id=f"{n:026x}", server="lab", queue="support", number=f"+98912000000{n}", joined_at=after(n), made_at=after(n),
        next_at=after(n), first_call=f"lab-{n}",
    )  # fmt: skip
    return msgspec.structs.replace(one, **more)


async def test_a_number_or_customer_has_one_that_is_open(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        mina = (await customers.create(conn, Profile(name="Mina", numbers=("+989120000001", "+989120000002")))).id
        first = call_back(1, customer_id=mina)
        assert await call_backs.add(conn, first)
        assert not await call_backs.add(conn, call_back(3, number=first.number))
        assert not await call_backs.add(conn, call_back(2, customer_id=mina))
        assert await call_backs.promised(conn, "+989120000002", mina) == first
        assert await call_backs.promised(conn, "+989120000002") is None
        await call_backs.save(conn, msgspec.structs.replace(first, state="done", ended_at=after(9)))
        assert await call_backs.add(conn, call_back(2, customer_id=mina))


async def test_it_is_kept_as_it_was_saved_and_found_by_both_of_its_calls(engine: AsyncEngine) -> None:
    one = call_back(1, ahead=("a", "b"), priority=3)
    async with engine.begin() as conn:
        await call_backs.add(conn, one)
        later = msgspec.structs.replace(
            one, state="calling", line="cxcb-1", last_call="lab-cxcb-1", tries=1, since=after(5), reason="busy"
        )
        await call_backs.save(conn, later)
        assert await call_backs.get(conn, one.id) == later
        assert await call_backs.of_call(conn, "lab-1") == await call_backs.of_call(conn, "lab-cxcb-1") == later
        assert await call_backs.of_call(conn, "lab-2") is None


async def test_open_ones_come_in_the_order_of_their_places_and_the_list_newest_first(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in (3, 1, 2):
            await call_backs.add(conn, call_back(n, joined_at=after(10 - n)))
        await call_backs.add(conn, call_back(4, server="other"))
        await call_backs.add(conn, call_back(5, state="task", ended_at=after(9), queue="sales"))
        assert [one.number[-1] for one in await call_backs.open_ones(conn, "lab")] == ["3", "2", "1"]
        first = await call_backs.page(conn, limit=2)
        assert [one.number[-1] for one in first.rows] == ["5", "4"]
        second = await call_backs.page(conn, limit=2, after=first.next)
        assert [one.number[-1] for one in second.rows] == ["3", "2"]
        assert [one.number[-1] for one in (await call_backs.page(conn, limit=2, after=second.previous)).rows] == [
            "5",
            "4",
        ]
        assert len((await call_backs.page(conn, over=False)).rows) == 4
        assert [one.number[-1] for one in (await call_backs.page(conn, states=["task"], queue="sales")).rows] == ["5"]
        assert await call_backs.counts(conn, since=MORNING) == {"open": 4, "task": 1}
        with pytest.raises(BadCursor):
            await call_backs.page(conn, after="x")


async def test_of_customers_who_are_merged_the_other_has_it(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept = await customers.create(conn, Profile(name="Mina", numbers=("+989120000001",)))
        gone = await customers.create(conn, Profile(name="M.", numbers=("+989120000002",)))
        one = call_back(2, customer_id=gone.id)
        await call_backs.add(conn, one)
        await customer_merges.merge(conn, kept.id, gone.id, by="a")
        assert (await call_backs.open_ones(conn, "lab"))[0].customer_id == kept.id
        await call_backs.save(conn, msgspec.structs.replace(one, tries=1))
        found = await call_backs.get(conn, one.id)
        assert found is not None
        assert (found.customer_id, found.tries) == (kept.id, 1)


async def test_a_plan_is_saved_over_the_version_that_was_read(engine: AsyncEngine) -> None:
    now = MORNING + timedelta(hours=1)
    async with engine.begin() as conn:
        saved = await call_back_plans.save(conn, "lab", "support", CallBackPlan(key="5"), by="a", now=now)
        with pytest.raises(Conflict):
            await call_back_plans.save(conn, "lab", "support", CallBackPlan(), by="b", now=now)
        changed = await call_back_plans.save(
            conn, "lab", "support", CallBackPlan(first="customer"), version=saved.version, by="b", now=now
        )
        assert (changed.version, changed.plan.first, changed.updated_by) == (2, "customer", "b")
        assert await call_back_plans.everything(conn) == [changed]
        assert await call_back_plans.remove(conn, "lab", "support", by="b", now=now)
        assert not await call_back_plans.remove(conn, "lab", "support", by="b", now=now)
        assert await call_back_plans.of(conn, "lab", "support") is None


async def test_a_call_in_which_the_customer_was_rung_first_is_theirs(engine: AsyncEngine) -> None:
    record = CallRecord(
        id=CallId("lab-cxcb-1-1"), server="lab", linked_ids=("cxcb-1-1",), direction="outbound", called="support",
        caller=Caller(number="09120000001", name="CB"), started_at=after(1),
    )  # fmt: skip
    async with engine.begin() as conn:
        mina = (await customers.create(conn, Profile(name="Mina", numbers=("+989120000001",)))).id
        (applied,) = await calls.apply(conn, [CallWrite(record=record, revision=1)], region="IR")
        assert applied.record.caller.customer_id == mina


LISTS: dict[str, Callable[[AsyncConnection], Awaitable[object]]] = {
    "all": lambda conn: call_backs.page(conn),
    "over": lambda conn: call_backs.page(conn, over=True),
    "open": lambda conn: call_backs.page(conn, over=False),
    "open of a queue": lambda conn: call_backs.page(conn, over=False, queue="support"),
    "of a server": lambda conn: call_backs.open_ones(conn, "lab"),
    "of a call": lambda conn: call_backs.of_call(conn, "lab-77"),
    "of a caller": lambda conn: call_backs.promised(conn, "+989120000077", "c"),
    "counts": lambda conn: call_backs.counts(conn, since=after(150)),
}


async def test_lists_are_read_from_indexes_and_who_waits_is_found_among_those_who_do(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(200):
            over = {} if n > 195 else {"state": "done", "ended_at": after(n)}
            await call_backs.add(conn, call_back(n, number=f"+98912{n:06}", **over))
    await refresh_statistics(engine)
    wrong = []
    for name, ask in LISTS.items():
        plans: list[str] = []
        async with plans_of(engine, plans) as conn:
            if engine.dialect.name == "postgresql":  # it reads tables as small as this one whole
                await conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            await ask(conn)
        assert plans
        wrong += [(name, plan) for plan in plans if reads_all_of("call_backs", plan)]
        wrong += [(name, plan) for plan in plans if name in ("all", "over") and sorts(plan)]
        wrong += [(name, plan) for plan in plans if "open" in name and "call_backs_open" not in plan]
    assert wrong == []
