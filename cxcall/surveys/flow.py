"""The ways through a script as a graph: where each part can go, what is reached, what comes before what, rings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from cxcall.surveys.script import END, Branch, HandOver, Part, Question, Script, Thank


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way out of a part: the field that says so (`next`, `keys.2.next`, `cases.0.next`) and where it leads."""

    field: str
    to: str


def ways(script: Script, part: Part) -> list[Way]:
    """All ways out of a part, other than hanging up and the key of no more surveys. END is a way too."""
    if isinstance(part, Thank | HandOver):
        return []
    own: list[Way] = []
    if isinstance(part, Question):
        own = [Way(field=f"keys.{n}.next", to=key.next) for n, key in enumerate(part.keys) if key.next is not None]
    elif isinstance(part, Branch):
        own = [Way(field=f"cases.{n}.next", to=case.next) for n, case in enumerate(part.cases)]
    return [*own, Way(field="next", to=script.goes_on(part))]


class Flow:
    """The graph of a script; ids that no part has are left out, of two parts with one id the first is meant."""

    def __init__(self, script: Script) -> None:
        self.parts = {part.id: part for part in reversed(script.parts)}
        self.targets = {
            part_id: [way.to for way in ways(script, part) if way.to in self.parts and way.to != END]
            for part_id, part in self.parts.items()
        }
        self.first = script.parts[0].id if script.parts else END
        self._after: dict[str, set[str]] = {}

    @cached_property
    def reached(self) -> set[str]:
        """Ids of the parts that a caller can come to."""
        return {self.first, *self.after(self.first)} if self.first in self.parts else set()

    def after(self, part_id: str) -> set[str]:
        """Ids of the parts that can follow a part, at any distance; the part itself only when it is in a ring."""
        if part_id not in self._after:
            self._after[part_id] = self._follow(part_id)
        return self._after[part_id]

    @cached_property
    def rings(self) -> set[str]:
        """For each ring of parts the one that is first among the cards."""
        return set(self._rings())

    def _follow(self, part_id: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self.targets.get(part_id, ()))
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting.extend(self.targets[here])
        return found

    def _rings(self) -> Iterator[str]:
        known: set[str] = set()
        for part_id in reversed(self.parts):  # in the order of the cards
            after = self.after(part_id)
            if part_id in after and part_id not in known:
                yield part_id
                known |= {one for one in after if part_id in self.after(one)}
