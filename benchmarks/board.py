"""The wallboard in 300 browsers, served by one core: `python -m benchmarks.board [--sockets 300] [--seconds 20]`.

A whole web application with the keeper of the board, pinned to one core, and in another process the sockets of people
who follow the board, each with compression on as browsers have it. Agents change their state and calls come and go all
the time, so that every patch is due. JSON on stdout: milliseconds from the moment something happened, and from
the moment a patch was made, until a socket has it; patches a second of the busiest socket; share of the core used.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from cxcall.asterisk.floor.keeper import FloorKeeper
from cxcall.bus.board import BOARD
from cxcall.calls.record import CallId, CallRecord, QueueVisit
from cxcall.settings import Settings, Site
from cxcall.store import sessions, users
from cxcall.web.session import SESSION_COOKIE
from tests.support.webapp import HASH, Clock, empty_database, start_world

QUEUES, AGENTS, A_USER = 12, 60, 50
CHANGES_S = 20
"""Changes of agents, and of calls, a second."""
DEADLINE = 90.0


async def floor(sockets: int, seconds: float) -> None:
    """Serve the board; tells its address, and at the end how much of the core it took."""
    with tempfile.TemporaryDirectory(prefix="cxcall-board-") as folder:
        template = Path(folder) / "empty.sqlite"
        await empty_database(template)
        clock = Clock()
        clock.real()
        settings = Settings(site=Site(timezone="Asia/Tehran"))
        world = await start_world(Path(folder), template, settings=settings, clock=clock)
        secrets = []
        async with world.engine.begin() as conn:
            for number in range(-(-sockets // A_USER)):
                user = await users.create(
                    conn, name=f"boss{number}", role="supervisor", password_hash=HASH, display_name=f"Boss {number}",
                    extensions=(),
                )  # fmt: skip
                secrets.append(
                    await sessions.start(
                        conn, user.id, now=clock(), lifetime=timedelta(hours=1), address="127.0.0.1", browser="Bench/1"
                    )
                )
        keeper = FloorKeeper(settings=settings, engine=world.engine, bus=world.bus, commands=world.commands)
        running = asyncio.create_task(keeper.run())
        print(json.dumps({"address": str(world.server.make_url("/ws")), "secrets": secrets}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)  # all sockets are there
        began, cpu = time.perf_counter(), time.process_time()
        await _bustle(keeper, world.bus, seconds)
        wall, used = time.perf_counter() - began, time.process_time() - cpu
        print(json.dumps({"core": round(used / wall, 3)}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await world.close()


async def _bustle(keeper: FloorKeeper, bus: Any, seconds: float) -> None:
    """Agents who change their state and callers who come, are answered or give up."""
    chance, ends = random.Random(3), time.monotonic() + seconds
    waiting: list[CallRecord] = []
    number = 0
    while time.monotonic() < ends:
        key = chance.randrange(AGENTS)
        agent = {
            "key": f"lab:{key}", "server": "lab", "name": f"Agent {key}", "device": f"PJSIP/{1000 + key}",
            "state": chance.choice(("ready", "ringing", "on_call", "wrap_up")), "since": time.time(),
            "queues": [f"queue{key % QUEUES}", f"queue{(key + 1) % QUEUES}"], "interfaces": [f"PJSIP/{1000 + key}"],
        }  # fmt: skip
        bus.publish("agents", {"agents": [agent], "gone": []})
        number += 1
        call = _joins(number, chance)
        keeper.board.call(call)
        waiting.append(call)
        if len(waiting) > 30:
            keeper.board.call(_ends(waiting.pop(0)))
        await asyncio.sleep(1 / CHANGES_S)


def _joins(number: int, chance: random.Random) -> CallRecord:
    now = datetime.now(UTC)
    visit = QueueVisit(queue=f"queue{chance.randrange(QUEUES)}", joined_at=now)
    return CallRecord(id=CallId(f"lab-{number}"), server="lab", started_at=now, queue_visits=(visit,))


def _ends(call: CallRecord) -> CallRecord:
    now, (visit,) = datetime.now(UTC), call.queue_visits
    assert visit.joined_at is not None
    over = QueueVisit(
        queue=visit.queue, joined_at=visit.joined_at, left_at=now, result="answered",
        wait=(now - visit.joined_at).total_seconds(),
    )  # fmt: skip
    return CallRecord(id=call.id, server="lab", started_at=call.started_at, ended_at=now, queue_visits=(over,))


@dataclass(slots=True)
class Heard:
    """What all sockets heard: seconds since the event and since the patch, and when each socket's patches were made."""

    since_event: list[float] = field(default_factory=list)
    since_patch: list[float] = field(default_factory=list)
    times: list[list[float]] = field(default_factory=list)
    bytes: int = 0
    again: int = 0
    _read: dict[str, Any] = field(default_factory=dict)

    def read(self, text: str) -> Any:
        """A frame; all sockets get the same ones, and this process stands for three hundred machines."""
        if text not in self._read:
            self._read = {text: json.loads(text)}
        return self._read[text]


async def listen(session: aiohttp.ClientSession, address: str, secret: str, heard: Heard, ready: asyncio.Event) -> None:
    """One browser: follows the board until cancelled."""
    mine: list[float] = []
    heard.times.append(mine)
    origin = address.removesuffix("/ws")
    cookie = {"Cookie": f"{SESSION_COOKIE}={secret}"}
    async with session.ws_connect(address, headers=cookie, origin=origin, compress=15) as socket:
        await socket.send_json({"sub": [BOARD], "seq": {}, "rate": "normal"})
        async for message in socket:
            now = time.time()
            told = heard.read(message.data)
            if told["t"] == "snap":
                heard.again += ready.is_set()
                ready.set()
                continue
            mine.append(told["d"]["at"])
            heard.bytes += len(message.data)
            heard.since_patch.append(now - told["d"]["at"])
            agents = told["d"].get("agents", {}).values()
            heard.since_event += [now - agent["since"] for agent in agents if agent and agent["state"] != "offline"]


async def browsers(floor_: subprocess.Popen[str], sockets: int) -> dict[str, Any]:
    """All sockets against the floor of another process."""
    assert floor_.stdout is not None
    assert floor_.stdin is not None
    found = json.loads(await asyncio.to_thread(floor_.stdout.readline))
    heard = Heard()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session, asyncio.timeout(DEADLINE):
        tasks, ready = [], [asyncio.Event() for _ in range(sockets)]
        for number in range(sockets):
            secret = found["secrets"][number // A_USER]
            tasks.append(asyncio.create_task(listen(session, found["address"], secret, heard, ready[number])))
            if number % 20 == 19:
                await asyncio.sleep(0.05)
        for event in ready:
            await event.wait()
        floor_.stdin.write("go\n")
        floor_.stdin.flush()
        used = json.loads(await asyncio.to_thread(floor_.stdout.readline))
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        floor_.stdin.write("bye\n")
        floor_.stdin.flush()
    return {
        "sockets": sockets,
        "patches": sum(len(times) for times in heard.times),
        "bytes_a_patch": heard.bytes // max(1, sum(len(times) for times in heard.times)),
        "fetched_anew": heard.again,
        "patches_a_second": round(max(_rate(times) for times in heard.times), 2),
        "ms_since_event": _quantiles(heard.since_event),
        "ms_since_patch": _quantiles(heard.since_patch),
        **used,
    }


def _rate(times: list[float]) -> float:
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def _quantiles(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        name: round(1000 * value, 1)
        for name, value in {"p50": cuts[49], "p95": cuts[94], "max": max(seconds)}.items()
    }  # fmt: skip


@contextlib.contextmanager
def apart(sockets: int, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """The floor in a process of its own, on a core of its own where there are two."""
    command = [sys.executable, "-m", "benchmarks.board", "--side", "floor"]
    command += ["--sockets", str(sockets), "--seconds", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _pin(core: int) -> None:
    """To one core, on systems that can."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > core:
        os.sched_setaffinity(0, {cores[core]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--side", choices=("floor",), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    if asked.side:
        _pin(0)
        asyncio.run(floor(asked.sockets, asked.seconds))
        return
    with apart(asked.sockets, asked.seconds) as process:
        _pin(1)
        print(json.dumps({"benchmark": "board", **asyncio.run(browsers(process, asked.sockets))}))


if __name__ == "__main__":
    main()
