"""`cxcall speech`: which models of speech this machine has, and putting one in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.speech.engines import models
from cxcall.speech.engines.installing import InstallError, install

group = typer.Typer(help="Models of speech: what turns talks into text.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="speech")


@group.command("models")
def show(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """Show what is installed, where it was found and what is wrong with it."""
    folder = context_of(ctx).settings().speech_models
    found = models.find(folder)
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    if found:
        table = Table("Language", "Engine", "Model", "MB", "Folder", box=None, pad_edge=False)
        for model in found:
            table.add_row(model.language, model.engine, model.name, str(model.megabytes), model.path)
        Console(width=None if Console().is_terminal else 200, markup=False, highlight=False).print(table)
    for model in found:
        if model.problem:
            typer.echo(model.problem, err=True)
    if not found:
        typer.echo(
            f"No model is installed. `cxcall speech install LANGUAGE` puts one into {folder}; without one there is no "
            "text of talks, and everything else works.",
            err=True,
        )


@group.command("install")
def put(
    ctx: typer.Context,
    language: Annotated[str, typer.Argument(help="What the model understands: fa, en …")],
    source: Annotated[
        str, typer.Option("--from", help="A folder, a .zip or .tar file, or an address; default: speech.source.")
    ] = "",
    sha256: Annotated[str, typer.Option(help="What the file's SHA-256 must be.")] = "",
) -> None:
    """Put a model of Vosk or Whisper where cxcall finds it, after trying it.

    The setting speech.source says where the site keeps models: a folder or an address, with {language} in it.
    """
    settings = context_of(ctx).settings()
    try:
        model = install(
            language=language.strip().lower(),
            source=source or settings.speech.source,
            folder=Path(settings.speech_models),
            sha256=sha256.strip().lower(),
            say=lambda sentence: typer.echo(sentence, err=True),
        )
    except InstallError as error:
        raise Failure(str(error), code=error.code) from error
    typer.echo(f"{model.name} ({model.engine}, {model.megabytes} MB) is installed in {model.path}.")
