"""A call record in a few lines a person can compare with the events: what the pinned streams are checked against.

Durations are seconds to one digit; `?` stands for null; channels of the call are named by their leg (`leg 2`), so that
a stream may be recorded anew.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cxcall.calls.directions import Directions
from cxcall.calls.events import Message
from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.calls.replaying import Replay
from cxcall.calls.streams import Unreadable, detect, read_ami, read_json, timed


def messages(path: Path) -> list[tuple[Message, float | None]]:
    """Every message of a recorded stream with its time; fails when one can't be read."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    reader = read_ami if detect(data[:65536]) == "ami" else read_json
    items = list(timed(reader([data])))
    assert not [item for item in items if isinstance(item, Unreadable)]
    return [item for item in items if not isinstance(item, Unreadable)]


def replayed(stream: Iterable[tuple[Message, float | None]], server: str | None = None) -> list[CallRecord]:
    """The records of a stream, in order of start."""
    replay = Replay(server, Directions())
    for message, at in stream:
        replay.take(message, at)
    return replay.records()


def summary(records: Iterable[CallRecord]) -> str:
    """The story of these calls, one paragraph a call."""
    return "\n".join("\n".join(_call(record)) for record in records)


def _call(call: CallRecord) -> list[str]:
    who = " ".join(part for part in (call.caller.number, call.caller.name) if part) or "?"
    end = f"{call.outcome}, ended by {call.ended_by}, cause {_q(call.hangup_cause)}" if call.ended_at else call.outcome
    lines = [f"{call.direction} {who} > {_q(call.called)}: {end}, answered after {_between(call, call.answered_at)}"]
    lines += [f"  leg {leg.role} {_q(leg.number)}{_agent(leg.agent)} {_q(leg.result)}" for leg in call.legs]
    lines += [f"  talk {_q(t.numbers[0])}+{_q(t.numbers[1])} {_span(t.from_, t.to)}" for t in call.talks]
    lines += [_visit(visit) for visit in call.queue_visits]
    name = {leg.channel: f"leg {index}" for index, leg in enumerate(call.legs, 1)}
    for move in call.transfers:
        by, to = (name.get(_q(channel), _q(channel)) for channel in (move.by, move.to))
        lines.append(f"  {move.kind} by {by} to {to} {move.result}")
    lines += [f"  hold by {name[hold.channel]} {_span(hold.from_, hold.to)}" for hold in call.holds]
    return lines + [f"  gap {_span(gap.from_, gap.to)} {gap.why}" for gap in call.gaps]


def _visit(visit: QueueVisit) -> str:
    offers = "".join(f" | {_q(a.agent)} {_q(a.result)} {a.ring:.1f}" for a in visit.attempts)
    wait = "?" if visit.wait is None else f"{visit.wait:.1f}"
    times = f"wait {wait} ring {visit.ring:.1f} talk {visit.talk:.1f} hold {visit.hold:.1f}"
    return f"  queue {visit.queue} #{_q(visit.position)} {_q(visit.result)} {_q(visit.agent)} {times}{offers}"


def _agent(name: str | None) -> str:
    return "" if name is None else f" ({name})"


def _q(value: object) -> str:
    return "?" if value is None else str(value)


def _between(call: CallRecord, moment: datetime | None) -> str:
    return _span(call.started_at, moment)


def _span(since: datetime | None, until: datetime | None) -> str:
    return "?" if since is None or until is None else f"{(until - since).total_seconds():.1f}"
