"""Items answered from what was heard in a talk, marked as such; a reviewer may answer otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from cxcall.quality.scorecard import Scorecard
from cxcall.quality.scoring import Answer


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an item is answered: yes if `phrase` (a category's or phrase's id) was said, or if the share of silence
    (0 to 1) or the number of interruptions is at most `limit`."""

    what: Literal["phrase", "silence", "interruptions"]
    phrase: str = ""
    limit: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known of a talk: `said` ids of phrases, None: no transcript; the other two None: not measured."""

    said: frozenset[str] | None = None
    silence: float | None = None
    interruptions: int | None = None


def fill(card: Scorecard, rules: Mapping[str, Rule], heard: Heard) -> dict[str, Answer]:
    """Answers by item id to the yes/no items that have a rule, as far as the talk tells."""
    found: dict[str, Answer] = {}
    for item in card.items():
        rule = rules.get(item.id)
        held = _held(rule, heard) if rule is not None and not item.highest else None
        if held is not None:
            found[item.id] = Answer(value=int(held), from_speech=True)
    return found


def _held(rule: Rule, heard: Heard) -> bool | None:
    if rule.what == "phrase":
        return None if heard.said is None else rule.phrase in heard.said
    measured = heard.silence if rule.what == "silence" else heard.interruptions
    return None if measured is None else measured <= rule.limit
