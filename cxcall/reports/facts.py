"""What one ended call adds to the figures: rows of the rollups (`cxcall.store.reporting.tables`) with their sums.

Adding the rows of all calls gives the figures of all calls; taking away what a call added before it was corrected and
adding what it says now keeps them true. Visits are booked in the interval in which the caller joined the queue, so that
no share of an interval is above one; parts of calls, and the transfers they ended in, where they began; their seconds
are split at the edges of intervals. Without a time of its own a thing is booked where the call began.

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
from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.reports.handling import (
    Part,
    Period,
    agent_name,
    began,
    device,
    merged,
    parts_of,
    passed_on_by,
    seconds,
)
from cxcall.reports.period import QUARTER_S
from cxcall.reports.waits import bucket

Key = tuple[Any, ...]
Sums = dict[str, float]
Rows = dict[Key, Sums]

LONGEST = 120
"""Letters of a name in a key: an index takes no more."""
MISSED = ("no_answer", "busy", "rejected")
"""How an offer to an agent can be missed (METRICS `ring_no_answer`)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(seconds=QUARTER_S)
_LONGEST_SPLIT = timedelta(days=31)
_ENDS = {
    "answered": "answered", "abandoned": "abandoned", "timeout": "timed_out",
    "full": "full", "closed": "closed", "left": "left",
}  # fmt: skip


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
    """Rows by key: (quarter of an hour, server, …), then as the keys of the tables, each with what is added. Times in
    seconds; what longer slots hear of it is what their quarters do (`slots_at`).

    queues: …, queue · waits: …, queue, bucket · agents: …, agent, queue · calls: …, number dialled, direction,
    outcome · transfers: …, kind, from queue, from agent, to · states: …, interface, user id, agent, state, reason.
    """

    queues: Rows = field(default_factory=dict)
    waits: Rows = field(default_factory=dict)
    agents: Rows = field(default_factory=dict)
    calls: Rows = field(default_factory=dict)
    transfers: Rows = field(default_factory=dict)
    states: Rows = field(default_factory=dict)


def contributions(record: CallRecord, counting: Counting) -> Contributions:
    """What a call adds; nothing while it is in progress."""
    found = Contributions()
    if record.ended_at is None:
        return found
    parts = parts_of(record)
    book = _Book(record.server)
    for visit in record.queue_visits:
        _add_visit(found, book, record, visit, counting)
        _add_missed(found, book, record, visit)
    for part in parts:
        _add_part(found, book, part)
    _add_call(found, book, record)
    _add_made(found, book, record, parts)
    _add_transfers(found, book, record, parts)
    return found


def is_short(wait: float | None, target: Target) -> bool:
    """Whether who hung up after this wait gave up so early that it says nothing of the queue."""
    return wait is not None and wait < target.short


def entered(visit: QueueVisit) -> bool:
    """Whether the caller came into the queue: not refused at its door."""
    return not (visit.result in ("full", "closed") and not visit.wait)


@dataclass(frozen=True, slots=True)
class _Book:
    """Books sums in the quarter of a moment."""

    server: str

    def put(self, rows: Rows, at: datetime, key: Key, sums: Mapping[str, float]) -> None:
        whole = (quarter(at), self.server, *key)
        row = rows.get(whole)
        if row is None:
            rows[whole] = dict(sums)
            return
        for name, amount in sums.items():
            row[name] = max(row[name], amount) if name == "wait_max" and name in row else row.get(name, 0) + amount

    def split(self, rows: Rows, name: str, periods: Iterable[Period], key: Key) -> None:
        """Seconds of times, each in the interval it passed in."""
        for since, until in periods:
            for begin, end in quarters(since, until):
                self.put(rows, begin, key, {name: (end - begin).total_seconds()})


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
    """A time cut at the edges of intervals; one beyond a month is a clock that went wrong, and stays in one piece."""
    if until - since > _LONGEST_SPLIT:
        yield since, until
        return
    while since < until:
        end = min(until, _EPOCH + (quarter(since) + 1) * _QUARTER)
        yield since, end
        since = end


def _add_visit(found: Contributions, book: _Book, record: CallRecord, visit: QueueVisit, counting: Counting) -> None:
    if visit.queue == UNKNOWN or is_call_back(record.server, record.id):
        return
    at = visit.joined_at or began(record)
    target = counting.target(record.server, visit.queue)
    sums: Sums = {"offered": 1} if entered(visit) else {}
    if visit.result is not None:
        sums[_ENDS[visit.result]] = 1
    wait = max(visit.wait, 0.0) if visit.wait is not None and entered(visit) else None
    if wait is not None:
        sums |= {"wait_all": wait, "wait_max": wait, **_waited(visit, wait, target)}
        book.put(found.waits, at, (_short(visit.queue), bucket(wait)), {"n": 1})
    book.put(found.queues, at, (_short(visit.queue),), sums)


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
        if attempt.result in MISSED and attempt.agent:
            at = attempt.at or visit.joined_at or began(record)
            key = (_short(attempt.agent), _short(visit.queue))
            book.put(found.agents, at, key, {"missed": 1, "missed_ring": max(attempt.ring, 0.0)})


def _add_part(found: Contributions, book: _Book, part: Part) -> None:
    key = (_short(part.agent), _short(part.queue))
    sums: Sums = {"handled": 1} if part.made else {"handled": 1, "calls_in": 1}
    book.put(found.agents, part.since, key, sums)
    book.split(found.agents, "talk", part.talk, key)
    book.split(found.agents, "hold", part.hold, key)


def _add_made(found: Contributions, book: _Book, record: CallRecord, parts: Sequence[Part]) -> None:
    """A call that one of our people made, whether anybody answered or not."""
    caller = next((leg for leg in record.legs if leg.role == "caller"), None)
    if record.direction != "outbound" or caller is None or is_call_back(record.server, record.id):
        return
    queue = next((part.queue for part in parts if part.channel == caller.channel), "")
    key = (_short(agent_name(caller)), _short(queue))
    book.put(found.agents, began(record), key, {"calls_out": 1})


def _add_call(found: Contributions, book: _Book, record: CallRecord) -> None:
    dialled = _short(record.called or "") if record.direction in ("inbound", "unknown") else ""
    own = record.caller.channel
    talked = merged((t.from_, t.to) for t in record.talks if own is None or own in t.channels)
    waits = sum(max(visit.wait, 0.0) for visit in record.queue_visits if visit.wait is not None)
    sums = {"calls": 1, "talk": seconds(talked), "wait": waits}
    book.put(found.calls, began(record), (dialled, record.direction, record.outcome), sums)


def _add_transfers(found: Contributions, book: _Book, record: CallRecord, parts: Sequence[Part]) -> None:
    """A part ends in one transfer, the last that was made of it, however often and in whatever way it was tried."""
    ended_in: dict[Part, str] = {}
    parked: set[Part] = set()
    for transfer in record.transfers:
        if transfer.result != "ok":
            continue
        part = passed_on_by(transfer, parts)
        at = transfer.at or (part.since if part else began(record))
        agent, queue = (_short(part.agent), _short(part.queue)) if part else ("", "")
        key = (transfer.kind, queue, agent, _short(_destination(record, transfer.to)))
        book.put(found.transfers, at, key, {"n": 1})
        if part and transfer.kind == "park":
            parked.add(part)
        elif part:
            ended_in[part] = f"transferred_{transfer.kind}"
    for part, name in (*ended_in.items(), *((part, "parked") for part in parked)):
        book.put(found.agents, part.since, (_short(part.agent), _short(part.queue)), {name: 1})


def _destination(record: CallRecord, to: str | None) -> str:
    """An extension, or who sits at a channel: channels have other names in each call."""
    leg = next((leg for leg in record.legs if leg.channel == to), None) if to else None
    if leg is not None:
        return leg.agent or leg.number or device(leg.channel)
    return device(to) if to and "/" in to else to or ""


def _short(name: str) -> str:
    return name[:LONGEST]
