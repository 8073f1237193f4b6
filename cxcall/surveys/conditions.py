"""Conditions of branches: does what was answered, or what is known of the call, fit?"""

from __future__ import annotations

from collections.abc import Sequence

from cxcall.surveys.script import Condition
from cxcall.surveys.steps import Facts, Given


def holds(condition: Condition, facts: Facts, given: Sequence[Given]) -> bool:
    """True when everything given in the condition holds.

    A question that was not reached, or not answered, fits no condition; a value is compared only where one was given.
    """
    if condition.of == "answer":
        answer = last_answer(given, condition.part)
        return (
            answer is not None
            and within(answer.value, condition.at_least, condition.at_most)
            and one_of(answer.keys, condition.one_of)
        )
    known = {"tier": facts.tier, "queue": facts.queue, "language": facts.language}[condition.of]
    return one_of(known, condition.one_of)


def last_answer(given: Sequence[Given], part: str) -> Given | None:
    """What was answered to a question last; None when it was skipped, left out or never reached."""
    return next((one for one in reversed(given) if one.part == part and one.result == "answered"), None)


def within(value: float | None, at_least: float | None, at_most: float | None) -> bool:
    """Whether a value lies within the limits that are given, both included; no value lies within none."""
    if at_least is None and at_most is None:
        return True
    return value is not None and (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


def one_of(text: str, choices: Sequence[str]) -> bool:
    """Whether `text` is one of `choices`; true when none are given."""
    return not choices or text in choices
