"""What is known of a caller before the call is sent anywhere: one statement by numbers, all along indexes.

SQLAlchemy writes the statement once (`routing_query`); after that it goes to the driver as text and in one step, for
putting it together takes longer than answering it. Who decides calls reads through `FactsCache`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.facts import Caller, Past
from cxcall.store import known_caller
from cxcall.store.known_caller import Found
from cxcall.store.routing_query import query
from cxcall.store.schema import from_micros

Owners = Mapping[tuple[str, str], str]
"""User id by (server, interface)."""

_Row = tuple[
    str, int | None, str | None, str | None, str | None, str | None, str | None, str | None, float | None
]  # fmt: skip
_rows = msgspec.json.Decoder(list[_Row])


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFacts:
    """The customer, None: nobody we know, and their calls that have ended."""

    customer: Caller | None
    past: Past


NOTHING = KnownFacts(customer=None, past=Past())
"""Of a number that was withheld."""


async def of_number(conn: AsyncConnection, number: str, *, now: datetime, owners: Owners | None = None) -> KnownFacts:
    """What is known of the caller with this E.164 number ("": withheld) at `now`, in the site's zone.

    `owners`: whose each phone is now, for talks at phones of which nobody wrote down who sat there then. A profile that
    this very call has just made is nobody we know: which of the two comes first must not matter.
    """
    if not number:
        return NOTHING
    return made_of((await read(conn, [number]))[number], now=now, owners=owners or {})


async def read(conn: AsyncConnection, numbers: Sequence[str]) -> dict[str, str]:
    """What is kept of each of these numbers, for `made_of`. Raises SQLAlchemy's `OperationalError`.

    Straight from the driver, in one step: each step more (begin, fetch, roll back) waits its turn on a busy machine,
    and one statement needs no transaction around it.
    """
    sql, given = statement(conn, numbers)
    driver = (await conn.get_raw_connection()).driver_connection
    try:
        rows = await _FETCH[conn.dialect.name](driver, sql, given)
    except (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise OperationalError("facts of callers", None, error) from error
    return dict(map(tuple, rows))


async def get_ready(conn: AsyncConnection) -> None:
    """For a connection that does nothing but `read`: PostgreSQL plans once. Left to itself it plans each time, because
    it takes a list it can see for shorter than one it can't; that costs three times the reading."""
    if conn.dialect.name == "postgresql":
        driver: Any = (await conn.get_raw_connection()).driver_connection
        await driver.execute("SET plan_cache_mode = force_generic_plan")


def made_of(found: str, *, now: datetime, owners: Owners) -> KnownFacts:
    """The facts of one number in what was `read` of it."""
    rows = [Found(row[0], None if row[1] is None else from_micros(row[1]), *row[2:]) for row in _rows.decode(found)]
    return KnownFacts(customer=known_caller.caller(rows, now), past=known_caller.past(rows, now=now, owners=owners))


def statement(conn: AsyncConnection, numbers: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    """What is sent for these numbers, and its parameters in order."""
    name = conn.dialect.name
    compiled = _compiled.get(name)
    if compiled is None:
        compiled = _compiled[name] = _compile(conn)
    sql, parameters = compiled
    asked = msgspec.json.encode(numbers).decode() if name == "sqlite" else list(numbers)
    return sql, tuple(asked if parameter is None else parameter for parameter in parameters)


def _compile(conn: AsyncConnection) -> tuple[str, tuple[Any, ...]]:
    """The statement's text, and its parameters in order: None where the numbers stand."""
    compiled = query(conn.dialect.name).compile(dialect=conn.dialect, compile_kwargs={"render_postcompile": True})
    assert compiled.positiontup is not None  # noqa: S101 - both drivers count their parameters
    return str(compiled), tuple(None if name == "numbers" else compiled.params[name] for name in compiled.positiontup)


_compiled: dict[str, tuple[str, tuple[Any, ...]]] = {}
_FETCH: Mapping[str, Callable[[Any, str, tuple[Any, ...]], Awaitable[Iterable[Any]]]] = {
    "sqlite": lambda driver, sql, given: driver.execute_fetchall(sql, given),
    "postgresql": lambda driver, sql, given: driver.fetch(sql, *given),
}
