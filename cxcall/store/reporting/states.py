"""How long agents were in each state: seconds that exclude each other and add up to the time they were signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.tally import Tally
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.summing import MICROSECONDS, Found, Source, read_source
from cxcall.store.reporting.tables import rollup_states


def _seconds(row: Mapping[str, Any]) -> Tally:
    """Pauses are told by their reason, all other states by their name; being offline is no state of an agent."""
    name = f"paused:{row['reason']}" if row["state"] == "paused" else f"state:{row['state']}"
    return Tally(sums={name: float(row["time"]) * MICROSECONDS})


STATES = Source(
    family="states",
    table=rollup_states,
    rows={"server": "server", "agent": "agent"},
    apart=("state", "reason"),
    summed=("time",),
    make=_seconds,
)


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `states`."""
    return await read_source(conn, ask, STATES)
