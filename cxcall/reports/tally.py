"""What was counted: named sums that can be added to each other, and how long callers waited as a histogram.

Sums are of whole things (visits, seconds), never means, so that tallies of parts add up to the tally of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Sums by name (see `measures`), maxima by name, and counts of waits by bucket (`waits.bucket`)."""

    sums: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    waits: dict[int, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        return self.sums.get(name, 0.0)

    def add(self, other: Tally) -> None:
        for name, amount in other.sums.items():
            self.sums[name] = self.sums.get(name, 0.0) + amount
        for name, amount in other.most.items():
            self.most[name] = max(self.most.get(name, amount), amount)
        for bucket, n in other.waits.items():
            self.waits[bucket] = self.waits.get(bucket, 0) + n


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    together = Tally()
    for tally in tallies:
        together.add(tally)
    return together
