"""The shift at the desk and the pages of agents in Chromium: by keys, live, accessible in both languages and themes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from cxcall.bus.acts import PauseMember, RemoveMember
from cxcall.queues.presence import LOGGED_OFF, WRAP_UP
from cxcall.store import sign_ins, skills, teams
from tests.browser.desk_stage import Stage, stage
from tests.support.call_centre import MARYAM, OMID, SARA, answered, member, ringing
from tests.web.test_desk_shift import paused


async def test_a_pause_is_chosen_and_a_queue_left_by_keys(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        at.centre.members = [member()]
        page = await at.open("sara", "/desk")
        await page.locator(".statebtn").focus()
        await page.keyboard.press("Enter")
        await page.locator(".statemenu button[value=meeting]").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".statemenu")).to_be_hidden()
        at.centre.members = [paused("meeting")]
        at.centre.bus.publish(f"desk:{SARA}", {"agent": "lab:sara"})
        await expect(page.locator(".statebtn")).to_contain_text("Meeting")
        await page.locator("[data-key=queues] li button").first.focus()
        await page.keyboard.press("Enter")
        async with asyncio.timeout(30):
            while len(at.centre.acts) < 2:
                await asyncio.sleep(0.02)
        assert at.centre.acts == [
            PauseMember(interface=SARA, paused=True, reason="meeting"),
            RemoveMember(interface=SARA, queue="billing"),
        ]
        assert at.errors == []


async def test_a_pause_past_its_limit_turns_red_by_itself_and_a_wrap_up_counts_down(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        at.centre.members = [paused("break", ago=15 * 60 - 2)]
        page = await at.open("sara", "/desk")
        await expect(page.locator(".statebtn cx-clock.late")).to_be_visible()
        at.centre.members = [paused(WRAP_UP, ago=30)]
        at.centre.bus.publish(f"desk:{SARA}", {"agent": "lab:sara"})
        clock = page.locator(".statebtn cx-clock[until]")
        before = await clock.inner_text()
        await expect(clock).not_to_have_text(before)
        assert await clock.inner_text() < before


async def test_the_list_of_agents_follows_what_they_do(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        at.centre.members = [member(), member(OMID)]
        page = await at.open("leila", "/admin/agents")
        row = page.locator("tbody tr", has_text="Sara Karimi")
        await expect(row).to_contain_text("Ready")
        at.centre.members = [paused("lunch"), member(OMID)]
        at.centre.bus.publish("agents", {"agents": [], "gone": []})
        await expect(row).to_contain_text("Lunch")
        assert at.errors == []


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_desk_and_the_pages_of_agents_are_accessible_and_fit(
    chromium: Browser, tmp_path: Path, language: str
) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        ids = at.centre.ids
        async with at.centre.engine.begin() as conn:
            skill = await skills.create(conn, "انگلیسی" if language == "fa" else "English")
            await skills.set_of_user(conn, ids["sara"], {skill.id: 4})
            team = await teams.create(conn, name="شب" if language == "fa" else "Night", leader_id=ids["leila"],
                                      members=[ids["sara"], ids["omid"]])  # fmt: skip
            await sign_ins.sign_in(conn, ids["newcomer"], "lab", "PJSIP/1005", now=at.centre.now)
        at.centre.members = [paused("break", ago=16 * 60), member(OMID, status="unavailable")]
        found = await _look(at, "sara", language, "desk-limit", "/desk")
        await at.centre.tell(answered(ringing(MARYAM, at.centre.ago(seconds=90)), at.centre.ago(seconds=40)))
        at.centre.members = [paused("lunch", status="talking"), member(OMID, status="unavailable")]
        found += await _look(at, "sara", language, "desk-after", "/desk")
        found += await _look(at, "sara", language, "desk-phone", "/desk/phone")
        gone = [["billing", LOGGED_OFF], ["general", LOGGED_OFF]]
        at.centre.members.append(member("PJSIP/1005", paused=True, pauses=gone, static_in=["billing", "general"]))
        if language == "en":
            found += await _look(at, "newcomer", language, "desk-out", "/desk")
            found += await _look(at, "newcomer", language, "desk-seat", "/desk/phone")
        page = await at.open("admin", "/admin/agents", live=False)
        pages = {
            "agents": "/admin/agents", "agent": f"/admin/agents/{ids['sara']}", "pauses": "/admin/pauses",
            "team": f"/admin/teams/{team.id}", "skills": "/admin/skills",
        }  # fmt: skip
        # Forms are the same in both languages; what differs is looked at in the tables.
        for name in pages if language == "en" else ("agents", "agent"):
            found += await at.faults(page, pages[name])
            await _shoot(page, f"{name}.{language}")
        assert found == []


async def _look(at: Stage, who: str, language: str, name: str, path: str) -> list[str]:
    page = await at.open(who, path, live=False)
    found = await at.faults(page)
    await _shoot(page, f"{name}.{language}")
    await page.context.close()
    return [f"{name} {fault}" for fault in found]


async def _shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("CXCALL_SHOTS"):
        await page.screenshot(path=Path(folder) / f"a-{name}.png")
