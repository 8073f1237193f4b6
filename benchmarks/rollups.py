"""What rollups cost the transactions that end calls: `python -m benchmarks.rollups [--calls 6000] [--rounds 10]`.

Calls in the shape of real ones (`_reports_data`), 10 million a year, in the order in which they end, are written first
while they ring and then as they ended, so many a transaction (1, 20 and 200), by turns with rollups and with nothing
counted. Told is the processor time of the ending transactions alone, the database's included, and how much more it is
with rollups: the median of the pairs, and the quarter of them below and above it, for a machine is seldom idle.
SQLite in a file, `--database postgresql` for a server of its own, or `--database postgresql://…`, an empty one; the
processor time of a server elsewhere is not seen.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks._reports_data import Shape, made
from cxcall.calls.record import CallRecord
from cxcall.reports.facts import Counting
from cxcall.store import calls
from cxcall.store.engine import open_engine, upgrade
from cxcall.store.reporting import ended
from cxcall.store.reporting.tables import ROLLUPS
from cxcall.store.tables import calls as calls_table
from tests.store.make import REGION, ringing, write
from tests.support.postgres import own_postgres

SIZES = (1, 20, 200)
COUNTING = Counting(zone=ZoneInfo("Asia/Tehran"))
A_DAY = 27_400
"""Calls, where a year has 10 million."""


async def _nothing(*_: object, **__: object) -> None:
    """In the place of `ended.count`."""


@contextmanager
def counting(with_rollups: bool) -> Iterator[None]:
    if with_rollups:
        yield
    else:
        with mock.patch.object(ended, "count", _nothing):
            yield


def in_order(number: int) -> list[CallRecord]:
    """So many calls as they end, from the first morning on."""
    days = math.ceil(number / A_DAY) + 1
    every = sorted(made(A_DAY * days, Shape(days=days)), key=lambda record: (record.ended_at, record.id))
    return every[A_DAY // 10 :][:number]


class Clock:
    """Processor time of this process and of what a PostgreSQL on this machine does for it, in seconds."""

    def __init__(self) -> None:
        self._files: list[Path] = []

    async def look(self, engine: AsyncEngine) -> bool:
        """Find the server's processes; whether all of the database's work is seen."""
        if engine.dialect.name == "sqlite":
            return True
        async with engine.connect() as conn:
            ask = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid IS NOT NULL")
            self._files = [Path(f"/proc/{pid}/schedstat") for pid in (await conn.scalars(ask)).all()]
        return bool(self._files) and all(file.exists() for file in self._files)

    def now(self) -> float:
        return time.process_time() + sum(int(file.read_text().split()[0]) for file in self._files) / 1e9


async def write_all(engine: AsyncEngine, records: list[CallRecord], size: int, clock: Clock) -> float:
    """Seconds of processor time in transactions that end these calls."""
    took = 0.0
    for begin in range(0, len(records), size):
        some = records[begin : begin + size]
        async with engine.begin() as conn:
            await calls.apply(conn, [write(ringing(one)) for one in some], region=REGION, counting=COUNTING)
        batch = [write(one, 2) for one in some]
        began = clock.now()
        async with engine.begin() as conn:
            await calls.apply(conn, batch, region=REGION, counting=COUNTING)
        took += clock.now() - began
    return took


async def pair(engine: AsyncEngine, records: list[CallRecord], size: int, clock: Clock, turn: int) -> tuple[float, ...]:
    """Milliseconds a call without and with rollups, written one after the other; who is first changes by turns."""
    half = len(records) // 2
    took = {}
    for with_rollups, some in zip((turn % 2 == 0, turn % 2 == 1), (records[:half], records[half:]), strict=True):
        gc.collect()
        with counting(with_rollups):
            took[with_rollups] = await write_all(engine, some, size, clock) / len(some) * 1e3
    return took[False], took[True]


async def measure(address: str, number: int, rounds: int) -> dict[str, Any]:
    engine = open_engine(address)
    await upgrade(engine)
    clock = Clock()
    seen = await clock.look(engine)
    result: dict[str, Any] = {"database": engine.dialect.name, "database_time_seen": seen}
    halves = {size: max(1, round(number / len(SIZES) / rounds / 2 / size)) * size for size in SIZES}
    records = iter(in_order(sum(halves.values()) * 2 * rounds + 2 * SIZES[-1]))
    await write_all(engine, [next(records) for _ in range(2 * SIZES[-1])], SIZES[-1], clock)
    for size, half in halves.items():
        pairs = [
            await pair(engine, [next(records) for _ in range(half * 2)], size, clock, turn) for turn in range(rounds)
        ]
        more = [with_ / without - 1 for without, with_ in pairs]
        low, _, high = statistics.quantiles(more, n=4) if rounds > 1 else (more[0],) * 3
        result[f"calls_a_transaction_{size}"] = {
            "ms_a_call_with": round(statistics.median(with_ for _, with_ in pairs), 4),
            "ms_a_call_without": round(statistics.median(without for without, _ in pairs), 4),
            "more": round(statistics.median(more), 3),
            "more_quartiles": [round(low, 3), round(high, 3)],
        }
    async with engine.connect() as conn:
        rows = {table.name: await conn.scalar(select(func.count()).select_from(table)) for table in ROLLUPS}
        result |= {"rows": rows, "calls": await conn.scalar(select(func.count()).select_from(calls_table))}
    await engine.dispose()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--database", default="sqlite")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cxcall-rollups-"))
        address = arguments.database
        if address == "sqlite":
            address = f"sqlite:///{folder}/cxcall.sqlite"
        elif address == "postgresql":
            address = stack.enter_context(own_postgres()).create("rollups")
        found = asyncio.run(measure(address, arguments.calls, arguments.rounds))
    print(json.dumps({"python": platform.python_version(), **found}, indent=2))


if __name__ == "__main__":
    main()
