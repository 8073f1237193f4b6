"""Reports in Chromium: three clicks to the calls behind a number, the map of hours by keys, print, no scripts."""

from __future__ import annotations

import re
from datetime import UTC, timedelta

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from cxcall.reports.definition import Definition, Narrowing
from cxcall.store import own_reports, rfm
from cxcall.store.rfm_tables import rfm_customers
from cxcall.web.access import Role
from tests.support.chromium import Language, Theme, Variant, axe, overflow, shoot, tab
from tests.support.report_stage import days, week_of_calls
from tests.support.webapp import World

PAGES = {
    "reports": "/reports",
    "report-queues": "/reports/queues?{days}&compare=before",
    "report-days": "/reports/queues?{days}&by=day",
    "report-service-level": "/reports/service-level?{days}&compare=goal",
    "report-waits": "/reports/waits?{days}&queue=support&compare=queue:billing&by=total",
    "report-heat": "/reports/heat?{days}",
    "report-nothing": "/reports/surveys?when=today",
    "report-calls": "/reports/queues/calls?{days}&measure=abandoned",
    "report-rfm": "/reports/rfm?{days}",
    "report-segments": "/reports/segments?{days}",
    "report-wrong": "/reports/queues?from=31.31.&to=2026-11-21",
}


@pytest.mark.parametrize(
    ("language", "theme", "width", "height"),
    [("en", "light", 1440, 900), ("fa", "dark", 1280, 720), ("en", "dark", 1280, 720), ("fa", "light", 1440, 900)],
)
async def test_pages_are_accessible_and_fit(
    chromium: Browser, world: World, language: Language, theme: Theme, width: int, height: int
) -> None:
    await week_of_calls(world.engine, world.clock())
    await rfm.work_out(world.engine, UTC, now=world.clock(), pause_s=0)
    async with world.engine.connect() as conn:
        customer = await conn.scalar(select(rfm_customers.c.customer_id).order_by(rfm_customers.c.contacts.desc()))
    pages = {**PAGES, "report-customer": f"/customers/{customer}"}
    variant = Variant(language, theme, width, height)
    async with tab(chromium, world, Role.SUPERVISOR, variant) as at:
        for name, path in pages.items():
            await at.go(path.format(days=days(world)))
            await shoot(at.page, name, variant)
            assert await axe(at.page) == [], name
            assert await overflow(at.page) == [], name


async def test_three_clicks_lead_to_the_calls_behind_a_number_as_many_as_it_says(
    chromium: Browser, world: World
) -> None:
    await week_of_calls(world.engine, world.clock() + timedelta(days=1))  # up to today, so that the month has calls
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go("/reports")
        await page.get_by_role("link", name="Queues", exact=True).and_(page.locator("main a")).click()
        row = page.locator("section[aria-labelledby=figures] tbody tr", has_text="billing")
        number = row.locator("a.open").first
        n = (await number.inner_text()).strip()
        assert int(n) > 0
        await number.click()
        await expect(page.locator("h1")).to_contain_text("billing")
        await expect(page.locator(".phead b")).to_have_text(f"{n} counted")
        await page.locator("tbody a[data-row]").first.click()
        await expect(page).to_have_url(re.compile("/calls/"))


async def test_a_saved_report_is_drawn_compared_and_opened_like_any_other(chromium: Browser, world: World) -> None:
    await week_of_calls(world.engine, world.clock() + timedelta(days=1))
    async with world.engine.begin() as conn:
        kept = await own_reports.create(
            conn, name="Mornings of support", owner_id=world.people[Role.SUPERVISOR].id, period="month", by="omid",
            definition=Definition(narrowing=Narrowing(queues=("billing",)), compare="before"), now=world.clock(),
        )  # fmt: skip
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go("/reports")
        await page.get_by_role("link", name="Mornings of support", exact=True).click()
        await expect(page.locator(".phead")).to_contain_text("compared with")
        await page.locator(".asked summary", has_text="billing").click()
        await page.get_by_role("link", name="All queues").click()
        await expect(page.locator("cx-chart .plot svg")).to_be_visible()
        rows = page.locator("section[aria-labelledby=figures] tbody tr")
        await expect(rows).to_have_count(2)
        number = rows.filter(has_text="support").locator("a.open").first
        n = (await number.inner_text()).strip()
        await number.click()
        await expect(page).to_have_url(re.compile(f"/reports/own/{kept.id}/calls"))
        await expect(page.locator(".phead b")).to_have_text(f"{n} counted")


async def test_the_script_of_charts_is_loaded_where_something_is_drawn(chromium: Browser, world: World) -> None:
    await week_of_calls(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        script = at.page.locator("script[src*='/charts-']")
        await at.go(f"/reports/queues?{days(world)}&by=total")
        await expect(script).to_have_count(0)
        await at.go(f"/reports/waits?{days(world)}&by=total")
        await expect(script).to_have_count(1)
        await expect(at.page.locator("cx-chart .plot svg")).to_be_visible()
        await at.page.get_by_role("button", name="Show as table").click()
        await expect(at.page.locator("section[aria-labelledby=spread] tbody tr").first).to_be_visible()


async def test_hours_of_the_week_by_keys(chromium: Browser, world: World) -> None:
    await week_of_calls(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go(f"/reports/heat?{days(world)}")
        cells = page.locator("cx-heat td a")
        assert await page.locator("cx-heat td a[tabindex='0']").count() == 1
        await cells.first.focus()
        said = await page.evaluate("document.activeElement.ariaLabel")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowRight")
        moved = await page.evaluate("document.activeElement.ariaLabel")
        assert moved != said
        n = re.search(r"n (\d+)", moved)
        assert n is not None
        await page.keyboard.press("Enter")
        await expect(page.locator(".phead b")).to_have_text(f"{n[1]} counted")


async def test_a_printed_report_has_its_figures_and_no_buttons(chromium: Browser, world: World) -> None:
    await week_of_calls(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        await at.go(f"/reports/queues?{days(world)}")
        await at.page.emulate_media(media="print")
        await expect(at.page.locator("section[aria-labelledby=figures] tfoot")).to_be_visible()
        await expect(at.page.locator(".meanings dl")).to_be_visible()
        await expect(at.page.locator(".reports .asked")).to_be_hidden()
        await expect(at.page.get_by_role("navigation", name="Main")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_paper_is_white_whatever_the_theme_and_the_picture_is_drawn_for_it(
    chromium: Browser, world: World, language: Language
) -> None:
    await week_of_calls(world.engine, world.clock())
    colours = """() => [
        getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.querySelector('h1')).color,
        document.querySelector('cx-chart .plot path[fill^="#"]').getAttribute('fill'),
    ]"""
    async with tab(chromium, world, Role.SUPERVISOR, Variant(language, "dark")) as at:
        await at.go(f"/reports/queues?{days(world)}")
        bars = at.page.locator("cx-chart .plot svg")
        await expect(bars).to_be_visible()
        dark = await at.page.evaluate(colours)
        await at.page.emulate_media(media="print")
        await at.page.wait_for_timeout(200)
        paper = await at.page.evaluate(colours)
        assert [_light(one) for one in dark[:2]] == [False, True]
        assert [_light(one) for one in paper[:2]] == [True, False]
        assert paper[2] != dark[2]
        await expect(at.page.locator("cx-chart summary")).to_be_hidden()


def _light(colour: str) -> bool:
    """Whether a colour as `rgb(12, 15, 20)` is nearer to white."""
    return sum(map(int, re.findall(r"\d+", colour)[:3])) > 3 * 128


async def test_filters_work_without_scripts(chromium: Browser, world: World) -> None:
    await week_of_calls(world.engine, world.clock())
    async with tab(chromium, world, Role.SUPERVISOR, scripts=False) as at:
        page = at.page
        await page.goto(at.origin + "/reports/queues?when=month")
        await page.locator(".periodmenu > summary").click()
        await page.fill("#r-from", "1405/08/25")
        await page.fill("#r-to", "1405/08/25")
        await page.locator(".periodmenu form button").click()
        await expect(page.locator(".phead")).to_contain_text("16 Nov 2026")
        await page.locator(".figuremenu > summary").click()
        await page.get_by_label("Wait, median").check()
        await page.locator(".figuremenu form button").click()
        await expect(page.locator("section[aria-labelledby=figures] thead")).to_contain_text("Wait, median")
        await expect(page.locator(".phead")).to_contain_text("16 Nov 2026")
