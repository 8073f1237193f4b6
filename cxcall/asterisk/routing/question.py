"""What the dialplan says of a call that asks where to go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where should this call go? `call`: unique id of the caller's channel; `called`: the number they dialled; `queue`:
    where the dialplan would send them; `language` their channel has.

    `intent`, `sure` (0–100), `keys`: what they said or keyed before, as the dialplan knows it.
    """

    call: str
    number: str = ""
    called: str = ""
    queue: str = ""
    server: str = ""
    language: str = ""
    intent: str = ""
    sure: str = ""
    keys: str = ""

    @property
    def confidence(self) -> float:
        """`sure` from 0 to 1; who does not say how sure is taken at their word."""
        if not self.sure.isascii() or not self.sure.isdecimal():
            return 1.0
        return min(int(self.sure), 100) / 100


def question_of(said: Mapping[str, Any]) -> Question:
    """A question from names and values; what is missing is "", and nothing is in it that no database takes."""
    return Question(**{name: _clean(said.get(name)) for name in Question.__slots__})


def _clean(value: Any) -> str:
    return str(value or "").replace("\0", "").encode("utf-8", "replace").decode().strip()[:_LONGEST]
