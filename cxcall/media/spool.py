"""Sound that is to be read after its call: kept on disk as it was cut into utterances, up to a limit.

One file a call below `<data_dir>/speech`: for each utterance a line of JSON that says whose it is, then its samples.
The loop only hands over; a thread writes. What there is no room for is refused, so that whoever asked can mark a gap.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import structlog

from cxcall.speech.transcript import Speaker

log = structlog.get_logger(__name__)

MOST_BYTES = 2 << 30
"""On disk, of all calls: some 37 hours of speech."""

MOST_QUEUED = 64 << 20
"""In memory, while a slow disk takes what came before."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance whose text is still to come; times in seconds since 1970. `size`: bytes that follow the line."""

    start: float
    spoke: float
    end: float
    speaker: Speaker
    channel: str = ""
    agent: str = ""
    language: str = ""
    engine: str = ""
    size: int = 0


class Spool:
    """Keeps utterances while `run` runs. `dropped`: seconds there was no room for."""

    def __init__(self, folder: Path, *, most: int = MOST_BYTES, most_queued: int = MOST_QUEUED) -> None:
        self._folder = folder
        self._most = most
        self._most_queued = most_queued
        self._queue: deque[tuple[str, bytes | None, str]] = deque()
        self._queued = 0
        self._failing = False
        self._something = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()
        self.size = 0
        """Bytes on disk and on their way there."""
        self.dropped = 0.0

    @property
    def nearly_full(self) -> bool:
        """There is no room for another whole call."""
        return self.size > 0.9 * self._most

    def keep(self, call_id: str, kept: Kept, pcm: bytes) -> bool:
        """Have it written; False when there is no room for it."""
        record = msgspec.json.encode(msgspec.structs.replace(kept, size=len(pcm))) + b"\n" + pcm
        if self.size + len(record) > self._most or self._queued + len(record) > self._most_queued:
            self.dropped += kept.end - kept.start
            return False
        self._put(call_id, record)
        return True

    def move(self, call_id: str, into: str) -> None:
        """What is kept of one call is another's."""
        self._put(call_id, None, into)

    def remove(self, call_id: str) -> None:
        """It was read, or nobody will."""
        self._put(call_id, None)

    def read(self, call_id: str) -> Iterator[tuple[Kept, bytes]]:
        """What is kept of a call (blocking), oldest first; a record that was cut off by a crash ends it."""
        try:
            with self._place(call_id).open("rb") as file:
                while line := file.readline():
                    try:
                        kept = msgspec.json.decode(line, type=Kept)
                    except msgspec.MsgspecError:
                        return
                    pcm = file.read(kept.size)
                    if len(pcm) < kept.size:
                        return
                    yield kept, pcm
        except FileNotFoundError:
            return

    def has(self, call_id: str) -> bool:
        """Whether anything is kept of a call (blocking, a moment)."""
        return self._place(call_id).exists()

    async def flush(self, limit: float = 10.0) -> None:
        """Wait until all that was handed over is written, at most `limit` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._written.wait()

    async def run(self) -> None:
        """Write until cancelled; then what is left."""
        self.size += await asyncio.to_thread(self._measure)
        try:
            while True:
                await self._something.wait()
                self._something.clear()
                await self._work_off()
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3.0):
                    await self._work_off()

    def _put(self, call_id: str, record: bytes | None, into: str = "") -> None:
        self._queue.append((call_id, record, into))
        self._queued += len(record or b"")
        self.size += len(record or b"")
        self._written.clear()
        self._something.set()

    async def _work_off(self) -> None:
        while self._queue:
            call_id, record, into = self._queue[0]
            try:
                self.size += await asyncio.to_thread(self._do, call_id, record, into)
            except OSError as error:
                if not self._failing:
                    log.warning("sound can't be kept on disk and is lost", error=str(error))
                self._failing = True
                self.size -= len(record or b"")
            else:
                self._failing = False
            self._queue.popleft()
            self._queued -= len(record or b"")
        self._written.set()

    def _do(self, call_id: str, record: bytes | None, into: str) -> int:
        """One thing (blocking): append, move or remove. By how much the size has changed beyond the record."""
        place = self._place(call_id)
        if record is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            _append(place, record)
            return 0
        if not place.exists():
            return 0
        if into:
            _append(self._place(into), place.read_bytes())
            place.unlink()
            return 0
        size = place.stat().st_size
        place.unlink()
        return -size

    def _measure(self) -> int:
        if not self._folder.is_dir():
            return 0
        return sum(entry.stat().st_size for entry in os.scandir(self._folder) if entry.is_file())

    def _place(self, call_id: str) -> Path:
        return self._folder / (quote(call_id, safe="") + ".sound")


def _append(place: Path, record: bytes) -> None:
    """All of it or, on a full disk, nothing: half a record would hide those after it. Raises OSError."""
    with place.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            written = 0
            while written < len(record):
                written += file.write(record[written:])
        except OSError:
            file.truncate(before)
            raise
