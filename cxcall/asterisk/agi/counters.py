"""How every connection to the FastAGI port ended, counted; what health pages and metrics show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class End(StrEnum):
    """How a connection ended; each ends in exactly one way. The first group never became a conversation."""

    NOTHING_SAID = "nothing_said"
    """Connected and went away: a port probe."""
    CUT_OFF = "cut_off"
    """Went away in the middle of its header."""
    LATE = "late"
    """Its header did not end in time."""
    GARBAGE = "garbage"
    """What came is no header."""
    TOO_MUCH = "too_much"
    """An endless header or line, before a conversation or in it."""
    CROWDED_OUT = "crowded_out"
    """Still without a header when too many others came."""
    UNKNOWN_SCRIPT = "unknown_script"
    FULL = "full"
    """Too many conversations."""

    DONE = "done"
    """The handler let go of the call."""
    HUNG_UP = "hung_up"
    """The caller hung up."""
    LOST = "lost"
    """Asterisk closed the connection."""
    NO_ANSWER = "no_answer"
    """Asterisk did not answer a command in time."""
    WRONG_ANSWER = "wrong_answer"
    """What came in the middle of a conversation is no AGI."""
    SLOW = "slow"
    """The handler kept the call waiting, or took too long after it was gone."""
    TOO_LONG = "too_long"
    """The whole conversation took too long."""
    FAILED = "failed"
    """The handler raised."""
    STOPPED = "stopped"
    """We stopped."""


@dataclass(slots=True)
class Counters:
    """Counted since the server was made. `connections` is the sum of `ends` and of what is open."""

    connections: int = 0
    conversations: int = 0
    """Those that reached a handler."""
    ends: dict[End, int] = field(default_factory=lambda: dict.fromkeys(End, 0))

    def ended(self, how: End) -> bool:
        """Count one end; whether it is the first of its kind."""
        self.ends[how] += 1
        return self.ends[how] == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiStatus:
    """The FastAGI port now; asked for with `commands.ask("agi:status", None)`.

    `open` conversations and `waiting` connections without a header are of this moment; the rest is counted since
    `since` (aware UTC). `ends` is by the names of End.
    """

    address: str
    since: datetime
    open: int
    waiting: int
    connections: int
    conversations: int
    ends: Mapping[str, int]
