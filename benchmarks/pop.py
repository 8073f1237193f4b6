"""Screen-pop on a real Asterisk: from the INVITE at the agent's phone to the caller's name in the browser's DOM.

    python -m benchmarks.pop [--calls 100] [--others 20]

Prints JSON: milliseconds p50, p95, max over `calls` calls into a queue, with `others` further calls going on that end
and begin again all the time. Phone and browser share this machine's clock.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from cxcall.demo.phone import Call, CallFailed, Phone
from cxcall.demo.switch import unpack
from tests.asterisk.site import SUPPORT, Centre, centre
from tests.support.serving import PASSWORD

CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WATCH = """() => {
  window.pops = [];
  let seen = "";
  new MutationObserver(() => {
    const pop = document.querySelector("#pop[data-ring]");
    const ring = pop ? pop.dataset.ring : "";
    if (ring && ring !== seen) {
      window.pops.push((performance.timeOrigin + performance.now()) / 1000);
    }
    seen = ring;
  }).observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
}"""


async def desk(site: Centre, browser_page: Page) -> None:
    """Open the desk of the agent at 1001."""
    await browser_page.goto(f"{site.cxcall.address}/login")
    await browser_page.fill("input[name=name]", "sara")
    await browser_page.fill("input[name=password]", PASSWORD)
    await browser_page.press("input[name=password]", "Enter")
    await browser_page.wait_for_url("**/desk")
    await browser_page.wait_for_selector("html[data-live=live]")
    await browser_page.evaluate(WATCH)


async def keep_calling(phone: Phone, number: int) -> None:
    """One of the other calls: up for some seconds, then the next."""
    while True:
        call = phone.call("02191000850", from_number=f"0935{number:07d}")
        with contextlib.suppress(CallFailed, TimeoutError):
            await call.answered()
            await asyncio.sleep(4 + number % 5)
        await call.hang_up()


async def one_pop(site: Centre, page: Page, number: int) -> float | None:
    """Seconds from the INVITE at 1001 to its pop; None when there was none within 3 s."""
    before = await page.evaluate("window.pops.length")
    call = site.phones.outside.call(SUPPORT, from_number=f"0912{number:07d}", from_name="Zahra Karimi")
    ring: Call = await site.phones["1001"].next_call(10)
    pops = await seen_pops(page, before)
    await call.hang_up()
    await ring.ended()
    await asyncio.sleep(0.3)
    return pops[0] - ring.invited_at if pops else None


async def seen_pops(page: Page, before: int) -> list[float]:
    """When pops appeared since the first `before`, as soon as there is one, else [] after 3 s."""
    for _ in range(150):
        pops: list[float] = await page.evaluate("window.pops")
        if len(pops) > before:
            return pops[before:]
        await asyncio.sleep(0.02)
    return []


async def measure(calls: int, others: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        tree = unpack(Path("var/asterisk"))
        async with centre(Path(folder), tree) as site, async_playwright() as playwright:
            await site.cxcall.add_user("sara", "agent", "PJSIP/1001", display_name="Sara Ahmadi")
            for number in ("1002", "1003"):
                await site.switch.cli(f"queue pause member PJSIP/{number} queue support")
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await desk(site, page)
            background = [asyncio.create_task(keep_calling(site.phones.outside, n)) for n in range(others)]
            await asyncio.sleep(2)
            taken = [await one_pop(site, page, number) for number in range(calls)]
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await browser.close()
    return summary(taken, others)


def summary(taken: list[float | None], others: int) -> dict[str, object]:
    shown = sorted(round(seconds * 1000, 1) for seconds in taken if seconds is not None)
    cuts = statistics.quantiles(shown, n=100, method="inclusive") if len(shown) > 1 else shown * 99
    return {
        "benchmark": "pop",
        "calls": len(taken),
        "missed": len(taken) - len(shown),
        "other_calls": others,
        "ms": {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "max": shown[-1], "min": shown[0]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--others", type=int, default=20)
    asked = parser.parse_args()
    print(json.dumps(asyncio.run(measure(asked.calls, asked.others))))


if __name__ == "__main__":
    main()
