"""A queue's day in counts, kept as visits come and change: taking one out again undoes exactly what it put in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cxcall.calls.board_shapes import QueueTargets
from cxcall.calls.board_stays import Stay
from cxcall.calls.record import VisitResult

QUARTER = 900.0
"""Seconds of an interval (METRICS.md); every zone's hours begin with one."""

_NAMES: dict[VisitResult, str] = {
    "answered": "answered", "abandoned": "abandoned", "timeout": "timed_out",
    "full": "full", "closed": "refused", "left": "left",
}  # fmt: skip


class Tally:
    """Counts of visits by METRICS.md against `targets`. Who still waits is offered, and decided only once too late."""

    __slots__ = ("_decided", "_in_time", "counts", "edition", "targets")

    def __init__(self, targets: QueueTargets) -> None:
        self.targets = targets
        self.counts: Counter[str] = Counter()
        self.edition = 0
        """Another number after each change."""
        self._in_time: Counter[float] = Counter()
        self._decided: Counter[float] = Counter()

    def add(self, stay: Stay, times: int = 1) -> None:
        """Count a visit that joined today; `times` −1 takes it out again."""
        counts = self.counts
        self.edition += 1
        if stay.entered:
            counts["offered"] += times
        if stay.result is not None:
            counts[_NAMES[stay.result]] += times
        if stay.short(self.targets):
            counts["short"] += times
        elif stay.known and stay.joined is not None:
            self._decided[quarter(stay.joined)] += times
            counts["decided"] += times
            if stay.in_time(self.targets):
                self._in_time[quarter(stay.joined)] += times
                counts["in_time"] += times

    def late(self, joined: Iterable[float], now: float) -> list[float]:
        """Those of the waiting, by when they joined, who can no longer be answered in time."""
        return [since for since in joined if now - since > self.targets.answer_within]

    def levels(self, late: Iterable[float], since: float, now: float, most: int) -> tuple[tuple[float, int, int], ...]:
        """Answered in time and decided by quarters of an hour, the newest `most` since `since`, by their begin."""
        too_late = Counter(quarter(joined) for joined in late)
        last = quarter(now)
        begins = [last - QUARTER * back for back in reversed(range(most))]
        return tuple(
            (begin, self._in_time[begin], self._decided[begin] + too_late[begin])
            for begin in begins
            if begin >= quarter(since)
        )


def quarter(at: float) -> float:
    """When the quarter of an hour of a moment began."""
    return at // QUARTER * QUARTER


def share(part: int, whole: int) -> float | None:
    """Per cent to a tenth; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
