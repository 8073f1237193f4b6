"""Chromium in front of a whole call centre, signed in as one of its people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Request

from tests.support.as_served import AsServed
from tests.support.call_centre import CallCentre, call_centre
from tests.support.chromium import STEP_MS, Theme, axe, overflow

THEMES: tuple[Theme, ...] = ("dark", "light")


@dataclass
class Stage:
    """`errors` is what the pages wrote to the console, `foreign` what they asked of other hosts."""

    centre: CallCentre
    browser: Browser
    address: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    async def context(
        self, name: str, theme: Theme = "light", *, width: int = 1440, height: int = 900, scripts: bool = True
    ) -> BrowserContext:
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, java_script_enabled=scripts,
            reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(STEP_MS)
        cookies = await self.centre.cookie(name)
        await context.add_cookies([{"name": key, "value": text, "url": self.address} for key, text in cookies.items()])
        context.on("request", self._asked)
        return context

    async def open(
        self, name: str, path: str, theme: Theme = "light", *, live: bool = True, width: int = 1440, height: int = 900
    ) -> Page:
        """A page of `name`'s at `path`; with `live` its socket is connected and the first fetch after that done."""
        page = await (await self.context(name, theme, width=width, height=height)).new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        await page.goto(self.address + path)
        if live:
            await self.connected(page)
        return page

    async def faults(self, page: Page, path: str = "") -> list[str]:
        """What is not accessible or does not fit on `page`, dark and light, at `path` if given.

        Only its colours differ between the two, and a page in Persian has those of the page in English: it is looked
        at by axe in the dark.
        One page led from path to path is looked at much quicker than many pages: Chromium has everything ready.
        """
        if path:
            await page.goto(self.address + path)
        found = []
        persian = await page.get_attribute("html", "lang") == "fa"
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            faults = await overflow(page)
            if theme == "dark" or not persian:
                faults += await axe(page, colours=theme != THEMES[0] and not persian)
            found += [f"{path} {theme}: {fault}" for fault in faults]
        return found

    async def connected(self, page: Page) -> None:
        await page.locator("html[data-live=live]").wait_for(state="attached")
        await page.wait_for_timeout(200)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address + "/", "data:", "blob:")):
            self.foreign.append(request.url)


@asynccontextmanager
async def stage(chromium: Browser, folder: Path, *, language: str = "en") -> AsyncIterator[Stage]:
    async with call_centre(folder, language=language) as centre:
        server = AsServed(centre.app)
        await server.start_server()
        at = Stage(centre, chromium, str(server.make_url("")).rstrip("/"))
        try:
            yield at
        finally:
            for context in chromium.contexts:
                await context.close()
            await server.close()
        assert not at.foreign, at.foreign


async def until(page: Page, expression: str, seconds: float = 30) -> None:
    """Wait for an expression to be true in the page; the page's own rules forbid it to evaluate text."""
    async with asyncio.timeout(seconds):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)
