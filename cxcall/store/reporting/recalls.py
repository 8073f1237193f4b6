"""Callers who hung up while waiting: whether we called them back or they called again, when, and who answered.

The visits are those that `abandoned` counts, in the period in which the caller joined. A customer is reached with the
first later call in which somebody talked with them, either way, within seven days; callers nobody knows (no number)
can't be told again and stay open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.reports.definition import Short
from cxcall.reports.period import Span
from cxcall.store.paging import BadCursor, Cursor, Slice, cut
from cxcall.store.reporting.contacts import not_after
from cxcall.store.schema import from_micros, to_micros
from cxcall.store.tables import call_visits, calls, customers

Reached = Literal["", "back", "again"]
"""Not reached yet, called back by us, called again themselves."""

LONGEST = timedelta(days=1)
"""A caller joins a queue at most so long after their call began; lets an index find the visits."""

_SHORT_S = 5
_again = calls.alias("again")
_v = call_visits.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Which visits: joined in the period, of these queues (none: all), `short` ones left out or in; `reached` None:
    whether or not."""

    span: Span
    queues: tuple[str, ...] = ()
    short: Short = "out"
    reached: Reached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRow:
    """A visit that was given up, `wait` in seconds, and the call in which the caller was reached."""

    call_id: str
    n: int
    server: str
    started_at: datetime
    joined_at: datetime
    queue: str
    wait: float
    number: str
    customer_id: str | None
    customer: str
    reached: Reached
    reached_by: str
    reached_at: datetime | None
    reached_agent: str

    @property
    def after(self) -> timedelta | None:
        """How long it took until they were reached, from when their call began."""
        return self.reached_at - self.started_at if self.reached_at is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCounts:
    """How many gave up, and what came of them; the three add up to `lost`."""

    lost: int
    back: int
    again: int

    @property
    def open(self) -> int:
        return self.lost - self.back - self.again


async def page(conn: AsyncConnection, wanted: Lost, *, limit: int = 50, after: str | None = None) -> Slice[LostRow]:
    """Newest first. Raises `BadCursor`."""
    cursor = Cursor.decode(after) if after else None
    up = cursor is not None and cursor.back
    query = _rows(conn, wanted)
    if cursor is not None:
        query = query.where(_beyond(cursor))
    order = [_v.started_at, _v.call_id, _v.n]
    query = query.order_by(*(order if up else [column.desc() for column in order])).limit(limit + 1)
    found = [_row(row) for row in await conn.execute(query)]
    return cut(found, limit, cursor, lambda row: (str(to_micros(row.started_at)), f"{row.n} {row.call_id}"))


async def counts(conn: AsyncConnection, wanted: Lost) -> LostCounts:
    """Of all visits of a period, whatever `reached` asks for."""
    back = case((_again.c.direction == "outbound", 1), else_=0)
    query = (
        select(func.count(), func.count(_again.c.id), func.coalesce(func.sum(back), 0))
        .select_from(_joined(conn))
        .where(*_lost(wanted))
    )
    lost, reached, called_back = (await conn.execute(query)).one()
    return LostCounts(lost=lost, back=int(called_back), again=reached - int(called_back))


def _rows(conn: AsyncConnection, wanted: Lost) -> Select[Any]:
    again = _again.c
    query = (
        select(
            _v.call_id, _v.n, _v.server, _v.started_at, _v.joined_at, _v.queue, _v.wait,
            calls.c.party_number, calls.c.customer_id, customers.c.name.label("customer"),
            again.id.label("again_id"), again.direction.label("again_direction"),
            again.started_at.label("again_at"), again.agent.label("again_agent"),
        )
        .select_from(_joined(conn).outerjoin(customers, customers.c.id == calls.c.customer_id))
        .where(*_lost(wanted))
    )  # fmt: skip
    if wanted.reached is None:
        return query
    if not wanted.reached:
        return query.where(again.id.is_(None))
    ours = again.direction == "outbound"
    return query.where(again.id.is_not(None), ours if wanted.reached == "back" else ~ours)


def _joined(conn: AsyncConnection) -> Any:
    """Visits with their calls, and the call in which each caller was reached, if any."""
    return call_visits.join(calls, calls.c.id == _v.call_id).outerjoin(_again, _again.c.id == _reached(conn))


def _reached(conn: AsyncConnection) -> ColumnElement[str]:
    """The first later call in which somebody talked with the customer."""
    later = calls.alias("later")
    return (
        select(later.c.id)
        .where(
            later.c.customer_id == calls.c.customer_id,
            later.c.started_at > calls.c.started_at,
            not_after(conn, later.c.started_at, calls.c.started_at, REPEAT_WINDOW),
            later.c.outcome == "answered",
        )
        .order_by(later.c.started_at, later.c.id)
        .limit(1)
        .correlate(calls)
        .scalar_subquery()
    )


def _lost(wanted: Lost) -> list[ColumnElement[bool]]:
    span = wanted.span
    where: list[ColumnElement[bool]] = [
        _v.result == "abandoned",
        _v.started_at >= span.since - LONGEST,
        _v.started_at < span.until,
        _v.joined_at >= span.since,
        _v.joined_at < span.until,
        calls.c.ended_at.is_not(None),
    ]
    if wanted.queues:
        where.append(_v.queue.in_(sorted(set(wanted.queues))))
    if wanted.short == "out":
        where.append(or_(_v.wait.is_(None), _v.wait >= func.coalesce(_v.short, _SHORT_S)))
    return where


def _beyond(cursor: Cursor) -> ColumnElement[bool]:
    n, _, call_id = cursor.id.partition(" ")
    if not cursor.key.lstrip("-").isdecimal() or not n.isdecimal():
        raise BadCursor(BadCursor.__doc__)
    spot: Sequence[tuple[Any, Any]] = (
        (_v.started_at, from_micros(int(cursor.key))), (_v.call_id, call_id), (_v.n, int(n)),
    )  # fmt: skip
    ways = []
    for place, (column, value) in enumerate(spot):
        same = [earlier == known for earlier, known in spot[:place]]
        ways.append(and_(*same, column > value if cursor.back else column < value))
    return or_(*ways)


def _row(row: Any) -> LostRow:
    reached: Reached = "" if row.again_id is None else "back" if row.again_direction == "outbound" else "again"
    return LostRow(
        call_id=row.call_id, n=row.n, server=row.server, started_at=row.started_at, joined_at=row.joined_at,
        queue=row.queue, wait=row.wait or 0.0, number=row.party_number or "", customer_id=row.customer_id,
        customer=row.customer or "", reached=reached, reached_by=row.again_id or "", reached_at=row.again_at,
        reached_agent=row.again_agent or "",
    )  # fmt: skip
