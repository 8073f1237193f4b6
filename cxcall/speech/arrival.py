"""When samples were said: frames of 20 ms with times, from pieces that come late, at once, too slowly or not at all.

Theory of operation. Samples can only come late, so the clock of a stream runs by its samples, and is drawn to the time
of arrival while nobody speaks: a phone whose clock is 1 % slow is followed without a jump. A piece that comes more than
60 ms after the one before it is kept until it is clear whether the missing ones come with it (a burst; nothing is
missing) or not (silence suppression, a key pressed: the gap becomes silence).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FRAME = 0.02
"""Seconds of a frame."""

_GAP = 0.06
_BURST = 0.01
"""Pieces of a burst come within this time."""
_FILLED = 1.0
"""A longer gap is filled so far only: whoever spoke has ended in it."""
_DRAWN = 0.1
_TOO_FAR = 0.5


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms; `end`: when its last sample was said; `heard` False: a gap that was filled."""

    pcm: bytes
    end: float
    heard: bool = True


class Arrivals:
    """Of one stream, `rate` samples a second, 16-bit."""

    def __init__(self, rate: int) -> None:
        self._second = 2 * rate
        self._size = int(self._second * FRAME)
        self._clock = 0.0
        self._running = False
        self._last = 0.0
        self._rest = b""
        self._late: list[bytes] = []
        self._ready: deque[Frame] = deque()

    @property
    def last(self) -> float:
        """When something last came."""
        return self._last

    def feed(self, pcm: bytes, at: float, *, steady: bool) -> list[Frame]:
        """The frames that are whole now. `steady`: somebody speaks, so the times go on by the samples alone."""
        if self._late and at - self._last < _BURST:
            self._late.append(pcm)
            return []
        self._settle()
        began = at - len(pcm) / self._second
        if not self._running:
            self._running, self._clock, self._last = True, began, began
        behind = began - self._clock - len(self._rest) / self._second
        if behind > _GAP and began - self._last > _GAP:
            self._late, self._last = [pcm], at
            return self._taken()
        if abs(behind) > _TOO_FAR:
            self._clock += behind
        elif not steady:
            self._clock += _DRAWN * behind
        self._last = at
        self._cut(pcm)
        return self._taken()

    def tick(self, now: float) -> list[Frame]:
        """What waited for more to come."""
        if self._late and now - self._last >= _BURST:
            self._settle()
        return self._taken()

    def close(self) -> list[Frame]:
        """The last frames; the next piece begins anew."""
        self._settle()
        self._running, self._rest = False, b""
        return self._taken()

    def _taken(self) -> list[Frame]:
        frames = list(self._ready)
        self._ready.clear()
        return frames

    def _settle(self) -> None:
        """A late piece and what came with it are taken, behind silence for what is missing."""
        if not self._late:
            return
        pcm = b"".join(self._late)
        self._late = []
        missing = self._last - (len(pcm) + len(self._rest)) / self._second - self._clock
        if missing > _GAP:
            self._fill(missing)
        self._cut(pcm)

    def _fill(self, seconds: float) -> None:
        until = self._clock + seconds
        self._cut(bytes(-len(self._rest) % self._size))
        for _ in range(int(min(seconds, _FILLED) / FRAME)):
            self._clock += FRAME
            self._ready.append(Frame(bytes(self._size), self._clock, heard=False))
        self._clock = until

    def _cut(self, pcm: bytes) -> None:
        whole = self._rest + pcm
        end = len(whole) - len(whole) % self._size
        for begin in range(0, end, self._size):
            self._clock += FRAME
            self._ready.append(Frame(whole[begin : begin + self._size], self._clock))
        self._rest = whole[end:]
