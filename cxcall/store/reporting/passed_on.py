"""From where to where callers were passed on: what rollups counted, and the calls behind each way.

An index finds calls; whether and how often one was passed on this way is asked of the function that counted it, so that
there are as many as the map says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.definition import Narrowing
from cxcall.reports.facts import Counting
from cxcall.reports.period import Span
from cxcall.store.call_rows import record_from
from cxcall.store.paging import BadCursor, Cursor, Slice, cut
from cxcall.store.reporting import due
from cxcall.store.reporting.counted import counted
from cxcall.store.reporting.slots import DAY, SECONDS, SIXTEEN, coarsest, cover, within
from cxcall.store.reporting.tables import rollup_transfers
from cxcall.store.schema import from_micros, to_micros
from cxcall.store.tables import call_records, calls, customers

From = Literal["queue", "agent"]
"""What rows of the map are: the queue whose caller was passed on, or who passed them on."""

AT_ONCE = 200
"""Calls that are looked into between two questions to the database."""
_LONGEST = timedelta(days=2)
"""Of what is counted in a period, calls began no longer before it."""
_t = rollup_transfers.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`n` callers passed on from a queue or agent (`from_`, "" none) to an extension, phone or agent (`to`, "" not
    known)."""

    from_: str
    to: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Transfers of a period; of what is None or empty all count. `from_` is of the kind that `by` says."""

    span: Span
    by: From = "queue"
    from_: str | None = None
    to: str | None = None
    queues: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedRow:
    """A caller who was passed on, with the call; `at` is the quarter of an hour it was counted in, `times` how often
    it happened in it."""

    call_id: str
    server: str
    started_at: datetime
    at: datetime
    times: int
    kind: str
    queue: str
    agent: str
    to: str
    number: str
    customer_id: str | None
    customer: str


async def ways(conn: AsyncConnection, asked: Asked, zone: tzinfo) -> list[Way]:
    """What was counted, by where from and where to; the most frequent first. `zone`: see `calls_of`."""
    await due.settle(conn, zone)
    grain = coarsest((), Narrowing(), frozenset((DAY, SIXTEEN)))
    from_ = _t.from_queue if asked.by == "queue" else _t.from_agent
    query = (
        select(from_.label("from_"), _t.to, func.sum(_t.n).label("n"))
        .where(within(rollup_transfers, cover(asked.span, grain)), *_narrowed(asked))
        .group_by(from_, _t.to)
    )
    found = [Way(from_=row.from_, to=row.to, n=int(row.n)) for row in await conn.execute(query) if row.n]
    return sorted(found, key=lambda way: (-way.n, way.from_, way.to))


async def calls_of(
    conn: AsyncConnection, asked: Asked, zone: tzinfo, *, limit: int = 50, after: str | None = None
) -> Slice[PassedRow]:
    """The calls counted, the newest first; a page has all transfers of at most `limit` calls. Raises `BadCursor`."""
    cursor = Cursor.decode(after) if after else None
    place = _place(cursor) if cursor else None
    back = cursor is not None and cursor.back
    found: list[list[PassedRow]] = []
    while len(found) <= limit:
        some = (await conn.execute(_candidates(conn, asked, place, back=back))).all()
        for call in some:
            rows = [row for row in _rows(call, zone) if _counts(row, asked)]
            if rows:
                found.append(rows)
        if len(some) < AT_ONCE:
            break
        place = (some[-1].started_at, some[-1].id)
    page = cut(found, limit, cursor, lambda rows: (str(to_micros(rows[0].started_at)), rows[0].call_id))
    return Slice(rows=[row for rows in page.rows for row in rows], next=page.next, previous=page.previous)


def _place(cursor: Cursor) -> tuple[datetime, str]:
    try:
        return from_micros(int(cursor.key)), cursor.id
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None


def _narrowed(asked: Asked) -> Iterator[ColumnElement[bool]]:
    from_ = _t.from_queue if asked.by == "queue" else _t.from_agent
    if asked.from_ is not None:
        yield from_ == asked.from_
    if asked.to is not None:
        yield _t.to == asked.to
    for column, only in ((_t.from_queue, asked.queues), (_t.from_agent, asked.agents), (_t.kind, asked.kinds)):
        if only:
            yield column.in_(sorted(set(only)))


def _candidates(
    conn: AsyncConnection, asked: Asked, place: tuple[datetime, str] | None, *, back: bool
) -> Select[tuple[Any, ...]]:
    """Calls in which somebody may have been passed on so, from a place on."""
    its = calls.c
    where: list[ColumnElement[bool]] = [
        its.started_at >= asked.span.since - _LONGEST, its.started_at < asked.span.until, its.ended_at.is_not(None),
        *(_mentions(conn, text) for text in _texts(asked)),
    ]  # fmt: skip
    if place is not None:
        at, id_ = place
        if back:
            where += [its.started_at >= at, or_(its.started_at > at, its.id > id_)]
        else:
            where += [its.started_at <= at, or_(its.started_at < at, its.id < id_)]
    order = (its.started_at, its.id) if back else (its.started_at.desc(), its.id.desc())
    source = calls.join(call_records, call_records.c.call_id == its.id)
    return (
        select(
            its.id, its.server, its.started_at, its.party_number, its.caller_number, its.caller_name, its.customer_id,
            call_records.c.record, customers.c.name.label("customer"),
        )
        .select_from(source.outerjoin(customers, customers.c.id == its.customer_id))
        .where(*where).order_by(*order).limit(AT_ONCE)
    )  # fmt: skip


def _texts(asked: Asked) -> Iterator[str]:
    """What must stand in a record, as JSON has it."""
    yield '"transfers":[{'
    for text in (asked.from_, asked.to):
        if text:
            yield msgspec.json.encode(text).decode()[1:-1]


def _mentions(conn: AsyncConnection, text: str) -> ColumnElement[bool]:
    seek = func.strpos if conn.dialect.name == "postgresql" else func.instr
    return seek(call_records.c.record, text) > 0


def _rows(call: Any, zone: tzinfo) -> Iterator[PassedRow]:
    found = counted(record_from(call.record, None), Counting(zone=zone)).transfers
    for (slot, server, kind, queue, agent, to), sums in sorted(found.items()):
        yield PassedRow(
            call_id=call.id, server=server, started_at=call.started_at,
            at=datetime.fromtimestamp(slot * SECONDS, UTC), times=round(sums.get("n", 0)), kind=kind, queue=queue,
            agent=agent, to=to, number=call.party_number or call.caller_number or "", customer_id=call.customer_id,
            customer=call.customer or call.caller_name or "",
        )  # fmt: skip


def _counts(row: PassedRow, asked: Asked) -> bool:
    end = row.at + timedelta(seconds=SECONDS)
    from_ = row.queue if asked.by == "queue" else row.agent
    return (
        asked.span.since < end
        and row.at < asked.span.until
        and asked.from_ in (None, from_)
        and asked.to in (None, row.to)
        and _one_of(row.queue, asked.queues)
        and _one_of(row.agent, asked.agents)
        and _one_of(row.kind, asked.kinds)
    )


def _one_of(value: str, only: Sequence[str]) -> bool:
    return not only or value in only
