"""How long, how much and how many: the bounds of AudioSocket connections, so that no peer costs more than it may."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, and how many at once. Bytes are bounded by the codec."""

    name: float = 2.0
    """From the connection to the end of its first frame; Asterisk sends it at once."""
    idle: float = 900.0
    """Without a byte of a stream that was asked for. Long, as a muted phone may send nothing for minutes; a machine
    that is gone is noticed by the kernel (KEEP_ALIVE)."""
    ahead: float = 20.0
    """Seconds of sound a stream may be ahead of the clock: more is a flood and no phone."""
    closing: float = 1.0
    """For our hang-up to leave; then the connection is cut."""
    doorway: int = 256
    """Connections without a name. One more, and the one that has waited longest goes."""
    streams: int = 1_000


KEEP_ALIVE = (15, 5, 3)
"""Seconds of silence until the kernel asks the peer's kernel, between such questions, and how many stay unanswered."""
