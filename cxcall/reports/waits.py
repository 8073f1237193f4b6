"""How long callers waited, as a histogram that can be added to another: counts by bucket, percentiles from them.

A bucket holds the waits above the edge before it, up to and with its own. Edges lie close where waits are short: a
percentile is exact to a second below ten seconds, to a quarter of a minute below five minutes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

EDGES: tuple[float, ...] = (
    *range(1, 11), *range(15, 61, 5), *range(75, 301, 15), *range(360, 901, 60), *range(1200, 3601, 300),
)  # fmt: skip
"""Seconds up to which a bucket goes; the last bucket, `len(EDGES)`, has no end."""


def bucket(seconds: float) -> int:
    """The bucket of a wait."""
    return bisect_left(EDGES, seconds)


def edges(number: int) -> tuple[float, float | None]:
    """Above and up to how many seconds a bucket goes; None: without end."""
    low = EDGES[number - 1] if number else 0.0
    return low, EDGES[number] if number < len(EDGES) else None


def percentile(waits: Mapping[int, int], percent: float) -> float | None:
    """Up to how many seconds so many per cent waited, evenly spread within a bucket; None without any.

    Beyond the last edge nothing is known but that it was longer: then that edge is given.
    """
    n = sum(waits.values())
    if n <= 0:
        return None
    rank, seen = percent / 100 * n, 0
    for number in sorted(number for number, many in waits.items() if many > 0):
        many = waits[number]
        if seen + many >= rank:
            low, high = edges(number)
            return low if high is None else low + (high - low) * max(rank - seen, 0.0) / many
        seen += many
    return EDGES[-1]
