"""Visits to queues as the wallboard counts them, taken from call records or from what the database kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cxcall.calls.board_shapes import QueueTargets, queue_key
from cxcall.calls.record import CallRecord, QueueVisit, VisitResult

UNKNOWN = "unknown"
"""The queue of somebody who was refused before Asterisk named it: no queue of the board."""

CALL_BACK = "cxcb-"
"""Begins the ids of calls we make to customers who were promised one and kept their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One visit. Epoch seconds; `joined` None when nobody saw it, `wait` in seconds once it is over.

    `open`: the caller waits now. `promised`: it stands for a caller who left the queue to be called back; they were
    offered when they joined it themselves, and nobody holds the line.
    """

    server: str
    queue: str
    joined: float | None
    left: float | None = None
    result: VisitResult | None = None
    wait: float | None = None
    open: bool = False
    promised: bool = False

    @property
    def key(self) -> str:
        return queue_key(self.server, self.queue)

    @property
    def entered(self) -> bool:
        """Not refused at the door because the queue was full, closed or empty."""
        return not (self.result in ("full", "closed") and not self.wait)

    @property
    def known(self) -> bool:
        """Whether it can be told if this visit was served in time."""
        return self.result is not None and self.entered and self.wait is not None

    def waits_at(self, at: float) -> bool:
        """Whether the caller waited at a moment that has passed."""
        if self.joined is None or self.joined > at or not self.entered:
            return False
        return self.open if self.left is None else self.left > at

    def short(self, targets: QueueTargets) -> bool:
        """Gave up so early that it counts neither as abandoned nor against the service level."""
        return self.result == "abandoned" and self.wait is not None and self.wait < targets.short_abandon

    def in_time(self, targets: QueueTargets) -> bool:
        return self.result == "answered" and self.wait is not None and self.wait <= targets.answer_within


def stays_of(record: CallRecord) -> tuple[Stay, ...]:
    """The visits of a call, in order."""
    return tuple(_stay(record, visit) for visit in record.queue_visits if visit.queue != UNKNOWN)


def _stay(record: CallRecord, visit: QueueVisit) -> Stay:
    left = _epoch(visit.left_at)
    waits = left is None and visit.result is None and record.ended_at is None
    return Stay(
        server=record.server,
        queue=visit.queue,
        joined=_epoch(visit.joined_at or (record.started_at if waits else None)),
        left=left if left is not None else _epoch(record.ended_at),
        result=visit.result,
        wait=None if waits else visit.wait,
        open=waits,
        promised=is_call_back(record.server, record.id),
    )


def is_call_back(server: str, call: str) -> bool:
    """Whether a call was made by us to keep a promise."""
    return call.removeprefix(f"{server}-").startswith(CALL_BACK)


def _epoch(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
