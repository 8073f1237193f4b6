"""What is listened to, recorded and written down: one set of rules a queue, for one server or for every server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.listening import Listening
from cxcall.store.errors import Conflict
from cxcall.store.speech_tables import speech_settings
from cxcall.store.upsert import insert_into

EVERY = ""
"""As a server: on all of them. As a queue: queues without rules of their own, and calls of no queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueListening:
    """What is done with the talks of a queue. `version` counts the changes; server and queue may be `EVERY`."""

    server: str
    queue: str
    version: int
    listening: Listening
    updated_at: datetime
    updated_by: str


async def everything(conn: AsyncConnection) -> list[QueueListening]:
    """All rules, by server and queue."""
    query = select(speech_settings).order_by(speech_settings.c.server, speech_settings.c.queue)
    return [_of_row(row) for row in await conn.execute(query)]


async def get(conn: AsyncConnection, server: str, queue: str) -> QueueListening | None:
    """The rules saved under exactly these names."""
    row = (await conn.execute(select(speech_settings).where(*_key(server, queue)))).first()
    return _of_row(row) if row else None


async def of(conn: AsyncConnection, server: str, queue: str) -> QueueListening | None:
    """The rules that hold for a queue (or, "", a call of none).

    The nearest of: the queue on its server, on every server, every queue of the server, every queue of every server.
    """
    table = speech_settings.c
    # "" sorts before every name: the queue's own come first when read backwards.
    query = (
        select(speech_settings)
        .where(table.server.in_((EVERY, server)), table.queue.in_((EVERY, queue)))
        .order_by(table.queue.desc(), table.server.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


async def save(
    conn: AsyncConnection, server: str, queue: str, listening: Listening, *, by: str, now: datetime, version: int = 0
) -> QueueListening:
    """Save rules over `version`, 0 for the first time. Raises `Conflict`."""
    values = {"listening": msgspec.json.encode(listening).decode(), "updated_at": now, "updated_by": by}
    if version == 0:
        new = insert_into(conn, speech_settings).values(server=server, queue=queue, version=1, **values)
        done = await conn.execute(new.on_conflict_do_nothing())
    else:
        over = (*_key(server, queue), speech_settings.c.version == version)
        done = await conn.execute(update(speech_settings).where(*over).values(version=version + 1, **values))
    if done.rowcount == 0:
        raise Conflict(Conflict.__doc__)
    return QueueListening(
        server=server, queue=queue, version=version + 1, listening=listening, updated_at=now, updated_by=by
    )


async def remove(conn: AsyncConnection, server: str, queue: str) -> bool:
    """Wider rules hold again; False when there were none of these names."""
    done = await conn.execute(delete(speech_settings).where(*_key(server, queue)))
    return done.rowcount > 0


def _key(server: str, queue: str) -> tuple[Any, ...]:
    return speech_settings.c.server == server, speech_settings.c.queue == queue


def _of_row(row: Row[Any]) -> QueueListening:
    values = {name: value for name, value in row._mapping.items() if name != "listening"}
    return QueueListening(**values, listening=msgspec.json.decode(row.listening, type=Listening))
