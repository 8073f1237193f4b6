"""What a jitter buffer on the caller's channel costs the talk: milliseconds from the caller's mouth to the agent's ear.

    python -m benchmarks.jitter [--rounds 20]

One queue call through a real Asterisk for each value of CXCALL_JITTER; the caller's phone goes from silence to a tone,
and the agent's phone says when the tone came. JSON on stdout. Both phones are on this machine and in this process, so
that the difference between the ways is what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from cxcall.demo.phone import Call, Phone, strength, tone
from cxcall.demo.phone.sound import SILENCE
from cxcall.demo.switch import PHONES, Site, Switch, unpack

WAYS = ("", "adaptive", "fixed")
HERTZ = 1000
QUIET = SILENCE * 160
SETTLE_S = 3.0
"""For a buffer to have learnt the line."""


async def heard(agent: Call, loud: bool) -> float:
    """When the tone is there, or is gone."""
    async with asyncio.timeout(10):
        while (strength(agent.heard.last(0.02), HERTZ) > 2_000) is not loud:
            await asyncio.sleep(0.001)
    return time.perf_counter()


async def delays(switch: Switch, rounds: int) -> list[float]:
    """Milliseconds of so many tones in one call."""
    async with AsyncExitStack() as running:
        phones = [
            await running.enter_async_context(
                Phone.start(number, switch.sip_address, port=switch.phone_port(number), sound=QUIET, listen=True)
            )
            for number in PHONES
        ]
        outside = await running.enter_async_context(
            Phone.start("outside", switch.sip_address, port=switch.trunk_port, sound=QUIET, listen=True)
        )
        caller = outside.call("02191000500", from_number="09121234567")
        await caller.answered()
        async with asyncio.timeout(30):
            while not (talking := [call for phone in phones for call in phone.calls if call.answered_at]):
                await asyncio.sleep(0.05)
        await asyncio.sleep(SETTLE_S)
        found = []
        for _ in range(rounds):
            began = time.perf_counter()
            caller.say(tone(HERTZ, 0.1))
            found.append((await heard(talking[0], loud=True) - began) * 1000)
            caller.say(QUIET)
            await heard(talking[0], loud=False)
            await asyncio.sleep(0.25)
        return found


async def measure(rounds: int) -> dict[str, Any]:
    tree = await asyncio.to_thread(unpack, Path(__file__).parent.parent / "var" / "asterisk")
    told: dict[str, Any] = {"benchmark": "jitter", "rounds": rounds}
    for way in WAYS:
        site = Site(name="lab", additions={"extensions.conf": f"[globals](+)\nCXCALL_JITTER = {way}\n"})
        with tempfile.TemporaryDirectory(prefix="cxcall-jitter-") as folder:
            async with Switch.start(Path(folder), tree, site) as switch:
                found = await delays(switch, rounds)
        told[way or "none"] = {
            "p50_ms": round(statistics.median(found), 1),
            "min_ms": round(min(found), 1),
            "max_ms": round(max(found), 1),
        }
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    print(json.dumps(asyncio.run(measure(parser.parse_args().rounds)), indent=2))


if __name__ == "__main__":
    main()
