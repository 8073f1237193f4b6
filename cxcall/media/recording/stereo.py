"""Two files of one speaker each become one of two channels: the customer on the left, the agent on the right.

Asterisk's MixMonitor writes what it received from the caller's channel and what it sent to it as two WAV files, kept
in step (its option S). They are joined block by block, so an hour takes no more memory than a second, and packed
without loss (FLAC), so that the text of a recording is that of the talk.
"""

from __future__ import annotations

import math
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from cxcall.speech.stream import RATE

_BLOCK = RATE * 10
_HEADER = 44
"""Bytes before the samples in the WAV files Asterisk writes."""


class BadRecording(Exception):
    """There is nothing in it, or it is no sound; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that was written: its length in seconds and bytes, and the seconds of what it was cut from."""

    seconds: float
    bytes: int
    whole: float


def join(customer: Path, agent: Path, target: Path, *, since: float = 0.0, until: float | None = None) -> Kept:
    """Write `target` from two WAV files of RATE samples a second; the shorter one goes on in silence. For a thread.

    Only the seconds from `since` to `until` are kept. The file is there whole or not at all. Raises BadRecording when
    neither side has a sample there, OSError of the disk.
    """
    frames = whole = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        with soundfile.SoundFile(part, "w", RATE, 2, "PCM_16", format="FLAC") as out:
            first, last = round(since * RATE), math.inf if until is None else round(until * RATE)
            for block in _side_by_side(customer, agent):
                part_of_it = block[max(0, first - whole) : int(max(0, min(last - whole, len(block))))]
                out.write(part_of_it)
                frames += len(part_of_it)
                whole += len(block)
        if frames == 0:
            raise BadRecording("Nothing was recorded: neither side sent any sound.")
        part.chmod(0o640)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Kept(seconds=frames / RATE, bytes=target.stat().st_size, whole=whole / RATE)


def _side_by_side(customer: Path, agent: Path) -> Iterator[NDArray[np.int16]]:
    with ExitStack() as files:
        left, right = (_blocks(path, files) for path in (customer, agent))
        while True:
            pair = next(left, _NOTHING), next(right, _NOTHING)
            length = max(len(side) for side in pair)
            if length == 0:
                return
            block = np.zeros((length, 2), np.int16)
            for channel, side in enumerate(pair):
                block[: len(side), channel] = side
            yield block


_NOTHING = np.zeros(0, np.int16)


def _blocks(path: Path, files: ExitStack) -> Iterator[NDArray[np.int16]]:
    """The samples of one file. What the header says of its length is not believed: Asterisk writes that at the end,
    and when it is killed, never."""
    file = files.enter_context(path.open("rb"))
    head = file.read(_HEADER)
    if len(head) < _HEADER or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise BadRecording(f"{path.name} is no WAV file.")
    channels, rate, bits = struct.unpack_from("<HI6xH", head, 22)
    if (channels, rate, bits) != (1, RATE, 16):
        raise BadRecording(f"{path.name} has {channels} channels of {rate} Hz; Asterisk was to write one of {RATE} Hz.")
    return _samples(file)


def _samples(file: BinaryIO) -> Iterator[NDArray[np.int16]]:
    while data := file.read(_BLOCK * 2):
        yield np.frombuffer(data[: len(data) // 2 * 2], "<i2")
