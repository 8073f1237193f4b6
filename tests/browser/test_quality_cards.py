"""Scorecards and plans in Chromium: a card made by buttons, the focus where it belongs, the look of every page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from cxcall.store.quality import plans
from cxcall.store.quality.plans import Drawn
from tests.browser.desk_stage import stage
from tests.support.call_centre import OMID, past
from tests.support.quality_stage import publish_card

SHOTS = os.environ.get("CXCALL_SHOTS")


async def _shoot(page: Page, name: str, language: str) -> None:
    if SHOTS:
        for theme, width, height in (("light", 1440, 900), ("dark", 1280, 720)):
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=Path(SHOTS) / f"{name}.{language}-{theme}.png", full_page=True)
        await page.set_viewport_size({"width": 1440, "height": 900})


async def test_a_card_is_made_from_an_example_and_the_focus_follows_the_buttons(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        page = await at.open("leila", "/quality/scorecards")
        await page.get_by_role("link", name="Begin with this one Sales call").click()
        await page.get_by_role("button", name="Add an item Closing").click()
        added = page.locator("[name='s2.i2.title.en']")
        await expect(added).to_be_focused()
        await added.fill("Thanks for the talk")
        await page.locator("[name='s2.i2.weight']").fill("0")
        await page.get_by_role("button", name="Publish").click()
        await expect(page.locator("[name='s2.i2.weight']")).to_be_focused()
        await expect(added).to_have_value("Thanks for the talk")
        await page.locator("[name='s2.i2.weight']").fill("25")
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("20% of the whole").first).to_be_visible()
        await expect(page.get_by_text("Published. Calls are scored by it from now on.")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_every_page_fits_and_is_accessible(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        centre = at.centre
        page = await at.open("leila", "/quality/scorecards")
        assert await at.faults(page, "/quality/scorecards") == []
        await _shoot(page, "cards-empty", language)
        await centre.tell(*(past(f"0912000{n:04}", centre.ago(minutes=30 + n), at=OMID, talk=60) for n in range(3)))
        async with centre.engine.begin() as conn:
            card = await publish_card(conn, centre.now)
            plan = await plans.create(
                conn, Drawn(name="Weekly", scorecard_id=card, queues=("sales",), longest=3, double=0.1), by="leila",
                now=centre.now,
            )  # fmt: skip
        for name, path in (
            ("cards", "/quality/scorecards"), ("card", f"/quality/scorecards/{card}"),
            ("card-versions", f"/quality/scorecards/{card}/versions/1"), ("plans", "/quality/plans"),
            ("plan", f"/quality/plans/{plan.id}"), ("plan-new", "/quality/plans/new"),
        ):  # fmt: skip
            assert await at.faults(page, path) == [], name
            await _shoot(page, name, language)
