"""What every command is given: the configuration file named on the command line, read when needed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import typer

from cxcall.commands.failure import Failure
from cxcall.settings import Settings, SettingsError, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    config: Path | None = None
    debug: bool = False

    def settings(self) -> Settings:
        """The site's settings; raises Failure with the sentence of SettingsError."""
        try:
            return load(self.config, os.environ)
        except SettingsError as error:
            raise Failure(str(error), code=2) from error


def context_of(ctx: typer.Context) -> Context:
    """The Context that the root command put there."""
    found = ctx.find_object(Context)
    return found if found is not None else Context()
