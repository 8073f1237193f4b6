"""Surveys on a real Asterisk: many callers at once press keys, and every one of them must be kept as pressed.

    python -m benchmarks.surveys [--surveys 100] [--rate 20]

SIPp calls straight into the survey of a queue, so that it is the survey that is measured; it needs root for its key
presses. Prints JSON: how many answers were right, wrong and missing, and the CPU time, in milliseconds a survey, that
`cxcall serve` and Asterisk took for it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from cxcall import service
from cxcall.demo.switch import Site, Switch, unpack
from cxcall.settings import load
from tests.asterisk.site import ami_of
from tests.asterisk.surveys import DIALPLAN, QUEUES, STRAIGHT, fill, rows_of
from tests.support.serving import Serving
from tests.support.sipp_keys import press

CHOICES = ("1", "2", "3", "4", "5")
NUMBERS = ("0#", "1#", "2", "3", "4", "5#", "6", "7", "8", "9", "10")


async def measure(folder: Path, surveys: int, rate: int) -> dict[str, float | int]:
    cxcall = Serving(folder, {})
    async with AsyncExitStack() as running:
        site = Site(
            name="lab", web=f"127.0.0.1:{cxcall.port}", agi=f"127.0.0.1:{cxcall.agi_port}",
            additions={"queues.conf": QUEUES, "extensions.conf": DIALPLAN},
        )  # fmt: skip
        tree = unpack(Path("var/asterisk"))
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, site))
        cxcall.environ.update(ami_of(switch))
        engine = await running.enter_async_context(service.database(load(None, cxcall.environ)))
        await fill(engine, load(None, cxcall.environ))
        await cxcall.add_user("admin", "admin")
        await cxcall.start()
        running.push_async_callback(cxcall.stop)
        await cxcall.connected()
        chance = random.Random(3)
        callers = {f"0935{n:07d}": (chance.choice(CHOICES), chance.choice(NUMBERS), "#") for n in range(1, surveys + 1)}
        assert switch.pid is not None
        before, began = (_cpu(cxcall.pid), _cpu(switch.pid)), time.monotonic()
        outcome = await press(switch.tree, switch.sip_address, STRAIGHT, callers, per_second=rate, between=2.5)
        lasted = time.monotonic() - began
        after = (_cpu(cxcall.pid), _cpu(switch.pid))
        right = wrong = missing = finished = 0
        for caller, (csat, nps, _) in callers.items():
            rows = await rows_of(engine, f"+98{caller[1:]}")
            given = {answer.part: answer.value for answer in rows[0].answers} if rows else {}
            finished += bool(rows) and rows[0].response.end == "finished"
            for part, keys in (("csat", csat), ("nps", nps)):
                value = given.get(part)
                missing += value is None
                right += value == float(keys.rstrip("#"))
                wrong += value is not None and value != float(keys.rstrip("#"))
    return {
        "surveys": surveys, "per_second": rate, "seconds": round(lasted, 1), "calls_ended_well": outcome.succeeded,
        "finished": finished, "answers_right": right, "answers_wrong": wrong, "answers_missing": missing,
        "cxcall_cpu_ms_per_survey": round(1_000 * (after[0] - before[0]) / surveys, 1),
        "asterisk_cpu_ms_per_survey": round(1_000 * (after[1] - before[1]) / surveys, 1),
    }  # fmt: skip


def _cpu(pid: int) -> float:
    """Seconds of CPU a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--surveys", type=int, default=100)
    parser.add_argument("--rate", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cxcall-surveys-") as folder:
        print(json.dumps(asyncio.run(measure(Path(folder), options.surveys, options.rate)), indent=2))


if __name__ == "__main__":
    main()
