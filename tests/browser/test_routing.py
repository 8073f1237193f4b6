"""Routing rules in Chromium: written, ordered and published by keys, kept while one types, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from cxcall.store import customers, rule_sets
from cxcall.web.access import Role
from tests.support.chromium import Variant, axe, overflow, shoot, tab
from tests.support.routing_stage import GOLD, MINA, NIGHT, PATH, past_calls, stage
from tests.support.survey_keys import PATIENCE_MS, choose, fill, press_on, saved
from tests.support.webapp import Clock, World, start_world

PLACES = {
    "list": PATH,
    "rule": f"{PATH}/rules/gold",
    "text": f"{PATH}/text",
    "versions": f"{PATH}/versions?n=1",
    "try": f"{PATH}/try?number=09121234567&queue=billing&sentence=Where+is+my+order",
    "replay": f"{PATH}/replay",
    "experiments": f"{PATH}/experiments",
    "experiment": f"{PATH}/experiments/VIP%20try",
    "calls": f"{PATH}/rules/gold/calls",
}


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    clock = Clock()
    clock.real()
    world = await start_world(tmp_path, template, clock=clock)
    yield world
    await world.close()


async def test_a_rule_is_written_ordered_tried_and_published_by_keys_alone(chromium: Browser, world: World) -> None:
    await stage(world, NIGHT)
    async with world.engine.begin() as conn:
        await customers.create(conn, MINA)
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go(PATH)
        await press_on(page, "#new-rule")
        await page.locator("cx-queue #queue").wait_for(timeout=PATIENCE_MS)
        await fill(page, "#name", "Gold first")
        await page.locator("#new_fact").focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        assert await page.input_value("#new_fact") == "customer.tier"
        await press_on(page, "#add-when")
        await page.wait_for_function("() => document.activeElement?.id === 'when-0-op'", timeout=PATIENCE_MS)
        await choose(page, "#when-0-value", "gold")
        await choose(page, "#then-queue", "vip")
        await fill(page, "#then-priority", "5x")
        await page.locator("#then-priority-err").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("Backspace")
        await page.locator("#then-priority-err").wait_for(state="detached", timeout=PATIENCE_MS)
        await saved(page)
        await page.locator(".inwords", has_text="priority 5").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("ControlOrMeta+s")
        await page.locator("tr[data-member]").nth(1).wait_for(timeout=PATIENCE_MS)
        await page.locator("tr[data-member]").nth(1).locator("button[value^='up:']").focus()
        await page.keyboard.press("Alt+ArrowUp")
        await (
            page.locator("tr[data-member]", has_text="Gold first")
            .first.locator("button[value^='up:'][disabled]")
            .wait_for(timeout=PATIENCE_MS)
        )
        await fill(page, "#new_note", "gold callers first")
        await page.keyboard.press("ControlOrMeta+s")
        await page.locator("#bar", has_text="Published as version 1").wait_for(timeout=PATIENCE_MS)
        await at.go(f"{PATH}/try")
        await fill(page, "#number", "09121234567")
        await choose(page, "#queue", "billing")
        await page.locator("#queue").press("Tab")
        await page.locator("#number").press("Enter")
        await page.locator(".story", has_text="To the queue “vip”.").wait_for(timeout=PATIENCE_MS)
    async with world.engine.connect() as conn:
        standing = await rule_sets.standing(conn)
    assert standing is not None
    assert ([rule.name for rule in standing.rules.rules], standing.note) == (
        ["Gold first", "Night"],
        "gold callers first",
    )


@pytest.mark.parametrize("variant", [Variant(), Variant(language="fa", theme="dark", width=1280, height=720)], ids=str)
async def test_every_page_of_routing_is_whole_and_open_to_everybody(
    chromium: Browser, world: World, variant: Variant
) -> None:
    await past_calls(world)
    async with tab(chromium, world, Role.ADMIN, variant) as at:
        page = at.page
        await at.go(f"{PATH}/replay")
        await page.locator("#day").fill(world.clock().astimezone(ZoneInfo("Asia/Tehran")).date().isoformat())
        await page.locator("main form .btn.pri").click()
        await page.locator("#who-h").wait_for(timeout=PATIENCE_MS)
        for name, path in PLACES.items():
            await at.go(path)
            if name == "experiment":
                await page.locator(".plot svg").wait_for(timeout=PATIENCE_MS)
            await shoot(page, f"routing-{name}", variant)
            assert await axe(page) == [], name
            assert await overflow(page) == [], name


async def test_without_scripts_rules_are_read_written_and_published(chromium: Browser, world: World) -> None:
    await stage(world, GOLD, NIGHT)
    async with tab(chromium, world, Role.ADMIN, scripts=False) as at:
        page = at.page
        await at.go(PATH)
        await page.click("#down-gold")
        await page.wait_for_url("**done=saved#down-gold", timeout=PATIENCE_MS)
        await at.go(f"{PATH}/rules/gold")
        await page.fill("#then-priority", "9")
        await page.click("#bar button[value=save]")
        await page.wait_for_url("**done=saved", timeout=PATIENCE_MS)
        await at.go(PATH)
        await page.click("[data-apply]")
        await page.wait_for_url("**done=published", timeout=PATIENCE_MS)
    async with world.engine.connect() as conn:
        standing = await rule_sets.standing(conn)
    assert standing is not None
    assert [(rule.id, rule.then.priority) for rule in standing.rules.rules] == [("night", None), ("gold", 9)]
