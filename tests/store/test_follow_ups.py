"""Tasks, alerts and webhooks: kept, found, changed by two at once, told until it arrives."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.customers.profile import Profile
from cxcall.store import alerts, customer_merges, customers, tasks, webhooks
from cxcall.store.alerts import NewAlert, NoSuchAlert
from cxcall.store.engine import refresh_statistics
from cxcall.store.errors import Conflict
from cxcall.store.follow_up_tables import tasks as tasks_table
from cxcall.store.paging import BadCursor
from cxcall.store.tasks import NewTask, NoSuchTask, TaskFilter
from tests.store.plans import plans_of, reads_all_of

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "http://crm.local/"


def owed(title: str = "Call back", due: timedelta = HOUR, **more: object) -> NewTask:
    fields: dict[str, object] = {"kind": "call_back", "title": title, "due_at": NOW + due, "made_by": "rule:r1", **more}
    return NewTask(**fields)  # type: ignore[arg-type]  # a shorthand of these tests


async def test_a_task_is_kept_as_it_was_made(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await tasks.create(
            conn, owed(reason={"measure": "csat", "value": 1.0}, call_id="lab-1.1", promise="by noon"), now=NOW
        )
        assert await tasks.get(conn, made.id) == made
        assert await tasks.of_call(conn, "lab-1.1") == [made]
        assert made.reason == {"measure": "csat", "value": 1.0}
        assert (made.state, made.version, made.kept(NOW)) == ("open", 1, None)
        assert made.kept(NOW + 2 * HOUR) is False


async def test_two_who_change_a_task_at_once_do_not_overwrite_each_other(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await tasks.create(conn, owed(), now=NOW)
        changed = await tasks.change(conn, made.id, version=1, owner_id="u1", due_at=NOW + 3 * HOUR)
        assert (changed.owner_id, changed.due_at, changed.version) == ("u1", NOW + 3 * HOUR, 2)
        with pytest.raises(Conflict):
            await tasks.change(conn, made.id, version=1, title="mine")
        with pytest.raises(NoSuchTask):
            await tasks.change(conn, "none", version=1, title="x")
        assert (await tasks.change(conn, made.id, version=2, owner_id="")).owner_id is None


async def test_a_task_is_kept_when_it_ended_in_time_and_missed_when_later_and_that_can_be_taken_back(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        made = await tasks.create(conn, owed(), now=NOW)
        done = await tasks.end(conn, made.id, version=1, state="done", outcome="settled", by="sara", now=NOW + HOUR / 2)
        assert done.kept(NOW + 9 * HOUR) is True
        assert (done.outcome, done.ended_by) == ("settled", "sara")
        again = await tasks.end(conn, made.id, version=2, state="open", outcome="", by="sara", now=NOW + HOUR)
        assert (again.state, again.outcome, again.ended_at, again.ended_by) == ("open", "", None, "")
        late = await tasks.end(conn, made.id, version=3, state="done", outcome="", by="sara", now=NOW + 2 * HOUR)
        assert late.kept(NOW) is False
        off = await tasks.end(conn, made.id, version=4, state="cancelled", outcome="wrong", by="sara", now=NOW)
        assert off.kept(NOW) is None


async def test_pages_go_by_due_time_both_ways_and_filters_hold(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(7):
            await tasks.create(
                conn, owed(f"t{n}", HOUR * (n // 2), owner_id="u1" if n % 2 else None, response_id="r" if n else None),
                now=NOW,
            )  # fmt: skip
        first = await tasks.page(conn, TaskFilter(), limit=3)
        second = await tasks.page(conn, TaskFilter(), limit=3, after=first.next)
        third = await tasks.page(conn, TaskFilter(), limit=3, after=second.next)
        assert [task.title for part in (first, second, third) for task in part.rows] == [f"t{n}" for n in range(7)]
        assert third.next is None
        back = await tasks.page(conn, TaskFilter(), limit=3, after=third.previous)
        assert [task.title for task in back.rows] == ["t3", "t4", "t5"]
        mine = await tasks.page(conn, TaskFilter(owner_id="u1"))
        assert [task.title for task in mine.rows] == ["t1", "t3", "t5"]
        assert len((await tasks.page(conn, TaskFilter(owner_id="u1", or_free=True))).rows) == 7
        assert len((await tasks.page(conn, TaskFilter(owner_id=""))).rows) == 4
        assert len((await tasks.page(conn, TaskFilter(from_survey=True))).rows) == 6
        soon = TaskFilter(due_since=NOW + HOUR, due_before=NOW + 2 * HOUR, kind="call_back", state="open")
        assert [task.title for task in (await tasks.page(conn, soon)).rows] == ["t2", "t3"]
        with pytest.raises(BadCursor):
            await tasks.page(conn, TaskFilter(), after="nonsense")


async def test_ended_tasks_come_latest_first_page_by_page(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(5):
            task = await tasks.create(conn, owed(f"t{n}", HOUR * n), now=NOW)
            state: tasks.State = "cancelled" if n == 2 else "done"
            if n != 3:
                await tasks.end(conn, task.id, version=1, state=state, outcome="", by="x", now=NOW)
        first = await tasks.page(conn, TaskFilter(ended=True), limit=2)
        rest = await tasks.page(conn, TaskFilter(ended=True), limit=2, after=first.next)
        back = await tasks.page(conn, TaskFilter(ended=True), limit=2, after=rest.previous)
    assert [task.title for task in (*first.rows, *rest.rows)] == ["t4", "t2", "t1", "t0"]
    assert back.rows == first.rows


async def test_counts_tell_open_due_overdue_kept_and_missed(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for due in (-2, -1, 1, 30):
            await tasks.create(conn, owed(due=HOUR * due), now=NOW)
        for end_at in (HOUR / 2, 2 * HOUR):
            task = await tasks.create(conn, owed(), now=NOW)
            await tasks.end(conn, task.id, version=1, state="done", outcome="", by="x", now=NOW + end_at)
        found = await tasks.counts(conn, TaskFilter(state="open"), now=NOW, day_ends=NOW + 12 * HOUR)
    assert (found.open, found.due, found.overdue, found.kept, found.missed) == (4, 3, 2, 1, 1)


async def test_tasks_of_a_merged_customer_are_found_by_the_other_and_go_back_with_the_merge(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        a, b, c = [await customers.create(conn, Profile(name=name), origin="person") for name in "abc"]
        for customer in (a, b, c):
            await tasks.create(conn, owed(customer.profile.name, customer_id=customer.id), now=NOW)
        first = await customer_merges.merge(conn, b.id, a.id, by="x")
        await customer_merges.merge(conn, c.id, b.id, by="x")
        wanted = TaskFilter(customer_id=c.id)
        assert {task.title for task in (await tasks.page(conn, wanted)).rows} == {"a", "b", "c"}
        second = (await customer_merges.of_customer(conn, c.id))[0]
        await customer_merges.undo_merge(conn, second.id)
        assert {task.title for task in (await tasks.page(conn, wanted)).rows} == {"c"}
        await customer_merges.undo_merge(conn, first.id)
        assert {t.title for t in (await tasks.page(conn, TaskFilter(customer_id=b.id))).rows} == {"b"}


async def test_the_same_alert_is_counted_until_it_is_closed(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        first = await alerts.raise_(conn, NewAlert(key="rule:1", title="Low score", params={"value": 1}), now=NOW)
        again = await alerts.raise_(
            conn, NewAlert(key="rule:1", title="Low score", params={"value": 2}), now=NOW + HOUR
        )
        other = await alerts.raise_(conn, NewAlert(key="rule:2", title="Other"), now=NOW + HOUR)
        assert (again.id, again.n, again.params, again.last_at) == (first.id, 2, {"value": 2}, NOW + HOUR)
        assert [alert.id for alert in await alerts.heard(conn, now=NOW)] == [other.id, first.id]
        await alerts.close(conn, first.id, by="omid", now=NOW + HOUR)
        fresh = await alerts.raise_(conn, NewAlert(key="rule:1", title="Low score"), now=NOW + 2 * HOUR)
        assert (fresh.id != first.id, fresh.n) == (True, 1)
        with pytest.raises(NoSuchAlert):
            await alerts.close(conn, first.id, by="omid", now=NOW)
        page = await alerts.page(conn, limit=2)
        rest = await alerts.page(conn, limit=2, after=page.next)
        assert [alert.id for alert in (*page.rows, *rest.rows)] == [fresh.id, other.id, first.id]


async def test_an_alert_is_counted_as_often_as_a_connection_raises_it(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:  # PostgreSQL plans a statement anew five times, then once for all
        for n in range(1, 9):
            raised = await alerts.raise_(conn, NewAlert(key="often", title="Low score"), now=NOW)
            await conn.commit()
            assert raised.n == n


async def test_a_snoozed_alert_is_heard_again_when_its_time_is_over(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        alert = await alerts.raise_(conn, NewAlert(key="k", title="t"), now=NOW)
        await alerts.snooze(conn, alert.id, until=NOW + HOUR)
        assert await alerts.count_heard(conn, now=NOW) == 0
        assert await alerts.count_heard(conn, now=NOW + HOUR) == 1


async def test_two_alerts_of_one_key_raised_at_once_are_one(engine: AsyncEngine) -> None:
    async def raise_one() -> None:
        async with engine.begin() as conn:
            await alerts.raise_(conn, NewAlert(key="k", title="t"), now=NOW)

    await asyncio.gather(*(raise_one() for _ in range(8)))
    async with engine.begin() as conn:
        assert [alert.n for alert in await alerts.heard(conn, now=NOW)] == [8]


async def test_a_webhook_is_told_of_what_it_takes_and_tried_again_with_longer_waits_until_it_is_given_up(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        hook = await webhooks.create(
            conn, name="CRM", url="http://crm.local/", events=["task.created"], by="x", now=NOW
        )
        assert len(hook.secret) >= 40
        assert await webhooks.enqueue(conn, "survey.finished", {}, now=NOW) == 0
        assert await webhooks.enqueue(conn, "task.created", {"id": "t1"}, now=NOW) == 1
        [delivery] = await webhooks.due(conn, now=NOW)
        body = msgspec.json.decode(delivery.body)
        assert (body["id"], body["event"], body["data"]) == (delivery.id, "task.created", {"id": "t1"})
        now = NOW
        for wait in webhooks.RETRY_AFTER:
            delivery = await webhooks.tried(conn, delivery, status=None, answer="no answer", now=now)
            assert (delivery.state, delivery.next_at) == ("waiting", now + wait)
            assert await webhooks.due(conn, now=now + wait / 2) == []
            now += wait
        delivery = await webhooks.tried(conn, delivery, status=500, answer="x" * 9999, now=now)
        assert (delivery.state, delivery.status, len(delivery.answer)) == ("given_up", 500, 500)
        assert await webhooks.try_again(conn, delivery.id, now=now)
        [delivery] = await webhooks.due(conn, now=now)
        assert (await webhooks.tried(conn, delivery, status=204, answer="", now=now)).state == "delivered"
        assert [one.id for one in await webhooks.deliveries(conn, hook.id)] == [delivery.id]
        assert await webhooks.sweep(conn, before=NOW + HOUR) == 1


async def test_a_webhook_that_is_off_is_told_nothing_and_what_waits_waits(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        hook = await webhooks.create(
            conn, name="CRM", url="http://crm.local/", events=["task.created"], by="x", now=NOW
        )
        await webhooks.enqueue(conn, "task.created", {}, now=NOW)
        off = await webhooks.change(conn, hook.id, version=1, enabled=False)
        assert await webhooks.due(conn, now=NOW) == []
        assert await webhooks.enqueue(conn, "task.created", {}, now=NOW) == 0
        assert await webhooks.enqueue(conn, "test", {}, now=NOW, to=hook.id) == 1
        with pytest.raises(Conflict):
            await webhooks.change(conn, hook.id, version=1, name="other")
        changed = await webhooks.change(conn, hook.id, version=off.version, enabled=True, secret=webhooks.new_secret())
        assert changed.secret != hook.secret
        assert len(await webhooks.due(conn, now=NOW)) == 2
        assert await webhooks.remove(conn, hook.id)
        assert await webhooks.every(conn) == []


async def test_lists_are_read_from_their_indexes(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await tasks.create(conn, owed(), now=NOW)
        row = dict((await conn.execute(select(tasks_table).where(tasks_table.c.id == made.id))).one()._mapping)
        many = [
            {**row, "id": f"t{n}", "owner_id": f"u{n % 50}", "customer_id": f"c{n}", "due_at": NOW + n * HOUR}
            for n in range(4000)
        ]
        await conn.execute(tasks_table.insert(), many)
    await refresh_statistics(engine)
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        await tasks.page(conn, TaskFilter(state="open"))
        await tasks.page(conn, TaskFilter(owner_id="u1", state="open"))
        await tasks.page(conn, TaskFilter(customer_id="c7"))
        await tasks.of_call(conn, "lab-1.1")
        await tasks.of_response(conn, "r")
    plans = [plan for plan in plans if "tasks" in plan]
    assert len(plans) == 5
    for plan in plans:
        assert not reads_all_of("tasks", plan), plan
