"""How a number of agents copes with a load of calls: Erlang B, C and A.

Calls arrive by chance at a steady rate, talks are exponential, the load is in erlangs (calls a second × handle time).
B: who finds all agents busy is turned away. C (M/M/n): they wait for ever. A (M/M/n+M, Palm): they hang up after a time
that is exponential too, with the mean `patience`. Erlang A follows Mandelbaum and Zeltyn, "Service engineering in
action: the Palm/Erlang-A queue" (2007): with the offered wait V of somebody who never hangs up,
P(V > t) is in proportion to the integral from t on of exp(rate/θ·(1 − exp(−θx)) − nμx), θ = 1/patience.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

MOST_AGENTS = 100_000
_NOTHING = -45.0
"""exp of it is nothing beside 1."""

# Gauss-Legendre, 8 points on [-1, 1].
_POINTS = (
    (0.1834346424956498, 0.3626837833783620), (0.5255324099163290, 0.3137066458778873),
    (0.7966664774136267, 0.2223810344533745), (0.9602898564975363, 0.1012285362903763),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`calls` in `seconds`, each keeping an agent busy for `handle` seconds on average."""

    calls: float
    handle: float
    seconds: float = 900.0

    def __post_init__(self) -> None:
        if not (self.calls >= 0 and self.handle >= 0 and self.seconds > 0) or math.isinf(self.calls + self.handle):
            raise ValueError("a load has calls and a handle time of 0 or more, in a time above 0")

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds

    @property
    def erlangs(self) -> float:
        """How many agents would be busy if nobody waited or hung up."""
        return self.rate * self.handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`answered` (share of the calls) within `within` seconds, agents busy for at most `occupancy` of their time, at
    most `abandoned` of the calls given up (Erlang A alone knows). Shares 0 to 1."""

    within: float = 20.0
    answered: float = 0.8
    occupancy: float = 1.0
    abandoned: float = 1.0

    def __post_init__(self) -> None:
        if not (self.within >= 0 and 0 <= self.answered < 1 and 0 < self.occupancy <= 1 and 0 < self.abandoned <= 1):
            raise ValueError("a goal answers less than all calls; occupancy and abandonment are above 0 and at most 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is to be expected. Shares 0 to 1 of all calls; `asa` seconds on average of those who are answered, infinite
    where the line grows without end."""

    waits: float
    service: float
    asa: float
    occupancy: float
    abandoned: float = 0.0

    def reaches(self, goal: Goal) -> bool:
        return (
            self.service >= goal.answered and self.occupancy <= goal.occupancy and self.abandoned <= goal.abandoned
        )  # fmt: skip


NO_CALLS = Outcome(waits=0.0, service=1.0, asa=0.0, occupancy=0.0)


def erlang_b(erlangs: float, agents: int) -> float:
    """The share of calls that finds all agents busy where nobody waits."""
    return 1.0 / _inverse_b(erlangs, agents)


def erlang_c(erlangs: float, agents: int) -> float:
    """The share of calls that has to wait where everybody does, however long; 1 where agents are too few for ever."""
    if erlangs >= agents:
        return 1.0
    blocked = erlang_b(erlangs, agents)
    used = erlangs / agents
    return blocked / (1.0 - used * (1.0 - blocked))


def with_patience_without_end(load: Load, agents: int, within: float) -> Outcome:
    """Erlang C."""
    if not load.erlangs:
        return NO_CALLS
    if load.erlangs >= agents:
        return Outcome(waits=1.0, service=0.0, asa=math.inf, occupancy=1.0)
    waits = erlang_c(load.erlangs, agents)
    freed = (agents - load.erlangs) / load.handle
    return Outcome(
        waits=waits,
        service=1.0 - waits * math.exp(-freed * within),
        asa=waits / freed,
        occupancy=load.erlangs / agents,
    )


def with_patience(load: Load, agents: int, within: float, patience: float) -> Outcome:
    """Erlang A; `patience` seconds on average until a caller who waits gives up."""
    if patience <= 0:
        raise ValueError("patience is above 0")
    if not load.erlangs:
        return NO_CALLS
    if agents <= 0:
        return Outcome(waits=1.0, service=0.0, asa=0.0, occupancy=0.0, abandoned=1.0)
    rate, gone, served = load.rate, 1.0 / patience, agents / load.handle
    wait = _OfferedWait(rate=rate, gone=gone, served=served)
    # Nobody waits with this weight, the others with the weight of the integral.
    nobody = _inverse_b(load.erlangs, agents - 1) * math.exp(-wait.highest)
    if math.isinf(nobody):
        return Outcome(waits=0.0, service=1.0, asa=0.0, occupancy=load.erlangs / agents)
    soon, later = wait.over(0.0, within), wait.over(within, math.inf)
    whole = nobody + rate * (soon.all + later.all)
    abandoned = rate * (soon.gone + later.gone) / whole
    answered = 1.0 - abandoned
    return Outcome(
        waits=rate * (soon.all + later.all) / whole,
        service=(nobody + rate * (soon.all - soon.gone)) / whole,
        asa=rate * (soon.waited + later.waited) / whole / answered if answered > 0 else 0.0,
        occupancy=min(load.erlangs * answered / agents, 1.0),
        abandoned=abandoned,
    )


def outcome(load: Load, agents: int, within: float, patience: float | None = None) -> Outcome:
    """What to expect: by Erlang A with a `patience` in seconds, by Erlang C without."""
    if patience is None:
        return with_patience_without_end(load, agents, within)
    return with_patience(load, agents, within, patience)


def agents_needed(load: Load, goal: Goal, patience: float | None = None) -> int:
    """The fewest agents that reach the goal, 0 without calls; MOST_AGENTS where even they do not."""
    if not load.erlangs:
        return 0

    def enough(agents: int) -> bool:
        return outcome(load, agents, goal.within, patience).reaches(goal)

    most = max(math.ceil(load.erlangs), 1)
    while most < MOST_AGENTS and not enough(most):
        most = min(most * 2, MOST_AGENTS)
    return _first(enough, most)


def scheduled(agents: float, shrinkage: float) -> int:
    """How many have to be on the roster so that `agents` are there: `shrinkage` (share 0 to below 1) of their paid time
    they are on breaks, ill, in training."""
    if not 0 <= shrinkage < 1:
        raise ValueError("shrinkage is a share from 0 to below 1")
    return math.ceil(agents / (1.0 - shrinkage) - 1e-9)


def _first(enough: Callable[[int], bool], most: int) -> int:
    """The smallest number up to `most` that is enough; more are never too many."""
    least = 1
    while least < most:
        middle = (least + most) // 2
        if enough(middle):
            most = middle
        else:
            least = middle + 1
    return least


def _inverse_b(erlangs: float, agents: int) -> float:
    """1 / Erlang B: this recursion neither over- nor underflows where B itself matters."""
    if erlangs < 0 or agents < 0:
        raise ValueError("erlangs and agents are 0 or more")
    inverse = 1.0
    for n in range(1, agents + 1):
        inverse = 1.0 + inverse * n / erlangs if erlangs else math.inf
    return inverse


@dataclass(slots=True)
class _Part:
    """Integrals over a part of the waits: of the weight, of what gave up before, of the seconds of the others."""

    all: float = 0.0
    gone: float = 0.0
    waited: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfferedWait:
    """The weight of an offered wait, over its highest: exp(`_log(x)` − `highest`)."""

    rate: float
    gone: float
    served: float

    @property
    def peak(self) -> float:
        """The wait that weighs most: 0 where the agents keep up."""
        return math.log(self.rate / self.served) / self.gone if self.rate > self.served else 0.0

    @property
    def highest(self) -> float:
        return self._log(self.peak)

    def over(self, since: float, until: float) -> _Part:
        """The integrals over [since, until), in steps in which the weight is nearly a parabola of its logarithm."""
        part, highest, peak = _Part(), self.highest, self.peak
        while since < until and (since <= peak or self._log(since) - highest > _NOTHING):
            end = min(since + self._step(since), until)
            self._add(part, since, end, highest)
            since = end
        return part

    def _log(self, wait: float) -> float:
        return -self.rate / self.gone * math.expm1(-self.gone * wait) - self.served * wait

    def _step(self, wait: float) -> float:
        rate = self.rate * math.exp(-self.gone * wait)
        bent = self.gone * rate  # 0 where so little is left of the rate that no number is that small
        bend = 1.0 / math.sqrt(bent) if bent > 0 else math.inf
        return min(2.0 / max(abs(rate - self.served), 1e-12), bend, 0.5 / self.gone)

    def _add(self, part: _Part, since: float, until: float, highest: float) -> None:
        half, middle = (until - since) / 2.0, (until + since) / 2.0
        for point, weight in _POINTS:
            for wait in (middle - half * point, middle + half * point):
                here = half * weight * math.exp(self._log(wait) - highest)
                left = -math.expm1(-self.gone * wait)
                part.all += here
                part.gone += here * left
                part.waited += here * (1.0 - left) * wait
