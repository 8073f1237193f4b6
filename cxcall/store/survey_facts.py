"""What is stored of a call when it comes to its survey: whose it is, how long it waited, whether it was passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import calls as call_store
from cxcall.store.notes import surviving
from cxcall.store.tables import calls, customers

REPEAT = timedelta(days=7)
"""A customer who called within this time before calls again (METRICS.md: repeat)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """Facts of a call until now; `wait` and `talk` in seconds. What nobody knows is None or empty.

    `number` is E.164, `language` and `tier` are the customer's.
    """

    call_id: str
    customer_id: str | None
    number: str
    language: str
    tier: str
    wait: float | None
    talk: float
    transferred: bool
    repeat: bool


async def of_call(conn: AsyncConnection, call_id: str) -> CallFacts | None:
    """The facts of a call by its id or one merged into it; None while the call is not stored."""
    call_id = await surviving(conn, call_id)
    columns = (calls.c.customer_id, calls.c.party_number, calls.c.wait, calls.c.talk, calls.c.started_at)
    query = (
        select(*columns, customers.c.language, customers.c.tier)
        .outerjoin(customers, customers.c.id == calls.c.customer_id)
        .where(calls.c.id == call_id)
    )
    row = (await conn.execute(query)).first()
    record = await call_store.get(conn, call_id)
    if row is None or record is None:
        return None
    return CallFacts(
        call_id=call_id,
        customer_id=row.customer_id,
        number=row.party_number or "",
        language=row.language or "",
        tier=row.tier or "",
        wait=row.wait,
        talk=row.talk,
        transferred=any(transfer.result == "ok" for transfer in record.transfers),
        repeat=await _called_before(conn, row.customer_id, row.started_at),
    )


async def _called_before(conn: AsyncConnection, customer_id: str | None, at: datetime) -> bool:
    if customer_id is None:
        return False
    earlier = exists().where(
        calls.c.customer_id == customer_id, calls.c.started_at < at, calls.c.started_at >= at - REPEAT
    )
    return bool(await conn.scalar(select(earlier)))
