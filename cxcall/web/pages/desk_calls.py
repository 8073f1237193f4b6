"""Whose calls they are: a call record seen from one agent's phone.

An extension is a channel's name without its number (`PJSIP/1001` of `PJSIP/1001-0000002a`), as the queue's
interface and the user's profile write it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cxcall.calls.record import CallRecord, Leg, QueueVisit

Phones = Collection[str]
"""Extensions of one agent, most have one."""
State = Literal["ringing", "dialing", "talking", "held"]
TOGETHER = 2.0
"""Seconds within which the end of a ring and of its call are one event: the caller hung up."""
ORDER: dict[State, int] = {"talking": 0, "held": 1, "dialing": 2, "ringing": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class MyCall:
    """A call in progress at the agent's phone. `since`: of the state; `held_by_me`: the agent pressed hold."""

    record: CallRecord
    leg: Leg
    state: State
    since: datetime
    talking_since: datetime | None
    held_by_me: bool = False
    visit: QueueVisit | None = None

    @property
    def number(self) -> str | None:
        """The customer's: who called, or whom the agent called."""
        if self.leg.role != "caller":
            return self.record.caller.number
        return self.record.called

    @property
    def consultant(self) -> Leg | None:
        """Whom the agent asks while the caller waits: a transfer they began here."""
        if self.state != "held" or not self.held_by_me:
            return None
        return next((leg for leg in self.record.legs if leg.role == "consultant" and leg.ended_at is None), None)

    @property
    def name(self) -> str | None:
        """As the line told it, for numbers that have no profile."""
        if self.leg.role != "caller":
            return self.record.caller.name
        far = next((leg for leg in self.record.legs if leg.role != "caller" and leg.ended_at is None), None)
        return far.name if far else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """An offer not taken; `reason`: `no_answer`, `busy`, `rejected` or `cancelled` (the caller gave up)."""

    record: CallRecord
    at: datetime
    ring: float
    reason: str
    queue: str | None

    @property
    def key(self) -> str:
        """Names this one offer, so that "seen" is remembered for it alone."""
        return f"{self.record.id}@{self.at.timestamp():.0f}"


def is_at(channel: str, phones: Phones) -> bool:
    """Whether `channel` is a call at one of `phones`, e.g. `PJSIP/1001-0000002a` at `PJSIP/1001`."""
    return channel.rpartition("-")[0].casefold() in {phone.casefold() for phone in phones}


def my_calls(records: Iterable[CallRecord], phones: Phones) -> list[MyCall]:
    """Calls in progress at `phones`: the one talked on first, then held, dialled and ringing, oldest first."""
    mine = [call for record in records if record.ended_at is None if (call := _mine(record, phones)) is not None]
    return sorted(mine, key=lambda call: (ORDER[call.state], call.since))


def my_end(record: CallRecord, phones: Phones) -> datetime | None:
    """When the agent's own part was over: the call may go on with somebody else."""
    ends = [leg.ended_at for leg in record.legs if is_at(leg.channel, phones)]
    if any(end is None for end in ends) and record.ended_at is None:
        return None
    known = [end for end in ends if end is not None]
    return max(known, default=record.ended_at)


def my_talk(record: CallRecord, phones: Phones) -> float:
    """Seconds the agent at `phones` shared a bridge with others on this call, holds included."""
    spans = [
        (talk.from_, talk.to or record.ended_at)
        for talk in record.talks
        if any(is_at(channel, phones) for channel in talk.channels)
    ]
    firsts = [first for first, _ in spans if first is not None]
    lasts = [last for _, last in spans if last is not None]
    return (max(lasts) - min(firsts)).total_seconds() if firsts and lasts else 0.0


def missed(records: Sequence[CallRecord], phones: Phones, now: datetime, within: timedelta) -> Missed | None:
    """The newest offer of the last `within` that ended without an answer here, if nothing was answered after it."""
    newest: Missed | None = None
    answered = max(
        (
            leg.answered_at
            for record in records
            for leg in record.legs
            if leg.answered_at is not None and is_at(leg.channel, phones)
        ),
        default=None,
    )
    for record in records:
        for leg in record.legs:
            if leg.role == "caller" or leg.rang_at is None or leg.ended_at is None or leg.answered_at is not None:
                continue
            if not is_at(leg.channel, phones) or now - leg.ended_at > within:
                continue
            if answered is not None and answered > leg.rang_at:
                continue
            reason = _why_missed(record, leg)
            if reason != "elsewhere" and (newest is None or leg.rang_at > newest.at):
                newest = Missed(
                    record=record,
                    at=leg.rang_at,
                    ring=(leg.ended_at - leg.rang_at).total_seconds(),
                    reason=reason,
                    queue=next((visit.queue for visit in record.queue_visits if _offered(visit, leg)), None),
                )
    return newest


def _why_missed(record: CallRecord, leg: Leg) -> str:
    if leg.result in ("busy", "rejected", "no_answer"):
        return leg.result
    if record.ended_at is not None and leg.ended_at is not None and record.answered_at is None:
        together = abs((record.ended_at - leg.ended_at).total_seconds()) < TOGETHER
        return "cancelled" if together else "no_answer"
    return "elsewhere" if leg.result == "cancelled" and record.answered_at is not None else "no_answer"


def _mine(record: CallRecord, phones: Phones) -> MyCall | None:
    leg = next((leg for leg in reversed(record.legs) if is_at(leg.channel, phones) and leg.ended_at is None), None)
    if leg is None:
        return None
    start = leg.rang_at or record.started_at or leg.answered_at
    if start is None:
        return None
    visit = next((visit for visit in reversed(record.queue_visits) if _offered(visit, leg)), None)
    talking_since = _talking_since(record, leg)
    if talking_since is None:
        # dialled is as good as ringing: the phone says so itself some ten milliseconds later, or never
        state: State = "dialing" if leg.role == "caller" and not _called_back_first(leg) else "ringing"
        return MyCall(record=record, leg=leg, state=state, since=start, talking_since=None, visit=visit)
    hold = next((hold for hold in reversed(record.holds) if hold.to is None), None)
    if hold is not None and hold.from_ is not None:
        by_me = hold.channel == leg.channel
        return MyCall(
            record=record,
            leg=leg,
            state="held",
            since=hold.from_,
            talking_since=talking_since,
            held_by_me=by_me,
            visit=visit,
        )
    return MyCall(
        record=record, leg=leg, state="talking", since=talking_since, talking_since=talking_since, visit=visit
    )


def _called_back_first(leg: Leg) -> bool:
    """Whether a queue rings the agent for a call-back: rung first, they count as who calls."""
    return leg.agent is not None and leg.answered_at is None


def _talking_since(record: CallRecord, leg: Leg) -> datetime | None:
    firsts = [talk.from_ for talk in record.talks if leg.channel in talk.channels and talk.from_ is not None]
    if firsts:
        return min(firsts)
    if leg.role == "caller":
        return None
    return leg.answered_at


def _offered(visit: QueueVisit, leg: Leg) -> bool:
    """Whether this stay in a queue is why the leg rang: it had begun and was not over."""
    if leg.role != "agent" or visit.joined_at is None:
        return False
    if leg.rang_at is None:
        return visit.left_at is None
    return visit.joined_at <= leg.rang_at and (visit.left_at is None or visit.left_at >= leg.rang_at)
