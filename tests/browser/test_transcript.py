"""Live transcripts in Chromium: turns come and become final, nobody is moved, a cut loses nothing, hints by keys."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from cxcall.bus.speech import TapState
from cxcall.speech.transcript import Speaker
from cxcall.web.keys import LIVE
from tests.browser.desk_stage import stage, until
from tests.browser.talk_stage import CHECKS, LEAVING, LINES, REFUND, conversation, talking
from tests.support.call_centre import ended
from tests.support.talk import TalkOfTest

AT_END = "(l => l.scrollHeight - l.scrollTop - l.clientHeight < 2)(document.querySelector('[role=log]'))"
TOP = "document.querySelector('[role=log]').scrollTop"


async def said(page: Page) -> list[str]:
    """The turns on the page in their order, by number; … is what is being said."""
    found: list[str] = await page.evaluate(
        """[...document.querySelectorAll('.turns li.turn')]
           .map(turn => (turn.dataset.n || '…') + ' ' + turn.querySelector('p').textContent)"""
    )
    return found


async def long_talk(talk: TalkOfTest, more: int = 14) -> None:
    for number in range(more):
        side: Speaker = "customer" if number % 2 else "agent"
        await talk.say(side, 300.0 + 5 * number, f"Something longer that was said as number {number} of many. " * 3)


async def test_what_is_said_appears_becomes_final_and_is_told_at_most_every_three_seconds(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talking(at, say=False)
        page = await at.open("sara", "/desk")
        await page.evaluate(
            """() => { window.told = []; new MutationObserver(() => window.told.push([performance.now(),
               document.querySelector("[data-say]").textContent])).observe(document.querySelector("[data-say]"),
               {childList: true}) }"""
        )
        talk.saying("customer", 9, "Hello I called")
        partial = page.locator("li.turn.partial")
        await expect(partial.locator("p")).to_have_text("Hello I called")
        await expect(partial).to_contain_text("speaking…")
        await partial.evaluate("element => { window.first = element }")
        talk.saying("customer", 9, "Hello I called last week")
        await expect(partial.locator("p")).to_have_text("Hello I called last week")
        await conversation(talk)
        await expect(page.locator("li.turn[data-n='6']")).to_be_visible()
        assert await page.evaluate("window.first.dataset.n") == "1"
        await expect(partial.locator("p")).to_have_text("Oh, that is a relief, thank you, so I do not")
        assert await said(page) == [
            *(f"{n} {words['en']}" for n, (_, _, words, _, _) in enumerate(LINES, 1)),
            "… Oh, that is a relief, thank you, so I do not",
        ]
        angry = page.locator("li.turn[data-n='3']")
        await expect(angry.locator("mark.bad")).to_have_text("nobody called me back")
        await expect(angry.locator(".senti")).to_have_text("Negative")
        await expect(angry.locator("p.bad-edge")).to_be_visible()
        await expect(angry.locator("time")).to_have_text("0:31")
        await expect(page.locator("li.turn[data-n='2'] b")).to_have_text("Sara Karimi (you)")
        assert await page.locator("li.turn.agent .senti").count() == 0
        await expect(page.locator("li.turn[data-n='5'] .redact")).to_have_text("●●●●")
        await expect(page.locator("#talk-mood")).to_contain_text("Improving")
        await expect(page.locator("#talk-facts")).to_contain_text("Duplicate charge")
        await expect(page.locator("#talk-hints")).to_contain_text("Customer may leave")
        talk.saying("customer", 224, "")
        await expect(partial).to_have_count(0)
        await talk.say("customer", 31, "Now it is shown otherwise", n=3, sentiment=0.6)
        await expect(angry.locator("p")).to_have_text("Now it is shown otherwise")
        await expect(angry.locator(".senti")).to_have_text("Positive")
        await expect(page.locator("li.turn")).to_have_count(6)
        await until(page, "window.told.length >= 2")
        told = await page.evaluate("window.told")
        assert all(after[0] - before[0] > 2900 for before, after in pairwise(told)), told
        assert told[-1][1].startswith("Sara Karimi (you): It is approved now.")
        assert at.errors == []


async def test_whoever_reads_further_up_is_not_moved_and_goes_to_the_end_by_a_button(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talking(at)
        await long_talk(talk)
        page = await at.open("sara", "/desk", width=1280, height=720)
        await until(page, AT_END)
        await page.locator("[role=log]").hover()
        await page.mouse.wheel(0, -600)
        await until(page, f"!({AT_END})")
        before = await still(page)
        await talk.say("customer", 500, "First that is new")
        talk.saying("agent", 505, "And somebody goes on")
        await talk.say("agent", 510, "Second that is new")
        await talk.say("customer", 20, "Late, and belongs further up. " * 4)
        newer = page.locator(".newer")
        await expect(newer).to_have_text("3 new")
        assert abs(await page.evaluate(TOP) - before) < 1 or await moved_only_by_what_came_above(page, before)
        await newer.focus()
        await page.keyboard.press("Enter")
        await until(page, AT_END)
        await expect(newer).to_be_hidden()
        await talk.say("agent", 520, "Third that is new, at the end")
        await expect(page.locator(".turns li.turn").last).to_contain_text("Third that is new")
        await until(page, AT_END)


async def still(page: Page) -> float:
    """Where the reader stands once the scrolling has ended."""
    last = -1.0
    for _ in range(100):
        now: float = await page.evaluate(TOP)
        if now == last:
            return now
        last = now
        await asyncio.sleep(0.1)
    raise AssertionError("it scrolls on and on")


async def moved_only_by_what_came_above(page: Page, before: float) -> bool:
    """The browser keeps what is read in its place when something is put in above it."""
    late: float = await page.evaluate(
        "[...document.querySelectorAll('li.turn')].find(t => t.textContent.includes('Late, and')).offsetHeight"
    )
    now: float = await page.evaluate(TOP)
    return 0 < now - before <= late + 40


async def test_a_cut_loses_and_doubles_nothing(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talking(at)
        page = await at.open("sara", "/desk")
        for cut in range(3):
            await page.context.set_offline(True)
            await at.centre.app[LIVE].close_all()
            await page.locator("html[data-live=reconnecting]").wait_for(state="attached")
            for number in range(3 if cut == 0 else 30):  # few are sent again one by one, of many all are fetched
                await talk.say("agent", 300.0 + 100 * cut + number, f"Said in cut {cut} as {number}")
            talk.saying("customer", 224, "")
            await page.context.set_offline(False)
            await expect(page.locator("li.turn[data-n]")).to_have_count(talk.n)
        assert await said(page) == [f"{n} {told['text']}" for n, told in talk.told.items()]
        await expect(page.locator("li.turn.partial")).to_have_count(0)


async def test_hints_and_what_has_to_be_said_are_worked_by_keys_alone(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talking(at)
        talk.state(-0.2, "steady", [0.0, -0.2], hints=(REFUND, LEAVING), checks=CHECKS)
        page = await at.open("sara", "/desk")
        await page.locator("#note-text").fill("Charged twice")
        await page.locator("#talk-hints button[value=used]").first.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#talk-hints article")).to_have_count(1)
        assert await page.evaluate("document.activeElement.id") == "hints-title"
        for _ in range(2):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await expect(page.locator("#talk-hints article")).to_have_count(0)
        assert [(done.hint_id, done.outcome) for done in talk.decided] == [
            ("hint-refund", "used"),
            ("hint-leaving", "dismissed"),
        ]
        box = page.locator(".needs input[value=else]")
        await box.focus()
        async with page.expect_response("**/desk/said"):
            await page.keyboard.press("Space")
        await expect(box).to_be_checked()
        assert await page.evaluate("document.activeElement.value") == "else"
        assert await page.locator("#note-text").input_value() == "Charged twice"
        await page.reload()
        await expect(box).to_be_checked()
        await page.locator("[data-find]").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.type("refund")
        await expect(page.locator(".find output")).to_have_text("1 of 1")
        await page.keyboard.press("Enter")
        await expect(page.locator("li.turn.hit.now")).to_contain_text("Your refund is waiting")
        await page.keyboard.press("Escape")
        assert await page.locator("li.turn.hit").count() == 0
        assert at.errors == []


async def test_a_call_begins_to_be_heard_and_ends_without_losing_what_is_typed(
    chromium: Browser, tmp_path: Path
) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talking(at, say=False)
        live, talk.live = talk.live, None
        talk.tap = TapState(call_id=talk.record.id, heard=False, why="off")
        page = await at.open("sara", "/desk")
        await expect(page.locator(".unheard")).to_contain_text("Live text is off for this queue.")
        await page.locator("#note-text").focus()
        await page.keyboard.type("She asks ")
        talk.live = live
        talk.tap = TapState(call_id=talk.record.id, heard=True, why="asked_for")
        await talk.say("customer", 9, "Hello, it is me again")
        await expect(page.locator("li.turn[data-n='1']")).to_contain_text("Hello, it is me again")
        await page.keyboard.type("again")
        talk.tell("held", held=True)
        await expect(page.locator("[data-held]")).to_be_visible()
        talk.tell("held", held=False)
        await expect(page.locator("[data-held]")).to_be_hidden()
        talk.live = None
        talk.tell("over")
        await at.centre.tell(ended(talk.record, at.centre.now))
        await expect(page.locator(".callcard")).to_contain_text("Call ended")
        await expect(page.locator("li.turn[data-n='1']")).to_contain_text("Hello, it is me again")
        assert await page.locator("#note-text").input_value() == "She asks again"
        assert await page.evaluate("document.activeElement.id") == "note-text"


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_pages_with_live_words_are_accessible_and_fit(chromium: Browser, tmp_path: Path, language: str) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        talk = await talking(at, language)
        talk.state(-0.7, "worsening", [0.0, -0.7], hints=(REFUND, LEAVING), checks=CHECKS)
        page = await at.open("sara", "/desk", width=1280, height=720)
        assert await at.faults(page) == []
        button = await page.locator(".finish button").bounding_box()
        assert button is not None
        assert button["y"] + button["height"] <= 720
        supervisor = await at.open("leila", f"/live/{talk.record.id}", width=1280, height=720)
        await expect(supervisor.locator("li.turn").first).to_be_visible()
        assert await at.faults(supervisor) == []
        assert await at.faults(supervisor, "/live") == []
        await at.centre.tell(ended(talk.record, at.centre.now))
        assert await at.faults(supervisor, f"/live/{talk.record.id}") == []
        assert at.errors == []


async def test_the_words_so_far_need_no_script(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        talk = await talking(at)
        page = await (await at.context("leila", scripts=False)).new_page()
        await page.goto(f"{at.address}/live/{talk.record.id}")
        await expect(page.locator("li.turn[data-n]")).to_have_count(6)
        await expect(page.locator("#talk-hints")).to_contain_text("Customer may leave")
        assert not await page.locator(".newer").is_visible()


async def test_1200_updates_are_cheap(chromium: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The figure is printed, not held against a limit: others work on this machine too (ui rules: under 3 s)."""
    async with stage(chromium, tmp_path) as at:
        talk = await talking(at, say=False)
        page = await at.open("sara", "/desk")
        session = await chromium.new_browser_cdp_session()
        before = await _cpu_seconds(session)
        for number in range(200):
            for words in range(5):
                talk.saying("customer", 10.0 + number, "what somebody says goes on and on " * (words + 1))
                await asyncio.sleep(0.01)
            await talk.say("customer", 10.0 + number, "what somebody says goes on and on " * 5, keep=False)
            await asyncio.sleep(0.01)
        await expect(page.locator("li.turn[data-n='200']")).to_be_visible()
        took = await _cpu_seconds(session) - before
        heap = await page.evaluate("performance.memory.usedJSHeapSize / 1e6")
        with capsys.disabled():
            print(f"\n1,200 updates: {took:.2f} s of CPU, {heap:.1f} MB of heap")
        await expect(page.locator("li.turn")).to_have_count(200)


async def _cpu_seconds(session: CDPSession) -> float:
    """What all pages have used."""
    answer = await session.send("SystemInfo.getProcessInfo")
    return sum(float(one["cpuTime"]) for one in answer["processInfo"] if one["type"] == "renderer")
