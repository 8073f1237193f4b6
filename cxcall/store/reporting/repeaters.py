"""Customers who called twice or more in a period, as many as the measure `repeat` counts, and the calls counted.

What a contact is, `contacts.is_contact` says. Told by the queue and agent that lists of calls name, as the figure is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.definition import Narrowing
from cxcall.reports.period import Span
from cxcall.store.category_tables import category_calls
from cxcall.store.paging import BadCursor, Cursor, Slice, cut
from cxcall.store.reporting.answers_rows import during, quarter
from cxcall.store.reporting.contacts import came_back, is_contact
from cxcall.store.reporting.slots import QUARTER, Clock
from cxcall.store.reporting.summing import NARROWED_BY
from cxcall.store.schema import from_micros, to_micros
from cxcall.store.speech_tables import transcripts
from cxcall.store.tables import calls, customers

_AT_ONCE = 500
"""Ids a statement."""
_ALL = Narrowing()
_c = calls.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose contacts count: those of a period of the site's `zone`, narrowed as a report is."""

    span: Span
    zone: tzinfo
    narrowing: Narrowing = _ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeater:
    """A customer with so many `contacts`; what the last one was like. `topics`: categories of all of them, the most
    frequent first."""

    customer_id: str
    customer: str
    number: str
    contacts: int
    answered: int
    first_at: datetime
    last_at: datetime
    last_call: str
    last_queue: str
    last_agent: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One call that was counted. `again`: the customer called again about the same within seven days, None where
    nobody answered and so nothing could be solved."""

    call_id: str
    server: str
    started_at: datetime
    queue: str
    agent: str
    outcome: str
    talk: float
    number: str
    customer_id: str
    customer: str
    topics: tuple[str, ...]
    again: bool | None


async def page(conn: AsyncConnection, asked: Asked, *, limit: int = 50, after: str | None = None) -> Slice[Repeater]:
    """Those with the most contacts first. Raises `BadCursor`."""
    cursor = Cursor.decode(after) if after else None
    back = cursor is not None and cursor.back
    its = _contacts(conn, asked).subquery("its").c
    n = func.count()
    query = (
        select(
            its.customer_id, n.label("contacts"), func.sum(its.answered).label("answered"),
            func.min(its.started_at).label("first_at"), func.max(its.started_at).label("last_at"),
        ).group_by(its.customer_id).having(n >= 2)
    )  # fmt: skip
    if cursor is not None:
        if not cursor.key.isdecimal() or len(cursor.key) > 9:
            raise BadCursor(BadCursor.__doc__)
        there, more = int(cursor.key), n > int(cursor.key)
        same = and_(n == there, its.customer_id < cursor.id if back else its.customer_id > cursor.id)
        query = query.having(or_(more if back else n < there, same))
    order = (n, its.customer_id.desc()) if back else (n.desc(), its.customer_id)
    found = (await conn.execute(query.order_by(*order).limit(limit + 1))).all()
    several = cut(found, limit, cursor, lambda row: (str(row.contacts), row.customer_id))
    rows = await _repeaters(conn, asked, several.rows)
    return Slice(rows=rows, next=several.next, previous=several.previous)


async def calls_of(
    conn: AsyncConnection, asked: Asked, *, customer_id: str = "", unsolved: bool = False, limit: int = 50,
    after: str | None = None,
) -> Slice[Contact]:  # fmt: skip
    """The contacts counted, the newest first, of one customer or of all. `unsolved`: only answered ones after which
    the customer called again, those that first-contact resolution lacks. Raises `BadCursor`."""
    cursor = Cursor.decode(after) if after else None
    back = cursor is not None and cursor.back
    query = _contacts(conn, asked)
    query = query.add_columns(came_back(conn).label("again"))
    if customer_id:
        query = query.where(_c.customer_id == customer_id)
    if unsolved:
        query = query.where(_c.outcome == "answered", came_back(conn))
    if cursor is not None:
        query = query.where(_beyond(cursor))
    order = (_c.started_at, _c.id) if back else (_c.started_at.desc(), _c.id.desc())
    found = (await conn.execute(query.order_by(*order).limit(limit + 1))).all()
    several = cut(found, limit, cursor, lambda row: (str(to_micros(row.started_at)), row.id))
    topics = await _topics(conn, [row.id for row in several.rows])
    names = await _names(conn, sorted({row.customer_id for row in several.rows}))
    rows = [
        Contact(
            call_id=row.id, server=row.server, started_at=row.started_at, queue=row.queue, agent=row.agent,
            outcome=row.outcome, talk=row.talk, number=row.number or "", customer_id=row.customer_id,
            customer=names.get(row.customer_id, ""), topics=tuple(topics.get(row.id, ())),
            again=bool(row.again) if row.outcome == "answered" else None,
        )
        for row in several.rows
    ]  # fmt: skip
    return Slice(rows=rows, next=several.next, previous=several.previous)


async def count_of(
    conn: AsyncConnection, asked: Asked, *, customer_id: str = "", unsolved: bool = False
) -> int:  # fmt: skip
    """How many `calls_of` lists in all."""
    query = _contacts(conn, asked)
    if customer_id:
        query = query.where(_c.customer_id == customer_id)
    if unsolved:
        query = query.where(_c.outcome == "answered", came_back(conn))
    return int(await conn.scalar(select(func.count()).select_from(query.subquery())) or 0)


def _contacts(conn: AsyncConnection, asked: Asked) -> Select[tuple[Any, ...]]:
    """The contacts of a period that count, one a row."""
    return select(
        _c.id, _c.server, _c.started_at, _c.customer_id, _c.outcome, _c.talk, _c.party_number.label("number"),
        func.coalesce(_c.queue, "").label("queue"), func.coalesce(_c.agent, "").label("agent"),
        case((_c.outcome == "answered", 1), else_=0).label("answered"),
    ).where(is_contact(calls), *during(_c.started_at, asked.span), *_narrowed(conn, asked))  # fmt: skip


def _narrowed(conn: AsyncConnection, asked: Asked) -> Iterator[ColumnElement[bool]]:
    slots: Any = SimpleNamespace(c=SimpleNamespace(slot=quarter(conn, _c.started_at)))
    yield from Clock(slots, QUARTER, asked.span, asked.zone, "gregorian").narrowed(asked.narrowing)
    columns = {"server": _c.server, "queue": func.coalesce(_c.queue, ""), "agent": func.coalesce(_c.agent, "")}
    for value, row in NARROWED_BY:
        if row in columns and (only := value(asked.narrowing)):
            yield columns[row].in_(sorted(set(only)))


async def _repeaters(conn: AsyncConnection, asked: Asked, found: Sequence[Any]) -> list[Repeater]:
    """The customers of a page with their last contact and what all of them were about."""
    ids = sorted(row.customer_id for row in found)
    if not ids:
        return []
    several: dict[str, list[Any]] = defaultdict(list)
    query = _contacts(conn, asked).where(_c.customer_id.in_(ids)).order_by(_c.started_at.desc(), _c.id.desc())
    for row in await conn.execute(query):
        several[row.customer_id].append(row)
    topics = await _topics(conn, [row.id for rows in several.values() for row in rows])
    names = await _names(conn, ids)
    return [
        Repeater(
            customer_id=row.customer_id, customer=names.get(row.customer_id, ""), number=last.number or "",
            contacts=row.contacts, answered=int(row.answered), first_at=row.first_at, last_at=last.started_at,
            last_call=last.id, last_queue=last.queue, last_agent=last.agent,
            topics=_most(topic for one in several[row.customer_id] for topic in topics.get(one.id, ())),
        )
        for row in found
        for last in several[row.customer_id][:1]
    ]  # fmt: skip


def _most(topics: Iterable[str]) -> tuple[str, ...]:
    """Each once, the most frequent first."""
    return tuple(topic for topic, _ in sorted(Counter(topics).items(), key=lambda one: (-one[1], one[0])))


async def _topics(conn: AsyncConnection, call_ids: Sequence[str]) -> dict[str, list[str]]:
    """The categories found in calls, by call."""
    found: dict[str, list[str]] = defaultdict(list)
    for begin in range(0, len(call_ids), _AT_ONCE):
        some = sorted(call_ids[begin : begin + _AT_ONCE])
        query = (
            select(transcripts.c.subject, category_calls.c.category_id)
            .join_from(transcripts, category_calls, category_calls.c.transcript_id == transcripts.c.id)
            .where(transcripts.c.kind == "call", transcripts.c.subject.in_(some))
            .order_by(transcripts.c.subject, category_calls.c.category_id)
        )
        for call_id, category_id in await conn.execute(query):
            found[call_id].append(category_id)
    return found


async def _names(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    rows = await conn.execute(select(customers.c.id, customers.c.name).where(customers.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _beyond(cursor: Cursor) -> ColumnElement[bool]:
    try:
        at = from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None
    if cursor.back:
        return or_(_c.started_at > at, and_(_c.started_at == at, _c.id > cursor.id))
    return or_(_c.started_at < at, and_(_c.started_at == at, _c.id < cursor.id))
