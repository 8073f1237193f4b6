"""How long reports take: `python -m benchmarks.reports [--calls 100000] [--days 365] [--runs 9] [--database ADDRESS]`.

Years of calls, some with surveys and transcripts, are made by `benchmarks._reports_fill`. Told in JSON: for every
ready-made report over a day, a month and all of it the 95th percentile of so many runs in milliseconds (null: over a
minute), for the first page of the calls behind a figure the same, how large a call is, and beside them figures of
queues of the whole by plain SQL over raw rows. With `--keep` a database that was filled before is used again;
`--only NAMES` measures some reports.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from benchmarks._reports_data import BEGAN, Shape
from benchmarks._reports_fill import fill
from cxcall.reports.facts import Counting
from cxcall.reports.period import Span, span_of
from cxcall.reports.ready_made import READY_MADE
from cxcall.store import engine as engines
from cxcall.store.engine import open_engine, upgrade
from cxcall.store.reporting import behind
from cxcall.store.reporting.run import BadReport, SiteClock, run
from cxcall.store.tables import call_visits

ZONE = ZoneInfo("Asia/Tehran")
SITE = SiteClock(zone=ZONE, calendar="jalali", country="IR")
Ask = Callable[[AsyncConnection], Awaitable[object]]


def spans(days: int) -> dict[str, Span]:
    """A day, a month and all of it, ending before the last day."""
    last = (BEGAN + timedelta(days=days - 2)).date()
    lengths = {"day": 1, "month": 30, "year": days - 1}
    return {name: span_of(last - timedelta(days=n - 1), last, ZONE) for name, n in lengths.items()}


async def slowest(engine: AsyncEngine, ask: Ask, runs: int) -> float | None:
    """The 95th percentile of so many runs, in milliseconds."""
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        try:
            async with engine.connect() as conn, asyncio.timeout(60):
                await ask(conn)
        except TimeoutError:
            return None
        took.append((time.perf_counter() - began) * 1e3)
    return round(sorted(took)[min(int(len(took) * 0.95), len(took) - 1)], 1)


async def measure(engine: AsyncEngine, shape: Shape, runs: int, only: Sequence[str]) -> dict[str, Any]:
    now = datetime.combine((BEGAN + timedelta(days=shape.days)).date(), datetime.min.time(), UTC)
    found: dict[str, Any] = {"reports_p95_ms": {}, "refused": {}, "behind_p95_ms": {}}
    for name in only or READY_MADE:
        for length, span in spans(shape.days).items():

            async def ask(conn: AsyncConnection, span: Span = span, name: str = name) -> object:
                return await run(conn, READY_MADE[name], span, site=SITE, now=now)

            try:
                took = await slowest(engine, ask, runs)
            except BadReport as error:
                found["refused"][f"{name} {length}"] = str(error)
                continue
            found["reports_p95_ms"].setdefault(name, {})[length] = took
    for measure_ in ("offered", "abandoned", "handled", "ring_no_answer", "calls"):
        for length, span in spans(shape.days).items():
            found["behind_p95_ms"].setdefault(measure_, {})[length] = await slowest(
                engine, _behind(measure_, span), runs
            )
    found["queues_of_the_year_by_plain_sql_ms"] = await slowest(engine, _plain(spans(shape.days)["year"]), 3)
    return found


def _behind(measure_: str, span: Span) -> Ask:
    async def ask(conn: AsyncConnection) -> object:
        about: dict[str, Any] = {
            "measure": measure_, "span": span, "narrowing": READY_MADE["queues"].narrowing, "keys": (), "short": "out",
            "zone": ZONE, "calendar": "jalali",
        }  # fmt: skip
        await behind.count_behind(conn, **about)
        return await behind.calls_behind(conn, **about, limit=50)

    return ask


def _plain(span: Span) -> Ask:
    """What `queues` tells, counted over the raw rows."""
    its = call_visits.c

    async def ask(conn: AsyncConnection) -> object:
        query = (
            select(
                its.queue, func.count(), func.sum(case((its.result == "answered", 1), else_=0)),
                func.sum(case((its.result == "abandoned", 1), else_=0)), func.avg(its.wait), func.max(its.wait),
            )
            .where(its.joined_at >= span.since, its.joined_at < span.until)
            .group_by(its.queue)
        )  # fmt: skip
        return (await conn.execute(query)).all()

    return ask


async def main_(arguments: argparse.Namespace, address: str) -> dict[str, Any]:
    with mock.patch.object(engines, "_STATEMENT_S", 3600.0):  # an index of ten million rows takes its minutes
        engine = open_engine(address)
    shape = Shape(days=arguments.days, customers=max(1000, arguments.calls // 20))
    await upgrade(engine)
    found: dict[str, Any] = {"database": engine.dialect.name, "calls": arguments.calls, "days": shape.days}
    if not arguments.keep:
        found["fill"] = await fill(engine, arguments.calls, shape, Counting(zone=ZONE))
    found |= await measure(engine, shape, arguments.runs, arguments.only)
    await engine.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--database", default="")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cxcall-reports-") as folder:
        address = arguments.database or f"sqlite:///{folder}/cxcall.sqlite"
        found = asyncio.run(main_(arguments, address))
    print(json.dumps({"python": platform.python_version(), **found}, indent=2))


if __name__ == "__main__":
    main()
