"""Call-backs as they are kept: what was promised to whom, and what came of it. One open one for a number or customer.

The state machine's own record (`cxcall.routing.call_back`) lies in JSON; beside it stands what is looked for. Who of a
merged customer was promised one is found by the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, asc, desc, func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.call_back import CallBack, State
from cxcall.store.call_back_tables import call_backs
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.tables import BYTES
from cxcall.store.upsert import insert_into

_its = call_backs.c
_body = msgspec.json.Decoder(CallBack)
_READ = (_its.body, _its.customer_id)


async def add(conn: AsyncConnection, one: CallBack) -> bool:
    """Keep a new one; False when its number or customer has an open one already, and nothing is changed."""
    new = insert_into(conn, call_backs).values(version=1, **_columns(one))
    return (await conn.execute(new.on_conflict_do_nothing())).rowcount > 0


async def save(conn: AsyncConnection, one: CallBack) -> None:
    """Keep it as it is now. Whose customer it is, only the database says: profiles are merged and erased meanwhile."""
    values = _columns(one)
    for fixed in ("id", "server", "queue", "number", "customer_id", "joined_at", "made_at", "first_call"):
        del values[fixed]
    change = update(call_backs).where(_its.id == one.id)
    await conn.execute(change.values(version=call_backs.c.version + 1, **values))


async def get(conn: AsyncConnection, call_back_id: str) -> CallBack | None:
    """One by its id."""
    return next(iter(await _many(conn, _its.id == call_back_id)), None)


async def open_ones(conn: AsyncConnection, server: str) -> list[CallBack]:
    """Those of a server that are not over, in the order of their places."""
    query = select(*_READ).where(_its.ended_at.is_(None), _its.server == server)
    return [_of_row(row) for row in await conn.execute(query.order_by(_its.queue, _its.joined_at, _its.id))]


async def promised(conn: AsyncConnection, number: str, customer_id: str | None = None) -> CallBack | None:
    """The open one of a number or a customer."""
    whose: ColumnElement[bool] = _its.number == number
    if customer_id is not None:
        whose = or_(whose, _its.customer_id == customer_id)
    return next(iter(await _many(conn, and_(_its.ended_at.is_(None), whose))), None)


async def of_call(conn: AsyncConnection, call_id: str) -> CallBack | None:
    """The one that was asked for in a call, or whose newest try it is."""
    found = await _many(conn, _its.first_call == call_id) or await _many(conn, _its.last_call == call_id)
    return found[0] if found else None


async def counts(conn: AsyncConnection, *, since: datetime) -> dict[str, int]:
    """How many are open, and how many of those promised since then ended in each way."""
    waiting = await conn.scalar(select(func.count()).where(_its.ended_at.is_(None)))
    ended = select(_its.state, func.count()).where(_its.made_at >= since, _its.ended_at.is_not(None))
    found = {row[0]: row[1] for row in await conn.execute(ended.group_by(_its.state))}
    return {"open": waiting or 0, **found}


async def page(
    conn: AsyncConnection,
    *,
    over: bool | None = None,
    states: Sequence[State] = (),
    queue: str = "",
    limit: int = 50,
    after: str | None = None,
) -> Slice[CallBack]:
    """Those that were promised, newest first; `over`: only those that are, or are not. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    back = cursor is not None and cursor.back
    way = asc if back else desc
    query = select(*_READ).order_by(way(_its.made_at), way(_its.id)).limit(limit + 1)
    if over is not None:
        query = query.where(_its.ended_at.is_not(None) if over else _its.ended_at.is_(None))
    if states:
        query = query.where(_its.state.in_(states))
    if queue:
        query = query.where(_its.queue == queue)
    if cursor is not None:
        spot, seen = tuple_(_its.made_at, _its.id), tuple_(_moment(cursor), literal(cursor.id, BYTES))
        query = query.where(spot > seen if back else spot < seen)
    rows = [_of_row(row) for row in await conn.execute(query)]
    return cut(rows, limit, cursor, lambda one: (str(to_micros(one.made_at)), one.id))


async def _many(conn: AsyncConnection, where: ColumnElement[bool]) -> list[CallBack]:
    query = select(*_READ).where(where).order_by(_its.made_at.desc(), _its.id.desc()).limit(20)
    return [_of_row(row) for row in await conn.execute(query)]


def _columns(one: CallBack) -> dict[str, Any]:
    return {
        "id": one.id, "server": one.server, "queue": one.queue, "number": one.number, "customer_id": one.customer_id,
        "state": one.state, "reason": one.reason, "tries": one.tries, "joined_at": one.joined_at,
        "made_at": one.made_at, "next_at": one.next_at, "ended_at": one.ended_at, "first_call": one.first_call,
        "last_call": one.last_call or None, "task_id": one.task_id or None, "body": msgspec.json.encode(one).decode(),
    }  # fmt: skip


def _moment(cursor: Cursor) -> Any:
    try:
        return literal(from_micros(int(cursor.key)), UtcDateTime)
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None


def _of_row(row: Any) -> CallBack:
    return msgspec.structs.replace(_body.decode(row.body), customer_id=row.customer_id)
