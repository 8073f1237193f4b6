"""Recency, frequency and value of the site's customers, worked out every night (METRICS `rfm`)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Subquery, and_, case, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.customers.rfm import RULES, Bounds, Cuts, Rule, Seen, limits
from cxcall.reports.period import midnight, span_of
from cxcall.store.reporting.answers_rows import quarter
from cxcall.store.reporting.contacts import is_contact
from cxcall.store.reporting.slots import QUARTER, Clock
from cxcall.store.rfm_tables import rfm_bounds, rfm_customers
from cxcall.store.routing_tables import customer_accounts
from cxcall.store.tables import calls, customers
from cxcall.store.upsert import insert_into

AT_ONCE = 500
"""Customers that are looked at together."""
PAUSE_S = 0.02
"""Seconds others have in between."""
YEAR = timedelta(days=365)

_ROW = 1
_its = rfm_customers.c
_bounds = msgspec.json.Decoder(Bounds)
_groups = msgspec.json.Decoder(dict[str, int])


async def bounds(conn: AsyncConnection) -> Bounds | None:
    """The bounds of last night; None before the first one."""
    text = await conn.scalar(select(rfm_bounds.c.bounds))
    return None if text is None else _bounds.decode(text)


async def of_customer(conn: AsyncConnection, customer_id: str) -> Seen | None:
    """What was seen of a customer last night; None of who was not in contact before it."""
    row = (await conn.execute(select(rfm_customers).where(_its.customer_id == customer_id))).first()
    if row is None:
        return None
    return Seen(last=date.fromordinal(row.last_day), days=row.days, contacts=row.contacts, value=row.value)


async def counted(conn: AsyncConnection) -> dict[str, int]:
    """How many customers were in each group last night; nothing before the first one."""
    text = await conn.scalar(select(rfm_bounds.c.groups))
    return {} if text is None else _groups.decode(text)


async def told(conn: AsyncConnection, rows: Subquery) -> Subquery:
    """Rows with the column `rfm`, the group of their `customer_id`; "" of who is in none yet."""
    found = await bounds(conn)
    if found is None:
        return select(*rows.c, literal("").label("rfm")).subquery("its")
    groups = select(_its.customer_id, _group(found).label("rfm")).subquery("groups").c
    query = select(*rows.c, func.coalesce(groups.rfm, "").label("rfm"))
    return query.outerjoin_from(rows, groups.rfm.table, groups.customer_id == rows.c.customer_id).subquery("its")


async def work_out(engine: AsyncEngine, zone: tzinfo, *, now: datetime, pause_s: float = PAUSE_S) -> Bounds | None:
    """Look at all customers, some at a time, and where the fifths of them are; None: nobody was ever in contact."""
    after: str | None = ""
    while after is not None:
        after = await _look_at_some(engine, zone, now, after)
        await asyncio.sleep(pause_s)
    today = now.astimezone(zone).date()
    async with engine.begin() as conn:
        await conn.execute(delete(rfm_customers).where(_its.day < today.toordinal()))
        found = await _measure(conn, today)
        await conn.execute(delete(rfm_bounds))
        if found is not None:
            name = _group(found).label("rfm")
            rows = await conn.execute(select(name, func.count().label("n")).group_by(name))
            kept = {"bounds": _text(found), "groups": _text({row.rfm: row.n for row in rows})}
            await conn.execute(rfm_bounds.insert().values(id=_ROW, **kept))
    return found


async def _look_at_some(engine: AsyncEngine, zone: tzinfo, now: datetime, after: str) -> str | None:
    """Look at the next customers by id; up to which, None: at all."""
    ask = select(customers.c.id).where(customers.c.id > after).order_by(customers.c.id).limit(AT_ONCE)
    async with engine.connect() as conn:
        ids = (await conn.scalars(ask)).all()
        rows = await _seen(conn, zone, now, ids) if ids else []
    if rows:
        async with engine.begin() as conn:
            insert = insert_into(conn, rfm_customers)
            again = {column.name: insert.excluded[column.name] for column in _its if not column.primary_key}
            # A customer who was forgotten meanwhile has no row to be kept with.
            still = set((await conn.scalars(select(customers.c.id).where(customers.c.id.in_(ids)))).all())
            if rows := [row for row in rows if row["customer_id"] in still]:
                await conn.execute(insert.on_conflict_do_update(index_elements=["customer_id"], set_=again), rows)
    return ids[-1] if ids else None


async def _seen(conn: AsyncConnection, zone: tzinfo, now: datetime, ids: Sequence[str]) -> list[dict[str, Any]]:
    its, today = calls.c, now.astimezone(zone).date()
    first = today - YEAR + timedelta(days=1)
    lately = its.started_at >= midnight(first, zone)
    query = (
        select(
            its.customer_id,
            func.max(its.started_at).label("last"),
            func.count(case((lately, _day(conn, first, today, zone))).distinct()).label("days"),
            func.count(case((lately, 1))).label("contacts"),
            func.max(customer_accounts.c.value).label("value"),
        )
        .outerjoin_from(calls, customer_accounts, customer_accounts.c.customer_id == its.customer_id)
        .where(its.customer_id >= ids[0], its.customer_id <= ids[-1], is_contact(calls), its.started_at <= now)
        .group_by(its.customer_id)
    )
    return [
        {
            "customer_id": row.customer_id, "day": today.toordinal(),
            "last_day": row.last.astimezone(zone).toordinal(), "days": row.days, "contacts": row.contacts,
            "value": row.value,
        }
        for row in await conn.execute(query)
    ]  # fmt: skip


def _day(conn: AsyncConnection, first: date, last: date, zone: tzinfo) -> ColumnElement[Any]:
    """The site's day of a call, as an ordinal."""
    table: Any = SimpleNamespace(c=SimpleNamespace(slot=quarter(conn, calls.c.started_at)))
    return Clock(table, QUARTER, span_of(first, last, zone), zone, "gregorian").part("day")


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def _measure(conn: AsyncConnection, today: date) -> Bounds | None:
    n = await conn.scalar(select(func.count()).select_from(rfm_customers)) or 0
    if not n:
        return None
    by_purchases = bool(await conn.scalar(select(func.count(_its.value)))) or False
    recency, frequency, value = [await _cuts(conn, of, n) for of in _amounts(today, by_purchases=by_purchases)]
    return Bounds(
        on=today, customers=n, recency=recency, frequency=frequency, value=value, by_purchases=by_purchases
    )  # fmt: skip


def _amounts(on: date, *, by_purchases: bool) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    """Days since the last contact, days with contact, value."""
    value = func.coalesce(_its.value, 0) if by_purchases else _its.contacts
    return literal(on.toordinal()) - _its.last_day, _its.days, value


async def _cuts(conn: AsyncConnection, amount: ColumnElement[Any], n: int) -> Cuts:
    first, second, third, fourth = [
        float(await conn.scalar(select(amount).order_by(amount).limit(1).offset(math.ceil(n * part / 5) - 1)) or 0)
        for part in range(1, 5)
    ]
    return first, second, third, fourth


def _group(found: Bounds) -> ColumnElement[str]:
    return case(*((and_(*_within(rule, found)), rule.group) for rule in RULES[:-1]), else_=RULES[-1].group)


def _within(rule: Rule, found: Bounds) -> list[ColumnElement[bool]]:
    amounts = _amounts(found.on, by_purchases=found.by_purchases)
    asked = (
        limits(rule.recency, found.recency, few_is_good=True),
        limits(rule.frequency, found.frequency, few_is_good=False),
        limits(rule.value, found.value, few_is_good=False),
    )
    conditions = []
    for amount, (more_than, at_most) in zip(amounts, asked, strict=True):
        conditions += [amount > more_than] if more_than is not None else []
        conditions += [amount <= at_most] if at_most is not None else []
    return conditions
