"""A receiver of live sound that keeps it, to see who was heard where; and how strong a tone is in what it kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from cxcall.speech.stream import RATE, Closed, Stream

Found = TypeVar("Found")


@dataclass(eq=False)
class KeptStream:
    """What came of one stream: a Sink. `holds` are what was said of hold, in order."""

    stream: Stream
    began_at: float
    sound: bytearray = field(default_factory=bytearray)
    holds: list[bool] = field(default_factory=list)
    closed: Closed | None = None
    fails: bool = False

    def audio(self, pcm: bytes, at: float) -> None:
        if self.fails:
            raise RuntimeError("the pipeline broke")
        assert self.closed is None
        self.sound += pcm

    def hold(self, held: bool, at: float) -> None:
        self.holds.append(held)

    def close(self, why: Closed, at: float) -> None:
        assert self.closed is None, "said once"
        self.closed = why

    @property
    def seconds(self) -> float:
        return len(self.sound) / (2 * RATE)

    def strength(self, hertz: float, seconds: float = 0.5) -> float:
        """Amplitude of the tone of `hertz` in the newest `seconds`."""
        samples = np.frombuffer(bytes(self.sound[-int(seconds * RATE) * 2 :]), dtype="<i2").astype(float)
        if not len(samples):
            return 0.0
        wave = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / RATE)
        return float(2 * abs(samples @ wave) / len(samples))


class Kept:
    """A Receiver: every stream, and what was said of their calls."""

    def __init__(self) -> None:
        self.streams: list[KeptStream] = []
        self.ended: list[str] = []
        self.merges: list[tuple[str, str]] = []
        self.breaks_at_open = False

    def open(self, stream: Stream, at: float) -> KeptStream:
        if self.breaks_at_open:
            raise RuntimeError("the pipeline broke")
        kept = KeptStream(stream=stream, began_at=at)
        self.streams.append(kept)
        return kept

    def over(self, call_id: str, at: float) -> None:
        self.ended.append(call_id)

    def merged(self, call_id: str, into: str) -> None:
        self.merges.append((call_id, into))

    def of(self, device: str) -> list[KeptStream]:
        """The streams of a device, such as `PJSIP/1001`."""
        return [each for each in self.streams if each.stream.channel.rpartition("-")[0] == device]

    async def until(self, look: Callable[[], Found], limit: float = 30.0) -> Found:
        """Wait until `look` finds something."""
        async with asyncio.timeout(limit):
            while not (found := look()):
                await asyncio.sleep(0.02)
        return found
