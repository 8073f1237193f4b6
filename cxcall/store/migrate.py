"""Brings a database to the schema of this version (Alembic, without its command line or a file of settings).

The scripts lie in `migrations/` beside the package in a checkout and inside it in a wheel.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_PACKAGE = Path(__file__).resolve().parent.parent
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7287234)")


async def upgrade(engine: AsyncEngine) -> None:
    """Run every script that is still to run, all in one transaction; a second process waits for the first."""
    async with engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            await conn.execute(_ONE_AT_A_TIME)
        await conn.run_sync(_upgrade)


async def at_head(engine: AsyncEngine) -> bool:
    """Whether the database has exactly the schema this version expects."""
    async with engine.connect() as conn:
        heads = await conn.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
    return set(heads) == set(ScriptDirectory.from_config(_config()).get_heads())


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    scripts = _PACKAGE / "migrations"
    if not scripts.is_dir():
        scripts = _PACKAGE.parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
