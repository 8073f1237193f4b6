"""From the facts of a story to the call record: who was who, what came of it, how long it took.

Everything is worked out anew at each asking, from all facts together; so a record never depends on the order in which
the events of one moment came.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cxcall.calls.casting import Cast, JoinedTalk
from cxcall.calls.directions import endpoint
from cxcall.calls.graph import Channel
from cxcall.calls.outcomes import (
    call_outcome,
    caller_result,
    leg_result,
    near,
    offered_to,
    quit_by,
    speaks_of_hangups,
    visit_result,
)
from cxcall.calls.record import Caller, CallRecord, Direction, EndedBy, Gap, Hold, Leg, Outcome, Talk, Transfer
from cxcall.calls.stays import stay
from cxcall.calls.story import Move, Story

EXPLAINED = 2.0
"""Seconds around a told transfer in which what looks like a redirect, or parking told as a blind transfer, is that."""


def tell(story: Story, server: str) -> CallRecord:
    """The record of a call as far as it is known."""
    cast = Cast(story)
    reached = cast.reached()
    direction = cast.direction()
    # Of a call found midway in a queue nobody knows where it came from; most who wait there are customers.
    inbound = direction == "inbound" or (direction == "unknown" and bool(story.visits) and not story.originated)
    outcome = call_outcome(story, cast.caller, reached=reached, inbound=inbound)
    return CallRecord(
        id=story.id,
        server=server,
        linked_ids=tuple(story.linked),
        direction=direction,
        caller=_caller(cast),
        called=_called(cast, direction),
        started_at=when(story.began_at),
        answered_at=when(cast.answered_at()),
        ended_at=when(story.ended_at),
        outcome=outcome,
        ended_by=_ended_by(story, cast, outcome) if story.ended else "unknown",
        hangup_cause=_cause(cast) if story.ended else None,
        legs=tuple(_leg(cast, story, index, outcome) for index in range(len(cast.legs))),
        talks=tuple(
            Talk(
                channels=(talk.one.name, talk.other.name),
                numbers=(cast.number(talk.one), cast.number(talk.other)),
                from_=when(talk.since),
                to=when(talk.until),
            )
            for talk in cast.talks
        ),
        queue_visits=tuple(stay(visit, cast, when) for visit in story.visits),
        transfers=tuple(_transfer(move, story, cast) for move in moves(story)),
        holds=tuple(
            Hold(channel=hold.who.name, from_=when(hold.since), to=when(hold.until))
            for hold in sorted(story.holds, key=lambda hold: hold.since or 0.0)
        ),
        gaps=tuple(Gap(from_=when(since), to=when(until)) for since, until in story.gaps),
    )


def when(at: float | None) -> datetime | None:
    """Epoch seconds as an aware UTC datetime."""
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _caller(cast: Cast) -> Caller:
    caller = cast.caller
    if caller is not None:
        return Caller(number=cast.number(caller), name=caller.caller_name, channel=caller.name)
    waiting = cast.story.visits[0].who if cast.story.visits else None
    return Caller() if waiting is None else Caller(number=waiting.number, name=waiting.caller_name)


def _called(cast: Cast, direction: Direction) -> str | None:
    """The extension first asked for; in a call Asterisk was told to make, what its first phone was connected to."""
    story, caller = cast.story, cast.caller
    asked = story.exten if story.originated else caller.exten if caller is not None else None
    if asked is not None:
        return asked
    rung = [leg for leg in cast.legs if leg is not caller and leg.dialled_at is not None]
    return cast.number(min(rung, key=lambda leg: leg.dialled_at or 0.0)) if rung else None


def _leg(cast: Cast, story: Story, index: int, outcome: Outcome) -> Leg:
    leg = cast.legs[index]
    rung = leg is not cast.caller or story.originated
    talked = [talk.since for talk in cast.talks if leg in (talk.one, talk.other)]
    if rung and (leg.dialled_at is not None or not talked):
        answered_at = leg.answered_at
    else:
        answered_at = min((at for at in talked if at is not None), default=None)
    rang_at = leg.ringing_at
    if rang_at is None and leg.answered_at is not None and leg.dialled_at is not None:
        rang_at = leg.dialled_at
    if leg is cast.caller:
        result = caller_result(outcome, leg, story)
    elif leg.dialled_at is None and leg.ended_at is not None:
        result = "answered" if talked else "cancelled"  # it called (a consultation, a parked call), nobody rang it
    else:
        result = "answered" if talked else cast.result(leg)
    return Leg(
        channel=leg.name,
        unique_id=leg.uid,
        role=cast.role(leg),
        number=cast.number(leg),
        name=leg.caller_name,
        agent=cast.agent_name(leg),
        rang_at=when(rang_at) if rung and leg.dialled_at is not None else None,
        answered_at=when(answered_at),
        ended_at=when(leg.ended_at),
        result=result,
        hangup_cause=leg.cause,
    )


def moves(story: Story) -> list[Move]:
    """The transfers that really were, in order: parking told once, a redirect only where nothing else explains it."""
    told = sorted(story.moves, key=lambda move: move.at or 0.0)
    real: list[Move] = []
    for move in told:
        if not _explained(move, told, story) and not any(_same_redirect(move, other) for other in real):
            real.append(move)
    return real


def _same_redirect(one: Move, other: Move) -> bool:
    """Both parties of a talk were sent to the same place: one redirect."""
    return one.kind == other.kind == "redirect" and one.to == other.to and near(one.at, other.at)


def _explained(move: Move, told: list[Move], story: Story) -> bool:
    if move.kind == "blind":
        return any(other.kind == "park" and other.who_uid == move.who_uid and _beside(other, move) for other in told)
    if move.kind != "redirect":
        return False
    if any(other.kind != "redirect" and _beside(other, move) for other in told):
        return True
    if move.certain:
        return False
    partners = [
        talk.b if talk.a.uid == move.who_uid else talk.a
        for talk in story.talks
        if talk.has(move.who_uid) and near(talk.until, move.at)
    ]
    return not partners or any(quit_by(partner, move.at) for partner in partners)


def _transfer(move: Move, story: Story, cast: Cast) -> Transfer:
    to, by = move.to, _phone_behind(move, cast) or move.by
    if move.kind == "park" and not move.by_uid:
        by = _parker(move, story) or by
    if move.kind in ("attended", "semi_attended") and move.target is not None:
        to = move.target.name
    return Transfer(kind=move.kind, at=when(move.at), by=by, to=to, result="ok" if move.ok else "failed")


def _phone_behind(move: Move, cast: Cast) -> str | None:
    """The phone of a queue's member who is rung over a Local channel: Asterisk names the Local half."""
    by = cast.by_uid.get(move.by_uid)
    if by is None or by.kind != "local":
        return None
    behind = [leg for leg in cast.legs if leg.answered_at is not None and offered_to(leg, {by.uid})]
    return behind[-1].name if behind else None


def _parker(move: Move, story: Story) -> str | None:
    """Who parked: ParkedCall names the device only, the blind transfer beside it (or the last talk) the channel."""
    for other in story.moves:
        if other.kind == "blind" and other.who_uid == move.who_uid and _beside(other, move):
            return other.by
    partners = [talk.b if talk.a.uid == move.who_uid else talk.a for talk in story.talks if talk.has(move.who_uid)]
    return next((leg.name for leg in reversed(partners) if endpoint(leg.name) == move.by), None)


def _beside(one: Move, other: Move) -> bool:
    return abs((one.at or 0.0) - (other.at or 0.0)) <= EXPLAINED


def _ended_by(story: Story, cast: Cast, outcome: Outcome) -> EndedBy:
    """Who ended the last talk, else who ended the call."""
    if any(until is not None and near(until, story.ended_at) for _, until in story.gaps):
        return "unknown"  # it ended while no one listened
    over = [talk for talk in cast.talks if talk.until is not None]
    last = max(reversed(over), key=lambda talk: talk.until or 0.0, default=None)  # of equal ones the newest
    if last is not None:
        pair = [leg for leg in (last.one, last.other) if _hung_up_on(leg, last)]
        if pair:
            return _word(cast, min(pair, key=_asked))
        silent = [
            leg for leg in (last.one, last.other) if not speaks_of_hangups(leg) and near(leg.ended_at, last.until)
        ]
        if len(silent) == 1:
            return _word(cast, silent[0])
    faceless = None if last is not None else cast.faceless_agent()
    if (
        faceless is not None
        and faceless.asked_at is not None
        and not (cast.caller is not None and quit_by(cast.caller, faceless.asked_at))
    ):
        return "agent"
    if cast.caller is not None and cast.caller.asked_at is not None:
        return "caller"
    refused = [leg for leg in cast.legs if leg.dialled_at is not None and leg_result(leg) == outcome]
    if last is None and outcome in ("busy", "rejected") and refused:
        return _word(cast, refused[-1])
    return "caller" if _gave_up_silently(story, cast) else "system"


def _gave_up_silently(story: Story, cast: Cast) -> bool:
    """A caller whose driver says nothing of hang-ups, and whose call ended in the queue."""
    caller = cast.caller
    return (
        caller is not None
        and not speaks_of_hangups(caller)
        and any(visit.who is caller and visit_result(visit) == "abandoned" for visit in story.visits)
    )


def _hung_up_on(leg: Channel, talk: JoinedTalk) -> bool:
    return leg.asked_at is not None and leg.asked_at >= (talk.since or 0.0) and quit_by(leg, talk.until)


def _asked(leg: Channel) -> tuple[float, int]:
    """When this leg hung up; by the order of events where times are too coarse to tell."""
    return leg.asked_at or 0.0, leg.asked_turn


def _word(cast: Cast, leg: Channel) -> EndedBy:
    role = cast.role(leg)
    if role == "caller":
        return "caller"
    return "agent" if role == "agent" else "callee"


def _cause(cast: Cast) -> int | None:
    if cast.caller is not None and cast.caller.cause is not None:
        return cast.caller.cause
    ended = [leg for leg in cast.legs if leg.cause is not None]
    return max(ended, key=lambda leg: leg.ended_at or 0.0).cause if ended else None
