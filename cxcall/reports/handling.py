"""Who of our people had the customer for how long: the handled parts of a call.

A part is one phone of ours that talked with the customer, from the first word to when it left: a call that is passed
on has several. The customer is who called in, or whom we called; in a call between our own phones there is none, unless
the caller waited in a queue. A number outside that the customer was passed on to has no part, unless a queue brought
them there (an agent on a mobile phone). As in the record's visits, an agent also has the customer while away and the
customer on hold (a consultation), until the hold ends, either hangs up or the customer talks with somebody else. Hold
is what that phone pressed; all else of a part is talk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cxcall.calls.board_stays import is_call_back
from cxcall.calls.record import CallRecord, Leg, QueueVisit, Transfer

Period = tuple[datetime, datetime]
Times = tuple[Period, ...]
"""Times in order that do not touch each other."""

_SAME_MOMENT = timedelta(seconds=2)
"""A queue's connect and the talk it led to are no further apart, whatever the names are."""

_LONG = 7
"""Digits of a number that is no extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One phone's part, begun at `since`. `queue`: of the visit that brought the customer, "" none. `made`: the agent
    called them."""

    agent: str
    channel: str
    since: datetime
    talk: Times = ()
    hold: Times = ()
    queue: str = ""
    made: bool = False


def parts_of(record: CallRecord) -> tuple[Part, ...]:
    """The handled parts of a call that is over, by when they began. Where times are missing a part has no seconds."""
    customer = customer_of(record)
    if customer is None:
        return _of_visits(record)
    talks = _talks(record, customer)
    if not talks:
        return _of_visits(record) if not record.talks else ()
    known = {leg.channel: leg for leg in record.legs}
    gone = known[customer].ended_at if customer in known else None
    begins = sorted(begin for times in talks.values() for begin, _ in times)
    found = [
        _part(record, known[channel], times, _Limits(begins=begins, gone=gone or record.ended_at))
        for channel, times in talks.items()
        if channel in known
    ]
    parts = _with_queues(record, sorted(found, key=lambda part: part.since))
    return tuple(part for part in parts if part.queue or not _outside(known[part.channel], customer, record))


def customer_of(record: CallRecord) -> str | None:
    """The channel of who is served in a call; None in calls between our own phones and where it is not known."""
    caller = next((leg for leg in record.legs if leg.role == "caller"), None)
    first = record.caller.channel or (caller.channel if caller is not None else None)
    if record.direction == "internal" and not record.queue_visits:
        return None
    if record.direction != "outbound":
        return first
    if caller is not None and is_call_back(record.server, record.id) and not _ours(caller):
        return first
    others = [leg.channel for leg in record.legs if leg.channel != first and not _ours(leg) and leg.role != "device"]
    spoke = {channel for talk in record.talks for channel in talk.channels}
    return next((channel for channel in others if channel in spoke), others[0] if others else None)


def agent_name(leg: Leg) -> str:
    """What rows call the agent at a phone: the queue's name for them, else the phone's name or number."""
    return leg.agent or leg.name or leg.number or device(leg.channel)


def passed_on_by(transfer: Transfer, parts: Sequence[Part]) -> Part | None:
    """The part that ended in a transfer; where nobody is named for it, the last that had begun and was not over."""
    if transfer.by is not None:
        return next((part for part in reversed(parts) if part.channel == transfer.by), None)
    begun = [part for part in parts if transfer.at is None or part.since <= transfer.at]
    return begun[-1] if begun and not _over(begun[-1], transfer.at) else None


def _over(part: Part, at: datetime | None) -> bool:
    """Whether an agent had left the customer before a moment; of a part without times nobody knows."""
    ends = [end for _, end in (*part.talk, *part.hold)]
    return at is not None and bool(ends) and max(ends) + _SAME_MOMENT < at


def began(record: CallRecord) -> datetime:
    """When a call that is over began, as far as anybody knows."""
    known = record.started_at or record.answered_at or record.ended_at
    if known is None:
        msg = f"{record.id} has no time at all"
        raise ValueError(msg)
    return known


def device(channel: str) -> str:
    """`PJSIP/1001-0000002a` is `PJSIP/1001`."""
    return channel.rpartition("-")[0] or channel


def merged(times: Iterable[tuple[datetime | None, datetime | None]]) -> Times:
    """Times in order, those that touch as one; those without begin, end or length are left out."""
    found: list[Period] = []
    for begin, end in sorted((begin, end) for begin, end in times if begin is not None and end is not None):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif begin < end:
            found.append((begin, end))
    return tuple(found)


def without(times: Times, others: Times) -> Times:
    """What of `times` lies in none of `others`."""
    found: list[Period] = []
    for begin, end in times:
        for since, until in others:
            if until <= begin or since >= end:
                continue
            if since > begin:
                found.append((begin, since))
            begin = max(begin, until)
        if begin < end:
            found.append((begin, end))
    return tuple(found)


def seconds(times: Times) -> float:
    """How long times are together."""
    return sum((end - begin for begin, end in times), timedelta()).total_seconds()


def _ours(leg: Leg) -> bool:
    return leg.agent is not None or leg.role == "agent"


def _outside(leg: Leg, customer: str, record: CallRecord) -> bool:
    """Whether a leg is a line to somebody outside: the line the customer is on, or a line by the number dialled on it.

    A record tells no lines from phones. A line has the long number that was dialled on it, which its name does not
    hold, and nobody's name.
    """
    if _ours(leg) or leg.role == "caller" or record.direction == "internal":
        return False
    line = device(leg.channel)
    if line == device(customer):
        return True
    digits = (leg.number or "").lstrip("+")
    return leg.name is None and len(digits) >= _LONG and digits.isdigit() and digits not in line


def _talks(record: CallRecord, customer: str) -> dict[str, list[Period]]:
    """When the customer talked with whom, by channel; of a talk without a beginning only that there was one."""
    found: dict[str, list[Period]] = {}
    for talk in record.talks:
        if customer not in talk.channels:
            continue
        other = talk.channels[1] if talk.channels[0] == customer else talk.channels[0]
        times = found.setdefault(other, [])
        until = talk.to or record.ended_at
        if talk.from_ is not None and until is not None:
            times.append((talk.from_, until))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """What ends a customer's being on hold: talks that begin, in order, and their hanging up."""

    begins: Sequence[datetime]
    gone: datetime | None


def _part(record: CallRecord, leg: Leg, times: Sequence[Period], limits: _Limits) -> Part:
    spoke = merged(times)
    last = leg.ended_at or (spoke[-1][1] if spoke else None)
    pressed = merged((hold.from_, hold.to or last) for hold in record.holds if hold.channel == leg.channel)
    had = merged([*spoke, *_away(spoke, pressed, leg, limits)])
    talk = without(had, pressed)
    return Part(
        agent=agent_name(leg),
        channel=leg.channel,
        since=min((begin for begin, _ in times), default=None) or leg.answered_at or began(record),
        talk=talk,
        hold=without(had, talk),
        made=record.direction == "outbound" and leg.role == "caller" and not is_call_back(record.server, record.id),
    )


def _away(spoke: Times, pressed: Times, leg: Leg, limits: _Limits) -> Iterator[Period]:
    """The times after a talk in which this phone was elsewhere and the customer on hold for it."""
    for _, end in spoke:
        for since, until in pressed:
            if since <= end < until:
                others = (begin for begin in limits.begins if begin > end)
                ends = (until, leg.ended_at, limits.gone, next(others, None))
                yield end, min(at for at in ends if at is not None)


def _with_queues(record: CallRecord, found: Sequence[Part]) -> tuple[Part, ...]:
    """Each answered visit names the queue of the one part it led to."""
    left = list(found)
    queues: dict[str, str] = {}
    for visit in record.queue_visits:
        if visit.result == "answered" and (part := _brought(visit, left)) is not None:
            queues[part.channel] = visit.queue
            left.remove(part)
    return tuple(replace(part, queue=queues[part.channel]) if part.channel in queues else part for part in found)


def _brought(visit: QueueVisit, left: Sequence[Part]) -> Part | None:
    """The first part after the visit began that is this agent's, else the one that began as the queue connected."""
    joined = visit.joined_at
    later = [part for part in left if joined is None or part.since >= joined]
    same = (part for part in later if _same_agent(visit, part))
    if (found := next(same, None)) is not None or joined is None or visit.wait is None:
        return found
    connected = joined + timedelta(seconds=visit.wait)
    return next((part for part in later if abs(part.since - connected) <= _SAME_MOMENT), None)


def _same_agent(visit: QueueVisit, part: Part) -> bool:
    if visit.interface and device(part.channel) == visit.interface:
        return True
    return bool(visit.agent) and part.agent == visit.agent


def _of_visits(record: CallRecord) -> tuple[Part, ...]:
    """Of a call that only its queues told of (their log): a part for each answered visit."""
    return tuple(_of_visit(record, visit) for visit in record.queue_visits if visit.result == "answered")


def _of_visit(record: CallRecord, visit: QueueVisit) -> Part:
    at = (visit.joined_at or began(record)) + timedelta(seconds=max(visit.wait or 0.0, 0.0))
    end = at + timedelta(seconds=max(visit.talk, 0.0))
    held = min(at + timedelta(seconds=max(visit.hold, 0.0)), end)
    return Part(
        agent=visit.agent or visit.interface or "",
        channel=visit.interface or "",
        since=at,
        talk=merged([(held, end)]),
        hold=merged([(at, held)]),
        queue=visit.queue,
    )
