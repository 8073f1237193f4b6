"""The queue editor in Chromium: as the mockup, by keys alone, kept while one types, both languages, without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from cxcall.web.access import Role
from tests.support.chromium import Variant, axe, overflow, shoot, tab
from tests.support.queue_stage import BILLING, PATH, SERVER, Switch, kept, settings, staged
from tests.support.survey_keys import PATIENCE_MS, choose, fill, press_on, saved
from tests.support.webapp import Clock, World, start_world

PLACES = {
    "editor": BILLING,
    "list": PATH,
    "observed": f"{PATH}/{SERVER}/sales",
    "history": f"{PATH}/history?server={SERVER}",
    "import": f"{PATH}/import",
    "new": f"{PATH}/new",
}


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    clock = Clock()
    clock.real()
    world = await start_world(tmp_path, template, settings=settings(tmp_path), clock=clock)
    yield world
    await world.close()


@pytest_asyncio.fixture(loop_scope="session")
async def switch(world: World) -> Switch:
    return await staged(world)


async def test_a_queue_is_set_up_and_applied_by_keys_alone(chromium: Browser, world: World, switch: Switch) -> None:
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go(f"{PATH}/new")
        await fill(page, "#name", "night")
        await fill(page, "#title-en", "Night desk")
        await press_on(page, "main form .btn.pri")
        await page.locator("cx-queue #queue").wait_for(timeout=PATIENCE_MS)
        await page.locator("#who input[value=leastrecent]").focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await saved(page)
        await press_on(page, "#add-members")
        await page.locator("#pick-find").focus()
        await page.keyboard.type("hod")
        await page.locator("[data-name^='hoda zand'] input").focus()
        assert not await page.locator("[data-name^='sara karimi']").is_visible()
        await page.keyboard.press("Space")
        await fill(page, "#pick-find", "sara")
        await page.locator("[data-name^='sara karimi'] input").focus()
        await page.keyboard.press("Space")
        await press_on(page, "button[value=add]")
        await page.locator("tr[data-member]").nth(1).wait_for(timeout=PATIENCE_MS)
        await page.wait_for_function("() => document.activeElement?.id === 'row-0'", timeout=PATIENCE_MS)
        await page.locator("#down-0").focus()
        await page.keyboard.press("Alt+ArrowDown")
        await page.wait_for_function("() => document.activeElement?.id === 'up-1'", timeout=PATIENCE_MS)
        await choose(page, "select[name='members.1.penalty']", "Second")
        await fill(page, "#longest_wait", "90")
        await choose(page, "#then", "Billing")
        await page.locator(".steps", has_text="After 1:30").wait_for(timeout=PATIENCE_MS)
        await page.locator("#flow .diff ins", has_text="member = PJSIP/1001").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("ControlOrMeta+s")
        await _applied(page)
    queue = await kept(world, "night")
    assert queue.applied is not None
    assert [one.penalty for one in queue.applied.members] in ([0, 1], [1, 0])
    assert (queue.applied.strategy, queue.applied.then.value) == ("linear", "billing")
    assert queue.applied == switch.applied["night"]


async def test_what_is_typed_is_kept_its_problem_stands_in_place_and_theirs_is_not_overwritten(
    chromium: Browser, world: World, switch: Switch
) -> None:
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go(BILLING)
        await fill(page, "#ring", "2x")
        await page.locator("#ring-err").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("Backspace")
        await page.keyboard.type("5")
        await page.locator("#ring-err").wait_for(state="detached", timeout=PATIENCE_MS)
        assert await page.evaluate("document.activeElement.id") == "ring"
        await choose(page, "#auto_pause", "In this")
        await page.locator("#bar", has_text="Draft, never applied").wait_for(timeout=PATIENCE_MS)
        await fill(page, "#longest_wait", "10")
        await page.locator("#longest_wait-err", has_text="Callers go on after 10 seconds").wait_for(timeout=PATIENCE_MS)
        assert await page.locator(".toc a[href='#nobody'] .mark-warn").count() == 1
        async with tab(chromium, world, Role.ADMIN) as other:
            await other.go(BILLING)
            await fill(other.page, "#retry", "7")
            await saved(other.page)
        await fill(page, "#wrap_up", "33")
        await page.locator("#said", has_text="Somebody else changed").wait_for(timeout=PATIENCE_MS)
        await fill(page, "#wrap_up", "34")
        await page.keyboard.press("Tab")
        draft = (await kept(world)).draft
        assert draft is not None
        assert (draft.retry, draft.wrap_up) == (7, 0)
        await press_on(page, "#bar button[value=save]")
        await page.locator("#said").wait_for(state="detached", timeout=PATIENCE_MS)
        await page.keyboard.press("Escape")
    draft = (await kept(world)).draft
    assert draft is not None
    assert (draft.ring, draft.wrap_up) == (25, 34)


@pytest.mark.parametrize("variant", [Variant(), Variant(language="fa", theme="dark", width=1280, height=720)], ids=str)
async def test_every_page_of_queues_is_whole_and_open_to_everybody(
    chromium: Browser, world: World, switch: Switch, variant: Variant
) -> None:
    async with tab(chromium, world, Role.ADMIN, variant) as at:
        page = at.page
        await at.go(BILLING)
        await page.locator("[data-apply]").click()
        await _applied(page)
        for name, path in PLACES.items():
            await at.go(path)
            if name == "editor":
                await _widest(page)
            await shoot(page, f"queues-{name}", variant)
            assert await axe(page) == [], name
            assert await overflow(page) == [], name


async def test_without_scripts_a_queue_is_read_saved_and_applied(
    chromium: Browser, world: World, switch: Switch
) -> None:
    async with tab(chromium, world, Role.ADMIN, scripts=False) as at:
        page = at.page
        await at.go(BILLING)
        await page.fill("#ring", "22")
        await page.click("#bar button[value=save]")
        await page.wait_for_url("**done=saved", timeout=PATIENCE_MS)
        assert await page.input_value("#ring") == "22"
        await page.click("[data-apply]")
        await page.wait_for_url("**done=applied", timeout=PATIENCE_MS)
    applied = (await kept(world)).applied
    assert applied is not None
    assert applied.ring == 22


async def _applied(page: Page) -> None:
    """Until the page says that Asterisk has the queue like this."""
    await page.locator("#bar .chip.good").wait_for(timeout=PATIENCE_MS)


async def _widest(page: Page) -> None:
    """The page with what it can show at once: a skill with its people, a step, a problem, the panel to add somebody."""
    await page.locator("#add-members").click()
    await page.locator("[name=add][value^=skill]").first.check()
    await page.locator("button[value=add]").click()
    await page.locator("tr.sub").first.wait_for(timeout=PATIENCE_MS)
    await page.locator("#add-step").click()
    await page.locator(".steprow").first.wait_for(timeout=PATIENCE_MS)
    await page.locator("input[name=join_empty][value=some]").check()
    await page.locator("#ring").fill("x")
    await page.locator("#ring-err").wait_for(timeout=PATIENCE_MS)
