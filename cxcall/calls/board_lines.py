"""How many waited in each queue, every five minutes of the last half hour: worked out once, from the visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from cxcall.calls.board_shapes import Point
from cxcall.calls.board_stays import Stay

STEP = 300.0
POINTS = 7
SPAN = STEP * POINTS
"""Seconds of visits from before that the lines need."""

SETTLES = 10.0
"""Seconds after which a point is kept: until then an event of before it may still come."""


class Lines:
    """The points of all queues. `stays` gives every visit that may have been open in the last `SPAN` seconds."""

    def __init__(self, stays: Callable[[], Iterable[Stay]]) -> None:
        self._stays = stays
        self._points: dict[float, Counter[str]] = {}
        self._now = 0.0

    def move(self, now: float) -> None:
        """Come to `now`: points that are missing are made, old ones go."""
        last = now // STEP * STEP
        wanted = [last - STEP * back for back in reversed(range(POINTS))]
        kept = {at: point for at, point in self._points.items() if at in wanted and self._now - at >= SETTLES}
        missing = [at for at in wanted if at not in kept]
        if missing:
            for at in missing:
                kept[at] = Counter()
            for stay in self._stays():
                for at in missing:
                    if stay.waits_at(at):
                        kept[at][stay.key] += 1
        self._points = {at: kept[at] for at in wanted}
        self._now = now

    def forget(self) -> None:
        """The visits are other ones now: work all out anew."""
        self._points = {}

    def of(self, key: str) -> tuple[Point, ...]:
        """The line of one queue."""
        return tuple((at, float(point[key])) for at, point in self._points.items())
