"""What happens to a call-back, and what it then wants done on the switch: the words of its state machine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Why = Literal[
    "", "busy", "no_answer", "rejected", "failed", "hung_up", "agent_gone", "lost", "refused", "closed", "no_queue",
    "on_the_line", "called_again", "agent", "supervisor",
]  # fmt: skip
"""Why it waits, or ended. The last three called it off: the customer by calling again, the agent, a supervisor."""


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The queue at a moment. `queued`: unique ids of the channels that wait in it, and the call-backs for which one
    does; `kept`: call-backs whose place is kept here and not in the queue. `slots`: customers that may be rung now (the
    customer first). `there`: the switch has the queue; `staffed`: an agent is there at all. `opens`: when people may be
    called (now or before: they may), None: never. `on_the_line`: the customer talks or waits with us just now."""

    at: datetime
    queued: Collection[str] = ()
    kept: Collection[str] = ()
    slots: int = 0
    there: bool = True
    staffed: bool = True
    opens: datetime | None
    on_the_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the record of the try `line` tells. `waits`: it stands in the queue; `taken`: an agent has it; `picked_up`:
    the customer answered, on `channel`; `talked`: with an agent. `over`: the call is; `why` it came to nothing then."""

    at: datetime
    line: str
    waits: bool = False
    taken: bool = False
    picked_up: bool = False
    channel: str = ""
    talked: bool = False
    over: bool = False
    why: Why = ""
    agent: str = ""
    agent_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The switch does not know the try (any more), or did not take it (`refused`)."""

    at: datetime
    line: str
    why: Literal["lost", "refused"] = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOff:
    """Somebody does not want it any more; `by` a login name, "" for the customer."""

    at: datetime
    why: Literal["agent", "supervisor", "called_again"]
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """A supervisor has it tried as soon as it can be, before its time."""

    at: datetime


Event = Looked | Progress | Gone | CalledOff | Now


# Acts


@dataclass(frozen=True, slots=True, kw_only=True)
class PutInLine:
    """Have something stand in the queue at `position` that rings the customer when an agent takes it."""

    line: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RingCustomer:
    """Ring the customer, who then enters the queue at its head."""

    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the try."""

    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeTask:
    """Somebody has to look after it: the customer could not be reached."""

    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAfterwards:
    """When the agent has hung up, the customer on `channel` is asked how it went, as after any call of the queue."""

    channel: str
    agent: str


Act = PutInLine | RingCustomer | HangUp | AskAfterwards | MakeTask
