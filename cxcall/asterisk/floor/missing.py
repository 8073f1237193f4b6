"""Calls that rang at a phone and nobody answered, counted in a row: cxcall's own rule for queues somebody else defines.

Asterisk's autopause knows no number and stands in the queue's file. Here an agent who let so many calls ring is paused
like Asterisk would: the desk says so and has the way back. Answering or placing a call begins the count anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cxcall.asterisk.floor.engaged import device_of, queue_of
from cxcall.calls.record import CallRecord, Leg

MOST_CALLS = 5000
"""Calls whose legs are remembered; the oldest are forgotten first, which only matters for calls told again."""


class Misses:
    """How many calls in a row each phone of one server missed."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._counted: dict[str, set[str]] = {}

    def told(self, record: CallRecord, limit: Callable[[str], int]) -> Iterator[str]:
        """Phones that missed one call too many with this change. `limit`: calls by queue, 0 no such rule there.

        A record that is told again counts nothing twice.
        """
        counted = self._counted.setdefault(record.id, set())
        while len(self._counted) > MOST_CALLS:
            del self._counted[next(iter(self._counted))]
        for leg in record.legs:
            if leg.unique_id in counted:
                continue
            device = device_of(leg.channel)
            if leg.answered_at is not None or leg.role == "caller":
                counted.add(leg.unique_id)
                self._counts.pop(device, None)
            elif most := self._missed(record, leg, limit):
                counted.add(leg.unique_id)
                self._counts[device] = self._counts.get(device, 0) + 1
                if self._counts[device] >= most:
                    del self._counts[device]
                    yield device

    @staticmethod
    def _missed(record: CallRecord, leg: Leg, limit: Callable[[str], int]) -> int:
        """How many of these are too many; 0 when this is none."""
        if leg.role != "agent" or leg.ended_at is None or leg.result != "no_answer":
            return 0
        return limit(queue_of(record, leg))
