"""Queue events: visits of callers, offers to members.

A visit is keyed by caller, queue and join time: the same caller may come back to the same queue. `Channel` in all queue
events is the caller's; for a call-back that keeps its place it is a Local half that stands in for the caller.
"""

from __future__ import annotations

from cxcall.calls import kinds, transferring
from cxcall.calls.graph import Channel
from cxcall.calls.rung_first import connect, in_queue, open_visit
from cxcall.calls.story import Attempt, Visit
from cxcall.calls.switchboard import Switchboard

REFUSALS = frozenset({"FULL", "JOINEMPTY", "JOINUNAVAIL", "LEAVEEMPTY", "LEAVEUNAVAIL"})


def joined(board: Switchboard, event: kinds.Joined, at: float | None) -> None:
    caller = board.channel(event, at)
    if caller is None or caller.story is None:
        return
    waiting = _waiting(caller, event.queue)
    elsewhere = open_visit(caller)
    if elsewhere is not None and elsewhere is not waiting:
        elsewhere.left, elsewhere.left_at = True, at
    if waiting is not None:
        waiting.position = waiting.position or event.position
        caller.queue_asked = None
        in_queue(waiting)
        board.touch(caller.story)
        return
    caller.story.visits.append(Visit(caller, event.queue, at, event.position))
    caller.queue_asked = None
    if caller.story.exten is None and caller.story.originated and caller is caller.story.channels[0]:
        caller.story.exten = event.exten
    transferring.goes_on(board, caller, event, at)
    board.touch(caller.story, show=True)


def left(board: Switchboard, event: kinds.LeftQueue, at: float | None) -> None:
    visit = _visit(board, event.uid, event.queue)
    if visit is not None and not visit.left:
        visit.left, visit.left_at = True, at
        board.touch(visit.who.story)


def abandoned(board: Switchboard, event: kinds.Abandoned, at: float | None) -> None:
    visit = _visit(board, event.uid, event.queue)
    if visit is not None:
        visit.abandoned = True
        board.touch(visit.who.story)


def status(board: Switchboard, event: kinds.QueueStatus, at: float | None) -> None:
    caller = board.channel(event, at)
    if caller is None or caller.story is None:
        return
    visit = next((v for v in reversed(caller.story.visits) if v.who is caller), None)
    refused = open_visit(caller)
    if refused is not None and caller.queue_asked == refused.queue and event.status in REFUSALS:
        in_queue(refused)
        refused.status, refused.left, refused.left_at = event.status, True, at
    elif visit is not None and not visit.settled() and caller.queue_asked is None:
        visit.status = event.status
    elif event.status in REFUSALS:
        visit = Visit(caller, caller.queue_asked or "unknown", at, None)
        visit.status, visit.left, visit.left_at = event.status, True, at
        caller.story.visits.append(visit)
    else:
        return
    caller.queue_asked = None
    board.touch(caller.story, show=True)


def offered(board: Switchboard, event: kinds.Offered, at: float | None) -> None:
    visit = _visit_or_found(board, event, at)
    if visit is None or any(attempt.dest_uid == event.dest_uid for attempt in visit.attempts if event.dest_uid):
        return
    dest = board.dest(event)
    if dest is not None:
        dest.dialled_by = dest.dialled_by or visit.who
        if dest.dialled_at is None:
            dest.dialled_at = at
    _know(board, event)
    visit.attempts.append(Attempt(at, event.dest_uid, event.member, event.interface))
    board.touch(visit.who.story)


def rang_out(board: Switchboard, event: kinds.RangOut, at: float | None) -> None:
    visit = _visit(board, event.uid, event.queue)
    if visit is None:
        return
    for attempt in visit.attempts:
        if attempt.dest_uid == event.dest_uid and attempt.rang_out_at is None:
            attempt.rang_out_at = at
            board.touch(visit.who.story)


def connected(board: Switchboard, event: kinds.Connected, at: float | None) -> None:
    visit = _visit_or_found(board, event, at, waited=event.waited)
    if visit is None or visit.connected:
        return
    _know(board, event)
    connect(visit, at, event.dest_uid, event.member, event.interface)
    board.dest(event)
    board.touch(visit.who.story)


def named(board: Switchboard, event: kinds.MemberNamed, at: float | None) -> None:
    """Asked for after every login, so that who is rung past the queue has a name from the first call on."""
    board.members[event.interface] = event.member


def _know(board: Switchboard, event: kinds.AgentEvent) -> None:
    """What members are called, for when they are rung past the queue."""
    if event.member and event.interface:
        board.members[event.interface] = event.member


def completed(board: Switchboard, event: kinds.Completed, at: float | None) -> None:
    caller = board.channels.get(event.uid)
    if caller is None or caller.story is None:
        return
    visit = _visit(board, event.uid, event.queue) or _by_member(caller, event)
    if visit is not None:
        if visit.completed_at is None:
            visit.completed_at, visit.reason = at, event.reason
            if not visit.connected:  # AgentConnect was missed
                since = None if at is None or event.talked is None else at - event.talked
                connect(visit, since, event.dest_uid, event.member, event.interface)
            board.touch(caller.story)
        return
    if not caller.found or at is None or event.talked is None:
        return
    # The stream began while they talked: the queue tells now, in whole seconds, how it came to this.
    start = at - event.talked
    visit = Visit(caller, event.queue, None if event.waited is None else start - event.waited, None)
    connect(visit, start, event.dest_uid, event.member, event.interface)
    visit.completed_at, visit.reason = at, event.reason
    caller.story.visits.append(visit)
    caller.story.not_younger_than(visit.joined_at)
    board.touch(caller.story, show=True)


def _visit(board: Switchboard, uid: str, queue: str) -> Visit | None:
    """The caller's newest visit to this queue."""
    caller = board.channels.get(uid)
    if caller is None or caller.story is None:
        return None
    return next((v for v in reversed(caller.story.visits) if v.who is caller and v.queue == queue), None)


def _by_member(caller: Channel, event: kinds.Completed) -> Visit | None:
    """After optimisation AgentComplete names the real channel instead of the Local half that waited."""
    visits = caller.story.visits if caller.story is not None else []
    return next((v for v in visits if v.queue == event.queue and v.interface == event.interface and v.connected), None)


def _waiting(caller: Channel, queue: str) -> Visit | None:
    visits = caller.story.visits if caller.story is not None else []
    return next((v for v in visits if v.who is caller and v.queue == queue and not v.left and not v.connected), None)


def _visit_or_found(
    board: Switchboard, event: kinds.AgentEvent, at: float | None, *, waited: int | None = None
) -> Visit | None:
    """The visit, or, when the stream began after its join, one made from what the event tells."""
    visit = _visit(board, event.uid, event.queue)
    if visit is not None and not visit.connected:
        return visit
    caller = board.channel(event, at)
    if caller is None or caller.story is None or (visit is not None and not caller.found):
        return visit
    joined_at = None if waited is None or at is None else at - waited
    visit = Visit(caller, event.queue, joined_at, None)
    caller.story.visits.append(visit)
    caller.story.not_younger_than(joined_at)
    board.touch(caller.story, show=True)
    return visit
