"""`cxcall db`: the database's revision, and what reports are read from counted anew."""

from __future__ import annotations

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from cxcall import service
from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.settings import Settings
from cxcall.store.engine import DatabaseAddressError, at_head, open_engine
from cxcall.store.reporting import comparing, rebuild

group = typer.Typer(help="The database: its revision, and what reports count.", no_args_is_help=True)


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


@group.command("rebuild-rollups")
def rebuild_rollups(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit 1 and name what differs.")] = False,
) -> None:
    """Count all calls and states of agents anew for reports. A service may run meanwhile."""
    settings = context_of(ctx).settings()
    zone = ZoneInfo(settings.site.timezone)
    done = asyncio.run(_rebuilt(settings, zone, check=check))
    if not check:
        typer.echo(f"{done.calls} calls were counted anew.", err=True)
        return
    for difference in done.differences:
        typer.echo(comparing.named(difference, zone))
    if done.differences:
        most = " The first are named." if len(done.differences) == comparing.MOST else ""
        raise Failure(f"Rollups differ from the calls.{most} To mend them: cxcall db rebuild-rollups")
    typer.echo(f"Rollups are what {done.calls} calls say.", err=True)


async def _rebuilt(settings: Settings, zone: ZoneInfo, *, check: bool) -> rebuild.Rebuilt:
    """Rebuild or compare, with progress on a terminal. Raises Failure."""
    talk = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=talk, transient=True, disable=not talk.is_terminal,
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}

    def tell(kind: str, done: int, every: int) -> None:
        if kind not in tasks:
            tasks[kind] = bar.add_task(kind, total=every)
        bar.update(tasks[kind], completed=done, total=every)

    try:
        async with service.database(settings) as engine:
            with bar:
                return await rebuild.rebuild(engine, zone, check=check, progress=tell)
    except rebuild.RebuildUnderWay as error:
        raise Failure(str(error)) from error
    except service.ServiceError as error:
        raise Failure(str(error), code=error.code) from error
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Failure(service.unreachable(settings, error)) from error


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
