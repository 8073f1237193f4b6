"""Decisions and rules in words, in both languages; drafts beside what is published."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings

from cxcall.routing import differences as changes
from cxcall.routing import phrases, problems, reasons
from cxcall.routing.decide import decide
from cxcall.routing.decision import Decision
from cxcall.routing.differences import change_told, differences
from cxcall.routing.explain import Told, story, why_them
from cxcall.routing.facts import Facts
from cxcall.routing.names import NAMES
from cxcall.routing.phrases import PLAIN, conditions_told, then_told, trial_told
from cxcall.routing.rule import RuleSet
from cxcall.routing.text import reading
from cxcall.web import words
from tests.unit.routing.made import CALLS, any_conditions, any_rules, call, proper_conditions, rules

MESSAGES = [
    *reasons.SENTENCES.values(), *reasons.STATES.values(), *reading.SENTENCES.values(),
    *problems.ERRORS.values(), *problems.WARNINGS.values(), *changes.SENTENCES.values(),
    *phrases.CHOICES.values(), *phrases.CONDITIONS.values(), *phrases.RESULTS.values(),
    *phrases.MEASURES.values(), *phrases.PIECES.values(),
    *(name.words for name in NAMES.values()), *(name.words_no for name in NAMES.values() if name.words_no),
]  # fmt: skip
"""All that is said of rules and decisions."""


class Persian:
    """A reader of Persian; values as a page would show them."""

    def text(self, message: str) -> str:
        return words.catalogue("fa")[None, message][0]

    def value(self, value: str | float, kind: str) -> str:
        if kind == "user":
            return {"u-sara": "سارا", "u-reza": "رضا"}.get(str(value), str(value))
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        digits = shown.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        return f"{digits} ثانیه" if kind == "seconds" else digits if kind == "number" else shown


PERSIAN = Persian()

TEXT = """
rule vip "VIP" when customer.tier is gold and queue.waiting over 5 and not customer.tag:slow
  then queue gold, priority 5, agent manager for 10 s
rule all "All" when call.queue is support then overflow waiting over -1 to sales, agent last within 30 days for 15 s"""


def test_an_agent_is_told_only_what_sent_the_call_to_them() -> None:
    text = """
rule vip "VIP" when customer.tier is gold
  then queue gold, priority 5, language fa, announcement welcome, no survey"""
    decision = decide(rules(text), call())
    assert why_them(decision, PLAIN) == ("To the queue “gold”.", "Priority 5.")
    assert why_them(decide(RuleSet(), call()), PLAIN) == (), "no rule, no reason"


def test_a_decision_is_told_rule_by_rule() -> None:
    decision = decide(rules(TEXT), call())
    assert story(decision, PLAIN) == (
        Told(
            rule="vip",
            rule_name="VIP",
            because=(
                "the customer’s tier is gold",
                "the number of callers waiting in the queue is over 5 (now 6)",
                "the customer does not have the tag “slow”",
            ),
            does=("To the queue “gold”.", "Priority 5.", "Reza is not rung first: on a call."),
        ),
        Told(
            rule="all",
            rule_name="All",
            because=("the queue asked for is support",),
            does=(
                "Sara is rung first for 15 s: the agent of the last call.",
                "On to the queue “sales”: the number of callers waiting in “gold” is 0, over -1.",
            ),
        ),
    )


def test_a_decision_is_told_in_persian() -> None:
    vip, default = story(decide(rules(TEXT), call()), PERSIAN)
    assert vip.because[:2] == (
        "سطح مشتری طلایی است",
        "شمار تماس‌گیرندگان در انتظار در صف بیش از ۵ است (اکنون ۶)",
    )
    assert vip.does == ("به صف «gold».", "اولویت ۵.", "تلفن Reza نخست زنگ نمی‌خورد: در حال گفتگو.")
    assert default.does[0] == "نخست تلفن Sara به مدت ۱۵ ثانیه زنگ می‌خورد: کارشناس تماس پیشین."


def test_what_was_found_is_told_as_what_it_is() -> None:
    text = 'rule a "a" when queue.skilled:english:3 over 0 and past.hours_since under 6 then priority 5'
    assert story(decide(rules(text), call()), PERSIAN)[0].because == (
        "شمار کارشناسان آزاد با english از سطح ۳ بیش از ۰ است (اکنون ۱)",
        "زمان گذشته از تماس پیشین کمتر از 6 است (اکنون 5)",
    )


def test_the_default_is_told_last() -> None:
    told = story(decide(rules('rule a "a" then priority 3'), call()), PLAIN)
    assert [(one.rule, one.does) for one in told] == [
        ("a", ("Priority 3.",)), ("", ("No rule names a queue: it stays “support”.",)),
    ]  # fmt: skip


def test_an_agent_who_is_not_there_is_named_by_the_page() -> None:
    decision = decide(rules('rule a "a" then agent user sara for 9 s'), call(agents={}))
    assert story(decision, PERSIAN)[0].does[0].startswith("تلفن سارا نخست زنگ نمی‌خورد")


@settings(max_examples=30)
@given(any_rules(any_conditions()), CALLS)
def test_every_decision_can_be_told_also_after_it_was_kept(made: RuleSet, facts: Facts) -> None:
    decision = decide(made, facts)
    kept = msgspec.json.decode(msgspec.json.encode(decision), type=Decision)
    for reader in (PLAIN, PERSIAN):
        assert all(one.does for one in story(kept, reader))
    assert story(kept, PLAIN) == story(decision, PLAIN)


EVERYTHING = """rule a "a"
  trial "Gold first" for 20 % by nps
  then queue gold, priority 5, agent last within 30 days for 15 s, skills (english 3, english 0 after 60 s),
    overflow expected_wait over 300 to sales, language customer, announcement sorry, challenge, call-back, survey"""


def test_what_a_rule_gives_is_told_field_by_field() -> None:
    (rule,) = rules(EVERYTHING).rules
    assert conditions_told(rule.when, PLAIN) == ["always"]
    assert then_told(rule.then, PLAIN) == [
        ("queue", "to the queue “gold”"),
        ("priority", "priority 5"),
        ("agent", "the last agent is rung first for 15 s, if they talked in the last 30 days"),
        ("skills", "by skill: english from level 3, everybody after 60 s"),
        ("overflow", "on to “sales” when the expected wait in the queue is over 300 s"),
        ("language", "in the language of the customer’s profile"),
        ("announcement", "“sorry” is played first"),
        ("treat", "the caller has to press a key first"),
        ("call_back", "a call-back is offered"),
        ("survey", "a survey is asked afterwards"),
    ]
    assert rule.trial is not None
    assert trial_told(rule.trial, PLAIN) == (
        "the experiment “Gold first” with 20 % of the customers, compared by net promoter score"
    )


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("customer.tier is none of (gold, silver)", "the customer’s tier is none of gold, silver"),
        ("customer.language is not known", "the customer’s language is not known"),
        ("time.clock between 22:00 and 06:00", "the time of day is from 22:00 to 06:00"),
        ("time.weekday is friday", "the day of the week is Friday"),
        ("queue.open:night", "“night” is open"),
        ("not queue.open", "the queue is closed"),
        ("queue.skilled:english:3 at least 1", "the number of free agents with english from level 3 is at least 1"),
        ("past.last_score under 50", "the last score is under 50 %"),
        ("said.text contains (cancel, 5)", "what the caller said contains “cancel”, “5”"),
        ('call.number begins with "+9821"', "the caller’s number begins with +9821"),
    ],
)
def test_a_condition_is_told(condition: str, told: str) -> None:
    (rule,) = rules(f'rule a "a" when {condition} then nothing').rules
    assert conditions_told(rule.when, PLAIN) == [told]


def test_everything_that_is_said_is_said_in_persian_too() -> None:
    known = words.catalogue("fa")
    assert [message for message in MESSAGES if (None, message) not in known] == []


def test_both_languages_name_the_same_values() -> None:
    named = re.compile(r"\{(\w+)\}")
    assert [one for one in MESSAGES if set(named.findall(one)) != set(named.findall(PERSIAN.text(one)))] == []


BEFORE = """age every 60 s up to 30
rule a "A" when customer.tier is gold then priority 5
rule b "B" then queue gold
rule c "C" owner sara expires 2027-01-01 then queue sales
rule d "D" then nothing"""
AFTER = """age every 30 s up to 30
rule c "See" note "x" trial "t" for 9 % by csat when customer.known then queue gold, priority 2 stop
rule a "A" off when customer.tier is silver then priority 6
rule e "E" when customer.known then queue support
rule b "B" then queue gold"""


def test_a_draft_is_told_beside_what_is_published() -> None:
    found = differences(rules(BEFORE), rules(AFTER))
    assert [(one.kind, one.rule) for one in found] == [
        ("ageing", ""), ("changed", "c"), ("changed", "a"), ("added", "e"), ("removed", "d"),
    ]  # fmt: skip
    told = [change_told(one, PLAIN) for one in found]
    assert told[0] == ("Who waits rises by one each 30 s, up to 30.",)
    assert told[1] == (
        "Moves from place 3 to place 1.",
        "Was called “C”.",
        "Holds only if, too: the customer is known.",
        "Does not give any more: to the queue “sales”.",
        "Gives now: to the queue “gold”.",
        "Gives now: priority 2.",
        "No rule below it is read after it.",
        "Becomes the experiment “t” with 9 % of the customers, compared by satisfaction.",
        "Looked after by nobody.",
        "Does not expire any more.",
        "Has another note.",
    )
    assert told[2][0] == "Switched off."
    assert told[3] == ("New, at place 3: when the customer is known, then to the queue “support”.",)
    assert told[4] == ("Gone.",)


def test_the_way_back_is_told_as_well() -> None:
    told = [change_told(one, PLAIN) for one in differences(rules(AFTER), rules(BEFORE))]
    flat = {sentence for sentences in told for sentence in sentences}
    assert {
        "Switched on.",
        "Rules below it are read after it.",
        "Looked after by u-sara.",
        "Holds until 2027-01-01.",
    } <= flat
    assert "Is no longer the experiment “t” with 9 % of the customers, compared by satisfaction." in flat
    off = rules("age every 0 s up to 30")
    assert change_told(differences(rules(BEFORE), off)[0], PLAIN) == ("Who waits does not rise any more.",)


def test_a_rule_that_only_moves_is_told_to_move() -> None:
    text = '{0}rule x "x" then priority 1\n{1}'
    one = 'rule y "y" then priority 2\nrule z "z" then priority 3\n'
    (found,) = differences(rules(text.format("", one)), rules(text.format(one, "")))
    assert (found.kind, change_told(found, PLAIN)) == ("moved", ("Moves from place 1 to place 3.",))


@settings(max_examples=25)
@given(any_rules(proper_conditions()), any_rules(proper_conditions()))
def test_only_what_differs_is_told(one: RuleSet, other: RuleSet) -> None:
    assert differences(one, one) == ()
    found = differences(one, other)
    assert bool(found) == (one != other)
    for reader in (PLAIN, PERSIAN):
        assert all(change_told(each, reader) or each.kind == "changed" for each in found)
    assert {each.rule for each in found} >= {rule.id for rule in other.rules if rule not in one.rules}
