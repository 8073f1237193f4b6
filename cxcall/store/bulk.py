"""Writes many rows at once with an insert that is compiled only once.

Per call SQLAlchemy builds the statement, its cache key and the parameters of each row anew. Fine for pages, it is
too slow for the listener, which writes all day: here SQLAlchemy still writes the SQL, rows go straight to the driver.
SQLite's driver does its work in a thread, and each word with that costs as much as many rows: it is told all at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
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
        if not rows:
            return
        compiled = self._compiled.get(conn.dialect.name)
        if compiled is None:
            compiled = self._compiled[conn.dialect.name] = self._compile(conn)
        values = [_parameters(compiled, row) for row in rows]
        if conn.dialect.name == "sqlite":
            await _through_thread(conn, compiled.sql, values)
        else:
            await conn.exec_driver_sql(compiled.sql, values)

    def _compile(self, conn: AsyncConnection) -> _Compiled:
        insert = self._build(conn)
        compiled = insert.compile(dialect=conn.dialect)
        order = list(compiled.positiontup or ())
        is_moment = [isinstance(insert.table.c[name].type, UtcDateTime) for name in order]
        as_number = conn.dialect.name == "sqlite"
        moments = tuple(place for place, moment in enumerate(is_moment) if moment and as_number)
        return _Compiled(str(compiled), itemgetter(*order), moments)


async def _through_thread(conn: AsyncConnection, sql: str, values: list[tuple[Any, ...]]) -> None:
    """One word with SQLite's thread where SQLAlchemy has four: a cursor, the rows, no result, the cursor's end."""
    driver: Any = (await conn.get_raw_connection()).driver_connection
    try:
        await driver.executemany(sql, values)
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
