"""Who hears whom, by the tone each phone hums."""

from __future__ import annotations

import asyncio

from cxcall.demo.phone import Call, strength

TONES = {"1001": 400, "1002": 500, "1003": 600, "1004": 700, "1005": 800, "outside": 900, "told": 1000}
"""In hertz: whole periods in every tenth of a second. `told` is the tone of the demo's beep."""

LOUD, SILENT, WINDOW_S = 2_500.0, 400.0, 0.3


async def hear_exactly(**heard: tuple[Call, tuple[str, ...]]) -> None:
    """Wait until every call hears these phones and no other, twice one after the other."""
    right = 0
    async with asyncio.timeout(40):
        while right < 2:
            await asyncio.sleep(WINDOW_S)
            wrong = [name for name, (call, who) in heard.items() if not _hears(call, who)]
            right = 0 if wrong else right + 1


def _hears(call: Call, who: tuple[str, ...]) -> bool:
    sound = call.heard.last(WINDOW_S)
    loud = {name: strength(sound, hertz) for name, hertz in TONES.items()}
    return all(loud[name] > LOUD if name in who else loud[name] < SILENT for name in loud)
