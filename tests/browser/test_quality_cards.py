"""Scorecards and plans in Chromium: a card made by buttons, the focus where it belongs, the look of every page."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from cxcall.store.quality import plans, scorecards
from cxcall.store.quality.plans import Drawn
from tests.browser.desk_stage import Stage, stage
from tests.support.call_centre import OMID, past
from tests.support.quality_stage import publish_card

SHOTS = os.environ.get("CXCALL_SHOTS")


async def _shoot(page: Page, name: str, language: str) -> None:
    if SHOTS:
        for theme, width, height in (("light", 1440, 900), ("dark", 1280, 720)):
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # light or dark
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
        await page.wait_for_url(re.compile("/quality/scorecards/[0-9a-f]{20,}$"))
        added = page.locator("[name='s2.i2.title.en']")
        await expect(added).to_be_focused()
        await added.fill("Thanks for the talk")
        await page.locator("[name='s2.i2.weight']").fill("0")
        await expect(page.locator("#todo")).to_contain_text("A weight must be a number above 0")
        await page.get_by_role("button", name="Publish").click()
        await expect(page.locator("[name='s2.i2.weight']")).to_be_focused()
        await expect(added).to_have_value("Thanks for the talk")
        await page.locator("[name='s2.i2.weight']").fill("25")
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("20% of the whole").first).to_be_visible()
        await expect(page.get_by_text("Published. Calls are scored by it from now on.")).to_be_visible()


async def _published(at: Stage) -> str:
    async with at.centre.engine.begin() as conn:
        return await publish_card(conn, at.centre.now)


async def _meanwhile(at: Stage, card: str) -> None:
    """Somebody else saves the scorecard."""
    async with at.centre.engine.begin() as conn:
        kept = await scorecards.get(conn, card)
        assert kept is not None
        await scorecards.save(conn, card, kept.draft, version=kept.version, by="omid", now=at.centre.now)


async def _title(at: Stage, card: str) -> str | None:
    async with at.centre.engine.connect() as conn:
        kept = await scorecards.get(conn, card)
    assert kept is not None
    return kept.draft.title.get("en")


async def test_while_one_types_the_draft_is_kept_the_preview_follows_and_the_focus_stays(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        card = await _published(at)
        page = await at.open("leila", f"/quality/scorecards/{card}")
        field = page.get_by_label("Item in English").first
        await field.press("End")
        await field.press_sequentially(" warmly", delay=5)
        preview = page.get_by_role("complementary", name="Preview")
        await expect(preview.get_by_text("Greeted the caller warmly", exact=False).first).to_be_visible()
        await expect(field).to_be_focused()
        await field.press_sequentially("!")
        await expect(field).to_have_value("Greeted the caller warmly!")
        changes = page.locator("#publishing")
        await expect(changes).to_contain_text("It is called “Greeted the caller warmly!” in English")
        await expect(page.locator("[data-saved]")).to_have_text("Saved")
        await page.reload()
        await expect(field).to_have_value("Greeted the caller warmly!")
        # What goes wrong is said above without taking the field away.
        weight = page.locator("[name='s0.i0.weight']")
        for text in ("x", "2"):
            await weight.fill(text)
            await expect(page.locator("#mistakes")).to_have_count(1 if text == "x" else 0)
            await expect(weight).to_be_focused()


async def test_a_removed_item_is_taken_back_by_keys(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        card = await _published(at)
        page = await at.open("leila", f"/quality/scorecards/{card}")
        await page.get_by_role("button", name="Remove Checked who calls").press("Enter")
        await expect(page.get_by_text("Removed: “Checked who calls”.")).to_be_visible()
        await expect(page.locator("#publishing")).to_contain_text("Gone from “Opening”.")
        undo = page.get_by_role("button", name="Undo Checked who calls")
        await expect(undo).to_be_focused()
        await undo.press("Enter")
        await expect(page.locator("[name='s0.i1.title.en']")).to_have_value("Checked who calls")
        await expect(page.locator("[name='s0.i1.title.en']")).to_be_focused()
        await expect(page.locator("[name='s0.i1.critical']")).to_be_checked()
        await expect(page.locator("#publishing")).to_contain_text("Nothing: calls are scored by it as it is.")
        await page.keyboard.press("Alt+ArrowUp")
        await expect(page.locator("[name='s0.i0.title.en']")).to_have_value("Checked who calls")
        await expect(page.locator("#publishing")).to_contain_text("It stands elsewhere in “Opening”.")


async def test_of_two_who_type_at_once_neither_loses_a_letter(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        card = await _published(at)
        first = await at.open("leila", f"/quality/scorecards/{card}")
        second = await at.open("leila", f"/quality/scorecards/{card}")
        await first.get_by_label("Name in English").fill("Theirs")
        await expect(first.locator("[data-saved]")).to_have_text("Saved")
        mine = second.get_by_label("Name in English")
        await mine.fill("Mine")
        await expect(second.get_by_role("alert")).to_contain_text("saved this while you were at it")
        await expect(second.locator("#theirs")).to_contain_text("It is called “Mine” in English, it was “Theirs”.")
        await mine.press("End")
        await mine.press_sequentially(" too")
        await second.wait_for_timeout(1500)
        assert await _title(at, card) == "Theirs"
        await second.get_by_role("button", name="Save the draft").click()
        await expect(second.get_by_role("alert")).to_have_count(0)
        await expect(mine).to_have_value("Mine too")
        assert await _title(at, card) == "Mine too"


async def test_without_scripts_a_card_is_previewed_and_what_was_removed_comes_back(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        card = await _published(at)
        page = await (await at.context("leila", scripts=False)).new_page()
        await page.goto(f"{at.address}/quality/scorecards/{card}")
        await page.get_by_label("Item in English").first.fill("Says hello")
        await page.get_by_role("button", name="Refresh").click()
        await expect(page.locator("aside")).to_contain_text("Says hello")
        await page.get_by_role("button", name="Remove Opening").click()
        await expect(page.locator("aside")).not_to_contain_text("Says hello")
        await page.get_by_role("button", name="Undo Opening").click()
        await expect(page.get_by_label("Item in English").first).to_have_value("Says hello")
        await expect(page.locator("#publishing")).to_contain_text("It is called “Says hello” in English")
        assert await page.locator("#publishing .scripted").is_hidden()
        await page.get_by_label("Remark on “Says hello”").press("Enter")  # the preview sends nothing
        await page.get_by_role("button", name="Save the draft").click()
        await expect(page.get_by_label("Item in English").first).to_have_value("Says hello")


async def test_what_a_plan_would_draw_follows_what_is_typed(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        centre = at.centre
        await centre.tell(*(past(f"0912000{n:04}", centre.ago(minutes=30 + n), at=OMID, talk=60) for n in range(5)))
        await _published(at)
        page = await at.open("leila", "/quality/plans/new")
        await expect(page.locator("#would")).to_contain_text("About 2 calls a week of 1 agent would be drawn")
        field = page.get_by_label("By chance, of each agent")
        await field.fill("4")
        await expect(page.locator("#would")).to_contain_text("About 4 calls a week")
        await expect(field).to_be_focused()
        await page.get_by_label("Name").fill("Weekly")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("The plan is saved.")).to_be_visible()
        await expect(field).to_have_value("4")


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
        # A removed row, a change and what keeps it from being published, all at once.
        await page.goto(f"{at.address}/quality/scorecards/{card}")
        await page.locator("[name='s0.i0.weight']").fill("3")
        await page.locator("[name='s1.i0.title.en']").fill("")
        await page.locator("[name='s1.i0.title.fa']").fill("")
        await page.locator("button[value='out:0.1']").click()
        await expect(page.locator("#g0")).to_be_focused()
        await expect(page.locator("#todo")).to_be_visible()
        assert await at.faults(page) == []
        await _shoot(page, "card-changed", language)
        await _meanwhile(at, card)
        await page.locator("[name='title.en']").fill("Mine")
        await expect(page.locator("#theirs")).to_be_visible()
        assert await at.faults(page) == []
        await _shoot(page, "card-theirs", language)
        await page.goto(f"{at.address}/quality/scorecards")
        await _meanwhile(at, card)
        await page.locator("form[action$='/retire'] button").click()
        await expect(page.locator("#refused")).to_be_visible()
        assert await at.faults(page) == []
        await _shoot(page, "cards-refused", language)
