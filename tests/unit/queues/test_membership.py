"""Who answers: agents, teams, skills and phones as members."""

from __future__ import annotations

from cxcall.queues.definition import MemberChoice
from cxcall.queues.membership import Member, People, Person, clean_name, gaps, origins, resolve

SARA = Person(id="1", name="سارا کریمی", interfaces=("PJSIP/204", "PJSIP/304"), skills={"b": 5}, teams=frozenset({"t"}))
OMID = Person(id="2", name="Omid", interfaces=("Local/211@q/n",), state_interface="hint:211@ext", skills={"b": 3})
HODA = Person(id="3", name="Hoda", skills={"b": 4}, teams=frozenset({"t"}))
PEOPLE = People(
    persons={person.id: person for person in (SARA, OMID, HODA)},
    teams={"t": "Front", "none": "Nobody yet"},
    skills={"b": "Billing", "s": "Sales"},
)


def test_an_agent_answers_where_they_are_now() -> None:
    assert resolve([MemberChoice(kind="agent", value="1", penalty=2)], PEOPLE) == (
        Member(interface="PJSIP/204", penalty=2, name="سارا کریمی"),
    )


def test_levels_of_a_skill_decide_who_is_asked_first() -> None:
    everybody = MemberChoice(kind="skill", value="b", by_level=True, penalty=1)
    assert [(member.interface, member.penalty) for member in resolve([everybody], PEOPLE)] == [
        ("PJSIP/204", 1),
        ("Local/211@q/n", 3),
    ]
    assert [member.interface for member in resolve([MemberChoice(kind="skill", value="b", level=4)], PEOPLE)] == [
        "PJSIP/204"
    ]


def test_a_phone_chosen_twice_keeps_its_first_place_and_its_lowest_penalty() -> None:
    choices = [
        MemberChoice(kind="team", value="t", penalty=7),
        MemberChoice(kind="agent", value="2"),
        MemberChoice(kind="interface", value="PJSIP/204", penalty=3, name="Reception"),
    ]
    assert origins(choices, PEOPLE) == (
        (0, Member(interface="PJSIP/204", penalty=3, name="سارا کریمی")),
        (1, Member(interface="Local/211@q/n", name="Omid", state_interface="hint:211@ext")),
    )


def test_choices_that_bring_nobody_say_why() -> None:
    choices = [
        MemberChoice(kind="agent", value="1"),
        MemberChoice(kind="agent", value="3"),
        MemberChoice(kind="agent", value="9"),
        MemberChoice(kind="team", value="none"),
        MemberChoice(kind="team", value="gone"),
        MemberChoice(kind="skill", value="s"),
        MemberChoice(kind="skill", value="gone"),
        MemberChoice(kind="interface", value=" "),
    ]
    assert [(gap.place, gap.code) for gap in gaps(choices, PEOPLE)] == [
        (1, "no_phone"), (2, "unknown_agent"), (3, "empty_team"), (4, "unknown_team"), (5, "empty_skill"),
        (6, "unknown_skill"), (7, "no_interface"),
    ]  # fmt: skip
    assert len(resolve(choices, PEOPLE)) == 1


def test_a_name_never_ends_its_member_line() -> None:
    assert clean_name("Karimi, Sara\r\n[x]") == "Karimi Sara [x]"
