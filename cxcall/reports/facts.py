"""What one ended call adds to the figures: rows of the rollups (`cxcall.store.reporting.tables`) with their sums.

Adding the rows of all calls gives the figures of all calls; taking away what a call added before it was corrected and
adding what it says now keeps them true. Visits are booked in the interval in which the caller joined the queue, so that
no share of an interval is above one; parts of calls where they began, their seconds split at the edges of intervals.

A call-back that we make is no caller of the queue (METRICS `offered` counts who entered it); what agents did in it is
counted as in any call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from cxcall.calls.board_stays import UNKNOWN, is_call_back
from cxcall.calls.record import CallRecord, Leg, QueueVisit, Transfer
from cxcall.reports.period import QUARTER_S
from cxcall.reports.waits import bucket

Key = tuple[Any, ...]
Sums = dict[str, float]
Rows = dict[Key, Sums]
Period = tuple[datetime, datetime]

LONGEST = 200
"""Letters of a name in a key: an index takes no more."""
MISSED = ("no_answer", "busy", "rejected")
"""How an offer to an agent can be missed (METRICS `ring_no_answer`)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(seconds=QUARTER_S)
_ENDS = {
    "answered": "answered", "abandoned": "abandoned", "timeout": "timed_out",
    "full": "full", "closed": "closed", "left": "left",
}  # fmt: skip
_ALL, _WITHOUT_HOURS, _DAYS = (0, 1, 2, 3), (0, 2, 3), (2, 3)
"""Grains of the rollups: quarters of an hour, hours, days, sixteen days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Of a queue, in seconds: who is answered `within` is in time, who gives up before `short` is a short abandon."""

    within: int = 20
    short: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What calls are counted with: the site's zone, whose days count, and targets by server and queue."""

    zone: tzinfo = UTC
    targets: Mapping[tuple[str, str], Target] = field(default_factory=dict)

    def target(self, server: str, queue: str) -> Target:
        return self.targets.get((server, queue), _USUAL)


_USUAL = Target()


@dataclass(frozen=True, slots=True)
class Contributions:
    """Rows by key: (grain, slot, server, …) as the keys of the tables, each with what is added. Times in seconds.

    queues: …, queue · waits: …, queue, bucket · agents: …, agent, queue · calls: …, number dialled, direction,
    outcome · transfers: …, kind, from queue, from agent, to · states: …, interface, user id, agent, state, reason.
    """

    queues: Rows = field(default_factory=dict)
    waits: Rows = field(default_factory=dict)
    agents: Rows = field(default_factory=dict)
    calls: Rows = field(default_factory=dict)
    transfers: Rows = field(default_factory=dict)
    states: Rows = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one of our people had of a call: from `since` on, `talk` without `hold`, both as times in order."""

    channel: str
    agent: str
    queue: str
    since: datetime
    talk: tuple[Period, ...]
    hold: tuple[Period, ...]


def contributions(record: CallRecord, counting: Counting) -> Contributions:
    """What a call adds; nothing while it is in progress."""
    found = Contributions()
    if record.ended_at is None:
        return found
    book = _Book(server=record.server, zone=counting.zone)
    for visit in record.queue_visits:
        _add_visit(found, book, record, visit, counting)
        _add_missed(found, book, record, visit)
    parts = parts_of(record)
    for part in parts:
        _add_part(found, book, record, part)
    _add_call(found, book, record)
    for transfer in record.transfers:
        if transfer.result == "ok":
            _add_transfer(found, book, record, transfer, parts)
    return found


def is_short(wait: float | None, target: Target) -> bool:
    """Whether who hung up after this wait gave up so early that it says nothing of the queue."""
    return wait is not None and wait < target.short


def entered(visit: QueueVisit) -> bool:
    """Whether the caller came into the queue: not refused at its door."""
    return not (visit.result in ("full", "closed") and not visit.wait)


def parts_of(record: CallRecord) -> list[Part]:
    """The parts of a call that our people had with the person outside, in order; none of a call within the house that
    went through no queue."""
    customer = _customer(record)
    if customer is None or (record.direction == "internal" and not record.queue_visits):
        return []
    found = [part for leg in record.legs if leg.channel != customer and (part := _part(record, leg, customer))]
    return sorted(found, key=lambda part: part.since)


def _customer(record: CallRecord) -> str | None:
    """The channel of the person outside."""
    if record.direction == "outbound":
        reached = (leg.channel for leg in record.legs if leg.role != "caller" and leg.answered_at is not None)
        return next(reached, None)
    return record.caller.channel or next((leg.channel for leg in record.legs if leg.role == "caller"), None)


def _part(record: CallRecord, leg: Leg, customer: str) -> Part | None:
    both = {leg.channel, customer}
    together = merged((t.from_, t.to) for t in record.talks if set(t.channels) == both)
    if not together:
        return None
    pressed = (h for h in record.holds if h.channel in both)
    held = overlap(together, merged((h.from_, h.to or record.ended_at) for h in pressed))
    since = together[0][0]
    return Part(
        channel=leg.channel,
        agent=_short(leg.agent or leg.name or leg.number or _device(leg.channel)),
        queue=_queue_of(record, leg, since),
        since=since,
        talk=without(together, held),
        hold=held,
    )


def _queue_of(record: CallRecord, leg: Leg, since: datetime) -> str:
    """The queue that brought the caller to this agent, "" where none did."""
    device = _device(leg.channel)
    for visit in reversed(record.queue_visits):
        its = (leg.agent is not None and visit.agent == leg.agent) or visit.interface == device
        if visit.result == "answered" and its and (visit.joined_at is None or visit.joined_at <= since):
            return _short(visit.queue)
    return ""


@dataclass(frozen=True, slots=True)
class _Book:
    """Books sums in the slots of a moment."""

    server: str
    zone: tzinfo

    def put(self, rows: Rows, grains: Iterable[int], at: datetime, key: Key, sums: Mapping[str, float]) -> None:
        slots = slots_at(quarter(at), self.zone)
        for grain in grains:
            whole = (grain, slots[grain], self.server, *key)
            row = rows.get(whole)
            if row is None:
                rows[whole] = dict(sums)
                continue
            for name, amount in sums.items():
                row[name] = max(row[name], amount) if name == "wait_max" and name in row else row.get(name, 0) + amount

    def split(self, rows: Rows, name: str, periods: Iterable[Period], key: Key) -> None:
        """Seconds of times, each in the interval it passed in."""
        for since, until in periods:
            for begin, end in quarters(since, until):
                self.put(rows, _WITHOUT_HOURS, begin, key, {name: (end - begin).total_seconds()})


@lru_cache(maxsize=8192)
def slots_at(number: int, zone: tzinfo) -> tuple[int, int, int, int]:
    """The slot of each grain that a quarter (epoch // 900) lies in: itself, its hour, its day, its sixteen days."""
    local = (_EPOCH + number * _QUARTER).astimezone(zone)
    day = local.toordinal()
    return number, day * 24 + local.hour, day, day // 16


def quarter(at: datetime) -> int:
    """The quarter of an hour a moment lies in."""
    return (at - _EPOCH) // _QUARTER


def quarters(since: datetime, until: datetime) -> Iterator[Period]:
    """A time cut at the edges of intervals."""
    while since < until:
        end = min(until, _EPOCH + (quarter(since) + 1) * _QUARTER)
        yield since, end
        since = end


def _add_visit(found: Contributions, book: _Book, record: CallRecord, visit: QueueVisit, counting: Counting) -> None:
    if visit.queue == UNKNOWN or is_call_back(record.server, record.id):
        return
    at = visit.joined_at or visit.left_at or _began(record)
    if at is None:
        return
    target = counting.target(record.server, visit.queue)
    sums: Sums = {"offered": 1} if entered(visit) else {}
    if visit.result is not None:
        sums[_ENDS[visit.result]] = 1
    wait = max(visit.wait, 0.0) if visit.wait is not None and entered(visit) else None
    if wait is not None:
        sums |= {"wait_all": wait, "wait_max": wait, **_waited(visit, wait, target)}
        book.put(found.waits, _WITHOUT_HOURS, at, (_short(visit.queue), bucket(wait)), {"n": 1})
    book.put(found.queues, _ALL, at, (_short(visit.queue),), sums)


def _waited(visit: QueueVisit, wait: float, target: Target) -> Sums:
    in_time = 1.0 if wait <= target.within else 0.0
    if visit.result == "answered":
        return {"wait_answered": wait, "answered_in_time": in_time}
    if visit.result == "abandoned":
        short = 1.0 if is_short(wait, target) else 0.0
        return {"wait_abandoned": wait, "abandoned_in_time": in_time, "short_abandoned": short}
    return {}


def _add_missed(found: Contributions, book: _Book, record: CallRecord, visit: QueueVisit) -> None:
    for attempt in visit.attempts:
        at = attempt.at or visit.joined_at or _began(record)
        if attempt.result in MISSED and attempt.agent and at is not None:
            key = (_short(attempt.agent), _short(visit.queue))
            book.put(found.agents, _WITHOUT_HOURS, at, key, {"missed": 1, "missed_ring": max(attempt.ring, 0.0)})


def _add_part(found: Contributions, book: _Book, record: CallRecord, part: Part) -> None:
    key = (part.agent, part.queue)
    sums: Sums = {"handled": 1, "calls_out" if record.direction == "outbound" else "calls_in": 1}
    passed = {transfer.kind for transfer in record.transfers if transfer.by == part.channel and transfer.result == "ok"}
    for kind in passed:
        sums["parked" if kind == "park" else f"transferred_{kind}"] = 1
    book.put(found.agents, _WITHOUT_HOURS, part.since, key, sums)
    book.split(found.agents, "talk", part.talk, key)
    book.split(found.agents, "hold", part.hold, key)


def _add_call(found: Contributions, book: _Book, record: CallRecord) -> None:
    at = _began(record)
    if at is None:
        return
    dialled = _short(record.called or "") if record.direction in ("inbound", "unknown") else ""
    own = record.caller.channel
    talked = merged((t.from_, t.to) for t in record.talks if own is None or own in t.channels)
    waits = sum(max(visit.wait, 0.0) for visit in record.queue_visits if visit.wait is not None)
    sums = {"calls": 1, "talk": seconds(talked), "wait": waits}
    book.put(found.calls, _WITHOUT_HOURS, at, (dialled, record.direction, record.outcome), sums)


def _add_transfer(
    found: Contributions, book: _Book, record: CallRecord, transfer: Transfer, parts: Sequence[Part]
) -> None:
    at = transfer.at or record.ended_at or _began(record)
    if at is None:
        return
    part = next((part for part in parts if part.channel == transfer.by), None)
    to = transfer.to or ""
    aim = next((leg.agent or leg.number or _device(to) for leg in record.legs if leg.channel == to), to)
    key = (transfer.kind, part.queue if part else "", part.agent if part else "", _short(aim))
    book.put(found.transfers, _DAYS, at, key, {"n": 1})


def merged(periods: Iterable[tuple[datetime | None, datetime | None]]) -> tuple[Period, ...]:
    """Times in order, those that touch made one; such without begin, end or length are left out."""
    known = sorted((since, until) for since, until in periods if since is not None and until is not None)
    found: list[Period] = []
    for since, until in known:
        if until <= since:
            continue
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return tuple(found)


def overlap(some: Sequence[Period], others: Sequence[Period]) -> tuple[Period, ...]:
    """The times that lie in both."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in others)
    return tuple((since, until) for since, until in pairs if since < until)


def without(some: Sequence[Period], others: Sequence[Period]) -> tuple[Period, ...]:
    """The times of the first that lie in none of the others, which are in order and apart."""
    found: list[Period] = []
    for since, until in some:
        for begin, end in others:
            if end <= since or begin >= until:
                continue
            if begin > since:
                found.append((since, begin))
            since = max(since, end)
        if since < until:
            found.append((since, until))
    return tuple(found)


def seconds(periods: Iterable[Period]) -> float:
    """How long times are together."""
    return sum(((until - since).total_seconds() for since, until in periods), 0.0)


def _began(record: CallRecord) -> datetime | None:
    return record.started_at or record.answered_at or record.ended_at


def _device(channel: str) -> str:
    """`PJSIP/1001-0000002a` → `PJSIP/1001`."""
    return channel.rpartition("-")[0] or channel


def _short(name: str) -> str:
    return name[:LONGEST]
