"""Decisions as lists show them, and how many calls each rule held for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.routing_decisions import KeptDecision, of_row
from cxcall.store.routing_tables import routing_decisions, routing_matches
from cxcall.store.schema import from_micros, to_micros

_its = routing_decisions.c


async def page(
    conn: AsyncConnection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Slice[KeptDecision]:
    """Decisions, newest first. Raises `BadCursor`."""
    where = [_its.at >= since] if since is not None else []
    where += [_its.at < until] if until is not None else []
    spot = tuple_(_its.at, _its.id)
    try:
        return await _paged(conn, select(routing_decisions).where(*where), spot, _moment_key, limit, after)
    except (ValueError, OverflowError) as error:
        raise BadCursor(BadCursor.__doc__) from error


async def page_of_rule(
    conn: AsyncConnection, rule_id: str, *, day: str | None = None, limit: int = 50, after: str | None = None
) -> Slice[KeptDecision]:
    """Decisions a rule held for, newest first, of all days or of one (2026-11-22). Raises `BadCursor`."""
    held = routing_matches.c
    query = select(routing_decisions, held.day).join(routing_matches, held.decision_id == _its.id)
    query = query.where(held.rule_id == rule_id, *((held.day == day,) if day else ()))
    return await _paged(conn, query, tuple_(held.day, held.decision_id), _day_key, limit, after)


async def total(conn: AsyncConnection, *, since: datetime, until: datetime, most: int) -> int:
    """How many decisions there were in this time, counted up to `most`."""
    some = select(_its.id).where(_its.at >= since, _its.at < until).limit(most).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


async def counts(
    conn: AsyncConnection, rule_ids: Collection[str], *, since: str, until: str
) -> dict[str, dict[str, int]]:
    """How many calls each of these rules held for, by rule and day of the site (2026-11-22), until the day before
    `until`; rules and days without any are left out."""
    held = routing_matches.c
    query = (
        select(held.rule_id, held.day, func.count())
        .where(held.rule_id.in_(sorted(rule_ids)), held.day >= since, held.day < until)
        .group_by(held.rule_id, held.day)
    )
    found: dict[str, dict[str, int]] = {}
    for rule_id, day, n in await conn.execute(query):
        found.setdefault(rule_id, {})[day] = n
    return found


async def last_held(conn: AsyncConnection, rule_ids: Collection[str]) -> dict[str, str]:
    """The last day each of these rules held for a call; those that never did are left out."""
    held = routing_matches.c
    found = {}
    for rule_id in sorted(rule_ids):  # each one step in the index; together they would read all there is
        day = await conn.scalar(select(func.max(held.day)).where(held.rule_id == rule_id))
        if day is not None:
            found[rule_id] = day
    return found


async def _paged(
    conn: AsyncConnection, query: Select[Any], spot: Any, key: Callable[[str], Any], limit: int, after: str | None
) -> Slice[KeptDecision]:
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    back = cursor is not None and cursor.back
    columns = list(spot.clauses)
    if cursor is not None:
        seen = tuple_(key(cursor.key), cursor.id, types=[column.type for column in columns])
        query = query.where(spot > seen if back else spot < seen)
    order = [column.asc() if back else column.desc() for column in columns]
    rows = (await conn.execute(query.order_by(*order).limit(limit + 1))).all()
    found = cut(rows, limit, cursor, lambda row: (_key_of(row), row.id))
    return Slice(rows=[of_row(row) for row in found.rows], next=found.next, previous=found.previous)


def _key_of(row: Row[Any]) -> str:
    return str(row._mapping.get("day") or to_micros(row.at))


def _moment_key(key: str) -> datetime:
    return from_micros(int(key))


def _day_key(key: str) -> str:
    return key
