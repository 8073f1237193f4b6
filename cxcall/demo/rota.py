"""Who is to work when at the demo's call centre, breaks and all: the same for a day whoever asks, also in days to come.

A week begins on Saturday, and everybody has the same hours all week. Everybody works five days and one of the two short
ones: half of them on Thursday, the others on Friday, the other way round the week after.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cxcall.demo.staff import AGENTS

Rest = Literal["break", "lunch", "training"]
"""What stands in the roster beside work; ids of ready-made reasons to pause too."""

_SHIFTS = (
    (8.0, 16.0), (8.0, 16.0), (8.5, 16.5), (9.0, 17.0), (9.5, 17.5), (10.0, 18.0), (10.5, 18.5),
)  # fmt: skip
_THURSDAY, _FRIDAY, _SATURDAY = 3, 4, 5
_FIRST_HALF = frozenset(("1001", "1004", "1005", "1006"))
"""Phones that can do every queue of the day; so can the others."""
_ABSENT = 0.02
"""How often somebody is on leave or ill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Something else than work within a shift: hours of the day."""

    activity: Rest
    begins: float
    ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What somebody is to do on a day, in hours of it. `absent`: they are not there, as everybody knows before."""

    begins: float
    ends: float
    rests: Sequence[Planned] = ()
    absent: bool = False


def duties(day: date) -> Mapping[str, Duty]:
    """By phone; whoever is off has none."""
    week = day - timedelta(days=(day.weekday() - _SATURDAY) % 7)
    number = week.toordinal() // 7
    shifts = random.Random(f"rota-{week}").sample(_SHIFTS, len(_SHIFTS))
    chance = random.Random(f"leave-{day}")
    found = {}
    for n, (worker, (begins, ends)) in enumerate(zip(AGENTS, shifts, strict=True)):
        absent = chance.random() < _ABSENT
        if _off(worker.phone, day, number):
            continue
        rests = () if absent else tuple(_rests(begins, n, learns=(day.weekday(), number % 2) == _lesson(n)))
        found[worker.phone] = Duty(begins=begins, ends=ends, rests=rests, absent=absent)
    return found


def _off(phone: str, day: date, week: int) -> bool:
    first = (phone in _FIRST_HALF) == (week % 2 == 0)
    return (day.weekday() == _THURSDAY and not first) or (day.weekday() == _FRIDAY and first)


def _lesson(n: int) -> tuple[int, int]:
    """On which weekday of which of two weeks the agent of this number is trained; never at the start of the week."""
    return (6, 0, 1, 2)[n % 4], n % 2


def _rests(begins: float, n: int, *, learns: bool) -> list[Planned]:
    """Not all of those who begin together go at once."""
    later = 0.25 * (n % 3)
    rests = [
        Planned(activity="break", begins=begins + 1.75 + later, ends=begins + 2 + later),
        Planned(activity="lunch", begins=begins + 3.5 + later, ends=begins + 4 + later),
        Planned(activity="break", begins=begins + 6 + later, ends=begins + 6.25 + later),
    ]
    if learns:
        rests.insert(2, Planned(activity="training", begins=begins + 4.75 + later, ends=begins + 5.75 + later))
    return rests
