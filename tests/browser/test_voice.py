"""The voice of the customer in Chromium: figures that come by themselves, the picture and its table, players, keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.desk_stage import Stage, stage, until
from tests.support.call_centre import MARYAM, OMID
from tests.support.survey_stage import SurveyStage, survey_stage

PATIENCE_MS = 40_000
"""A loaded machine draws late; what is waited for is a condition and no time."""
PATH = "/surveys?when=quarter"


async def _prepared(at: Stage) -> SurveyStage:
    survey = await survey_stage(at.centre)
    await survey.many(at.centre.ago(days=9), [(5.0, 9.0)] * 6 + [(2.0, 3.0)] * 3)
    await survey.many(at.centre.ago(days=2), [(5.0, 10.0)] * 3, queue="sales", at=OMID)
    await survey.not_asked(await survey.call(at.centre.ago(hours=3)), "caller_hung_up")
    spoken = await survey.call(at.centre.ago(hours=2), number=MARYAM)
    await survey.asked(spoken, {"served": 2.0, "recommend": 4.0}, spoken=2.0, text="I waited too long.")
    return survey


def _tell(at: Stage, *channels: str) -> None:
    for channel in channels:
        at.centre.bus.publish(channel, {"response": "x", "state": "finished"})


async def _drawn(page: Page) -> None:
    await page.locator("cx-chart .plot svg path").first.wait_for(state="attached", timeout=PATIENCE_MS)


async def test_an_answer_comes_to_every_page_by_itself(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        survey = await _prepared(at)
        page = await at.open("leila", PATH)
        await page.locator(".kpi", has_text="13 answers").first.wait_for()
        call = await survey.call(at.centre.ago(minutes=2))
        card = await at.open("leila", f"/calls/{call.id}")
        assert await card.locator(".answers").count() == 0
        await survey.asked(call, {"served": 5.0})
        _tell(at, "surveys", f"call:{call.id}")
        await card.locator(".answers .chip", has_text="5 of 5").wait_for(timeout=PATIENCE_MS)
        await page.locator(".kpi", has_text="14 answers").first.wait_for(timeout=PATIENCE_MS)
        assert await page.locator("cx-chart .plot svg").count() == 1, "the picture stays"
        assert at.errors == []


async def test_the_trend_is_a_picture_of_a_table_that_can_be_asked_for(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        survey = await _prepared(at)
        page = await at.open("leila", PATH)
        await _drawn(page)
        picture = page.locator("cx-chart [aria-label]").first
        finding = await page.locator("cx-chart").get_attribute("finding")
        assert finding
        assert finding in (await picture.get_attribute("aria-label") or "")
        assert not await page.locator("cx-chart table").is_visible()
        swap = page.locator("[data-swap]")
        await swap.focus()
        await page.keyboard.press("Enter")
        assert await page.locator("cx-chart table").is_visible()
        assert await swap.get_attribute("aria-pressed") == "true"
        await survey.asked(await survey.call(at.centre.ago(minutes=1)), {"served": 5.0, "recommend": 9.0})
        _tell(at, "surveys")
        await page.locator(".kpi", has_text="14 answers").first.wait_for(timeout=PATIENCE_MS)
        assert await page.locator("cx-chart table").is_visible(), "new figures leave what was chosen"
        await swap.click()
        await _drawn(page)
        box = await page.locator("cx-chart .plot").bounding_box()
        assert box
        await page.mouse.move(box["x"] + box["width"] - 16, box["y"] + 60)
        await page.locator("cx-chart .tip", has_text="Answers").wait_for()
        assert at.errors == []


async def test_a_comment_is_played_by_keys(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await _prepared(at)
        page = await at.open("leila", "/surveys/comments?when=quarter")
        button = page.get_by_role("button", name="Play the comment")
        await button.focus()
        await page.keyboard.press("Enter")
        await until(page, "document.querySelector('audio').played.length > 0", 40)
        await until(page, "document.querySelector('cx-player rect.heard') !== null", 40)
        await page.keyboard.press("ArrowLeft")
        await until(page, "document.querySelector('audio').ended", 40)
        await page.get_by_role("button", name="Play the comment").wait_for(timeout=PATIENCE_MS)
        assert at.errors == []


async def test_the_page_is_read_and_filtered_without_scripts(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await _prepared(at)
        page = await (await at.context("leila", scripts=False)).new_page()
        await page.goto(at.address + PATH)
        assert await page.locator("cx-chart table").is_visible()
        assert await page.locator("audio[controls]").is_visible()
        await page.locator("summary", has_text="All queues").click()
        await page.locator(".pop-menu a", has_text="sales").click()
        assert page.url.endswith("/surveys?when=quarter&queue=sales")
        await page.locator(".periodmenu summary").click()
        await page.locator("#v-from").fill("2020-01-01")
        await page.locator("#v-to").fill("2020-01-02")
        await page.locator(".days .btn").click()
        assert "queue=sales" in page.url
        assert await page.locator("text=Nobody was asked in this time.").is_visible()


async def test_filters_are_chosen_by_keys(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await _prepared(at)
        page = await at.open("leila", "/live")
        await page.keyboard.press("KeyG")
        await page.keyboard.press("KeyV")
        await page.wait_for_url("**/surveys")
        await page.locator("summary", has_text="All agents").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/surveys?agent=PJSIP%2F1002")
        assert await page.locator("summary", has_text="Omid Rahimi").is_visible()


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_pages_about_answers_are_accessible_and_fit(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        survey = await _prepared(at)
        call = await survey.call(at.centre.ago(minutes=9))
        await survey.asked(call, {"served": 4.0, "recommend": 8.0, "solved": 0.0}, spoken=1.0)
        page = await at.open("leila", PATH, width=1280, height=720)
        await _drawn(page)
        assert await at.faults(page) == []
        await page.locator("[data-swap]").click()
        assert await at.faults(page) == []
        await page.locator(".periodmenu > summary").click()
        assert await at.faults(page) == []
        for path in ("/surveys/comments?when=quarter", f"/calls/{call.id}"):
            assert await at.faults(page, path) == []
        mine = await at.open("sara", "/desk/results?when=quarter", width=1280, height=720)
        assert await at.faults(mine) == []
        assert at.errors == []
