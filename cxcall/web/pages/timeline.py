"""A call record as a picture: one lane a party, blocks of waiting, ringing, talking and holding on one time axis.

Positions are percent of the axis, which runs from the start of the call to its end (or to now), so the template
draws plain SVG rectangles and no script is needed. `happenings` is the same in words, for reading and for no eyes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cxcall.calls.record import CallRecord, Hold, Leg, QueueVisit
from cxcall.web.pages.labels import ENDED_BY, LEG_RESULTS, TRANSFERS, VISIT_RESULTS, Label
from cxcall.web.words import N_

Kind = Literal["wait", "ring", "talk", "hold", "gap"]
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)
"""Distances of the axis' ticks in seconds; the first that makes at most TICKS of them is taken."""
TICKS = 9
AFTER = N_("after %(time)s")
LEAST = 0.35
"""A block is never drawn narrower than this (percent), so that a ring of a second is seen in a call of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`x` and `width` in percent of the axis, `seconds` as long as it lasted."""

    kind: Kind
    x: float
    width: float
    seconds: float
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One party, or a queue."""

    name: str
    role: str
    blocks: tuple[Block, ...]
    side: Literal["customer", "agent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    x: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of "What happened": `text` is a key with `%(who)s`, `%(to)s` or `%(queue)s` in it, `lasting` the key
    that says what `seconds` are."""

    at: datetime
    icon: str
    text: str
    names: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    lasting: str = N_("for %(time)s")
    until: datetime | None = None
    label: Label | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    lanes: tuple[Lane, ...]
    gaps: tuple[Block, ...]
    ticks: tuple[Tick, ...]
    happenings: tuple[Happening, ...]
    seconds: float


def called_by(leg: Leg) -> str:
    """How a party is named: as the queue's agent, by caller id, by number, else by channel."""
    return leg.agent or leg.name or leg.number or leg.channel


def timeline(record: CallRecord, now: datetime) -> Timeline:
    """The picture of `record`; a call still up reaches to `now`."""
    start = record.started_at or min(_moments(record), default=now)
    end = max(record.ended_at or now, start + timedelta(seconds=1))
    axis = _Axis(start, end)
    return Timeline(
        lanes=tuple(_lane(record, leg, axis) for leg in record.legs),
        gaps=tuple(axis.block("gap", gap.from_, gap.to) for gap in record.gaps),
        ticks=ticks((end - start).total_seconds()),
        happenings=tuple(sorted(_happenings(record), key=lambda happening: happening.at)),
        seconds=(end - start).total_seconds(),
    )


class _Axis:
    def __init__(self, start: datetime, end: datetime) -> None:
        self._start = start
        self._end = end
        self._seconds = (end - start).total_seconds()

    def block(self, kind: Kind, from_: datetime | None, to: datetime | None) -> Block:
        first = min(max(from_ or self._start, self._start), self._end)
        last = max(min(to or self._end, self._end), first)
        x = (first - self._start).total_seconds() / self._seconds * 100
        width = max((last - first).total_seconds() / self._seconds * 100, LEAST)
        x = min(x, 100 - width)
        seconds = (last - first).total_seconds()
        return Block(kind=kind, x=round(x, 3), width=round(width, 3), seconds=seconds, start=first)


def ticks(seconds: float) -> tuple[Tick, ...]:
    """Round times along an axis of so many seconds, at most TICKS and the first at 0."""
    step = next((step for step in STEPS if seconds / step <= TICKS), seconds / TICKS)
    # A tick in the last hundredth would have its label cut at the edge.
    places = [(n * step / seconds * 100, n * step) for n in range(int(seconds / step) + 1)]
    return tuple(Tick(x=round(x, 3), seconds=at) for x, at in places if x <= 97)


def _lane(record: CallRecord, leg: Leg, axis: _Axis) -> Lane:
    blocks: list[Block] = []
    if leg.role == "caller":
        blocks += [axis.block("wait", visit.joined_at, _waited_until(record, visit)) for visit in record.queue_visits]
    if leg.rang_at is not None and leg.role != "caller":
        blocks.append(axis.block("ring", leg.rang_at, leg.answered_at or leg.ended_at))
    blocks += [axis.block("talk", first, last) for first, last in _talking(record, leg)]
    blocks += [axis.block("hold", hold.from_, hold.to) for hold in record.holds if _on_hold(record, hold, leg)]
    outside = leg.role == "caller" if record.direction != "outbound" else leg.role != "caller"
    return Lane(name=called_by(leg), role=leg.role, blocks=tuple(blocks), side="customer" if outside else "agent")


def _on_hold(record: CallRecord, hold: Hold, leg: Leg) -> bool:
    """Whether `leg` holds, or hears the hold: it talks with the holder and with nobody else."""
    if hold.channel == leg.channel:
        return True
    pair = {hold.channel, leg.channel}
    return any(
        set(talk.channels) == pair
        and (talk.to is None or hold.from_ is None or talk.to > hold.from_)
        and (hold.to is None or talk.from_ is None or talk.from_ < hold.to)
        for talk in record.talks
    )


def _waited_until(record: CallRecord, visit: QueueVisit) -> datetime | None:
    if visit.wait is not None and visit.joined_at is not None:
        return visit.joined_at + timedelta(seconds=visit.wait)
    return visit.left_at or record.ended_at


def _talking(record: CallRecord, leg: Leg) -> list[tuple[datetime | None, datetime | None]]:
    """When `leg` could hear anybody: its talks, joined where they touch."""
    spans = sorted(
        ((talk.from_, talk.to) for talk in record.talks if leg.channel in talk.channels and talk.from_ is not None),
        key=lambda span: span[0],
    )
    joined: list[tuple[datetime | None, datetime | None]] = []
    for first, last in spans:
        previous = joined[-1] if joined else None
        if previous is not None and (previous[1] is None or first <= previous[1]):
            later = None if previous[1] is None or last is None else max(previous[1], last)
            joined[-1] = (previous[0], later)
        else:
            joined.append((first, last))
    return joined


def talk_seconds(record: CallRecord, now: datetime) -> float:
    """How long the caller talked with people, whoever they were; a talk going on counts to `now`."""
    caller = next((leg for leg in record.legs if leg.role == "caller"), None)
    if caller is None:
        return 0.0
    spans = _talking(record, caller)
    return sum(((last or now) - first).total_seconds() for first, last in spans if first is not None)


def hold_seconds(record: CallRecord, now: datetime) -> float:
    """How long somebody in the call had it on hold; two holds at once count twice."""
    spans = ((hold.from_, hold.to or record.ended_at or now) for hold in record.holds)
    return sum((last - first).total_seconds() for first, last in spans if first is not None)


def wait_seconds(record: CallRecord, now: datetime) -> float | None:
    """Time in queues; None when the call was in none."""
    if not record.queue_visits:
        return None
    return sum(_wait(visit, now) for visit in record.queue_visits)


def _wait(visit: QueueVisit, now: datetime) -> float:
    if visit.wait is not None:
        return visit.wait
    return (now - visit.joined_at).total_seconds() if visit.joined_at else 0.0


def _moments(record: CallRecord) -> Iterable[datetime]:
    for leg in record.legs:
        yield from (moment for moment in (leg.rang_at, leg.answered_at, leg.ended_at) if moment)
    for visit in record.queue_visits:
        yield from (moment for moment in (visit.joined_at, visit.left_at) if moment)


def _happenings(record: CallRecord) -> Iterable[Happening]:
    names = {leg.channel: called_by(leg) for leg in record.legs}
    yield from _begin(record)
    yield from _in_queues(record)
    yield from _rings(record)
    for hold in record.holds:
        if hold.from_ is not None:
            who = names.get(hold.channel, hold.channel)
            seconds = (hold.to - hold.from_).total_seconds() if hold.to else None
            text = N_("%(who)s put the call on hold")
            yield Happening(at=hold.from_, icon="pause", text=text, names={"who": who}, seconds=seconds, kind="warn")
    for transfer in record.transfers:
        if transfer.at is not None:
            to = names.get(transfer.to or "", transfer.to or "?")
            failed = Label(text=N_("Failed"), kind="bad") if transfer.result == "failed" else None
            yield Happening(
                at=transfer.at, icon="transfer", text=TRANSFERS[transfer.kind], names={"to": to}, label=failed
            )
    for gap in record.gaps:
        if gap.from_ is not None:
            text = N_("The listener was down; nothing is claimed about this time")
            yield Happening(at=gap.from_, icon="alert", text=text, until=gap.to, kind="warn")
    if record.ended_at is not None:
        yield Happening(at=record.ended_at, icon="end", text=ENDED_BY[record.ended_by])


def _begin(record: CallRecord) -> Iterable[Happening]:
    if record.started_at is None:
        return
    who = record.caller.name or record.caller.number
    icon = "phone-out" if record.direction == "outbound" else "phone-in"
    if record.called and who:
        text, names = N_("%(who)s called %(to)s"), {"who": who, "to": record.called}
    elif who:
        text, names = N_("%(who)s called"), {"who": who}
    else:
        text, names = N_("A caller without a number called"), {}
    yield Happening(at=record.started_at, icon=icon, text=text, names=names, kind="acc")


def _in_queues(record: CallRecord) -> Iterable[Happening]:
    for visit in record.queue_visits:
        if visit.joined_at is not None:
            text = N_("Joined the queue %(queue)s")
            yield Happening(at=visit.joined_at, icon="queue", text=text, names={"queue": visit.queue})
        for attempt in visit.attempts:
            if attempt.at is not None and attempt.result != "answered":
                yield Happening(
                    at=attempt.at,
                    icon="phone",
                    text=N_("Rang at %(who)s"),
                    names={"who": attempt.agent or "?"},
                    seconds=attempt.ring,
                    label=LEG_RESULTS[attempt.result] if attempt.result else None,
                )
        left = _waited_until(record, visit)
        if visit.result == "answered" and left is not None:
            text, names = N_("%(who)s answered"), {"who": visit.agent or visit.interface or "?"}
            yield Happening(
                at=left, icon="headset", text=text, names=names, seconds=visit.ring, lasting=AFTER, kind="good"
            )
        elif visit.result is not None and left is not None:
            label = VISIT_RESULTS[visit.result]
            text, names = N_("Out of the queue %(queue)s"), {"queue": visit.queue}
            yield Happening(
                at=left, icon="queue", text=text, names=names, seconds=visit.wait, lasting=AFTER, label=label
            )


def _rings(record: CallRecord) -> Iterable[Happening]:
    """Phones that rang outside a queue; those of queues are told as its attempts."""
    for leg in record.legs:
        if leg.role == "caller" or leg.rang_at is None or _offered_by_queue(record, leg):
            continue
        names = {"who": called_by(leg)}
        label = LEG_RESULTS[leg.result] if leg.result and leg.result != "answered" else None
        ended = leg.answered_at or leg.ended_at
        seconds = (ended - leg.rang_at).total_seconds() if ended else None
        text = N_("Rang at %(who)s")
        yield Happening(at=leg.rang_at, icon="phone", text=text, names=names, seconds=seconds, label=label)
        if leg.answered_at is not None:
            text = N_("%(who)s answered")
            yield Happening(at=leg.answered_at, icon="headset", text=text, names=names, kind="good")


def _offered_by_queue(record: CallRecord, leg: Leg) -> bool:
    moment = leg.rang_at
    if moment is None or leg.role != "agent":
        return False
    return any(
        visit.joined_at is not None
        and visit.joined_at <= moment
        and (_waited_until(record, visit) or moment) + timedelta(seconds=1) >= moment
        for visit in record.queue_visits
    )
