"""A call-back that keeps its place: each of its paths, and what holds on all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.routing.call_back import MOST_LOST, CallBack, id_of, place, step
from cxcall.routing.call_back_events import (
    Act,
    AskAfterwards,
    CalledOff,
    Event,
    Gone,
    HangUp,
    Looked,
    MakeTask,
    Now,
    Progress,
    PutInLine,
    RingCustomer,
    Why,
)
from cxcall.routing.call_back_plan import CallBackPlan, faults, led_to

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
PLAN = CallBackPlan(tries=2, pause_minutes=10, ring_seconds=20)
CUSTOMER_FIRST = msgspec.structs.replace(PLAN, first="customer")


def promised(**more: object) -> CallBack:
    one = CallBack(
        id="b", server="lab", queue="support", number="+989121111111", joined_at=NINE, made_at=NINE, next_at=NINE,
        ahead=("first", "a"),
    )  # fmt: skip
    return msgspec.structs.replace(one, **more)


def looked(*queued: str, seconds: float = 1, **more: Any) -> Looked:
    at = NINE + timedelta(seconds=seconds)
    return Looked(at=at, queued=set(queued), **{"opens": at, **more})


def told(one: CallBack, *, seconds: float = 5, **more: Any) -> Progress:
    return Progress(at=NINE + timedelta(seconds=seconds), line=one.line, **more)


def through(one: CallBack, *events: Event, plan: CallBackPlan = PLAN) -> tuple[CallBack, list[Act]]:
    acts: list[Act] = []
    for event in events:
        one, more = step(one, event, plan)
        acts += more
    return one, acts


def in_line() -> CallBack:
    return through(promised(), looked("first"))[0]


def ringing() -> CallBack:
    """An agent has it; the customer is rung."""
    one = in_line()
    return through(one, told(one, taken=True, agent="PJSIP/1001", agent_name="Sara"))[0]


def test_a_place_is_behind_those_who_were_before_and_are_still_there() -> None:
    one = promised(ahead=("first", "second", "other"))
    assert place(one, {"first", "second", "later"}) == 3
    assert place(one, {"later"}) == 1


def test_an_agent_first_stands_in_the_queue_at_its_place() -> None:
    one, acts = through(promised(), looked("first", "later"))
    assert acts == [PutInLine(line="cxcb-b-1", position=2)]
    assert (one.state, one.line, one.last_call) == ("waiting", "cxcb-b-1", "lab-cxcb-b-1")
    assert id_of("cxcb-b-1-q") == id_of(one.line) == "b"
    assert through(one, looked("first", "cxcb-b-1-q", seconds=100))[1] == []


def test_it_is_over_when_agent_and_customer_have_talked() -> None:
    one = ringing()
    assert (one.state, one.agent_name) == ("calling", "Sara")
    one, acts = through(one, told(one, seconds=8, talked=True, channel="PJSIP/trunk-1"))
    assert (one.state, one.tries) == ("connected", 1)
    assert acts == [AskAfterwards(channel="PJSIP/trunk-1", agent="PJSIP/1001")]
    one, acts = through(one, told(one, seconds=90, talked=True, over=True))
    assert (one.state, one.tries, one.ended_at, acts) == ("done", 1, NINE + timedelta(seconds=90), [])


@pytest.mark.parametrize("why", ["busy", "no_answer", "rejected", "failed"])
def test_a_customer_who_is_not_reached_is_tried_again_first_in_line_and_then_becomes_a_task(why: Why) -> None:
    one = ringing()
    one, acts = through(one, told(one, seconds=20, taken=True, over=True, why=why))
    assert (one.state, one.reason, one.tries, one.ahead, acts) == ("waiting", why, 1, (), [])
    assert one.next_at == NINE + timedelta(seconds=20, minutes=10)
    assert through(one, looked("later", seconds=60))[1] == []
    one, acts = through(one, looked("later", seconds=621))
    assert acts == [PutInLine(line="cxcb-b-2", position=1)]
    one, acts = through(one, told(one, seconds=700, taken=True, over=True, why=why))
    assert (one.state, one.reason, acts) == ("task", why, [MakeTask(why=why)])


def test_a_telephone_that_rings_too_long_is_not_waited_for() -> None:
    one = ringing()
    one, acts = through(one, looked(seconds=29))
    assert acts == []
    line = one.line
    one, acts = through(one, looked(seconds=31))
    assert (one.state, one.reason, acts) == ("waiting", "no_answer", [HangUp(line=line)])


def test_the_customer_first_is_rung_when_nobody_is_before_them_and_an_agent_is_free() -> None:
    one, acts = through(promised(first="customer"), looked("first", slots=1), plan=CUSTOMER_FIRST)
    assert (one.state, acts) == ("waiting", [])
    assert through(one, looked("later", kept={"a"}, slots=1))[1] == []
    assert through(one, looked("later", slots=0))[1] == []
    one, acts = through(one, looked("later", slots=1), plan=CUSTOMER_FIRST)
    assert (one.state, acts) == ("calling", [RingCustomer(line="cxcb-b-1")])


def test_a_customer_who_picked_up_and_waits_for_an_agent_is_not_hung_up_on() -> None:
    one, _ = through(promised(first="customer"), looked(slots=1), plan=CUSTOMER_FIRST)
    one, acts = through(one, told(one, picked_up=True), looked(seconds=300), plan=CUSTOMER_FIRST)
    assert (one.state, acts) == ("calling", [])
    left, _ = through(one, told(one, picked_up=True, over=True), plan=CUSTOMER_FIRST)
    assert (left.state, left.reason, left.tries) == ("waiting", "hung_up", 1)
    served, _ = through(one, told(one, talked=True, over=True), plan=CUSTOMER_FIRST)
    assert served.state == "done"


def test_hours_are_respected_also_by_what_stands_in_the_queue() -> None:
    morning = NINE + timedelta(days=1)
    one, acts = through(promised(), looked(opens=morning))
    assert (one.next_at, one.reason, acts) == (morning, "closed", [])
    one, acts = through(in_line(), looked("cxcb-b-1-q", opens=morning))
    assert (one.state, one.line, acts) == ("waiting", "", [HangUp(line="cxcb-b-1")])
    one, acts = through(in_line(), looked("cxcb-b-1-q", opens=None))
    assert (one.state, acts) == ("task", [HangUp(line="cxcb-b-1"), MakeTask(why="closed")])


def test_who_calls_again_is_not_called_meanwhile_and_keeps_the_place_unless_they_are_served() -> None:
    one, acts = through(in_line(), looked("cxcb-b-1-q", on_the_line=True))
    assert (one.reason, acts) == ("on_the_line", [HangUp(line="cxcb-b-1")])
    again, acts = through(one, looked("first", seconds=9))
    assert (again.reason, acts) == ("", [PutInLine(line="cxcb-b-2", position=2)])
    one, _ = through(one, CalledOff(at=NINE, why="called_again"))
    assert (one.state, one.reason) == ("cancelled", "called_again")


@pytest.mark.parametrize("why", ["agent", "supervisor"])
def test_it_can_be_called_off_until_they_talk(why: Literal["agent", "supervisor"]) -> None:
    off = CalledOff(at=NINE, why=why, by="sara")
    one, acts = through(ringing(), off)
    assert (one.state, one.reason, one.ended_by, acts) == ("cancelled", why, "sara", [HangUp(line="cxcb-b-1")])
    one = ringing()
    one, acts = through(one, told(one, talked=True), off)
    assert (one.state, acts) == ("connected", [])


def test_what_the_switch_lost_is_put_back_at_its_place_and_later_each_time() -> None:
    one, acts = through(in_line(), Gone(at=NINE, line="cxcb-b-1"))
    assert (one.state, one.tries, one.ahead, one.next_at) == ("waiting", 0, ("first", "a"), NINE + timedelta(seconds=5))
    one, acts = through(one, looked(seconds=6))
    assert acts == [PutInLine(line="cxcb-b-2", position=1)]
    one, _ = through(one, Gone(at=NINE, line="cxcb-b-2", why="refused"))
    assert (one.lost, one.next_at) == (2, NINE + timedelta(seconds=10))
    one, acts = through(in_line(), looked(seconds=60))
    assert (one.reason, acts) == ("lost", [HangUp(line="cxcb-b-1")])


def test_what_is_lost_for_more_than_an_hour_is_looked_after_by_somebody() -> None:
    one, acts, now = promised(), list[Act](), NINE
    for _ in range(MOST_LOST):
        one, put = through(one, Looked(at=now, opens=now))
        assert [type(act) for act in put] == [PutInLine]
        one, acts = through(one, Gone(at=now, line=one.line))
        now = max(now, one.next_at)
    assert (one.state, one.reason, acts, one.tries) == ("task", "lost", [MakeTask(why="lost")], 0)
    assert now - NINE > timedelta(hours=1)


def test_a_queue_that_is_gone_is_waited_for_a_while_and_then_somebody_looks_after_its_callers() -> None:
    one, acts = through(in_line(), looked(there=False))
    assert (one.state, one.reason, acts) == ("waiting", "no_queue", [HangUp(line="cxcb-b-1")])
    _, acts = through(one, looked("first", seconds=70))
    assert acts == [PutInLine(line="cxcb-b-2", position=2)]
    one, acts = through(one, *(looked(there=False, seconds=100 * n) for n in range(1, 4)))
    assert (one.state, one.reason, acts) == ("task", "no_queue", [MakeTask(why="no_queue")])


def test_a_restart_in_the_middle_is_a_try_while_the_telephone_rang_and_an_end_while_they_talked() -> None:
    one, _ = through(ringing(), Gone(at=NINE, line="cxcb-b-1"))
    assert (one.state, one.reason, one.tries) == ("waiting", "lost", 1)
    one = ringing()
    one, _ = through(one, told(one, talked=True), Gone(at=NINE, line="cxcb-b-1"))
    assert one.state == "done"


def test_what_is_told_of_another_try_is_not_listened_to() -> None:
    stale = Progress(at=NINE, line="cxcb-b-0", taken=True, over=True)
    assert through(in_line(), stale, Gone(at=NINE, line="cxcb-b-0")) == (in_line(), [])


def test_a_supervisor_has_it_tried_before_its_time() -> None:
    _one, acts = through(promised(next_at=NINE + timedelta(hours=1)), looked(), Now(at=NINE), looked())
    assert [type(act) for act in acts] == [PutInLine]


def test_a_queue_leads_its_keys_here_as_long_as_it_calls_back_and_what_is_somebody_elses_stays() -> None:
    off = CallBackPlan(enabled=False, key="5")
    assert led_to("", CallBackPlan(key="*")) == "cxcall-key-star"
    assert led_to("voicemail-key", CallBackPlan(key="5")) == "cxcall-key-5"
    assert (led_to("cxcall-key-5", off), led_to("cxcall-key-5", None)) == ("", "")
    assert (led_to("voicemail-key", off), led_to("voicemail-key", None)) == ("voicemail-key", "voicemail-key")


def test_a_plan_that_can_not_be_says_which_field() -> None:
    assert faults(PLAN) == ()
    wrong = CallBackPlan(key="12", tries=0, pause_minutes=0, ring_seconds=5, most=0)
    assert faults(wrong) == ("key", "tries", "pause", "ring", "most")


HAPPENS = st.sampled_from(
    ["look", "busy_line", "closed", "never", "taken", "picked_up", "talked", "over", "gone", "stale", "now", "off"]
)


@given(st.lists(HAPPENS, max_size=40), st.sampled_from(["agent", "customer"]))
def test_whatever_happens_there_is_one_try_at_a_time_and_no_more_than_the_plan_has(
    happens: list[str], first: str
) -> None:
    one, up, now = promised(first=first), set[str](), NINE
    for what in happens:
        now += timedelta(minutes=6)
        before = one
        one, acts = step(one, _event(what, one, now), PLAN)
        for act in acts:
            match act:
                case PutInLine() | RingCustomer():
                    assert not up
                    up.add(act.line)
                case HangUp():
                    up.discard(act.line)
                case MakeTask():
                    assert one.state == "task"
        if what in ("over", "gone"):
            up.clear()
        assert one.tries <= PLAN.tries
        assert (one.ended_at is None) == one.open
        assert bool(one.line) <= one.open
        assert one == before or before.open


def _event(what: str, one: CallBack, now: datetime) -> Event:
    queued = {f"{one.line}-q"}
    match what:
        case "busy_line":
            return Looked(at=now, queued=queued, slots=1, opens=now, on_the_line=True)
        case "closed":
            return Looked(at=now, queued=queued, slots=1, opens=now + timedelta(hours=1))
        case "never":
            return Looked(at=now, queued=queued, slots=1, opens=None)
        case "gone":
            return Gone(at=now, line=one.line)
        case "stale":
            return Progress(at=now, line="cxcb-b-0", taken=True, over=True)
        case "now":
            return Now(at=now)
        case "off":
            return CalledOff(at=now, why="supervisor")
        case "look":
            return Looked(at=now, queued=queued, slots=1, opens=now)
        case _:
            return Progress(at=now, line=one.line, taken=what == "taken", picked_up=what == "picked_up",
                            talked=what == "talked", over=what == "over")  # fmt: skip
