"""How every connection to the AudioSocket port ended, counted; what health pages and metrics show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class End(StrEnum):
    """How a connection ended; each ends in exactly one way. The first group never became a stream."""

    NOTHING_SAID = "nothing_said"
    """Connected and went away: a port probe."""
    CUT_OFF = "cut_off"
    """Went away in the middle of its first frame."""
    LATE = "late"
    """Its first frame did not end in time."""
    GARBAGE = "garbage"
    """What came is no AudioSocket."""
    CROWDED_OUT = "crowded_out"
    """Still without a name when too many others came."""
    UNKNOWN = "unknown"
    """Its name was not asked for, or was asked for and had come already."""
    FULL = "full"
    """Too many streams."""

    HUNG_UP = "hung_up"
    """Asterisk ended it: the channel that was listened to is gone."""
    LOST = "lost"
    """The network, or the other machine, went away."""
    BROKEN = "broken"
    """What came in the middle of it is no AudioSocket."""
    FLOOD = "flood"
    """More sound than time went by."""
    IDLE = "idle"
    """Nothing came for too long."""
    FAILED = "failed"
    """What takes the sound raised."""
    STOPPED = "stopped"
    """We ended it."""


STRANGERS = (End.NOTHING_SAID, End.CUT_OFF, End.LATE, End.GARBAGE, End.CROWDED_OUT, End.UNKNOWN)
"""Ends of what Asterisk never does."""


@dataclass(slots=True)
class Counters:
    """Counted since the server was made. `connections` is the sum of `ends` and of what is open."""

    connections: int = 0
    streams: int = 0
    """Those whose name was asked for."""
    frames: int = 0
    resampled: int = 0
    """Streams that came at another rate than asked for."""
    keys: int = 0
    ends: dict[End, int] = field(default_factory=lambda: dict.fromkeys(End, 0))

    def ended(self, how: End) -> bool:
        """Count one end; whether it is the first of its kind."""
        self.ends[how] += 1
        return self.ends[how] == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStatus:
    """The AudioSocket port now: `open` streams, `asked` for and not come yet, `waiting` connections without a name.

    The rest is counted since `since` (aware UTC). `ends` is by the names of End.
    """

    address: str
    since: datetime
    open: int
    asked: int
    waiting: int
    connections: int
    streams: int
    frames: int
    resampled: int
    ends: Mapping[str, int]

    @property
    def strangers(self) -> int:
        """Connections of what is no Asterisk, or was not asked for."""
        return sum(self.ends[end] for end in STRANGERS)
