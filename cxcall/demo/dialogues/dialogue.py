"""A talk between a customer and an agent, written down to be spoken or to have been spoken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Side = Literal["customer", "agent"]

PAUSE = 0.7
"""Seconds between two lines unless a line says otherwise: people answer after half a second to a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one of the two says. `after`: seconds of silence before it; negative where one talks over the other (in the
    past only). `duty`: the required category it fulfils."""

    by: Side
    text: str
    after: float = PAUSE
    duty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A talk. `finds`: the ready-made categories that are found in it. `scores`: how the customer would rate it, 1…5,
    from and to. `slots`: other words for the pieces in braces, one mapping a variant; the first is what is spoken.
    """

    id: str
    language: Literal["en", "fa"]
    lines: tuple[Line, ...]
    finds: tuple[str, ...]
    scores: tuple[int, int]
    queues: tuple[str, ...] = ()
    slots: tuple[Mapping[str, str], ...] = ({},)

    def variant(self, n: int) -> Dialogue:
        """The same talk about another order, day or amount."""
        words = self.slots[n % len(self.slots)]
        lines = tuple(replace(line, text=line.text.format_map(words)) for line in self.lines)
        return replace(self, lines=lines, slots=({},))

    def without(self, duties: Sequence[str]) -> Dialogue:
        """The same talk with an agent who forgets what has to be said."""
        return replace(self, lines=tuple(line for line in self.lines if line.duty not in duties or not line.duty))


def agent(text: str, *, after: float = PAUSE, duty: str = "") -> Line:
    return Line(by="agent", text=text, after=after, duty=duty)


def customer(text: str, *, after: float = PAUSE) -> Line:
    return Line(by="customer", text=text, after=after)
