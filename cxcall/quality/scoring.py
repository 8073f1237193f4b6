"""The score of a call: what was reached of what could be, by weight, without what did not apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from cxcall.quality.scorecard import Item, Scorecard


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was answered to an item. `value`: 1 yes, 0 no, a scale's step, None: does not apply. `from_speech`: filled
    in from what was heard, not by a person."""

    value: int | None
    comment: str = ""
    from_speech: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score from 0 to 1, None when nothing applied. `sections`: each section's own, by id, critical items aside.
    `missed`: ids of critical items answered no, which make the whole 0."""

    whole: float | None
    sections: Mapping[str, float | None]
    missed: tuple[str, ...]


class Unanswered(Exception):
    """Some items are not answered yet."""

    def __init__(self, items: tuple[str, ...]) -> None:
        super().__init__(Unanswered.__doc__)
        self.items = items


class BadAnswer(ValueError):
    """This is no answer to this item."""

    def __init__(self, item: str) -> None:
        super().__init__(BadAnswer.__doc__)
        self.item = item


def fits(item: Item, answer: Answer) -> bool:
    """Whether an answer is one this item can have."""
    if answer.value is None:
        return item.na
    return 1 <= answer.value <= item.highest if item.highest else answer.value in (0, 1)


def score(card: Scorecard, answers: Mapping[str, Answer]) -> Score:
    """The score of answers by item id. Raises `Unanswered` (naming every item), `BadAnswer`, also for no such item."""
    items = {item.id: item for item in card.items()}
    for id_, answer in answers.items():
        if id_ not in items or not fits(items[id_], answer):
            raise BadAnswer(id_)
    if missing := tuple(id_ for id_ in items if id_ not in answers):
        raise Unanswered(missing)
    missed = tuple(id_ for id_, item in items.items() if item.critical and answers[id_].value == 0)
    return Score(
        whole=0.0 if missed else _reached(items.values(), answers),
        sections={section.id: _reached(section.items, answers) for section in card.sections},
        missed=missed,
    )


def _reached(items: Iterable[Item], answers: Mapping[str, Answer]) -> float | None:
    reached = possible = 0.0
    for item in items:
        value = answers[item.id].value
        if value is not None:
            possible += item.weight
            reached += item.weight * ((value - 1) / (item.highest - 1) if item.highest else value)
    return reached / possible if possible else None
