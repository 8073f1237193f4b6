"""Spoken comments as files: where one is, and its shape as a few bars for the picture beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy
import soundfile
import structlog

from cxcall.settings import Settings

BARS = 30
READING_S = 5.0
"""Seconds the shapes of one page may take; what is not read by then is drawn flat."""
KEPT = "private, max-age=600"
"""How browsers keep a comment: it never changes, but it is somebody's voice, so no cache but the listener's own."""
FLAT: tuple[float, ...] = (0.0,) * BARS

log = structlog.get_logger("cxcall.web")


def folder(settings: Settings) -> Path:
    """Where comments are kept."""
    return settings.data_dir / "comments"


def path_of(settings: Settings, file: str) -> Path | None:
    """The file of a comment; None for a name that leads out of the folder or to nothing."""
    within = folder(settings).resolve()
    path = (within / file).resolve()
    return path if path.is_relative_to(within) and path.is_file() else None


async def shapes(settings: Settings, files: Sequence[str]) -> list[tuple[float, ...]]:
    """Heights 0–1 of BARS bars for each comment; flat where it can't be read."""
    return await shapes_of([folder(settings) / file for file in files])


async def shapes_of(paths: Sequence[Path]) -> list[tuple[float, ...]]:
    """The same for any files that never change."""
    try:
        async with asyncio.timeout(READING_S):
            return await asyncio.to_thread(lambda: [_shape(path) for path in paths])
    except TimeoutError:
        log.warning("comment_shapes_late", files=len(paths))
        return [FLAT] * len(paths)


@lru_cache(maxsize=1024)
def _shape(path: Path) -> tuple[float, ...]:
    """Read once, as a comment's file never changes; one that can't be read is said once. The loudest bar is 1."""
    try:
        samples, _rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        log.warning("comment_unreadable", file=path.name, error=type(error).__name__)
        return FLAT
    parts = numpy.array_split(numpy.abs(samples).max(axis=1), BARS) if len(samples) >= BARS else []
    heights = [float(part.max()) for part in parts]
    loudest = max(heights, default=0.0)
    return tuple(round(height / loudest, 3) for height in heights) if loudest > 0 else FLAT
