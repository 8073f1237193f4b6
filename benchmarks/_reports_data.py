"""Calls of a call centre in the shape of real ones: busy mornings, quiet Fridays, some who give up, some passed on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cxcall.calls.record import Attempt, Caller, CallId, CallRecord, Leg, QueueVisit, Talk, Transfer

BEGAN = datetime(2025, 11, 22, tzinfo=UTC)
HOURS = (1, 1, 0, 0, 0, 1, 2, 5, 9, 12, 12, 11, 8, 7, 8, 9, 8, 6, 4, 3, 3, 2, 2, 1)
"""How busy each hour (UTC) is."""
WEEKDAYS = (10, 10, 9, 9, 3, 9, 10)
"""From Monday; Friday is quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How much of everything."""

    days: int = 365
    queues: int = 20
    agents: int = 400
    dids: int = 12
    customers: int = 50_000


def made(total: int, shape: Shape, seed: int = 7) -> Iterator[CallRecord]:
    """`total` calls in order of their days."""
    chance = random.Random(seed)
    days = [BEGAN + timedelta(days=n) for n in range(shape.days)]
    weight = sum(WEEKDAYS[day.weekday()] for day in days)
    n, owed = 0, 0.0
    for day in days:
        owed += total * WEEKDAYS[day.weekday()] / weight
        while n < owed:
            hour = chance.choices(range(24), HOURS)[0]
            yield _call(n, day + timedelta(hours=hour, seconds=chance.random() * 3600), shape, chance)
            n += 1


def _call(n: int, at: datetime, shape: Shape, chance: random.Random) -> CallRecord:
    queue = int(chance.random() ** 2 * shape.queues)
    wait = chance.expovariate(1 / 25)
    answered = wait < chance.expovariate(1 / 180)
    number = f"+98{9_000_000_000 + int(chance.random() ** 2 * shape.customers)}"
    caller, phone = f"PJSIP/trunk-{n:08x}", 1000 + (queue * 31 + chance.randrange(shape.agents // 4)) % shape.agents
    agent, interface = f"Agent {phone}", f"PJSIP/{phone}"
    joined, left = at + timedelta(seconds=8), at + timedelta(seconds=8 + wait)
    ended = left + timedelta(seconds=chance.lognormvariate(4.9, 0.7) if answered else 0)
    missed = (Attempt(agent=f"Agent {phone + 1}", at=joined, ring=15.0, result="no_answer"),)
    visit = QueueVisit(
        queue=f"queue-{queue:02}", joined_at=joined, left_at=left, position=1, wait=round(wait, 3),
        result="answered" if answered else "abandoned", agent=agent if answered else None,
        interface=interface if answered else None, ring=3.0 if answered else 0.0,
        talk=(ended - left).total_seconds(), attempts=missed if chance.random() < 0.15 else (),
    )  # fmt: skip
    legs = [Leg(channel=caller, unique_id=f"{n}.1", role="caller", number=number, answered_at=at, ended_at=ended)]
    talks: tuple[Talk, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    if answered:
        own = f"{interface}-{n:08x}"
        legs.append(
            Leg(channel=own, unique_id=f"{n}.2", role="agent", number=str(phone), agent=agent, rang_at=joined,
                answered_at=left, ended_at=ended, result="answered", hangup_cause=16)
        )  # fmt: skip
        talks = (Talk(channels=(caller, own), numbers=(number, str(phone)), from_=left, to=ended),)
        if chance.random() < 0.06:
            transfers = (Transfer(kind="blind", at=ended, by=own, to="2000"),)
    return CallRecord(
        id=CallId(f"lab-{n}.1"), server="lab", linked_ids=(f"{n}.1",), direction="inbound",
        caller=Caller(number=number, channel=caller), called=f"021{88_000_000 + n % shape.dids}", started_at=at,
        answered_at=left if answered else None, ended_at=ended, outcome="answered" if answered else "abandoned",
        ended_by="caller", hangup_cause=16, legs=tuple(legs), talks=talks, queue_visits=(visit,), transfers=transfers,
    )  # fmt: skip
