"""The speech engine of the tests: the system's espeak-ng, else the one unpacked beside the private Asterisk."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from cxcall.demo.switch import unpack

TREES = Path(__file__).parents[2] / "var" / "asterisk"


@cache
def espeak() -> str:
    """The program; unpacked first where there is none."""
    return shutil.which("espeak-ng") or unpack(TREES).espeak
