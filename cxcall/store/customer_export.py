"""All customers as lines of a table, read some at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.table_import import table_row
from cxcall.store import users
from cxcall.store.customers import many
from cxcall.store.tables import BYTES, customers

_AT_ONCE = 500


async def export_rows(conn: AsyncConnection) -> AsyncIterator[list[str]]:
    """Every customer as a line under `EXPORT_HEADER`, oldest first."""
    names = {user.id: user.name for user in await users.everyone(conn)}
    last = ""
    while True:
        query = select(customers.c.id).where(customers.c.id > literal(last, BYTES), customers.c.merged_into.is_(None))
        ids = (await conn.scalars(query.order_by(customers.c.id).limit(_AT_ONCE))).all()
        if not ids:
            return
        found = await many(conn, ids)
        for id_ in ids:
            yield table_row(found[id_].profile, names)
        last = ids[-1]
