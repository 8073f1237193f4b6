"""How fast sound becomes text, over the last minute: what the pages show and shedding decides by."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

WINDOW_S = 60.0
LEAST_S = 5.0
"""Of less sound nothing can be told: the first piece a recogniser gets costs several times the next."""

DELAYS_KEPT = 200
"""Of so many utterances the delay is known; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class _Work:
    at: float
    sound: float
    took: float


class Measures:
    """Work done on sound and delays of texts; `now` is any clock that only goes forward, in seconds. Of any thread."""

    def __init__(self, window: float = WINDOW_S) -> None:
        self._window = window
        self._lock = threading.Lock()
        self._work: deque[_Work] = deque()
        self._sound = self._took = 0.0
        self._delays: deque[tuple[float, float]] = deque(maxlen=DELAYS_KEPT)

    def worked(self, now: float, sound: float, took: float) -> None:
        """`took` seconds of a worker went into `sound` seconds of sound."""
        with self._lock:
            self._work.append(_Work(now, sound, took))
            self._sound += sound
            self._took += took
            self._forget(now)

    def delayed(self, now: float, seconds: float) -> None:
        """A text came so long after what it says was said."""
        with self._lock:
            self._delays.append((now, seconds))

    def factor(self, now: float) -> float | None:
        """Seconds of work for a second of sound; None when next to nothing was decoded of late."""
        with self._lock:
            self._forget(now)
            return self._took / self._sound if self._sound >= LEAST_S else None

    def delay(self, now: float, share: float) -> float | None:
        """The delay that `share` (0…1) of the texts of the last five minutes did not exceed."""
        with self._lock:
            recent = sorted(seconds for at, seconds in self._delays if now - at <= 5 * self._window)
        return recent[min(len(recent) - 1, int(share * len(recent)))] if recent else None

    def _forget(self, now: float) -> None:
        while self._work and now - self._work[0].at > self._window:
            old = self._work.popleft()
            self._sound -= old.sound
            self._took -= old.took
        if not self._work:
            self._sound = self._took = 0.0  # no rest of rounding stays
