"""Staffing in Chromium: both languages and themes, by keys, accessible, nothing clipped; works without scripts too."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from cxcall.web.access import Role
from tests.support.chromium import Language, Theme, Variant, axe, overflow, shoot, tab
from tests.support.staffing_stage import staged
from tests.support.webapp import World


@pytest.mark.parametrize(
    ("language", "theme", "width", "height"),
    [("en", "light", 1440, 900), ("fa", "dark", 1280, 720)],
)
async def test_pages_are_accessible_and_fit(
    chromium: Browser, world: World, language: Language, theme: Theme, width: int, height: int
) -> None:
    stage = await staged(world.engine, world.clock())
    pages = {
        "staffing": f"/reports/staffing?queue=support&day={stage.next}",
        "staffing-week": f"/reports/staffing?day={stage.next}&view=week&shrinkage=20",
        "roster": f"/reports/roster?day={stage.next}",
        "upload": "/reports/roster/upload",
        "adherence": f"/reports/adherence?day={stage.day}",
        "adherence-person": f"/reports/adherence/{stage.sara}?day={stage.day}",
    }
    variant = Variant(language, theme, width, height)
    async with tab(chromium, world, Role.SUPERVISOR, variant) as at:
        for name, path in pages.items():
            await at.go(path)
            await shoot(at.page, name, variant)
            assert await axe(at.page) == [], name
            assert await overflow(at.page) == [], name


async def test_a_day_is_planned_by_keys_alone(chromium: Browser, world: World) -> None:
    stage = await staged(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go(f"/reports/staffing?queue=support&day={stage.next}")
        await page.locator("details.goals > summary").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.type("95")
        await page.keyboard.press("Enter")
        await expect(page.locator(".kpis")).to_contain_text("goal 95%")
        await page.locator("cx-chart [data-swap]").first.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("cx-chart .figures").first).to_be_visible()


async def test_a_shift_is_entered_and_taken_back_without_scripts(chromium: Browser, world: World) -> None:
    stage = await staged(world.engine, world.clock(), roster=False)
    async with tab(chromium, world, Role.SUPERVISOR, scripts=False) as at:
        page = at.page
        await page.goto(at.origin + f"/reports/roster?day={stage.next}")
        await page.select_option("#agent", stage.sara)
        await page.fill("#date", stage.next.isoformat())
        await page.fill("#from", "22:00")
        await page.fill("#to", "06:00")
        await page.locator("#edit button[value=save]").click()
        await expect(page.locator(".shift")).to_contain_text("22:00–06:00")
        await page.locator("form[action$='/undo'] button").last.click()
        await expect(page.locator(".shift")).to_have_count(0)
