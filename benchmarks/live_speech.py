"""Live text on a real Asterisk: recorded English said by phones, through SIP, ChanSpy, AudioSocket and Whisper.

    python -m benchmarks.live_speech [--calls 1] [--prompts 30]

So many calls at once, so many prompts in each. Prints JSON: words wrong, turns with the wrong speaker, seconds from
the end of what was said to its text at a WebSocket, and the processors that cxcall and Asterisk took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from cxcall.demo.switch import unpack
from tests.asterisk.speaking import one_call, speaking, transcript
from tests.support.spoken import prompts
from tests.support.talking import delays, errors, strays

MOST = 3
"""Calls at once: the agents of the queue."""


async def measure(folder: Path, calls: int, said: int) -> dict[str, Any]:
    every = prompts(60)
    chosen = [[every[(n + step * calls) % len(every)] for step in range(said)] for n in range(calls)]
    async with speaking(folder, unpack(Path("var/asterisk"))) as at:
        assert at.switch.pid is not None
        processes = [psutil.Process(at.cxcall.pid), psutil.Process(at.switch.pid)]
        before, began = [_cpu(each) for each in processes], time.monotonic()
        talks = await asyncio.gather(*(one_call(at, f"0912333000{n}", each) for n, each in enumerate(chosen)))
        lasted = time.monotonic() - began
        used = [(_cpu(each) - first) / lasted for each, first in zip(processes, before, strict=True)]
        wrong, late, stray, per_speaker = 0, list[float](), 0, list[float]()
        words = 0
        for scripted, heard, first, call_id in talks:
            found = await transcript(at, call_id)
            for side in ("customer", "agent"):
                bad, many = errors(scripted, found["turns"], side)
                wrong, words = wrong + bad, words + many
                per_speaker.append(round(bad / max(1, many), 3))
            stray += len(strays(scripted, found["turns"]))
            late += delays(scripted, heard, first, datetime.fromisoformat(found["began_at"]).timestamp())
    late.sort()
    return {
        "calls": calls, "prompts": calls * said, "words": words, "seconds": round(lasted, 1),
        "wer": round(wrong / words, 4), "wer_by_speaker": per_speaker, "turns_of_wrong_speaker": stray,
        "text_after_p50_s": round(late[len(late) // 2], 2), "text_after_p95_s": round(late[int(len(late) * 0.95)], 2),
        "text_after_max_s": round(late[-1], 2), "timed": len(late),
        "cores_cxcall": round(used[0], 3), "cores_asterisk": round(used[1], 3),
    }  # fmt: skip


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1, choices=range(1, MOST + 1))
    parser.add_argument("--prompts", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(measure(Path(folder), options.calls, options.prompts)), indent=1))


if __name__ == "__main__":
    main()
