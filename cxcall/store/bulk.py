"""Writes many rows at once with an insert that is compiled only once.

Per call SQLAlchemy builds the statement, its cache key and the parameters of each row anew. Fine for pages, it is
too slow for the listener, which writes all day: here SQLAlchemy still writes the SQL, rows go straight to the driver.
SQLite's driver does its work in a thread, and each word with that costs as much as many rows: it is told all at once.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.schema import UtcDateTime, to_micros

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    values: Callable[[Row], tuple[Any, ...]]
    moments: tuple[int, ...]


class BulkWrite:
    """One insert for rows that have every column of its table; `build` makes it for a connection's database."""

    def __init__(self, build: Callable[[AsyncConnection], Insert]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    async def __call__(self, conn: AsyncConnection, rows: Sequence[Row]) -> None:
        """Write the rows; nothing happens without any."""
        await write_together(conn, [(self, rows)])

    def prepared(self, conn: AsyncConnection, rows: Sequence[Row]) -> tuple[str, list[tuple[Any, ...]]]:
        """The statement, and its values for each row."""
        compiled = self._compiled.get(conn.dialect.name)
        if compiled is None:
            compiled = self._compiled[conn.dialect.name] = self._compile(conn)
        return compiled.sql, [_parameters(compiled, row) for row in rows]

    def _compile(self, conn: AsyncConnection) -> _Compiled:
        insert = self._build(conn)
        compiled = insert.compile(dialect=conn.dialect)
        order = list(compiled.positiontup or ())
        is_moment = [isinstance(insert.table.c[name].type, UtcDateTime) for name in order]
        as_number = conn.dialect.name == "sqlite"
        moments = tuple(place for place, moment in enumerate(is_moment) if moment and as_number)
        return _Compiled(str(compiled), itemgetter(*order), moments)


async def write_together(conn: AsyncConnection, writes: Iterable[tuple[BulkWrite, Sequence[Row]]]) -> None:
    """Several writes one after the other; those without rows are left out."""
    statements = [write.prepared(conn, rows) for write, rows in writes if rows]
    if conn.dialect.name != "sqlite":
        for sql, values in statements:
            await conn.exec_driver_sql(sql, values)
    elif statements:
        await _through_thread(conn, statements)


async def _through_thread(conn: AsyncConnection, statements: list[tuple[str, list[tuple[Any, ...]]]]) -> None:
    """SQLite's thread has all of them in its queue before the first is done; SQLAlchemy would have four words with it
    for each: a cursor, the rows, no result, the cursor's end."""
    driver: Any = (await conn.get_raw_connection()).driver_connection
    told = await asyncio.gather(*(driver.executemany(*each) for each in statements), return_exceptions=True)
    for (sql, _), outcome in zip(statements, told, strict=True):
        if isinstance(outcome, sqlite3.Error):
            raise DBAPIError.instance(sql, None, outcome, sqlite3.Error) from outcome
        if isinstance(outcome, BaseException):
            raise outcome


async def rows_of(conn: AsyncConnection, sql: str) -> list[tuple[Any, ...]]:
    """What a short question without values finds, in one word with SQLite; times are microseconds there."""
    if conn.dialect.name != "sqlite":
        return [tuple(row) for row in await conn.exec_driver_sql(sql)]
    driver: Any = (await conn.get_raw_connection()).driver_connection
    try:
        return [tuple(row) for row in await driver.execute_fetchall(sql)]
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error) from error


def _parameters(compiled: _Compiled, row: Row) -> tuple[Any, ...]:
    values = compiled.values(row)
    if not compiled.moments:
        return values
    changed = list(values)
    for place in compiled.moments:
        moment = changed[place]
        if moment is not None:
            changed[place] = to_micros(moment)
    return tuple(changed)
