"""The raw events of one server, appended to files before anything is made of them.

A journal is one endless stream of bytes; a position is the number of bytes written before it since the journal
began. The stream lies in segments, files named by the position of their first byte: the newest is plain
(`00000000000000000000.ami`), older ones are compressed (`….ami.gz`). Concatenated they are a valid raw AMI stream.

* Written with one `write` per call of `append`, so it is with the operating system when `append` returns: a crash of
  this process loses nothing. `sync` forces it to the disk; the listener calls it every second, and rotation
  does: a crash of the machine loses at most the last second.
* What a crash left half-written at the end (a message without its empty line) is cut off when opened.
* Segments go when they are older than `keep_days` or the folder is over `cap_bytes`. The bytes from `pinned` on (the
  oldest call still open in the database) are kept until the folder is over its cap.

Everything here blocks and belongs into a thread; `append`, `close` and `prune` into the same one.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, cast

_END = b"\r\n\r\n"
_NAME = re.compile(r"[0-9]{20}\.ami(\.gz)?")
_TAIL = 2 << 20
_CHUNK = 1 << 20


class JournalBusy(Exception):
    """Another process writes this journal; two would mix their bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file of the journal; `size` is that of the file, compressed or not."""

    start: int
    path: Path
    size: int
    modified: float

    @property
    def compressed(self) -> bool:
        return self.path.suffix == ".gz"


class Journal:
    """The journal in `folder`, opened for appending; made if it is not there.

    Raises JournalBusy when another process has it open, OSError when the folder can't be used.
    """

    def __init__(
        self, folder: Path, *, segment_bytes: int = 64 << 20, cap_bytes: int = 4 << 30, keep_days: float = 14
    ) -> None:
        self.folder = folder
        self.pinned = 0
        self._segment_bytes = segment_bytes
        self._cap = cap_bytes
        self._keep_s = keep_days * 86_400
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _locked(folder / "lock")
        for leftover in folder.glob("*.ami.gz.tmp"):
            if _NAME.fullmatch(leftover.stem):
                leftover.unlink()
        plain = [segment for segment in self.segments() if not segment.compressed]
        self._start = plain[-1].start if plain else self._after_last()
        self._fd = self._open(self._start)
        self._size = _cut_torn_tail(self._fd)

    @property
    def begin(self) -> int:
        """Position of the oldest byte still kept."""
        return min((segment.start for segment in self.segments()), default=self._start)

    @property
    def end(self) -> int:
        """Position after the last byte."""
        return self._start + self._size

    def segments(self) -> list[Segment]:
        """All segments, oldest first."""
        found = []
        for path in (*self.folder.glob("*.ami"), *self.folder.glob("*.ami.gz")):
            if not _NAME.fullmatch(path.name):
                continue  # somebody's copy, not ours
            with contextlib.suppress(FileNotFoundError):  # being compressed or pruned now
                stat = path.stat()
                start = int(path.name.partition(".")[0])
                found.append(Segment(start=start, path=path, size=stat.st_size, modified=stat.st_mtime))
        found.sort(key=lambda segment: (segment.start, segment.compressed))
        return [segment for i, segment in enumerate(found) if i == 0 or found[i - 1].start != segment.start]

    def append(self, data: bytes) -> int:
        """Write `data` and return the position after it. Raises OSError and leaves the journal as it was."""
        if self._size >= self._segment_bytes:
            self._rotate()
        written = 0
        try:
            while written < len(data):
                written += os.write(self._fd, memoryview(data)[written:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise
        self._size += written
        return self.end

    def sync(self) -> None:
        """Force what was appended to the disk; may run in another thread than `append`."""
        fd = os.dup(self._fd)
        try:
            os.fdatasync(fd)
        finally:
            os.close(fd)

    def read(self, position: int) -> Iterator[tuple[int, bytes]]:
        """What is kept from `position` to the end as of now: chunks, each with the position of its first byte.

        Starts at the oldest byte kept when `position` is older. A damaged compressed segment is read as far as it
        goes. May run in another thread than `append`.
        """
        end = self.end
        segments = self.segments()
        for segment, following in zip(segments, [*segments[1:], None], strict=True):
            upto = following.start if following else end
            if upto > position:
                yield from _read(segment, max(position, segment.start), upto)

    def compress(self) -> None:
        """Compress the segments that are complete. Runs in its own thread: it takes long."""
        for segment in self.segments():
            if not segment.compressed and segment.start != self._start:
                packed = segment.path.with_name(segment.path.name + ".gz")
                half = packed.with_name(packed.name + ".tmp")
                try:
                    with segment.path.open("rb") as plain, gzip.open(half, "wb", compresslevel=6) as out:
                        shutil.copyfileobj(plain, out, _CHUNK)
                    os.utime(half, (segment.modified, segment.modified))
                    half.replace(packed)
                except OSError:
                    half.unlink(missing_ok=True)  # half of it would only fill a full disk more
                    raise
                segment.path.unlink()

    def prune(self, now: float) -> None:
        """Remove segments that are too old or too many; `now` in epoch seconds."""
        segments = self.segments()
        total = sum(segment.size for segment in segments)
        for segment, following in pairwise(segments):
            needed = following.start > self.pinned
            old = now - segment.modified > self._keep_s
            if total > self._cap or (old and not needed):
                with contextlib.suppress(FileNotFoundError):
                    segment.path.unlink()
                total -= segment.size

    def size_on_disk(self) -> int:
        return sum(segment.size for segment in self.segments())

    def close(self) -> None:
        """Force everything to the disk and let another process have the journal."""
        with contextlib.suppress(OSError):
            os.fdatasync(self._fd)
        os.close(self._fd)
        os.close(self._lock)

    def _rotate(self) -> None:
        fd = self._open(self.end)
        with contextlib.suppress(OSError):
            os.fdatasync(self._fd)
        os.close(self._fd)
        self._start, self._fd, self._size = self.end, fd, 0

    def _open(self, start: int) -> int:
        path = self.folder / f"{start:020d}.ami"
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def _after_last(self) -> int:
        """Where to go on when only compressed segments are left."""
        segments = self.segments()
        if not segments:
            return 0
        last = segments[-1]
        return last.start + sum(len(chunk) for _, chunk in _read(last, last.start, 1 << 62))


def last_message_end(data: bytes) -> int:
    """Length of the part of `data` that ends with a whole message."""
    at = data.rfind(_END)
    return at + len(_END) if at >= 0 else 0


def _locked(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise JournalBusy(
            f"Another cxcall writes {path.parent}. Stop it, or give this one its own data folder."
        ) from error
    return fd


def _cut_torn_tail(fd: int) -> int:
    """Cut off what follows the last whole message; the size that is left."""
    size = os.fstat(fd).st_size
    tail = os.pread(fd, _TAIL, max(0, size - _TAIL))
    whole = size - len(tail) + last_message_end(tail)
    if whole != size:
        os.ftruncate(fd, whole)
    return whole


def _read(segment: Segment, position: int, upto: int) -> Iterator[tuple[int, bytes]]:
    with contextlib.suppress(EOFError, OSError, zlib.error), _opened(segment) as file:
        skip = position - segment.start
        while skip > 0 and (passed := len(file.read(min(skip, _CHUNK)))):
            skip -= passed
        while position < upto and (chunk := file.read(min(_CHUNK, upto - position))):
            yield position, chunk
            position += len(chunk)


def _opened(segment: Segment) -> IO[bytes]:
    """The bytes of a segment, which may have been compressed since it was listed."""
    if not segment.compressed:
        with contextlib.suppress(FileNotFoundError):
            return segment.path.open("rb")
    packed = segment.path if segment.compressed else segment.path.with_name(segment.path.name + ".gz")
    return cast("IO[bytes]", gzip.open(packed))
