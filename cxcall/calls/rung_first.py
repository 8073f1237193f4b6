"""Agents who are rung before the queue: the caller waits in it from then on, and who answers has taken its call.

Asterisk does it by Dial(), of which the queue knows nothing; the dialplan tells whose caller it is (CX_TELLS). So the
stay begins before the queue's own join, which takes it up, and ends here when the agent answers.
"""

from __future__ import annotations

from cxcall.calls import kinds
from cxcall.calls.graph import Channel
from cxcall.calls.story import Attempt, Visit
from cxcall.calls.switchboard import Switchboard


def rung_first(board: Switchboard, event: kinds.RungFirst, at: float | None) -> None:
    """An agent is about to be rung for this caller."""
    caller = board.channel(event, at)
    if caller is None or caller.story is None:
        return
    visit = open_visit(caller)
    if visit is None:
        visit = Visit(caller, event.queue, at, None)
        caller.story.visits.append(visit)
    visit.outside, visit.first = True, event.interface
    board.touch(caller.story, show=True)


def dialling(board: Switchboard, caller: Channel, dest: Channel, at: float | None) -> None:
    """The dialplan rings `dest` for a caller: is it who was to be rung first?"""
    visit = open_visit(caller)
    if visit is None or visit.first is None or any(offer.dest_uid == dest.uid for offer in visit.attempts):
        return
    visit.attempts.append(Attempt(at, dest.uid, board.members.get(visit.first), visit.first))
    board.touch(caller.story)


def dialled(board: Switchboard, dest: Channel, status: str, at: float | None) -> None:
    """The ringing of `dest` came to an end."""
    visit = None if dest.dialled_by is None else open_visit(dest.dialled_by)
    if visit is None or visit.first is None:
        return
    offer = next((offer for offer in visit.attempts if offer.dest_uid == dest.uid), None)
    if offer is None:
        return
    if status == "ANSWER":
        connect(visit, at, offer.dest_uid, offer.member, offer.interface)
    elif status == "NOANSWER" and offer.rang_out_at is None:
        offer.rang_out_at = at
    board.touch(visit.who.story)


def in_queue(visit: Visit) -> None:
    """The caller is in the queue itself now, or was refused there."""
    visit.outside, visit.first = False, None


def open_visit(caller: Channel) -> Visit | None:
    """The caller's stay that has not come to the queue itself yet."""
    visits = caller.story.visits if caller.story is not None else []
    return next((v for v in reversed(visits) if v.who is caller and v.outside and not v.left), None)


def connect(visit: Visit, at: float | None, agent_uid: str, member: str | None, interface: str | None) -> None:
    """The member has the caller, who by that has left the queue."""
    visit.connected, visit.connected_at = True, at
    visit.agent_uid, visit.member, visit.interface = agent_uid, member, interface
    if not visit.left:
        visit.left, visit.left_at = True, at
