"""All ids a customer has gone by: rows tied to a profile that was merged need not move."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.tables import customers


async def identities(conn: AsyncConnection, customer_id: str) -> list[str]:
    """The customer's own id and those of profiles merged into theirs, also by way of another."""
    found = select(customers.c.id).where(customers.c.id == customer_id).cte("identities", recursive=True)
    found = found.union(select(customers.c.id).where(customers.c.merged_into == found.c.id))
    return sorted({customer_id, *(await conn.scalars(select(found.c.id))).all()})
