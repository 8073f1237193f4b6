"""Hours and rules for alerts in Chromium: a week by keys alone, an alert said aloud, accessible in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from cxcall.queues.alerting import FloorRule
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.hours import Calendar, Closure, Holiday, Span
from cxcall.store import alert_rules, alerts, calendars, closures, queue_servers, queues
from cxcall.store.alerts import NewAlert
from cxcall.web.access import Role
from tests.support.chromium import Language, Theme, Variant, axe, overflow, shoot, tab
from tests.support.queue_stage import SERVER, settings
from tests.support.webapp import Clock, World, start_world


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    clock = Clock()
    clock.real()
    world = await start_world(tmp_path, template, clock=clock, settings=settings(tmp_path))
    yield world
    await world.close()


async def filled(world: World) -> dict[str, str]:
    """Hours that a queue goes by, one that is closed now, a rule, and alerts that stand, sleep and are over."""
    now = world.clock()
    working = (Span(since="08:00", to="12:30"), Span(since="13:00", to="17:00"))
    nowruz = Holiday(date="01-01", calendar="jalali", title="نوروز")
    eve = Holiday(date="12-31", hours=(Span(since="09:00", to="12:00"),))
    week = (*(working,) * 6, ())
    office = Calendar(name="Office · دفتر", zone="Asia/Tehran", week=week, holidays=(nowruz, eve))
    rule = FloorRule(name="Callers wait long", measure="longest", yellow=120, red=300, queues=(f"{SERVER}:billing",))
    async with world.engine.begin() as conn:
        kept = await calendars.create(conn, office, by="leila", now=now)
        definition = QueueDefinition(name="billing", title={"en": "Billing", "fa": "مالی"}, calendar=kept.id)
        await queue_servers.save(conn, SERVER, mode="managed", by="leila", now=now)
        await queues.create(conn, SERVER, definition, by="leila", now=now)
        await queues.applied(conn, SERVER, [definition], by="leila", now=now)
        until = (now + timedelta(hours=1)).timestamp()
        closure = Closure(queue="billing", until=until, by="Omid", since=now.timestamp(), why="Fire drill")
        await closures.close(conn, SERVER, closure, now=now)
        made = await alert_rules.create(conn, msgspec.to_builtins(rule), by="leila", now=now)
        ids = []
        for n, level in enumerate(("red", "yellow", "red")):
            params = {"measure": "longest", "value": 192.0, "limit": 120, "queue": "billing", "sound": True}
            new = NewAlert(key=f"floor:{n}", title="Callers wait long", params=params, rule_id=made.id,
                           level="red" if level == "red" else "yellow")  # fmt: skip
            ids.append((await alerts.raise_(conn, new, now=now)).id)
        await alerts.clear(conn, "floor:2", now=now)
    return {"hours": kept.id, "rule": made.id, "alert": ids[0]}


async def test_a_week_is_set_by_keys_alone(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.ADMIN) as at:
        await at.go("/admin/hours/new")
        page = at.page
        assert await page.evaluate("document.activeElement.id") == "name"
        await page.keyboard.type("Office")
        await page.locator("#day-0-0-since").focus()
        await page.keyboard.press("ArrowUp")
        assert await page.input_value("#day-0-0-since") == "09:15"
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        assert await page.input_value("#day-0-0-since") == "08:45"
        await page.keyboard.press("Alt+ArrowDown")
        assert await page.evaluate("document.activeElement.id") == "day-1-0-since"
        await page.keyboard.type("10")
        await page.locator("#same-2").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#same-2")).to_be_focused()
        assert await page.input_value("#day-2-0-since") == "10:00"
        await page.locator("#name").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/admin/hours?done=saved*")
        await page.get_by_role("link", name="Office").wait_for()
    async with world.engine.connect() as conn:
        (kept,) = await calendars.everything(conn)
    assert [day[0].since for day in kept.calendar.week[:3]] == ["08:45", "10:00", "10:00"]


async def test_an_alert_is_said_aloud_by_one_page_of_those_who_asked_for_it(chromium: Browser, world: World) -> None:
    ids = await filled(world)
    await world.prefer(Role.SUPERVISOR, alert_sound="on", alert_notice="on")
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        said: list[str] = []
        await at.page.context.expose_function("said", lambda text: said.append(text))
        await at.page.context.add_init_script(
            "window.Notification = class { static permission = 'granted';"
            " constructor(title, more) { window.said(title + ' | ' + more.body); } close() {} };"
        )
        other = await at.page.context.new_page()
        for page in (other, at.page):
            await page.goto(at.origin + "/admin/hours")
            await page.locator("html[data-live=live]").wait_for()
        await at.page.locator(".bell .badge", has_text="2").wait_for()
        world.bus.publish("alerts", {"id": ids["alert"], "open": 2, "news": ids["alert"]})
        for _ in range(600):
            if said:
                break
            await at.page.wait_for_timeout(50)
        await at.page.wait_for_timeout(300)
        assert said == ["Red: Callers wait long | Billing: somebody waits for 3:12 (limit 2:00)"]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("fa", "dark")])
async def test_the_pages_are_accessible_and_fit(
    chromium: Browser, world: World, language: Language, theme: Theme
) -> None:
    ids = await filled(world)
    paths = {
        "hours": "/admin/hours", "calendar": f"/admin/hours/{ids['hours']}", "calendar-new": "/admin/hours/new",
        "rules": "/alerts/rules", "rule": f"/alerts/rules/{ids['rule']}", "alerts": "/alerts", "settings": "/settings",
    }  # fmt: skip
    variant = Variant(language, theme, 1280, 720)
    await world.prefer(Role.ADMIN, alert_notice="on")
    async with tab(chromium, world, Role.ADMIN, variant) as at:
        for name, path in paths.items():
            await at.go(path)
            assert await axe(at.page) == [], name
            assert await overflow(at.page) == [], name
            await shoot(at.page, f"l-{name}", variant)
