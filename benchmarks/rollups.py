"""What rollups cost the transactions that end calls: `python -m benchmarks.rollups [--calls 20000] [--rounds 10]`.

The same queue calls are written, first while they ring and then as they ended, so many a transaction (1, 20 and 200),
by turns with rollups and with nothing counted; told is the processor time of the ending transactions alone, the median
of the rounds, and how much more it is with rollups. SQLite in a file, or `--database postgresql://…`, an empty one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.reports.facts import Counting
from cxcall.store import calls
from cxcall.store.engine import open_engine, upgrade
from cxcall.store.reporting import ended
from cxcall.store.reporting.tables import ROLLUPS
from cxcall.store.tables import calls as calls_table
from tests.store.big import call
from tests.store.make import REGION, ringing, write

SIZES = (1, 20, 200)
COUNTING = Counting(zone=ZoneInfo("Asia/Tehran"))


async def _nothing(*_: object, **__: object) -> None:
    """In the place of `ended.count`."""


@contextmanager
def counting(with_rollups: bool) -> Iterator[None]:
    if with_rollups:
        yield
    else:
        with mock.patch.object(ended, "count", _nothing):
            yield


async def write_all(engine: AsyncEngine, records: list[CallRecord], size: int, *, with_rollups: bool) -> float:
    """Seconds of processor time, the database's thread included, in transactions that end these calls."""
    took = 0.0
    for begin in range(0, len(records), size):
        some = records[begin : begin + size]
        async with engine.begin() as conn:
            await calls.apply(conn, [write(ringing(one)) for one in some], region=REGION, counting=COUNTING)
        batch = [write(one, 2) for one in some]
        began = time.process_time()
        with counting(with_rollups):
            async with engine.begin() as conn:
                await calls.apply(conn, batch, region=REGION, counting=COUNTING)
        took += time.process_time() - began
    return took


async def measure(address: str, number: int, rounds: int) -> dict[str, Any]:
    engine = open_engine(address)
    await upgrade(engine)
    result: dict[str, Any] = {"database": engine.dialect.name}
    next_call = 0
    for size in SIZES:
        share = max(size, number // len(SIZES) // rounds // 2 // size * size)
        took: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(rounds * 2):
            with_rollups = turn % 2 == 0
            records = [call(next_call + n) for n in range(share)]
            next_call += share
            took[with_rollups].append(await write_all(engine, records, size, with_rollups=with_rollups) / share)
        median = {side: statistics.median(times) * 1e3 for side, times in took.items()}
        result[f"calls_a_transaction_{size}"] = {
            "ms_a_call_with": round(median[True], 4),
            "ms_a_call_without": round(median[False], 4),
            "more": round(median[True] / median[False] - 1, 3),
        }
    async with engine.begin() as conn:
        rows = {table.name: await conn.scalar(select(func.count()).select_from(table)) for table in ROLLUPS}
        result["rows"] = rows
        result["calls"] = await conn.scalar(select(func.count()).select_from(calls_table))
        await conn.execute(delete(ROLLUPS[0]).where(ROLLUPS[0].c.grain < 0))
    await engine.dispose()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--database", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cxcall-rollups-") as folder:
        address = arguments.database or f"sqlite:///{folder}/cxcall.sqlite"
        found = asyncio.run(measure(address, arguments.calls, arguments.rounds))
    print(json.dumps({"python": platform.python_version(), **found}, indent=2))


if __name__ == "__main__":
    main()
