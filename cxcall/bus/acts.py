"""Acts on a switch that a page may ask for; the server that does them serves `ami:<server>`."""

from __future__ import annotations

from dataclasses import dataclass


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


Act = Hangup | BlindTransfer | Mute | PauseMember
