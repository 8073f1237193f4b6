"""Call records of calls that were never made: the made-up past of the demo, in the shape of true ones.

A `Call` is put together step by step in the order things would have happened; `done` gives its record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from cxcall.calls.record import (
    Caller,
    CallId,
    CallRecord,
    Direction,
    EndedBy,
    Hold,
    Leg,
    LegResult,
    LegRole,
    Outcome,
    QueueVisit,
    Talk,
    Transfer,
    TransferKind,
)
from cxcall.demo.staff import SERVER

NORMAL, BUSY, CANCELLED = 16, 17, 127
_CAUSES: dict[LegResult, int] = {"answered": NORMAL, "no_answer": 0, "busy": BUSY, "cancelled": 0}


def seconds(value: float) -> timedelta:
    return timedelta(microseconds=round(value * 1_000_000))


class Numbers:
    """Channel names and unique ids, counted up as Asterisk does."""

    def __init__(self) -> None:
        self._channel = 0
        self._unique = 0

    def channel(self, device: str) -> str:
        self._channel += 1
        return f"PJSIP/{device}-{self._channel:08x}"

    def unique(self, at: datetime) -> str:
        self._unique += 1
        return f"{SERVER}-{int(at.timestamp())}.{self._unique}"


class Call:
    """A call that comes into being; times must not go back."""

    def __init__(self, numbers: Numbers, at: datetime, direction: Direction, device: str, number: str, name: str | None,
                 called: str) -> None:  # fmt: skip
        self._numbers = numbers
        self._started_at = at
        self._direction = direction
        self._called = called
        self._legs: list[Leg] = []
        self._talks: list[Talk] = []
        self._visits: list[QueueVisit] = []
        self._transfers: list[Transfer] = []
        self._holds: list[Hold] = []
        self.caller = self.leg(at, device, "caller", number, name)

    @property
    def id(self) -> CallId:
        return CallId(f"{SERVER}-{self.unique_id}")

    @property
    def unique_id(self) -> str:
        """Of the caller's channel."""
        return self._legs[self.caller].unique_id

    def leg(
        self, at: datetime, device: str, role: LegRole, number: str, name: str | None, agent: str | None = None
    ) -> int:
        """A phone or trunk comes in; its index. Those who are called ring from now on."""
        unique = self._numbers.unique(at)
        rang_at = None if role == "caller" else at
        channel = self._numbers.channel(device)
        self._legs.append(
            Leg(channel=channel, unique_id=unique, role=role, number=number, name=name, agent=agent, rang_at=rang_at)
        )
        return len(self._legs) - 1

    def answer(self, leg: int, at: datetime) -> None:
        """The leg picks up; the caller's own leg with it, the first time."""
        for n in (leg, self.caller):
            if self._legs[n].answered_at is None:
                self._legs[n] = replace(self._legs[n], answered_at=at, result="answered")

    def end(self, leg: int, at: datetime, result: LegResult | None = None, cause: int | None = None) -> None:
        """The leg hangs up or stops to ring."""
        result = self._legs[leg].result or result
        if cause is None and result is not None:
            cause = _CAUSES.get(result, NORMAL)
        self._legs[leg] = replace(self._legs[leg], ended_at=at, result=result, hangup_cause=cause)

    def talk(self, one: int, other: int, start: datetime, stop: datetime) -> None:
        a, b = self._legs[one], self._legs[other]
        self._talks.append(Talk(channels=(a.channel, b.channel), numbers=(a.number, b.number), from_=start, to=stop))

    def hold(self, leg: int, start: datetime, stop: datetime) -> None:
        self._holds.append(Hold(channel=self._legs[leg].channel, from_=start, to=stop))

    def transfer(self, kind: TransferKind, at: datetime, by: int, to: str) -> None:
        self._transfers.append(Transfer(kind=kind, at=at, by=self._legs[by].channel, to=to))

    def channel(self, leg: int) -> str:
        return self._legs[leg].channel

    def visit(self, visit: QueueVisit) -> None:
        self._visits.append(visit)

    def done(self, at: datetime, outcome: Outcome, by: EndedBy, cause: int) -> CallRecord:
        """The record once everything is over at `at`."""
        for leg in range(len(self._legs)):
            if self._legs[leg].ended_at is None:
                self.end(leg, at, "busy" if outcome == "busy" else "cancelled", cause)
        caller = self._legs[self.caller]
        return CallRecord(
            id=self.id,
            server=SERVER,
            linked_ids=(caller.unique_id,),
            direction=self._direction,
            caller=Caller(number=caller.number, name=caller.name, channel=caller.channel),
            called=self._called,
            started_at=self._started_at,
            answered_at=min((talk.from_ for talk in self._talks if talk.from_), default=None),
            ended_at=at,
            outcome=outcome,
            ended_by=by,
            hangup_cause=cause,
            legs=tuple(self._legs),
            talks=tuple(sorted(self._talks, key=lambda talk: talk.from_ or at)),
            queue_visits=tuple(self._visits),
            transfers=tuple(self._transfers),
            holds=tuple(sorted(self._holds, key=lambda hold: hold.from_ or at)),
        )
