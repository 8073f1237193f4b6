"""Closing the loop: what an answer sets off, as rules a supervisor can read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from cxcall.surveys.conditions import last_answer, one_of, within
from cxcall.surveys.script import Measure, Question, Script
from cxcall.surveys.steps import Given


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition on a response.

    `score`: the answer of `measure` lies within at_most/at_least; `answer`: that of question `part` does, or its keys
    are in `one_of`; `words`: one of them begins a word in the transcribed comment; `tier`, `queue`: is one of them;
    `comment`: there is a spoken comment.
    """

    of: Literal["score", "answer", "words", "tier", "queue", "comment"]
    measure: Measure | None = None
    part: str = ""
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()


class MakeTask(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="task", forbid_unknown_fields=True):
    """A task for somebody: the agent of the call, whichever supervisor takes it, or one user by id."""

    kind: Literal["call_back", "follow_up"] = "call_back"
    owner: str = "supervisor"
    due_minutes: int = 60
    title: str = ""


class RaiseAlert(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="alert", forbid_unknown_fields=True):
    """An alert to the supervisors, merged with one of the same rule that is still open."""

    title: str = ""


class AddTag(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="tag", forbid_unknown_fields=True):
    """A tag on the customer's profile."""

    tag: str


class CallWebhook(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="webhook", forbid_unknown_fields=True):
    """The response is sent to the webhooks that take `survey.rule`, naming this rule."""


Action = MakeTask | RaiseAlert | AddTag | CallWebhook


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When all of `when` hold, all of `then` is done, once for a response. No `when`: for every response."""

    id: str
    name: str = ""
    enabled: bool = True
    when: tuple[When, ...] = ()
    then: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a response: its answers, the value of each measure, the transcribed words, whose call it was."""

    answers: tuple[Given, ...] = ()
    measures: Mapping[Measure, float] = field(default_factory=dict)
    words: str = ""
    tier: str = ""
    queue: str = ""
    has_comment: bool = False


def outcome(script: Script, given: Sequence[Given], *, queue: str = "", tier: str = "", words: str = "") -> Outcome:
    """The outcome of what was given to a script; of two questions with one measure the later answer is its value."""
    measures: dict[Measure, float] = {}
    spoken = False
    for one in given:
        part = script.part(one.part)
        if one.result != "answered":
            continue
        if not isinstance(part, Question):
            spoken = True
        elif part.measure is not None and one.value is not None:
            measures[part.measure] = one.value
    return Outcome(answers=tuple(given), measures=measures, words=words, tier=tier, queue=queue, has_comment=spoken)


def due(rules: Iterable[Rule], outcome: Outcome) -> list[tuple[Rule, Action]]:
    """What is to be done now, in the order of the rules. Doing it once for a response is up to the one who does it."""
    return [
        (rule, action)
        for rule in rules
        if rule.enabled and all(_holds(when, outcome) for when in rule.when)
        for action in rule.then
    ]


def _holds(when: When, outcome: Outcome) -> bool:
    """Whether one condition holds; one that names nothing to compare with (no measure, no words) never does."""
    match when.of:
        case "score":
            value = None if when.measure is None else outcome.measures.get(when.measure)
            return value is not None and within(value, when.at_least, when.at_most)
        case "answer":
            answer = last_answer(outcome.answers, when.part)
            if answer is None:
                return False
            return within(answer.value, when.at_least, when.at_most) and one_of(answer.keys, when.one_of)
        case "words":
            return _begin_words(outcome.words, when.one_of)
        case "tier":
            return outcome.tier in when.one_of
        case "queue":
            return outcome.queue in when.one_of
        case "comment":
            return outcome.has_comment


def _begin_words(text: str, beginnings: Sequence[str]) -> bool:
    """Whether words of the text begin so: a rule for "complaint" takes "complaints" too, and so in Persian."""
    text = " " + _plain(text)
    return any(" " + plain in text for plain in map(_plain, beginnings) if plain)


def _plain(text: str) -> str:
    """Lower case, Arabic yeh and kaf as Persian ones, marks left out, words with one blank between them."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ي", "ی").replace("ك", "ک")
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", text))
