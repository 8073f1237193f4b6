"""The desk in Chromium: the pop appears at once, nothing takes the focus, the keys work, a cut is survived."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.async_api import Browser

from cxcall.customers.profile import Profile
from tests.browser.desk_stage import Stage, stage, until
from tests.support.call_centre import MARYAM, OMID, CallCentre, answered, ended, held, member, past, ringing


async def prepared(centre: CallCentre, language: str = "en") -> None:
    name = "مریم حسینی" if language == "fa" else "Maryam Hosseini"
    await centre.customer(Profile(name=name, numbers=("+989123456789",), tier="gold", city="Tehran", tags=("vip",)))
    await centre.tell(past(MARYAM, centre.ago(days=2), at=OMID))
    centre.members = [member()]


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_pop_appears_within_300_ms_of_the_commit(chromium: Browser, tmp_path: Path, language: str) -> None:
    """The best of several rings counts: others work on this machine too. The benchmark `pop` has the figures."""
    async with stage(chromium, tmp_path, language=language) as at:
        await prepared(at.centre, language)
        page = await at.open("sara", "/desk")
        await page.evaluate(
            """() => new MutationObserver(() => { const pop = document.getElementById("pop-name");
               window.seen = pop ? window.seen || Date.now() : 0;
               }).observe(document.body, {subtree: true, childList: true})"""
        )
        took: list[float] = []
        for ago in range(40, 60):
            ring = ringing(MARYAM, at.centre.ago(seconds=ago))
            begun = time.time() * 1000
            await at.centre.tell(ring)
            await until(page, "window.seen")
            took.append(await page.evaluate("window.seen") - begun)
            if took[-1] < 300:
                break
            await at.centre.tell(ended(ring, at.centre.now))
            await until(page, "!window.seen")
        assert min(took) < 300, f"ms: {took}"
        assert (await page.title()).startswith("☎")
        assert await page.locator("#pop-name").inner_text() == ("مریم حسینی" if language == "fa" else "Maryam Hosseini")
        assert at.errors == []


async def test_a_ring_does_not_take_the_focus_nor_what_is_being_typed(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        first = answered(ringing("02188341190", at.centre.ago(seconds=90)), at.centre.ago(seconds=40))
        await at.centre.tell(first)
        page = await at.open("sara", "/desk")
        await page.locator("#note-text").focus()
        await page.keyboard.type("He asks for the ")
        await at.centre.tell(ringing(MARYAM, at.centre.ago(seconds=20), wait=10))
        await page.locator(".callcard.other").wait_for()
        await page.keyboard.type("invoice")
        await at.centre.tell(ended(first, at.centre.now))
        await page.locator("#pop").wait_for()
        await page.keyboard.type(" of May")
        assert await page.locator("#note-text").input_value() == "He asks for the invoice of May"
        assert await page.evaluate("document.activeElement.id") == "note-text"
        await page.reload()
        assert await page.locator("#note-text").input_value() == "He asks for the invoice of May"


async def test_a_call_is_handled_from_ring_to_wrap_up_by_keys_alone(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        page = await at.open("sara", "/desk")
        ring = ringing(MARYAM, at.centre.ago(seconds=40))
        await at.centre.tell(ring)
        await page.locator("#pop").wait_for()
        call = answered(ring, at.centre.now)
        await at.centre.tell(call)
        await page.locator("[data-keys=F8]").wait_for()
        await page.keyboard.press("F8")
        await page.locator("[data-keys=F8][aria-pressed=true]").wait_for()
        await page.locator("#note-text").focus()
        await page.keyboard.type("Charged twice")
        await page.keyboard.press("F9")
        assert "Press F9 again" in await page.locator(".btn.stop").inner_text()
        assert [type(act).__name__ for act in at.centre.acts] == ["Mute"]
        async with page.expect_response("**/desk/act"):
            await page.keyboard.press("F9")
        assert [type(act).__name__ for act in at.centre.acts] == ["Mute", "Hangup"]
        await at.centre.tell(ended(call, at.centre.now, by="agent"))
        await page.locator("text=Call ended").first.wait_for()
        await page.keyboard.press("Control+Enter")
        await page.locator("text=The next call opens here").wait_for()
        assert at.errors == []


async def test_a_hold_has_its_own_timer_and_a_refused_act_is_a_sentence(chromium: Browser, tmp_path: Path) -> None:
    from cxcall.bus import CommandRefused

    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        call = answered(ringing(MARYAM, at.centre.ago(seconds=100)), at.centre.ago(seconds=50))
        await at.centre.tell(call)
        page = await at.open("sara", "/desk")
        await at.centre.tell(held(call, at.centre.ago(seconds=5)))
        await page.locator(".callcard .chip.warn cx-clock").wait_for()
        await page.locator("[data-open=transfer]").click()
        assert await page.evaluate("document.activeElement.id") == "transfer-to"
        at.centre.refuse = CommandRefused("There is no number 1999 to transfer to.")
        await page.keyboard.type("1999")
        await page.keyboard.press("Enter")
        await page.locator("[role=alert]", has_text="There is no number 1999 to transfer to.").wait_for()


async def test_what_happens_during_a_cut_is_there_after_it(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        page = await at.open("sara", "/desk")
        await page.context.set_offline(True)
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await _cut(at)
        ring = ringing(MARYAM, at.centre.ago(seconds=40))
        await at.centre.tell(ring)
        await page.locator("html[data-live=reconnecting]").wait_for(state="attached")
        assert await page.locator("#pop").count() == 0
        await page.context.set_offline(False)
        await page.locator("#pop").wait_for()
        assert await page.locator("#pop").count() == 1


async def test_a_hidden_page_announces_the_call_and_asks_politely_before(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        context = await at.context("sara")
        await context.grant_permissions(["notifications"], origin=at.address)
        page = await context.new_page()
        await page.add_init_script(
            """window.told = []; window.Notification = class { static permission = "granted";
               constructor(text) { window.told.push(text) } close() {} };
               Object.defineProperty(document, "hidden", { get: () => window.away === true });"""
        )
        await page.goto(at.address + "/desk")
        await at.connected(page)
        await page.evaluate("window.away = true")
        await at.centre.tell(ringing(MARYAM, at.centre.ago(seconds=40)))
        await until(page, "window.told.length")
        assert await page.evaluate("window.told") == ["Incoming call: Maryam Hosseini"]


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_every_state_of_the_desk_is_accessible_and_fits(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        await prepared(at.centre, language)
        ring = ringing(MARYAM, at.centre.ago(seconds=60))
        call = answered(ring, at.centre.ago(seconds=20))
        page = await at.open("sara", "/desk", width=1280, height=720)
        for record in (None, ring, call, held(call, at.centre.ago(seconds=9)), ended(call, at.centre.now)):
            await at.centre.tell(*([record] if record else []))
            await page.goto(at.address + "/desk")
            await at.connected(page)
            assert await at.faults(page) == []
        cookies = await at.centre.cookie("newcomer")
        await page.context.add_cookies([{"name": name, "value": to, "url": at.address} for name, to in cookies.items()])
        assert await at.faults(page, "/desk") == []


async def _cut(at: Stage) -> None:
    """Close every socket from the server's side, as a restart would."""
    from cxcall.web.keys import LIVE

    await at.centre.app[LIVE].close_all()


async def test_one_press_of_f9_never_ends_a_call_not_even_on_a_page_just_opened(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        await at.centre.tell(answered(ringing(MARYAM, at.centre.ago(seconds=40)), at.centre.now))
        page = await at.open("sara", "/desk", live=False)
        await page.locator("cx-desk:defined").wait_for()
        await page.keyboard.press("F9")
        await page.wait_for_timeout(2200)
        assert "End call" in await page.locator(".btn.stop").inner_text()
        await page.keyboard.press("F9")
        await page.wait_for_timeout(300)
        assert at.centre.acts == []
        async with page.expect_response("**/desk/act"):
            await page.keyboard.press("F9")
        assert [type(act).__name__ for act in at.centre.acts] == ["Hangup"]


async def test_an_act_that_gets_no_answer_is_said_and_the_page_stays(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await prepared(at.centre)
        await at.centre.tell(answered(ringing(MARYAM, at.centre.ago(seconds=40)), at.centre.now))
        page = await at.open("sara", "/desk")
        await page.route("**/desk/act", lambda route: route.abort())
        await page.keyboard.press("F8")
        await page.locator(".toast.bad", has_text="The server did not answer").wait_for()
        assert await page.locator(".callcard").is_visible()
