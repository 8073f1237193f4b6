"""Recency, frequency and value: in which fifth of the site's customers somebody is, and the group that makes.

METRICS `rfm`:

* recency: whole days since the last contact
* frequency: days with contact in the last 365
* value: the site's own figure of the customer; where it keeps none of anybody, contacts in the last 365 days

Bounds between fifths are worked out every night. Who is like others is in the fifth of all of them: nobody is told
apart by chance, and a fifth may be empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Group = Literal["best", "frequent", "valuable", "recent", "between", "slipping", "missed", "asleep"]
Dimension = Literal["recency", "frequency", "value"]
Cuts = tuple[float, float, float, float]
"""What 20, 40, 60 and 80 % of customers are at most."""

FIFTHS = 5
ALL = (1, FIFTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a customer. `last`: day of the last contact; `days` and `contacts` of the last 365 days."""

    last: date
    days: int
    contacts: int
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between fifths of `customers` customers on the day `on`. `recency` in days ago. `by_purchases`: whether the site
    keeps values; else contacts stand for them."""

    on: date
    customers: int
    recency: Cuts
    frequency: Cuts
    value: Cuts
    by_purchases: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """1 to 5, 5 is best: came lately, often, for much."""

    recency: int
    frequency: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which scores make a group, from and to, both included."""

    group: Group
    recency: tuple[int, int] = ALL
    frequency: tuple[int, int] = ALL
    value: tuple[int, int] = ALL


RULES: tuple[Rule, ...] = (
    Rule(group="best", recency=(4, 5), frequency=(4, 5), value=(4, 5)),
    Rule(group="frequent", recency=(3, 5), frequency=(4, 5)),
    Rule(group="valuable", recency=(3, 5), value=(4, 5)),
    Rule(group="recent", recency=(4, 5)),
    Rule(group="between", recency=(3, 3)),
    Rule(group="slipping", recency=(1, 2), frequency=(4, 5)),
    Rule(group="missed", recency=(1, 2), value=(4, 5)),
    Rule(group="asleep", recency=(1, 2)),
)
"""The first one that fits makes the group."""


def scores(seen: Seen, bounds: Bounds) -> Scores:
    """Where a customer stands among all."""
    value = (seen.value or 0.0) if bounds.by_purchases else seen.contacts
    return Scores(
        recency=FIFTHS - _above((bounds.on - seen.last).days, bounds.recency),
        frequency=1 + _above(seen.days, bounds.frequency),
        value=1 + _above(value, bounds.value),
    )


def group(found: Scores) -> Group:
    """The group these scores make."""
    return next(rule.group for rule in RULES if _fits(rule, found))


def limits(between: tuple[int, int], cuts: Sequence[float], *, few_is_good: bool) -> tuple[float | None, float | None]:
    """What scores from and to mean: more than the first figure, at most the second; None: no limit on that side."""
    low, high = between
    if few_is_good:
        low, high = FIFTHS + 1 - high, FIFTHS + 1 - low
    return cuts[low - 2] if low > 1 else None, cuts[high - 1] if high < FIFTHS else None


def _above(amount: float, cuts: Cuts) -> int:
    return sum(amount > cut for cut in cuts)


def _fits(rule: Rule, found: Scores) -> bool:
    pairs = ((rule.recency, found.recency), (rule.frequency, found.frequency), (rule.value, found.value))
    return all(low <= score <= high for (low, high), score in pairs)
