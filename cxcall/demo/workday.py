"""One made-up working day: who sits where and until when, who calls, how long things take."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cxcall.customers.number import national
from cxcall.demo.people import Person
from cxcall.demo.records import Numbers, seconds
from cxcall.demo.staff import AGENTS, QUEUES, TIMEZONE, Worker

if TYPE_CHECKING:
    from cxcall.demo.past_routing import PastRouter

RING_AT_MOST = 12.0
"""Seconds a queue rings one agent, as in the demo site's queues.conf."""

_SHIFTS = (
    (8.0, 16.0), (8.0, 16.0), (8.5, 16.5), (9.0, 17.0), (9.5, 17.5), (10.0, 18.0), (10.5, 18.5),
)  # fmt: skip
_STRANGER_SHARE, _ANONYMOUS_SHARE, _NAMED_BY_TRUNK, _SECOND_NUMBER = 0.09, 0.03, 0.25, 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """Who calls: digits as the trunk sends them, and the name it sends, if any."""

    number: str
    name: str | None


@dataclass(slots=True, kw_only=True)
class Seat:
    """An agent at work from `comes_at`; `free_at` moves on with every call they do."""

    worker: Worker
    comes_at: datetime
    leaves_at: datetime
    free_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """Everyone who may call: customers, and numbers of people who never called before."""

    people: Sequence[Person]
    strangers: Sequence[str]
    weights: Sequence[float]


class Workday:
    """Seats of one day and the dice for what happens on it."""

    def __init__(
        self, day: date, chance: random.Random, numbers: Numbers, public: Public, router: PastRouter | None = None
    ) -> None:
        self.day = day
        self.router = router
        self.chance = chance
        self.numbers = numbers
        self._public = public
        shifts = chance.sample(_SHIFTS, len(_SHIFTS))
        self.seats = [self._seat(worker, shift) for worker, shift in zip(AGENTS, shifts, strict=True)]
        self.stays: dict[str, list[tuple[datetime, datetime]]] = {queue.name: [] for queue in QUEUES}
        """From when to when each caller of a queue waited."""

    def at(self, hour: float) -> datetime:
        """The local hour of this day, 0 to 24, in UTC."""
        midnight = datetime.combine(self.day, time(), ZoneInfo(TIMEZONE))
        return midnight.astimezone(UTC) + seconds(hour * 3600)

    def someone(self) -> Someone:
        """A customer, mostly; sometimes a new number or one that is withheld."""
        draw = self.chance.random()
        if draw < _ANONYMOUS_SHARE:
            return Someone(number="anonymous", name="Anonymous")
        if draw < _ANONYMOUS_SHARE + _STRANGER_SHARE:
            return Someone(number=as_dialled(self.chance.choice(self._public.strangers)), name=None)
        person = self.customer()
        number = person.numbers[-1] if self.chance.random() < _SECOND_NUMBER else person.numbers[0]
        named = self.chance.random() < _NAMED_BY_TRUNK
        return Someone(number=as_dialled(number), name=person.name if named else None)

    def customer(self) -> Person:
        return self.chance.choices(self._public.people, self._public.weights)[0]

    def length(self, median: float = 150.0) -> float:
        """Seconds of a talk: most are short, a few are very long."""
        return min(1800.0, max(6.0, self.chance.lognormvariate(0, 0.8) * median))

    def ring(self) -> float:
        """Seconds until an agent who does answer answers."""
        return min(RING_AT_MOST - 0.5, 1.5 + self.chance.lognormvariate(0, 0.6) * 3.5)

    def seat_of(self, interface: str) -> Seat:
        """Who has this phone."""
        return next(seat for seat in self.seats if seat.worker.interface == interface)

    def next_of(self, phones: Sequence[str], at: datetime) -> Seat | None:
        """Of those who still work at `at`, the one who is free first."""
        seats = [seat for seat in self.seats if seat.worker.phone in phones and at < seat.leaves_at]
        return min(seats, key=lambda seat: (seat.free_at, seat.worker.phone), default=None)

    def free(self, at: datetime) -> Seat | None:
        """Someone who could take or make a call at `at`."""
        seat = self.next_of([worker.phone for worker in AGENTS], at)
        return seat if seat is not None and seat.free_at <= at else None

    def _seat(self, worker: Worker, shift: tuple[float, float]) -> Seat:
        comes, leaves = (self.at(hour + self.chance.uniform(-0.1, 0.2)) for hour in shift)
        return Seat(worker=worker, comes_at=comes, leaves_at=leaves, free_at=comes)


def as_dialled(number: str) -> str:
    """An E.164 number as an Iranian trunk sends it: 0912… at home, 0044… from abroad."""
    return national(number) if number.startswith("+98") else f"00{number[1:]}"
