"""The shape of a recording: the loudest sample of each of many equal pieces of every channel, and silence put in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

BINS = 1500
"""Pieces a channel is drawn by: about the pixels there are."""

Block = NDArray[np.float32]
"""Samples −1…+1, one row a moment, one column a channel."""


class Peaks(msgspec.Struct, frozen=True, kw_only=True):
    """`channels` are 0…1, as many of each as `BINS`, fewer of a recording with fewer samples; `seconds` its length."""

    seconds: float
    channels: tuple[tuple[float, ...], ...]


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of one channel that must not be heard."""

    channel: int
    start: float
    end: float


class Shape:
    """Takes a recording of `frames` moments block by block and gives its peaks."""

    def __init__(self, *, frames: int, rate: int, channels: int, bins: int = BINS) -> None:
        self._frames, self._rate = frames, rate
        self._bins = max(1, min(bins, frames))
        self._highest = np.zeros((self._bins, channels), np.float32)
        self._at = 0

    def feed(self, block: Block) -> None:
        """The next samples; what comes after `frames` counts to the last piece."""
        if not len(block):
            return
        places = (np.arange(self._at, self._at + len(block)) * self._bins) // max(1, self._frames)
        places = np.minimum(places, self._bins - 1)
        firsts = np.flatnonzero(np.diff(places, prepend=-1))
        highest = np.maximum.reduceat(np.abs(block), firsts, axis=0)
        self._highest[places[firsts]] = np.maximum(self._highest[places[firsts]], highest)
        self._at += len(block)

    def peaks(self) -> Peaks:
        channels = tuple(tuple(round(float(one), 3) for one in column) for column in self._highest.T)
        return Peaks(seconds=round(self._at / self._rate, 3), channels=channels)


def silence(block: Block, first: int, rate: int, cuts: Iterable[Cut]) -> Block:
    """`block`, whose first row is moment `first` of the recording, without what `cuts` name; a copy where any does."""
    end = first + len(block)
    out = block
    for cut in cuts:
        start, stop = int(cut.start * rate), int(cut.end * rate) + 1
        if stop <= first or start >= end or cut.channel >= block.shape[1]:
            continue
        if out is block:
            out = block.copy()
        out[max(0, start - first) : stop - first, cut.channel] = 0.0
    return out


def joined(cuts: Sequence[Cut]) -> tuple[Cut, ...]:
    """Cuts in order, those of a channel that touch as one: two lists that silence the same are equal."""
    whole: list[Cut] = []
    for cut in sorted(cuts, key=lambda cut: (cut.channel, cut.start)):
        last = whole[-1] if whole else None
        if last is not None and last.channel == cut.channel and cut.start <= last.end:
            whole[-1] = Cut(channel=last.channel, start=last.start, end=max(last.end, cut.end))
        else:
            whole.append(cut)
    return tuple(whole)
