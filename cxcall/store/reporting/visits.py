"""Visits to queues: how many, how they ended and how long callers waited, booked where they joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.tally import Tally
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.summing import Found, Source, plain, read_source
from cxcall.store.reporting.tables import rollup_queues, rollup_waits

COUNTS = (
    "offered", "answered", "abandoned", "short_abandoned", "timed_out", "full", "closed", "left",
    "answered_in_time", "abandoned_in_time",
)  # fmt: skip
TIMES = ("wait_answered", "wait_abandoned", "wait_all")


def _waits(row: Mapping[str, Any]) -> Tally:
    return Tally(waits={row["bucket"]: int(row["n"])})


QUEUES = Source(
    family="visits",
    table=rollup_queues,
    rows={"server": "server", "queue": "queue"},
    summed=COUNTS + TIMES,
    most=("wait_max",),
    make=plain(
        counts={name: name for name in COUNTS}, times={name: name for name in TIMES}, most={"wait_max": "wait_max"}
    ),
    grains=frozenset((0, 1, 2, 3)),
    on_server=frozenset(("queue",)),
)

WAITS = Source(
    family="visits",
    table=rollup_waits,
    rows={"server": "server", "queue": "queue"},
    apart=("bucket",),
    summed=("n",),
    make=_waits,
    on_server=frozenset(("queue",)),
)


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `visits`."""
    found = await read_source(conn, ask, QUEUES)
    if ask.waits:
        for keys, tally in (await read_source(conn, ask, WAITS)).items():
            found.setdefault(keys, Tally()).add(tally)
    return found
