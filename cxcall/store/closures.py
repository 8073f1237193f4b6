"""Queues that somebody closed now, until a time or until it is lifted: at most one a queue, one for all of a server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.hours import Closure
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.queue_tables import closures
from cxcall.store.upsert import insert_into

_STANDING = text("lifted_at IS NULL")
_its = closures.c
_closure = msgspec.json.Decoder(Closure)


class NoSuchClosure(Exception):
    """Nothing is closed by this (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptClosure:
    """A closure of a server's queue, or of all its queues (`closure.queue` ""). `lifted_by` "": its time ran out."""

    id: str
    server: str
    closure: Closure
    lifted_at: datetime | None
    lifted_by: str


async def close(conn: AsyncConnection, server: str, closure: Closure, *, now: datetime) -> KeptClosure:
    """Close a queue; what closed it until now ends. Raises `Conflict` when two do it at the same moment."""
    same = (_STANDING, _its.server == server, _its.queue == closure.queue)
    await conn.execute(update(closures).where(*same).values(lifted_at=now, lifted_by=closure.by))
    row = {
        "id": new_id(), "server": server, "queue": closure.queue, "body": msgspec.json.encode(closure).decode(),
        "since": _moment(closure.since), "until": None if closure.until is None else _moment(closure.until),
        "lifted_at": None, "lifted_by": "",
    }  # fmt: skip
    insert = insert_into(conn, closures).values(row).on_conflict_do_nothing().returning(*_its)
    made = (await conn.execute(insert)).first()
    if made is None:
        raise Conflict(Conflict.__doc__)
    return _of_row(made)


async def lift(conn: AsyncConnection, closure_id: str, *, by: str, now: datetime) -> KeptClosure:
    """Open again. Raises `NoSuchClosure`."""
    there = (_STANDING, _its.id == closure_id)
    change = update(closures).where(*there).values(lifted_at=now, lifted_by=by).returning(*_its)
    row = (await conn.execute(change)).first()
    if row is None:
        raise NoSuchClosure(NoSuchClosure.__doc__)
    return _of_row(row)


async def standing(conn: AsyncConnection, *, now: datetime, server: str | None = None) -> list[KeptClosure]:
    """What is closed now, on one server or on all."""
    lasts = or_(_its.until.is_(None), _its.until > now)
    return await _many(conn, lasts if server is None else and_(lasts, _its.server == server))


async def over(conn: AsyncConnection, *, now: datetime) -> list[KeptClosure]:
    """Those whose time ran out and that nobody lifted yet: they close nothing, and are to be lifted by "" and told."""
    return await _many(conn, _its.until <= now)


async def history(conn: AsyncConnection, server: str, *, limit: int = 50) -> list[KeptClosure]:
    """What was closed on a server, newest first."""
    query = select(closures).where(_its.server == server).order_by(_its.since.desc(), _its.id.desc()).limit(limit)
    return [_of_row(row) for row in await conn.execute(query)]


async def _many(conn: AsyncConnection, where: ColumnElement[bool]) -> list[KeptClosure]:
    query = select(closures).where(_STANDING, where).order_by(_its.server, _its.queue)
    return [_of_row(row) for row in await conn.execute(query)]


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _of_row(row: Row[Any]) -> KeptClosure:
    return KeptClosure(
        id=row.id, server=row.server, closure=_closure.decode(row.body), lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
    )  # fmt: skip
