"""Rules as text: written, read, the same; and what is wrong with a text, at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.routing.names import NAMES
from cxcall.routing.rule import RuleSet
from cxcall.routing.text import from_text, to_text
from cxcall.routing.text.grammar import KEYWORDS
from cxcall.routing.text.reading import SENTENCES
from tests.unit.routing.made import PEOPLE, any_conditions, any_rules, proper_conditions, rules

EVERYTHING = """age every 60 s up to 30

rule gold "Gold customers first"
  owner sara
  expires 2027-03-20
  note "Ask \\"Reza\\"\\nbefore you change it"
  trial "Gold first" for 20 % by csat even when worse from 2026-11-01 until 2026-12-01
  off
  when customer.tier is one of (gold, silver)
  and not customer.tag:"big spender"
  and customer.language is not known
  and queue.waiting:billing over 5
  and time.clock between 22:00 and 06:00
  and call.number begins with "+9821"
  and past.last_agent is sara
  then queue gold, priority 5, agent last within 30 days for 15 s, skills (english 3, "زبان فرانسه" 1 after 60 s), overflow expected_wait over 300 to support, language customer, announcement "sorry", challenge, call-back, no survey
  stop

rule r1 "All others"
  then nothing
"""  # noqa: E501 - as it is written


def test_rules_are_written_as_they_were_read() -> None:
    read = from_text(EVERYTHING, PEOPLE)
    assert read.errors == ()
    assert read.rules is not None
    assert to_text(read.rules, PEOPLE) == EVERYTHING.replace('"sorry"', "sorry")


def test_a_rule_may_stand_on_one_line() -> None:
    text = 'rule "Gold" when customer.tier is gold and queue.waiting over 5 then queue gold, priority 5'
    (rule,) = rules(text).rules
    assert (rule.id, rule.then.queue, rule.then.priority) == ("r1", "gold", 5)


GUIDE = (Path(__file__).parents[3] / "docs/admin.md").read_text(encoding="utf-8")


def test_the_example_of_the_guide_can_be_read() -> None:
    (example,) = re.findall(r"```\n(age every .*?)```", GUIDE, re.DOTALL)
    assert [rule.id for rule in rules(example).rules] == ["gold", "english"]


def test_the_guide_names_every_fact() -> None:
    rows = dict(re.findall(r"^\| `(\w+)\.` \| (.*) \|$", GUIDE, re.MULTILINE))
    missing = [name for name, each in NAMES.items() if f"`{name.partition('.')[2]}" not in rows.get(each.group, "")]
    assert [name for name in missing if "skilled" not in name] == []


@settings(max_examples=50)
@given(any_rules(proper_conditions()))
def test_reading_what_was_written_gives_the_same_rules(made: RuleSet) -> None:
    read = from_text(to_text(made, PEOPLE), PEOPLE)
    assert read.errors == ()
    assert read.rules == made


@settings(max_examples=50)
@given(any_rules(any_conditions()))
def test_unfinished_drafts_are_not_lost_either(made: RuleSet) -> None:
    read = from_text(to_text(made, PEOPLE), PEOPLE)
    assert read.errors == ()
    assert read.rules == made


def test_without_names_people_stand_by_their_ids() -> None:
    made = rules('rule a "a" owner sara then agent user reza for 9 s')
    text = to_text(made)
    assert 'owner "id:u-sara"' in text
    assert from_text(text).rules == made


def test_two_people_with_one_name_stand_by_their_ids() -> None:
    made = rules('rule a "a" owner sara then nothing')
    assert 'owner "id:u-sara"' in to_text(made, {"u-sara": "sara", "u-other": "sara"})


def test_rules_without_an_id_get_one_that_is_free() -> None:
    assert [rule.id for rule in rules('rule "a" then nothing\nrule r1 "b" then nothing').rules] == ["r2", "r1"]
    read = from_text('rule "a" then nothing', new_id=lambda: "made")
    assert read.rules is not None
    assert read.rules.rules[0].id == "made"


def test_nothing_is_a_rule_set_without_rules() -> None:
    assert from_text("").rules == RuleSet()
    assert from_text(" \n\n").rules == RuleSet()


WRONG = [
    ('rule a "a" when customer.teir is gold', 1, 17, "unknown_fact", "customer.tier"),
    ('rule a "a" when foo.bar is 5', 1, 17, "no_such_fact", "foo.bar"),
    ('rule a "a" when customer.tag is 5', 1, 17, "no_such_fact", "customer.tag"),
    ('rule a "a"\n  when customer.tier over', 2, 26, "ends", "5"),
    ('rule a "a"\n  then queue', 2, 13, "ends", "a name"),
    ('rule a "a" then queue x queue', 1, 25, "unexpected", "stop"),
    ('rule a "a" then queue x, $$', 1, 26, "unexpected", "$$"),
    ("age every 60 s", 1, 15, "ends", "up"),
    ("hello", 1, 1, "unexpected", "age"),
    ("rule", 1, 5, "ends", "a name"),
    ('rule a "a" stop stop', 1, 17, "twice", "stop"),
    ('rule a "a" then queue a, queue b', 1, 26, "twice", "queue"),
    ('rule a "a" then priority 1.5', 1, 26, "number", "1.5"),
    ('rule a "a" expires 2026-13-01', 1, 20, "date", "2026-13-01"),
    ('rule a "a" note "\\q"', 1, 17, "text", "\\q"),
    ('rule a "a" owner bob', 1, 18, "nobody", "bob"),
    ('rule a "a"\nrule a "b"', 2, 1, "id_twice", "a"),
]


@pytest.mark.parametrize(("text", "line", "column", "code", "says"), WRONG)
def test_what_is_wrong_is_told_at_its_place(text: str, line: int, column: int, code: str, says: str) -> None:
    read = from_text(text)
    assert read.rules is None
    (error,) = read.errors
    assert (error.line, error.column, error.code) == (line, column, code)
    assert says in error.text


def test_every_sentence_of_what_can_be_wrong_is_shown_above() -> None:
    assert {code for *_, code, _ in WRONG} == SENTENCES.keys()


def test_every_rule_that_is_wrong_is_told_at_once() -> None:
    text = 'rule a "a" then priority x\nrule b "b" then queue gold\nrule c "c"\n  when x'
    assert [(error.line, error.column) for error in from_text(text).errors] == [(1, 26), (4, 8)]


def test_a_hundred_rules_are_read_soon() -> None:
    made = RuleSet(rules=tuple(
        rule for n in range(100) for rule in rules(f'rule x{n} "n" when customer.tier is gold then priority 5').rules
    ))  # fmt: skip
    assert from_text(to_text(made)).rules == made


PIECES = [
    *sorted(KEYWORDS),
    "customer.tier",
    'customer.tag:"x',
    "gold",
    '"a b"',
    '"',
    "5",
    "22:00",
    "2026-13-45",
    "\n",
    "(",
]


@settings(max_examples=80)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map(" ".join), st.booleans())
def test_whatever_the_text_it_is_read_or_told_what_is_wrong(text: str, begun: bool) -> None:
    read = from_text(f'rule a "a" {text}' if begun else text, PEOPLE)
    assert (read.rules is None) == bool(read.errors)
    assert all(error.line >= 1 and error.column >= 1 and error.text for error in read.errors)
