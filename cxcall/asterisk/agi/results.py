"""What came of a command, in the field's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

ALL_KEYS = "0123456789*#"
"""What callers' phones have; A to D are for machines."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key: 0-9, *, # (or A-D)."""

    key: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was pressed in the time given."""


@dataclass(frozen=True, slots=True)
class Played:
    """A prompt was heard to its end; `seconds` as Asterisk counts its samples."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """Nothing was heard: no such file, or it could not be fetched. The caller is still there."""


EndedBy = Literal["key", "silence", "limit", "hang_up", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording ended: by what, how long it is, and with which key.

    After a hang-up the file is there as far as the caller spoke; "failed": Asterisk could not write it.
    """

    ended_by: EndedBy
    seconds: float
    key: str = ""


class ChannelState(IntEnum):
    """State of a channel, as Asterisk numbers them."""

    DOWN = 0
    RESERVED = 1
    OFF_HOOK = 2
    DIALING = 3
    RING = 4
    RINGING = 5
    UP = 6
    BUSY = 7
    DIALING_OFF_HOOK = 8
    PRE_RING = 9
