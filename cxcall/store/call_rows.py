"""A call record as the rows that lists and reports read, and as the text that keeps it whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from cxcall.calls.record import CallRecord, Leg, QueueVisit
from cxcall.customers.number import fold
from cxcall.letters import search_key
from cxcall.reports.facts import Counting
from cxcall.routing.call_back import PREFIX

Row = dict[str, Any]

_LONGEST_KEY = 200

_LARGEST = 2**31 - 1

_decoder = msgspec.json.Decoder(CallRecord)
_encoder = msgspec.json.Encoder()


def record_text(record: CallRecord) -> str:
    """The record as JSON. Whose call it is stays out: that is the row's `customer_id`, which can change later."""
    return _encoder.encode(record).decode()


def record_from(text: str, customer_id: str | None) -> CallRecord:
    """The record of `record_text`, tied to its customer."""
    record = _decoder.decode(text)
    return dataclasses.replace(record, caller=dataclasses.replace(record.caller, customer_id=customer_id))


def storable(record: CallRecord) -> CallRecord:
    """The record without a customer and without what a text column refuses (NUL, halves of letters)."""
    anonymous = record
    if record.caller.customer_id is not None:
        anonymous = dataclasses.replace(record, caller=dataclasses.replace(record.caller, customer_id=None))
    try:
        text = record_text(anonymous)
    except UnicodeEncodeError:
        text = ""
    return anonymous if text and "\\u0000" not in text else _cleaned(anonymous)


def party_number(record: CallRecord, region: str) -> str | None:
    """E.164 of the person outside: who called in, or whom we called; None inside the house and for the withheld."""
    return _PARTY[record.direction](record, region)


def call_row(record: CallRecord, revision: int, party: str | None, customer_id: str | None, now: datetime) -> Row:
    """The row of `calls`."""
    visit = _telling_visit(record.queue_visits)
    name = record.caller.name
    return {
        "id": record.id,
        "server": record.server,
        "revision": revision,
        "started_at": started(record, now),
        "answered_at": record.answered_at,
        "ended_at": record.ended_at,
        "direction": record.direction,
        "outcome": record.outcome,
        "ended_by": record.ended_by,
        "caller_number": _short(record.caller.number),
        "caller_name": name,
        "caller_key": _short(search_key(name)) if name else None,
        "called": _short(record.called),
        "party_number": party,
        "customer_id": customer_id,
        "queue": visit.queue if visit else None,
        "agent": _agent(record, visit),
        "wait": _wait(record),
        "talk": _talk(record),
        "legs": len(record.legs),
        "visits": len(record.queue_visits),
    }


def leg_rows(record: CallRecord, now: datetime) -> list[Row]:
    """Rows of `call_legs`; `list_device` and `list_agent` mark the first leg of each that took part."""
    devices: set[str] = set()
    agents: set[str] = set()
    began = started(record, now)
    return [
        {
            "call_id": record.id,
            "n": n,
            "server": record.server,
            "started_at": began,
            "role": leg.role,
            "channel": leg.channel,
            "unique_id": leg.unique_id,
            "device": device(leg.channel),
            "number": leg.number,
            "name": leg.name,
            "agent": leg.agent,
            "rang_at": leg.rang_at,
            "answered_at": leg.answered_at,
            "ended_at": leg.ended_at,
            "result": leg.result,
            "hangup_cause": _integer(leg.hangup_cause),
            "list_device": _once(devices, device(leg.channel)) if took_part(leg) else None,
            "list_agent": _once(agents, leg.agent) if took_part(leg) else None,
        }
        for n, leg in enumerate(record.legs)
    ]


def visit_rows(record: CallRecord, now: datetime, counting: Counting) -> list[Row]:
    """Rows of `call_visits`; `list_queue` marks the first visit to each queue. They keep the targets they count by."""
    queues: set[str] = set()
    began = started(record, now)
    return [
        {
            "call_id": record.id,
            "n": n,
            "server": record.server,
            "started_at": began,
            "queue": visit.queue,
            "joined_at": visit.joined_at,
            "left_at": visit.left_at,
            "position": _integer(visit.position),
            "result": visit.result,
            "agent": visit.agent,
            "interface": visit.interface,
            "wait": visit.wait,
            "ring": visit.ring,
            "talk": visit.talk,
            "hold": visit.hold,
            "list_queue": _once(queues, visit.queue),
            "target": (target := counting.target(record.server, visit.queue)).within,
            "short": target.short,
        }
        for n, visit in enumerate(record.queue_visits)
    ]


def started(record: CallRecord, now: datetime) -> datetime:
    """When the call began; a stream without times leaves only the time of writing."""
    return record.started_at or record.answered_at or record.ended_at or now


def device(channel: str) -> str:
    """`PJSIP/1001-0000002a` → `PJSIP/1001`."""
    return channel.rpartition("-")[0] or channel


def took_part(leg: Leg) -> bool:
    """Whether this phone placed or answered the call; one that only rang did not."""
    return leg.role == "caller" or leg.answered_at is not None


def _once(seen: set[str], value: str | None) -> str | None:
    if value is None or value in seen:
        return None
    seen.add(value)
    return _short(value)


def _short(value: str | None) -> str | None:
    """For columns with an index, which takes no more than some 2,700 bytes; the record keeps everything."""
    return value[:_LONGEST_KEY] if value else value


def _inbound_party(record: CallRecord, region: str) -> str | None:
    return fold(record.caller.number, region)


def _outbound_party(record: CallRecord, region: str) -> str | None:
    """The number dialled; where a prefix for the outside line hides it, the number of the phone reached.

    In a call-back with the customer first they are who was rung first, and so counts as who calls.
    """
    dialled = fold(record.called, region)
    if dialled:
        return dialled
    reached = (fold(leg.number, region) for leg in record.legs if leg.role != "caller")
    first = fold(record.caller.number, region) if PREFIX in record.id else None
    return first or next((number for number in reached if number), None)


def _nobody(record: CallRecord, region: str) -> None:
    return None


_PARTY: dict[str, Callable[[CallRecord, str], str | None]] = {
    "inbound": _inbound_party,
    "unknown": _inbound_party,
    "outbound": _outbound_party,
    "internal": _nobody,
}


def _telling_visit(visits: tuple[QueueVisit, ...]) -> QueueVisit | None:
    """The last visit that reached an agent, else the last one."""
    answered = [visit for visit in visits if visit.result == "answered"]
    return (answered or visits or (None,))[-1]


def _agent(record: CallRecord, visit: QueueVisit | None) -> str | None:
    """Who of ours spoke with the person outside, as far as Asterisk names them."""
    if visit is not None and visit.agent and visit.result == "answered":
        return visit.agent
    own = [leg for leg in record.legs if (leg.role == "caller") == (record.direction == "outbound")]
    spoke = [leg for leg in own if leg.answered_at is not None or leg.role == "caller"]
    named = (leg.agent or leg.name or leg.number for leg in reversed(spoke))
    return next((name for name in named if name), None)


def _integer(number: int | None) -> int | None:
    """What fits an integer column; a switch that says more means nothing by it, and the record keeps it."""
    return number if number is not None and abs(number) <= _LARGEST else None


def _wait(record: CallRecord) -> float | None:
    """Seconds the caller waited: in queues, else until the first answer or the end. None when we called."""
    if record.queue_visits:
        waits = [visit.wait for visit in record.queue_visits if visit.wait is not None]
        return sum(waits) if waits else None
    until = record.answered_at or record.ended_at
    if record.direction == "outbound" or record.started_at is None or until is None:
        return None
    return (until - record.started_at).total_seconds()


def _talk(record: CallRecord) -> float:
    """Seconds the caller shared a bridge with anyone, each second once; what still lasts is not counted."""
    caller = record.caller.channel
    spans = [(t.from_, t.to) for t in record.talks if t.from_ and t.to and (caller is None or caller in t.channels)]
    return _covered(sorted(spans))


def _covered(spans: Iterable[tuple[datetime, datetime]]) -> float:
    total, until = 0.0, None
    for begin, end in spans:
        begin = begin if until is None else max(begin, until)
        if end > begin:
            total += (end - begin).total_seconds()
            until = end
    return total


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value, **{f.name: _cleaned(getattr(value, f.name)) for f in dataclasses.fields(value)}
        )
    return value
