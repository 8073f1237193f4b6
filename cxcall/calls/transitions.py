"""What each event does to the switchboard, as a table from event type to transition.

Every transition takes (board, event, at) and only gathers facts. Headers and their traps: docs/decisions/0010.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cxcall.calls import kinds, queueing, resync, rung_first, transferring
from cxcall.calls.directions import endpoint
from cxcall.calls.graph import Channel
from cxcall.calls.numbers import dialled_number
from cxcall.calls.story import Story
from cxcall.calls.switchboard import Switchboard, begin_hold, describe, end_hold, pair

RINGING, UP = 5, 6
REDIRECTED = 2
"""Bit of SoftHangupRequest's Cause: Asterisk takes the channel out of what it does, to go on elsewhere."""
GONE = 1
"""The other bit that tells something: the device is lost (no RTP), or its leg is no longer needed."""


def new_channel(board: Switchboard, event: kinds.NewChannel, at: float | None) -> None:
    channel = board.channels.get(event.uid)
    if channel is None:
        if event.channel is None:
            return
        channel = board.birth(event.uid, event.linked, event.channel, event.context, at)
    describe(channel, event.number, event.name, event.exten)


def new_state(board: Switchboard, event: kinds.NewState, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is None:
        return
    if event.state == RINGING and channel.ringing_at is None:
        channel.ringing_at = at
    elif event.state == UP and channel.answered_at is None:
        channel.answered_at = at
    else:
        return
    board.touch(channel.story)


def application(board: Switchboard, event: kinds.Application, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is None or channel.story is None:
        return
    if channel.apps is None:
        channel.apps = set()
    channel.apps.add(event.app)
    if event.app == "queue":
        channel.queue_asked = event.data.partition(",")[0] or None
    acts(board, channel, event, at)


def acts(board: Switchboard, channel: Channel, event: kinds.ChannelEvent, at: float | None) -> None:
    """A channel does something in the dialplan: where it got to tells what was asked for, and of redirects."""
    story = channel.story
    if story is None or event.exten is None or event.exten == "s":
        return
    if story.exten is None and story.originated and channel is story.channels[0]:
        story.exten = event.exten
    describe(channel, event.number, event.name, event.exten)
    transferring.goes_on(board, channel, event, at)


def hangup_asked(board: Switchboard, event: kinds.HangupAsked, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is not None and channel.asked_at is None:
        channel.asked_at, channel.asked_turn = at, board.turn
        board.touch(channel.story)


def soft_hangup(board: Switchboard, event: kinds.SoftHangup, at: float | None) -> None:
    channel = board.channels.get(event.uid)
    if channel is None:
        return
    if event.flag & REDIRECTED:
        channel.moved_at = at
    elif event.flag & GONE and channel.vanished_at is None:
        channel.vanished_at = at


def hang_up(board: Switchboard, event: kinds.HangUp, at: float | None) -> None:
    channel = board.channels.get(event.uid)
    if channel is None:
        return
    channel.cause = event.cause
    channel.tech_cause = event.tech_cause
    board.bury(channel, at)


def entered(board: Switchboard, event: kinds.Entered, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is None:
        return
    bridge = board.bridge(event.bridge, event.kind, event.technology)
    if channel.exten is None:
        describe(channel, event.number, event.name, event.exten)
    if channel.story is not None and not bridge.joins:
        acts(board, channel, event, at)
    channel.seat = (event.context, event.exten)
    channel.parted_at = channel.moved_at = None
    board.plug(channel, bridge, at)


def left(board: Switchboard, event: kinds.Left, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is None:
        return
    if channel.bridge is not None and channel.bridge.uid == event.bridge:
        board.unplug(channel, at)
    elif channel.bridge is None and channel.found:
        resync.left_unseen(board, channel, event, at)


def held(board: Switchboard, event: kinds.HeldBy, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is not None:
        begin_hold(channel, at)
        board.touch(channel.story)


def unheld(board: Switchboard, event: kinds.UnheldBy, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is not None and channel.hold is not None:
        end_hold(channel, at)
        board.touch(channel.story)


def dialing(board: Switchboard, event: kinds.Dialing, at: float | None) -> None:
    dest = board.dest(event)
    if dest is None:
        return
    source = board.channel(event, at) if event.uid else None
    if dest.dialled_at is None:
        dest.dialled_at = at
        dest.dial_number = dialled_number(event.dialled)
    if source is not None and source is not dest:
        dest.dialled_by = source
        rung_first.dialling(board, source, dest, at)
        acts(board, source, event, at)
    elif dest.story is not None and dest is dest.story.channels[0]:
        dest.story.originated = True
    board.touch(dest.story)


def dial_state(board: Switchboard, event: kinds.DialState, at: float | None) -> None:
    channel = board.channels.get(event.uid)
    if channel is not None and event.status == "RINGING" and channel.ringing_at is None:
        channel.ringing_at = at
        board.touch(channel.story)


def dialled(board: Switchboard, event: kinds.Dialled, at: float | None) -> None:
    channel = board.channels.get(event.uid)
    if channel is None:
        return
    if channel.statuses is None:
        channel.statuses = set()
    channel.statuses.add(event.status)
    if event.status == "ANSWER" and channel.answered_at is None:
        channel.answered_at = at
    rung_first.dialled(board, channel, event.status, at)
    board.touch(channel.story)


def blocked(board: Switchboard, event: kinds.Blocked, at: float | None) -> None:
    channel = board.channel(event, at)
    if channel is not None and channel.story is not None:
        channel.story.blocked = True
        board.touch(channel.story)


def local_pair(board: Switchboard, event: kinds.LocalPair, at: float | None) -> None:
    one, two = board.channels.get(event.one_uid), board.channels.get(event.two_uid)
    if one is not None and two is not None:
        pair(one, two)


def picked_up(board: Switchboard, event: kinds.PickedUp, at: float | None) -> None:
    taker, target = board.channel(event, at), board.channels.get(event.target_uid)
    if taker is not None and target is not None:
        if taker.dialled_by is None:
            taker.dialled_by = target.dialled_by
        board.merge(taker.story, target.story)


def spying(board: Switchboard, event: kinds.Spying, at: float | None) -> None:
    spyer, spyee = board.channels.get(event.spyer_uid), board.channels.get(event.spyee_uid)
    if spyer is None or spyer.kind == "helper":
        return
    into = spyee.story if spyee is not None else None
    behind = [] if spyer.half is None or spyer.half.bridge is None else list(spyer.half.bridge.members.values())
    for channel in [spyer, *behind, *([] if spyer.half is None else [spyer.half])]:
        if channel.kind != "helper":
            board.dismiss(channel, into)


def originated(board: Switchboard, event: kinds.Originated, at: float | None) -> None:
    channel = board.channels.get(event.uid) if event.uid else _rung_for(board, event.channel)
    late = None if event.uid else board.unanswered.pop(event.channel or "", None)
    story = late if channel is None else channel.story
    if story is None or (story is late and not _just_ended(late, at)):
        return
    story.originated = True
    if event.exten not in (None, "s"):  # also where the dialplan was ahead of us: what it dials is not what was asked
        story.exten = event.exten
    board.touch(story)


def _just_ended(story: Story, at: float | None) -> bool:
    return at is None or story.ended_at is None or abs(at - story.ended_at) <= 1.0


def _rung_for(board: Switchboard, device: str | None) -> Channel | None:
    """The one channel that a failed Originate (which names only its device) can have rung."""
    rung = [
        channel
        for channel in board.channels.values()
        if endpoint(channel.name) == device and channel.story is not None and channel.story.originated
    ]
    return rung[0] if len(rung) == 1 and rung[0].answered_at is None else None


TRANSITIONS: dict[type[kinds.Event], Callable[[Switchboard, Any, float | None], None]] = {
    kinds.NewChannel: new_channel,
    kinds.NewState: new_state,
    kinds.Application: application,
    kinds.HangupAsked: hangup_asked,
    kinds.SoftHangup: soft_hangup,
    kinds.HangUp: hang_up,
    kinds.Entered: entered,
    kinds.Left: left,
    kinds.HeldBy: held,
    kinds.UnheldBy: unheld,
    kinds.Dialing: dialing,
    kinds.DialState: dial_state,
    kinds.Dialled: dialled,
    kinds.LocalPair: local_pair,
    kinds.PickedUp: picked_up,
    kinds.Spying: spying,
    kinds.Originated: originated,
    kinds.Joined: queueing.joined,
    kinds.LeftQueue: queueing.left,
    kinds.Abandoned: queueing.abandoned,
    kinds.QueueStatus: queueing.status,
    kinds.Blocked: blocked,
    kinds.RungFirst: rung_first.rung_first,
    kinds.MemberNamed: queueing.named,
    kinds.Offered: queueing.offered,
    kinds.RangOut: queueing.rang_out,
    kinds.Connected: queueing.connected,
    kinds.Completed: queueing.completed,
    kinds.BlindTransferred: transferring.blind,
    kinds.AttendedTransferred: transferring.attended,
    kinds.ParkEvent: transferring.parking,
    kinds.Seen: resync.seen,
    kinds.SeenBridge: resync.seen_bridge,
    kinds.SeenWaiting: resync.seen_waiting,
    kinds.Marker: resync.marker,
    kinds.Booted: resync.booted,
    kinds.ShutDown: resync.shut_down,
}
