"""Scores with their n and 95 % range: NPS, CSAT, CES as METRICS.md defines them.

All are on a scale of 100: NPS −100…100, CSAT and CES per cent of the answers in the top boxes. Ranges: NPS by the
variance of +1, 0, −1 over the answers; shares by Wilson's interval, which stays within 0–100 and has a width also when
all gave the same answer. Nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

from cxcall.surveys.script import Measure

FEW = 30
"""Below so many answers a score is shown grey and without a comparison (METRICS.md)."""
Z = 1.959963984540054
"""Standard deviations on either side that hold 95 % of a normal distribution."""
SCALES: Mapping[Measure, tuple[int, int]] = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
"""Lowest and highest value of each measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score out of `n` answers: its value with its 95 % range, and the mean of the answers on their own scale.

    Value, range and mean are None when nobody answered.
    """

    measure: Measure
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None

    @property
    def few(self) -> bool:
        """Too few answers to compare with anything."""
        return self.n < FEW


def nps(counts: Mapping[float, int]) -> Score:
    """(Promoters 9–10 − detractors 0–6) / answers × 100, from {answer: how many gave it}."""
    counts, n, mean = _within("nps", counts)
    if not n:
        return Score(measure="nps", n=0)
    promoters = sum(count for value, count in counts.items() if value >= 9) / n
    detractors = sum(count for value, count in counts.items() if value <= 6) / n
    net = promoters - detractors
    half = Z * sqrt(max(promoters + detractors - net * net, 0.0) / n)
    low, high = max(net - half, -1.0), min(net + half, 1.0)
    return Score(measure="nps", n=n, value=net * 100, low=low * 100, high=high * 100, mean=mean)


def csat(counts: Mapping[float, int]) -> Score:
    """Share of 4–5 of 5, in per cent, from {answer: how many gave it}."""
    return _share("csat", counts, top=4)


def ces(counts: Mapping[float, int]) -> Score:
    """Share of 6–7 of 7, in per cent, from {answer: how many gave it}."""
    return _share("ces", counts, top=6)


def of(measure: Measure, counts: Mapping[float, int]) -> Score:
    """The score of a measure. Answers outside its scale are no answers to it and do not count in n."""
    return _BY_MEASURE[measure](counts)


def _share(measure: Measure, counts: Mapping[float, int], *, top: int) -> Score:
    counts, n, mean = _within(measure, counts)
    if not n:
        return Score(measure=measure, n=0)
    hits = sum(count for value, count in counts.items() if value >= top)
    low, high = wilson(hits, n)
    return Score(measure=measure, n=n, value=hits / n * 100, low=low * 100, high=high * 100, mean=mean)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % range of a share `hits`/`n`, 0–1. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209–212."""
    share, square = hits / n, Z * Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return (0.0 if hits == 0 else centre - half), (1.0 if hits == n else centre + half)


def _within(measure: Measure, counts: Mapping[float, int]) -> tuple[dict[float, int], int, float]:
    """The counts of values on the measure's scale, how many they are, and their mean."""
    least, most = SCALES[measure]
    counts = {value: count for value, count in counts.items() if least <= value <= most and count > 0}
    n = sum(counts.values())
    return counts, n, sum(value * count for value, count in counts.items()) / n if n else 0.0


_BY_MEASURE: Mapping[Measure, Callable[[Mapping[float, int]], Score]] = {"nps": nps, "csat": csat, "ces": ces}
