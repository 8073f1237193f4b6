"""`cxcall db upgrade` and `cxcall db check`: the database's revision."""

from __future__ import annotations

import asyncio

import typer
from sqlalchemy.exc import SQLAlchemyError

from cxcall import service
from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.settings import Settings
from cxcall.store.engine import DatabaseAddressError, at_head, open_engine

group = typer.Typer(help="The database: upgrade it, check its revision.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="db")


@group.command()
def upgrade(ctx: typer.Context) -> None:
    """Make the database, or bring it to this version's revision."""
    settings = context_of(ctx).settings()
    asyncio.run(make_database(settings))
    typer.echo("The database is at this version's revision.", err=True)


@group.command()
def check(ctx: typer.Context) -> None:
    """Exit 0 when the database is at this version's revision, else 1."""
    settings = context_of(ctx).settings()
    if not asyncio.run(_at_head(settings)):
        raise Failure("The database is not at this version's revision. Run: cxcall db upgrade")
    typer.echo("The database is at this version's revision.", err=True)


async def make_database(settings: Settings) -> None:
    """Make the database or bring it to this version's revision; raises Failure when it can't be used."""
    try:
        async with service.database(settings):
            pass
    except service.ServiceError as error:
        raise Failure(str(error), code=error.code) from error


async def _at_head(settings: Settings) -> bool:
    try:
        engine = open_engine(settings.database_url)
    except DatabaseAddressError as error:
        raise Failure(str(error), code=2) from error
    try:
        return await at_head(engine)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Failure(service.unreachable(settings, error)) from error
    finally:
        await engine.dispose()
