"""The graph of what is up in Asterisk: channels, the two halves of Local channels, bridges, and who hears whom.

A Local channel is a cable with two ends (`…;1` and `…;2`), each a channel of its own; when both ends are plugged into
bridges, the parties of both bridges hear each other, so a pair is one edge between bridges. When Asterisk optimises the
cable away, a real channel takes the place of one end within a millisecond: the parties never stopped to talk.
Helpers (spies, AudioSocket, announcers, stand-ins of a masquerade) may sit in bridges; they are nobody's party.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from cxcall.calls.story import Held, Story, Talk

Kind = Literal["party", "local", "helper"]

HELPER_CHANNELS = (
    "AudioSocket/", "Snoop/", "UnicastRTP/", "MulticastRTP/", "WebSocket/", "CBAnn/", "CBRec/", "ConfBridgeRecorder/",
    "Announcer/", "Recorder/", "AsyncGoto/", "Surrogate/", "Message/", "OutgoingSpoolFailed", "Bridge/", "Parking/",
    "Substitution/", "VoicemailPlayback", "AstDBVoice/",
)  # fmt: skip
HELPER_IDS = ("cxspy", "cxsup-", "cxsnoop-", "cxem-", "cxtest-")
"""Ids we give to the channels we make ourselves: to listen in, to try a survey, to record a prompt by phone."""


class Channel:
    """One channel, from birth to hang-up, with the times that tell its story."""

    __slots__ = (
        "answered_at", "apps", "asked_at", "asked_turn", "born_at", "bridge", "caller_name", "cause", "context",
        "dial_number", "dialled_at", "dialled_by", "ended_at", "exten", "found", "half", "hold", "kind", "moved_at",
        "name", "number", "outside", "parted_at", "queue_asked", "ringing_at", "seat", "statuses", "story", "talking",
        "tech_cause", "uid", "vanished_at",
    )  # fmt: skip

    def __init__(self, uid: str, name: str, kind: Kind, born_at: float | None) -> None:
        self.uid = uid
        self.name = name
        self.kind: Kind = kind
        self.born_at = born_at
        self.story: Story | None = None
        self.found = False
        self.number: str | None = None
        self.caller_name: str | None = None
        self.exten: str | None = None
        self.context: str | None = None
        self.outside = False
        self.dial_number: str | None = None
        self.dialled_at: float | None = None
        self.dialled_by: Channel | None = None
        self.ringing_at: float | None = None
        self.answered_at: float | None = None
        self.asked_at: float | None = None
        self.asked_turn = 0
        self.vanished_at: float | None = None
        self.moved_at: float | None = None
        self.ended_at: float | None = None
        self.cause: int | None = None
        self.tech_cause: str | None = None
        self.statuses: set[str] | None = None
        self.apps: set[str] | None = None
        self.half: Channel | None = None
        self.bridge: Bridge | None = None
        self.seat: tuple[str | None, str | None] | None = None
        self.hold: Held | None = None
        self.parted_at: float | None = None
        self.queue_asked: str | None = None
        self.talking: dict[Channel, Talk] = {}


class Bridge:
    """Who is plugged in. `joins`: a plain bridge of one call, not a conference, a parking lot or an application's."""

    __slots__ = ("deaf", "joins", "members", "uid")

    def __init__(self, uid: str, kind: str | None, technology: str | None) -> None:
        self.uid = uid
        self.joins = kind in (None, "basic")
        self.deaf = technology == "holding_bridge"
        self.members: dict[str, Channel] = {}

    def describe(self, kind: str | None, technology: str | None) -> None:
        """What a later event says about a bridge that was only known by its id."""
        self.joins = kind in (None, "basic")
        self.deaf = technology == "holding_bridge"


def kind_of(uid: str, name: str) -> Kind:
    """Phones and trunks are parties; Local halves and helpers never are."""
    if name.startswith("Local/"):
        return "helper" if uid.startswith(HELPER_IDS) else "local"
    if name.startswith(HELPER_CHANNELS) or uid.startswith(HELPER_IDS) or name.endswith("<ZOMBIE>"):
        return "helper"
    return "party"


def twin_name(name: str) -> str | None:
    """The name of a Local channel's other half, None for anything else."""
    if name.endswith(";1"):
        return name[:-1] + "2"
    return name[:-1] + "1" if name.endswith(";2") else None


def hears(bridge: Bridge) -> Iterator[Channel]:
    """Every party that hears this bridge, over any number of Local pairs."""
    if bridge.deaf:
        return
    seen = {bridge.uid}
    stack = [bridge]
    while stack:
        for channel in stack.pop().members.values():
            if channel.kind == "party":
                yield channel
            elif channel.kind == "local" and channel.half is not None:
                beyond = channel.half.bridge
                if beyond is not None and not beyond.deaf and beyond.uid not in seen:
                    seen.add(beyond.uid)
                    stack.append(beyond)


def enter(channel: Channel, bridge: Bridge, at: float | None) -> list[Channel]:
    """Plug a channel in; the parties it now joins, each with a talk opened. Idempotent."""
    if channel.bridge is bridge:
        return []
    if channel.bridge is not None:
        leave(channel, at)
    if channel.kind == "party":
        others = list(hears(bridge))
        _open_all([channel], others, at)
    elif channel.kind == "local" and channel.half is not None and channel.half.bridge is not None and not bridge.deaf:
        near = list(hears(bridge))
        others = [party for party in hears(channel.half.bridge) if party not in near]
        _open_all(near, others, at)
        others += near
    else:
        others = []
    bridge.members[channel.uid] = channel
    channel.bridge = bridge
    return others


def leave(channel: Channel, at: float | None) -> list[Channel]:
    """Unplug a channel: its talks end, and those over its Local pair. Gives the parties it parted."""
    bridge = channel.bridge
    if bridge is None:
        return []
    bridge.members.pop(channel.uid, None)
    channel.bridge = None
    if channel.kind == "party":
        others = list(channel.talking)
        for other in others:
            channel.talking[other].close(at)
        if others and bridge.joins:
            channel.parted_at = at
        return others
    if channel.kind != "local" or channel.half is None or channel.half.bridge is None:
        return []
    far = set(hears(channel.half.bridge))
    return [party for party in list(hears(bridge)) if party not in far and _part(party, far, at)]


def _part(party: Channel, far: set[Channel], at: float | None) -> bool:
    torn = [talk for other, talk in party.talking.items() if other in far]
    for talk in torn:
        talk.close(at)
    if torn:
        party.parted_at = at
    return bool(torn)


def _open_all(parties: list[Channel], others: list[Channel], at: float | None) -> None:
    for party in parties:
        for other in others:
            if other is not party and other not in party.talking:
                Talk.open(party, other, at)
