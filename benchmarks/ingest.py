"""How fast AMI bytes become committed calls: `python -m benchmarks.ingest [--times 12] [--rounds 3]`, JSON on stdout.

A recording of 100 queue calls is played `times` times from another process over a local socket. Ours: bytes → journal
→ tracker → rows committed in an SQLite file, all events unfiltered as a plain manager user gets them. Beside
it, on the same bytes in the same run, panoramisk 1.4 parsing and dispatching to one '*' callback that does
nothing. Each is measured in a process of its own, in turns, and the median of the rounds is told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text

from benchmarks._ami_source import recording
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.bus import Bus, Commands
from cxcall.settings import Ami, Settings, Site
from cxcall.store.engine import open_engine, upgrade

CALLS_A_TIME = 100
DEADLINE = 300.0


@contextlib.contextmanager
def source(times: int) -> Iterator[int]:
    """The far end, in its own process; its port."""
    script = Path(__file__).with_name("_ami_source.py")
    with subprocess.Popen([sys.executable, str(script), str(times)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def ours(
    port: int, times: int, events: int, watch: Callable[[AsteriskEdge], Coroutine[Any, Any, None]] | None = None
) -> Any:
    """Play the stream into a whole AMI edge and wait until every call is committed."""
    with tempfile.TemporaryDirectory(prefix="cxcall-ingest-") as folder:
        engine = open_engine(f"sqlite:///{folder}/cxcall.sqlite")
        await upgrade(engine)
        settings = Settings(ami=(Ami(name="lab", port=port, secret="x"),), site=Site(country="DE"))
        edge = AsteriskEdge(settings=settings, engine=engine, bus=Bus(0), commands=Commands(), data_dir=Path(folder))
        began, cpu = time.perf_counter(), time.process_time()
        running = asyncio.create_task(edge.run())
        watching = asyncio.create_task(watch(edge)) if watch is not None else None
        async with asyncio.timeout(DEADLINE):
            while (status := edge.status()[0]).events < events or status.journal_committed < status.bytes * 0.99:
                await asyncio.sleep(0.02)
            while (status := edge.status()[0]).journal_committed < status.journal_end or status.inbox_fill:
                await asyncio.sleep(0.01)
        wall, used = time.perf_counter() - began, time.process_time() - cpu
        for task in (running, watching):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        async with engine.connect() as conn:
            rows = int((await conn.execute(text("SELECT count(*) FROM calls"))).scalar_one())
            ended = int(
                (await conn.execute(text("SELECT count(*) FROM calls WHERE ended_at IS NOT NULL"))).scalar_one()
            )
        await engine.dispose()
        assert rows == ended == CALLS_A_TIME * times, (rows, ended)
        return {**_figures(events, wall, used), "calls_committed": rows, "journal_bytes": status.journal_end}


async def panoramisk(port: int, events: int) -> Any:
    """Play the same stream into panoramisk with one callback for every event."""
    from panoramisk import Manager

    manager = Manager(host="127.0.0.1", port=port, username="x", secret="x", ping_delay=1000)
    seen = 0

    def count(_: Any, __: Any) -> None:
        nonlocal seen
        seen += 1

    manager.register_event("*", count)
    began, cpu = time.perf_counter(), time.process_time()
    await manager.connect()
    await asyncio.sleep(0.1)
    manager.send_action({"Action": "QueueStatus"})
    async with asyncio.timeout(DEADLINE):
        while seen < events:
            await asyncio.sleep(0.02)
    wall, used = time.perf_counter() - began - 0.1, time.process_time() - cpu
    manager.close()
    return _figures(events, wall, used)


def _figures(events: int, wall: float, used: float) -> dict[str, float]:
    return {
        "events_per_second": round(events / wall),
        "cpu_us_per_event": round(used / events * 1e6, 2),
        "seconds": round(wall, 3),
    }


def events_in(stream: bytes) -> int:
    return stream.count(b"\r\n\r\nEvent: ") + stream.startswith(b"Event: ")


def one(side: str, times: int) -> None:
    """Measure one side; the figures as JSON on stdout. Runs in a process of its own."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(20), logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    events = events_in(recording()) * times
    with source(times) as port:
        figures = asyncio.run(ours(port, times, events) if side == "ours" else panoramisk(port, events))
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=("ours", "panoramisk"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        one(arguments.side, arguments.times)
        return
    sides: dict[str, list[dict[str, float]]] = {"ours": [], "panoramisk": []}
    for _ in range(arguments.rounds):
        for side, rounds in sides.items():
            command = [sys.executable, __file__, "--side", side, "--times", str(arguments.times)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=DEADLINE + 60)
            rounds.append(json.loads(done.stdout))
    stream = recording()
    result: dict[str, Any] = {
        "events": events_in(stream) * arguments.times,
        "bytes": len(stream) * arguments.times,
        "python": platform.python_version(),
    }
    for side, rounds in sides.items():
        result[side] = {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}
    result["ratio"] = round(result["ours"]["events_per_second"] / result["panoramisk"]["events_per_second"], 2)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
