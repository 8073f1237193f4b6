"""How many finished calls a second `apply` writes in batches of 200: `python -m tests.store.throughput [DATABASE]`.

Prints one line; no test depends on it. Without an address: SQLite in a temp folder.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time

from cxcall.store import calls, positions
from cxcall.store.engine import open_engine, upgrade
from tests.store.make import REGION, queue_call, write

CALLS = 6000
AT_ONCE = 200


async def measure(address: str) -> str:
    engine = open_engine(address)
    await upgrade(engine)
    records = [
        queue_call(n, at=n * 3, number=f"0912{n * 7919 % 3000:07d}", name=f"Name {n % 500}") for n in range(CALLS)
    ]
    wall, processor = time.perf_counter(), time.process_time()
    for begin in range(0, CALLS, AT_ONCE):
        async with engine.begin() as conn:
            await calls.apply(conn, [write(record, 20) for record in records[begin : begin + AT_ONCE]], region=REGION)
            await positions.save(conn, "lab", begin)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    await engine.dispose()
    return f"{engine.dialect.name}: {CALLS / wall:.0f} calls/s, {processor / CALLS * 1e6:.0f} µs of processor a call"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(measure(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/cxcall.db")))
