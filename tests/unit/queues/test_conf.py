"""Queues as lines of queues.conf and back."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.queues.conf import Planned, beside, file_text, lines, member, member_line, parse, queue_file, rules_file
from cxcall.queues.definition import (
    Announcements,
    Destination,
    MemberChoice,
    PenaltyStep,
    QueueDefinition,
    Targets,
)
from cxcall.queues.line import Line
from cxcall.queues.membership import Member
from cxcall.queues.rules import rule_lines, rule_name, rule_steps
from cxcall.queues.settings import WRAP_UP_BRIDGE_S

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{1,20}", fullmatch=True)
sounds = st.from_regex(r"[a-z0-9_/-]{1,20}", fullmatch=True)
states = st.lists(
    st.sampled_from(["paused", "penalty", "inuse", "ringing", "unavailable", "invalid", "unknown", "wrapup"]),
    min_size=1,
    unique=True,
).map(tuple)
counts = st.integers(0, 3600)
told = st.builds(
    Announcements,
    place=st.sampled_from(["no", "yes", "limit", "more"]),
    place_limit=counts,
    wait=st.sampled_from(["no", "yes", "once"]),
    round_seconds=st.sampled_from([0, 5, 30]),
    every=counts,
    least_every=counts,
    first_at=st.booleans(),
    periodic=st.lists(sounds, min_size=1, max_size=3).map(tuple),
    periodic_every=st.integers(1, 3600),
    to_agent=st.just("") | sounds,
    wait_to_agent=st.booleans(),
)
steps = st.lists(
    st.builds(PenaltyStep, after=counts, most=st.none() | counts, least=st.none() | counts), unique_by=lambda s: s.after
).map(lambda found: tuple(sorted(found, key=lambda step: step.after)))
members = st.lists(
    st.builds(
        Member,
        interface=names.map(lambda name: f"PJSIP/{name}"),
        penalty=counts,
        name=names | st.just("") | st.just("سارا کریمی"),
        state_interface=st.just("") | names.map(lambda name: f"hint:{name}@ext-local"),
    ),
    max_size=4,
)
queues = st.builds(
    QueueDefinition,
    name=names,
    strategy=st.sampled_from(["leastrecent", "ringall", "linear", "rrmemory", "rrordered", "wrandom"]),
    ring=counts,
    retry=counts,
    wrap_up=st.integers(0, WRAP_UP_BRIDGE_S),  # what is beyond is not in the file
    weight=st.integers(-5, 50),
    most_callers=counts,
    join_empty=st.none() | states,
    leave_empty=st.none() | states,
    announcements=told | st.just(Announcements()),
    music=names,
    autofill=st.booleans(),
    ring_busy=st.booleans(),
    member_delay=counts,
    restart_ring=st.booleans(),
    auto_pause=st.sampled_from(["no", "yes", "all"]),
    auto_pause_after=counts,
    auto_pause_busy=st.booleans(),
    auto_pause_unavailable=st.booleans(),
    rule=steps,
    exit_context=st.just("") | names,
    targets=st.builds(Targets, answer_within=st.integers(1, 3600)),
    extra=st.sampled_from([(), (("membergosub", "greet,1"), ("queue-thankyou", ""))]),
)


@given(definition=queues, answering=members)
@settings(max_examples=30, deadline=None)
def test_what_is_written_reads_back_as_it_was(definition: QueueDefinition, answering: list[Member]) -> None:
    read = parse(definition.name, lines(definition, answering), rule=rule_lines(definition))
    assert read.members == tuple(answering)
    assert msgspec.structs.replace(read.definition, members=()) == definition
    assert lines(read.definition, read.members) == lines(definition, answering)


def test_every_setting_is_written_with_asterisks_name_and_only_once() -> None:
    definition = QueueDefinition(
        name="billing",
        ring=20,
        wrap_up=15,
        join_empty=("paused", "unavailable"),
        announcements=Announcements(place="limit", wait="once", every=45, periodic=("sorry", "still here")),
        auto_pause="all",
        auto_pause_after=60,
        rule=(PenaltyStep(after=30, most=5),),
        exit_context="exits",
        extra=(("membergosub", "greet"),),
    )
    written = lines(
        definition,
        [Member(interface="PJSIP/204", name="Sara, Karimi"), Member(interface="Local/5@x/n", penalty=2)],
        {"sorry": "cxcall/3fa2", "still here": "cxcall/99b1"},
    )
    assert [line.text for line in written] == [
        "strategy = leastrecent",
        "timeout = 20",
        "retry = 1",
        "wrapuptime = 2",
        "weight = 0",
        "maxlen = 0",
        "servicelevel = 20",
        "joinempty = paused,unavailable",
        "leavewhenempty = no",
        "musicclass = default",
        "autofill = yes",
        "ringinuse = no",
        "memberdelay = 0",
        "timeoutrestart = no",
        "autopause = all",
        "autopausedelay = 60",
        "autopausebusy = no",
        "autopauseunavail = no",
        "announce-position = limit",
        "announce-position-limit = 5",
        "announce-holdtime = once",
        "announce-round-seconds = 0",
        "announce-frequency = 45",
        "min-announce-frequency = 15",
        "announce-to-first-user = yes",
        "periodic-announce = cxcall/3fa2,cxcall/99b1",
        "periodic-announce-frequency = 60",
        "announce =",
        "reportholdtime = no",
        "context = exits",
        f"defaultrule = {rule_name(definition)}",
        "setinterfacevar = yes",
        "membergosub = greet",
        "member = PJSIP/204,0,Sara Karimi",
        "member = Local/5@x/n,2",
    ]


def test_a_queue_somebody_else_wrote_is_read_with_asterisks_own_defaults() -> None:
    read = parse(
        "support",
        [
            Line("strategy", "ringall"),
            Line("music", "jazz"),
            Line("joinempty", "strict"),
            Line("leavewhenempty", "yes"),
            Line("announce-holdtime", "true"),
            Line("autopause", "1"),
            Line("periodic-announce", "/var/sounds/a, b"),
            Line("periodic-announce-frequency", "30"),
            Line("timeout", "soon"),
            Line("defaultrule", "widen"),
            Line("eventwhencalled", "yes"),
            Line("member", "PJSIP/1001,0,Alice,PJSIP/1001"),
            Line("member", "Local/1002@from-queue/n,0,Bob,hint:1002@ext-local,no"),
            Line("member", "PJSIP/1003,many"),
        ],
        names={"/var/sounds/a": "Sorry"},
        general=[Line("autofill", "yes")],
    )
    queue = read.definition
    assert (queue.strategy, queue.ring, queue.retry, queue.ring_busy, queue.autofill) == ("ringall", 15, 5, True, True)
    assert (queue.music, queue.auto_pause) == ("jazz", "yes")
    assert queue.join_empty == ("penalty", "paused", "invalid", "unavailable")
    assert queue.leave_empty == ("penalty", "paused", "invalid")
    assert (queue.announcements.place, queue.announcements.wait) == ("yes", "yes")
    assert (queue.announcements.periodic, queue.announcements.periodic_every) == (("Sorry", "b"), 30)
    assert read.members == (Member(interface="PJSIP/1001", name="Alice", state_interface="PJSIP/1001"),)
    assert queue.members[0] == MemberChoice(
        kind="interface", value="PJSIP/1001", name="Alice", state_interface="PJSIP/1001"
    )
    assert [line.text for line in read.unknown] == [
        "timeout = soon",
        "defaultrule = widen",
        "eventwhencalled = yes",
        "member = Local/1002@from-queue/n,0,Bob,hint:1002@ext-local,no",
        "member = PJSIP/1003,many",
    ]
    assert queue.extra == tuple((line.var, line.value) for line in read.unknown)


def test_prompts_nobody_set_are_never_played() -> None:
    """Asterisk has a sound of its own for periodic announcements: only a frequency of 0 keeps it quiet."""
    written = lines(QueueDefinition(name="quiet"), ())
    assert Line("periodic-announce-frequency", "0") in written
    assert not [line for line in written if line.var == "periodic-announce"]


def test_no_value_ever_begins_another_line() -> None:
    definition = QueueDefinition(name="q", music="a\r\nAction: Originate", extra=(("x", "1\n[other]"),))
    written = lines(definition, [Member(interface="PJSIP/1", state_interface="a\nb")])
    assert not [line for line in written if "\n" in line.value or "\r" in line.value]
    assert Line("musicclass", "a Action: Originate") in written


def test_a_member_line_has_no_more_fields_than_it_needs() -> None:
    assert member_line(Member(interface="PJSIP/1")).value == "PJSIP/1,0"
    assert member_line(Member(interface="PJSIP/1", state_interface="hint:1@x")).value == "PJSIP/1,0,,hint:1@x"
    assert member("PJSIP/1") == Member(interface="PJSIP/1")
    assert member("PJSIP/1,-1") == Member(interface="PJSIP/1")
    assert member("") is None


def test_files_have_the_queues_that_are_on_by_name_and_their_rules() -> None:
    rule = (PenaltyStep(after=30, most=5, least=0), PenaltyStep(after=60, least=2))
    on = QueueDefinition(name="a;b", rule=rule, music="x;y")
    off = QueueDefinition(name="off", enabled=False, rule=rule)
    sections = queue_file(
        [Planned(definition=off), Planned(definition=on), Planned(definition=QueueDefinition(name="A"))]
    )
    assert [section.name for section in sections] == ["A", "a;b"]
    assert "musicclass = x\\;y\n" in file_text(sections)
    (rules,) = rules_file([on, off])
    assert rules.text == f"[{rule_name(on)}]\npenaltychange = 30,5,0\npenaltychange = 60,,2\n"


def test_a_rules_name_changes_with_its_steps_and_only_with_them() -> None:
    def name(*rule: PenaltyStep, ring: int = 15) -> str:
        return rule_name(QueueDefinition(name="billing", rule=rule, ring=ring))

    first, second = PenaltyStep(after=30, most=5), PenaltyStep(after=60, most=9)
    assert name() == ""
    assert name(first, second) == name(second, first, ring=3)
    assert name(first) != name(second)


def test_changes_of_a_rule_that_steps_cannot_say_are_left_out() -> None:
    values = ["30,5", "40,+3", "50,,,20", "soon,3", "60, 7 , 1"]
    assert rule_steps([Line("penaltychange", value) for value in values]) == (
        PenaltyStep(after=30, most=5),
        PenaltyStep(after=60, most=7, least=1),
    )


def test_what_is_beside_the_file_can_be_shown_as_lines() -> None:
    definition = QueueDefinition(
        name="q",
        numbers=("200", "300"),
        longest_wait=60,
        then=Destination(kind="queue", value="night"),
        calendar="c1",
    )
    assert [line.text for line in beside(definition)] == [
        "number = 200", "number = 300", "wrap-up = 0", "wait = 60", "then = queue night",
        "hours = c1", "closed = hangup",
    ]  # fmt: skip
