"""The command line as people use it, in an empty folder and without a terminal."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cxcall.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command said and how it ended."""

    returncode: int
    stdout: str
    stderr: str


Cxcall = Callable[..., Done]


@pytest.fixture
def cxcall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cxcall:
    """Give `cxcall("init", …)`, run in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    for name in [name for name in os.environ if name.startswith("CXCALL_")]:
        monkeypatch.delenv(name)

    def run(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["cxcall", *words])
        capsys.readouterr()
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
        said = capsys.readouterr()
        assert isinstance(code, int)
        assert "Traceback" not in said.err
        return Done(returncode=code, stdout=said.out, stderr=said.err)

    return run
