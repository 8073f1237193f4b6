"""Lists of calls, newest first, and the figures above them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Float, Select, case, cast, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallId, Direction, EndedBy, Outcome
from cxcall.store.call_filters import CallFilter, Choice, choose
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.tables import BYTES, calls, customers


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One line of a list. `caller_number`: E.164 where it is a full number, else as the switch gave it.

    `wait` and `talk` in seconds; `talk` counts what has ended, with hold.
    """

    id: CallId
    server: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    direction: Direction
    caller_number: str | None
    caller_name: str | None
    party_number: str | None
    customer_id: str | None
    customer_name: str | None
    called: str | None
    queue: str | None
    agent: str | None
    wait: float | None
    talk: float
    outcome: Outcome
    ended_by: EndedBy


CallPage = Slice[CallRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    """Figures over all calls of a filter. Waits and talks in seconds; None where no call counts."""

    calls: int
    answered: int
    abandoned: int
    mean_wait_answered: float | None
    talk_total: float
    median_talk: float | None


_INBOUND_NUMBER = case(
    (calls.c.direction.in_(("inbound", "unknown")), func.coalesce(calls.c.party_number, calls.c.caller_number)),
    else_=calls.c.caller_number,
)
_COLUMNS = (
    calls.c.id,
    calls.c.server,
    calls.c.started_at,
    calls.c.answered_at,
    calls.c.ended_at,
    calls.c.direction,
    _INBOUND_NUMBER.label("caller_number"),
    calls.c.caller_name,
    calls.c.party_number,
    calls.c.customer_id,
    customers.c.name.label("customer_name"),
    calls.c.called,
    calls.c.queue,
    calls.c.agent,
    calls.c.wait,
    calls.c.talk,
    calls.c.outcome,
    calls.c.ended_by,
)


async def page(conn: AsyncConnection, wanted: CallFilter, *, limit: int = 50, after: str | None = None) -> CallPage:
    """One page of calls, newest first; `after` is the `next` or `previous` of another page.

    Raises `BadCursor` for a cursor that is none.
    """
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    rows = (await conn.execute(page_query(await choose(conn, wanted), limit, cursor))).all()
    return cut([CallRow(**row._mapping) for row in rows], limit, cursor, _spot)


async def for_customer(
    conn: AsyncConnection, customer_id: str, *, limit: int = 50, after: str | None = None
) -> CallPage:
    """Calls with one customer, newest first."""
    return await page(conn, CallFilter(customer_id=customer_id), limit=limit, after=after)


async def rows_in_progress(conn: AsyncConnection, *, at_most: int = MOST_ROWS) -> list[CallRow]:
    """Calls that have not ended, oldest first, as lines of a list."""
    query = (
        select(*_COLUMNS)
        .select_from(calls.outerjoin(customers, customers.c.id == calls.c.customer_id))
        .where(calls.c.ended_at.is_(None))
        .order_by(calls.c.started_at, calls.c.id)
        .limit(at_most)
    )
    return [CallRow(**row._mapping) for row in await conn.execute(query)]


async def count(conn: AsyncConnection, wanted: CallFilter, *, at_most: int = 100_000) -> int:
    """How many calls there are; `at_most` + 1 stands for "more than that" and costs no more to find."""
    choice = await choose(conn, wanted)
    some = select(literal(1)).select_from(choice.source).where(choice.where).limit(at_most + 1).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


async def newer_than(conn: AsyncConnection, wanted: CallFilter, started_at: datetime, *, at_most: int = 999) -> int:
    """How many calls of the list began after `started_at`: the "12 newer calls" above a list that stands still."""
    choice = await choose(conn, wanted)
    newer = choice.started_at > started_at
    some = select(literal(1)).select_from(choice.source).where(choice.where, newer).limit(at_most).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


async def summary(conn: AsyncConnection, wanted: CallFilter) -> CallSummary:
    """The figures above a list. Answered and abandoned are outcomes of calls, not of queue visits."""
    choice = await choose(conn, wanted)
    answered, abandoned = calls.c.outcome == "answered", calls.c.outcome == "abandoned"
    query = select(
        func.count(),
        func.count(case((answered, 1))),
        func.count(case((abandoned, 1))),
        func.avg(case((answered, calls.c.wait))),
        func.coalesce(func.sum(calls.c.talk), 0.0),
        func.count(case((calls.c.talk > 0, 1))),
    )
    total, of_answered, of_abandoned, wait, talk, talked = (
        await conn.execute(query.select_from(choice.source).where(choice.where))
    ).one()
    return CallSummary(
        calls=total,
        answered=of_answered,
        abandoned=of_abandoned,
        mean_wait_answered=wait,
        talk_total=talk,
        median_talk=await _median_talk(conn, choice, talked),
    )


async def _median_talk(conn: AsyncConnection, choice: Choice, talked: int) -> float | None:
    """The middle of the talks, or between the two in the middle; only calls with any talk count."""
    if not talked:
        return None
    middle = (
        select(calls.c.talk)
        .select_from(choice.source)
        .where(choice.where, calls.c.talk > 0)
        .order_by(calls.c.talk)
        .offset((talked - 1) // 2)
        .limit(2 - talked % 2)
        .subquery()
    )
    return await conn.scalar(select(cast(func.avg(middle.c.talk), Float)))


def page_query(choice: Choice, limit: int, cursor: Cursor | None) -> Select[Any]:
    """The query of one page, one row more than shown."""
    spot = tuple_(choice.started_at, choice.id)
    source = choice.source.outerjoin(customers, customers.c.id == calls.c.customer_id)
    query = select(*_COLUMNS).select_from(source).where(choice.where).limit(limit + 1)
    if cursor is not None:
        seen = tuple_(literal(_moment(cursor), UtcDateTime), literal(cursor.id, BYTES))
        query = query.where(spot > seen if cursor.back else spot < seen)
    if cursor is not None and cursor.back:
        return query.order_by(choice.started_at, choice.id)
    return query.order_by(choice.started_at.desc(), choice.id.desc())


def _moment(cursor: Cursor) -> datetime:
    try:
        return from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None


def _spot(row: CallRow) -> tuple[str, str]:
    return str(to_micros(row.started_at)), row.id
