"""`cxcall user add`: people who sign in, made from the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.service import ServiceError, add_user
from cxcall.store.users import RoleName

group = typer.Typer(help="People who sign in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="user")


@group.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[RoleName, typer.Option(help="What the user may do.")],
    extension: Annotated[list[str] | None, typer.Option(help="The phone, such as PJSIP/1001; may be repeated.")] = None,
    display_name: Annotated[str, typer.Option(help="The name that others see.")] = "",
    password_file: Annotated[Path | None, typer.Option(help="Read the password from the first line of a file.")] = None,
) -> None:
    """Add a user; the password is asked for unless it comes from a file."""
    settings = context_of(ctx).settings()
    password = _password(password_file)
    try:
        asyncio.run(
            add_user(
                settings,
                name=name,
                role=role,
                password=password,
                display_name=display_name,
                extensions=extension or [],
            )
        )
    except ServiceError as error:
        raise Failure(str(error), code=error.code) from error
    typer.echo(f"{name} can sign in as {role}.", err=True)


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"The password file {file} can't be read: {error}", code=2) from error
