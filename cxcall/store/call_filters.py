"""Which calls a list shows, as SQL: every filter drives the query from the index made for it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from sqlalchemy import Column, ColumnElement, FromClause, Table, and_, exists, false, func, or_, select, true, union
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import Direction, Outcome
from cxcall.letters import search_key, words
from cxcall.store.held import Phones, is_theirs
from cxcall.store.search import begins_with, digits_in, every_word
from cxcall.store.survey_choice import Surveyed, ids_of_calls
from cxcall.store.tables import call_legs, call_visits, calls, customers

_FEW = 1000
"""What is found in no more calls than this is answered from its hits; what is found in more is so frequent that
reading the newest calls one by one meets a page of them soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What the calls of a list have in common; what is None or empty does not matter.

    `text`: beginnings of words of the customer's or caller's name, or of a number. `since` ≤ start < `until`.
    `queue`, `agent`, `extension`: anywhere in the call; an agent or an extension (`PJSIP/1001`, or several of one
    person, also for a time) must have placed or answered it. `number`: E.164, else as the switch gave it. `min_talk`:
    seconds.
    """

    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    queue: str | None = None
    agent: str | None = None
    outcome: Outcome | None = None
    direction: Direction | None = None
    customer_id: str | None = None
    number: str | None = None
    extension: str | Phones | None = None
    server: str | None = None
    min_talk: float | None = None
    surveyed: Surveyed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter as SQL: where to read, what must hold, and the two columns the list is ordered by."""

    source: FromClause
    where: ColumnElement[bool]
    started_at: Column[datetime]
    id: Column[str]


async def choose(conn: AsyncConnection, wanted: CallFilter) -> Choice:
    """The SQL of a filter; a text or several phones need a look into the database first."""
    keyed = [(table, column, value) for table, column, value in _keyed(wanted) if value is not None]
    source: FromClause = calls
    started_at, id_ = calls.c.started_at, calls.c.id
    narrow = wanted.customer_id or wanted.number or wanted.text.strip()
    conditions: list[ColumnElement[bool]] = []
    if keyed and not narrow and isinstance(keyed[0][2], str):
        table, column, value = keyed.pop(0)
        source = table.join(calls, calls.c.id == table.c.call_id)
        started_at, id_ = table.c.started_at, table.c.call_id
        conditions.append(column == value)
    for table, column, value in keyed:
        conditions.append(await _at_any(conn, value) if isinstance(value, tuple) else _somewhere(table, column, value))
    conditions += _plain(wanted, started_at)
    if wanted.surveyed is not None:
        conditions.append(calls.c.id.in_(ids_of_calls(wanted.surveyed)))
    if wanted.text.strip():
        conditions.append(await _text(conn, wanted.text))
    return Choice(source=source, where=and_(true(), *conditions), started_at=started_at, id=id_)


def _keyed(wanted: CallFilter) -> list[tuple[Table, Column[Any], Any]]:
    """Filters on legs and visits, the most telling first."""
    phones = wanted.extension
    return [
        (call_legs, call_legs.c.list_device, phones[0] if _is_one(phones) else phones),
        (call_legs, call_legs.c.list_agent, wanted.agent),
        (call_visits, call_visits.c.list_queue, wanted.queue),
    ]


def _is_one(phones: str | Phones | None) -> TypeGuard[tuple[str]]:
    return isinstance(phones, tuple) and len(phones) == 1 and isinstance(phones[0], str)


def _somewhere(table: Table, column: Column[Any], value: str) -> ColumnElement[bool]:
    return exists().where(table.c.call_id == calls.c.id, column == value).correlate(calls)


async def _at_any(conn: AsyncConnection, phones: Phones) -> ColumnElement[bool]:
    """At one of several phones of a person, while they were theirs."""
    theirs = is_theirs(phones)
    ids = (await conn.scalars(select(call_legs.c.call_id).where(theirs).limit(_FEW + 1))).all()
    if len(ids) <= _FEW:
        return calls.c.id.in_(ids)
    return exists().where(call_legs.c.call_id == calls.c.id, theirs).correlate(calls)


def _plain(wanted: CallFilter, started_at: Column[datetime]) -> list[ColumnElement[bool]]:
    number = calls.c.party_number if (wanted.number or "").startswith("+") else calls.c.caller_number
    given: list[tuple[Callable[[Any, Any], ColumnElement[bool]], Column[Any], Any]] = [
        (operator.ge, started_at, wanted.since),
        (operator.lt, started_at, wanted.until),
        (operator.eq, calls.c.outcome, wanted.outcome),
        (operator.eq, calls.c.direction, wanted.direction),
        (operator.eq, calls.c.customer_id, wanted.customer_id),
        (operator.eq, number, wanted.number),
        (operator.eq, calls.c.server, wanted.server),
        (operator.ge, calls.c.talk, wanted.min_talk),
    ]
    return [compare(column, value) for compare, column, value in given if value is not None]


async def _text(conn: AsyncConnection, text: str) -> ColumnElement[bool]:
    alternatives = _hits(text)
    if not alternatives:
        return false()
    found = union(*(select(select(calls.c.id).where(hit).limit(_FEW + 1).subquery().c.id) for hit in alternatives))
    ids = (await conn.scalars(found)).all()
    return calls.c.id.in_(ids) if len(ids) <= _FEW else or_(*_hits(text, _unindexed))


def _unindexed(column: Column[Any]) -> ColumnElement[Any]:
    """The column in a form no index answers: the list is then read in its own order and not sorted."""
    return func.coalesce(column, "")


def _hits(
    text: str, column: Callable[[Column[Any]], ColumnElement[Any]] = lambda column: column
) -> list[ColumnElement[bool]]:
    """The ways a call can be found by `text`, each answered by an index of its own unless `column` hides it."""
    digits = digits_in(text)
    if digits is None and not words(text):
        return []
    known = column(calls.c.customer_id).in_(select(customers.c.id).where(every_word(customers.c.id, text)))
    if digits is None:
        return [known, begins_with(column(calls.c.caller_key), search_key(text))]
    return [known, begins_with(column(calls.c.caller_number), digits), begins_with(column(calls.c.called), digits)]
