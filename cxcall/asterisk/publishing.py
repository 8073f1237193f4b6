"""What the bus is told after a call is in the database: short words; pages fetch the rest."""

from __future__ import annotations

from collections.abc import Iterable

from cxcall.asterisk.members import Member
from cxcall.bus import Bus
from cxcall.calls.record import CallId, CallRecord, Leg, iso
from cxcall.store.calls import AppliedCall


class Publisher:
    """Tells the channels of a call that it changed; a phone's channel only when that phone's state changed."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._phones: dict[CallId, dict[str, tuple[str, str | None]]] = {}

    def calls(self, applied: Iterable[AppliedCall]) -> None:
        for call in applied:
            record = call.record
            ended = None if record.ended_at is None else iso(record.ended_at)
            started = None if record.started_at is None else iso(record.started_at)
            news = {"id": record.id, "outcome": record.outcome, "started_at": started, "ended_at": ended}
            self._bus.publish("calls", news)
            self._bus.publish(
                f"call:{record.id}", {"id": record.id, "outcome": record.outcome, "revision": call.revision}
            )
            self._legs(record)
            if record.caller.customer_id is not None:
                self._bus.publish(f"customer:{record.caller.customer_id}", {"id": record.caller.customer_id})

    def merged(self, call: CallId, into: CallId) -> None:
        """Pages on `call` learn that it is a part of `into`."""
        self._phones.pop(call, None)
        self._bus.publish(f"call:{call}", {"id": into, "merged": call})
        self._bus.publish("calls", {"id": call, "merged_into": into})

    def members(self, server: str, members: Iterable[Member]) -> None:
        for member in members:
            news = {"member": member.plain()}
            self._bus.publish(f"desk:{member.device}", news)
            self._bus.publish(f"members:{server}", news)

    def _legs(self, record: CallRecord) -> None:
        before = self._phones.get(record.id, {})
        now: dict[str, tuple[str, str | None]] = {}
        for leg in record.legs:
            state, since = now[leg.channel] = leg_state(record, leg)
            if before.get(leg.channel) != (state, since):
                self._bus.publish(f"desk:{device(leg.channel)}", {"call": record.id, "state": state, "since": since})
        if record.ended_at is None:
            self._phones[record.id] = now
        else:
            self._phones.pop(record.id, None)


def leg_state(record: CallRecord, leg: Leg) -> tuple[str, str | None]:
    """What a phone does in a call (ringing, talking, held or ended) and since when."""
    if leg.ended_at is not None or record.ended_at is not None:
        state, since = "ended", leg.ended_at or record.ended_at
    elif hold := next((hold for hold in record.holds if hold.channel == leg.channel and hold.to is None), None):
        state, since = "held", hold.from_
    elif leg.answered_at is not None:
        state, since = "talking", leg.answered_at
    else:
        state, since = "ringing", leg.rang_at or record.started_at
    return state, None if since is None else iso(since)


def device(channel: str) -> str:
    """The device of a channel: `PJSIP/1001` of `PJSIP/1001-0000001a`."""
    return channel.rpartition("-")[0] or channel
