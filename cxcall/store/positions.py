"""How far the journal of each server is in the database: saved in the transaction that wrote its calls."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.tables import journal_positions
from cxcall.store.upsert import insert_into


async def load(conn: AsyncConnection, server: str) -> int | None:
    """Bytes of the server's journal from which reading goes on; None when nothing was ever saved."""
    position: int | None = await conn.scalar(
        select(journal_positions.c.position).where(journal_positions.c.server == server)
    )
    return position


async def save(conn: AsyncConnection, server: str, position: int) -> None:
    """Everything before `position` is in the database once this transaction commits."""
    insert = insert_into(conn, journal_positions).values(server=server, position=position, saved_at=datetime.now(UTC))
    await conn.execute(
        insert.on_conflict_do_update(
            index_elements=["server"],
            set_={"position": insert.excluded.position, "saved_at": insert.excluded.saved_at},
        )
    )
