"""Quality review in Chromium: scoring by keys with the call beside it, drafts kept, the look of every page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from cxcall.store.quality import coaching, disputes, evaluations, queue
from tests.browser.desk_stage import Stage, stage
from tests.support.call_centre import OMID, past
from tests.support.quality_stage import GOOD, MISSED, publish_card
from tests.support.talk_stage import FA_LINES, LINES, talk_stage

SHOTS = os.environ.get("CXCALL_SHOTS")


async def _set(at: Stage, language: str = "en") -> tuple[str, str]:
    """A recorded call of Sara's that waits to be scored: its review and the scorecard."""
    centre = at.centre
    talk = await talk_stage(centre, lines=FA_LINES if language == "fa" else LINES, language=language)
    async with centre.engine.begin() as conn:
        card = await publish_card(conn, centre.now)
        [agent] = await queue.agents_of(conn, talk.record.id)
        review = await queue.add(conn, talk.record.id, agent, card, by="leila", now=centre.now)
    return review.id, card


async def _more(at: Stage, card: str) -> str:
    """Ten evaluations of Omid's calls, one of them disputed, and coaching; the disputed one's id."""
    centre, found = at.centre, ""
    calls = [past(f"0912000{n:04}", centre.ago(minutes=30 + n), at=OMID, talk=60) for n in range(11)]
    await centre.tell(*calls)
    async with centre.engine.begin() as conn:
        [agent] = await queue.agents_of(conn, calls[0].id)
        for n, call in enumerate(calls):
            review = await queue.add(conn, call.id, agent, card, by="leila", now=centre.now)
            if n == 10:
                break  # this one waits
            begun = await evaluations.begin(conn, review.id, reviewer=centre.ids["leila"], now=centre.now)
            answers = MISSED if n % 4 == 0 else GOOD
            made = await evaluations.submit(
                conn, begun.id, answers, "", version=1, by=centre.ids["leila"], now=centre.now
            )
            found = found or made.id
        await disputes.open_(conn, found, "I did ask for the name.", by=centre.ids["omid"], now=centre.now)
        await coaching.create(
            conn, centre.ids["omid"], "Ask who calls before anything else.", by="leila", now=centre.now,
            evaluation_id=found, due_on=centre.now.date(),
        )  # fmt: skip
    return found


async def _shoot(page: Page, name: str, language: str) -> None:
    if SHOTS:
        for theme, width, height in (("light", 1440, 900), ("dark", 1280, 720)):
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # light or dark
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=Path(SHOTS) / f"{name}.{language}-{theme}.png", full_page=True)
        await page.set_viewport_size({"width": 1440, "height": 900})


async def test_a_call_is_scored_by_keys_and_the_draft_is_kept_meanwhile(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        review, _card = await _set(at)
        page = await at.open("leila", f"/quality/reviews/{review}")
        await expect(page.locator("#item-greeted [data-heard]")).to_be_visible()
        await expect(page.locator("#item-greeted input[value='1']")).to_be_checked()
        await page.locator("#item-identified input").first.focus()
        await page.keyboard.press("KeyN")
        await expect(page.locator("[data-score]")).to_have_text("0%")
        await page.keyboard.press("KeyY")
        await page.locator("#item-listened input").first.focus()
        await page.keyboard.press("Digit3")
        await page.locator("#item-offered input").first.focus()
        await page.keyboard.press("KeyX")
        # (1 + 1 + 2 * 0.5) / 4
        await expect(page.locator("[data-score]")).to_have_text("75%")
        await expect(page.locator("cx-score [data-saved]")).to_have_text("Saved")
        await page.reload()
        await expect(page.locator("#item-listened input[value='3']")).to_be_checked()
        await expect(page.locator("[data-score]")).to_have_text("75%")
        await page.locator("#item-greeted input[type=radio]").last.focus()
        await page.keyboard.press("KeyN")
        await expect(page.locator("#item-greeted [data-heard]")).to_have_count(0)
        await page.locator("#comment").fill("Greet first.")
        await page.get_by_role("button", name="Submit").click()
        await expect(page.locator("h1")).to_contain_text("Sara")
        # (0 + 1 + 1) / 4
        await expect(page.locator(".phead .num").first).to_have_text("50%")
        assert at.errors == []


async def test_a_draft_changed_in_another_window_is_not_written_over_before_one_chose(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        review, _card = await _set(at)
        first = await at.open("leila", f"/quality/reviews/{review}")
        second = await at.open("leila", f"/quality/reviews/{review}")
        await first.locator("#item-listened input[value='2']").check()
        await expect(first.locator("cx-score [data-saved]")).to_have_text("Saved")
        await second.locator("#item-listened input[value='5']").check()
        told = second.locator("[data-changed]")
        await expect(told).to_be_visible()
        await expect(second.locator("[data-mine]")).to_be_focused()
        await second.locator("#comment").fill("Well listened.")
        await expect(first.locator("#item-listened input[value='2']")).to_be_checked()
        await second.locator("[data-mine]").press("Enter")
        await expect(told).to_be_hidden()
        await expect(second.locator("cx-score [data-saved]")).to_have_text("Saved")
        await first.locator("#item-identified input[value='1']").check()
        await first.locator("[data-theirs]").click()
        await expect(first.locator("#item-listened input[value='5']")).to_be_checked()
        await expect(first.locator("#comment")).to_have_value("Well listened.")
        await expect(first.locator("#item-identified input[value='1']")).not_to_be_checked()


async def test_what_is_missing_is_named_and_gets_the_focus(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        review, _card = await _set(at)
        page = await at.open("leila", f"/quality/reviews/{review}")
        await page.get_by_role("button", name="Submit").click()
        await expect(page.get_by_role("alert")).to_contain_text("Some items are not answered yet.")
        await expect(page.locator("#item-identified input").first).to_be_focused()


async def test_without_scripts_a_call_is_scored_too(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        review, _card = await _set(at)
        page = await (await at.context("leila", scripts=False)).new_page()
        await page.goto(f"{at.address}/quality/reviews/{review}")
        for item, value in (("identified", "1"), ("listened", "5"), ("offered", "na")):
            await page.locator(f"#item-{item} input[value='{value}']").check()
        await page.get_by_role("button", name="Keep the draft").click()
        await expect(page.locator("#item-listened input[value='5']")).to_be_checked()
        await page.get_by_role("button", name="Submit").click()
        await expect(page.locator(".phead .num").first).to_have_text("100%")


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_every_page_fits_and_is_accessible(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        review, card = await _set(at, language)
        evaluation = await _more(at, card)
        page = await at.open("leila", "/quality")
        for name, path in (
            ("waiting", "/quality"), ("scoring", f"/quality/reviews/{review}"),
            ("evaluation", f"/quality/evaluations/{evaluation}"),
            ("correct", f"/quality/evaluations/{evaluation}/correct"), ("results", "/quality/results?when=year"),
            ("items", "/quality/results?when=year&by=item"), ("calibration", "/quality/calibration"),
            ("disputes", "/quality/disputes"), ("coaching", "/quality/coaching"),
        ):  # fmt: skip
            assert await at.faults(page, path) == []
            await _shoot(page, f"quality-{name}", language)
        own = await at.open("omid", "/desk/results")
        assert await at.faults(own) == []
        await _shoot(own, "quality-own", language)
