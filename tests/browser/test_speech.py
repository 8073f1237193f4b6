"""Speech analytics in Chromium: the editor by keys with its count, the chart, what works without scripts, axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from cxcall.store import articles
from tests.browser.desk_stage import Stage, stage
from tests.support.call_centre import OMID
from tests.support.talk_history import ANGRY, FA_ANGRY, HAPPY, Told, talk_history

PATIENCE_MS = 40_000
"""A loaded machine counts late; what is waited for is a condition and no time."""


async def _prepared(at: Stage, language: str = "en") -> str:
    """Talks, and an article; its address."""
    lines = FA_ANGRY if language == "fa" else ANGRY
    ago = at.centre.ago
    await talk_history(at.centre, [
        Told(n=6, at=ago(days=2), lines=lines, language=language), Told(n=5, at=ago(days=9), lines=lines),
        Told(n=4, at=ago(days=3), lines=HAPPY, queue="sales", agent=OMID),
    ])  # fmt: skip
    async with at.centre.engine.begin() as conn:
        made = await articles.create(
            conn, title="Refunds", body="# When\nWithin 14 days.\n\n- Ask\n- Say", by="leila", now=at.centre.now,
            phrases=["money back"], queues=["billing"],
        )  # fmt: skip
    return f"/knowledge/{made.id}"


async def test_a_category_is_written_by_keys_while_its_calls_are_counted(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await _prepared(at)
        page = await at.open("leila", "/live")
        await page.keyboard.press("KeyG")
        await page.keyboard.press("KeyT")
        await page.wait_for_url("**/speech")
        await page.goto(at.address + "/speech/categories/new")
        await page.locator("#name-en").focus()
        await page.keyboard.type("Parcels")
        await page.locator("#rules-0-says-p").focus()
        await page.keyboard.type("parcel*")
        await page.locator("#found .count b", has_text="4").wait_for(timeout=PATIENCE_MS)
        assert await page.locator("#found mark").first.inner_text() == "parcel"
        await page.keyboard.press("Enter")
        await page.keyboard.type("charged twice")
        await page.locator("#found .count b", has_text="15").wait_for(timeout=PATIENCE_MS)
        await page.locator("#sentence").focus()
        await page.keyboard.type("My parcels came")
        await page.keyboard.press("Enter")
        await page.locator(".tried mark", has_text="parcels").wait_for(timeout=PATIENCE_MS)
        assert page.url.endswith("/new"), "trying a sentence saves nothing"
        await page.locator("button[value=add-rule]").focus()
        await page.keyboard.press("Enter")
        await page.locator("#rules-1-says-p:focus").wait_for(timeout=PATIENCE_MS)
        await page.locator("button[value='drop-rule:1']").focus()
        await page.keyboard.press("Enter")
        await page.locator("#rules-1-says-p").wait_for(state="detached", timeout=PATIENCE_MS)
        await page.locator("#name-en").focus()
        await page.keyboard.press("Enter")
        await page.locator(".toast", has_text="The category is made").wait_for(timeout=PATIENCE_MS)
        await page.locator("#found .count b", has_text="15").wait_for(timeout=PATIENCE_MS)
        await page.locator("#rules-0-says-p").fill("charged twice")
        await page.locator("#found", has_text="Not found any more").wait_for(timeout=PATIENCE_MS)
        await page.locator(".examples a").first.click()
        await page.wait_for_url("**/calls/*?t=*")
        assert at.errors == []


async def test_the_editor_and_the_figures_work_without_scripts(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await _prepared(at)
        page = await (await at.context("leila", scripts=False)).new_page()
        await page.goto(at.address + "/speech?when=quarter")
        assert await page.locator("cx-chart table").is_visible()
        await page.locator("tr", has_text="Praise").locator("input[name=show]").check()
        await page.get_by_role("button", name="Show the chosen in the chart").click()
        assert await page.locator("cx-chart th", has_text="Praise").is_visible()
        await page.goto(at.address + "/speech/categories/refund")
        await page.locator("#rules-0-says-p").fill("parcel*")
        await page.get_by_role("button", name="Count", exact=True).click()
        assert await page.locator("#found .count b").is_visible()
        await page.get_by_role("button", name="Save", exact=True).last.click()
        await page.locator(".toast", has_text="The category is saved").wait_for()
        await page.locator(".toast button").click()
        await page.locator(".toast", has_text="taken back").wait_for()
        await page.goto(at.address + "/knowledge")
        await page.locator("#kq").fill("day")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/knowledge?q=day")
        assert await page.locator(".articles li").count() == 1


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_pages_about_speech_are_accessible_and_fit(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        article = await _prepared(at, language)
        page = await at.open("leila", "/speech?when=quarter", width=1280, height=720)
        await page.locator("cx-chart .plot svg path").first.wait_for(state="attached", timeout=PATIENCE_MS)
        assert await at.faults(page) == []
        await page.goto(at.address + "/speech/categories/refund")
        await page.locator("#found .count").wait_for(timeout=PATIENCE_MS)
        assert await at.faults(page) == []
        paths = ("/speech/calls?when=quarter&category=refund", "/speech/categories", article, f"{article}/edit")
        for path in paths:
            assert await at.faults(page, path) == []
        assert at.errors == []
