"""What branches ask."""

from __future__ import annotations

import pytest

from cxcall.surveys.conditions import holds
from cxcall.surveys.script import Condition
from cxcall.surveys.steps import Facts, Given

FACTS = Facts(queue="support", language="fa", tier="gold")
FOUR = Given(part="q", result="answered", keys="4", value=4.0)


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        (Condition(of="tier", one_of=("gold", "silver")), True),
        (Condition(of="tier", one_of=("silver",)), False),
        (Condition(of="queue", one_of=("support",)), True),
        (Condition(of="queue", one_of=("sales",)), False),
        (Condition(of="language", one_of=("fa",)), True),
        (Condition(of="language", one_of=("en",)), False),
    ],
)
def test_a_fact_of_the_call_is_one_of_those_named(condition: Condition, fits: bool) -> None:
    assert holds(condition, FACTS, ()) is fits


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        (Condition(of="answer", part="q"), True),
        (Condition(of="answer", part="q", at_least=4), True),
        (Condition(of="answer", part="q", at_least=4.5), False),
        (Condition(of="answer", part="q", at_most=4), True),
        (Condition(of="answer", part="q", at_most=3), False),
        (Condition(of="answer", part="q", at_least=3, at_most=5), True),
        (Condition(of="answer", part="q", one_of=("4", "5")), True),
        (Condition(of="answer", part="q", one_of=("5",)), False),
        (Condition(of="answer", part="q", at_most=4, one_of=("5",)), False),
        (Condition(of="answer", part="other"), False),
    ],
)
def test_an_answer_holds_when_everything_given_holds(condition: Condition, fits: bool) -> None:
    assert holds(condition, FACTS, (FOUR,)) is fits


def test_a_question_that_was_not_answered_fits_no_condition() -> None:
    skipped = (Given(part="q", result="skipped", keys="0"),)
    assert not holds(Condition(of="answer", part="q"), FACTS, skipped)
    assert not holds(Condition(of="answer", part="q", one_of=("0",)), FACTS, skipped)


def test_an_answer_that_counts_nothing_lies_within_no_limits() -> None:
    yes = (Given(part="q", result="answered", keys="1"),)
    assert holds(Condition(of="answer", part="q", one_of=("1",)), FACTS, yes)
    assert not holds(Condition(of="answer", part="q", at_most=5), FACTS, yes)


def test_of_two_answers_the_last_one_counts() -> None:
    two = (FOUR, Given(part="q", result="answered", keys="1", value=1.0))
    assert holds(Condition(of="answer", part="q", at_most=2), FACTS, two)
