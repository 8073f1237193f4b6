"""`INSERT … ON CONFLICT`: spelled alike by both databases, but a construct of each dialect in SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_into(conn: AsyncConnection, table: Table) -> postgresql.Insert:
    """An insert for `conn`'s database that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    if conn.dialect.name == "postgresql":
        return postgresql.insert(table)
    # Same methods with the same meaning; SQLAlchemy gives the two no common type.
    return sqlite.insert(table)  # type: ignore[return-value]  # as said above
