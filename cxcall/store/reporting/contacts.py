"""What a contact is, and whether a customer came back about the same (METRICS.md `fcr`): by customer, not by number.

A contact is a call the customer made and that is over. A call is about the same as an earlier one when both have a
category in common, or when nobody knows what one of them was about.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, literal, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.store.category_tables import category_calls
from cxcall.store.reporting.answers_rows import is_postgresql
from cxcall.store.speech_tables import transcripts
from cxcall.store.tables import calls


def is_contact(table: Any) -> ColumnElement[bool]:
    """Whether a call is one that a customer made."""
    its = table.c
    return and_(its.customer_id.is_not(None), its.direction != "outbound", its.ended_at.is_not(None))


def came_back(
    conn: AsyncConnection, *, since: datetime | None = None, until: datetime | None = None
) -> ColumnElement[bool]:
    """Whether the customer of a call called again within the window, about the same as far as anybody knows; only by
    calls begun `since` and before `until` where that is asked."""
    again = calls.alias("again")
    begun = [again.c.started_at >= since] if since is not None else []
    begun += [again.c.started_at < until] if until is not None else []
    return (
        exists()
        .correlate(calls)
        .where(
            again.c.customer_id == calls.c.customer_id,
            is_contact(again),
            again.c.started_at > calls.c.started_at,
            not_after(conn, again.c.started_at, calls.c.started_at, REPEAT_WINDOW),
            or_(~_has_topic(calls.c.id), ~_has_topic(again.c.id), _same_topic(calls.c.id, again.c.id)),
            *begun,
        )
    )


def not_after(
    conn: AsyncConnection, one: ColumnElement[Any], other: ColumnElement[Any], by: timedelta
) -> ColumnElement[bool]:
    """Whether a moment is at most so long after another: one ≤ other + by."""
    if is_postgresql(conn):
        return one <= other + literal(by)
    whole = by // timedelta(microseconds=1)
    return type_coerce(one, BigInteger) <= type_coerce(other, BigInteger) + whole


def _topics(call_id: ColumnElement[str]) -> Select[tuple[str]]:
    heard, found = transcripts.alias(), category_calls.alias()
    return (
        select(found.c.category_id)
        .join(heard, heard.c.id == found.c.transcript_id)
        .where(heard.c.kind == "call", heard.c.subject == call_id)
    )


def _has_topic(call_id: ColumnElement[str]) -> ColumnElement[bool]:
    return _topics(call_id).correlate(calls, call_id.table).exists()


def _same_topic(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    mine, heard = category_calls.alias(), transcripts.alias()
    theirs = _topics(other).correlate(other.table)
    return (
        exists()
        .where(heard.c.id == mine.c.transcript_id, heard.c.kind == "call", heard.c.subject == one)
        .where(mine.c.category_id.in_(theirs.scalar_subquery()))
        .correlate(one.table, other.table)
    )
