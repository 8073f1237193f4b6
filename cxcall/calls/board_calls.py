"""Calls that go on now, and which of them may need somebody: a mood that falls, a long hold, a long talk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from cxcall.calls.board_shapes import NeedyCall, Seat
from cxcall.calls.record import CallRecord

FALLEN = -0.5
"""A mood as low as this that still gets worse may need a supervisor."""

MOODS = 20
"""Points of a mood's line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds after which a hold and a talk may need somebody."""

    hold: float = 120.0
    talk: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAir:
    """A call in progress in which somebody talks. Epoch seconds; `agent` as the queue names them."""

    call: str
    server: str
    queue: str
    number: str
    name: str
    agent: str
    interface: str
    talk_since: float
    held_since: float | None


@dataclass(slots=True, kw_only=True)
class Feeling:
    """What live listening told of a call; `since`: from when on it is so bad that somebody should look."""

    mood: float | None = None
    trend: str = ""
    line: tuple[float, ...] = ()
    since: float | None = None
    alert: float | None = None
    words: str = ""

    def told(self, mood: float | None, trend: str, now: float) -> None:
        """A newer mood."""
        if mood is not None and mood != self.mood:
            self.line = (*self.line, round(mood, 3))[-MOODS:]
        self.mood, self.trend = mood, trend
        if mood is None or mood > FALLEN or trend != "worsening":
            self.since = None
        elif self.since is None:
            self.since = now


def on_air(record: CallRecord) -> OnAir | None:
    """The call as far as it may need somebody; None when nobody talks in it, or only colleagues do."""
    if record.ended_at is not None:
        return None
    visit = next((visit for visit in reversed(record.queue_visits) if visit.result == "answered"), None)
    talks = [talk.from_ for talk in record.talks if talk.to is None and talk.from_ is not None]
    if not talks or (visit is None and record.direction == "internal"):
        return None
    holds = [hold.from_ for hold in record.holds if hold.to is None and hold.from_ is not None]
    outbound = record.direction == "outbound"
    return OnAir(
        call=record.id,
        server=record.server,
        queue=visit.queue if visit else "",
        number=(record.called if outbound else record.caller.number) or "",
        name=("" if outbound else record.caller.name) or "",
        agent=(visit.agent if visit else None) or "",
        interface=(visit.interface if visit else None) or "",
        talk_since=_epoch(min(talks)),
        held_since=_epoch(min(holds)) if holds else None,
    )


def needy(
    calls: Mapping[str, OnAir],
    feelings: Mapping[str, Feeling],
    seats: Mapping[str, Seat],
    patience: Patience,
    now: float,
) -> tuple[NeedyCall, ...]:
    """The calls that may need somebody; `seats` by the call they are in. Moods first, then holds, then long talks."""
    found = [call for air in calls.values() for call in _needs(air, feelings.get(air.call), patience, now)]
    order = {"mood": 0, "alert": 1, "hold": 2, "talk": 3}
    found.sort(key=lambda call: (order[call.why], call.since, call.call))
    return tuple(_with_seat(call, seats.get(call.call)) for call in found)


def _needs(air: OnAir, feeling: Feeling | None, patience: Patience, now: float) -> Iterator[NeedyCall]:
    """At most one reason a call: the most urgent."""
    feeling = feeling or Feeling()
    call = NeedyCall(
        call=air.call, server=air.server, why="talk", since=air.talk_since, queue=air.queue, agent_name=air.agent,
        number=air.number, name=air.name, talk_since=air.talk_since, mood=feeling.mood, trend=feeling.trend,
        mood_line=feeling.line, words=feeling.words,
    )  # fmt: skip
    if feeling.since is not None:
        yield replace(call, why="mood", since=feeling.since)
    elif feeling.alert is not None:
        yield replace(call, why="alert", since=feeling.alert)
    elif air.held_since is not None and now - air.held_since > patience.hold:
        yield replace(call, why="hold", since=air.held_since, limit=patience.hold)
    elif now - air.talk_since > patience.talk:
        yield replace(call, limit=patience.talk)


def _with_seat(call: NeedyCall, seat: Seat | None) -> NeedyCall:
    return call if seat is None else replace(call, agent=seat.key, agent_name=seat.name)


def held(seat: Seat, calls: Mapping[str, OnAir]) -> Seat:
    """The agent with what the call tells: who calls, and since when they are on hold."""
    air = calls.get(seat.call)
    if air is None:
        return seat
    return replace(seat, caller_name=air.name or seat.caller_name, held_since=air.held_since)


def _epoch(moment: datetime) -> float:
    return moment.timestamp()
