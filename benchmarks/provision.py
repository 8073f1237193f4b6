"""Queues written into an Asterisk and read back: `python -m benchmarks.provision [--queues 200] [--members 50]`, JSON.

A private Asterisk, its manager interface on the loopback, and the edge of the service with its database. Measured are
all queues written at once (as after an import), one changed among all of them, a plan, reading everything back, and a
rollback; and how long a ping on another session waited at most meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from cxcall.asterisk.provision.session import session
from cxcall.bus.queues import QueuePlan, RollBackQueues
from cxcall.demo.switch import unpack
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.settings import Ami
from tests.asterisk.queue_stage import SERVER, Stage, stage

TREES = Path(__file__).parent.parent / "var" / "asterisk"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queues", type=int, default=200)
    parser.add_argument("--members", type=int, default=50)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(json.dumps(asyncio.run(measure(asked.queues, asked.members)), indent=2))


async def measure(queues: int, members: int) -> dict[str, Any]:
    """All the figures."""
    wanted = [definition(n, members) for n in range(queues)]
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder), unpack(TREES), {}) as site:
            figures: dict[str, Any] = {"python": platform.python_version(), "queues": queues, "members": members}
            stalls = asyncio.create_task(longest_ping(site))
            figures["apply_all_s"], applied = await timed(lambda: site.apply(*wanted))
            assert applied.outcome == "applied", applied
            stalls.cancel()
            figures["actions"] = site.wire.updates
            figures["longest_ping_ms"] = round(max(await stalls, default=0.0), 1)
            figures["file_bytes"] = len(site.files()["queues_cxcall.conf"])
            figures["read_s"], found = await timed(site.read)
            there = [one for one in found.queues if one.managed]
            assert (len(there), sum(len(one.members) for one in there)) == (queues, queues * members)
            changed = msgspec.structs.replace(wanted[queues // 2], ring=33)
            plan = QueuePlan(server=SERVER, definitions=(changed,))
            figures["plan_s"], _ = await timed(lambda: site.ask("queues:plan", plan))
            figures["apply_one_s"], one = await timed(lambda: site.apply(changed))
            assert one.outcome == "applied", one
            back = RollBackQueues(server=SERVER, by="bench", version=applied.version)
            figures["rollback_s"], undone = await timed(lambda: site.ask("queues:rollback", back))
            assert undone.outcome == "applied", undone
            return figures


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    began = time.monotonic()
    result = await work()
    return round(time.monotonic() - began, 3), result


async def longest_ping(site: Stage) -> list[float]:
    """Milliseconds of pings on another session until cancelled: what the listener's session would feel."""
    took: list[float] = []
    ami = Ami(name=SERVER, port=site.switch.ami_port, username=site.switch.username, secret=site.switch.secret)
    try:
        async with session(ami) as probe:
            while True:
                began = time.monotonic()
                await probe.ask("Ping")
                took.append((time.monotonic() - began) * 1000)
                await asyncio.sleep(0.02)
    except asyncio.CancelledError:
        return took


def definition(n: int, members: int) -> QueueDefinition:
    """A queue of so many phones, of which Asterisk need not know any."""
    phones = [f"PJSIP/{3000 + (n * 7 + m) % 900}" for m in range(members)]
    who = tuple(MemberChoice(kind="interface", value=phone, penalty=m % 3) for m, phone in enumerate(phones))
    return QueueDefinition(name=f"bench-{n:03}", numbers=(f"8{n:04}",), members=who, longest_wait=300)


if __name__ == "__main__":
    main()
