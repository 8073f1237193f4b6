"""Follow-ups, alerts and webhooks in Chromium: by keys alone, live, and usable by everybody in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from cxcall.customers.profile import Profile
from cxcall.store import alerts, customers, tasks, webhooks
from cxcall.store.alerts import NewAlert
from cxcall.store.tasks import NewTask
from cxcall.web.access import Role
from tests.support.chromium import Language, Theme, Variant, axe, overflow, shoot, tab
from tests.support.webapp import World

HOUR = timedelta(hours=1)


async def filled(world: World) -> dict[str, str]:
    """Follow-ups of all sorts, two alerts and a webhook that met trouble; the ids by kind."""
    now, me = world.clock(), world.people[Role.SUPERVISOR].id
    why = {"rule": "Unhappy", "measure": "csat", "value": 1.0}
    async with world.engine.begin() as conn:
        maryam = await customers.create(conn, Profile(name="مریم حسینی", numbers=("+989123456789",)))
        made = []
        for title, due, owner, reason in (
            ("تماس با مشتری ناراضی", -HOUR, me, why),
            ("Send the corrected bill", HOUR * 3, None, {}),
            ("Ask whether the modem works", HOUR * 80, world.people[Role.AGENT].id, why),
        ):
            new = NewTask(
                kind="call_back" if reason else "follow_up", title=title, due_at=now + due, made_by="rule:r1",
                customer_id=maryam.id, number="+989123456789", owner_id=owner, reason=reason, queue="billing",
                response_id="r" if reason else None, promise="before noon", call_id="lab-1.1",
            )  # fmt: skip
            made.append(await tasks.create(conn, new, now=now))
        await tasks.end(conn, made[1].id, version=1, state="done", outcome="sent", by="omid", now=now)
        alert = await alerts.raise_(conn, NewAlert(key="rule:1", title="امتیاز پایین", link="/surveys"), now=now)
        await alerts.raise_(conn, NewAlert(key="rule:1", title="امتیاز پایین", link="/surveys"), now=now)
        old = await alerts.raise_(conn, NewAlert(key="rule:2", title="Detractor of gold tier"), now=now - HOUR)
        await alerts.close(conn, old.id, by="omid", now=now)
        hook = await webhooks.create(
            conn, name="CRM", url="https://crm.example/hooks/cxcall", events=webhooks.EVENTS, by="leila", now=now
        )
        await webhooks.enqueue(conn, "task.created", {"id": made[0].id}, now=now)
        [delivery] = await webhooks.due(conn, now=now)
        await webhooks.tried(conn, delivery, status=503, answer="Service Unavailable", now=now)
    return {"task": made[0].id, "ended": made[1].id, "alert": alert.id, "webhook": hook.id}


async def test_a_follow_up_is_made_and_done_by_keys_alone_and_the_end_taken_back(
    chromium: Browser, world: World
) -> None:
    async with tab(chromium, world, Role.AGENT) as at:
        await at.go("/followups/new")
        page = at.page
        assert await page.evaluate("document.activeElement.id") == "title"
        await page.keyboard.type("Ring Maryam")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/followups?done=made*")
        await page.get_by_role("link", name="Ring Maryam").wait_for()
        await page.get_by_role("button", name="Done Ring Maryam").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**done=done*")
        undo = page.locator(".toast button", has_text="Undo")
        await undo.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**done=open*")
        await page.get_by_role("link", name="Ring Maryam").wait_for()


async def test_a_task_that_a_rule_makes_appears_without_reload_and_the_bell_rings(
    chromium: Browser, world: World
) -> None:
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        await at.go("/surveys/call-backs")
        await at.page.get_by_text("Nothing due today.").wait_for()
        now = world.clock()
        async with world.engine.begin() as conn:
            task = await tasks.create(
                conn, NewTask(kind="call_back", title="Low mark", due_at=now + HOUR, made_by="rule:1", response_id="r"),
                now=now,
            )  # fmt: skip
            alert = await alerts.raise_(conn, NewAlert(key="rule:1", title="Low mark"), now=now)
        world.bus.publish("tasks", {"id": task.id})
        world.bus.publish("alerts", {"id": alert.id, "open": 1})
        await at.page.get_by_role("link", name="Low mark").wait_for()
        await at.page.locator(".bell .badge", has_text="1").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_pages_are_accessible_and_fit(
    chromium: Browser, world: World, language: Language, theme: Theme
) -> None:
    ids = await filled(world)
    paths = {
        "followups": "/followups", "new": "/followups/new", "task": f"/followups/{ids['task']}",
        "ended": f"/followups/{ids['ended']}", "call-backs": "/surveys/call-backs", "alerts": "/alerts",
        "webhooks": "/admin/webhooks", "webhook": f"/admin/webhooks/{ids['webhook']}",
    }  # fmt: skip
    for role, names in (
        (Role.SUPERVISOR, ("followups", "new", "task", "ended", "call-backs", "alerts")),
        (Role.ADMIN, ("webhooks", "webhook")),
    ):
        variant = Variant(language, theme, 1280, 720)
        async with tab(chromium, world, role, variant) as at:
            for name in names:
                await at.go(paths[name])
                if variant.full:
                    assert await axe(at.page) == [], name
                assert await overflow(at.page) == [], name
                await shoot(at.page, name, variant)
