"""What can be said against rules before they are published."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given, settings

from cxcall.routing import references
from cxcall.routing.checking import MOST_RULES, Known, can_publish, problems
from cxcall.routing.decide import decide
from cxcall.routing.facts import Facts
from cxcall.routing.problems import ERRORS, WARNINGS
from cxcall.routing.rule import Condition, RuleSet
from cxcall.routing.widening import NOTES, SkillMembers
from tests.unit.routing.made import CALLS, QUEUES, any_rules, proper_conditions, rules

KNOWN = Known(
    queues=frozenset(QUEUES),
    users=frozenset({"u-sara", "u-reza"}),
    skills=frozenset({"English", "french"}),
    prompts=frozenset({"hello"}),
    intents=frozenset({"cancel"}),
    languages=frozenset({"fa", "en"}),
    tags=frozenset({"VIP"}),
    members=(
        SkillMembers(queue="support", skill="English", by_level=True),
        SkillMembers(queue="gold", skill="English"),
        SkillMembers(queue="support", skill="french", by_level=True),
    ),
    today=date(2026, 11, 24),
)

RIGHT = """age every 60 s up to 30
rule a "VIP first" owner gone
  when customer.tier is gold and customer.tag:vip and queue.waiting:gold under 5 and said.intent is cancel
  then queue gold, priority 5, agent user sara for 15 s, announcement hello, language fa stop
rule b "English"
  when customer.language is en and time.clock between 22:00 and 06:00 and call.number begins with "+44"
  then queue support, skills (english 3, english 1 after 60 s), overflow waiting over 20 to sales
rule c "All" expires 2027-03-20 trial "All" for 50 % by wait then agent last within 30 days for 15 s, language customer
"""


def test_rules_that_are_right_have_no_problems() -> None:
    assert problems(rules(RIGHT, PEOPLE), KNOWN) == ()


PEOPLE = {"u-sara": "sara", "u-reza": "reza", "u-gone": "gone"}
ALWAYS = "then priority 1"

CASES = [
    ('rule a " " then priority 1', "no_name", "name"),
    ('rule a "a" then nothing', "gives_nothing", "then"),
    ('rule a "a" when customer.tier over 5 then queue gold', "comparison", "when.0"),
    ('rule a "a" when customer.tier is () then queue gold', "no_value", "when.0"),
    ('rule a "a" when queue.waiting over (1, 2) then queue gold', "no_value", "when.0"),
    ('rule a "a" when time.clock between (08:00) then queue gold', "two_values", "when.0"),
    ('rule a "a" when customer.tier is platinum then queue gold', "value_form", "when.0"),
    ('rule a "a" when queue.waiting over many then queue gold', "value_form", "when.0"),
    ('rule a "a" when queue.waiting over -1 then queue gold', "value_form", "when.0"),
    ('rule a "a" when customer.known holds (maybe) then queue gold', "value_form", "when.0"),
    ('rule a "a" when queue.waiting between 9 and 3 then queue gold', "crossed", "when.0"),
    ('rule a "a" when queue.waiting over 5 and queue.free over 1 and queue.waiting under 3 then queue gold',
     "contradiction", "when.2"),
    ('rule a "a" when customer.known and not customer.known then queue gold', "contradiction", "when.1"),
    ('rule a "a" when customer.tier is gold and customer.tier is not known then queue gold', "contradiction", "when.1"),
    ('rule a "a" then queue lost', "unknown_queue", "then.queue"),
    ('rule a "a" when queue.waiting:lost over 5 then queue gold', "unknown_queue", "when.0"),
    ('rule a "a" when past.last_queue is lost then queue gold', "unknown_queue", "when.0"),
    ('rule a "a" then overflow waiting over 5 to lost', "unknown_queue", "then.overflow.0"),
    ('rule a "a" then overflow waiting over 5 to ""', "unknown_queue", "then.overflow.0"),
    ('rule a "a" then agent user gone for 9 s', "unknown_user", "then.agent"),
    ('rule a "a" when past.last_agent is gone then queue gold', "unknown_user", "when.0"),
    ('rule a "a" then queue support, skills german 3', "unknown_skill", "then.skills.0"),
    ('rule a "a" when queue.skilled:german over 0 then queue gold', "unknown_skill", "when.0"),
    ('rule a "a" then announcement bye', "unknown_prompt", "then.announcement"),
    ('rule a "a" when said.intent is renew then queue gold', "unknown_intent", "when.0"),
    ('rule a "a" then language de', "unknown_language", "then.language"),
    ('rule a "a" when customer.tag:nobody then queue gold', "unused_tag", "when.0"),
    ('rule a "a" then priority 21', "priority_range", "then.priority"),
    ('rule a "a" then agent last within 9 days for 0 s', "wait_range", "then.agent"),
    ('rule a "a" then agent user "id:" for 9 s', "no_person", "then.agent"),
    ('rule a "a" then queue support, skills english 6', "level_range", "then.skills.0"),
    ('rule a "a" then queue support, skills english 1 after 9999 s', "after_range", "then.skills.0"),
    ('rule a "a" then queue support, skills (english 1, english 3)', "step_twice", "then.skills.1"),
    ('rule a "a" then overflow waiting over -1 to gold', "limit_range", "then.overflow.0"),
    ('rule a "a" then queue gold, overflow waiting over 1 to GOLD', "overflow_self", "then.overflow.0"),
    ('age every 5 s up to 30\nrule a "a" then priority 1', "age_range", "age_every"),
    ('age every 60 s up to 9\nrule a "a" then priority 9', "age_low", "age_most"),
    ('age every 0 s up to 30\nrule a "a" then priority 9', "no_ageing", "age_every"),
    ('rule a "a" trial " " for 50 % by csat then priority 1', "trial_name", "trial"),
    ('rule a "a" trial "t" for 100 % by csat then priority 1', "share_range", "trial"),
    ('rule a "a" trial "t" for 50 % by csat from 2026-12-02 until 2026-12-01 then priority 1', "trial_dates", "trial"),
    ('rule a "a" trial "t" for 50 % by csat until 2026-11-24 then priority 1', "trial_ended", "trial"),
    ('rule b "b" trial "t" for 9 % by csat then queue gold\nrule a "a" trial "t" for 50 % by csat then priority 1',
     "trial_twice", "trial"),
    ('rule a "a" expires 2026-11-23 then priority 1', "expired", "expires"),
    ('rule a "a" expires 2026-12-01 then priority 1', "expires_soon", "expires"),
    ('rule b "b" when customer.tier is known then queue gold stop\n'
     'rule a "a" when customer.tier is gold and customer.known then priority 1', "unread", "when"),
    ('rule b "b" then priority 2, queue gold\nrule a "a" when customer.known then priority 1', "nothing_left", "then"),
    ('rule a "a" when call.queue is support then overflow waiting over 5 to sales\n'
     'rule b "b" then queue sales, overflow waiting over 5 to support', "overflow_round", "then.overflow.0"),
    ('rule a "a" then block', "block_all", "then.treat"),
    ('rule a "a" when call.number is 0912 then queue gold', "number_form", "when.0"),
    ('rule a "a" then queue sales, skills english 3', "skill_not_in", "then.skills"),
    ('rule a "a" then queue gold, skills english 3', "level_not_apart", "then.skills"),
    ('rule a "a" then queue support, skills (english 3, french 1 after 60 s)', "several_skills", "then.skills"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "field"), CASES)
def test_a_problem_is_told_of_its_rule_and_field(text: str, code: str, field: str) -> None:
    found = [one for one in problems(rules(text, PEOPLE), KNOWN) if one.code == code]
    assert [(one.rule, one.field) for one in found] == [("" if field.startswith("age") else "a", field)]
    assert found[0].severity == ("error" if code in ERRORS else "warning")
    assert "{" not in found[0].text


def test_rules_that_no_text_can_hold_are_refused_too() -> None:
    one = rules('rule a "a" then priority 1').rules[0]
    strange = msgspec.structs.replace(one, when=(Condition(fact="customer.teir", op="is", value=("gold",)),))
    assert [each.code for each in problems(RuleSet(rules=(strange,)), KNOWN)] == ["unknown_fact"]
    same = RuleSet(rules=(one, msgspec.structs.replace(one, then=msgspec.structs.replace(one.then, priority=2))))
    assert "same_id" in {each.code for each in problems(same, KNOWN)}
    assert problems(RuleSet(rules=(msgspec.structs.replace(one, id=""),)), KNOWN)[0].code == "no_id"
    many = RuleSet(rules=tuple(msgspec.structs.replace(one, id=str(n), enabled=False) for n in range(MOST_RULES + 1)))
    assert problems(many, KNOWN)[0].code == "too_many"


def test_every_problem_of_the_catalogue_is_shown_above() -> None:
    shown = {code for _, code, _ in CASES} | {"unknown_fact", "same_id", "no_id", "too_many"}
    assert shown == ERRORS.keys() | WARNINGS.keys()
    assert {code: WARNINGS[code] for code in NOTES} == NOTES


def test_of_what_is_not_known_nothing_is_said() -> None:
    text = 'rule a "a" when said.intent is x and customer.tag:x then queue x, skills x 3, announcement x, language x'
    assert problems(rules(text), Known()) == ()


def test_a_rule_that_is_switched_off_may_name_what_is_gone() -> None:
    assert problems(rules('rule a "a" off then queue lost'), KNOWN) == ()


@pytest.mark.parametrize(
    "above",
    [
        'rule b "b" when customer.tier is gold then priority 2 stop',  # holds for fewer
        'rule b "b" expires 2027-01-01 then priority 2 stop',  # goes one day
        'rule b "b" trial "t" for 50 % by csat then priority 2 stop',  # holds for half
        'rule b "b" off then priority 2 stop',
        'rule b "b" then queue gold',  # the queue may be closed
    ],
)
def test_a_rule_that_may_count_is_not_called_useless(above: str) -> None:
    found = problems(rules(f'{above}\nrule a "a" when customer.known then priority 1, queue gold'), KNOWN)
    assert not {"unread", "nothing_left"} & {one.code for one in found}


def test_errors_come_first_and_keep_rules_from_being_published() -> None:
    found = problems(rules('rule a "a" then block\nrule b "b" then queue lost'), KNOWN)
    assert [one.severity for one in found] == ["error", "warning"]
    assert not can_publish(found)
    assert can_publish(found[1:])


@settings(max_examples=60)
@given(any_rules(proper_conditions()), CALLS)
def test_published_rules_name_only_what_exists_and_always_give_a_result(made: RuleSet, facts: Facts) -> None:
    found = problems(made, KNOWN)
    assert all(one.text for one in found)
    if not can_publish(found):
        return
    assert {name.lower() for name in references.named(made, "queue")} <= {name.lower() for name in QUEUES}
    assert decide(made, facts).result.queue in {*QUEUES, facts.queue}
