"""Whether two reviewers who scored the same calls blindly agree, beyond what chance would bring.

Cohen (1960): kappa = (po - pe) / (1 - pe), where po is the share of agreement seen and pe what the two would reach if
each answered by chance as often as they did. Linearly weighted (Cohen 1968): steps apart on a scale count as they are
far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two reviewers agree over `n` pairs of answers. `share`: of equal answers, None without pairs. `kappa`:
    1 is full agreement, 0 is chance; None where chance alone would have them agree always."""

    n: int
    share: float | None
    kappa: float | None


def agreement(pairs: Sequence[tuple[int | None, int | None]], *, highest: int = 0) -> Agreement:
    """The agreement over answers to one item (None: does not apply). With `highest` kappa is weighted by the steps
    of a scale; then pairs in which the item did not apply to one of the two are left out."""
    if highest:
        pairs = [(one, other) for one, other in pairs if one is not None and other is not None]
    n = len(pairs)
    if not n:
        return Agreement(n=0, share=None, kappa=None)
    share = sum(one == other for one, other in pairs) / n
    # Whole numbers up to here, so that "by chance always" is 0 exactly.
    seen = n * sum(_apart(one, other, highest) for one, other in pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(
        times * others * _apart(one, other, highest) for one, times in first.items() for other, others in second.items()
    )
    return Agreement(n=n, share=share, kappa=1 - seen / by_chance if by_chance else None)


def _apart(one: int | None, other: int | None, highest: int) -> int:
    if highest and one is not None and other is not None:
        return abs(one - other)
    return int(one != other)
