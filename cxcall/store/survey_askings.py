"""When the queues ask: one set of rules a queue, for one server or for every server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.survey_tables import survey_askings
from cxcall.store.upsert import insert_into
from cxcall.surveys.asking import Asking

EVERY_SERVER = ""
"""As a server: rules for queues of this name on all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAsking:
    """How a queue asks. `version` counts the changes; `server` may be `EVERY_SERVER`."""

    server: str
    queue: str
    version: int
    asking: Asking


async def everything(conn: AsyncConnection) -> list[QueueAsking]:
    """All queues that have rules, by server and name."""
    query = select(survey_askings).order_by(survey_askings.c.server, survey_askings.c.queue)
    return [_asking(row) for row in await conn.execute(query)]


async def of(conn: AsyncConnection, server: str, queue: str) -> QueueAsking | None:
    """The rules that hold for a queue: those of its server, else those for every server."""
    table = survey_askings.c
    # "" sorts before every name: the server's own comes first when read backwards.
    query = (
        select(survey_askings)
        .where(table.server.in_((EVERY_SERVER, server)), table.queue == queue)
        .order_by(table.server.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).first()
    return _asking(row) if row else None


async def of_survey(conn: AsyncConnection, survey_id: str) -> list[QueueAsking]:
    """Queues that ask this survey."""
    return [asking for asking in await everything(conn) if asking.asking.survey_id == survey_id]


async def save(conn: AsyncConnection, server: str, queue: str, asking: Asking, *, version: int = 0) -> QueueAsking:
    """Save the rules of a queue over `version`, 0 for the first time. Raises `Conflict`."""
    text = msgspec.json.encode(asking).decode()
    table = survey_askings
    if version == 0:
        new = insert_into(conn, table).values(server=server, queue=queue, version=1, asking=text)
        done = await conn.execute(new.on_conflict_do_nothing())
    else:
        over = (table.c.server == server, table.c.queue == queue, table.c.version == version)
        done = await conn.execute(update(table).where(*over).values(asking=text, version=version + 1))
    if done.rowcount == 0:
        raise Conflict(Conflict.__doc__)
    return QueueAsking(server=server, queue=queue, version=version + 1, asking=asking)


async def remove(conn: AsyncConnection, server: str, queue: str) -> bool:
    """The queue asks no more (or as every server's rules say); False when it had no rules."""
    table = survey_askings.c
    done = await conn.execute(delete(survey_askings).where(table.server == server, table.queue == queue))
    return done.rowcount > 0


def _asking(row: Any) -> QueueAsking:
    asking = msgspec.json.decode(row.asking, type=Asking)
    return QueueAsking(server=row.server, queue=row.queue, version=row.version, asking=asking)
