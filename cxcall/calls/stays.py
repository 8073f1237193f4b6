"""A stay in a queue with its durations: wait, ring, talk and hold as they truly were, not in whole seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cxcall.calls.casting import Cast
from cxcall.calls.graph import Channel
from cxcall.calls.outcomes import TELLING, leg_result, visit_result
from cxcall.calls.record import Attempt, LegResult, QueueVisit
from cxcall.calls.story import Attempt as Offer
from cxcall.calls.story import Visit


def stay(visit: Visit, cast: Cast, when: Callable[[float | None], datetime | None]) -> QueueVisit:
    """The record of one visit."""
    result = visit_result(visit)
    left_at = visit.left_at if visit.left_at is not None else visit.connected_at or visit.who.ended_at
    reached_at = visit.connected_at if visit.connected else left_at
    talk, hold = _talk_and_hold(visit, cast)
    taken_by = cast.attempts.get(visit.agent_uid)
    member = (visit.member, visit.interface) if taken_by is None else (taken_by.member, taken_by.interface)
    offers = [_attempt(offer, visit, cast, when) for offer in visit.attempts]
    taken = next((offer for offer in offers if offer.result == "answered"), None)
    return QueueVisit(
        queue=visit.queue,
        joined_at=when(visit.joined_at),
        left_at=when(left_at),
        position=visit.position,
        result=result,
        agent=member[0] or member[1],
        interface=member[1],
        wait=None if reached_at is None or visit.joined_at is None else span(visit.joined_at, reached_at),
        ring=taken.ring if taken is not None and visit.connected else 0.0,
        talk=talk,
        hold=hold,
        attempts=tuple(offers),
    )


def span(since: float | None, until: float | None) -> float:
    """Seconds between two moments to the microsecond, 0 when one is unknown or they are the wrong way round."""
    return 0.0 if since is None or until is None else round(max(0.0, until - since), 6)


def _attempt(offer: Offer, visit: Visit, cast: Cast, when: Callable[[float | None], datetime | None]) -> Attempt:
    dest = cast.by_uid.get(offer.dest_uid)
    result = _attempt_result(offer, dest, visit, cast)
    until = offer.rang_out_at
    if result == "answered":
        until = dest.answered_at if dest is not None and dest.answered_at is not None else visit.connected_at
    elif until is None and dest is not None:
        until = dest.ended_at
    return Attempt(agent=offer.member or offer.interface, at=when(offer.at), ring=span(offer.at, until), result=result)


def _attempt_result(offer: Offer, dest: Channel | None, visit: Visit, cast: Cast) -> LegResult | None:
    if visit.connected and offer.dest_uid == visit.agent_uid:
        return "answered"
    behind = cast.behind.get(offer.dest_uid, [])
    results = [cast.result(leg) for leg in behind]
    met = next((result for result in TELLING[1:] if result in results), None)
    if met is not None:
        return "cancelled" if met == "no_answer" and offer.rang_out_at is None and visit.connected else met
    if dest is not None and not behind:
        own = leg_result(dest)
        if offer.rang_out_at is not None and own in ("cancelled", None):
            return "no_answer"
        return "cancelled" if own == "answered" else own
    if behind and "answered" in results:
        return "cancelled"  # picked up too late: the caller was with someone else by then
    return "no_answer" if offer.rang_out_at is not None else None


def _talk_and_hold(visit: Visit, cast: Cast) -> tuple[float, float]:
    """Seconds the agent had the caller, hold included, and of these on hold.

    The agent has the caller while they share a bridge, and also while away with the caller on hold (a consultation by
    feature code moves the agent to another bridge): until the hold ends, either of them hangs up, or the caller talks
    with somebody else.
    """
    if not visit.connected:
        return 0.0, 0.0
    agents = set(cast.behind.get(visit.agent_uid, []))
    shared = _shared(visit, cast, agents)
    if not shared:
        return _talk_unseen(visit, cast), 0.0
    stretches: list[tuple[float, float]] = []
    holds = [hold for hold in cast.story.holds if hold.who in agents]
    for index, (since, until) in enumerate(shared):
        back_at = shared[index + 1][0] if index + 1 < len(shared) else None
        for hold in holds:
            if (hold.since or 0.0) <= until and (hold.until is None or hold.until > until):
                until = max(until, _had_until(visit, cast, agents, hold.who, until, back_at, hold.until))
        stretches.append((since, until))
    talk = sum(until - since for since, until in stretches)
    held = sum(
        max(0.0, min(until, hold.until if hold.until is not None else until) - max(since, hold.since or 0.0))
        for since, until in stretches
        for hold in holds
    )
    return round(talk, 6), round(float(held), 6)


def _shared(visit: Visit, cast: Cast, agents: set[Channel]) -> list[tuple[float, float]]:
    """When the agent and the caller shared a bridge, in order; a talk that goes on counts when it ends."""
    shared = []
    for talk in cast.talks:
        agent, other = (talk.one, talk.other) if talk.one in agents else (talk.other, talk.one)
        mine = other is visit.who if visit.who.kind == "party" else other not in cast.story.consulted
        if agent in agents and other not in agents and mine and talk.until is not None:
            since = talk.since if talk.since is not None else visit.connected_at
            if since is not None and (visit.connected_at is None or talk.until >= visit.connected_at):
                shared.append((since, talk.until))
    shared.sort()
    if shared and visit.who.found and visit.connected_at is not None and visit.connected_at < shared[0][0]:
        shared[0] = (visit.connected_at, shared[0][1])  # they talked before the stream began: so the queue says
    return shared


def _had_until(
    visit: Visit, cast: Cast, agents: set[Channel], who: Channel, since: float, *ends: float | None
) -> float:
    """When an agent who is away from the held caller no longer has them."""
    others = [
        talk.since for talk in cast.talks
        if visit.who in (talk.one, talk.other) and talk.since is not None and talk.since > since
    ]  # fmt: skip
    limits = [at for at in (*ends, who.ended_at, visit.who.ended_at, visit.completed_at, *others) if at is not None]
    return min((at for at in limits if at >= since), default=since)


def _talk_unseen(visit: Visit, cast: Cast) -> float:
    """No phone of the agent was seen in a bridge with the caller: what the queue says, up to the caller's end."""
    if visit.agent_uid in cast.behind:
        return 0.0
    agent = cast.faceless_agent()
    ends = [visit.completed_at, visit.who.ended_at, None if agent is None else agent.ended_at]
    ends = [at for at in ends if at is not None]
    return span(visit.connected_at, min(at for at in ends if at is not None)) if ends else 0.0
