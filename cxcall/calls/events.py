"""Typed events: what the tracker wants to know, read from the header dicts of AMI messages.

`read` takes one message (header → string, or list of strings where a header repeats) and gives a typed event, or None
for whatever the tracker has no use for. It never raises: foreign input that lacks what an event needs gives None.
Names of headers: Asterisk's AMI event reference; the same on 16 to 22 for all that is read here.

Times are floats, seconds since the epoch (UTC), from `Timestamp` (needs `timestampevents=yes`), else `at` as given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cxcall.calls.kinds import (
    Abandoned,
    Application,
    AttendedTransferred,
    BlindTransferred,
    Booted,
    Completed,
    Connected,
    Dialing,
    Dialled,
    DialState,
    Entered,
    Event,
    HangUp,
    HangupAsked,
    HeldBy,
    Joined,
    Left,
    LeftQueue,
    LocalPair,
    Marker,
    MemberNamed,
    NewChannel,
    NewState,
    Offered,
    Originated,
    ParkEvent,
    PickedUp,
    RangOut,
    Renamed,
    Seen,
    SeenBridge,
    SeenWaiting,
    ShutDown,
    SoftHangup,
    Spying,
    UnheldBy,
)
from cxcall.calls.variables import VARIABLES, said

Message = Mapping[str, str | list[str]]

UNKNOWN = frozenset({"", "<unknown>", "unknown"})
LATEST = 32503680000.0  # year 3000: a clock beyond it is garbage, and datetime would overflow

SERVED_BY_MACHINE = frozenset(
    {
        "background", "backgrounddetect", "directory", "echo", "ivrdemo", "milliwatt", "musiconhold", "playback",
        "playtones", "read", "readexten", "record", "saydigits", "sayalpha", "saynumber", "voicemailmain", "waitexten",
        "agi", "eagi", "deadagi", "stasis", "audiosocket", "speechbackground", "controlplayback",
    }
)  # fmt: skip
VOICEMAIL = frozenset({"voicemail", "minivmrecord", "minivmgreet", "vmsayname"})
SPIES = frozenset({"chanspy", "extenspy"})
APPLICATIONS = SERVED_BY_MACHINE | VOICEMAIL | SPIES | {"queue", "dial"}
"""Dialplan applications, in lower case, that say something about a call; Newexten of any other is not an event."""


def read(message: Message, at: float | None = None) -> Event | None:
    """The typed event of an AMI message, or None when the tracker does not want it or it lacks what it needs.

    `at` is the time of an event without a `Timestamp` of its own.
    """
    name = message.get("Event")
    reader = _READERS.get(name) if isinstance(name, str) else None
    if reader is None:
        return None
    stamp = message.get("Timestamp")
    if stamp is not None:
        at = moment(stamp) or at
    return reader(message, at)


def moment(stamp: Any) -> float | None:
    """A `Timestamp` header as seconds since the epoch; None for anything that is no time."""
    try:
        at = float(stamp)
    except (TypeError, ValueError):
        return None
    return at if 0.0 < at < LATEST else None


def text(message: Message, key: str) -> str | None:
    """A header's value, the first one where it repeats; None when empty or unknown."""
    value: Any = message.get(key)
    if value.__class__ is str:
        return None if value in UNKNOWN else value
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    elif isinstance(value, (int, float)):
        value = str(value)
    return value if isinstance(value, str) and value not in UNKNOWN else None


def whole(message: Message, key: str) -> int | None:
    """A header's whole number, None when it is none or out of all reason."""
    value = text(message, key)
    if value is None or len(value) > 12:
        return None
    try:
        return int(value)
    except ValueError:
        return None


_Snapshot = tuple[str, str | None, str | None, str | None, str | None, str | None, str | None]


def _channel(m: Message) -> _Snapshot | None:
    uid = text(m, "Uniqueid")
    if uid is None:
        return None
    return (
        uid, text(m, "Linkedid"), text(m, "Channel"), text(m, "CallerIDNum"), text(m, "CallerIDName"),
        text(m, "Exten"), text(m, "Context"),
    )  # fmt: skip


_NOBODY: _Snapshot = ("", None, None, None, None, None, None)
_Pair = tuple[str, str | None, str | None, str | None, str | None, str | None]


def _dest(m: Message) -> _Pair:
    return (
        text(m, "DestUniqueid") or "", text(m, "DestLinkedid"), text(m, "DestChannel"),
        text(m, "DestCallerIDNum"), text(m, "DestCallerIDName"), text(m, "DestContext"),
    )  # fmt: skip


def _plain(make: Callable[..., Event]) -> Callable[[Message, float | None], Event | None]:
    def reader(m: Message, at: float | None) -> Event | None:
        who = _channel(m)
        return None if who is None else make(at, *who)

    return reader


def _new_state(m: Message, at: float | None) -> Event | None:
    who, state = _channel(m), whole(m, "ChannelState")
    return None if who is None or state is None else NewState(at, *who, state)


def _application(m: Message, at: float | None) -> Event | None:
    app = (text(m, "Application") or "").lower()
    if app not in APPLICATIONS:
        return None
    who = _channel(m)
    return None if who is None else Application(at, *who, app, text(m, "AppData") or "")


def _soft_hangup(m: Message, at: float | None) -> Event | None:
    uid = text(m, "Uniqueid")
    return None if uid is None else SoftHangup(at, uid, whole(m, "Cause") or 0)


def _hangup(m: Message, at: float | None) -> Event | None:
    uid = text(m, "Uniqueid")
    return None if uid is None else HangUp(at, uid, whole(m, "Cause"), text(m, "TechCause"))


def _bridged(make: type[Entered] | type[Left]) -> Callable[[Message, float | None], Event | None]:
    def reader(m: Message, at: float | None) -> Event | None:
        who, bridge = _channel(m), text(m, "BridgeUniqueid")
        if who is None or bridge is None:
            return None
        return make(at, *who, bridge, text(m, "BridgeType"), text(m, "BridgeTechnology"))

    return reader


def _joined(m: Message, at: float | None) -> Event | None:
    who, queue = _channel(m), text(m, "Queue")
    return None if who is None or queue is None else Joined(at, *who, queue, whole(m, "Position"))


def _left_queue(m: Message, at: float | None) -> Event | None:
    uid, queue = text(m, "Uniqueid"), text(m, "Queue")
    return None if uid is None or queue is None else LeftQueue(at, uid, queue)


def _abandoned(m: Message, at: float | None) -> Event | None:
    uid, queue = text(m, "Uniqueid"), text(m, "Queue")
    return None if uid is None or queue is None else Abandoned(at, uid, queue, whole(m, "HoldTime"))


def _variable(m: Message, at: float | None) -> Event | None:
    name = m.get("Variable")
    if name not in VARIABLES:
        return None
    who, value = _channel(m), text(m, "Value")
    return None if who is None or value is None else said(str(name), value, who, at)


def _dialing(m: Message, at: float | None) -> Event | None:
    dest = _dest(m)
    return Dialing(at, *(_channel(m) or _NOBODY), *dest, text(m, "DialString")) if dest[0] else None


def _dial_status(make: type[DialState] | type[Dialled]) -> Callable[[Message, float | None], Event | None]:
    def reader(m: Message, at: float | None) -> Event | None:
        dest, status = text(m, "DestUniqueid"), text(m, "DialStatus")
        return make(at, dest, status) if dest and status else None

    return reader


def _member(m: Message) -> tuple[str, str | None, str | None] | None:
    queue = text(m, "Queue")
    return None if queue is None else (queue, text(m, "MemberName"), text(m, "Interface"))


def _agent(make: Callable[..., Event], *whole_seconds: str) -> Callable[[Message, float | None], Event | None]:
    def reader(m: Message, at: float | None) -> Event | None:
        who, member = _channel(m), _member(m)
        if who is None or member is None:
            return None
        return make(at, *who, *_dest(m), *member, *[whole(m, key) for key in whole_seconds])

    return reader


def _member_named(m: Message, at: float | None) -> Event | None:
    interface, name = text(m, "Interface") or text(m, "Location"), text(m, "MemberName") or text(m, "Name")
    return MemberNamed(at, interface, name) if interface and name else None


def _rang_out(m: Message, at: float | None) -> Event | None:
    uid, dest, queue = text(m, "Uniqueid"), text(m, "DestUniqueid"), text(m, "Queue")
    return None if uid is None or dest is None or queue is None else RangOut(at, uid, dest, queue)


def _completed(m: Message, at: float | None) -> Event | None:
    uid, member = text(m, "Uniqueid"), _member(m)
    if uid is None or member is None:
        return None
    dest = text(m, "DestUniqueid") or ""
    return Completed(at, uid, dest, *member, text(m, "Reason"), whole(m, "HoldTime"), whole(m, "TalkTime"))


def _blind(m: Message, at: float | None) -> Event | None:
    return BlindTransferred(
        at, text(m, "Result"), text(m, "TransfererUniqueid") or "", text(m, "TransfererChannel"),
        text(m, "TransfereeUniqueid") or "", text(m, "Extension"),
    )  # fmt: skip


def _attended(m: Message, at: float | None) -> Event | None:
    return AttendedTransferred(
        at, text(m, "Result"), text(m, "OrigTransfererUniqueid") or "", text(m, "OrigTransfererChannel"),
        text(m, "SecondTransfererUniqueid") or "", text(m, "SecondTransfererExten"),
        text(m, "TransfereeUniqueid") or "",
        text(m, "TransferTargetUniqueid") or "", text(m, "TransferTargetChannel"), text(m, "DestType"),
    )  # fmt: skip


def _park(m: Message, at: float | None) -> Event | None:
    uid = text(m, "ParkeeUniqueid")
    if uid is None:
        return None
    return ParkEvent(
        at, text(m, "Event") or "", uid, text(m, "ParkingSpace"), text(m, "ParkerDialString"),
        text(m, "ParkerUniqueid") or "", text(m, "RetrieverUniqueid") or "",
    )  # fmt: skip


def _picked_up(m: Message, at: float | None) -> Event | None:
    who, target = _channel(m), text(m, "TargetUniqueid")
    return None if who is None or target is None else PickedUp(at, *who, target)


def _spying(m: Message, at: float | None) -> Event | None:
    spyer = text(m, "SpyerUniqueid")
    return None if spyer is None else Spying(at, spyer, text(m, "SpyeeUniqueid") or "")


def _originated(m: Message, at: float | None) -> Event | None:
    uid = text(m, "Uniqueid")
    return Originated(at, "" if uid in (None, "<null>") else uid, text(m, "Channel"), text(m, "Exten"))


def _local_pair(m: Message, at: float | None) -> Event | None:
    one, two = text(m, "LocalOneUniqueid"), text(m, "LocalTwoUniqueid")
    if one is None or two is None:
        return None
    return LocalPair(at, one, text(m, "LocalOneLinkedid"), text(m, "LocalOneChannel"), two, text(m, "LocalTwoChannel"))


def _renamed(m: Message, at: float | None) -> Event | None:
    uid, channel = text(m, "Uniqueid"), text(m, "Newname")
    return None if uid is None or channel is None else Renamed(at, uid, channel)


def _seen(m: Message, at: float | None) -> Event | None:
    who = _channel(m)
    if who is None:
        return None
    app = text(m, "Application")
    return Seen(
        at, *who, whole(m, "ChannelState") or 0, text(m, "BridgeId") or text(m, "BridgeID"),
        app and app.lower(), seconds_of(text(m, "Duration")),
    )  # fmt: skip


def _seen_bridge(m: Message, at: float | None) -> Event | None:
    bridge = text(m, "BridgeUniqueid")
    return None if bridge is None else SeenBridge(at, bridge, text(m, "BridgeType"), text(m, "BridgeTechnology"))


def _seen_waiting(m: Message, at: float | None) -> Event | None:
    who, queue = _channel(m), text(m, "Queue")
    if who is None or queue is None:
        return None
    return SeenWaiting(at, *who, queue, whole(m, "Position"), whole(m, "Wait"))


def _booted(m: Message, at: float | None) -> Event | None:
    return Booted(at, seconds_of(text(m, "Uptime")))


def seconds_of(clock: str | None) -> float | None:
    """`HH:MM:SS` or plain seconds; None for anything else."""
    if clock is None or len(clock) > 24:
        return None
    try:
        total = 0.0
        for part in clock.split(":"):
            total = total * 60 + float(part)
    except ValueError:
        return None
    return total if 0 <= total < LATEST else None


_READERS: dict[str, Callable[[Message, float | None], Event | None]] = {
    "Newchannel": _plain(NewChannel),
    "Newstate": _new_state,
    "Newexten": _application,
    "HangupRequest": _plain(HangupAsked),
    "SoftHangupRequest": _soft_hangup,
    "Hangup": _hangup,
    "Rename": _renamed,
    "LocalBridge": _local_pair,
    "BridgeEnter": _bridged(Entered),
    "BridgeLeave": _bridged(Left),
    "Hold": _plain(HeldBy),
    "Unhold": _plain(UnheldBy),
    "DialBegin": _dialing,
    "DialState": _dial_status(DialState),
    "DialEnd": _dial_status(Dialled),
    "QueueCallerJoin": _joined,
    "QueueCallerLeave": _left_queue,
    "QueueCallerAbandon": _abandoned,
    "QueueMember": _member_named,
    "QueueMemberAdded": _member_named,
    "AgentCalled": _agent(Offered),
    "AgentRingNoAnswer": _rang_out,
    "AgentConnect": _agent(Connected, "HoldTime"),
    "AgentComplete": _completed,
    "VarSet": _variable,
    "BlindTransfer": _blind,
    "AttendedTransfer": _attended,
    "ParkedCall": _park,
    "UnParkedCall": _park,
    "ParkedCallTimeOut": _park,
    "ParkedCallGiveUp": _park,
    "Pickup": _picked_up,
    "ChanSpyStart": _spying,
    "ChanSpyStop": _spying,
    "OriginateResponse": _originated,
    "CoreShowChannel": _seen,
    "BridgeListItem": _seen_bridge,
    "QueueEntry": _seen_waiting,
    "FullyBooted": _booted,
    "Shutdown": lambda _, at: ShutDown(at),
    "CxcallConnected": lambda _, at: Marker(at, "CxcallConnected"),
    "CxcallDisconnected": lambda _, at: Marker(at, "CxcallDisconnected"),
    "CxcallSnapshotStart": lambda _, at: Marker(at, "CxcallSnapshotStart"),
    "CxcallSnapshotEnd": lambda _, at: Marker(at, "CxcallSnapshotEnd"),
}

WANTED: frozenset[str] = frozenset(_READERS)
"""Names of the AMI events the tracker uses; an edge may drop all others unparsed, of VarSet all but VARIABLES, and
of Newexten all but APPLICATIONS."""
