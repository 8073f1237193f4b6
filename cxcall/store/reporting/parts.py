"""Parts of calls that agents had: handled ones with their seconds, missed offers, transfers; by agent and queue."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.summing import Found, Source, plain, read_source
from cxcall.store.reporting.tables import rollup_agents

COUNTS = (
    "handled", "missed", "transferred_blind", "transferred_attended", "transferred_semi_attended",
    "transferred_redirect", "parked", "calls_in", "calls_out",
)  # fmt: skip
TIMES = ("talk", "hold", "acw", "missed_ring")

AGENTS = Source(
    family="parts",
    table=rollup_agents,
    rows={"server": "server", "agent": "agent", "queue": "queue"},
    summed=COUNTS + TIMES,
    make=plain(counts={name: name for name in COUNTS}, times={name: name for name in TIMES}),
    on_server=frozenset(("queue",)),
)


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `parts`."""
    return await read_source(conn, ask, AGENTS)
