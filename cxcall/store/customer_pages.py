"""Lists of customers: by name or newest first, found by the beginning of any word or number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Select, and_, asc, desc, func, literal, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from cxcall.customers.profile import Language, Tier
from cxcall.store.customers import many
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.search import every_word
from cxcall.store.tables import BYTES, calls, customer_tags, customers

Order = Literal["name", "newest"]
_FEW = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """`text`: beginnings of words of name, company, city, tags, e-mail, or of a number, or its last digits."""

    text: str = ""
    tier: Tier | None = None
    tag: str | None = None
    first_contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """One line of a list."""

    id: str
    name: str
    numbers: tuple[str, ...]
    emails: tuple[str, ...]
    company: str
    city: str
    tier: Tier | None
    language: Language | None
    tags: tuple[str, ...]
    first_contact: bool
    created_at: datetime
    calls: int
    last_call_at: datetime | None


CustomerPage = Slice[CustomerRow]


async def page(
    conn: AsyncConnection,
    wanted: CustomerFilter,
    *,
    order: Order = "name",
    limit: int = 50,
    after: str | None = None,
) -> CustomerPage:
    """One page; `after` is the `next` or `previous` of another page. Raises `BadCursor` for what is none."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    query = page_query(await condition(conn, wanted), order, limit, cursor)
    spots = (await conn.execute(query)).all()
    part = cut(spots, limit, cursor, lambda spot: (_key(order, spot), spot.id))
    return Slice(rows=await _rows(conn, [spot.id for spot in part.rows]), next=part.next, previous=part.previous)


async def count(conn: AsyncConnection, wanted: CustomerFilter, *, at_most: int = 100_000) -> int:
    """How many customers; `at_most` + 1 stands for "more than that"."""
    where = await condition(conn, wanted)
    some = select(literal(1)).select_from(customers).where(where).limit(at_most + 1).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


async def tags(conn: AsyncConnection, *, at_most: int = 200) -> list[str]:
    """Tags in use, for choosing one."""
    query = select(customer_tags.c.tag).distinct().order_by(customer_tags.c.tag).limit(at_most)
    return list((await conn.scalars(query)).all())


async def condition(conn: AsyncConnection, wanted: CustomerFilter) -> ColumnElement[bool]:
    """The SQL of a filter. Few hits of a text are listed by id, so that only they are read and sorted."""
    conditions: list[ColumnElement[bool]] = [customers.c.merged_into.is_(None)]
    if wanted.tier:
        conditions.append(customers.c.tier == wanted.tier)
    if wanted.tag:
        tagged = select(customer_tags.c.customer_id).where(customer_tags.c.tag == wanted.tag)
        conditions.append(customers.c.id.in_(tagged))
    if wanted.first_contact:
        conditions.append(and_(customers.c.origin == "call", customers.c.version == 1))
    if wanted.text.strip():
        hits = every_word(customers.c.id, wanted.text)
        ids = (await conn.scalars(select(customers.c.id).where(hits).limit(_FEW + 1))).all()
        conditions.append(customers.c.id.in_(ids) if len(ids) <= _FEW else hits)
    return and_(true(), *conditions)


def page_query(where: ColumnElement[bool], order: Order, limit: int, cursor: Cursor | None) -> Select[Any]:
    """The query of one page, one row more than shown."""
    column: Column[Any] = customers.c.name_key if order == "name" else customers.c.created_at
    spot = tuple_(column, customers.c.id)
    ascending = (order == "name") != (cursor is not None and cursor.back)
    query = select(customers.c.id, column).where(where).limit(limit + 1)
    if cursor is not None:
        kind: TypeEngine[Any] = BYTES if order == "name" else UtcDateTime()
        seen = tuple_(literal(_value(order, cursor), kind), literal(cursor.id, BYTES))
        query = query.where(spot > seen if ascending else spot < seen)
    way = asc if ascending else desc
    return query.order_by(way(column), way(customers.c.id))


def _key(order: Order, spot: Any) -> str:
    return str(spot.name_key) if order == "name" else str(to_micros(spot.created_at))


def _value(order: Order, cursor: Cursor) -> Any:
    try:
        return cursor.key if order == "name" else from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None


async def _rows(conn: AsyncConnection, ids: list[str]) -> list[CustomerRow]:
    found = await many(conn, ids)
    figures = await _figures(conn, ids)
    return [
        CustomerRow(
            id=id_,
            name=customer.profile.name,
            numbers=customer.profile.numbers,
            emails=customer.profile.emails,
            company=customer.profile.company,
            city=customer.profile.city,
            tier=customer.profile.tier,
            language=customer.profile.language,
            tags=customer.profile.tags,
            first_contact=customer.first_contact,
            created_at=customer.created_at,
            calls=figures.get(id_, (0, None))[0],
            last_call_at=figures.get(id_, (0, None))[1],
        )
        for id_ in ids
        if (customer := found.get(id_)) is not None
    ]


async def _figures(conn: AsyncConnection, ids: list[str]) -> dict[str, tuple[int, datetime | None]]:
    query = (
        select(calls.c.customer_id, func.count(), func.max(calls.c.started_at))
        .where(calls.c.customer_id.in_(ids))
        .group_by(calls.c.customer_id)
    )
    return {id_: (calls_, last) for id_, calls_, last in await conn.execute(query)}
