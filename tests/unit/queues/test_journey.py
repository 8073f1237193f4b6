"""What a caller goes through."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from cxcall.queues.definition import Announcements, Destination, MemberChoice, PenaltyStep, QueueDefinition
from cxcall.queues.facts import Facts
from cxcall.queues.hours import Calendar, Closure, Span
from cxcall.queues.journey import Kind, Step, steps

BILLING = QueueDefinition(
    name="billing",
    numbers=("4000",),
    members=(
        MemberChoice(kind="interface", value="PJSIP/204"),
        MemberChoice(kind="interface", value="PJSIP/211"),
        MemberChoice(kind="interface", value="PJSIP/215", penalty=1),
        MemberChoice(kind="interface", value="PJSIP/220", penalty=5),
    ),
    rule=(PenaltyStep(after=0, most=1), PenaltyStep(after=60, most=5)),
    ring=20,
    most_callers=40,
    join_empty=("paused", "unavailable"),
    announcements=Announcements(place="yes", every=45, periodic=("sorry",), wait_to_agent=True),
    exit_context="exits",
    longest_wait=300,
    then=Destination(kind="queue", value="night"),
    calendar="day",
    when_closed=Destination(kind="prompt", value="closed"),
)
NIGHT = QueueDefinition(name="night", calendar="night", when_closed=Destination(kind="number", value="900"))
CALENDARS = {
    "day": Calendar(name="Office", week=((Span(since="08:00", to="20:00"),),) * 7),
    "night": Calendar(name="Night", week=((Span(since="19:00", to="08:00"),),) * 7),
}


def at(hour: int) -> float:
    return datetime(2026, 11, 22, hour, tzinfo=ZoneInfo("Asia/Tehran")).timestamp()


def told(definition: QueueDefinition = BILLING, **known: object) -> list[Step]:
    facts = Facts(queues={"billing": BILLING, "night": NIGHT}, calendars=CALENDARS)
    return list(steps(definition, msgspec.structs.replace(facts, **known)))


def kinds(found: list[Step]) -> list[Kind]:
    return [step.kind for step in found]


def test_a_caller_goes_from_the_number_to_the_end_step_by_step() -> None:
    found = told(now=at(9))
    assert kinds(found) == [
        "dials", "hours", "full", "nobody", "waits", "told", "periodic", "key", "rings", "widens", "agent_hears",
        "then", "queue_closed",
    ]  # fmt: skip
    by_kind = {step.kind: step.values for step in found}
    assert by_kind["hours"]["until"] == f"{at(20):.0f}"
    assert by_kind["rings"] == {
        "strategy": "leastrecent", "effect": "Longest idle", "ring": "20", "first": "2", "members": "3",
    }  # fmt: skip
    assert by_kind["widens"] == {"after": "60", "least": "0", "most": "5", "members": "4"}
    assert by_kind["then"] == {"after": "300", "kind": "queue", "value": "night"}
    assert by_kind["queue_closed"] == {
        "queue": "night", "why": "hours", "opens": f"{at(19):.0f}", "kind": "number", "value": "900",
    }  # fmt: skip


def test_closed_now_is_said_first_with_its_prompt() -> None:
    closure = Closure(queue="", until=at(12), prompt="fire drill")
    closed = told(now=at(9), closures=(closure,))[1]
    assert closed.kind == "closed"
    assert closed.values == {
        "why": "closure", "title": "", "opens": f"{at(12):.0f}", "kind": "prompt", "value": "closed",
        "prompt": "fire drill",
    }  # fmt: skip
    assert kinds(told(now=at(23)))[1] == "closed"
    assert told()[1].values["calendar"] == "Office"


def test_the_way_ends_where_callers_stay_or_come_back() -> None:
    staying = msgspec.structs.replace(BILLING, longest_wait=0, most_callers=0, join_empty=None)
    assert kinds(told(staying))[-1] == "stays"
    back = msgspec.structs.replace(NIGHT, calendar="", longest_wait=60, then=Destination(kind="queue", value="billing"))
    found = told(queues={"billing": BILLING, "night": back}, now=at(9))
    assert kinds(found)[-3:] == ["then", "queue_open", "loops"]
    assert found[-1].values == {"path": "billing → night → billing"}
    assert found[-3].problem is not None
    assert found[-3].problem.code == "loop"


def test_a_step_shows_its_worst_problem_and_leads_to_its_field() -> None:
    wrong = msgspec.structs.replace(
        BILLING,
        announcements=Announcements(place="yes", every=5, round_seconds=7),
        rule=(*BILLING.rule, PenaltyStep(after=90, least=9)),
    )
    found = {step.field: step.problem for step in told(wrong)}
    assert (announced := found["announcements.every"]) is not None
    assert announced.code == "round_seconds"
    assert found["rule.1"] is None
    assert (last := found["rule.2"]) is not None
    assert last.code == "nobody_by_steps"
    assert found["numbers"] is None
