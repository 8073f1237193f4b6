"""Transfers, parking and redirects: who sent whom where, and which calls became one by it."""

from __future__ import annotations

from cxcall.calls import kinds
from cxcall.calls.graph import Channel
from cxcall.calls.story import Move
from cxcall.calls.switchboard import Switchboard


def blind(board: Switchboard, event: kinds.BlindTransferred, at: float | None) -> None:
    by, who = board.channels.get(event.by_uid), board.channels.get(event.who_uid)
    story = next((channel.story for channel in (who, by) if channel is not None and channel.story is not None), None)
    if story is None:
        return
    name = event.by_channel or (by.name if by is not None else None)
    ok = event.result in (None, "Success")
    story.moves.append(Move("blind", at, by=name, by_uid=event.by_uid, who_uid=event.who_uid, to=event.exten, ok=ok))
    board.touch(story)


def attended(board: Switchboard, event: kinds.AttendedTransferred, at: float | None) -> None:
    first, second = board.channels.get(event.first_uid), board.channels.get(event.second_uid)
    who, target = board.channels.get(event.who_uid), board.channels.get(event.target_uid)
    involved = [
        channel for channel in (first, who, second, target) if channel is not None and channel.story is not None
    ]
    if not involved:
        return
    ok = event.result in (None, "Success") and event.dest != "Fail"
    asked = _consulted(board, second, target)
    if ok:
        for channel in involved[1:]:
            board.merge(involved[0].story, channel.story)
    story = involved[0].story
    if story is None:
        return
    # Nobody to be seen behind the target (it was a conference, say): Asterisk would have said App if it rang still.
    answered = event.dest != "App" and (not asked or any(channel.answered_at is not None for channel in asked))
    move = Move(
        "attended" if answered else "semi_attended", at, by=event.first_channel, by_uid=event.first_uid,
        who_uid=event.who_uid, to=event.second_exten or event.target_channel, ok=ok,
    )  # fmt: skip
    move.target = next((channel for channel in asked if channel.answered_at is not None), asked[0] if asked else None)
    story.moves.append(move)
    if ok:
        story.consulted.update(asked)
    board.touch(story)


def _consulted(board: Switchboard, second: Channel | None, target: Channel | None) -> list[Channel]:
    """The phones behind the target of an attended transfer: itself, those its Local half rings, those being dialled."""
    if target is not None and target.kind == "party":
        return [target]
    half = target.half if target is not None else None
    source = half if half is not None else second
    story = source.story if source is not None else None
    if story is None:
        return []
    return [c for c in story.channels if c.kind == "party" and c.dialled_by is source and c.ended_at is None]


def parking(board: Switchboard, event: kinds.ParkEvent, at: float | None) -> None:
    parked = board.channels.get(event.uid)
    if parked is None or parked.story is None:
        return
    if event.kind == "UnParkedCall":
        retriever = board.channels.get(event.retriever_uid)
        if retriever is not None:
            board.merge(parked.story, retriever.story)
    elif event.kind == "ParkedCall":
        by = board.channels.get(event.parker_uid)
        if by is parked:
            return
        move = Move(
            "park", at, by=by.name if by is not None else event.parker, by_uid=event.parker_uid, who_uid=event.uid,
            to=event.space, ok=True,
        )  # fmt: skip
        parked.story.moves.append(move)
    board.touch(parked.story)


def goes_on(board: Switchboard, channel: Channel, event: kinds.ChannelEvent, at: float | None) -> None:
    """A channel that left a talk acts elsewhere in the dialplan: a redirect, if nothing else explains it later."""
    if channel.seat is None or channel.bridge is not None or channel.story is None:
        return
    here = (event.context, event.exten)
    if (channel.moved_at is not None or channel.parted_at is not None) and here != channel.seat:
        moved_at = channel.moved_at if channel.moved_at is not None else channel.parted_at
        certain = channel.moved_at is not None
        move = Move("redirect", moved_at, by=None, by_uid="", who_uid=channel.uid, to=event.exten, ok=True)
        move.certain = certain
        channel.story.moves.append(move)
    channel.seat = channel.moved_at = channel.parted_at = None
