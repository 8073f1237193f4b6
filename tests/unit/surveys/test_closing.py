"""Which rules an outcome sets off."""

from __future__ import annotations

import msgspec
import pytest

from cxcall.surveys.closing import AddTag, CallWebhook, MakeTask, Outcome, RaiseAlert, Rule, When, due, outcome
from cxcall.surveys.steps import Given
from tests.unit.surveys.talking import GONE, SILENT, THANKS, WORDS, nps, question, said, script, take

ANGRY = Outcome(
    answers=(Given(part="csat", result="answered", keys="1", value=1.0), Given(part="why", result="skipped", keys="0")),
    measures={"csat": 1.0},
    words="من شكايت‌های زيادی دارم. Your REFUNDS are slow.",
    tier="gold",
    queue="support",
    has_comment=True,
)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (When(of="score", measure="csat", at_most=2), True),
        (When(of="score", measure="csat", at_least=2), False),
        (When(of="score", measure="csat"), True),
        (When(of="score", measure="nps", at_most=6), False),
        (When(of="score", at_most=2), False),
        (When(of="answer", part="csat", one_of=("1", "2")), True),
        (When(of="answer", part="csat", at_least=3), False),
        (When(of="answer", part="why"), False),
        (When(of="words", one_of=("شکایت",)), True),
        (When(of="words", one_of=("زیاد", "nothing")), True),
        (When(of="words", one_of=("refund",)), True),
        (When(of="words", one_of=("fund", "low")), False),
        (When(of="words", one_of=("are slow",)), True),
        (When(of="words", one_of=("", "؟")), False),
        (When(of="words"), False),
        (When(of="tier", one_of=("gold",)), True),
        (When(of="tier", one_of=("silver",)), False),
        (When(of="tier"), False),
        (When(of="queue", one_of=("support", "sales")), True),
        (When(of="queue", one_of=("sales",)), False),
        (When(of="comment"), True),
    ],
)
def test_a_condition_of_a_rule(when: When, holds: bool) -> None:
    rule = Rule(id="r", when=(when,), then=(CallWebhook(),))
    assert bool(due([rule], ANGRY)) is holds


def test_nothing_given_sets_off_only_what_asks_for_nothing() -> None:
    rules = [
        Rule(id="score", when=(When(of="score", measure="csat", at_most=2),), then=(CallWebhook(),)),
        Rule(id="comment", when=(When(of="comment"),), then=(CallWebhook(),)),
        Rule(id="words", when=(When(of="words", one_of=("a",)),), then=(CallWebhook(),)),
        Rule(id="every", then=(CallWebhook(),)),
    ]
    assert [rule.id for rule, _ in due(rules, Outcome())] == ["every"]


def test_all_conditions_must_hold_and_all_actions_are_due_in_their_order() -> None:
    low, gold, silver = When(of="score", measure="csat", at_most=2), When(of="tier", one_of=("gold",)), When(of="tier")
    both = Rule(id="both", when=(low, gold), then=(MakeTask(due_minutes=30), AddTag(tag="unhappy")))
    one = Rule(id="one", when=(low, silver), then=(CallWebhook(),))
    off = Rule(id="off", enabled=False, then=(CallWebhook(),))
    last = Rule(id="last", then=(RaiseAlert(title="Low"),))
    assert due([both, one, off, last], ANGRY) == [
        (both, MakeTask(due_minutes=30)),
        (both, AddTag(tag="unhappy")),
        (last, RaiseAlert(title="Low")),
    ]


def test_the_outcome_of_a_survey_has_the_value_of_each_measure() -> None:
    asked = script(question("csat", measure="csat"), nps(measure="nps"), question("other"), WORDS, THANKS)
    here = take(asked, "2", "10", "3", said(8.0))
    came = outcome(asked, here.state.given, queue="support", tier="gold")
    assert came.measures == {"csat": 2.0, "nps": 10.0}
    assert came.has_comment
    assert (came.queue, came.tier, came.words) == ("support", "gold", "")


def test_what_was_not_answered_has_no_measure_and_no_comment() -> None:
    asked = script(question("csat", measure="csat", retries=0), WORDS, THANKS)
    came = outcome(asked, take(asked, SILENT, GONE).state.given)
    assert came.measures == {}
    assert not came.has_comment


def test_a_comment_kept_when_the_caller_hung_up_is_a_comment() -> None:
    asked = script(WORDS, THANKS)
    assert outcome(asked, take(asked, said(2.0, "hang_up")).state.given).has_comment


def test_rules_are_stored_as_json() -> None:
    rules = [Rule(id="r", when=(When(of="comment"),), then=(MakeTask(), RaiseAlert(), AddTag(tag="t"), CallWebhook()))]
    assert msgspec.json.decode(msgspec.json.encode(rules), type=list[Rule]) == rules
