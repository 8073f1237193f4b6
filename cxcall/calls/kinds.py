"""The kinds of event the tracker knows, one frozen class each; `events.read` makes them from AMI messages.

Empty and unknown values are None; uids are Asterisk's Uniqueids ("" where the message names no such channel).
"""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False):
    """`at`: seconds since the epoch, or None where the stream tells no time."""

    at: float | None


class ChannelEvent(Event, frozen=True, gc=False):
    """An event with the snapshot of one channel. Empty and unknown values are None."""

    uid: str
    linked: str | None
    channel: str | None
    number: str | None
    name: str | None
    exten: str | None
    context: str | None


class UidEvent(Event, frozen=True, gc=False):
    """An event about a channel that must be known by now: it opens none, so it carries no snapshot."""

    uid: str


class NewChannel(ChannelEvent, frozen=True, gc=False):
    """A channel is born."""


class NewState(ChannelEvent, frozen=True, gc=False):
    """`state`: 5 ringing, 6 up (Asterisk's ChannelState)."""

    state: int


class Application(ChannelEvent, frozen=True, gc=False):
    """The dialplan entered `app` (lower case), one of APPLICATIONS, with `data`."""

    app: str
    data: str


class HangupAsked(ChannelEvent, frozen=True, gc=False):
    """The far end of this channel hung up."""


class SoftHangup(UidEvent, frozen=True, gc=False):
    """Asterisk ends or moves the channel; `flag` bits: 1 device, 2 redirect, 8 time limit, 16 dialplan, 32 asked."""

    flag: int


class HangUp(UidEvent, frozen=True, gc=False):
    """The channel is gone. `cause` is Q.850; `tech_cause` the SIP code where Asterisk tells it (20 and later)."""

    cause: int | None
    tech_cause: str | None


class Entered(ChannelEvent, frozen=True, gc=False):
    """The channel is in `bridge`; `kind` is BridgeType, `technology` BridgeTechnology."""

    bridge: str
    kind: str | None
    technology: str | None


class Left(ChannelEvent, frozen=True, gc=False):
    """The channel is no longer in `bridge`."""

    bridge: str
    kind: str | None
    technology: str | None


class HeldBy(ChannelEvent, frozen=True, gc=False):
    """This channel pressed hold."""


class UnheldBy(ChannelEvent, frozen=True, gc=False):
    """This channel ended its hold."""


class Joined(ChannelEvent, frozen=True, gc=False):
    """The channel waits in `queue` at `position`."""

    queue: str
    position: int | None


class LeftQueue(UidEvent, frozen=True, gc=False):
    """The channel no longer waits in `queue`, for whatever reason."""

    queue: str


class Abandoned(UidEvent, frozen=True, gc=False):
    """The queue lost its caller; said of time-outs and withdrawals too. `waited` whole seconds."""

    queue: str
    waited: int | None


class QueueStatus(ChannelEvent, frozen=True, gc=False):
    """QUEUESTATUS as the dialplan sees it: TIMEOUT, FULL, JOINEMPTY, LEAVEEMPTY, CONTINUE, WITHDRAW, UNKNOWN …"""

    status: str


class Blocked(ChannelEvent, frozen=True, gc=False):
    """The dialplan refuses this caller, as a routing rule wants it."""


class RungFirst(ChannelEvent, frozen=True, gc=False):
    """The dialplan is about to ring `interface` for a caller of `queue`, before they wait in it."""

    queue: str
    interface: str


class PairEvent(ChannelEvent, frozen=True, gc=False):
    """An event of a channel (which may be absent: `uid` is "") about another one, `dest`."""

    dest_uid: str
    dest_linked: str | None
    dest_channel: str | None
    dest_number: str | None
    dest_name: str | None
    dest_context: str | None


class Dialing(PairEvent, frozen=True, gc=False):
    """`dest` is being called; `dialled` is the dial string."""

    dialled: str | None


class DialState(UidEvent, frozen=True, gc=False):
    """The channel being called makes progress. `status`: RINGING, PROGRESS, PROCEEDING."""

    status: str


class Dialled(UidEvent, frozen=True, gc=False):
    """The call of this channel came to an end with `status`; said twice at times, and not always true."""

    status: str


class AgentEvent(PairEvent, frozen=True, gc=False):
    """A queue and one of its members; `uid` is the caller, `dest` the member's channel ("" when absent)."""

    queue: str
    member: str | None
    interface: str | None


class MemberNamed(Event, frozen=True, gc=False):
    """A queue has this member, and calls them so."""

    interface: str
    member: str


class Offered(AgentEvent, frozen=True, gc=False):
    """The queue rings a member."""


class RangOut(UidEvent, frozen=True, gc=False):
    """A member did not take the call of this caller."""

    dest_uid: str
    queue: str


class Connected(AgentEvent, frozen=True, gc=False):
    """The member has the caller. `waited`: whole seconds in the queue."""

    waited: int | None


class Completed(UidEvent, frozen=True, gc=False):
    """The queue's part is over; late or wrong after redirects. Whole seconds. `reason`: agent, caller, transfer."""

    dest_uid: str
    queue: str
    member: str | None
    interface: str | None
    reason: str | None
    waited: int | None
    talked: int | None


class BlindTransferred(Event, frozen=True, gc=False):
    """`by` sent `who` to `exten`."""

    result: str | None
    by_uid: str
    by_channel: str | None
    who_uid: str
    exten: str | None


class AttendedTransferred(Event, frozen=True, gc=False):
    """The transferer's two calls became one. `dest`: Bridge, App, Link, Threeway, Fail; `target` may be ""."""

    result: str | None
    first_uid: str
    first_channel: str | None
    second_uid: str
    second_exten: str | None
    who_uid: str
    target_uid: str
    target_channel: str | None
    dest: str | None


class ParkEvent(Event, frozen=True, gc=False):
    """`uid` is the parked channel. `kind`: ParkedCall, UnParkedCall, ParkedCallTimeOut, ParkedCallGiveUp."""

    kind: str
    uid: str
    space: str | None
    parker: str | None
    parker_uid: str
    retriever_uid: str


class PickedUp(ChannelEvent, frozen=True, gc=False):
    """This channel took the call that rang at `target`."""

    target_uid: str


class Spying(Event, frozen=True, gc=False):
    """`spyer` listens to `spyee`, or no longer does."""

    spyer_uid: str
    spyee_uid: str


class Originated(Event, frozen=True, gc=False):
    """The answer to an Originate: the number it was for. A failed one has no uid and names only the device."""

    uid: str
    channel: str | None
    exten: str | None


class LocalPair(Event, frozen=True, gc=False):
    """Two halves of a Local channel."""

    one_uid: str
    one_linked: str | None
    one_channel: str | None
    two_uid: str
    two_channel: str | None


class Renamed(Event, frozen=True, gc=False):
    """A channel's name changed (masquerade)."""

    uid: str
    channel: str


class Seen(ChannelEvent, frozen=True, gc=False):
    """A channel of a snapshot. `age` in seconds, `bridge` or None, `app` in lower case, `state` as in NewState."""

    state: int
    bridge: str | None
    app: str | None
    age: float | None


class SeenBridge(Event, frozen=True, gc=False):
    """A bridge of a snapshot."""

    bridge: str
    kind: str | None
    technology: str | None


class SeenWaiting(ChannelEvent, frozen=True, gc=False):
    """A caller of a snapshot that waits in `queue` for `waited` seconds."""

    queue: str
    position: int | None
    waited: int | None


class Marker(Event, frozen=True, gc=False):
    """What happened to the listener: CxcallConnected, CxcallDisconnected, CxcallSnapshotStart, CxcallSnapshotEnd."""

    kind: str


class Booted(Event, frozen=True, gc=False):
    """Asterisk is up since `uptime` seconds (None: not told)."""

    uptime: float | None


class ShutDown(Event, frozen=True, gc=False):
    """Asterisk goes down: every channel with it."""
