"""A voice message in Chromium: played by keys, accessible in both languages, read without scripts."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.desk_stage import stage
from tests.support.call_centre import MARYAM, past
from tests.support.chromium import Variant, shoot
from tests.support.voicemail_stage import LINES, PAGE, leave


async def test_a_message_is_played_by_keys_and_read_without_scripts(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await leave(at.centre)
        page = await at.open("leila", PAGE)
        play = page.get_by_role("button", name="Play the message")
        await play.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Pause")).to_be_visible()
        assert at.errors == []
        plain = await (await at.context("leila", scripts=False)).new_page()
        await plain.goto(at.address + PAGE)
        await expect(plain.locator("#turn-1 p")).to_have_text(LINES[0][3])
        await expect(plain.locator("audio")).to_be_visible()


async def test_the_pages_of_a_message_are_accessible_and_fit_in_both_languages(
    chromium: Browser, tmp_path: Path
) -> None:
    for language in ("en", "fa"):
        folder = tmp_path / language
        folder.mkdir()
        async with stage(chromium, folder, language=language) as at:
            call = past(MARYAM, at.centre.ago(minutes=10))
            await at.centre.tell(call)
            await leave(at.centre, call_id=call.id)
            page = await at.open("leila", PAGE, width=390)
            assert await at.faults(page) == []
            await shoot(page, "voicemail", Variant("fa" if language == "fa" else "en", "light", 390))
            await page.set_viewport_size({"width": 1440, "height": 900})
            assert await at.faults(page, f"/calls/{call.id}") == []
            await shoot(page, "voicemail-call", Variant("fa" if language == "fa" else "en", "light"))
            assert at.errors == []
