"""What a survey costs over FastAGI: `python -m benchmarks.agi [--sessions 3000] [--at-once 100]`, JSON on stdout.

Each conversation is that of a survey of three questions: pick up, three prompts, three keys, two variables. The callers
are a process of their own that answers every command at once, so what is measured is the server: its processor time for
a conversation, and how long one takes while `at_once` others go on. No Asterisk, no audio, no database.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import sys
import time
from typing import Any

from cxcall.asterisk.agi.results import ALL_KEYS
from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.agi.session import Session
from tests.support.agi_peer import header

QUESTIONS = 3
COMMANDS = 1 + 2 * QUESTIONS + 2
DEADLINE = 300.0


async def survey(session: Session) -> None:
    await session.answer()
    keys = ""
    for number in range(QUESTIONS):
        await session.stream_file(f"/var/lib/cxcall/prompts/{number}", ALL_KEYS)
        pressed = await session.wait_for_digit(6)
        keys += getattr(pressed, "key", "")
    await session.set_variable("CX_SURVEY", "finished")
    await session.set_variable("CX_KEYS", keys)


class Caller(asyncio.Protocol):
    """Asterisk's side of one conversation; `done` gives how many commands it answered."""

    def __init__(self) -> None:
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._answered = 0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.write(header("survey", "lab-1795314584.0", "support", "PJSIP/1001"))

    def data_received(self, data: bytes) -> None:
        self._answered += 1
        result = b"53" if data.startswith(b"WAIT") else b"0 endpos=16000" if data.startswith(b"STREAM") else b"1"
        self._transport.write(b"200 result=%s\n" % (b"0" if data == b"ANSWER\n" else result))

    def connection_lost(self, exc: Exception | None) -> None:
        self.done.set_result(self._answered)


async def call(port: int, sessions: int, at_once: int) -> dict[str, Any]:
    """Have so many conversations; the seconds each took."""
    taken, left, loop = list[float](), sessions, asyncio.get_running_loop()

    async def one_after_the_other() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            began = time.perf_counter()
            _, caller = await loop.create_connection(Caller, "127.0.0.1", port)
            async with asyncio.timeout(DEADLINE):
                assert await caller.done == COMMANDS
            taken.append(time.perf_counter() - began)

    await asyncio.gather(*[one_after_the_other() for _ in range(at_once)])
    return {"seconds": taken}


async def measure(sessions: int, at_once: int) -> dict[str, Any]:
    server = Server({"/survey": survey})
    async with server.listening("127.0.0.1", 0) as address:
        port = address.rpartition(":")[2]
        await _call(port, 200, at_once)
        began, cpu = time.perf_counter(), time.process_time()
        heard = await _call(port, sessions, at_once)
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
    taken = [one * 1000 for one in heard["seconds"]]
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {
        "at_once": at_once,
        "sessions": len(taken),
        "sessions_per_second": round(sessions / seconds),
        "cpu_us_per_session": round(used / sessions * 1e6),
        "cpu_us_per_command": round(used / sessions / COMMANDS * 1e6, 1),
        "ms": {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "max": round(max(taken), 2)},
    }


async def _call(port: str, sessions: int, at_once: int) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.agi", f"--calls={port}", f"--sessions={sessions}", f"--at-once={at_once}",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(DEADLINE):
            said, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    told: dict[str, Any] = json.loads(said)
    return told


async def both(sessions: int, at_once: int) -> dict[str, Any]:
    """One at a time, then many."""
    return {
        "benchmark": "agi",
        "python": platform.python_version(),
        "commands": COMMANDS,
        "runs": [await measure(sessions, 1), await measure(sessions, at_once)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=3_000)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--calls", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.calls:
        print(json.dumps(asyncio.run(call(given.calls, given.sessions, given.at_once))))
    else:
        print(json.dumps(asyncio.run(both(given.sessions, given.at_once)), indent=2))


if __name__ == "__main__":
    main()
