"""Spoken comments as files: where Asterisk writes them, and what is known of one once it is there.

Asterisk writes with RECORD FILE on its own disk, as its own user. So comments are recorded only where that disk is ours
too (the same servers whose prompts are read from the disk), and the folder belongs to Asterisk's group: what it writes
there we can read, and nobody else on the machine can.
"""

from __future__ import annotations

import contextlib
import hashlib
import wave
from dataclasses import dataclass
from pathlib import Path

import structlog

from cxcall.asterisk import shared_disk
from cxcall.settings import Settings
from cxcall.surveys.dialogue import LEAST_COMMENT

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A file that was recorded: its content's sha256 (hex) and length in seconds."""

    sha: str
    seconds: float


def folder(settings: Settings) -> Path:
    """Where the comments are, absolute."""
    return settings.data_dir.absolute() / "comments"


def place(settings: Settings, name: str) -> Path:
    """The file `name` (`2026-11/x.wav`) in the folder, which is made so that Asterisk can write there. OSError."""
    file = folder(settings) / name
    for made in (folder(settings), file.parent):
        shared_disk.make(made)
    return file


def look(file: Path) -> Sound | None:
    """What is in a recording (blocking); None when there is none worth keeping, which is then removed."""
    if not file.exists():  # ended before the first word
        return None
    try:
        with wave.open(str(file), "rb") as sound:
            seconds = sound.getnframes() / sound.getframerate()
        data = file.read_bytes()
    except (OSError, EOFError, wave.Error, ZeroDivisionError) as error:
        log.warning("a recording can't be read", file=file.name, error=str(error))
        return None
    if seconds < LEAST_COMMENT:
        with contextlib.suppress(OSError):
            file.unlink()
        return None
    return Sound(sha=hashlib.sha256(data).hexdigest(), seconds=seconds)
