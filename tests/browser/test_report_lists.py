"""Lists of reports in Chromium: repeat callers, the map of transfers by keys, menu choices, a call-back by a click."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from cxcall.web.access import Role
from tests.support.chromium import Language, Theme, Variant, axe, overflow, shoot, tab
from tests.support.report_lists_stage import busy_week
from tests.support.report_stage import days
from tests.support.webapp import World

PAGES = {
    "lists-repeat": "/reports/repeat?{days}",
    "lists-unsolved": "/reports/fcr/again?{days}",
    "lists-transfers": "/reports/transfers?{days}",
    "lists-transfers-agents": "/reports/transfers?{days}&rows=agent",
    "lists-passed": "/reports/transfers/calls?{days}&target=%3D1007",
    "lists-transfers-none": "/reports/transfers?{days}&kind=park",
    "lists-menu": "/reports/menu?{days}",
    "lists-menu-calls": "/reports/menu/calls?{days}&measure=calls&key=refund",
    "lists-abandoned": "/reports/abandoned?{days}&reached=open",
}


@pytest.mark.parametrize(
    ("language", "theme", "width", "height"),
    [("en", "light", 1440, 900), ("fa", "dark", 1280, 720), ("en", "dark", 1280, 720), ("fa", "light", 1440, 900)],
)
async def test_pages_are_accessible_and_fit(
    chromium: Browser, world: World, language: Language, theme: Theme, width: int, height: int
) -> None:
    await busy_week(world.engine, world.clock())
    variant = Variant(language, theme, width, height)
    async with tab(chromium, world, Role.SUPERVISOR, variant) as at:
        for name, path in PAGES.items():
            await at.go(path.format(days=days(world)))
            await shoot(at.page, name, variant)
            assert await axe(at.page) == [], name
            assert await overflow(at.page) == [], name


async def test_the_map_of_transfers_by_keys_opens_as_many_as_it_says(chromium: Browser, world: World) -> None:
    await busy_week(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go(f"/reports/transfers?{days(world)}")
        cells = page.locator("cx-heat td a")
        assert await page.locator("cx-heat td a[tabindex='0']").count() == 1
        await cells.first.focus()
        for _ in range(12):
            await page.keyboard.press("ArrowDown")
        said = await page.evaluate("document.activeElement.closest('tfoot') !== null")
        assert said, "the last row can be reached"
        await page.keyboard.press("ArrowUp")
        n = (await page.evaluate("document.activeElement.querySelector('bdi').textContent")).strip()
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text("Callers passed on")
        await expect(page.locator(".phead b")).to_have_text(f"{n} counted")


async def test_a_repeat_caller_opens_their_calls_in_one_click(chromium: Browser, world: World) -> None:
    await busy_week(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go(f"/reports/repeat?{days(world)}")
        contacts = page.locator("tbody a.open").first
        n = (await contacts.locator("bdi").inner_text()).strip()
        await contacts.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".phead b")).to_have_text(f"{n} counted")
        assert await page.locator("tbody tr").count() == int(n)


async def test_a_call_back_is_made_and_taken_back_by_keys(chromium: Browser, world: World) -> None:
    await busy_week(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go(f"/reports/abandoned?{days(world)}&reached=open")
        before = await page.locator("td form").count()
        await page.locator("td form button").first.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".toast")).to_contain_text("A call-back is owed within an hour")
        assert await page.locator("td form").count() == before - 1
        await expect(page.locator("tbody tr").first).to_contain_text("Owed by")
        await page.locator(".toast button", has_text="Undo").click()
        await expect(page.locator(".toast")).to_contain_text("The follow-up was taken back.")
        await expect(page).to_have_url(re.compile("reached=open"))
        assert await page.locator("td form").count() == before


async def test_what_callers_chose_opens_their_calls(chromium: Browser, world: World) -> None:
    await busy_week(world.engine, world.clock())
    variant = Variant("fa", "dark", 1440, 900)
    async with tab(chromium, world, Role.SUPERVISOR, variant) as at:
        page = at.page
        await at.go(f"/reports/menu?{days(world)}")
        rows = page.get_by_role("region", name="شاخص‌ها").locator("tbody tr")
        await expect(rows.filter(has_text="پرسیده‌نشده")).to_have_count(1)
        await rows.filter(has_text="بازپرداخت").locator("a.open").first.click()
        await expect(page.locator("h1")).to_contain_text("بازپرداخت")
