"""Recordings as files: the one a person may hear (numbers that were said are silence for most), and its shape.

What is made of a recording lies beside it and begins with its name, so that whoever deletes a recording deletes
`copies_of` it too. A copy that can't be made is an error: the clear sound is never given in its place.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import soundfile
import structlog

from cxcall.settings import Settings
from cxcall.speech.peaks import Block, Cut, Shape, joined, silence

MAKING_S = 60.0
"""Seconds a copy or a shape may take; an hour of sound takes about three."""
AT_ONCE = 2
"""Copies and shapes made at the same time; the others wait their turn within MAKING_S."""
_BLOCK = 65536

_Maker = Callable[[Path, Path, Sequence[Cut], threading.Event], bool]

log = structlog.get_logger("cxcall.web")


class SoundGone(Exception):
    """The recording's file is not there or can't be read."""


class SoundLate(Exception):
    """A copy or a shape could not be made in time; asked again later it may be."""


def folder(settings: Settings) -> Path:
    """Where recordings are kept."""
    return settings.data_dir / "recordings"


def path_of(settings: Settings, file: str) -> Path | None:
    """The file of a recording; None for a name that leads out of the folder or to nothing."""
    if not file:
        return None
    within = folder(settings).resolve()
    path = (within / file).resolve()
    return path if path.is_relative_to(within) and path.is_file() else None


def copies_of(path: Path) -> list[Path]:
    """What was made of the recording at `path`: its copies with silence and its shapes."""
    return [*path.parent.glob(f"{path.stem}.hidden-*"), *path.parent.glob(f"{path.stem}.peaks-*")]


class Copies:
    """Makes copies and shapes in threads, AT_ONCE at a time; one for the application."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def heard(self, path: Path, cuts: Sequence[Cut]) -> Path:
        """The file to be heard: `path` itself when nothing is hidden, else its copy with silence, made when first
        asked for.

        Raises SoundGone, SoundLate.
        """
        if not cuts:
            return path
        whole = joined(cuts)
        target = path.with_name(f"{path.stem}.hidden-{_digest(path, msgspec.json.encode(whole))}.flac")
        if not await asyncio.to_thread(target.is_file):
            await self._made(_silenced, path, target, whole)
        return target

    async def shape(self, path: Path) -> bytes:
        """Peaks of the file as JSON, kept beside it. Raises SoundGone, SoundLate."""
        target = path.with_name(f"{path.stem}.peaks-{_digest(path, b'')}.json")
        try:
            return await asyncio.to_thread(target.read_bytes)
        except FileNotFoundError:
            await self._made(_shaped, path, target, ())
            return await asyncio.to_thread(target.read_bytes)
        except OSError as error:
            raise SoundGone(str(error)) from error

    async def _made(self, make: _Maker, path: Path, target: Path, cuts: Sequence[Cut]) -> None:
        """Have `make` write `target`. What is late stops at its next block and leaves nothing behind."""
        stop = threading.Event()
        try:
            async with asyncio.timeout(MAKING_S), self._turns:
                await asyncio.to_thread(_whole, make, path, target, cuts, stop)
        except TimeoutError as error:
            log.warning("recording_copy_late", file=path.name, what=make.__name__)
            raise SoundLate(f"not made within {MAKING_S:g} s") from error
        except (OSError, RuntimeError) as error:  # soundfile's errors are RuntimeErrors
            log.warning("recording_unreadable", file=path.name, error=str(error))
            raise SoundGone(str(error)) from error
        finally:
            stop.set()


def _digest(path: Path, of: bytes) -> str:
    """Of what a copy is made from: the file's name, size and time, and what is hidden."""
    try:
        kept = path.stat()
    except OSError as error:
        raise SoundGone(str(error)) from error
    about = f"{path.name} {kept.st_size} {kept.st_mtime_ns} ".encode()
    return hashlib.sha256(about + of).hexdigest()[:20]


def _whole(make: _Maker, path: Path, target: Path, cuts: Sequence[Cut], stop: threading.Event) -> None:
    """`target` is there whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        if make(path, part, cuts, stop):
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _silenced(path: Path, part: Path, cuts: Sequence[Cut], stop: threading.Event) -> bool:
    with (
        soundfile.SoundFile(path) as source,
        soundfile.SoundFile(part, "w", source.samplerate, source.channels, "PCM_16", format="FLAC") as out,
    ):
        at = 0
        for block in _blocks(source):
            if stop.is_set():
                return False
            out.write(silence(block, at, source.samplerate, _of(cuts, source.channels)))
            at += len(block)
    return True


def _of(cuts: Sequence[Cut], channels: int) -> Sequence[Cut]:
    """Where there is one channel for both speakers, it is the one that is silenced."""
    return cuts if channels > 1 else [Cut(channel=0, start=cut.start, end=cut.end) for cut in cuts]


def _shaped(path: Path, part: Path, _cuts: Sequence[Cut], stop: threading.Event) -> bool:
    with soundfile.SoundFile(path) as source:
        made = Shape(frames=source.frames, rate=source.samplerate, channels=min(2, source.channels))
        for block in _blocks(source):
            if stop.is_set():
                return False
            made.feed(block[:, :2])
    part.write_bytes(msgspec.json.encode(made.peaks()))
    return True


def _blocks(source: soundfile.SoundFile) -> Iterator[Block]:
    yield from source.blocks(_BLOCK, dtype="float32", always_2d=True)
