"""How the queues of each server are kept: watched as somebody else defines them, or written by cxcall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.queue_tables import queue_servers
from cxcall.store.upsert import insert_into

Mode = Literal["observe", "managed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueServer:
    """A server's mode and the file cxcall writes there. `applied_version`: which of its versions Asterisk has, None
    before the first. `version` counts what people changed here, not what was applied."""

    server: str
    version: int
    mode: Mode
    file: str
    applied_version: int | None
    updated_at: datetime
    updated_by: str


async def get(conn: AsyncConnection, server: str) -> QueueServer | None:
    """What somebody chose for a server; None: nobody did, and its queues are only watched."""
    row = (await conn.execute(select(queue_servers).where(queue_servers.c.server == server))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection) -> list[QueueServer]:
    """All servers that somebody chose something for, by name."""
    return [_of_row(row) for row in await conn.execute(select(queue_servers).order_by(queue_servers.c.server))]


async def save(
    conn: AsyncConnection, server: str, *, mode: Mode, file: str = "", version: int = 0, by: str, now: datetime
) -> QueueServer:
    """Save over `version`, 0 for the first time. Raises `Conflict` (with the server now)."""
    values = {"mode": mode, "file": file, "updated_at": now, "updated_by": by}
    if version == 0:
        new = insert_into(conn, queue_servers).values(server=server, version=1, **values)
        row = (await conn.execute(new.on_conflict_do_nothing().returning(*queue_servers.c))).first()
    else:
        over = (queue_servers.c.server == server, queue_servers.c.version == version)
        change = update(queue_servers).where(*over).values(version=version + 1, **values)
        row = (await conn.execute(change.returning(*queue_servers.c))).first()
    if row is None:
        raise Conflict(await get(conn, server))
    return _of_row(row)


def _of_row(row: Row[Any]) -> QueueServer:
    return QueueServer(**row._mapping)
