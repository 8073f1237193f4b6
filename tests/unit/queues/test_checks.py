"""What is said against a queue before it is written into Asterisk."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cxcall.queues.checks import of_removal, problems
from cxcall.queues.definition import Announcements, Destination, MemberChoice, PenaltyStep, QueueDefinition, Targets
from cxcall.queues.facts import Facts
from cxcall.queues.hours import Calendar, Holiday, Span
from cxcall.queues.membership import People, Person
from cxcall.queues.strategies import STRATEGIES, made_anew

SOUND = QueueDefinition(
    name="billing",
    members=(MemberChoice(kind="interface", value="PJSIP/204"),),
    longest_wait=300,
    then=Destination(kind="number", value="900"),
)
"""A queue nothing is said against."""
NOTHING_KNOWN = Facts()
PHONES = frozenset({"PJSIP/204"})
PEOPLE = People(
    persons={
        "1": Person(id="1", name="Sara", interfaces=("PJSIP/204",), skills={"b": 5}),
        "2": Person(id="2", name="Omid"),
    },
    teams={"t": "Front"},
    skills={"b": "Billing"},
)


def hours(since: str, to: str) -> Calendar:
    return Calendar(name="Hours", week=((Span(since=since, to=to),),) * 7)


def found(*, facts: Facts = NOTHING_KNOWN, **changed: Any) -> list[tuple[str, str]]:
    """Fields and codes of the problems, for the sound queue with some fields changed."""
    each = problems(msgspec.structs.replace(SOUND, **changed), facts)
    assert all("{" not in problem.text for problem in each)
    assert sorted(each, key=lambda problem: problem.severity != "error") == list(each)
    return [(problem.field, problem.code) for problem in each]


def test_nothing_is_said_against_a_sound_queue_whatever_is_known() -> None:
    everything = Facts(
        queues={"billing": SOUND},
        before=SOUND,
        people=PEOPLE,
        phones=PHONES,
        prompts=frozenset(),
        music=frozenset({"default"}),
        contexts=frozenset(),
        mailboxes=frozenset(),
        numbers={"300": "Sara"},
        dialable=frozenset({"900"}),
        now=1.8e9,
    )
    assert found() == found(facts=everything) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [("b", "name_form"), ("صف", "name_form"), ("a b", "name_form"), ("General", "name_reserved"),
     ("FPBX", "name_elsewhere"), ("Sales", "name_taken")],
)  # fmt: skip
def test_names_asterisk_could_not_tell_apart_are_refused(name: str, code: str) -> None:
    facts = Facts(foreign=frozenset({"fpbx"}), queues={"sales": QueueDefinition(name="sales")})
    assert found(name=name, facts=facts) == [("name", code)]


def test_a_number_leads_to_one_place() -> None:
    facts = Facts(
        numbers={"204": "extension of Sara"},
        queues={"night": QueueDefinition(name="night", numbers=("800",)), "billing": SOUND},
    )
    assert found(numbers=("802", "802", "204", "800", "x"), facts=facts) == [
        ("numbers.1", "number_twice"), ("numbers.2", "number_taken"), ("numbers.3", "number_of_queue"),
        ("numbers.4", "number_form"),
    ]  # fmt: skip


def test_members_nobody_knows_are_named_and_those_without_a_phone_are_only_told() -> None:
    choices = (
        MemberChoice(kind="interface", value="PJSIP/204", penalty=-1),
        MemberChoice(kind="interface", value="PJSIP/999"),
        MemberChoice(kind="interface", value="Local/9@from-queue/n", state_interface="hint:9@ext-local"),
        MemberChoice(kind="interface", value="204"),
        MemberChoice(kind="interface", value=""),
        MemberChoice(kind="agent", value="9"),
        MemberChoice(kind="agent", value="2"),
        MemberChoice(kind="team", value="t"),
        MemberChoice(kind="skill", value="gone"),
    )
    assert found(members=choices, facts=Facts(phones=PHONES, people=PEOPLE)) == [
        ("members.4", "no_interface"),
        ("members.5", "unknown_agent"),
        ("members.8", "unknown_skill"),
        ("members.0.penalty", "out_of_range"),
        ("members.1", "unknown_phone"),
        ("members.3", "interface_form"),
        ("members.6", "no_phone"),
        ("members.7", "empty_team"),
    ]


def test_a_queue_where_nobody_answers_must_let_callers_go() -> None:
    assert ("members", "waits_for_nobody") in found(members=(), longest_wait=0, then=Destination())
    assert found(members=()) == [("members", "no_members")]
    signed_out = (MemberChoice(kind="agent", value="2"),)
    assert found(members=signed_out, facts=Facts(people=PEOPLE)) == [
        ("members.0", "no_phone"),
        ("members", "nobody_now"),
    ]


def test_steps_that_leave_nobody_or_never_reach_somebody_are_seen() -> None:
    first = MemberChoice(kind="interface", value="PJSIP/1", penalty=1)
    second = MemberChoice(kind="interface", value="PJSIP/2", penalty=5)
    both = (first, second)
    assert found(members=both, rule=(PenaltyStep(after=0, most=1), PenaltyStep(after=30, most=5))) == []
    assert found(members=both, rule=(PenaltyStep(after=30, most=3),)) == []  # before it, all are asked
    assert found(members=both, rule=(PenaltyStep(after=0, most=3),)) == [("members.1.penalty", "never_asked")]
    assert found(members=both, rule=(PenaltyStep(after=0, most=0), PenaltyStep(after=20, most=9))) == [
        ("rule.0", "nobody_at_first")
    ]
    assert found(members=both, rule=(PenaltyStep(after=30, least=6),)) == [("rule.0", "nobody_by_steps")]
    crossed = (PenaltyStep(after=10), PenaltyStep(after=10, least=5, most=2))
    assert found(members=both, rule=crossed) == [
        ("rule.0", "step_empty"), ("rule.1", "step_crossed"), ("rule.1.after", "step_twice"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"ring": 0}, [("ring", "out_of_range")]),
        ({"retry": 0}, [("retry", "out_of_range")]),
        ({"targets": Targets(answer_share=120)}, [("targets.answer_share", "out_of_range")]),
        ({"extra": (("a=b", "c"), ("fine", "x"))}, [("extra.0", "line_form")]),
        ({"music": "a\nb", "announcements": Announcements(periodic=("a\rb",))},
         [("music", "text_form"), ("announcements.periodic.0", "text_form")]),
        ({"wrap_up": 20, "join_empty": ("wrapup",)}, [("join_empty", "wrap_up_hides")]),
        ({"wrap_up": 20, "leave_empty": ("paused",)}, [("leave_empty", "wrap_up_hides")]),
        ({"leave_empty": ("inuse",)}, [("leave_empty", "calls_hide")]),
        ({"auto_pause": "all"}, [("auto_pause", "auto_pause_alone")]),
        ({"longest_wait": 0}, [("longest_wait", "waits_for_good"), ("then", "then_unused")]),
        ({"longest_wait": 10}, [("longest_wait", "wait_shorter_than_ring")]),
        ({"then": Destination()}, [("then", "hangs_up")]),
        ({"announcements": Announcements(place="yes")}, [("announcements.every", "never_told")]),
        ({"announcements": Announcements(every=30)}, [("announcements.every", "tells_nothing")]),
        ({"announcements": Announcements(wait="once", every=10)}, [("announcements.every", "announced_less_often")]),
        ({"announcements": Announcements(wait="yes", every=10, least_every=5)},
         [("announcements.every", "announced_too_often")]),
        ({"announcements": Announcements(periodic=("x",), periodic_every=10)},
         [("announcements.periodic_every", "periodic_too_often")]),
        ({"announcements": Announcements(round_seconds=7)}, [("announcements.round_seconds", "round_seconds")]),
    ],
)  # fmt: skip
def test_values_out_of_range_or_against_each_other_are_named(
    changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(**changed) == expected


def test_what_callers_would_not_hear_is_named_when_asterisk_can_be_asked() -> None:
    told = Announcements(periodic=("sorry", "gone"), to_agent="whisper")
    changed: dict[str, Any] = {"announcements": told, "music": "jazz", "exit_context": "exits"}
    known = Facts(prompts=frozenset({"sorry"}), music=frozenset({"default"}), contexts=frozenset({"from-trunk"}))
    assert found(**changed) == []
    assert found(facts=known, **changed) == [
        ("announcements.periodic.1", "unknown_prompt"),
        ("announcements.to_agent", "unknown_prompt"),
        ("exit_context", "unknown_context"),
        ("music", "unknown_music"),
    ]


def test_sounds_asterisk_has_itself_are_not_missed_and_a_prompt_without_a_recording_is() -> None:
    facts = Facts(prompts=frozenset({"hello", "draft"}), silent=frozenset({"draft"}))
    told = Announcements(periodic=("queue-periodic-announce", "custom/offer", "hello"), to_agent="beep")
    assert found(announcements=told, facts=facts) == []
    for sound, code in (("draft", "silent_prompt"), ("gone", "unknown_prompt")):
        then = Destination(kind="prompt", value=sound)
        assert found(announcements=Announcements(periodic=(sound,)), then=then, facts=facts) == [
            ("announcements.periodic.0", code), ("then.value", code),
        ]  # fmt: skip


def test_agents_whose_phone_asterisk_does_not_have_do_not_answer() -> None:
    facts = Facts(people=PEOPLE, phones=frozenset({"PJSIP/300"}))
    sara = (MemberChoice(kind="agent", value="1"),)
    assert found(members=sara, facts=facts) == [("members.0", "no_such_phone"), ("members", "nobody_now")]
    skill = (MemberChoice(kind="skill", value="b"), MemberChoice(kind="interface", value="PJSIP/300"))
    assert found(members=skill, facts=facts) == [("members.0", "no_such_phone")]


def test_a_queue_others_lead_to_is_not_taken_away() -> None:
    leads = QueueDefinition(name="day", longest_wait=60, then=Destination(kind="queue", value="Billing"))
    off = msgspec.structs.replace(leads, name="old", enabled=False)
    facts = Facts(queues={"day": leads, "old": off})
    assert [(one.code, one.values["queue"]) for one in of_removal("billing", facts)] == [("still_needed", "day")]
    assert of_removal("day", facts) == ()


def test_a_strategy_for_which_asterisk_makes_the_queue_anew_says_so() -> None:
    before = msgspec.structs.replace(SOUND, strategy="ringall")
    assert found(strategy="linear", facts=Facts(before=before)) == [("strategy", "needs_new_queue")]
    assert found(strategy="random", facts=Facts(before=before)) == []
    assert made_anew("rrmemory", "rrordered")
    assert not made_anew("linear", "ringall")  # the list stays, and its order does no harm
    assert not made_anew("rrordered", "linear")
    assert set(STRATEGIES) == {"leastrecent", "ringall", "linear", "rrmemory", "rrordered", "fewestcalls", "random",
                               "wrandom"}  # fmt: skip


def test_hours_that_are_gone_or_never_open_are_errors() -> None:
    closed = Destination(kind="prompt", value="closed")
    shut = Calendar(name="Shut", week=((),) * 7)
    past = msgspec.structs.replace(
        shut, holidays=(Holiday(date="2020-01-01", hours=(Span(since="08:00", to="09:00"),)),)
    )
    assert found(calendar="c", when_closed=closed) == [("calendar", "unknown_calendar")]
    for calendar, now, expected in (
        (shut, None, [("calendar", "never_open")]),
        (past, None, []),
        (past, 1.8e9, [("calendar", "never_open")]),
        (hours("08:00", "16:00"), 1.8e9, []),
    ):
        assert found(calendar="c", when_closed=closed, facts=Facts(calendars={"c": calendar}, now=now)) == expected
    by_hours = Facts(calendars={"c": hours("08:00", "16:00")})
    assert found(calendar="c", facts=by_hours) == [("when_closed", "closed_silently")]


@pytest.mark.parametrize(
    ("then", "code"),
    [
        (Destination(kind="queue"), "no_target"),
        (Destination(kind="queue", value="gone"), "unknown_queue"),
        (Destination(kind="queue", value="off"), "queue_off"),
        (Destination(kind="queue", value="fpbx"), None),
        (Destination(kind="queue", value="NIGHT"), None),
        (Destination(kind="number", value="12a"), "number_form"),
        (Destination(kind="number", value="901"), "unknown_number"),
        (Destination(kind="prompt", value="gone"), "unknown_prompt"),
        (Destination(kind="voicemail", value="9"), "unknown_mailbox"),
        (Destination(kind="voicemail"), None),
    ],
)
def test_callers_are_only_sent_where_something_is(then: Destination, code: str | None) -> None:
    facts = Facts(
        queues={"off": QueueDefinition(name="off", enabled=False), "night": QueueDefinition(name="night")},
        foreign=frozenset({"fpbx"}),
        dialable=frozenset({"900"}),
        prompts=frozenset(),
        mailboxes=frozenset(),
    )
    assert found(then=then, facts=facts) == ([("then.value", code)] if code else [])


def test_a_queue_others_lead_to_is_not_switched_off() -> None:
    facts = Facts(queues={"billing": SOUND, "a": msgspec.structs.replace(SOUND, name="a", then=queue("Billing"))})
    assert found(enabled=False, facts=facts) == [("enabled", "still_used")]
    assert found(enabled=False) == []


def queue(name: str) -> Destination:
    return Destination(kind="queue", value=name)


def test_callers_never_go_round_and_round() -> None:
    night = msgspec.structs.replace(SOUND, name="night", then=queue("third"))
    third = msgspec.structs.replace(SOUND, name="third", then=queue("billing"))
    (loop,) = problems(
        msgspec.structs.replace(SOUND, then=queue("night")), Facts(queues={"night": night, "third": third})
    )
    assert (loop.field, loop.code, loop.values["path"]) == ("then.value", "loop", "billing → night → third → billing")
    assert found(then=queue("billing"), facts=Facts(queues={"billing": SOUND})) == [("then.value", "loop")]
    waiting = msgspec.structs.replace(night, longest_wait=0)
    assert found(then=queue("night"), facts=Facts(queues={"night": waiting})) == []


def test_queues_that_send_to_each_other_when_closed_are_a_loop_only_while_both_are() -> None:
    def facts(night_hours: Calendar) -> Facts:
        night = msgspec.structs.replace(SOUND, name="night", calendar="n", when_closed=queue("billing"))
        return Facts(queues={"night": night}, calendars={"d": hours("08:00", "20:00"), "n": night_hours}, now=1.8e9)

    day: dict[str, Any] = {"calendar": "d", "when_closed": queue("night")}
    assert found(facts=facts(hours("20:00", "08:00")), **day) == []
    assert found(facts=facts(hours("21:00", "08:00")), **day) == [("when_closed.value", "loop")]
    same_hours_elsewhere = msgspec.structs.replace(hours("16:30", "04:30"), zone="UTC")
    assert found(facts=facts(same_hours_elsewhere), **day) == []


@pytest.mark.parametrize(
    ("since", "to", "night_since", "night_to", "said"),
    [
        ("06:00", "23:00", "22:00", "06:00", ("06:00", "22:00")),
        ("00:00", "24:00", "22:00", "06:00", ("06:00", "22:00")),
        ("00:00", "24:00", "06:00", "22:00", ("22:00", "06:00")),
        ("08:00", "20:00", "20:00", "20:00", None),
        ("08:00", "20:00", "07:00", "21:00", None),
    ],
)
def test_a_queue_callers_go_on_to_is_open_when_they_come(
    since: str, to: str, night_since: str, night_to: str, said: tuple[str, str] | None
) -> None:
    night = msgspec.structs.replace(SOUND, name="night", calendar="n")
    facts = Facts(
        queues={"night": night}, calendars={"d": hours(since, to), "n": hours(night_since, night_to)}, now=1.8e9
    )
    here = msgspec.structs.replace(SOUND, then=queue("night"), calendar="d", when_closed=queue("night"))
    closed = [each for each in problems(here, facts) if each.code == "then_closed"]
    assert [(each.values["since"], each.values["to"]) for each in closed] == ([said] if said else [])
