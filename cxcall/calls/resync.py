"""Streams that begin in the middle, gaps, and snapshots: what was up before anyone listened.

The listener writes markers into the stream (CxcallConnected, CxcallDisconnected, CxcallSnapshotStart,
CxcallSnapshotEnd). Between the snapshot markers Asterisk lists its channels, bridges and waiting callers. Then calls
not listed are over: talks count up to the last moment they were known, the call ends at the snapshot, and the gap says
what is not known.
"""

from __future__ import annotations

from cxcall.calls import kinds
from cxcall.calls.graph import Bridge, Channel
from cxcall.calls.numbers import born_by_id
from cxcall.calls.outcomes import offered_to
from cxcall.calls.rung_first import connect, in_queue
from cxcall.calls.story import Talk, Visit
from cxcall.calls.switchboard import Switchboard

DEAF_APPS = frozenset({"park", "parkedcall", "parkandannounce", "bridgewait"})
SPYING_APPS = frozenset({"chanspy", "extenspy"})
DIALLED_APPS = frozenset({"appdial", "appdial2", "appqueue"})
UP, RINGING = 6, 5


def seen(board: Switchboard, event: kinds.Seen, at: float | None) -> None:
    if board.snapshot is not None:
        board.snapshot.add(event.uid)
    channel = board.channels.get(event.uid)
    if channel is None:
        if event.app in SPYING_APPS:
            board.birth(event.uid, event.linked, event.channel or "", event.context, at, spies=True)
            return
        channel = board.channel(event, at)
        if channel is None:
            return
        if event.age is not None and at is not None:
            channel.born_at = at - event.age
            if channel.story is not None and channel.uid == channel.story.linked[0]:
                channel.story.began_at = channel.born_at
        if channel.dialled_at is None and event.app in DIALLED_APPS:
            channel.dialled_at = channel.born_at
        if event.state == RINGING and channel.ringing_at is None:
            channel.ringing_at = channel.born_at
    if event.state == UP and channel.answered_at is None:
        channel.answered_at = at
    if event.bridge is not None or board.snapshot is not None:
        _seat(board, channel, event, at)


def _seat(board: Switchboard, channel: Channel, event: kinds.Seen, at: float | None) -> None:
    """Put a channel where the snapshot saw it; what it left meanwhile, it left when the listener went away."""
    here = channel.bridge.uid if channel.bridge is not None else None
    if here == event.bridge:
        return
    board.unplug(channel, board.away_since if board.away_since is not None else at)
    if event.bridge is None:
        return
    kind, technology = board.bridge_kinds.get(event.bridge, (None, None))
    if event.app in DEAF_APPS:
        technology = technology or "holding_bridge"
    bridge = board.bridges.get(event.bridge) or board.bridge(event.bridge, kind or "unknown", technology)
    board.plug(channel, bridge, at)
    _who_rang_whom(bridge)


def _who_rang_whom(bridge: Bridge) -> None:
    """A rung phone that shares its bridge with a Local half was rung over it: so a queue's member has a face."""
    half = next((channel for channel in bridge.members.values() if channel.kind == "local"), None)
    for channel in bridge.members.values():
        if half is not None and channel.kind == "party" and channel.found and channel.dialled_at is not None:
            channel.dialled_by = channel.dialled_by or half


def seen_bridge(board: Switchboard, event: kinds.SeenBridge, at: float | None) -> None:
    board.bridge_kinds[event.bridge] = (event.kind, event.technology)
    known = board.bridges.get(event.bridge)
    if known is not None:
        known.describe(event.kind, event.technology)
    if board.snapshot is None and len(board.bridge_kinds) > 10_000:
        board.bridge_kinds.clear()


def seen_waiting(board: Switchboard, event: kinds.SeenWaiting, at: float | None) -> None:
    caller = board.channel(event, at)
    if caller is None or caller.story is None:
        return
    if board.snapshot is not None:
        board.seen_waiting.add((event.uid, event.queue))
    if any(v.who is caller and v.queue == event.queue and not v.left for v in caller.story.visits):
        return
    joined_at = None if at is None or event.waited is None else at - event.waited
    born_at = born_by_id(event.uid, at)
    if joined_at is not None and born_at is not None:
        joined_at = max(joined_at, born_at)  # the wait is told in whole seconds
    caller.story.visits.append(Visit(caller, event.queue, joined_at, event.position))
    caller.story.not_younger_than(joined_at)
    board.touch(caller.story, show=True)


def left_unseen(board: Switchboard, channel: Channel, event: kinds.Left, at: float | None) -> None:
    """A channel leaves a bridge nobody saw it enter: whoever leaves the same one after it heard it until now."""
    story = channel.story
    if story is None or channel.kind != "party" or event.technology == "holding_bridge":
        return
    before = story.unseen.setdefault(event.bridge, [])
    for other, left_at in before:
        talk = Talk(other, channel, None)
        talk.until, talk.over = left_at, True
        story.talks.append(talk)
    before.append((channel, at))
    board.touch(story)


def marker(board: Switchboard, event: kinds.Marker, at: float | None) -> None:
    if event.kind == "CxcallDisconnected":
        if board.away_since is None:  # else a session came and went without a snapshot
            board.away_since = at
    elif event.kind == "CxcallConnected":
        if board.away_since is None:
            board.away_since = board.heard_at  # the listener itself was killed: it could not say so
    elif event.kind == "CxcallSnapshotStart":
        board.snapshot = set()
        board.seen_waiting.clear()
    elif board.snapshot is not None:
        _settle(board, board.snapshot, at)
        board.snapshot, board.away_since = None, None
        board.bridge_kinds.clear()


def _settle(board: Switchboard, up: set[str], at: float | None) -> None:
    since = board.away_since
    if since is not None:
        for story in board.stories():
            if story.lived_through(since):
                story.gaps.append((since, at))
                board.touch(story)
    for channel in [channel for channel in board.channels.values() if channel.uid not in up]:
        board.bury(channel, at, parted_at=since)
    for story in board.stories():
        for visit in story.visits:
            if visit.outside and (visit.who.uid, visit.queue) in board.seen_waiting:
                in_queue(visit)
            elif not visit.left and (visit.who.uid, visit.queue) not in board.seen_waiting:
                _left_unseen_queue(visit, since, at)
                board.touch(story)


def _left_unseen_queue(visit: Visit, since: float | None, at: float | None) -> None:
    """A visit that ended while no one listened: who talks now with somebody the queue rang was connected meanwhile."""
    rung = {attempt.dest_uid: attempt for attempt in visit.attempts}
    for other in visit.who.talking:
        offer = rung.get(offered_to(other, set(rung)) or "")
        if offer is not None:
            connect(visit, at, offer.dest_uid, offer.member, offer.interface)
            return
    if not visit.outside:
        visit.left, visit.left_at = True, since


def booted(board: Switchboard, event: kinds.Booted, at: float | None) -> None:
    """Channels older than Asterisk itself did not survive its restart; their calls ended while no one listened."""
    if at is None or event.uptime is None:
        return
    since, up_since = board.away_since, at - event.uptime - 1  # uptime is told in whole seconds
    if since is not None and up_since < since:
        return  # it was up all the while, or for so long that the snapshot that follows tells the rest
    if since is not None:
        for story in board.stories():
            if story.began_at is not None and story.began_at < up_since and story.lived_through(since):
                story.gaps.append((since, up_since))
    for channel in [c for c in board.channels.values() if c.born_at is not None and c.born_at < up_since]:
        board.bury(channel, up_since, parted_at=board.away_since)


def shut_down(board: Switchboard, event: kinds.ShutDown, at: float | None) -> None:
    for channel in list(board.channels.values()):
        board.bury(channel, at)
