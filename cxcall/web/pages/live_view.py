"""Calls in progress, the longest waiting first: who, where, in which state and since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from cxcall.bus.monitoring import MODES
from cxcall.calls.record import CallRecord, Leg, QueueVisit
from cxcall.store.customers import Customer
from cxcall.web.pages.labels import DIRECTIONS, Label
from cxcall.web.pages.people import person
from cxcall.web.pages.speech.live_moods import LiveMood
from cxcall.web.pages.timeline import called_by
from cxcall.web.role_rights import NOTHING, Right
from cxcall.web.words import N_

State = Literal["waiting", "ringing", "talking", "held", "menu"]
STATES: dict[State, tuple[str, str]] = {
    "waiting": (N_("Waiting"), "wrap"),
    "ringing": (N_("Ringing"), "ring"),
    "talking": (N_("Talking"), "talk"),
    "held": (N_("On hold"), "pause"),
    "menu": (N_("In the phone menu"), "off"),
}
"""How a state is called and which mark of the state chips it has."""
NOTHING_HEARD = LiveMood()
ORDER: dict[State, int] = {"waiting": 0, "ringing": 1, "held": 2, "talking": 3, "menu": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """`wait` once it is over, `waiting_since` while it lasts."""

    id: str
    name: str
    number: str | None
    queue: str | None
    agent: str | None
    kind: State
    since: datetime
    started_at: datetime
    waiting_since: datetime | None
    wait: float | None
    way: Label
    talk: LiveMood = NOTHING_HEARD

    @property
    def talked(self) -> bool:
        """Whether there may be words to read."""
        return self.kind in ("talking", "held")

    @property
    def state(self) -> str:
        return STATES[self.kind][0]

    @property
    def mark(self) -> str:
        return STATES[self.kind][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """`needing`: calls that may need somebody, the longest first."""

    now: datetime
    calls: Sequence[LiveCall]
    counts: Sequence[tuple[str, int]]
    longest: datetime | None
    heard: bool = False
    rights: frozenset[Right] = NOTHING

    @property
    def steps_in(self) -> bool:
        """Whether the reader may be in a call by ear."""
        return bool(self.rights.intersection(MODES))

    @property
    def needing(self) -> list[LiveCall]:
        return sorted((call for call in self.calls if call.talk.needs), key=lambda call: call.started_at)


def live_view(
    records: Sequence[CallRecord],
    known: Mapping[str, Customer],
    now: datetime,
    moods: Mapping[str, LiveMood] = MappingProxyType({}),
    rights: frozenset[Right] = NOTHING,
) -> LiveView:
    """The page over all `records` in progress; `known` are their customers by id, `moods` how talks feel by call,
    `rights` what the reader may do to them."""
    calls = [
        _live_call(record, known.get(record.caller.customer_id or ""), now, moods.get(record.id, NOTHING_HEARD))
        for record in records
    ]
    calls.sort(key=lambda call: (ORDER[call.kind], call.since))
    counts = Counter(call.kind for call in calls)
    return LiveView(
        now=now,
        calls=calls,
        counts=[(N_("In progress"), len(calls))]
        + [(STATES[kind][0], counts[kind]) for kind in ("waiting", "ringing", "talking", "held")],
        rights=rights,
        heard=any(call.talk is not NOTHING_HEARD for call in calls),
        longest=min((call.waiting_since for call in calls if call.waiting_since), default=None),
    )


def _live_call(record: CallRecord, customer: Customer | None, now: datetime, talk: LiveMood) -> LiveCall:
    outbound = record.direction == "outbound"
    started = record.started_at or now
    visit = record.queue_visits[-1] if record.queue_visits else None
    kind, since, leg = _state(record, visit, started)
    waits = visit is not None and visit.result is None and visit.left_at is None
    return LiveCall(
        id=record.id,
        name=person(customer, None if outbound else record.caller.name).name,
        number=record.called if outbound else record.caller.number,
        queue=visit.queue if visit else None,
        agent=called_by(leg) if leg is not None else visit.agent if visit and visit.result == "answered" else None,
        kind=kind,
        since=since,
        started_at=started,
        waiting_since=visit.joined_at if visit and waits else None,
        wait=visit.wait if visit else None,
        way=DIRECTIONS[record.direction],
        talk=talk,
    )


def _state(record: CallRecord, visit: QueueVisit | None, started: datetime) -> tuple[State, datetime, Leg | None]:
    """What goes on now, since when, and at whose phone."""
    others = [leg for leg in record.legs if leg.role != "caller" and leg.ended_at is None]
    talks = [talk for talk in record.talks if talk.to is None and talk.from_ is not None]
    if talks:
        channels = {channel for talk in talks for channel in talk.channels}
        partner = next((leg for leg in others if leg.channel in channels), None)
        hold = next((hold for hold in record.holds if hold.to is None and hold.from_ is not None), None)
        if hold is not None and hold.from_ is not None:
            return "held", hold.from_, partner
        return "talking", min(talk.from_ for talk in talks if talk.from_ is not None), partner
    ringing = next((leg for leg in others if leg.rang_at is not None and leg.answered_at is None), None)
    if ringing is not None and ringing.rang_at is not None:
        return "ringing", ringing.rang_at, ringing
    if visit is not None and visit.left_at is None and visit.joined_at is not None:
        return "waiting", visit.joined_at, None
    answered = next((leg for leg in others if leg.answered_at is not None), None)
    if answered is not None and answered.answered_at is not None:
        return "talking", answered.answered_at, answered
    return "menu", started, None
