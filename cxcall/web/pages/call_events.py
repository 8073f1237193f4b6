"""The raw events of one call, read back from its server's journal by the time the call took."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from cxcall.calls.record import CallRecord

MOST_EVENTS = 2000
MOST_BYTES = 256 << 20
"""Bytes looked through before giving up: about a busy day's journal."""
AROUND = timedelta(seconds=5)
"""Events of a call come a little before its first and after its last time."""
_END = b"\r\n\r\n"


class JournalGone(Exception):
    """The journal of that time is no longer kept, or is kept on another machine."""


def events_of(record: CallRecord, folder: Path) -> list[str]:
    """The messages of the journal in `folder` that name a channel of the call, oldest first, as they came.

    Blocks: call it in a thread. Raises JournalGone when no file reaches back to the call.
    """
    if record.started_at is None:
        raise JournalGone(JournalGone.__doc__)
    begin, end = record.started_at - AROUND, (record.ended_at + AROUND if record.ended_at else None)
    files = [path for path in _files(folder) if path.stat().st_mtime >= begin.timestamp()]
    if not files:
        raise JournalGone(JournalGone.__doc__)
    names = _names(record)
    found: list[str] = []
    for message in _messages(files):
        stamp = _stamp(message)
        if stamp is not None and stamp < begin.timestamp():
            continue
        if stamp is not None and end is not None and stamp > end.timestamp():
            break
        if any(name in message for name in names):
            found.append(message.decode("utf-8", "replace").replace("\r\n", "\n"))
            if len(found) >= MOST_EVENTS:
                break
    return found


def _names(record: CallRecord) -> list[bytes]:
    """What the call's events are told by: its unique ids and channels, as header values."""
    ids = {*record.linked_ids, *(leg.unique_id for leg in record.legs), *(leg.channel for leg in record.legs)}
    return [b": " + name.encode() + b"\r\n" for name in ids if name]


def _files(folder: Path) -> list[Path]:
    """Segments, oldest first; one being compressed stands there twice and counts once."""
    files = {path.name.partition(".")[0]: path for pattern in ("*.ami.gz", "*.ami") for path in folder.glob(pattern)}
    return [files[start] for start in sorted(files)]


def _messages(files: list[Path]) -> Iterator[bytes]:
    rest, read = b"", 0
    for path in files:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            while read < MOST_BYTES:
                try:
                    chunk = stream.read1(1 << 16)
                except (OSError, EOFError, zlib.error):  # a damaged file is read as far as it goes
                    break
                if not chunk:
                    break
                read += len(chunk)
                *messages, rest = (rest + chunk).split(_END)
                for message in messages:
                    yield message + b"\r\n"


def _stamp(message: bytes) -> float | None:
    _, found, after = message.partition(b"Timestamp: ")
    try:
        return float(after.split(b"\r\n", 1)[0]) if found else None
    except ValueError:
        return None
