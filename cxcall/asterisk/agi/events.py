"""What Asterisk says in a FastAGI conversation: the call it hands over, answers to our commands, a hang-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What Asterisk said of the call when it connected.

    `script` is the path of `agi://host:port/survey?x=1`, `/survey`; `query` what follows it; `args` are agi_arg_1 and
    on, as the dialplan gave them. `variables` has all `agi_…` lines as they came. What Asterisk calls "unknown" is "".
    """

    script: str
    query: Mapping[str, str]
    args: tuple[str, ...]
    variables: Mapping[str, str]

    def arg(self, number: int, default: str = "") -> str:
        """The argument of this number, from 1, or `default` when it is missing or empty."""
        return (self.args[number - 1] if 0 < number <= len(self.args) else "") or default

    @property
    def unique_id(self) -> str:
        """Uniqueid of the caller's channel."""
        return self._known("agi_uniqueid")

    @property
    def channel(self) -> str:
        return self._known("agi_channel")

    @property
    def language(self) -> str:
        return self._known("agi_language")

    @property
    def caller_id(self) -> str:
        """The caller's number."""
        return self._known("agi_callerid")

    @property
    def caller_name(self) -> str:
        return self._known("agi_calleridname")

    @property
    def called(self) -> str:
        """The number that was dialled first (DNID)."""
        return self._known("agi_dnid")

    @property
    def context(self) -> str:
        return self._known("agi_context")

    @property
    def extension(self) -> str:
        return self._known("agi_extension")

    def _known(self, name: str) -> str:
        value = self.variables.get(name, "")
        return "" if value == "unknown" else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to our command: `200 result=RESULT (VALUE) endpos=ENDPOS`, or another code with its `text`.

    510 unknown command, 511 not on a dead channel, 520 wrong use, with the usage. `value` is None where there are no
    parentheses; it may be "timeout", "dtmf", "hangup" or a variable's value.
    """

    code: int
    result: str = ""
    value: str | None = None
    endpos: int | None = None
    text: str = ""

    @property
    def number(self) -> int:
        """The result as a number; 0 when it is none (an empty result is nobody's key)."""
        try:
            return int(self.result)
        except ValueError:
            return 0

    @property
    def dead(self) -> bool:
        """Whether the channel is gone for certain."""
        return self.code == 511


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone; the answer that is awaited still comes."""


Event = Request | Answer | HungUp
