"""What rollups cost when calls end: `python -m benchmarks.rollups [--calls 6000] [--rounds 10]`.

Calls in the shape of real ones (`_reports_data`), 10 million a year, in the order in which they end, are written first
while they ring and then as they ended, so many a transaction (1, 20 and 200): every other transaction with rollups, the
rest with nothing noted. Told is the processor time of the ending transactions alone, the database's included, and how
much more the middle one is with rollups: over all, and the quartiles of the rounds, for a machine is seldom idle. After
each of them what it noted is counted, as readers and the service do: that time is told apart.
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
from cxcall.store.reporting import due
from cxcall.store.reporting.tables import ROLLUPS
from cxcall.store.tables import calls as calls_table
from tests.store.make import REGION, ringing, write
from tests.support.postgres import own_postgres

SIZES = (1, 20, 200)
COUNTING = Counting(zone=ZoneInfo("Asia/Tehran"))
A_DAY = 27_400
"""Calls, where a year has 10 million."""


def _nothing(*_: object, **__: object) -> list[Any]:
    """In the place of `due.noted`."""
    return []


@contextmanager
def counting(with_rollups: bool) -> Iterator[None]:
    if with_rollups:
        yield
    else:
        with mock.patch.object(due, "noted", _nothing):
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


async def end(engine: AsyncEngine, records: list[CallRecord], clock: Clock, *, with_rollups: bool) -> float:
    """Milliseconds a call of processor time in a transaction that ends these calls."""
    async with engine.begin() as conn:
        await calls.apply(conn, [write(ringing(one)) for one in records], region=REGION, counting=COUNTING)
    batch = [write(one, 2) for one in records]
    with counting(with_rollups):
        began = clock.now()
        async with engine.begin() as conn:
            await calls.apply(conn, batch, region=REGION, counting=COUNTING)
        return (clock.now() - began) / len(records) * 1e3


async def count(engine: AsyncEngine, clock: Clock) -> float:
    """Milliseconds a call of processor time to count what is noted."""
    began = clock.now()
    counted = await due.count(engine, COUNTING.zone)
    return (clock.now() - began) / max(1, counted) * 1e3


async def one_round(
    engine: AsyncEngine, records: Iterator[CallRecord], size: int, pairs: int, clock: Clock
) -> tuple[dict[bool, list[float]], list[float]]:
    """Of so many pairs of transactions, by whether they kept rollups, and the counting of those that did; who of a pair
    is first changes by turns."""
    took: dict[bool, list[float]] = {False: [], True: []}
    counted: list[float] = []
    gc.collect()
    for turn in range(pairs):
        for with_rollups in (turn % 2 == 0, turn % 2 == 1):
            some = [next(records) for _ in range(size)]
            took[with_rollups].append(await end(engine, some, clock, with_rollups=with_rollups))
            if with_rollups:
                counted.append(await count(engine, clock))
    return took, counted


def more(took: dict[bool, list[float]]) -> float:
    """How much more the middle transaction took with rollups, as a share."""
    return statistics.median(took[True]) / statistics.median(took[False]) - 1


async def measure(address: str, number: int, rounds: int) -> dict[str, Any]:
    engine = open_engine(address)
    await upgrade(engine)
    clock = Clock()
    seen = await clock.look(engine)
    result: dict[str, Any] = {"database": engine.dialect.name, "database_time_seen": seen}
    pairs = {size: max(2, round(number / len(SIZES) / rounds / 2 / size)) for size in SIZES}
    every = sum(size * many for size, many in pairs.items()) * 2 * rounds
    records = iter(in_order(every + 2 * SIZES[-1]))
    await one_round(engine, records, SIZES[-1], 1, clock)
    for size, many in pairs.items():
        found = [await one_round(engine, records, size, many, clock) for _ in range(rounds)]
        together = {side: [each for one, _ in found for each in one[side]] for side in (False, True)}
        low, _, high = statistics.quantiles((more(one) for one, _ in found), n=4)
        result[f"calls_a_transaction_{size}"] = {
            "ms_a_call_with": round(statistics.median(together[True]), 4),
            "ms_a_call_without": round(statistics.median(together[False]), 4),
            "more": round(more(together), 3),
            "more_quartiles": [round(low, 3), round(high, 3)],
            "ms_a_call_counted_later": round(statistics.median(each for _, one in found for each in one), 4),
            "transactions": len(together[True]),
        }
    async with engine.connect() as conn:
        rows = {table.name: await conn.scalar(select(func.count()).select_from(table)) for table in ROLLUPS}
        result |= {"rows": rows, "calls": await conn.scalar(select(func.count()).select_from(calls_table))}
    await engine.dispose()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=10, help="two or more")
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
