"""What roles may do beyond or below what they may by default: only the differences are kept."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.floor_tables import role_rights
from cxcall.store.upsert import insert_into


async def everything(conn: AsyncConnection) -> dict[tuple[str, str], bool]:
    """What somebody decided, by role and right."""
    return {(row.role, row.right): row.allowed for row in await conn.execute(select(role_rights))}


async def put(conn: AsyncConnection, role: str, right: str, allowed: bool | None) -> None:
    """Decide whether a role may; None: as it is by default."""
    if allowed is None:
        await conn.execute(delete(role_rights).where(role_rights.c.role == role, role_rights.c.right == right))
        return
    insert = insert_into(conn, role_rights).values(role=role, right=right, allowed=allowed)
    await conn.execute(insert.on_conflict_do_update(index_elements=["role", "right"], set_={"allowed": allowed}))
