"""Decisions about calls, asked for at a steady rate: `python -m benchmarks.route [--customers 1000000] [--rate 200]`.

For SQLite and for PostgreSQL (Debian's own, started here) a database is made with so many customers, as many calls, and
a tenth of that of surveys and talks heard; half of the calls are of one customer in fifty. Then the service's own edge
runs, with the rules published and a wallboard of twelve queues and sixty agents that changes twice a second, and random
calls ask it where to go (`route:decide`, what HTTP and FastAGI both ask), `--rate` a second for `--seconds`: the caller
is read, thirty rules decide, the answer is made, and what was decided is written. A question counts from the moment it
was due, also when this process was late with asking. Nothing else runs in it; asking is part of its processor time.
JSON on stdout, with what its names mean; four minutes and 1.5 GB in the temporary folder with a million customers.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import psutil
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks._route_data import fill, number_of
from cxcall.asterisk.routing.edge import RoutingEdge
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.routing import DECIDE
from cxcall.calls.board import Board
from cxcall.calls.board_shapes import BoardSnapshot, QueueTile, Seat
from cxcall.calls.record import CallId, CallRecord
from cxcall.routing.rule import Condition, Overflow, Preferred, Rule, RuleSet, SkillStep, Then, Trial
from cxcall.settings import Ami, Data, Settings, Site
from cxcall.store import rule_sets
from cxcall.store.engine import open_engine, upgrade
from cxcall.store.facts_cache import FactsCache
from tests.support.postgres import own_postgres

ZONE = "Asia/Tehran"
QUEUES, AGENTS = 12, 60
PICTURE_S = 0.5
"""How often the wallboard is another."""
ALONE = 500
TIERS = ("bronze", "silver", "gold")

MEANS = {
    "ms": "from the moment a question was due to its answer: half of them, 99 of 100, all were answered within this",
    "cpu": "share of one core: `cxcall` this process with asking, `server` PostgreSQL with all its sessions",
    "cpu_ms_a_decision": "both together, writing included; at 200 a second a core is full at 5",
    "facts_alone_ms": "only reading what is known of a caller, one after the other without any load",
    "burst_ms": "as many questions as `rate` at the same moment: until half of them, 99 of 100, and all were answered",
    "failed": "not decided in time (1.2 s); such a call goes its default way",
    "known": "share of callers who are a customer",
    "load": "of the machine at the start and the end, over a minute, and how many cores it has: above that, times say "
    "how long others kept the processor, and only the processor times are ours",
    "aim": "p99 of `ms` at most 20, facts at most 5 ms",
}


def rules() -> RuleSet:
    """Thirty rules as a site may have them: by tier, segment, past, queue, hour; two of them tried out."""
    made = [
        Rule(
            id=f"tier {n}", name=f"tier {n}", then=Then(priority=5 + n % 5),
            when=(_is("customer.tier", TIERS[n % 3]), Condition(fact="queue.waiting", op="over", value=(float(n),))),
        )
        for n in range(10)
    ]  # fmt: skip
    made += [
        Rule(
            id=f"queue-{n}", name=f"queue-{n}",
            when=(_is("customer.segment", ("loyal", "at_risk")[n % 2]), _is("call.called", f"0218834{1000 + n}")),
            then=Then(queue=f"queue-{n}", overflow=(Overflow(figure="waiting", limit=20, to=f"queue-{n + 1}"),)),
        )
        for n in range(10)
    ]  # fmt: skip
    made += [
        Rule(
            id=f"past {n}", name=f"past {n}",
            when=(Condition(fact="past.abandoned_today", op="at_least", value=(float(1 + n % 3),)),),
            then=Then(agent=Preferred(who="last"), skills=(SkillStep(skill="english", level=3),), call_back=True),
            trial=Trial(name=f"trial {n}", share=50) if n < 2 else None,
        )
        for n in range(9)
    ]  # fmt: skip
    return RuleSet(rules=(*made, Rule(id="all", name="all", then=Then(priority=1, agent=Preferred(who="last")))))


def _is(fact: str, value: str) -> Condition:
    return Condition(fact=fact, op="is", value=(value,))


@dataclass(slots=True)
class Run:
    """The questions of one database, and what each took."""

    commands: Commands
    customers: int
    chance: random.Random = field(default_factory=lambda: random.Random(6))
    asked: int = 0
    failed: int = 0
    answered: int = 0
    took: list[float] = field(default_factory=list)

    async def ask(self, due: float) -> None:
        """One question, measured from when it was due."""
        self.asked += 1
        question = {
            "call": f"{self.asked}.1", "number": number_of(self.chance, self.customers), "called": "02188341001",
            "queue": "queue-1", "server": "lab",
        }  # fmt: skip
        try:
            await self.commands.ask(DECIDE, question)
        except CommandRefused:
            self.failed += 1
        else:
            self.answered += 1
        self.took.append((time.perf_counter() - due) * 1000)

    def shown(self) -> dict[str, float]:
        """What the questions since the last time took."""
        took, self.took = self.took, []
        return percentiles(took)


def percentiles(took: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "max": round(max(took), 2)}


def pictures() -> tuple[BoardSnapshot, ...]:
    """The wallboard, and the same once more: another, as it is twice a second."""
    board, now = Board(ZoneInfo(ZONE)), time.time()
    board.seats(
        [
            Seat(
                key=f"lab:user {n}", server="lab", name=f"User {n}", user_id=f"user {n}", device=f"PJSIP/{1001 + n}",
                interfaces=(f"PJSIP/{1001 + n}",), state=("ready", "on_call")[n % 2],
                queues=tuple(f"queue-{q}" for q in range(n % QUEUES, QUEUES, 4)),
            )
            for n in range(AGENTS)
        ]
    )  # fmt: skip
    tiles = {
        f"lab:queue-{n}": QueueTile(server="lab", name=f"queue-{n}", waiting=n, longest=now - n * 7)
        for n in range(QUEUES)
    }
    first = msgspec.structs.replace(board.at(now), queues=tiles)
    return first, msgspec.structs.replace(first, at=now + PICTURE_S)


@asynccontextmanager
async def deciding(engine: AsyncEngine, folder: str) -> AsyncIterator[Commands]:
    """The edge of the service that decides, with every call on the line."""
    settings = Settings(data=Data(dir=folder), site=Site(country="IR", timezone=ZONE), ami=(Ami(name="lab"),))
    bus, commands, shown = Bus(epoch=1), Commands(), pictures()

    async def live(unique_id: str) -> CallRecord:
        return CallRecord(id=CallId(f"lab-{unique_id}"), server="lab")

    commands.serve("live:lab", live)
    async with engine.begin() as conn:
        await rule_sets.publish(conn, rules(), base=0, by="", now=datetime.now(UTC))
    edge = RoutingEdge(
        settings=settings, engine=engine, bus=bus, commands=commands,
        picture=lambda: shown[int(time.monotonic() / PICTURE_S) % len(shown)],
    )  # fmt: skip
    running = asyncio.create_task(edge.run())
    try:
        async with asyncio.timeout(60):
            while not edge.status().version:
                await asyncio.sleep(0.02)
        gc.freeze()  # as `cxcall serve` does
        yield commands
        async with asyncio.timeout(60):
            while edge.status().waiting:
                await asyncio.sleep(0.1)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def measure(address: str, asked: argparse.Namespace, server: psutil.Process | None) -> dict[str, Any]:
    """All the figures of one database."""
    engine = open_engine(address)
    await upgrade(engine)
    began = time.perf_counter()
    await fill(engine, asked.customers)
    filled = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        async with deciding(engine, folder) as commands:
            run = Run(commands, asked.customers)
            await steady(run, asked.rate, 2.0)  # statement written, first pages read
            run.took.clear()
            run.failed = 0
            before, busy, began = time.process_time(), _busy(server), time.perf_counter()
            await steady(run, asked.rate, asked.seconds)
            seconds, n = time.perf_counter() - began, len(run.took)
            cpu, server_cpu = time.process_time() - before, _busy(server) - busy
            shown = run.shown()
            due = time.perf_counter()
            await asyncio.gather(*(run.ask(due) for _ in range(asked.rate)))
            burst = run.shown()
        alone = await facts_alone(engine, run)
    async with engine.connect() as conn:
        kept = await conn.scalar(text("SELECT count(*) FROM routing_decisions"))
        known = await conn.scalar(text("SELECT count(*) FROM routing_decisions WHERE customer_id IS NOT NULL"))
    await engine.dispose()
    assert kept == run.answered
    return {
        "fill_s": round(filled, 1),
        "decisions": n,
        "rate": round(n / seconds, 1),
        "failed": run.failed,
        "known": round((known or 0) / kept, 2),
        "ms": shown,
        "cpu": {"cxcall": round(cpu / seconds, 3), "server": round(server_cpu / seconds, 3)},
        "cpu_ms_a_decision": round((cpu + server_cpu) / n * 1000, 2),
        "facts_alone_ms": alone,
        "burst_ms": burst,
    }


async def facts_alone(engine: AsyncEngine, run: Run) -> dict[str, float]:
    """How long one read takes where nobody else asks."""
    cache, took, at = FactsCache(engine), [], datetime.now(ZoneInfo(ZONE))
    reading = asyncio.create_task(cache.run())
    for n in range(ALONE):
        number, began = number_of(run.chance, run.customers), time.perf_counter()
        await cache.of_number(number, now=at, call=str(n))
        took.append((time.perf_counter() - began) * 1000)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return percentiles(took)


async def steady(run: Run, rate: int, seconds: float) -> None:
    """Questions at even distances, whether or not the ones before are answered."""
    began = time.perf_counter()
    tasks = []
    for n in range(round(rate * seconds)):
        due = began + n / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(run.ask(due)))
    async with asyncio.timeout(60):
        await asyncio.gather(*tasks)


def _busy(server: psutil.Process | None) -> float:
    """Processor seconds of a database server and its sessions, also of those that ended."""
    if server is None:
        return 0.0
    ended = server.cpu_times()
    total = ended.children_user + ended.children_system
    for process in (server, *server.children()):
        times = process.cpu_times()
        total += times.user + times.system
    return total


async def on_sqlite(asked: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="cxcall-route-") as folder:
        return await measure(f"sqlite:///{Path(folder) / 'cxcall.db'}", asked, None)


async def on_postgresql(asked: argparse.Namespace) -> dict[str, Any]:
    with own_postgres() as server:
        (first,) = [each for each in psutil.process_iter(["ppid", "cmdline"]) if _is_server(each, server.address)]
        return await measure(server.create("route"), asked, first)


def _is_server(process: psutil.Process, address: str) -> bool:
    port = address.rpartition(":")[2]
    words = process.info["cmdline"] or []
    return "-D" in words and port in words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=200, help="Decisions a second.")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--on", choices=("sqlite", "postgresql", "both"), default="both")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    load = {"start": os.getloadavg()[0], "cores": os.cpu_count()}
    figures: dict[str, Any] = {
        "benchmark": "route", "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(), "customers": asked.customers, "rules": len(rules().rules),
        "asked_a_second": asked.rate,
    }  # fmt: skip
    if asked.on != "postgresql":
        figures["sqlite"] = asyncio.run(on_sqlite(asked))
    if asked.on != "sqlite":
        figures["postgresql"] = asyncio.run(on_postgresql(asked))
    print(json.dumps(figures | {"load": load | {"end": os.getloadavg()[0]}, "means": MEANS}, indent=2))


if __name__ == "__main__":
    main()
