"""Brings a database to the schema of this version (Alembic, without its command line or a file of settings).

The scripts lie in `migrations/` beside the package in a checkout and inside it in a wheel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_PACKAGE = Path(__file__).resolve().parent.parent
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7287234)")


class DatabaseTooNew(Exception):
    """The database was brought to a revision that this version does not know; the text says which."""


async def upgrade(engine: AsyncEngine) -> None:
    """Run every script that is still to run, all in one transaction; a second process waits for the first.

    Raises DatabaseTooNew, and leaves a database as it is that a later version made.
    """
    async with engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            await conn.execute(_ONE_AT_A_TIME)
        await conn.run_sync(_upgrade)


async def at_head(engine: AsyncEngine) -> bool:
    """Whether the database has exactly the schema this version expects."""
    async with engine.connect() as conn:
        return await conn.run_sync(_revisions) == _known(_folder()).heads


@dataclass(frozen=True, slots=True)
class _Known:
    """The revisions this version has scripts for, and the last ones of them."""

    all: frozenset[str]
    heads: frozenset[str]


@cache
def _known(folder: Path) -> _Known:
    """Read from the scripts once a process: they do not change while it runs."""
    scripts = ScriptDirectory.from_config(_config(folder))
    return _Known(
        all=frozenset(script.revision for script in scripts.walk_revisions()), heads=frozenset(scripts.get_heads())
    )


def _revisions(connection: Connection) -> frozenset[str]:
    return frozenset(MigrationContext.configure(connection).get_current_heads())


def _upgrade(connection: Connection) -> None:
    folder = _folder()
    unknown = _revisions(connection) - _known(folder).all
    if unknown:
        raise DatabaseTooNew(
            f"The database is at revision {min(unknown)}, which this version of cxcall does not know: a later one made"
            " it. Install that version again, or restore the backup made before its upgrade."
        )
    config = _config(folder)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _folder() -> Path:
    """Where the scripts lie."""
    scripts = _PACKAGE / "migrations"
    return scripts if scripts.is_dir() else _PACKAGE.parent / "migrations"


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
