"""/followups, /surveys/call-backs, /alerts and /admin/webhooks: whose they are, what forms do, what stays typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cxcall.customers.profile import Profile
from cxcall.store import alerts, customers, tasks, webhooks
from cxcall.store.alerts import NewAlert
from cxcall.store.tasks import NewTask, Task
from cxcall.web.access import Role
from cxcall.web.pages.follow_up_due import NoSuchTime, read_due
from tests.support.webapp import Browser, World

HOUR = timedelta(hours=1)
TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)  # 10:42 on 30 Aban 1405 in Tehran


async def owed(world: World, title: str, **more: Any) -> Task:
    fields: dict[str, Any] = {"kind": "call_back", "due_at": world.clock() + HOUR, "made_by": "omid", **more}
    async with world.engine.begin() as conn:
        return await tasks.create(conn, NewTask(title=title, **fields), now=world.clock())


async def task_now(world: World, task: Task) -> Task:
    async with world.engine.connect() as conn:
        found = await tasks.get(conn, task.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("choice", "day", "clock", "due"),
    [
        ("30m", "", "", NOW + HOUR / 2),
        ("evening", "", "", datetime(2026, 11, 21, 13, 30, tzinfo=UTC)),
        ("tomorrow", "", "", datetime(2026, 11, 22, 6, 30, tzinfo=UTC)),
        ("at", "2026-11-23", "14:30", datetime(2026, 11, 23, 11, 0, tzinfo=UTC)),
        ("at", "۱۴۰۵/۰۹/۰۲", "۱۴:۳۰", datetime(2026, 11, 23, 11, 0, tzinfo=UTC)),
    ],
)
def test_a_due_time_is_chosen_or_typed_in_either_calendar(choice: str, day: str, clock: str, due: datetime) -> None:
    assert read_due(choice, day, clock, now=NOW, zone=TEHRAN) == due


@pytest.mark.parametrize(
    ("day", "clock"),
    [("", ""), ("2026-11-23", ""), ("soon", "14:30"), ("2026-11-23", "25:00"), ("2020-01-01", "10:00")],
)
def test_a_due_time_that_is_none_or_is_over_is_refused(day: str, clock: str) -> None:
    with pytest.raises(NoSuchTime):
        read_due("at", day, clock, now=NOW, zone=TEHRAN)


async def test_an_empty_list_says_what_belongs_there(agent: Browser) -> None:
    page = await agent.get("/followups")
    assert (page.status, page.heading) == (200, "Follow-ups")
    assert "Nothing due today." in page.text


async def test_the_list_is_sorted_by_how_it_presses_and_agents_see_their_own(world: World, agent: Browser) -> None:
    me = world.people[Role.AGENT].id
    await owed(world, "late one", owner_id=me, due_at=world.clock() - HOUR)
    await owed(world, "one of today", owner_id=me)
    await owed(world, "one of next week", owner_id=me, due_at=world.clock() + 200 * HOUR)
    await owed(world, "somebody else's", owner_id=world.people[Role.ADMIN].id)
    await owed(world, "nobody's")
    text = (await agent.get("/followups")).text
    places = [text.index(words) for words in ("late one", "one of today", "one of next week")]
    assert places == sorted(places)
    assert "Overdue" in text
    assert "somebody else's" not in text
    assert "nobody&#39;s" not in text
    free = (await agent.get("/followups?whose=free")).text
    assert "nobody&#39;s" in free
    assert "somebody else" not in (await agent.get("/followups?whose=all")).text


async def test_a_follow_up_is_made_for_a_customer_and_bad_input_stays_typed(world: World, agent: Browser) -> None:
    async with world.engine.begin() as conn:
        customer = await customers.create(conn, Profile(name="Maryam", numbers=("+989123456789",)))
    form = await agent.get(f"/followups/new?customer_id={customer.id}")
    assert "Maryam" in form.text
    sent = {"title": "Send the bill", "kind": "follow_up", "promise": "by noon", "customer_id": customer.id}
    sent |= {"due": "at", "day": "soon", "time": "9"}
    refused = await agent.post("/followups", sent)
    assert refused.status == 422
    assert "Write a day like" in refused.text
    for typed in ("Send the bill", "by noon", "soon"):
        assert typed in refused.text
    made = await agent.post("/followups", {**sent, "due": "1h"}, follow=True)
    assert "The follow-up was made." in made.text
    async with world.engine.connect() as conn:
        [task] = (await tasks.page(conn, tasks.TaskFilter())).rows
    assert (task.title, task.customer_id, task.number, task.owner_id) == ("Send the bill", customer.id,
                                                                         "+989123456789", None)  # fmt: skip


async def test_it_is_taken_done_and_that_is_taken_back(world: World, agent: Browser) -> None:
    task = await owed(world, "Ring Maryam")
    taken = await agent.post(f"/followups/{task.id}/take", {"version": "1", "here": "/followups?whose=free"})
    assert taken.headers["Location"].startswith("/followups?whose=free&done=taken")
    assert (await task_now(world, task)).owner_id == world.people[Role.AGENT].id
    done = await agent.post(f"/followups/{task.id}/done", {"version": "2", "outcome": "settled"}, follow=True)
    assert "Done: Ring Maryam" in done.text
    assert f'action="/followups/{task.id}/open"' in done.text, "with its undo"
    assert (await task_now(world, task)).outcome == "settled"
    await agent.post(f"/followups/{task.id}/open")
    assert (await task_now(world, task)).state == "open"


async def test_two_who_change_it_at_once_are_told(world: World, supervisor: Browser) -> None:
    task = await owed(world, "Ring Maryam")
    fields = {"title": "Ring her", "version": "1", "owner": ""}
    assert (await supervisor.post(f"/followups/{task.id}", fields)).status == 303
    second = await supervisor.post(f"/followups/{task.id}", {**fields, "title": "My own words"})
    assert second.status == 409
    assert "My own words" in second.text
    assert (await supervisor.post(f"/followups/{task.id}/done", {"version": "1"})).status == 409


async def test_agents_do_not_see_or_give_away_what_is_others(world: World, agent: Browser) -> None:
    other = world.people[Role.ADMIN].id
    theirs = await owed(world, "private", owner_id=other)
    assert (await agent.get(f"/followups/{theirs.id}")).status == 404
    assert (await agent.post(f"/followups/{theirs.id}/done")).status == 404
    given = await agent.post("/followups", {"title": "t", "due": "1h", "owner": other})
    assert given.status == 403
    assert (await agent.get("/surveys/call-backs")).status == 403


async def test_call_backs_are_those_that_answers_set_off_with_their_reason(world: World, supervisor: Browser) -> None:
    await owed(world, "typed by hand")
    await owed(world, "Low mark", response_id="r1", reason={"rule": "Unhappy", "measure": "csat", "value": 1.0})
    page = await supervisor.get("/surveys/call-backs")
    assert "typed by hand" not in page.text
    assert re.search(r"Unhappy</bdi>: .*1.* of .*5.* for satisfaction", page.text)
    assert 'channel="tasks"' in page.text


async def test_an_alert_rings_the_bell_is_snoozed_and_closed(world: World, supervisor: Browser, agent: Browser) -> None:
    async with world.engine.begin() as conn:
        alert = await alerts.raise_(
            conn, NewAlert(key="rule:1", title="Lowest mark", link="/calls/1"), now=world.clock()
        )
    assert "open alert" in (await supervisor.get("/alerts/bell")).text
    page = await supervisor.get("/alerts")
    assert "Lowest mark" in page.text
    assert (await agent.get("/alerts")).status == 403
    assert 'src="/alerts/bell"' not in (await agent.get("/help/keys")).text
    await supervisor.post(f"/alerts/{alert.id}/snooze", {"for": "1h"})
    assert "Quiet until" in (await supervisor.get("/alerts")).text
    assert "badge" not in (await supervisor.get("/alerts/bell")).text
    world.clock.forward(2 * HOUR)
    assert "badge" in (await supervisor.get("/alerts/bell")).text
    closed = await supervisor.post(f"/alerts/{alert.id}/close", follow=True)
    assert "The alert was closed." in closed.text
    assert "All quiet since" in closed.text
    assert (await supervisor.post(f"/alerts/{alert.id}/close")).headers["Location"] == "/alerts"


async def test_a_webhook_is_set_up_its_secret_shown_once_and_removed_by_name(world: World, admin: Browser) -> None:
    assert "No webhooks." in (await admin.get("/admin/webhooks")).text
    refused = await admin.post("/admin/webhooks", {"name": "CRM", "url": "crm", "event": "task.created"})
    assert refused.status == 422
    assert 'value="CRM"' in refused.text
    made = await admin.post("/admin/webhooks", {"name": "CRM", "url": "http://crm.local/x", "event": "task.created"})
    assert made.status == 201
    async with world.engine.connect() as conn:
        [hook] = await webhooks.every(conn)
    assert hook.secret in made.text
    path = f"/admin/webhooks/{hook.id}"
    assert hook.secret not in (await admin.get(path)).text
    await admin.post(path + "/test")
    assert "Waiting" in (await admin.get(path)).text
    assert (await admin.post(path + "/off", {"version": "1"})).status == 303
    assert (await admin.post(path + "/on", {"version": "1"})).status == 409
    assert (await admin.post(path + "/remove", {"name": "other"})).status == 422
    assert (await admin.post(path + "/remove", {"name": "CRM"}, follow=True)).heading == "Webhooks"
    assert (await admin.get(path)).status == 404


async def test_what_is_owed_stands_on_the_customers_page_and_on_the_calls(world: World, agent: Browser) -> None:
    async with world.engine.begin() as conn:
        customer = await customers.create(conn, Profile(name="Maryam", numbers=("+989123456789",)))
    page = await agent.get(f"/customers/{customer.id}")
    assert "Nothing is owed." in page.text
    assert f"/followups/new?customer_id={customer.id}" in page.text
    theirs = await owed(world, "hers to do", customer_id=customer.id, owner_id=world.people[Role.ADMIN].id)
    mine = await owed(world, "mine to do", customer_id=customer.id, owner_id=world.people[Role.AGENT].id)
    text = (await agent.get(f"/customers/{customer.id}")).text
    assert f'href="/followups/{mine.id}"' in text
    assert "hers to do" in text
    assert f"/followups/{theirs.id}" not in text
