"""What goes into a dialogue and what comes out of it: inputs, commands, answers, states, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["answered", "skipped", "no_input", "wrong_key", "hung_up", "opted_out"]
End = Literal["finished", "hung_up", "opted_out", "handed_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Play `prompts` one after the other, cut short by any key, then wait `seconds` for a key (0: do not wait).

    `part` is the part it belongs to. Nothing pressed: Timeout.
    """

    part: str
    prompts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Play `prompts`, then record: at most `seconds`, ended by # or by `silence` seconds of silence."""

    part: str
    prompts: tuple[str, ...]
    seconds: int
    silence: int
    beep: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The survey is over; `prompts` are still played. With `handed_over`: where the caller goes now."""

    end: End
    prompts: tuple[str, ...] = ()
    to: Literal["", "queue", "number", "call_back"] = ""
    target: str = ""


Command = Listen | Record | Done


@dataclass(frozen=True, slots=True)
class Digit:
    """A key: 0–9, * or #."""

    key: str


@dataclass(frozen=True, slots=True)
class Timeout:
    """Nothing was pressed while we listened."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recording ended: how long the file is, and by what. A recording that failed is a Timeout."""

    seconds: float
    ended_by: Literal["key", "silence", "limit", "hang_up"]


Input = Digit | Timeout | HangUp | Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What branches may ask about the call: names of queue and language, the customer's tier ("" = none)."""

    queue: str = ""
    language: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came of one question or comment. `value` is None unless answered with a key that counts something.

    `keys`: those typed last, the wrong ones too; `seconds`: length of a comment, also of one cut off by the hang-up.
    """

    part: str
    result: Result
    keys: str = ""
    value: float | None = None
    tries: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the dialogue stands: the part, keys typed so far in it, tries used, and what was given till now.

    `path`: ids of the parts reached, in order, branches too; `end` says how it ended once it is `over`.
    """

    part: str
    keys: str = ""
    tries: int = 1
    given: tuple[Given, ...] = ()
    over: bool = False
    path: tuple[str, ...] = ()
    end: End | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The state after what happened, and what to do now."""

    state: State
    command: Command
