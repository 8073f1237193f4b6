"""Who is never asked: numbers whose callers said so, and customers whose profile is tagged so.

A number that opts out tags the profile it belongs to, where people see it and may take it off again: that lifts the
opt-outs of the profile's numbers (`cxcall.store.customers`). The tag holds for every number of the customer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import asc, delete, desc, exists, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.profile import NO_SURVEY
from cxcall.store import customers as customer_store
from cxcall.store.customers import Customer
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.survey_tables import survey_opt_outs
from cxcall.store.tables import BYTES, customer_numbers, customer_tags, customers
from cxcall.store.upsert import insert_into

How = Literal["key", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """A number that is never asked: since when, by the key in a survey or by a person (`by`), and whose it is."""

    number: str
    at: datetime
    how: How
    by: str
    customer_id: str | None
    customer_name: str | None


async def add(conn: AsyncConnection, number: str, *, how: How, by: str, at: datetime) -> None:
    """Never ask this number (E.164, else as the switch gave it) again, nor its customer. Again: nothing changes."""
    row = {"number": number, "at": at, "how": how, "by": by}
    await conn.execute(insert_into(conn, survey_opt_outs).values(row).on_conflict_do_nothing())
    owner = await _locked_owner(conn, number)
    if owner is not None and NO_SURVEY not in owner.profile.tags:
        await customer_store.change(conn, owner.id, replace(owner.profile, tags=(*owner.profile.tags, NO_SURVEY)))


async def remove(conn: AsyncConnection, number: str) -> bool:
    """This number, and its customer, may be asked again. False when nothing kept it from that."""
    owner = await _locked_owner(conn, number)
    tagged = owner is not None and NO_SURVEY in owner.profile.tags
    row = await conn.execute(delete(survey_opt_outs).where(survey_opt_outs.c.number == number))
    if owner is not None and tagged:
        left = tuple(tag for tag in owner.profile.tags if tag != NO_SURVEY)
        await customer_store.change(conn, owner.id, replace(owner.profile, tags=left))
    return tagged or row.rowcount > 0


async def holds(conn: AsyncConnection, number: str, customer_id: str | None = None) -> bool:
    """Whether a caller must not be asked: by number, or by the tag on their profile."""
    tags, numbers = customer_tags.c, customer_numbers.c
    owner = select(numbers.customer_id).where(numbers.number == number).scalar_subquery()
    whose = tags.customer_id == owner
    if customer_id is not None:
        whose = or_(whose, tags.customer_id == customer_id)
    query = select(
        or_(
            exists().where(survey_opt_outs.c.number == number),
            exists().where(whose, tags.tag == NO_SURVEY),
        )
    )
    return bool(await conn.scalar(query))


async def page(conn: AsyncConnection, *, limit: int = 50, after: str | None = None) -> Slice[OptOut]:
    """Numbers that are never asked, newest first. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    table = survey_opt_outs.c
    back = cursor is not None and cursor.back
    way = asc if back else desc
    query = (
        select(survey_opt_outs, customers.c.id.label("customer_id"), customers.c.name.label("customer_name"))
        .outerjoin(customer_numbers, customer_numbers.c.number == table.number)
        .outerjoin(customers, customers.c.id == customer_numbers.c.customer_id)
        .order_by(way(table.at), way(table.number))
        .limit(limit + 1)
    )
    if cursor is not None:
        spot, seen = tuple_(table.at, table.number), tuple_(_moment(cursor), literal(cursor.id, BYTES))
        query = query.where(spot > seen if back else spot < seen)
    found = [OptOut(**row._mapping) for row in await conn.execute(query)]
    return cut(found, limit, cursor, lambda row: (str(to_micros(row.at)), row.number))


def _moment(cursor: Cursor) -> object:
    try:
        return literal(from_micros(int(cursor.key)), UtcDateTime)
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None


async def _locked_owner(conn: AsyncConnection, number: str) -> Customer | None:
    """Whose number this is, kept from other changes until the transaction ends."""
    numbers = customer_numbers.c
    owner = select(numbers.customer_id).where(numbers.number == number).scalar_subquery()
    await conn.execute(select(customers.c.id).where(customers.c.id == owner).with_for_update())
    return await customer_store.by_number(conn, number)
