"""Stepping in by keys in Chromium: the bar follows at once, an agent reads a message; axe, fit, both languages."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.desk_stage import Stage, stage
from tests.support.call_centre import MARYAM, SARA, answered, member, ringing
from tests.support.monitored import Monitored

PATIENCE_MS = 40_000


async def _talk(at: Stage) -> tuple[str, Monitored]:
    """Sara talks; Neda, a supervisor with a phone, may step in: the call's id, and what listens."""
    await at.centre.person("neda", "supervisor", "PJSIP/1005", shown="Neda Rahimi")
    ears = Monitored(at.centre.bus)
    ears.serve(at.centre.commands)
    at.centre.members.append(member(SARA))
    call = answered(ringing(MARYAM, at.centre.ago(seconds=90)), at.centre.ago(seconds=40))
    await at.centre.tell(call)
    return call.id, ears


async def test_a_supervisor_listens_whispers_and_stops_by_keys(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        call, ears = await _talk(at)
        page = await at.open("neda", "/live")
        await page.keyboard.press("KeyJ")
        await page.keyboard.press("KeyL")
        await page.locator("dialog.ask button.pri").press("Enter")
        await page.wait_for_url(f"**/live/{call}")
        bar = page.locator("#step-in")
        await bar.get_by_text("rings: answer it").wait_for(timeout=PATIENCE_MS)
        await at.connected(page)
        ears.answered(at.centre.ids["neda"])
        await bar.get_by_text("Nobody hears you.").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("KeyW")
        await bar.get_by_text("You are heard by Sara Karimi only").wait_for(timeout=PATIENCE_MS)
        assert await page.locator("dialog").count() == await page.locator("#palette").count(), "asked once a session"
        ears.slow = 1.0  # the bar shows the end before the click is answered: the next key must not be lost between
        await bar.get_by_role("button", name="Stop").click()
        await bar.get_by_text("You are heard").wait_for(state="detached", timeout=PATIENCE_MS)
        ears.refuse = "This phone is in the call itself."
        await page.keyboard.press("KeyB")
        await page.get_by_text("This phone is in the call itself.").wait_for(timeout=PATIENCE_MS)
        await bar.locator("summary", has_text="More").click()
        await bar.locator("input[name=to]").fill("1004")
        await page.keyboard.press("Enter")
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while not at.centre.acts:
                await asyncio.sleep(0.02)
        assert [type(act).__name__ for act in at.centre.acts] == ["BlindTransfer"]
        assert at.errors == []


async def test_a_message_reaches_the_agents_page_and_goes_when_it_is_read(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await _talk(at)
        agent = await at.open("sara", "/desk")
        other = await (await at.context("neda")).new_page()
        await other.goto(at.address + "/live")
        token = await other.locator("meta[name=csrf]").get_attribute("content")
        sent = await other.request.post(
            at.address + "/floor/message",
            form={"csrf": token or "", "agent": SARA, "text": "Offer the refund."},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        assert sent.status in (200, 303)
        note = agent.locator(".told .note-box", has_text="Offer the refund.")
        await note.wait_for(timeout=PATIENCE_MS)
        await note.get_by_role("button", name="I have read it").click()
        await note.wait_for(state="detached", timeout=PATIENCE_MS)
        assert at.errors == []


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_pages_of_stepping_in_are_accessible_and_fit(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        call, ears = await _talk(at)
        page = await at.open("neda", "/live", width=1280, height=720)
        assert await at.faults(page) == []
        await page.goto(f"{at.address}/live/{call}")
        await page.locator("#step-in button[data-monitor=whisper]").click()
        await page.locator("#step-in.on").wait_for(timeout=PATIENCE_MS)
        await at.connected(page)
        ears.answered(at.centre.ids["neda"])
        await page.locator("#step-in.heard").wait_for(timeout=PATIENCE_MS)
        await page.locator("#step-in .step-more > summary").click()
        assert await at.faults(page) == []
        admin = await at.open("admin", "/admin/roles", width=1280, height=720)
        assert await at.faults(admin) == []
        assert at.errors == []
