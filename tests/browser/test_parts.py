"""The parts that pages are made of: live fragments, autosave, clocks, numbers that are copied."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Page, Route, expect

from cxcall.web.access import Role
from tests.support.chromium import Variant, tab
from tests.support.webapp import World

NOTE = """(attributes) => {
  const part = document.createElement("div");
  part.innerHTML = `<cx-autosave key="n1"><form method="post" action="/note"><textarea name="text">%s</textarea>
    <button>Save</button></form><span data-saved></span></cx-autosave>`;
  document.querySelector("main").prepend(part);
}"""


class Server:
    """Answers of one address, made here, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.body = ""

    async def __call__(self, route: Route) -> None:
        self.asked.append(route.request.post_data or "")
        if self.status == 0:
            await route.abort()
        else:
            await route.fulfill(status=self.status, body=self.body, content_type="text/html")


async def test_a_fragment_is_fetched_when_its_channel_speaks_and_not_faster_than_it_wants(
    chromium: Browser, world: World
) -> None:
    async with tab(chromium, world, Role.SUPERVISOR) as it:
        rows = Server()
        rows.body = "<p>one</p>"
        await it.page.route("**/rows", rows)
        await it.go("/settings")
        await _insert(it.page, '<cx-refresh channel="calls" src="/rows" every-ms="400"><p>zero</p></cx-refresh>')
        place = it.page.locator("main cx-refresh")
        await expect(place).to_have_text("one")
        before = len(rows.asked)
        rows.body = "<p>two</p>"
        began = time.monotonic()
        for n in range(200):
            world.bus.publish("calls", n)
            await asyncio.sleep(0.005)
        took = time.monotonic() - began
        await expect(place).to_have_text("two")
        await asyncio.sleep(1)
        assert 2 <= len(rows.asked) - before <= took / 0.4 + 3, "about one in 400 ms, and one at the end"


async def test_a_fragment_keeps_focus_typed_text_scroll_and_open_parts(chromium: Browser, world: World) -> None:
    rows = Server()
    inner = (
        '<div class="scroll-x" id="s"><p>{0}</p><input name="q" value="">'
        "<details><summary>more</summary><p>x</p></details></div>"
    )
    rows.body = inner.format("new")
    async with tab(chromium, world, Role.SUPERVISOR) as it:
        await it.page.route("**/rows", rows)
        await it.go("/settings")
        seq = world.bus.seq("calls")
        await _insert(
            it.page, f'<cx-refresh channel="calls" seq="{seq}" src="/rows">{inner.format("old")}</cx-refresh>'
        )
        field = it.page.locator("main cx-refresh input")
        await it.page.locator("main cx-refresh summary").click()
        await field.fill("typed")
        await asyncio.sleep(0.3)
        assert rows.asked == [], "it came with a number, so it was not stale"
        world.bus.publish("calls", 1)
        await expect(it.page.locator("main cx-refresh p").first).to_have_text("new")
        await expect(field).to_be_focused()
        await expect(field).to_have_value("typed")
        assert await it.page.locator("main cx-refresh details").get_attribute("open") is not None


async def test_a_fragment_that_fails_keeps_the_old_rows_and_tries_again(chromium: Browser, world: World) -> None:
    rows = Server()
    rows.status = 503
    async with tab(chromium, world, Role.SUPERVISOR) as it:
        it.expected = ("503",)
        await it.page.route("**/rows", rows)
        await it.go("/settings")
        await _insert(it.page, '<cx-refresh channel="calls" src="/rows" every-ms="50"><p>old</p></cx-refresh>')
        await asyncio.sleep(0.5)
        await expect(it.page.locator("main cx-refresh")).to_have_text("old")
        rows.status, rows.body = 200, "<p>new</p>"
        await expect(it.page.locator("main cx-refresh")).to_have_text("new")


async def test_a_note_is_saved_while_one_types_and_says_so(chromium: Browser, world: World) -> None:
    note = Server()
    async with tab(chromium, world, Role.AGENT) as it:
        await it.page.route("**/note", note)
        await it.go("/settings")
        await it.page.evaluate(NOTE % "")
        await expect(it.page.locator("cx-autosave button")).to_be_hidden()
        await it.page.locator("textarea").press_sequentially("refund approved", delay=10)
        async with asyncio.timeout(30):
            while note.asked[-1:] != ["text=refund+approved"]:
                await asyncio.sleep(0.02)
        await expect(it.page.locator("[data-saved]")).to_have_text("Saved")
        assert len(note.asked) < 8, "not for every letter, also when the machine stood still between some of them"


async def test_a_note_that_can_not_be_saved_survives_a_reload_and_is_sent_later(
    chromium: Browser, world: World
) -> None:
    note = Server()
    note.status = 0
    async with tab(chromium, world, Role.AGENT) as it:
        it.expected = ("ERR_FAILED",)
        await it.page.route("**/note", note)
        await it.go("/settings")
        await it.page.evaluate(NOTE % "")
        await it.page.locator("textarea").fill("call her back")
        await expect(it.page.locator("[data-saved]")).to_have_text("Not saved, will try again")
        await it.page.reload()
        note.status = 204
        await it.page.evaluate(NOTE % "")
        await expect(it.page.locator("textarea")).to_have_value("call her back")
        await expect(it.page.locator("[data-saved]")).to_have_text("Saved")
        assert note.asked[-1] == "text=call+her+back"
        assert await it.page.evaluate("localStorage.length") == 0


async def test_clocks_run_by_the_servers_time_in_the_readers_digits(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.AGENT, Variant("fa")) as it:
        await it.go("/settings")
        since = (datetime.now(UTC) - timedelta(minutes=4, seconds=5)).isoformat()
        await _insert(it.page, f'<cx-clock since="{since}" limit-s="240"></cx-clock><cx-when at="{since}"></cx-when>')
        clock = it.page.locator("cx-clock")
        shown = await clock.text_content()
        assert re.fullmatch("۴:[۰-۵][۰-۹]", shown or "")
        await expect(clock).to_have_class("late")
        await expect(clock).not_to_have_text(shown or "")
        await expect(it.page.locator("cx-when")).to_have_text("۴ دقیقه پیش")


async def test_a_number_in_persian_digits_is_copied_in_ascii(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.AGENT, Variant("fa")) as it:
        await it.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await it.go("/settings")
        await _insert(it.page, '<bdi id="n" class="num" dir="ltr" data-copy="+989123456789">۰۹۱۲ ۳۴۵ ۶۷۸۹</bdi>')
        await it.page.evaluate("getSelection().selectAllChildren(document.getElementById('n'))")
        await it.page.keyboard.press("Control+KeyC")
        assert await it.page.evaluate("navigator.clipboard.readText()") == "+989123456789"


async def _insert(page: Page, html: str) -> None:
    await page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('afterbegin', html)", html)
