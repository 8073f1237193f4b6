"""One made-up working day: who sits where and until when, who calls, how long things take."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cxcall.customers.number import national
from cxcall.demo.people import Person
from cxcall.demo.records import Numbers, seconds
from cxcall.demo.rota import Duty, duties
from cxcall.demo.staff import AGENTS, QUEUES, TIMEZONE, Worker

if TYPE_CHECKING:
    from cxcall.demo.past_routing import PastRouter

RING_AT_MOST = 12.0
"""Seconds a queue rings one agent, as in the demo site's queues.conf."""

_UNPLANNED: Sequence[tuple[str, float, tuple[float, float]]] = (
    ("paperwork", 0.45, (6, 26)), ("meeting", 0.12, (15, 45)), ("break", 0.2, (3, 9)),
)  # fmt: skip
"""Pauses that stand in no roster: the reason, how likely on a day, minutes."""
_OVERSLEPT = 0.04
_STRANGER_SHARE, _ANONYMOUS_SHARE, _NAMED_BY_TRUNK, _SECOND_NUMBER = 0.09, 0.03, 0.25, 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """Who calls: digits as the trunk sends them, and the name it sends, if any."""

    number: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A time somebody was signed in and took no calls: from when, until when, why."""

    since: datetime
    until: datetime
    reason: str


@dataclass(slots=True, kw_only=True)
class Seat:
    """An agent at work from `comes_at` to `leaves_at` (the same moment: not at all); `free_at` moves on with every call
    they do. `coming`: pauses they are going to take, which begin once they are free; `away`: those they took.
    `wrapped_up`: what they did after calls of queues."""

    worker: Worker
    comes_at: datetime
    leaves_at: datetime
    free_at: datetime
    coming: list[Away] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    wrapped_up: list[Away] = field(default_factory=list)

    def rest(self, at: datetime) -> None:
        """Go for whatever pause was due by now."""
        while self.coming and self.coming[0].since <= at:
            due = self.coming.pop(0)
            since = max(due.since, self.free_at)
            until = min(since + (due.until - due.since), self.leaves_at)
            if since < until:
                self.away.append(Away(since=since, until=until, reason=due.reason))
                self.free_at = until

    def rests(self, at: datetime) -> bool:
        """Whether they are away now."""
        return any(one.since <= at < one.until for one in self.away)


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """Everyone who may call: customers, and numbers of people who never called before."""

    people: Sequence[Person]
    strangers: Sequence[str]
    weights: Sequence[float]


class Workday:
    """Seats of one day and the dice for what happens on it."""

    def __init__(
        self,
        day: date,
        chance: random.Random,
        numbers: Numbers,
        public: Public,
        router: PastRouter | None = None,
        workers: Sequence[Worker] = AGENTS,
    ) -> None:
        self.day = day
        self.router = router
        self.chance = chance
        self.numbers = numbers
        self._public = public
        planned = duties(day)
        self.seats = [self._seat(worker, planned.get(worker.phone)) for worker in workers]
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
        for seat in seats:
            seat.rest(at)
        return min(seats, key=lambda seat: (seat.free_at, seat.worker.phone), default=None)

    def free(self, at: datetime, *, but: Seat | None = None) -> Seat | None:
        """Someone who could take or make a call at `at`; `but`: whoever is in one, until who knows when."""
        seat = self.next_of([seat.worker.phone for seat in self.seats if seat is not but], at)
        return seat if seat is not None and seat.free_at <= at else None

    def rest(self, at: datetime) -> None:
        """Everybody whose pause is due by now goes as soon as they are free."""
        for seat in self.seats:
            seat.rest(at)

    def _seat(self, worker: Worker, duty: Duty | None) -> Seat:
        if duty is None or duty.absent:
            return Seat(worker=worker, comes_at=self.at(0), leaves_at=self.at(0), free_at=self.at(0))
        late = self.chance.uniform(0.4, 0.9) if self.chance.random() < _OVERSLEPT else 0.0
        comes = self.at(duty.begins + late + self.chance.uniform(-0.08, 0.04))
        leaves = self.at(duty.ends + self.chance.uniform(-0.03, 0.15))
        return Seat(worker=worker, comes_at=comes, leaves_at=leaves, free_at=comes, coming=self._pauses(duty))

    def _pauses(self, duty: Duty) -> list[Away]:
        """What the roster has, begun about then, mostly as long as meant; and what comes between."""
        found = []
        for one in duty.rests:
            begins = one.begins + self.chance.uniform(-0.02, 0.06)
            hours = (
                (one.ends - one.begins) * self.chance.choices((1.0, 1.4), (88, 12))[0] * self.chance.uniform(0.9, 1.05)
            )
            found.append(self._away(begins, hours, one.activity))
        for reason, likely, minutes in _UNPLANNED:
            if self.chance.random() < likely:
                begins = self.chance.uniform(duty.begins + 0.5, duty.ends - 1)
                found.append(self._away(begins, self.chance.uniform(*minutes) / 60, reason))
        return sorted(found, key=lambda one: one.since)

    def _away(self, begins: float, hours: float, reason: str) -> Away:
        since = self.at(begins)
        return Away(since=since, until=since + timedelta(hours=hours), reason=reason)


def as_dialled(number: str) -> str:
    """An E.164 number as an Iranian trunk sends it: 0912… at home, 0044… from abroad."""
    return national(number) if number.startswith("+98") else f"00{number[1:]}"
