"""A row that counts its changes, so that nobody writes over what somebody else changed meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, update
from sqlalchemy.ext.asyncio import AsyncConnection


async def change(
    conn: AsyncConnection, table: Table, id_: str, values: dict[str, Any], *, version: int, by: str, now: datetime
) -> Row[Any] | None:
    """Change the row of `version`; as it is then, None when it has another version by now, or is gone."""
    new = {**values, "version": version + 1, "updated_at": now, "updated_by": by}
    over = (table.c.id == id_, table.c.version == version)
    return (await conn.execute(update(table).where(*over).values(new).returning(*table.c))).first()
