"""Which values a condition lets through, as a set: so that rules can be compared without a call.

Words are names, or all but some; numbers, times and dates are stretches. What can't be told (parts of a text) is None:
of it nothing is claimed. "Known" takes every value; that a fact is not known takes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from cxcall.routing.conditions import DAY_MINUTES, comparable, says_no
from cxcall.routing.names import Kind, split_fact
from cxcall.routing.rule import Condition

_INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Words:
    """These names, or with `all_but` every value but these."""

    names: frozenset[str] = frozenset()
    all_but: bool = False

    @property
    def empty(self) -> bool:
        return not self.all_but and not self.names

    def both(self, other: Words) -> Words:
        """What is in this and in the other."""
        if self.all_but and other.all_but:
            return Words(self.names | other.names, all_but=True)
        if self.all_but:
            return Words(other.names - self.names)
        return Words(self.names - other.names if other.all_but else self.names & other.names)

    def within(self, other: Words) -> bool:
        """Whether all of this is in the other."""
        return self.both(other) == self


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """Where a stretch begins or ends; `above`: just after `at`, so that 5 itself is in or out."""

    at: float
    above: bool = False


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of numbers, each from one edge to another (not included), in order and apart."""

    spans: tuple[tuple[Edge, Edge], ...] = ()

    @property
    def empty(self) -> bool:
        return not self.spans

    def both(self, other: Stretches) -> Stretches:
        """What is in this and in the other."""
        met = ((max(a, c), min(b, d)) for a, b in self.spans for c, d in other.spans)
        return _joined(met)

    def within(self, other: Stretches) -> bool:
        """Whether all of this is in the other."""
        return self.both(other) == self


Extent = Words | Stretches
EVERYTHING = Stretches(((Edge(-_INFINITE), Edge(_INFINITE, above=True)),))


def extent(condition: Condition) -> Extent | None:
    """What the condition lets through; None: that can't be told."""
    name, _ = split_fact(condition.fact)
    if name is None or condition.op in ("contains", "begins"):
        return None
    worded = name.kind in ("word", "text", "phone", "weekday", "yes_no")
    if condition.op == "known":
        return (Words() if says_no(condition) else Words(all_but=True)) if worded else _known(condition)
    if condition.op == "holds":
        return Words(frozenset({"no" if says_no(condition) else "yes"}))
    values = [comparable(name.kind, one) for one in condition.value]
    if None in values:  # such a condition never holds
        return Words() if worded else Stretches()
    if worded:
        names = frozenset(str(one) for one in values if one is not None)
        return Words(names, all_but=condition.op in ("is_not", "none_of"))
    return _stretches(condition, name.kind, [_placed(one) for one in values if one is not None])


def meet(one: Extent, other: Extent) -> Extent | None:
    """What is in both; None for extents of two kinds."""
    if isinstance(one, Words) and isinstance(other, Words):
        return one.both(other)
    if isinstance(one, Stretches) and isinstance(other, Stretches):
        return one.both(other)
    return None


def implies(one: Condition, other: Condition) -> bool:
    """Whether a call that fits the first surely fits the second."""
    if one == other:
        return True
    inner, outer = extent(one), extent(other)
    if one.fact != other.fact or inner is None or outer is None or inner.empty:
        return False
    return meet(inner, outer) == inner


def _known(condition: Condition) -> Stretches:
    return Stretches() if says_no(condition) else EVERYTHING


def _placed(value: str | float) -> float:
    """A number; of a date its day."""
    return float(date.fromisoformat(value).toordinal()) if isinstance(value, str) else value


def _stretches(condition: Condition, kind: Kind, values: list[float]) -> Stretches:
    low, high = -_INFINITE, _INFINITE
    if kind == "clock":
        low, high = 0.0, float(DAY_MINUTES - 1)
    if not values:
        return Stretches()
    first, last = values[0], values[-1]
    points = [(Edge(one), Edge(one, above=True)) for one in values]
    match condition.op:
        case "is" | "one_of":
            return _joined(points)
        case "is_not" | "none_of":
            return _joined(_apart(points))
        case "over":
            return _joined([(Edge(first, above=True), Edge(high, above=True))])
        case "at_least":
            return _joined([(Edge(first), Edge(high, above=True))])
        case "under":
            return _joined([(Edge(low), Edge(first))])
        case "at_most":
            return _joined([(Edge(low), Edge(first, above=True))])
    if kind == "clock" and last < first:
        return _joined([(Edge(low), Edge(last, above=True)), (Edge(first), Edge(high, above=True))])
    return _joined([(Edge(first), Edge(last, above=True))])


def _apart(points: Iterable[tuple[Edge, Edge]]) -> Iterator[tuple[Edge, Edge]]:
    """What lies between and around points."""
    edges = [Edge(-_INFINITE), *(edge for point in sorted(set(points)) for edge in point), Edge(_INFINITE, above=True)]
    return ((since, to) for since, to in list(pairwise(edges))[::2])


def _joined(spans: Iterable[tuple[Edge, Edge]]) -> Stretches:
    """Stretches in order, those that touch as one, empty ones left out."""
    found: list[tuple[Edge, Edge]] = []
    for since, to in sorted(span for span in spans if span[0] < span[1]):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], to)
        else:
            found.append((since, to))
    return Stretches(tuple(found))
