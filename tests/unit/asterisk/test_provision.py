"""Queue files as acts and keys: what is sent to Asterisk, before any Asterisk is there."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.asterisk.doctor_provision import queue_files
from cxcall.asterisk.provision import astdb
from cxcall.asterisk.provision.edits import MOST_HEADERS, Edit, TooLong, check, edits, packed
from cxcall.asterisk.provision.material import Material
from cxcall.asterisk.provision.planning import merged, restored, target
from cxcall.asterisk.provision.sections import compare, own_lines, plain, read, same
from cxcall.asterisk.provision.session import session
from cxcall.asterisk.provision.skill_rules import with_skills
from cxcall.queues.definition import Destination, MemberChoice, PenaltyStep, QueueDefinition
from cxcall.queues.hours import Calendar, Span
from cxcall.queues.line import Line, Section, read_files
from cxcall.queues.membership import People, Person
from cxcall.queues.rules import rule_name
from cxcall.routing.rule import Rule, RuleSet, SkillStep, Then
from cxcall.routing.widening import rule_name as skills_rule
from cxcall.settings import Ami
from tests.support.fake_ami import FakeAmi

TODAY = date(2026, 11, 22)
SARA = Person(id="u1", name="Sara", interfaces=("PJSIP/1001",))


def section(name: str, *lines: str) -> Section:
    return Section(name=name, lines=tuple(Line(*line.split("=", 1)) for line in lines))


def written(there: tuple[Section, ...], acts: tuple[Edit, ...]) -> tuple[Section, ...]:
    """What a file holds after these acts, as Asterisk does them."""
    found = [(one.name, list(one.lines)) for one in there]
    for act in acts:
        at = next((n for n, (name, _) in enumerate(found) if name == act.section), None)
        if act.act == "NewCat":
            assert at is None
            found.append((act.section, []))
            continue
        assert at is not None
        if act.act == "DelCat":
            del found[at]
            continue
        lines = found[at][1]
        meant = [
            n for n, line in enumerate(lines)
            if line.var.lower() == act.var.lower() and (not act.match or line.value.lower() == act.match.lower())
        ]  # fmt: skip
        if act.act == "EmptyCat":
            lines.clear()
        elif act.act == "Append":
            lines.append(Line(act.var, act.value))
        elif act.act == "Insert":
            assert act.line is not None
            lines.insert(act.line, Line(act.var, act.value))
        elif act.act == "Update":
            lines[meant[0]] = Line(act.var, act.value)
        elif act.act == "Delete":
            assert meant
            lines[:] = [line for n, line in enumerate(lines) if n not in meant]
    return tuple(Section(name=name, lines=tuple(lines)) for name, lines in found)


files = st.lists(
    st.builds(
        lambda name, lines: section(name, *lines),
        st.sampled_from("abcd"),
        st.lists(st.sampled_from(["x=1", "x=2", "member=PJSIP/1"]), max_size=3),
    ),
    max_size=5,
)
lines = st.lists(st.sampled_from(["x=", "x=1", "y=2", "m=a", "m=A", "m=b", "m=c", "m=d"]), max_size=12)


@given(
    there=files,
    wanted=st.lists(st.sampled_from("abcd"), unique=True).map(lambda names: [section(n, "x=1") for n in names]),
)
def test_the_acts_make_of_any_file_the_one_that_is_wanted(there: list[Section], wanted: list[Section]) -> None:
    acts = edits(there, wanted)
    assert same(written(tuple(there), acts), wanted)
    twice = len({one.name for one in there}) < len(there)
    assert not acts or twice or not same(there, wanted)


@given(before=lines, after=lines)
def test_a_section_becomes_line_by_line_the_one_that_is_wanted(before: list[str], after: list[str]) -> None:
    there, wanted = section("a", *before), section("a", *after)
    assert same(written((there,), edits((there,), (wanted,))), (wanted,))


def test_a_queue_that_stays_the_same_is_not_touched_and_one_that_changes_keeps_its_place() -> None:
    there = (section("a", "x=1"), section("b", "x=1"), section("c"))
    acts = edits(there, (section("a", "x=1"), section("b", "x=2"), section("d", "x=3")))
    assert [(act.act, act.section) for act in acts] == [
        ("DelCat", "c"), ("Update", "b"), ("NewCat", "d"), ("Append", "d"),
    ]  # fmt: skip
    assert acts[1].match == "1", "what somebody else changed meanwhile is not overwritten"


def test_a_change_of_a_big_queue_is_one_action() -> None:
    phones = [f"member=PJSIP/{n}" for n in range(200)]
    there = section("big", "timeout=15", *phones)
    for wanted in (("timeout=20", *phones), ("timeout=15", *phones[1:]), ("timeout=15", *phones[:99], "member=x/1",
                   *phones[99:]), ("timeout=15", *phones, "member=x/1")):  # fmt: skip
        acts = edits((there,), (section("big", *wanted),))
        assert len(acts) == 1
        assert same(written((there,), acts), (section("big", *wanted),))


def test_no_action_has_more_headers_than_asterisk_reads_and_each_numbers_its_acts_from_nought() -> None:
    acts = edits((), [section("big", *(f"member=PJSIP/{n}" for n in range(200)))])
    actions = list(packed(acts))
    assert all(len(fields) <= MOST_HEADERS for fields in actions)
    assert all("Action-000000" in fields for fields in actions)
    assert sum(name.startswith("Action-") for fields in actions for name in fields) == 201


@pytest.mark.parametrize("line", ["x=" + "ی" * 600, "x=one\r\nAction: Originate"])
def test_a_line_asterisk_could_not_read_whole_is_refused_before_anything_is_sent(line: str) -> None:
    with pytest.raises(TooLong, match=r"\[support\]"):
        check(edits((), [section("support", line)]))


def test_what_asterisk_tells_of_a_file_is_read_with_templates_and_what_they_give() -> None:
    answer = {
        "Response": "Success",
        "Category-000000": "common", "IsTemplate-000000": "1", "Line-000000-000000": "timeout=12",
        "Category-000001": "support", "Templates-000001": '"common"',
        "Line-000001-000000": "timeout=12", "Line-000001-000001": "member=PJSIP/1001,0,Sara=A",
    }  # fmt: skip
    found = read(dict(answer))
    assert [(one.name, one.template, one.inherits) for one in found] == [
        ("common", True, ()), ("support", False, ("common",)),
    ]  # fmt: skip
    assert own_lines(found[1], found) == (Line("member", "PJSIP/1001,0,Sara=A"),)
    assert plain(found)[1].lines[0] == Line("timeout", "12")


def test_files_are_the_same_in_whatever_order_their_sections_are_but_not_their_lines() -> None:
    one, other = section("a", "member=1", "member=2"), section("b")
    assert same((one, other), (other, one))
    assert not same((one,), (section("a", "member=2", "member=1"),))
    (difference,) = compare((one, other), (section("a", "member=1"), other))
    assert [(diff.sign, diff.text) for diff in difference.lines if diff.sign == "-"] == [("-", "member = 2")]


def test_queues_become_files_and_keys_and_a_kept_version_brings_the_same_back() -> None:
    hours = Calendar(name="Shop", week=((Span(since="09:00", to="17:00"),),) * 7)
    support = QueueDefinition(
        name="support", numbers=("600",), members=(MemberChoice(kind="agent", value="u1"),), longest_wait=90,
        then=Destination(kind="prompt", value="Sorry"), calendar="c1", rule=(PenaltyStep(after=10, most=5),),
    )  # fmt: skip
    off = QueueDefinition(name="old", enabled=False, numbers=("601",))
    material = Material(
        kept=None, people=People(persons={"u1": SARA}), calendars={"c1": hours}, sounds={"Sorry": "/prompts/ab"}
    )
    goal = target(merged((off,), (support,), ()), material, TODAY)
    assert [one.name for one in goal.queues] == ["support"]
    assert Line("member", "PJSIP/1001,0,Sara") in goal.queues[0].lines
    assert len(goal.rules) == 1
    keys = goal.keys
    assert keys["q/support/wait"] == "90"
    assert keys["q/support/then"] == "prompt|/prompts/ab"
    assert keys["q/support/shut"] == "hangup|"
    assert keys["q/support/hours"] == "c1"
    assert keys["number/600"] == "support"
    assert keys["h/c1/1"].startswith("open|09:00-16:59,")
    assert "number/601" not in keys
    again = restored(goal.text, goal.definitions, material, TODAY)
    assert again == goal
    assert read_files(goal.text).rules == goal.rules


def test_names_that_differ_in_case_are_one_queue_and_hours_nobody_has_any_more_close_nothing() -> None:
    standing = (QueueDefinition(name="Support", ring=10), QueueDefinition(name="sales"))
    after = merged(standing, [QueueDefinition(name="support", ring=20, calendar="gone")], ["SALES"])
    assert [(one.name, one.ring) for one in after] == [("support", 20)]
    assert "q/support/hours" not in astdb.entries(after, {}, {}, TODAY)


async def test_the_doctor_says_when_what_cxcall_writes_is_not_read_or_may_not_be_written() -> None:
    def config(fields: dict[str, str]) -> str:
        known = {"queues_cxcall.conf": "Category-000000: support\r\n", "queues.conf": "Category-000000: other\r\n"}
        return f"Response: Success\r\nActionID: {fields['ActionID']}\r\n{known.get(fields['Filename'], '')}\r\n"

    def refused(fields: dict[str, str]) -> str:
        return f"Response: Error\r\nActionID: {fields['ActionID']}\r\nMessage: {said}\r\n\r\n"

    async with FakeAmi() as fake:
        fake.answers = {"GetConfig": config, "UpdateConfig": refused}
        server = Ami(port=fake.port, secret="right")
        async with session(server) as probe:
            said = "File requires escalated privileges"
            (finding,) = await queue_files(probe, server, 0)
            assert finding.result == "warn"
            assert "#include queues_cxcall.conf" in finding.fix
            said = "Permission denied"
            (finding,) = await queue_files(probe, server, 0)
            assert finding.result == "info"
            assert "only watches" in finding.says


def test_published_routing_rules_bring_queue_rules_of_skills_and_take_them_along() -> None:
    choice = MemberChoice(kind="skill", value="s1", by_level=True)
    support = QueueDefinition(name="support", members=(choice,), rule=(PenaltyStep(after=30, most=3),))
    people = People(persons={"u1": SARA}, skills={"s1": "English"})
    steps = (SkillStep(skill="english", level=3), SkillStep(skill="english", level=1, after=60))
    published = RuleSet(rules=(Rule(id="r1", name="English", then=Then(skills=steps)),))

    own = target((support,), Material(kept=None, people=people), TODAY)
    both = target((support,), Material(kept=None, people=people, routing=published), TODAY)
    assert [one.name for one in own.rules] == [rule_name(support)]
    skilled = section(skills_rule("support", steps), "penaltychange=0,2,", "penaltychange=60,4,")
    assert both.rules == tuple(sorted((*own.rules, skilled), key=lambda one: one.name))
    assert both.queues == own.queues
    again = restored(both.text, (support,), Material(kept=None, people=people), TODAY)
    assert again.rules == own.rules
    assert with_skills(both.rules, published, (support,), people) == both.rules


@pytest.mark.parametrize(
    ("rule", "begins"),
    [
        ((PenaltyStep(after=0, most=0), PenaltyStep(after=30, most=9)), "0|"),
        ((PenaltyStep(after=30, most=9),), "2147483646|"),
        ((PenaltyStep(after=0, most=5), PenaltyStep(after=20, least=2)), "5|0"),
        ((PenaltyStep(after=20, least=2),), "|0"),
    ],
)
def test_a_limit_that_a_rule_changes_later_is_there_from_the_first_second(
    rule: tuple[PenaltyStep, ...], begins: str
) -> None:
    """Asterisk changes no penalty limit that a channel has not."""
    assert astdb.penalties(rule) == begins
