"""Whether a share really changed, or chance alone explains it; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

SURE = 0.05
"""Chance that anything at all is called new although nothing changed, over all shares looked at together."""
LEAST = 5
"""Calls the rarer side has to expect for the comparison to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`n` of `of` in a period, and in the one before it."""

    key: str
    n: int
    of: int
    before_n: int
    before_of: int

    @property
    def points(self) -> float | None:
        """The difference in points of a hundred; None while one of the periods is empty."""
        if not self.of or not self.before_of:
            return None
        return 100 * self.n / self.of - 100 * self.before_n / self.before_of


def changed(shares: Sequence[Share]) -> list[Share]:
    """Those whose change chance does not explain, the largest first: a test of two proportions, each held to the
    chance that all of them together may take (Bonferroni)."""
    if not shares:
        return []
    limit = NormalDist().inv_cdf(1 - SURE / (2 * len(shares)))
    sure = [share for share in shares if _score(share) >= limit]
    return sorted(sure, key=lambda share: (-abs(share.points or 0.0), share.key))


def _score(share: Share) -> float:
    """How many standard errors the two shares are apart; 0 where too few calls tell."""
    if not share.of or not share.before_of:
        return 0.0
    both, calls = share.n + share.before_n, share.of + share.before_of
    p = both / calls
    if min(share.of, share.before_of) * min(p, 1 - p) < LEAST:
        return 0.0
    error = math.sqrt(p * (1 - p) * (1 / share.of + 1 / share.before_of))
    return abs(share.n / share.of - share.before_n / share.before_of) / error
