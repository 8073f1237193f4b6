"""`cxcall`: puts the commands together and turns every failure into one sentence and an exit code."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from cxcall import __version__
from cxcall.commands.context import Context
from cxcall.commands.failure import Failure
from cxcall.media import MODEL_THREAD

COMMANDS = ("serve", "demo", "init", "doctor", "db", "user", "customers", "replay", "report", "transcribe", "speech")

app = typer.Typer(
    name="cxcall",
    help="Customer-experience call centre software for Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"cxcall {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="Configuration file; else ./cxcall.toml, else /etc/cxcall/cxcall.toml, else none."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Every setting may also come from the environment as CXCALL_SECTION__KEY."""
    ctx.obj = Context(config=config, debug=debug)


def load(words: Sequence[str]) -> None:
    """Put on the command that `words` name, or all of them (for help): `replay` need not wait for the web's imports."""
    named = next((word for word in words if word in COMMANDS), None)
    for name in (named,) if named else COMMANDS:
        import_module(f"cxcall.commands.{name}").register(app)


def main() -> None:
    """Run the command line; exit 2 for wrong use or configuration, 1 for a failed run."""
    load(sys.argv[1:])
    _leave(_run("--debug" in sys.argv))


def _run(debug: bool) -> int:
    """Do what was asked; the exit code."""
    try:
        app()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except Failure as failure:
        _say(str(failure), debug)
        return failure.code
    except BrokenPipeError:
        # the reader of our output has gone; nothing is left to say, not even at interpreter exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        _say(f"{type(error).__name__}: {error}. Run it again with --debug to see where.", debug)
        return 1
    return 0


def _leave(code: int) -> None:
    """End the process, past Python's own clearing up when a thread is still inside a model.

    Such a thread was waited for and left behind. When it comes back to an interpreter that is ending, Python ends it in
    the midst of C++, and that aborts the process: SIGABRT for a service that has stopped in order.
    """
    if any(thread.name.startswith(MODEL_THREAD) for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _say(sentence: str, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    print(f"cxcall: {sentence}", file=sys.stderr)
