"""Call-backs beside the switch: what a call tells of its try, who waits in a queue, which numbers may be called."""

from __future__ import annotations

import pytest

from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.callbacks.asked import KEPT_S, Asked, Asking
from cxcall.asterisk.callbacks.doing import put_in_line, withdrawal
from cxcall.asterisk.callbacks.numbers import usable
from cxcall.asterisk.callbacks.picture import QueuePicture, read
from cxcall.asterisk.callbacks.progress import line_of, progress
from cxcall.asterisk.callbacks.strays import lost
from cxcall.calls.board_stays import is_call_back
from cxcall.calls.record import CallId, CallRecord, Leg, LegResult, QueueVisit, Talk, VisitResult
from cxcall.routing.call_back import CallBack
from cxcall.routing.call_back_events import HangUp, PutInLine
from cxcall.routing.call_back_plan import CallBackPlan, Numbers
from tests.store.make import MORNING, after

ITEMS: tuple[Headers, ...] = (
    {"Event": "QueueParams", "Queue": "back"},
    {"Event": "QueueMember", "Status": "1", "Paused": "0", "InCall": "0"},
    {"Event": "QueueMember", "Status": "1", "Paused": "1", "InCall": "0"},
    {"Event": "QueueMember", "Status": "2", "Paused": "0", "InCall": "1"},
    {"Event": "QueueEntry", "Position": "2", "Channel": "Local/back@cxcall-callback-1;2", "Uniqueid": "cxcb-b-1-q"},
    {"Event": "QueueEntry", "Position": "1", "Channel": "PJSIP/trunk-1", "Uniqueid": "lab-1"},
)
ONE = CallBack(
    id="b", server="lab", queue="back", number="+989121234567", joined_at=MORNING, made_at=MORNING, next_at=MORNING,
    name='Mina "<Gold>", Ltd', line="cxcb-b-1", priority=5,
)  # fmt: skip
AGENT = Leg(channel="PJSIP/1001-1", unique_id="lab-8", role="caller", agent="Sara", answered_at=after(3))


def test_a_queue_is_read_as_who_waits_and_how_many_agents_are_free() -> None:
    picture = read(ITEMS)
    assert (picture.free, picture.staffed, [one.uid for one in picture.waiting]) == (1, True, ["lab-1", "cxcb-b-1-q"])
    assert picture.queued() == {"lab-1", "cxcb-b-1-q", "b"}
    assert (picture.before(2), picture.before(0)) == (("lab-1",), ("lab-1", "b"))
    assert read([{"Event": "QueueMember", "Status": "5", "Paused": "0"}]) == QueuePicture(there=False)
    fields = withdrawal(ONE, HangUp(line="cxcb-b-1"), picture)
    assert fields == {"Queue": "back", "Caller": "Local/back@cxcall-callback-1;2", "WithdrawInfo": "callback"}
    assert withdrawal(ONE, HangUp(line="cxcb-b-2"), picture) is None


def test_what_stands_in_the_queue_has_the_place_the_number_and_no_sign_that_would_be_more() -> None:
    act = put_in_line(ONE, PutInLine(line="cxcb-b-1", position=3), CallBackPlan(caller_id="0219100"), "IR")
    assert (act.channel, act.exten, act.channel_id) == ("Local/back@cxcall-callback", "09121234567", "cxcb-b-1")
    assert act.other_channel_id == "cxcb-b-1-q"
    assert act.caller_id == '"CB Mina   Gold    Ltd" <09121234567>'
    assert act.variables == {
        "__CX_CALL_BACK": "b", "__CX_CALLER_ID": "0219100", "__QUEUE_PRIO": "5", "__CXCALL_POSITION": "3",
    }  # fmt: skip


def record(*legs: Leg, visit: VisitResult | None = None, talked: bool = False, over: bool = False) -> CallRecord:
    talks = (Talk(channels=("PJSIP/1001-1", "PJSIP/trunk-9"), numbers=("1001", None)),) if talked else ()
    stay = QueueVisit(queue="back", result=visit, interface="PJSIP/1001", agent="Sara")
    return CallRecord(
        id=CallId("lab-cxcb-b-1"), server="lab", linked_ids=("cxcb-b-1",), legs=legs, talks=talks, queue_visits=(stay,),
        ended_at=after(60) if over else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("result", "why"), [("busy", "busy"), ("no_answer", "no_answer"), ("rejected", "rejected"),
                        ("congestion", "failed"), ("cancelled", "agent_gone")]
)  # fmt: skip
def test_why_a_customer_was_not_reached_is_in_the_call(result: LegResult, why: str) -> None:
    theirs = Leg(channel="PJSIP/trunk-9", unique_id="lab-9", role="callee", result=result)
    told = progress(record(AGENT, theirs, visit="answered", over=True), MORNING)
    assert (told.line, told.taken, told.picked_up, told.talked, told.over, told.why) == (
        "cxcb-b-1", True, False, False, True, why,
    )  # fmt: skip
    assert (told.agent, told.agent_name) == ("PJSIP/1001", "Sara")


def test_a_try_that_waits_and_one_that_talks_are_told_apart() -> None:
    waits = progress(record(), MORNING)
    assert (waits.waits, waits.taken, waits.over) == (True, False, False)
    theirs = Leg(channel="PJSIP/trunk-9", unique_id="lab-9", role="callee", answered_at=after(5))
    assert progress(record(AGENT, theirs, visit="answered", talked=True), MORNING).talked


def test_only_our_own_calls_are_tries() -> None:
    assert line_of(record()) == "cxcb-b-1"
    assert is_call_back("lab", record().id)
    ordinary = CallRecord(id=CallId("lab-lab-1"), server="lab", linked_ids=())
    assert line_of(ordinary) == ""
    assert not is_call_back("lab", ordinary.id)


def test_a_try_that_was_optimised_away_is_still_there_by_its_linked_id() -> None:
    assert lost([{"Uniqueid": "lab-9", "Linkedid": "cxcb-b-1"}], [ONE]) == []
    assert lost([{"Uniqueid": "lab-9", "Linkedid": "lab-9"}], [ONE]) == [ONE]


@pytest.mark.parametrize(
    ("keyed", "numbers", "found"),
    [
        ("09121234567", "country", "+989121234567"),
        ("09121234567", "own", ""),
        ("00442079460958", "country", ""),
        ("00442079460958", "any", "+442079460958"),
        ("0044 9098790000", "any", ""),  # premium rate
        ("12", "any", ""),
        ("", "any", ""),
    ],
)
def test_only_numbers_that_cost_no_more_than_a_call_may_be_keyed(keyed: str, numbers: Numbers, found: str) -> None:
    plan = CallBackPlan(numbers=numbers)
    assert usable(keyed, plan, "IR") == found


def test_a_token_is_good_for_a_while_and_the_oldest_goes_first() -> None:
    now = [0.0]
    asking = Asking(clock=lambda: now[0])
    asked = Asked(server="lab", queue="back", call="lab-1", number="", joined_at=MORNING, ahead=())
    token = asking.begin(asked)
    assert asking.get(token) is not None
    assert asking.get("another") is None
    now[0] = KEPT_S + 1
    assert asking.get(token) is None
