"""Skills that widen, as rules of Asterisk's penalties."""

from __future__ import annotations

import pytest

from cxcall.routing.rule import SkillStep
from cxcall.routing.widening import (
    EVERYBODY,
    SkillMembers,
    first_penalty,
    in_order,
    notes,
    rule,
    rule_name,
)
from cxcall.routing.widening import rules as all_rules
from tests.unit.routing.made import rules

STEPS = (
    SkillStep(skill="English", level=3),
    SkillStep(skill="english", level=1, after=60),
    SkillStep(skill="", level=0, after=120),
)
BY_LEVEL = SkillMembers(queue="support", skill="english", by_level=True)


def lines(steps: tuple[SkillStep, ...], *members: SkillMembers) -> list[str]:
    made = rule("support", steps, members)
    return [] if made is None else [value for _, value in made.lines]


def test_a_level_is_a_highest_penalty_and_everybody_is_all_of_them() -> None:
    assert lines(STEPS, BY_LEVEL) == ["0,2,", "60,4,", f"120,{EVERYBODY},"]
    assert first_penalty("support", STEPS, [BY_LEVEL]) == 2


def test_members_that_begin_later_are_asked_later() -> None:
    later = SkillMembers(queue="SUPPORT", skill="English", base=10, level=2, by_level=True)
    assert lines(STEPS, later) == ["0,12,", "60,13,", f"120,{EVERYBODY},"]


def test_members_without_levels_are_told_apart_by_their_penalties() -> None:
    masters = SkillMembers(queue="support", skill="english", base=0, level=4)
    others = SkillMembers(queue="support", skill="english", base=5, level=1)
    steps = (SkillStep(skill="english", level=4), SkillStep(skill="english", level=1, after=30))
    assert lines(steps, masters) == ["0,0,", "30,0,"]
    assert lines((SkillStep(skill="english", level=4),), masters, others) == ["0,0,"]


def test_a_queue_without_the_skill_has_no_rule_and_nobody_is_left_out() -> None:
    assert lines(STEPS) == []
    assert lines(STEPS, SkillMembers(queue="sales", skill="english")) == []
    assert lines(STEPS, SkillMembers(queue="support", skill="french")) == []
    assert lines((SkillStep(skill="english", level=0),), BY_LEVEL) == []
    assert first_penalty("support", STEPS, []) is None
    assert first_penalty("support", (SkillStep(skill="english", level=1, after=9),), [BY_LEVEL]) is None
    assert first_penalty("support", (), [BY_LEVEL]) is None


def test_steps_go_by_time_and_of_two_at_one_time_the_last_counts() -> None:
    steps = (
        SkillStep(skill="a", level=1, after=60),
        SkillStep(skill="b", level=2),
        SkillStep(skill="c", level=3, after=-5),
    )
    assert [(step.skill, step.after) for step in in_order(steps)] == [("c", 0), ("a", 60)]


def test_a_rule_is_named_by_what_is_in_it() -> None:
    name = rule_name("support", STEPS)
    assert name.startswith("support-skills-")
    assert name == rule_name("support", tuple(reversed(STEPS)))
    assert name != rule_name("support", STEPS[:2])
    assert name != rule_name("sales", STEPS)
    assert rule_name("support", ()) == ""


def test_every_queue_a_call_may_end_in_has_its_rules_each_once() -> None:
    text = """
rule a "a" then skills (english 3, english 1 after 60 s)
rule b "b" then skills (English 1 after 60 s, english 3)
rule c "c" off then skills english 5
rule d "d" then skills french 2"""
    members = [BY_LEVEL, SkillMembers(queue="sales", skill="english", by_level=True)]
    made = all_rules(rules(text), members)
    steps = rules(text).rules[0].then.skills
    assert [one.name for one in made] == [rule_name("sales", steps), rule_name("support", steps)]


@pytest.mark.parametrize(
    ("steps", "members", "codes"),
    [
        (STEPS, [BY_LEVEL], []),
        (STEPS, [], ["skill_not_in"]),
        (STEPS[:1], [SkillMembers(queue="support", skill="english")], ["level_not_apart"]),
        (
            (SkillStep(skill="english", level=1), SkillStep(skill="french", level=1, after=9)),
            [BY_LEVEL, SkillMembers(queue="support", skill="french", by_level=True)],
            ["several_skills"],
        ),
    ],
)
def test_what_asterisk_can_not_do_is_said(
    steps: tuple[SkillStep, ...], members: list[SkillMembers], codes: list[str]
) -> None:
    assert [note.code for note in notes("support", steps, members)] == codes
    assert all(note.sentence.format(**note.values) for note in notes("support", steps, members))
