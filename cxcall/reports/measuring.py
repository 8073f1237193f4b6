"""What a measure is, and the usual ways of making one: counts, seconds, shares and means of sums.

A measure works on a `Tally`, never on other figures: the figure of a whole is that of the tallies of its parts added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from cxcall.reports.answer import FEW, Figure
from cxcall.reports.definition import Row, Short
from cxcall.reports.tally import Tally

Unit = Literal["count", "share", "seconds", "points", "score", "mean", "per_minute"]
"""Shares are of one, points are those of NPS (−100 to 100), a score is −1 to 1, a mean one of answers 1 to 5."""
Good = Literal["up", "down", ""]
"""Which way is better."""
Of = Callable[[Tally, Short], float | None]
Many = Callable[[Tally, Short], float]
Spread = Callable[[Tally], tuple[float, float] | None]

TIMES: tuple[Row, ...] = ("interval", "hour", "day", "week", "month", "weekday", "hour_of_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure. `families`: where its sums are read. `rows`: what it may be told by. `behind`: the sum whose calls are
    listed when it is opened, of a share those above the line; None where no list has that many. `scored`: below FEW it
    is grey and has no delta. `spread`: its 95 % range."""

    id: str
    unit: Unit
    families: frozenset[str]
    rows: frozenset[Row]
    good: Good
    of: Of
    many: Many
    behind: str | None
    scored: bool = False
    spread: Spread | None = None

    def value(self, tally: Tally, short: Short) -> float | None:
        """The figure, None where there is nothing to divide by."""
        return self.of(tally, short)

    def n(self, tally: Tally, short: Short) -> int:
        """What it was made of: the denominator of a share or mean, else what was counted."""
        return round(self.many(tally, short))

    def figure(self, tally: Tally, short: Short) -> Figure:
        n = self.n(tally, short)
        low, high = (self.spread(tally) if self.spread else None) or (None, None)
        return Figure(value=self.value(tally, short), n=n, few=self.scored and n < FEW, low=low, high=high)


def summed(*names: str) -> Many:
    """These sums together."""
    return lambda tally, _short: sum(tally[name] for name in names)


def ratio(above: Many, below: Many) -> Of:
    """One by the other; None where that is nothing."""

    def of(tally: Tally, short: Short) -> float | None:
        n = below(tally, short)
        return above(tally, short) / n if n > 0 else None

    return of


def count(
    name: str, family: str, rows: frozenset[Row], *, good: Good = "", of: str = "", opens: bool = True
) -> Measure:
    """So many things; `of` the name of their sum where it is not the measure's."""
    many = summed(of or name)
    return Measure(
        id=name, unit="count", families=frozenset((family,)), rows=rows, good=good, of=many, many=many,
        behind=(of or name) if opens else None,
    )  # fmt: skip


def seconds(
    name: str, families: Iterable[str], rows: frozenset[Row], of: Of, *, n: Many, good: Good = "",
    behind: str | None = None,
) -> Measure:  # fmt: skip
    """A time, of `n` things or seconds."""
    return Measure(
        id=name, unit="seconds", families=frozenset(families), rows=rows, good=good, of=of, many=n, behind=behind
    )


def share(
    name: str, families: Iterable[str], rows: frozenset[Row], above: Many, below: Many, *, good: Good = "up",
    unit: Unit = "share", behind: str | None = None, scored: bool = False, spread: Spread | None = None,
) -> Measure:  # fmt: skip
    """One sum by another: a share, or a mean in another unit."""
    return Measure(
        id=name, unit=unit, families=frozenset(families), rows=rows, good=good, of=ratio(above, below), many=below,
        behind=behind, scored=scored, spread=spread,
    )  # fmt: skip
