"""Items answered from what was heard in a talk, marked as such; a reviewer may answer otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from cxcall.quality.scorecard import Rule, Scorecard
from cxcall.quality.scoring import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known of a talk: `said` ids of phrases, None: no transcript; the other two None: not measured."""

    said: frozenset[str] | None = None
    silence: float | None = None
    interruptions: int | None = None


def fill(card: Scorecard, heard: Heard) -> dict[str, Answer]:
    """Answers by item id to the yes/no items that have a rule, as far as the talk tells."""
    found: dict[str, Answer] = {}
    for item in card.items():
        held = _held(item.rule, heard) if item.rule is not None and not item.highest else None
        if held is not None:
            found[item.id] = Answer(value=int(held), from_speech=True)
    return found


def _held(rule: Rule, heard: Heard) -> bool | None:
    if rule.what == "phrase":
        return None if heard.said is None else rule.phrase in heard.said
    measured = heard.silence if rule.what == "silence" else heard.interruptions
    return None if measured is None else measured <= rule.limit
