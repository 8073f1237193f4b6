"""Which calls are at which phones now: a call record seen from each of its phones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cxcall.calls.record import CallRecord, Leg
from cxcall.queues.presence import Line


def lines_of(record: CallRecord) -> Iterator[tuple[str, Line]]:
    """Each phone that a call in progress rings or talks on, and the call as it is there."""
    if record.ended_at is not None:
        return
    for leg in record.legs:
        line = None if leg.ended_at is not None else _line(record, leg)
        if line is not None:
            yield device_of(leg.channel), line


def device_of(channel: str) -> str:
    """`PJSIP/1001` of `PJSIP/1001-0000001a`."""
    return channel.rpartition("-")[0] or channel


def _line(record: CallRecord, leg: Leg) -> Line | None:
    """The call at one of its phones; who places a call is on it from the first moment."""
    talking = leg.answered_at or (record.started_at if leg.role == "caller" else None)
    since = talking or leg.rang_at or record.started_at
    if since is None:
        return None
    held = talking is not None and any(hold.to is None for hold in record.holds)
    other = record.called if leg.role == "caller" else record.caller.number
    return Line(
        call=record.id,
        state="ringing" if talking is None else "held" if held else "talking",
        since=since.timestamp(),
        caller=other or "",
        queue=queue_of(record, leg),
    )


def queue_of(record: CallRecord, leg: Leg) -> str:
    """The queue that rang this phone: the newest stay that had begun by then."""
    if leg.role != "agent":
        return ""
    rang = leg.rang_at or leg.answered_at
    return next((v.queue for v in reversed(record.queue_visits) if _was_in(v.joined_at, rang)), "")


def _was_in(joined: datetime | None, rang: datetime | None) -> bool:
    return joined is not None and (rang is None or joined <= rang)
