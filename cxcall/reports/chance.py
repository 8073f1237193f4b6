"""Whether a difference is more than chance: what is said in words about figures is only said where it is.

Shares by the test of two proportions with a common variance, counts by that of two Poisson counts of equally long
times; both two-sided at 5 %, sharper where the most striking of several was picked (Bonferroni).
"""

from __future__ import annotations

import math
from statistics import NormalDist

LEVEL = 0.05


def shares_differ(one: float, n_one: float, other: float, n_other: float, *, tries: int = 1) -> bool:
    """Whether a share of `n_one` differs from one of `n_other`; `tries`: of how many it was picked as the farthest."""
    if n_one <= 0 or n_other <= 0:
        return False
    common = (one * n_one + other * n_other) / (n_one + n_other)
    spread = math.sqrt(common * (1 - common) * (1 / n_one + 1 / n_other)) if 0 < common < 1 else 0.0
    return spread > 0 and abs(one - other) / spread > _bound(tries)


def differs_from_rest(part: float, n_part: float, whole: float, n_whole: float, *, tries: int = 1) -> bool:
    """Whether the share of a part differs from that of all else in the whole it belongs to."""
    rest = n_whole - n_part
    if rest <= 0:
        return False
    other = min(1.0, max(0.0, (whole * n_whole - part * n_part) / rest))
    return shares_differ(part, n_part, other, rest, tries=tries)


def counts_differ(one: float, other: float) -> bool:
    """Whether as many things in one time differ from those in another as long."""
    return one + other > 0 and abs(one - other) / math.sqrt(one + other) > _bound(1)


def _bound(tries: int) -> float:
    return NormalDist().inv_cdf(1 - LEVEL / 2 / max(tries, 1))
