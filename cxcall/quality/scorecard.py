"""Scorecards: what reviewers look at in a call, what it weighs, and what a call must not miss."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

HEAVIEST = 1000.0
"""Of weights: sums of them stay numbers."""

Misfit = Literal[
    "no_items", "empty_section", "weight", "title", "same_id", "no_id", "highest", "critical_scale",
    "rule_scale", "rule_phrase", "rule_limit",
]  # fmt: skip
LANGUAGES = ("en", "fa")
HIGHEST = 10

MISFITS: Mapping[Misfit, str] = {
    "no_items": "A scorecard needs at least one item.",
    "empty_section": "This section has no items.",
    "weight": "A weight must be a number above 0 and up to 1000.",
    "title": "This needs a title in at least one language.",
    "same_id": "Another section or item has the same id.",
    "no_id": "This needs an id.",
    "highest": "A scale goes from 1 to a number between 2 and 10.",
    "critical_scale": "Only a yes/no item can be critical.",
    "rule_scale": "Only a yes/no item can be filled in from what was said.",
    "rule_phrase": "Choose what must have been said.",
    "rule_limit": "Silence is a share from 0 to 1, interruptions are a number from 0 on.",
}
"""What can be wrong with a scorecard, in words."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an item is answered from what was heard: yes if `phrase` (the id of a category or of what has to be said) was
    said, or if the share of silence (0 to 1) or the number of the agent's interruptions is at most `limit`."""

    what: Literal["phrase", "silence", "interruptions"]
    phrase: str = ""
    limit: float = 0.0


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question about a call, answered yes/no (`highest` 0) or from 1 to `highest`.

    `critical`: a no makes the whole score 0. `na`: "does not apply" is an answer. `title`: by language. `rule`:
    filled in from speech.
    """

    id: str
    title: dict[str, str]
    weight: float = 1.0
    highest: int = 0
    critical: bool = False
    na: bool = False
    rule: Rule | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items that belong together; what each weighs among all is its own weight, sections have none."""

    id: str
    title: dict[str, str]
    items: tuple[Item, ...]


class Scorecard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What calls are scored by."""

    title: dict[str, str]
    sections: tuple[Section, ...] = ()

    def items(self) -> Iterator[Item]:
        """All items in the order they are shown."""
        for section in self.sections:
            yield from section.items


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong where; `where` is the id of a section or an item, "" the scorecard."""

    where: str
    misfit: Misfit

    @property
    def sentence(self) -> str:
        """The problem in words."""
        return MISFITS[self.misfit]


def check(card: Scorecard) -> tuple[Problem, ...]:
    """Everything that keeps a scorecard from being published, in the order it is shown."""
    found = [] if _titled(card.title) else [Problem(where="", misfit="title")]
    if not any(True for _ in card.items()):
        found.append(Problem(where="", misfit="no_items"))
    for section in card.sections:
        found += _of_part(section.id, section.title)
        if not section.items:
            found.append(Problem(where=section.id, misfit="empty_section"))
        for item in section.items:
            found += _of_item(item)
    ids = Counter([*(section.id for section in card.sections), *(item.id for item in card.items())])
    found += [Problem(where=id_, misfit="same_id") for id_, n in ids.items() if id_ and n > 1]
    return tuple(found)


def _of_item(item: Item) -> list[Problem]:
    found = _of_part(item.id, item.title)
    if not (math.isfinite(item.weight) and 0 < item.weight <= HEAVIEST):
        found.append(Problem(where=item.id, misfit="weight"))
    if item.highest and not 2 <= item.highest <= HIGHEST:
        found.append(Problem(where=item.id, misfit="highest"))
    if item.critical and item.highest:
        found.append(Problem(where=item.id, misfit="critical_scale"))
    if item.rule is not None and (misfit := _of_rule(item.rule, item.highest)):
        found.append(Problem(where=item.id, misfit=misfit))
    return found


def _of_rule(rule: Rule, highest: int) -> Misfit | None:
    if highest:
        return "rule_scale"
    if rule.what == "phrase":
        return None if rule.phrase else "rule_phrase"
    most = 1.0 if rule.what == "silence" else HEAVIEST
    return None if 0 <= rule.limit <= most else "rule_limit"


def _of_part(id_: str, title: Mapping[str, str]) -> list[Problem]:
    found = [] if id_ else [Problem(where="", misfit="no_id")]
    return found if _titled(title) else [*found, Problem(where=id_, misfit="title")]


def _titled(title: Mapping[str, str]) -> bool:
    return any(title.get(language, "").strip() for language in LANGUAGES)
