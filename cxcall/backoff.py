"""Waits between tries: each longer than the last, up to a longest."""

from __future__ import annotations

import random


class Backoff:
    """Waits that double up to a longest, each shortened by chance so that many clients do not come at once."""

    def __init__(self, first: float, longest: float, chance: random.Random | None = None) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._tries = 0

    def next(self) -> float:
        """Seconds to wait before the next try: between half and all of the doubled wait."""
        most = min(self._longest, self._first * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return most * (0.5 + self._chance.random() / 2)

    def reset(self) -> None:
        self._tries = 0
