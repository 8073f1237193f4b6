"""Broken FastAGI sessions by the hundred thousand, and what a good caller notices of it: JSON on stdout.

    python -m benchmarks.agi_fuzz [--sessions 100000]

The server runs in this process with the limits of production (only its script gives a command 0.5 s instead of 5, so
that those who never answer do not take all day); strangers and the good caller are processes of their own, on the same
machine. `good.ms` is a whole conversation of three commands, from connecting to being closed; `lag_ms` how late the
event loop ran; both are worth as much as the machine was idle before (`load_before`). Memory is this process's, after a
warm-up, half-way and at the end.
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

import psutil
import structlog

from cxcall.asterisk.agi.commands import line
from cxcall.asterisk.agi.counters import AgiStatus
from cxcall.asterisk.agi.results import ALL_KEYS
from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.agi.session import Session
from tests.support.agi_strangers import COMMANDS

DEADLINE = 900.0
ROUNDS = (0.1, 0.4, 0.5)
"""Shares of the sessions: the warm-up, then two halves to compare."""


async def good(session: Session) -> None:
    """What the good caller is asked."""
    for number in range(COMMANDS):
        await session.set_variable("CX", str(number))


async def bad(session: Session) -> None:
    """A script that believes its callers are callers."""
    await session.command(line("ANSWER"), limit=0.5)
    await session.command(line("STREAM FILE", "hello", ALL_KEYS, 0), limit=0.5)
    await session.get_variable("CX")
    await session.wait_for_digit(1)


async def measure(sessions: int) -> dict[str, Any]:
    server = Server({"/good": good, "/bad": bad})
    process, tasks, load = psutil.Process(), len(asyncio.all_tasks()), psutil.getloadavg()[0]
    async with server.listening("127.0.0.1", 0) as address:
        sockets, port = process.num_fds(), address.rpartition(":")[2]
        caller = await _start("caller", port)
        lags = list[float]()
        watching = asyncio.create_task(_watch(lags))
        rounds, memory, began, cpu = list[dict[str, Any]](), list[float](), 0.0, 0.0
        for number, share in enumerate(ROUNDS):
            if number == 1:
                began, cpu = time.perf_counter(), time.process_time()
            crowd = await _start("strangers", port, str(round(sessions * share)), f"--seed={number}")
            rounds.append(await _said(crowd))
            memory.append(round(process.memory_info().rss / 1e6, 1))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        heard = await _said(caller)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        status = await _quiet(server)
        left = {"tasks": len(asyncio.all_tasks()) - tasks, "conversations": status.open, "waiting": status.waiting,
                "files": process.num_fds() - sockets}  # fmt: skip
    broken = sum(one["sessions"] for one in rounds)
    counted = sum(one["sessions"] for one in rounds[1:])
    return {
        "benchmark": "agi_fuzz",
        "python": platform.python_version(),
        "load_before": round(load, 1),
        "sessions": broken,
        "stuck": sum(sum(one["stuck"].values()) for one in rounds),
        "seconds": round(seconds, 1),
        "sessions_per_second": round(counted / seconds),
        "cpu_seconds": round(used, 1),
        "cpu_us_per_session": round(used / counted * 1e6),
        "memory_mb": dict(zip(("before", "half", "after"), memory, strict=True)),
        "left": left,
        "uncounted": status.connections - sum(status.ends.values()),
        "ends": {name: count for name, count in status.ends.items() if count},
        "lag_ms": {"p95": _cut(lags, 95), "max": round(max(lags), 1)},
        "good": {
            "sessions": len(heard["seconds"]),
            "failed": heard["failed"],
            "ms": {"p50": _cut(_ms(heard), 50), "p95": _cut(_ms(heard), 95), "max": round(max(_ms(heard)), 1)},
        },
    }


async def _start(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.agi_strangers", *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def _said(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """What it printed, once it has ended; its input is closed."""
    try:
        async with asyncio.timeout(DEADLINE):
            said, _ = await process.communicate(b"")
    except BaseException:
        process.kill()
        await process.wait()
        raise
    told: dict[str, Any] = json.loads(said)
    return told


async def _watch(lags: list[float]) -> None:
    """Note every 10 ms how many ms late the event loop is."""
    while True:
        due = time.perf_counter() + 0.01
        await asyncio.sleep(0.01)
        lags.append((time.perf_counter() - due) * 1000)


async def _quiet(server: Server) -> AgiStatus:
    """The server's state when the last have gone, or after a while."""
    for _ in range(500):
        status = server.status()
        if not status.open and not status.waiting and status.connections == sum(status.ends.values()):
            break
        await asyncio.sleep(0.02)
    return status


def _ms(heard: dict[str, Any]) -> list[float]:
    return [seconds * 1000 for seconds in heard["seconds"]]


def _cut(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=100_000)
    wanted = parser.parse_args().sessions
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(json.dumps(asyncio.run(measure(wanted)), indent=2))


if __name__ == "__main__":
    main()
