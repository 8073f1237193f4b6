"""Opens the database: SQLite by default, PostgreSQL at scale, the same queries on both.

Readers use `engine.connect()`, writers `engine.begin()`. On SQLite a writer's transaction takes the write lock at
its start (BEGIN IMMEDIATE): a transaction that reads first and asks for the lock later is refused at once when
another one wrote in between, however long it is willing to wait. Readers never wait for writers (WAL).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from cxcall.store.migrate import DatabaseTooNew, at_head, upgrade

__all__ = [
    "DatabaseAddressError",
    "DatabaseTooNew",
    "Engine",
    "at_head",
    "open_engine",
    "refresh_statistics",
    "upgrade",
]

_BUSY_S = 15
_RETRY_S = 0.02
_CONNECT_S = 10
_STATEMENT_S = 60
_CANCEL_S = 0.5
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
)


class DatabaseAddressError(ValueError):
    """The database address can't be used; the text says why."""


class _LettingGo(sqlite3.Connection):
    """Ends its transaction when it is closed.

    SQLite keeps a closed connection, and the lock of its transaction, for as long as one of its statements is alive.
    One of a writer that was cancelled lives until Python collects garbage: in a service that rests, for ever.
    """

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.rollback()
        super().close()


class Engine(AsyncEngine):
    """An engine whose `begin()` announces that it will write."""

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for writing: committed at the end, rolled back on an exception."""
        async with self.connect() as conn:
            await conn.execution_options(cxcall_writes=True)
            async with conn.begin():
                yield conn


def open_engine(url: str) -> AsyncEngine:
    """An engine for a plain address: `sqlite:///file`, `postgresql://user@host/name`.

    Nothing is connected yet. Raises `DatabaseAddressError` for an address that is no such thing.
    """
    address = _address(url)
    engine = _open_sqlite(address) if address.drivername.startswith("sqlite") else _open_postgresql(address)
    return Engine(engine.sync_engine)


async def refresh_statistics(engine: AsyncEngine) -> None:
    """Let SQLite look at its tables anew, so that it goes on choosing the right index.

    For once a day: it samples a thousand rows an index. PostgreSQL does this itself.

    A thousand rows say how many share a value where they lie, not how many values there are: SQLite would skip through
    an index by customer, half a million of them, to find the calls of an hour. So it is told to skip through none.
    """
    if engine.dialect.name == "sqlite":
        async with engine.begin() as conn:
            await conn.exec_driver_sql("PRAGMA analysis_limit=1000")
            await conn.exec_driver_sql("ANALYZE")
            await conn.exec_driver_sql("UPDATE sqlite_stat1 SET stat = stat || ' noskipscan' WHERE idx IS NOT NULL")
            await conn.exec_driver_sql("ANALYZE sqlite_master")


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        msg = "The database address is not readable. Write sqlite:///FILE or postgresql://USER@HOST/NAME."
        raise DatabaseAddressError(msg) from None
    driver = _DRIVERS.get(address.get_backend_name())
    if driver is None:
        msg = f"The database {address.get_backend_name()} is not supported. Use sqlite or postgresql."
        raise DatabaseAddressError(msg)
    return address.set(drivername=driver)


def _open_sqlite(address: URL) -> AsyncEngine:
    in_memory = address.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": 5, "max_overflow": 10}
    engine = create_async_engine(address, connect_args={"timeout": _BUSY_S, "factory": _LettingGo}, **pool)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Our own BEGIN instead of the driver's, and the settings of WAL."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        _execute_patiently(connection, cursor, pragma)
    cursor.close()


def _execute_patiently(connection: Any, cursor: Any, pragma: str) -> None:
    """The step to WAL does not wait for others at a new database, as every other statement does: it says "locked"."""
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            cursor.execute(pragma)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            connection.run_async(lambda _: asyncio.sleep(_RETRY_S))
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("cxcall_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgresql(address: URL) -> AsyncEngine:
    engine = create_async_engine(
        address,
        pool_size=5,
        max_overflow=10,
        pool_timeout=_CONNECT_S,
        pool_pre_ping=True,
        connect_args={"timeout": _CONNECT_S, "command_timeout": _STATEMENT_S},
    )
    event.listen(engine.sync_engine, "close", _hang_up)
    return engine


def _hang_up(connection: Any, _: object) -> None:
    """End a connection without waiting long for the server's word: from one that hangs it never comes.

    In a transaction that was given up a statement may still run: asyncpg then asks the server to cancel it.
    """
    asyncpg = connection.driver_connection
    if asyncpg.is_in_transaction():
        with contextlib.suppress(Exception):  # it has been aborted then
            connection.run_async(lambda conn: conn.close(timeout=_CANCEL_S))
    asyncpg.terminate()
