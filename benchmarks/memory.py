"""Resident memory over a million events: `python -m benchmarks.memory [--events 1000000]`, JSON on stdout.

The same way as ingest.py, from the socket to committed rows, with a look at this process's resident memory every
hundred thousand events. Flat means: what it has at the end it had soon after the start.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
from typing import Any

import psutil
import structlog

from benchmarks._ami_source import recording
from benchmarks.ingest import events_in, ours, source
from cxcall.asterisk.edge import AsteriskEdge


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    wanted = parser.parse_args().events
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    once = events_in(recording())
    times = -(-wanted // once)
    process = psutil.Process()
    samples: list[dict[str, float]] = []

    async def watch(edge: AsteriskEdge) -> None:
        due = 0
        while True:
            seen = edge.status()[0].events
            if seen >= due:
                samples.append({"events": seen, "mb": round(process.memory_info().rss / 1e6, 1)})
                due += wanted // 10
            await asyncio.sleep(0.02)

    with source(times) as port:
        figures: dict[str, Any] = asyncio.run(ours(port, times, once * times, watch))
    samples.append({"events": once * times, "mb": round(process.memory_info().rss / 1e6, 1)})
    peak = max(sample["mb"] for sample in samples)
    result = {"python": platform.python_version(), **figures, "peak_mb": peak, "samples": samples}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
