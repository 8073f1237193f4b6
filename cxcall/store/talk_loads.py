"""How much is talked in each queue: what listening to it would cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.tables import calls


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkLoad:
    """Answered calls of a queue ("": of none) on a server, and the seconds they talked."""

    server: str
    queue: str
    calls: int
    seconds: float


async def since(conn: AsyncConnection, moment: datetime) -> list[TalkLoad]:
    """Loads of the calls that began since `moment`, by server and queue."""
    its = calls.c
    queue = func.coalesce(its.queue, "").label("queue")
    query = (
        select(its.server, queue, func.count().label("calls"), func.sum(its.talk).label("seconds"))
        .where(its.started_at >= moment, its.talk > 0)
        .group_by(its.server, queue)
    )
    return [TalkLoad(**row._mapping) for row in await conn.execute(query)]
