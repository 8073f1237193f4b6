"""Which calls to review: some of each agent by chance, and those that stand out. Every pick says why.

Chance is a hash of a seed and the call's id: the same seed picks the same calls, whatever order they come in, and a
call that comes late changes no other's place in the draw.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal

Why = Literal["random", "mood", "long", "csat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A call that could be reviewed. `week`: its week's first day. `talk`: seconds. `mood`: -1 (worst) to 1. `csat`:
    1 to 5. None: not known."""

    call_id: str
    agent: str
    week: date
    talk: float = 0.0
    mood: float | None = None
    csat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How many to pick: `random` of each agent in each week; of all, the `worst_mood` below 0, the longest from
    `long_from` seconds on, and the lowest CSAT up to `csat_to`."""

    random: int = 0
    worst_mood: int = 0
    longest: int = 0
    long_from: float = 600.0
    low_csat: int = 0
    csat_to: float = 2.0

    def most(self, why: Why) -> int:
        """How many are wanted for a reason."""
        return {"random": self.random, "mood": self.worst_mood, "long": self.longest, "csat": self.low_csat}[why]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A call to review, and why this one."""

    call_id: str
    agent: str
    why: Why


def picks(
    candidates: Iterable[Candidate], wish: Wish, *, seed: str, reviewed: Collection[str] = ()
) -> tuple[Pick, ...]:
    """The calls to review, none twice and none of `reviewed`. Chance goes first: what stands out is picked from the
    rest, so that the random part stays a fair sample. What was reviewed takes its place in the draw."""
    left = {one.call_id: one for one in candidates}
    found: list[Pick] = []
    for why, chosen in _RULES.items():
        for one in chosen(left, wish, seed):
            del left[one.call_id]
            if one.call_id not in reviewed:
                found.append(Pick(call_id=one.call_id, agent=one.agent, why=why))
    return tuple(found)


def _random(left: Mapping[str, Candidate], wish: Wish, seed: str) -> list[Candidate]:
    groups: dict[tuple[str, date], list[Candidate]] = {}
    for one in left.values():
        groups.setdefault((one.agent, one.week), []).append(one)
    drawn = [sorted(groups[key], key=lambda one: _lot(seed, one))[: wish.random] for key in sorted(groups)]
    return [one for some in drawn for one in some]


def _mood(left: Mapping[str, Candidate], wish: Wish, seed: str) -> list[Candidate]:
    low = [(one.mood, _lot(seed, one), one) for one in left.values() if one.mood is not None and one.mood < 0]
    return [one for *_, one in sorted(low, key=lambda row: row[:2])[: wish.worst_mood]]


def _long(left: Mapping[str, Candidate], wish: Wish, seed: str) -> list[Candidate]:
    long = [one for one in left.values() if one.talk >= wish.long_from]
    return sorted(long, key=lambda one: (-one.talk, _lot(seed, one)))[: wish.longest]


def _csat(left: Mapping[str, Candidate], wish: Wish, seed: str) -> list[Candidate]:
    low = [
        (one.csat, _lot(seed, one), one) for one in left.values() if one.csat is not None and one.csat <= wish.csat_to
    ]
    return [one for *_, one in sorted(low, key=lambda row: row[:2])[: wish.low_csat]]


def _lot(seed: str, one: Candidate) -> str:
    return sha256(f"{seed}\0{one.call_id}".encode()).hexdigest()


_RULES: Mapping[Why, Callable[[Mapping[str, Candidate], Wish, str], list[Candidate]]] = {
    "random": _random,
    "mood": _mood,
    "long": _long,
    "csat": _csat,
}
