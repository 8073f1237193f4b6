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
    becomes the channel's unique id. Done means that Asterisk took it, not that anybody answers.
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


Act = Hangup | BlindTransfer | Mute | PauseMember | Originate
