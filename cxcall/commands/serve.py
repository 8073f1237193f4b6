"""`cxcall serve`: the service of a site."""

from __future__ import annotations

import asyncio
import gc
from typing import Annotated

import typer

from cxcall import service
from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.logs import set_up_log


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    ctx: typer.Context,
    role: Annotated[
        list[str] | None, typer.Option(help=f"Only this part: {', '.join(sorted(service.ROLES))}; may be repeated.")
    ] = None,
) -> None:
    """Run the service until SIGTERM or Ctrl C: listens to Asterisk, keeps the calls, serves pages and API."""
    unknown = set(role or ()) - service.ROLES
    if unknown:
        raise Failure(f"There is no role {min(unknown)!r}; there are {', '.join(sorted(service.ROLES))}.", code=2)
    context = context_of(ctx)
    settings = context.settings()
    set_up_log(debug=context.debug)
    if not settings.ami:
        typer.echo(
            "No Asterisk is set up yet: calls are not followed. Make a configuration with: cxcall init", err=True
        )
    try:
        asyncio.run(service.run(settings, roles=role or service.ROLES, ready=_ready))
    except service.ServiceError as error:
        raise Failure(str(error), code=error.code) from error


def _ready(address: str) -> None:
    """What is there by now stays: the collector, which stops everything for a tenth of a second to look through all
    of it, need not do so again."""
    gc.freeze()
    if address:
        typer.echo(f"cxcall serves {address}", err=True)
