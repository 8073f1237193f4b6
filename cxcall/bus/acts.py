"""Acts on a switch that a page may ask for; the server that does them serves `ami:<server>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """End one channel."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindTransfer:
    """Send whom `channel` (the agent's) talks with to `exten`; the agent's call ends."""

    channel: str
    exten: str
    context: str = "cxcall-transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Stop or restart the sound that comes from `channel`."""

    channel: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseMember:
    """Pause or unpause `interface` in all its queues, or in `queue` only."""

    interface: str
    paused: bool
    reason: str = ""
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Originate:
    """Ring `channel` and, once it is answered, have it run `application` with `data`, or else `exten` of `context`.

    `channel` is what Asterisk dials (`PJSIP/1001`, `Local/0912…@context`), or a phone's bare number, dialled as this
    site dials its phones (CXCALL_DIAL). `timeout`: seconds it may ring. `caller_id` as in `Shop <500>`. `channel_id`
    becomes the channel's unique id, `other_channel_id` that of a Local channel's other half. Done means that Asterisk
    took it, not that anybody answers.
    """

    channel: str
    application: str = ""
    data: str = ""
    context: str = ""
    exten: str = "s"
    caller_id: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    channel_id: str = ""
    other_channel_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """Let `interface` answer in `queue`; one who does already gets the penalty and nothing else."""

    interface: str
    queue: str
    name: str = ""
    penalty: int = 0
    paused: bool = False
    reason: str = ""
    state_interface: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember:
    """Take `interface` out of `queue`. Refused for a member the queue's configuration names."""

    interface: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPenalty:
    """Lower is asked first; in `queue`, or in all queues of `interface`."""

    interface: str
    penalty: int
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveMember:
    """From `queue` into `to`, with name, phone, penalty and pause as they are there; never in neither."""

    interface: str
    queue: str
    to: str
    penalty: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOff:
    """Take `interface` out of every queue; gives LoggedOff."""

    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOff:
    """What became of it: queues it left, and those whose configuration names it, where it is paused instead."""

    left: tuple[str, ...] = ()
    paused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedTransfer:
    """Ring `exten` for the agent at `channel`, who talks there first; the caller waits on hold.

    Done once the caller waits and the other phone is asked for, refused otherwise.
    """

    channel: str
    exten: str
    context: str = "cxcall-transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer:
    """Break an attended transfer off: agent and caller talk again."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishTransfer:
    """The agent leaves an attended transfer: the caller talks with the other, or waits while that phone rings."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """Whom `channel` (the agent's) talks with, `caller`, goes to `phone` (PJSIP/1003), the agent is free.

    Nobody answers there: back to the agent, then to the queue.
    """

    channel: str
    caller: str
    phone: str


Act = (
    Hangup
    | BlindTransfer
    | Mute
    | PauseMember
    | Originate
    | AddMember
    | RemoveMember
    | SetPenalty
    | MoveMember
    | LogOff
    | AttendedTransfer
    | CancelTransfer
    | FinishTransfer
    | TakeOver
)
