"""A stream cut into utterances: what one speaker says between two pauses.

Theory of operation. An utterance begins 300 ms before its voice, so that no first letter is lost, and is given out in
chunks as it is said. After 200 ms without a voice it is told to be at a pause: perhaps this is the end, so who decodes
whole utterances may begin. Silence after that is kept back until it is known whether it belongs to the utterance: if
the voice goes on, it does. The end is told by the clock and not by samples, since phones that suppress silence send
none. The longer somebody speaks without a pause the shorter one may be to count as one; whoever speaks for 25 s on end
is cut at the quietest place of the last seconds.
"""

from __future__ import annotations

from collections import deque

import msgspec

from cxcall.speech.arrival import FRAME, Arrivals, Frame
from cxcall.speech.gate import SILENCE, Gate, Voices
from cxcall.speech.stream import RATE

BEFORE = 0.3
"""Seconds in front of the voice."""
PAUSE = 0.2
CHUNK = 0.2
LONGEST = 25.0

_HANGOVER = ((20.0, 0.1), (14.0, 0.2), (7.0, 0.35), (0.0, 0.5))
"""After so many seconds of an utterance, a pause of so many ends it."""
_KEPT_BACK = 21.0
"""From here on nothing is given out before the next pause, so that the cut can be made in what was said."""
_REMEMBERED = int(0.6 / FRAME)
_LATE = 0.1
"""Nothing came for so long: the phone sends no silence."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """Utterance `n` of the stream: `start` of its first sample, from which the engine's times count; when the voice
    `spoke` first."""

    n: int
    start: float
    spoke: float


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """The next samples of an utterance, some 200 ms."""

    n: int
    pcm: bytes


class Paused(msgspec.Struct, frozen=True, kw_only=True):
    """Perhaps the end: a Chunk or Ended follows."""

    n: int


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The utterance is whole; its voice was last heard at `end`."""

    n: int
    end: float


Event = Begun | Chunk | Paused | Ended


class Utterances:
    """Of one stream. Times are those of `at`: seconds since 1970 of a call, of the file otherwise."""

    def __init__(self, *, rate: int = RATE, voices: Voices | None = None) -> None:
        self._gate = Gate(rate=rate, voices=voices)
        self._arrivals = Arrivals(rate)
        self._before: deque[tuple[Frame, bool]] = deque(maxlen=_REMEMBERED)
        self._chunk = int(CHUNK / FRAME)
        self._n = 0
        self._start = 0.0
        self._voice = 0.0
        self._at = 0.0
        self._open = False
        self._paused = False
        self._kept: list[tuple[Frame, float]] = []

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._open

    @property
    def level(self) -> float:
        """dBFS of what was last heard."""
        return self._gate.level

    def feed(self, pcm: bytes, at: float) -> list[Event]:
        """Samples as they came at `at`; any number of them."""
        return self._take(self._arrivals.feed(pcm, at, steady=self._open))

    def tick(self, now: float) -> list[Event]:
        """Time goes on though nothing may come; to be called some ten times a second."""
        events = self._take(self._arrivals.tick(now))
        absent = now - self._arrivals.last
        if self._open and absent > _LATE:
            self._grow_quiet(self._at - self._voice + absent, events)
        return events

    def close(self, at: float) -> list[Event]:
        """Nothing comes any more, or not for a while."""
        events = self._take(self._arrivals.close())
        if self._open:
            self._end(events)
        self._gate.rest()
        self._before.clear()
        return events

    def _take(self, frames: list[Frame]) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            self._at = frame.end
            voiced = frame.heard and self._gate.voiced(frame.pcm)
            if self._open:
                self._go_on(frame, voiced, events)
            else:
                self._before.append((frame, self._gate.passed and frame.heard))
                if voiced and self._gate.sure:
                    self._begin(events)
        return events

    def _begin(self, events: list[Event]) -> None:
        """Open with what was before the voice."""
        spoke, missed = len(self._before) - 1, 0
        for place in range(len(self._before) - 1, -1, -1):
            passed = self._before[place][1]
            missed = 0 if passed else missed + 1
            if missed > 2:
                break
            spoke = place if passed else spoke
        first = max(0, spoke - int(BEFORE / FRAME))
        frames = [frame for frame, _ in self._before][first:]
        self._before.clear()
        self._open_at(frames[0].end - FRAME, spoke=frames[spoke - first].end - FRAME, events=events)
        self._voice = frames[-1].end
        self._kept = [(frame, SILENCE) for frame in frames]
        self._give(events)

    def _open_at(self, start: float, *, spoke: float, events: list[Event]) -> None:
        self._n += 1
        self._start, self._open, self._paused = start, True, False
        events.append(Begun(n=self._n, start=start, spoke=spoke))

    def _go_on(self, frame: Frame, voiced: bool, events: list[Event]) -> None:
        self._kept.append((frame, self._gate.level if frame.heard else SILENCE))
        said = frame.end - self._start
        if voiced:
            self._voice, self._paused = frame.end, False
            if said < _KEPT_BACK:
                self._give(events)
        else:
            self._grow_quiet(frame.end - self._voice, events)
        if self._open and said >= LONGEST:
            self._cut(events)

    def _grow_quiet(self, quiet: float, events: list[Event]) -> None:
        """There was no voice for `quiet` seconds."""
        said = self._voice - self._start
        if not self._paused and quiet >= min(PAUSE, self._hangover(said)):
            self._give(events, all_of_it=True)
            self._paused = True
            events.append(Paused(n=self._n))
        if self._paused and quiet >= self._hangover(said):
            self._end(events)

    @staticmethod
    def _hangover(said: float) -> float:
        return next(pause for seconds, pause in _HANGOVER if said >= seconds) - FRAME / 2

    def _give(self, events: list[Event], *, all_of_it: bool = False) -> None:
        """Give out what is kept, once it is enough."""
        if self._kept and (all_of_it or len(self._kept) >= self._chunk):
            events.append(Chunk(n=self._n, pcm=b"".join(frame.pcm for frame, _ in self._kept)))
            self._kept = []

    def _end(self, events: list[Event]) -> None:
        """The silence kept back is what may come before the next voice."""
        if not self._paused:
            self._give(events, all_of_it=True)
        events.append(Ended(n=self._n, end=self._voice))
        self._before.extend((frame, False) for frame, _ in self._kept)
        self._kept, self._open = [], False

    def _cut(self, events: list[Event]) -> None:
        """Nobody paused for too long: end at the quietest 100 ms of what was kept back and go on from there."""
        if not self._kept:
            self._end(events)
            return
        levels = [level for _, level in self._kept]
        width = 5
        places = range(width, max(width + 1, len(levels) - width))
        cut = min(places, key=lambda place: sum(levels[place - width // 2 : place + width // 2 + 1]))
        rest, self._kept = self._kept[cut:], self._kept[:cut]
        at = self._kept[-1][0].end
        last = self._voice
        self._voice = min(at, last)
        self._paused = False
        self._end(events)
        self._before.clear()
        self._open_at(at, spoke=at, events=events)
        self._voice, self._kept = max(at, last), rest
        self._give(events)
