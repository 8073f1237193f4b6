"""Programs of the system run for us, each within a time limit."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from cxcall.demo.switch.tree import SwitchUnavailable


def left(deadline: float) -> float:
    """Return the seconds until `deadline` (monotonic), never quite none."""
    return max(0.1, deadline - time.monotonic())


def run(command: Sequence[str], timeout: float, *, folder: Path | None = None, failure_matters: bool = True) -> str:
    """Run `command` for at most `timeout` seconds and return what it printed.

    Raises SwitchUnavailable when it takes too long or, where `failure_matters`, fails.
    """
    name = " ".join(Path(part).name for part in command if not part.startswith("-"))[-60:]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 fixed programs, our own arguments
            command, capture_output=True, timeout=timeout, cwd=folder, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise SwitchUnavailable(f"Getting Asterisk took too long, at: {name}.") from None
    if done.returncode and failure_matters:
        raise SwitchUnavailable(f"Getting Asterisk failed at “{name}”: {last_line(done.stderr)}")
    return done.stdout.decode("utf-8", "replace")


def last_line(text: bytes) -> str:
    """Return the last line a program said, the one that names the cause."""
    lines = text.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
