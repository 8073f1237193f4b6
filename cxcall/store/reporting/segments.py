"""The segments of customers who were in contact in a period, as they stood on its last day (`customers.segments`)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.segments import Segment, segment
from cxcall.store.reporting.ask import Ask
from cxcall.store.tables import calls, customers

_KNOWN = timedelta(days=730)
"""Contacts of so long are enough to tell a segment."""


async def of_period(conn: AsyncConnection, ask: Ask) -> dict[str, Segment]:
    """The segment of each customer with a call in the period."""
    span = ask.span
    there = (
        select(calls.c.customer_id)
        .where(calls.c.customer_id.is_not(None), calls.c.started_at >= span.since, calls.c.started_at < span.until)
        .distinct()
    )
    query = select(calls.c.customer_id, calls.c.started_at, customers.c.first_contact_at).join(
        customers, customers.c.id == calls.c.customer_id
    )
    query = query.where(
        calls.c.customer_id.in_(there.scalar_subquery()),
        calls.c.started_at >= span.until - _KNOWN,
        calls.c.started_at < span.until,
    )
    days: dict[str, set[datetime]] = defaultdict(set)
    first: dict[str, datetime] = {}
    for customer_id, at, began in await conn.execute(query):
        days[customer_id].add(at)
        first[customer_id] = min(first.get(customer_id, at), began or at)
    return {
        customer_id: segment(
            {at.astimezone(ask.zone).date() for at in moments},
            first=first[customer_id].astimezone(ask.zone).date(),
            today=span.last,
        )
        for customer_id, moments in days.items()
    }
