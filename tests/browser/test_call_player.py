"""A recorded call in Chromium: the player by keys, the transcript in step, find, corrections; without scripts too."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from cxcall.store import turns
from tests.browser.desk_stage import Stage, stage, until
from tests.support.talk_stage import FA_LINES, LINES, TalkStage, spoken_call, talk_stage

PATIENCE_MS = 40_000
"""A loaded machine plays late; what is waited for is a condition and no time."""
NOW = "document.querySelector('cx-wave').now"


async def _open(at: Stage, talk: TalkStage, query: str = "", name: str = "leila") -> Page:
    page = await at.open(name, talk.path + query)
    await page.locator("cx-wave[drawn]").wait_for(timeout=PATIENCE_MS)
    return page


async def test_the_recording_is_played_by_keys_and_the_transcript_goes_along(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        page = await _open(at, await talk_stage(at.centre), "?t=10")
        assert await page.evaluate(NOW) == 10.5, "the address opens at its second"
        await expect(page.locator("#turn-4")).to_have_attribute("aria-current", "true")
        await page.keyboard.press("Space")
        await page.locator("cx-wave[playing]").wait_for(timeout=PATIENCE_MS)
        await until(page, f"{NOW} > 10.6", 40)
        await expect(page.get_by_role("button", name="Pause")).to_be_visible()
        await page.keyboard.press("Space")
        await page.locator("cx-wave:not([playing])").wait_for()
        before = await page.evaluate(NOW)
        await page.keyboard.press("ArrowLeft")
        await until(page, f"Math.abs({NOW} - {before - 5}) < 0.3")
        await page.keyboard.press("BracketRight")
        await page.keyboard.press("BracketRight")
        current = page.locator(".script li[aria-current]")
        await expect(current).to_have_count(1)
        place = page.get_by_role("slider", name="Place in the recording")
        await place.focus()
        said = await place.get_attribute("aria-valuetext")
        await page.keyboard.press("ArrowRight")
        await expect(place).not_to_have_attribute("aria-valuetext", said or "")
        assert "of 0:38" in (await place.get_attribute("aria-valuetext") or "")
        assert await page.evaluate("scrollY") == 0, "Space and arrows never scroll here"
        await page.get_by_role("button", name="1.5×").click()
        assert await page.evaluate("document.querySelector('audio').playbackRate") == 1.5
        await page.evaluate("document.querySelector('cx-wave').seek(18.9)")
        await page.keyboard.press("Escape")
        await page.locator("h1").click()
        await page.keyboard.press("Space")
        await until(page, f"{NOW} > 29", 40)
        assert await page.locator("#turn-7").is_visible()
        assert at.errors == []


async def test_a_turn_and_the_picture_seek_and_a_link_keeps_the_second(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        page = await _open(at, await talk_stage(at.centre))
        await page.locator("#turn-5 p").click()
        await until(page, f"Math.abs({NOW} - 12.5) < 0.1")
        await expect(page.locator("#turn-5")).to_have_attribute("aria-current", "true")
        await page.locator("#turn-7 .at").click()
        await until(page, f"Math.abs({NOW} - 30) < 0.1")
        assert page.url.endswith("?t=30#turn-7")
        await page.locator("[data-wave]").scroll_into_view_if_needed()
        box = await page.locator("[data-wave]").bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 90)
        await until(page, f"Math.abs({NOW} - 19) < 0.3")
        assert await page.locator("cx-wave .over rect.hold").count() == 1
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.get_by_role("button", name="Copy link").click()
        await until(page, "document.querySelector('.toast') !== null")
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert copied.partition("?")[2] in ("t=18", "t=19")
        assert at.errors == []


async def test_words_are_found_by_keys_in_any_form_of_their_letters(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path, language="fa") as at:
        talk = await talk_stage(at.centre, lines=FA_LINES, language="fa")
        page = await _open(at, talk, name="leila")
        await page.keyboard.press("Slash")
        field = page.locator("[data-find]")
        await expect(field).to_be_focused()
        await page.keyboard.type("كارت")
        await expect(page.locator("[data-count]")).to_have_text("۳ یافته")
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-count]")).to_have_text("۱ از ۳")
        assert await page.evaluate("CSS.highlights.get('found-now').size") == 1
        await page.keyboard.press("Shift+Enter")
        await expect(page.locator("[data-count]")).to_have_text("۳ از ۳")
        await expect(page.locator("#turn-5")).to_have_attribute("aria-current", "true")
        await field.fill("زیبا")
        await expect(page.locator("[data-count]")).to_have_text("یافت نشد")
        await page.keyboard.press("Escape")
        assert await page.evaluate("CSS.highlights.get('found').size") == 0
        assert await page.evaluate("getComputedStyle(document.querySelector('.wavebox')).direction") == "ltr"
        assert at.errors == []


async def test_a_turn_is_corrected_in_its_place_while_the_page_changes_around_it(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talk_stage(at.centre)
        page = await _open(at, talk)
        await page.locator("#turn-3 .iconbtn").focus()
        await page.keyboard.press("Enter")
        words = page.locator("#fix-3")
        await expect(words).to_be_focused()
        await words.fill("All is wonderful now.")
        at.centre.bus.publish(f"call:{talk.record.id}", {"call": talk.record.id})
        await page.wait_for_timeout(800)
        await expect(words).to_have_value("All is wonderful now.")
        await page.locator(".fix .pri").click()
        await expect(page.locator("#turn-3 p").first).to_have_text("All is wonderful now.")
        await expect(page.locator("#turn-3 .was")).to_contain_text("Corrected by Leila Ahmadi")
        await expect(page.locator(".topics")).not_to_contain_text("Churn risk")
        await page.locator("#turn-3 .iconbtn").click()
        await page.get_by_role("button", name="Take the correction back").click()
        await expect(page.locator("#turn-3 p").first).to_have_text(LINES[2][3])
        await expect(page.locator(".topics")).to_contain_text("Churn risk")
        await page.locator("cx-wave[drawn]").wait_for(timeout=PATIENCE_MS)
        await page.locator("#turn-5 .iconbtn").click()
        await page.locator("#fix-5").fill("No number here")
        await page.locator(".fix .pri").click()
        await expect(page.locator("#turn-5 .err")).to_contain_text("a number is hidden there")
        assert [error for error in at.errors if "422" not in error] == []


async def test_without_scripts_it_is_heard_read_and_corrected(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talk_stage(at.centre)
        page = await (await at.context("leila", scripts=False)).new_page()
        await page.goto(at.address + talk.path + "?t=12")
        await expect(page.locator("cx-wave audio")).to_be_visible()
        assert not await page.locator(".wavebox").is_visible()
        assert not await page.locator("[data-find]").is_visible()
        await page.locator("#turn-3 .iconbtn").click()
        await page.locator("#fix-3").fill("All is wonderful now.")
        await page.locator(".fix .pri").click()
        await expect(page.locator("#turn-3 p").first).to_have_text("All is wonderful now.")
        assert "#turn-3" in page.url
        async with at.centre.engine.connect() as conn:
            said = await turns.get(conn, talk.transcript, 3)
        assert said is not None
        assert (said.text, said.heard, said.corrected_by) == ("All is wonderful now.", LINES[2][3], "leila")


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_page_of_a_call_that_was_heard_is_accessible_and_fits(
    chromium: Browser, tmp_path: Path, language: str
) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        lines = FA_LINES if language == "fa" else LINES
        talk = await talk_stage(at.centre, lines=lines, language=language)
        silent = await talk_stage(at.centre, record=spoken_call(at.centre, minutes=90), text=False)
        page = await at.open("leila", talk.path + "?t=12", width=1280, height=720)
        await page.locator("cx-wave[drawn]").wait_for(timeout=PATIENCE_MS)
        assert await at.faults(page) == []
        await page.goto(at.address + talk.path + "?edit=5")
        await page.evaluate("scrollTo(0, 0)")  # the form has the focus; what lies under the bar at the top is no fault
        assert await at.faults(page) == []
        assert await at.faults(page, silent.path) == []
