"""Short messages to agents, kept until they are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.floor_tables import floor_messages
from cxcall.store.ids import new_id

MOST_UNREAD = 50
"""How many of one person's are shown; the rest wait."""

_UNREAD = text("read_at IS NULL")
_its = floor_messages.c


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorMessage:
    """A message to one person."""

    id: str
    to_user: str
    from_name: str
    text: str
    at: datetime
    read_at: datetime | None


async def send(
    conn: AsyncConnection, to: Iterable[str], *, from_name: str, text: str, now: datetime
) -> list[FloorMessage]:
    """Leave a message to each of these users."""
    made = [
        FloorMessage(id=new_id(), to_user=user_id, from_name=from_name, text=text, at=now, read_at=None)
        for user_id in dict.fromkeys(to)
    ]
    if made:
        rows: list[dict[str, Any]] = [{column.name: getattr(each, column.name) for column in _its} for each in made]
        await conn.execute(floor_messages.insert(), rows)
    return made


async def unread(conn: AsyncConnection, user_id: str) -> list[FloorMessage]:
    """What a person has not read yet, oldest first."""
    query = select(floor_messages).where(_UNREAD, _its.to_user == user_id).order_by(_its.at, _its.id)
    return [FloorMessage(**row._mapping) for row in await conn.execute(query.limit(MOST_UNREAD))]


async def read(conn: AsyncConnection, message_id: str, *, user_id: str, now: datetime) -> bool:
    """This person has read it; False when it is not theirs or was read before."""
    there = (_UNREAD, _its.id == message_id, _its.to_user == user_id)
    return (await conn.execute(update(floor_messages).where(*there).values(read_at=now))).rowcount > 0


async def sent(conn: AsyncConnection, *, limit: int = 50) -> list[FloorMessage]:
    """The last messages to anybody, newest first."""
    query = select(floor_messages).order_by(_its.at.desc(), _its.id.desc()).limit(limit)
    return [FloorMessage(**row._mapping) for row in await conn.execute(query)]


async def sweep(conn: AsyncConnection, *, before: datetime) -> int:
    """Forget messages sent before then; how many."""
    return (await conn.execute(delete(floor_messages).where(_its.at < before))).rowcount
