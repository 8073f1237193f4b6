"""Transfers by kind, by who passed the caller on and from which queue; told by days."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.summing import Found, Source, plain, read_source
from cxcall.store.reporting.tables import rollup_transfers

TRANSFERS = Source(
    family="transfers",
    table=rollup_transfers,
    rows={"server": "server", "transfer_kind": "kind", "queue": "from_queue", "agent": "from_agent"},
    summed=("n",),
    make=plain(counts={"transfers": "n"}, times={}),
    grains=frozenset((2, 3)),
    on_server=frozenset(("queue",)),
)


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `transfers`."""
    return await read_source(conn, ask, TRANSFERS)
