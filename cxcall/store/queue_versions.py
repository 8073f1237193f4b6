"""Every version of a server's queues that was written into Asterisk, or was to be: what stood in the file and how it
ended.

A version is kept before anything is written: whoever finds the file changed after a crash then knows whose text it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.definition import QueueDefinition
from cxcall.store import queue_servers
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.queue_tables import queue_servers as servers
from cxcall.store.queue_tables import queue_versions
from cxcall.store.upsert import insert_into

State = Literal["applying", "applied", "failed", "rolled_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version as a history lists it. `restores`: the older one it brings back; `seconds` from the first action to the
    last answer, None while it is written; `queues`: how many it has."""

    n: int
    made_at: datetime
    by: str
    state: State
    problem: str
    seconds: float | None
    restores: int | None
    queues: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueVersion:
    """A whole version. `text`: what was to be written, as `asterisk/provision` wrote it; `definitions` made it."""

    id: str
    server: str
    n: int
    made_at: datetime
    by: str
    text: str
    definitions: tuple[QueueDefinition, ...]
    state: State
    problem: str
    seconds: float | None
    restores: int | None


async def begin(
    conn: AsyncConnection,
    server: str,
    *,
    text: str,
    definitions: Sequence[QueueDefinition],
    by: str,
    now: datetime,
    base: int | None,
    restores: int | None = None,
) -> QueueVersion:
    """The next version, about to be written over `base`, the one that stood when somebody decided it.

    Raises `Conflict` (with the server now) when another one stands, or two begin at once.
    """
    # Whoever began before is waited for: what stands is known only then.
    await conn.execute(select(servers.c.server).where(servers.c.server == server).with_for_update())
    known = await queue_servers.get(conn, server)
    if (known.applied_version if known else None) != base:
        raise Conflict(known)
    last = select(func.max(queue_versions.c.n)).where(queue_versions.c.server == server)
    row = {
        "id": new_id(), "server": server, "n": (await conn.scalar(last) or 0) + 1, "made_at": now, "by": by,
        "text": text, "definitions": msgspec.json.encode(tuple(definitions)).decode(), "queues": len(definitions),
        "state": "applying", "problem": "", "seconds": None, "restores": restores,
    }  # fmt: skip
    insert = insert_into(conn, queue_versions).values(row).on_conflict_do_nothing().returning(*queue_versions.c)
    made = (await conn.execute(insert)).first()
    if made is None:
        raise Conflict(known)
    return _of_row(made)


async def end(
    conn: AsyncConnection, version_id: str, *, state: State, seconds: float, problem: str = ""
) -> QueueVersion:
    """How the writing ended. One that was applied is what Asterisk has now, and takes back those it went behind."""
    values = {"state": state, "seconds": seconds, "problem": problem}
    there = queue_versions.c.id == version_id
    change = update(queue_versions).where(there).values(values).returning(*queue_versions.c)
    version = _of_row((await conn.execute(change)).one())
    if state == "applied":
        await conn.execute(update(servers).where(servers.c.server == version.server).values(applied_version=version.n))
        await _roll_back(conn, version)
    return version


async def get(conn: AsyncConnection, server: str, n: int) -> QueueVersion | None:
    """A version by its number."""
    query = select(queue_versions).where(queue_versions.c.server == server, queue_versions.c.n == n)
    return await _one(conn, query)


async def standing(conn: AsyncConnection, server: str) -> QueueVersion | None:
    """The version Asterisk has, None before the first."""
    applied = select(servers.c.applied_version).where(servers.c.server == server).scalar_subquery()
    return await _one(
        conn, select(queue_versions).where(queue_versions.c.server == server, queue_versions.c.n == applied)
    )


async def unfinished(conn: AsyncConnection, server: str) -> QueueVersion | None:
    """The newest version, if nobody knows how its writing ended."""
    query = select(queue_versions).where(queue_versions.c.server == server).order_by(queue_versions.c.n.desc()).limit(1)
    newest = await _one(conn, query)
    return newest if newest is not None and newest.state == "applying" else None


async def history(
    conn: AsyncConnection, server: str, *, limit: int = 50, before: int | None = None
) -> list[VersionLine]:
    """Versions of a server, newest first, older than the one numbered `before`."""
    table = queue_versions.c
    columns = [table[name] for name in VersionLine.__slots__]
    query = select(*columns).where(table.server == server).order_by(table.n.desc()).limit(limit)
    if before is not None:
        query = query.where(table.n < before)
    return [VersionLine(**row._mapping) for row in await conn.execute(query)]


async def _roll_back(conn: AsyncConnection, version: QueueVersion) -> None:
    if version.restores is None:
        return
    table = queue_versions.c
    behind = (table.server == version.server, table.n > version.restores, table.n < version.n, table.state == "applied")
    await conn.execute(update(queue_versions).where(*behind).values(state="rolled_back"))


async def _one(conn: AsyncConnection, query: Any) -> QueueVersion | None:
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


def _of_row(row: Row[Any]) -> QueueVersion:
    values = {name: value for name, value in row._mapping.items() if name not in ("queues", "definitions")}
    definitions = msgspec.json.decode(row.definitions, type=tuple[QueueDefinition, ...])
    return QueueVersion(**values, definitions=definitions)
