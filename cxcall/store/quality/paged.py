"""Lists of reviews and evaluations by when their calls began, a page at a time, forth and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Row, Table, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros


class OfCall(Protocol):
    """What is listed."""

    @property
    def id(self) -> str: ...

    @property
    def began_at(self) -> datetime: ...


Listed = TypeVar("Listed", bound=OfCall)


async def page(
    conn: AsyncConnection,
    table: Table,
    where: Sequence[ColumnElement[bool]],
    of_row: Callable[[Row[Any]], Listed],
    *,
    after: str | None,
    limit: int,
    newest_first: bool = True,
) -> Slice[Listed]:
    """Rows of a table with `began_at` and `id`. Raises `BadCursor`."""
    its, limit = table.c, min(max(limit, 1), MOST_ROWS)
    cursor = Cursor.decode(after) if after else None
    down = newest_first != (cursor is not None and cursor.back)
    here = tuple_(its.began_at, its.id)
    query = select(table).where(*where)
    if cursor is not None:
        try:
            at = from_micros(int(cursor.key))
        except (ValueError, OverflowError):
            raise BadCursor(BadCursor.__doc__) from None
        there = tuple_(literal(at, UtcDateTime), literal(cursor.id))
        query = query.where(here < there if down else here > there)
    order = (its.began_at.desc(), its.id.desc()) if down else (its.began_at, its.id)
    rows = [of_row(row) for row in await conn.execute(query.order_by(*order).limit(limit + 1))]
    return cut(rows, limit, cursor, lambda row: (str(to_micros(row.began_at)), row.id))
