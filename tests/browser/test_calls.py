"""Lists of calls, one call and the calls now in Chromium: rows stand still, keys move, pages follow what happens."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser

from cxcall.asterisk.status import ServerStatus
from cxcall.customers.profile import Profile
from tests.browser.desk_stage import stage
from tests.support.call_centre import MARYAM, OMID, CallCentre, answered, ended, held, past, ringing


async def prepared(centre: CallCentre) -> None:
    await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",), tier="gold"))
    await centre.tell(*(past(MARYAM, centre.ago(minutes=10 * n), at=OMID, talk=20) for n in range(1, 6)))


async def test_newer_calls_wait_behind_a_pill_and_no_row_moves(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        going = answered(ringing(MARYAM, at.centre.ago(seconds=90)), at.centre.ago(seconds=40))
        await at.centre.tell(going)
        page = await at.open("leila", "/calls")
        rows = await page.locator("tbody tr").evaluate_all("all => all.map(row => row.id)")
        await at.centre.tell(ringing("02188341190", at.centre.now), ended(going, at.centre.now))
        await page.locator("#newer .pill", has_text="1 newer call").wait_for()
        await page.locator("tbody tr", has_text="Answered").first.wait_for()
        assert await page.locator("tbody tr").evaluate_all("all => all.map(row => row.id)") == rows
        await page.locator("tbody tr:first-child .chip", has_text="Answered").wait_for()
        await page.locator("#newer .pill").click()
        assert await page.locator("tbody tr").count() == len(rows) + 1


async def test_rows_are_walked_selected_and_opened_by_keys_on_any_layout(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        page = await at.open("leila", "/calls")
        await page.keyboard.press("KeyJ")
        await page.keyboard.press("KeyJ")
        await page.keyboard.press("KeyX")
        assert await page.locator("tbody input:checked").count() == 1
        assert await page.locator(".bulk").is_visible()
        await page.keyboard.press("Escape")
        assert not await page.locator(".bulk").is_visible()
        second = await page.locator("tbody tr:nth-child(2) a").get_attribute("href")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{second}")
        await page.go_back()
        assert await page.locator("tbody tr").count() == 5


async def test_the_filters_are_filled_in_by_keys_and_the_address_says_only_what_was_asked(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        page = await at.open("leila", "/calls")
        await page.locator(".filtermenu summary").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.name") == "when"
        await page.locator("#f-queue").focus()
        await page.keyboard.type("billing")
        await page.keyboard.press("Escape")
        assert not await page.locator(".filterbox").is_visible()
        await page.keyboard.press("Enter")
        await page.locator("#f-queue").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/calls?queue=billing")


async def test_the_list_filters_and_pages_without_scripts(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        page = await (await at.context("leila", scripts=False)).new_page()
        await page.goto(at.address + "/calls")
        await page.locator(".filtermenu summary").click()
        await page.locator("#f-outcome").select_option("abandoned")
        await page.locator(".filterbox .btn.pri").click()
        assert "outcome=abandoned" in page.url
        await page.locator(".empty a").click()
        assert await page.locator("tbody tr").count() == 5


async def test_a_call_on_its_page_follows_what_happens(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        call = answered(ringing(MARYAM, at.centre.ago(seconds=90)), at.centre.ago(seconds=40))
        await at.centre.tell(call)
        page = await at.open("leila", f"/calls/{call.id}")
        await page.locator("#note-text").focus()
        await page.keyboard.type("Look at ")
        await at.centre.tell(held(call, at.centre.ago(seconds=5)))
        await page.locator(".happened", has_text="put the call on hold").wait_for()
        await at.centre.tell(ended(call, at.centre.now))
        await page.locator(".happened", has_text="Ended by the caller").wait_for()
        await page.keyboard.type("this")
        assert await page.locator("#note-text").input_value() == "Look at this"


async def test_the_calls_now_come_and_go_by_themselves(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        page = await at.open("leila", "/live")
        await page.locator("text=No calls right now.").wait_for()
        ring = ringing("02188341190", at.centre.ago(seconds=40))
        await at.centre.tell(ring)
        await page.locator("tbody tr", has_text="021 8834 1190").wait_for()
        await at.centre.tell(ended(ring, at.centre.now))
        await page.locator("text=No calls right now.").wait_for()


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_pages_about_calls_are_accessible_and_fit(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        await prepared(at.centre)
        call = past(MARYAM, at.centre.ago(minutes=3), talk=30)
        await at.centre.tell(call, ringing("02188341190", at.centre.ago(seconds=40)))
        at.centre.statuses = [
            ServerStatus(server="lab", address="127.0.0.1:5038", state="connected", since=datetime.now(UTC), lag=0.01),
            ServerStatus(server="b", address="10.0.0.9:5038", state="refused", since=datetime.now(UTC),
                         last_error="Nothing listens on 10.0.0.9:5038.", last_error_at=datetime.now(UTC)),
        ]  # fmt: skip
        paths = ("/calls?queue=billing&when=week", "/calls?q=zzz", f"/calls/{call.id}",
                 f"/calls/{call.id}/events", "/live", "/admin/asterisk")  # fmt: skip
        page = await at.open("admin", "/calls", live=False, width=1280, height=720)
        await page.locator(".filtermenu summary").click()
        assert await at.faults(page) == []
        for path in paths:
            assert await at.faults(page, path) == []
