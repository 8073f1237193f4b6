"""Customers' pages in Chromium: forms by keys, an import that is watched, and pages that everybody can use."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from cxcall.customers.profile import Profile
from tests.browser.desk_stage import stage
from tests.support.call_centre import MARYAM, past, ringing

FILE = "name;phone;city\nReza;09352184471;Shiraz\nNobody;12;Karaj\n"


async def test_a_customer_is_added_by_keys_alone(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        page = await at.open("sara", "/customers/new")
        assert await page.evaluate("document.activeElement.id") == "name"
        await page.keyboard.type("Reza Mohammadi")
        await page.locator("#numbers").focus()
        await page.keyboard.type("۰۹۱۹۷۳۰۲۲۱۵")
        await page.locator("#name").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/customers/*done=created")
        assert await page.locator("h1").inner_text() == "Reza Mohammadi"
        assert at.errors == []


async def test_a_file_is_looked_at_imported_watched_and_taken_back(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        page = await at.open("leila", "/customers/import")
        await page.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
        await page.locator("text=Look at the file").click()
        await page.locator("text=12 is not a phone number.").first.wait_for()
        await page.locator("button[value=start]").click()
        await page.locator("#job .chip", has_text="Done").wait_for()
        await page.locator("text=Take the whole import back").click()
        await page.locator("#job .chip", has_text="Taken back").wait_for()
        assert at.errors == []


async def test_the_history_takes_in_a_call_that_begins_now(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        id_ = await at.centre.customer(Profile(name="Maryam", numbers=("+989123456789",)))
        page = await at.open("leila", f"/customers/{id_}")
        await page.locator("text=No calls yet.").wait_for()
        await at.centre.tell(ringing(MARYAM, at.centre.ago(seconds=20), wait=5))
        await page.locator(".jl li", has_text="In progress").wait_for()


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_customers_pages_are_accessible_and_fit(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        one = await at.centre.customer(
            Profile(name="Maryam Hosseini", numbers=("+989123456789", "+982188341190"), tier="gold", tags=("vip",))
        )
        other = await at.centre.customer(Profile(name="M Hosseini", numbers=("+989352184471",)))
        await at.centre.tell(past(MARYAM, at.centre.ago(hours=3)))
        paths = (
            "/customers", "/customers?q=zzz", f"/customers/{one}", f"/customers/{one}/edit", "/customers/new",
            f"/customers/{one}/merge?q=Hosseini", f"/customers/{one}/merge/{other}", "/customers/import",
        )  # fmt: skip
        page = await at.open("leila", "/customers", live=False, width=1280, height=720)
        for path in paths:
            assert await at.faults(page, path) == []
        await page.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
        await page.locator("form button.pri").click()
        await page.locator("button[value=start]").wait_for()
        assert await at.faults(page) == []
