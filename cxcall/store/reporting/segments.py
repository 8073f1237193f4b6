"""The segments of customers who were in contact in a period, as they stood on its last day.

What `customers.segments.segment` says of one customer, for all of them by one statement.
"""

from __future__ import annotations

from datetime import timedelta, tzinfo
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.segments import GONE, NEW, OFTEN, QUIET, SOMETIMES, YEAR
from cxcall.reports.period import Span, midnight, span_of
from cxcall.store.reporting.answers_rows import quarter, unindexed
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.slots import QUARTER, Clock
from cxcall.store.tables import calls, customers

_SEVERAL = 14
"""Days of a period in which so many of all customers call that looking at all of them takes less time."""


def told(conn: AsyncConnection, ask: Ask, rows: Subquery) -> Subquery:
    """Rows of a period with the column `segment`, by their `customer_id`."""
    kinds = _of_period(conn, ask).subquery("kinds")
    query = select(*rows.c, kinds.c.segment).join_from(rows, kinds, kinds.c.customer_id == rows.c.customer_id)
    return query.subquery("its")


def _of_period(conn: AsyncConnection, ask: Ask) -> Select[tuple[Any, ...]]:
    """The segment of each customer with a call in the period."""
    span, today = ask.span, ask.span.last.toordinal()
    short = span.last - span.first < QUIET
    counted = (_of_who_called(conn, ask) if short else _by_customer(conn, ask)).subquery("counted").c
    last, days = counted.last, counted.days
    quiet = case((days >= SOMETIMES, literal("at_risk")), else_=literal("regular"))
    kind = case(
        (counted.first >= midnight(span.last - NEW + timedelta(days=1), ask.zone), literal("new")),
        (last < today - GONE.days, literal("lapsed")),
        (last < today - QUIET.days, quiet),
        (days >= OFTEN, literal("loyal")),
        else_=literal("regular"),
    )
    return select(counted.customer_id, kind.label("segment"))


def _of_who_called(conn: AsyncConnection, ask: Ask) -> Select[tuple[Any, ...]]:
    """The same as `_by_customer` of a period so short that nobody who called in it is quiet on its last day."""
    its, span, zone = calls.c, ask.span, ask.zone
    first = span.last - YEAR - timedelta(days=1)
    day = _day(quarter(conn, its.started_at), span_of(first, span.last, zone), zone)
    query = select(
        its.customer_id,
        func.count(case((day > span.last.toordinal() - YEAR.days, day)).distinct()).label("days"),
        func.min(its.started_at).label("first"),
    ).group_by(its.customer_id)
    if span.days > _SEVERAL:
        lying = unindexed(its.started_at)  # the index by customer has all that is needed, and in order
        query = query.where(its.customer_id.is_not(None), lying >= midnight(first, zone), lying < span.until)
        query = query.having(func.max(its.started_at) >= span.since)
    else:
        query = query.where(
            its.customer_id.in_(_there(span).scalar_subquery()),
            its.started_at >= midnight(first, zone),
            its.started_at < span.until,
        )
    found, known = query.subquery("found").c, customers.c.first_contact_at
    return select(
        found.customer_id,
        literal(span.last.toordinal()).label("last"),
        found.days,
        case((known < found.first, known), else_=found.first).label("first"),
    ).join_from(found.customer_id.table, customers, customers.c.id == found.customer_id)


def _by_customer(conn: AsyncConnection, ask: Ask) -> Select[tuple[Any, ...]]:
    """The first contact of each customer, the last day with contact, and the days with contact that count: those of a
    year before the last day of the period, of who has been quiet of a year before their own last day."""
    today = ask.span.last.toordinal()
    its = _days(conn, ask).subquery("of_day").c
    last = func.max(its.day).over(partition_by=its.customer_id).label("last")
    together = select(its.customer_id, its.day, its.at, last).subquery("days")
    days = together.c
    since = case((days.last < today - QUIET.days, days.last), else_=literal(today)) - YEAR.days
    known = func.min(customers.c.first_contact_at)
    first = func.min(days.at)
    return (
        select(
            days.customer_id,
            days.last,
            func.sum(case((days.day > since, 1), else_=0)).label("days"),
            case((known < first, known), else_=first).label("first"),
        )
        .join_from(together, customers, customers.c.id == days.customer_id)
        .group_by(days.customer_id, days.last)
    )


def _days(conn: AsyncConnection, ask: Ask) -> Select[tuple[Any, ...]]:
    """The days on which those customers were in contact, as far back as it can matter."""
    span, zone = ask.span, ask.zone
    back = YEAR if span.last - span.first < QUIET else YEAR + GONE
    first = span.last - back - timedelta(days=1)
    day = _day(quarter(conn, calls.c.started_at), span_of(first, span.last, zone), zone)
    return (
        select(calls.c.customer_id, day.label("day"), func.min(calls.c.started_at).label("at"))
        .where(
            calls.c.customer_id.in_(_there(span).scalar_subquery()),
            calls.c.started_at >= midnight(first, zone),
            calls.c.started_at < span.until,
        )
        .group_by(calls.c.customer_id, day)
    )


def _there(span: Span) -> Select[tuple[str | None]]:
    """Who called in a period."""
    its = calls.c
    return select(its.customer_id).where(
        its.customer_id.is_not(None), its.started_at >= span.since, its.started_at < span.until
    )


def _day(slot: ColumnElement[Any], span: Span, zone: tzinfo) -> ColumnElement[Any]:
    table: Any = SimpleNamespace(c=SimpleNamespace(slot=slot))
    return Clock(table, QUARTER, span, zone, "gregorian").part("day")
