"""Does a rule help? Its treated callers against the control, in a way that may be looked at every day.

*Theory of operation.* A usual 95 % interval is right for one look at the end; who looks each day and stops at the first
difference is wrong far more often. The interval of the difference here holds for all looks together: a normal mixture
over the effects there might be (Robbins 1970; "always valid" in Johari and others 2017), so that without an effect at
most 5 of 100 trials ever say otherwise, however often they are looked at. The price is a wider interval.
Calls of one customer are not independent, and customers are what was divided: so they are counted as clusters, the
mean is one of sums (all answers by all answers' count), and its variance is that of the customers' deviations.
No verdict is given below LEAST customers a group, where nothing normal can be claimed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import msgspec

from cxcall.routing.experiment import running
from cxcall.routing.rule import Trial

Measure = Literal["csat", "nps", "wait", "abandoned", "repeat", "handle"]
Verdict = Literal["none", "better", "worse"]

MEASURES: tuple[Measure, ...] = get_args(Measure)
MORE_IS_BETTER: frozenset[Measure] = frozenset({"csat", "nps"})
LEAST = 50
"""Customers each group needs before anything is said."""
FALSE_ALARMS = 0.05
"""Share of trials without an effect that ever say there is one."""
_USUAL = 1.959964
_EFFECT = 0.2
"""The effect the test is tuned to find soonest, in standard deviations of a customer's answer."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One group, summed over its customers: of customer i, n_i answers (or calls) that add up to y_i.

    `n`: Σ n_i, `total`: Σ y_i, `squares`: Σ y_i², `cross`: Σ n_i·y_i, `counts`: Σ n_i².
    """

    customers: int = 0
    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    cross: float = 0.0
    counts: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A group's figure with its usual 95 % interval; None where there is nothing to count."""

    customers: int
    n: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Treated against control. `difference` (treated − control) with the interval that holds for every look; None
    while there are too few. `enough`: both groups have LEAST customers."""

    measure: Measure
    treated: Mean
    control: Mean
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict = "none"
    enough: bool = False


def score(measure: Measure, value: float) -> float:
    """What one call's value counts: csat (1–5) as top two boxes in per cent, nps (0–10) as 100, 0 or −100; shares
    (0 or 1) in per cent; seconds as they are."""
    match measure:
        case "csat":
            return 100.0 if value >= 4 else 0.0
        case "nps":
            return 100.0 if value >= 9 else -100.0 if value <= 6 else 0.0
        case "abandoned" | "repeat":
            return value * 100
    return value


def sample(measure: Measure, values: Iterable[tuple[str, float]]) -> Sample:
    """A group's sums from its calls: whose (the customer, else whatever tells callers apart) and the value as kept."""
    by_customer: dict[str, tuple[int, float]] = {}
    for customer, value in values:
        n, total = by_customer.get(customer, (0, 0.0))
        by_customer[customer] = n + 1, total + score(measure, value)
    counts, totals = [n for n, _ in by_customer.values()], [total for _, total in by_customer.values()]
    return Sample(
        customers=len(counts),
        n=sum(counts),
        total=math.fsum(totals),
        squares=math.fsum(total * total for total in totals),
        cross=math.fsum(n * total for n, total in by_customer.values()),
        counts=float(sum(n * n for n in counts)),
    )


def compare(measure: Measure, treated: Sample, control: Sample) -> Comparison:
    """What can be said by now; it may be asked after every call."""
    enough = min(treated.customers, control.customers) >= LEAST
    shown = Comparison(measure=measure, treated=_mean(treated), control=_mean(control), enough=enough)
    if not enough:
        return shown
    difference = treated.total / treated.n - control.total / control.n
    reach = _reach(treated, control)
    low, high = difference - reach, difference + reach
    verdict: Verdict = "none"
    if low > 0 or high < 0:
        verdict = "better" if (low > 0) == (measure in MORE_IS_BETTER) else "worse"
    return Comparison(
        measure=measure,
        treated=shown.treated,
        control=shown.control,
        difference=difference,
        low=low,
        high=high,
        verdict=verdict,
        enough=True,
    )


def to_stop(trial: Trial, found: Comparison, day: date) -> bool:
    """Whether a trial that goes on is to be ended because its rule does harm."""
    return trial.stop_worse and running(trial, day) and found.verdict == "worse"


def _mean(sample: Sample) -> Mean:
    if not sample.n:
        return Mean(customers=sample.customers, n=0, value=None)
    value = sample.total / sample.n
    if sample.customers < 2:
        return Mean(customers=sample.customers, n=sample.n, value=value)
    reach = _USUAL * math.sqrt(_variance(sample))
    return Mean(customers=sample.customers, n=sample.n, value=value, low=value - reach, high=value + reach)


def _variance(sample: Sample) -> float:
    """Of a group's mean: the mean square of what each customer's sum is off n_i means, by the mean count squared."""
    mean = sample.total / sample.n
    off = sample.squares - 2 * mean * sample.cross + mean * mean * sample.counts
    return max(off, 0.0) * sample.customers / (sample.customers - 1) / (sample.n * sample.n)


def _reach(treated: Sample, control: Sample) -> float:
    """Half the interval of the difference that holds for all looks together."""
    variance = _floored(treated) + _floored(control)
    parts = 1 / treated.customers + 1 / control.customers
    known = _EFFECT * _EFFECT / parts
    bound = (1 + 1 / known) * (2 * math.log(1 / FALSE_ALARMS) + math.log(1 + known))
    return math.sqrt(variance * bound)


def _floored(sample: Sample) -> float:
    """The variance, never less than if one more customer were as far off as the farthest way: a group whose answers
    are all the same so far is not for that beyond all doubt."""
    spread = math.sqrt(sample.squares / sample.customers) * sample.customers / sample.n
    return max(_variance(sample), (spread / sample.customers) ** 2)
