"""The pages of every role, looked at one after the other in a real browser; pictures of them are kept when wanted.

With CXCALL_PICTURES set, the pictures of the README and the guides are written to that folder.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page
from playwright.async_api import TimeoutError as Late

from cxcall.demo.seed import public
from cxcall.demo.staff import AGENTS, BILLING, QUEUES
from cxcall.demo.workday import as_dialled

LARGEST = 200_000
SIZE = {"width": 1280, "height": 800}
STEP_MS = 60_000
RING_MS = 180_000
CONNECT_MS = 10_000
SAVE_MS = 20_000
COMPLAINT = {"en": "I want to make a complaint", "fa": "می‌خواهم شکایت کنم"}
END = "[data-act] button[value=end]"


class Album:
    """Takes pictures of one person's pages in one look, such as `en-light`."""

    def __init__(self, page: Page, url: str, look: str) -> None:
        self.page, self.url, self.look = page, url, look
        kept = os.environ.get("CXCALL_PICTURES")
        self.folder = Path(kept) if kept else None

    async def open(self, path: str) -> None:
        await self.page.goto(self.url + path)
        await self.page.evaluate("document.fonts.ready")

    async def take(self, name: str) -> None:
        """A picture of what is shown now, never larger than a repository should carry."""
        if self.folder is not None and await self.page.locator("cx-live").count():
            with suppress(Late):
                await self.page.wait_for_selector("html[data-live=live]", timeout=CONNECT_MS)
        picture = await self.page.screenshot(animations="disabled", type="jpeg", quality=88)
        assert len(picture) <= LARGEST, f"{name}: {len(picture)} bytes"
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.{self.look}.jpg").write_bytes(picture)


@asynccontextmanager
async def album(browser: Browser, url: str, login: dict[str, Any], look: str) -> AsyncIterator[Album]:
    """A browser signed in as `login`, in the language and theme of `look`."""
    language, theme = look.split("-")
    context = await browser.new_context(viewport=SIZE, color_scheme=theme, locale=language)  # type: ignore[arg-type]  # light or dark
    context.set_default_timeout(STEP_MS)
    await context.add_cookies([{"name": "cxcall_look", "value": f"{language}.{theme}", "url": url}])
    page = await context.new_page()
    await page.goto(f"{url}/login")
    await page.fill("input[name=name]", login["name"])
    await page.fill("input[name=password]", login["password"])
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url(lambda address: "/login" not in address, wait_until="commit", timeout=RING_MS)
    if await page.get_attribute("html", "lang") != language:
        await page.click(f"button[name=language][value={language}]")
        await page.wait_for_selector(f"html[lang={language}]")
    while await page.get_attribute("html", "data-theme") != theme:
        with suppress(Late):  # a busy machine may not take it; the page then comes back as it was
            async with page.expect_response("**/preferences", timeout=SAVE_MS):
                await page.click(f"button[name=theme][value={theme}]")
        await page.reload()
    try:
        yield Album(page, url, look)
    finally:
        await context.close()


async def see_desk(pictures: Album) -> None:
    """From the ringing phone to the conversation, as the agent sees it."""
    page = pictures.page
    await pictures.open("/desk")
    await be_free(page)
    await page.wait_for_selector("#pop", timeout=RING_MS)
    assert (await page.inner_text("#pop-name")).strip()
    await pictures.take("desk-ringing")
    await page.wait_for_selector(END, timeout=RING_MS)
    with suppress(Late):  # a call that was ended early has few words
        await page.locator("[role=log] li").nth(2).wait_for(timeout=STEP_MS)
    await pictures.take("desk-call")


async def be_free(page: Page) -> None:
    """End the call that goes on at this desk, if one does, and put it away: the next is seen from its first ring."""
    async with asyncio.timeout(RING_MS / 1000):
        while not await page.locator(".desk.wide").count():
            for button in (END, END, "form.finish button:enabled"):  # ending asks once
                with suppress(Late):
                    await page.click(button, timeout=1_000)


async def see_floor(pictures: Album) -> None:
    """What a supervisor looks at."""
    await pictures.open("/live")
    await pictures.take("live")
    await pictures.open("/calls?outcome=answered")
    assert await pictures.page.locator("table tbody tr").count() > 5
    await pictures.take("calls")
    await pictures.page.locator("table tbody tr a[href^='/calls/']").first.click()
    await pictures.page.wait_for_url("**/calls/*")
    await pictures.take("call")
    await pictures.open("/customers")
    await pictures.take("customers")
    await pictures.page.locator("table tbody tr a[href^='/customers/']").first.click()
    await pictures.page.wait_for_url("**/customers/*")
    await pictures.take("customer")

    await see_reports(pictures)
    await see_voice(pictures)
    await see_speech(pictures)
    await see_experiment(pictures)
    await see_wallboard(pictures)


async def see_reports(pictures: Album) -> None:
    """The shelf of reports, one of them, and the hours of the week."""
    page = pictures.page
    await pictures.open("/reports")
    await pictures.take("reports")
    await pictures.open("/reports/queues?when=quarter&compare=before")
    assert await page.locator("tbody tr a.open").count() > len(QUEUES)
    await pictures.take("report")
    await pictures.open("/reports/heat?when=quarter")
    assert await page.locator("cx-heat td a").count() > 10
    await pictures.take("report-heat")


async def see_experiment(pictures: Album) -> None:
    """Who waits to be called back, and whether a rule helps."""
    await pictures.open("/routing/call-backs?tab=ended")
    assert await pictures.page.locator("table tbody tr").count() > 5
    await pictures.take("kept-places")
    await pictures.open("/admin/routing/experiments")
    await pictures.take("experiments")
    await pictures.page.locator("table tbody a[href^='/admin/routing/experiments/']").first.click()
    await pictures.page.wait_for_selector("cx-chart svg")
    await pictures.take("experiment")


async def see_wallboard(pictures: Album) -> None:
    """The floor, by now with some calls behind it."""
    page = pictures.page
    await pictures.open("/alerts/rules")
    await pictures.take("alert-rules")
    await pictures.open("/wallboard")
    await page.locator("[data-agent]").nth(len(AGENTS) - 1).wait_for()
    assert await page.locator("[data-tile]").count() >= len(QUEUES)
    await pictures.take("wallboard")
    await pictures.open("/wallboard/screen")
    await page.locator("[data-tile]").first.wait_for()
    await pictures.take("big-screen")


async def see_voice(pictures: Album) -> None:
    """What customers said, and what became of it."""
    page = pictures.page
    await pictures.open("/surveys?when=quarter")
    await page.wait_for_selector("cx-chart svg")
    await pictures.take("voice")
    for name, path in (("call-backs", "/surveys/call-backs"), ("alerts", "/alerts"), ("comments", "/surveys/comments")):
        await pictures.open(path)
        await pictures.take(name)


async def see_speech(pictures: Album) -> None:
    """What was said, what it was about, and a call to hear."""
    page = pictures.page
    await pictures.open("/speech?when=quarter")
    await page.wait_for_selector("cx-chart svg")
    await pictures.take("speech")
    for name, path in (
        ("search", "/speech/search?q=refund"), ("categories", "/speech/categories"), ("knowledge", "/knowledge"),
    ):  # fmt: skip
        await pictures.open(path)
        await pictures.take(name)
    talk = page.locator("main a[href^='/calls/']").first
    async with asyncio.timeout(STEP_MS / 1000):
        while not await talk.count():  # a busy machine may find nothing in time, and says so
            await pictures.open("/speech/search?q=refund")
    await talk.click()
    await page.wait_for_url("**/calls/*")
    await pictures.take("transcript")


async def see_set_up(pictures: Album) -> None:
    """What an administrator looks at."""
    for name, path in (
        ("asterisk", "/admin/asterisk"), ("users", "/admin/users"), ("import", "/customers/import"),
        ("surveys", "/admin/surveys"), ("prompts", "/admin/prompts"), ("webhooks", "/admin/webhooks"),
        ("speech-set-up", "/admin/speech"), ("listening", "/admin/speech/queues"),
        ("queues", "/admin/queues"), ("queue", "/admin/queues/demo/billing"), ("agents", "/admin/agents"),
        ("hours", "/admin/hours"),
    ):  # fmt: skip
        await pictures.open(path)
        await pictures.take(name)
    await pictures.open("/admin/surveys")
    await pictures.page.locator("table tbody a[data-row]").first.click()
    await pictures.page.wait_for_selector("cx-builder")
    await pictures.take("survey")
    await pictures.open("/admin/surveys/asking")
    await pictures.take("survey-asking")
    await see_routing(pictures)


async def see_routing(pictures: Album) -> None:
    """Rules, a call tried, yesterday by the draft, and why a call went where it went."""
    page = pictures.page
    for name, path in (
        ("routing", "/admin/routing"), ("routing-rule", "/admin/routing/rules/twice"),
        ("intents", "/admin/routing/intents"), ("call-back-plans", "/admin/routing/call-backs"),
    ):  # fmt: skip
        await pictures.open(path)
        await pictures.take(name)
    await pictures.open("/admin/routing/try")
    await page.fill("input[name=number]", as_dialled(public(1)[0][0].numbers[0]))
    await page.select_option("select[name=queue]", BILLING.name)
    await page.fill("input[name=sentence]", COMPLAINT[pictures.look.partition("-")[0]])
    await page.click(".foot-line button")
    await page.wait_for_selector("#got-h")
    await pictures.take("routing-try")
    await pictures.open("/admin/routing/replay")
    await page.click("form[action='/admin/routing/replay'] button")
    await page.wait_for_selector("#byrule-h")
    await pictures.take("routing-replay")
    await pictures.open("/admin/routing/rules/complaint/calls")
    await page.locator("table tbody a[href^='/calls/']").first.click()
    await page.wait_for_selector("#why-h")
    await page.locator("section:has(#why-h)").evaluate("one => one.scrollIntoView({block: 'center'})")
    await pictures.take("why")


async def see_both(browser: Browser, url: str, login: dict[str, Any], see: Callable[[Album], Awaitable[None]]) -> None:
    """One person's pages in English by day and in Persian by night; a person's look is the same in all tabs.

    When no pictures are wanted, one look is enough, the one people begin with: other tests see the pages in all.
    """
    for look in ("en-light", "fa-dark") if os.environ.get("CXCALL_PICTURES") else ("en-light",):
        async with album(browser, url, login, look) as pictures:
            await see(pictures)
