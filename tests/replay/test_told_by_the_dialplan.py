"""What the dialplan itself tells of a call: who was refused, and who was rung before the queue."""

from __future__ import annotations

import pytest

from cxcall.calls.record import CallRecord
from tests.replay.test_written_tables import told

COMES = """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk exten=0219 num=09121234567
"""
FIRST = """
1.0 VarSet PJSIP/trunk-1(1) var=CX_TELLS value=rings|sales|PJSIP/1001
1.0 Newexten PJSIP/trunk-1(1) app=Dial data=PJSIP/1001,15,tg
1.1 Newchannel PJSIP/1001-2(2) linked=1 ctx=internal exten=s num=1001
1.1 DialBegin PJSIP/trunk-1(1) > PJSIP/1001-2(2) dial=1001
1.2 Newstate PJSIP/1001-2(2) state=5
"""
TALK = """
4.0 Newstate PJSIP/1001-2(2) state=6
4.0 DialEnd PJSIP/trunk-1(1) > PJSIP/1001-2(2) status=ANSWER
4.0 BridgeEnter PJSIP/1001-2(2) br=b type=basic
4.0 BridgeEnter PJSIP/trunk-1(1) br=b type=basic
"""
RANG_OUT = """
11.0 DialEnd PJSIP/trunk-1(1) > PJSIP/1001-2(2) status=NOANSWER
11.0 Hangup PJSIP/1001-2(2) cause=26
"""
QUEUE = """
11.1 Newexten PJSIP/trunk-1(1) app=Queue data=sales,tc
11.1 QueueCallerJoin PJSIP/trunk-1(1) queue=sales pos=2
"""
OTHER = """
13.0 Newchannel PJSIP/1002-3(3) linked=1 ctx=internal exten=s num=1002
13.0 DialBegin PJSIP/trunk-1(1) > PJSIP/1002-3(3) dial=1002
13.0 AgentCalled PJSIP/trunk-1(1) > PJSIP/1002-3(3) queue=sales member=Reza interface=PJSIP/1002
15.0 Newstate PJSIP/1002-3(3) state=6
15.0 DialEnd PJSIP/trunk-1(1) > PJSIP/1002-3(3) status=ANSWER
15.0 AgentConnect PJSIP/trunk-1(1) > PJSIP/1002-3(3) queue=sales member=Reza interface=PJSIP/1002 hold=4
15.0 QueueCallerLeave PJSIP/trunk-1(1) queue=sales
15.0 BridgeEnter PJSIP/1002-3(3) br=c type=basic
15.0 BridgeEnter PJSIP/trunk-1(1) br=c type=basic
"""
BYE = """
{at} HangupRequest PJSIP/trunk-1(1)
{at} BridgeLeave PJSIP/trunk-1(1) br={br}
{at} BridgeLeave PJSIP/{phone} br={br}
{at} Hangup PJSIP/{phone} cause=16
{at} Hangup PJSIP/trunk-1(1) cause=16
"""


def one(lines: str, *, over: bool = True) -> CallRecord:
    (record,) = told(lines, over=over)
    return record


def test_who_is_refused_by_a_rule_is_blocked_whatever_they_heard_before() -> None:
    heard = (
        "0.1 VarSet PJSIP/trunk-1(1) var=CX_TELLS value=blocked\n0.2 Newexten PJSIP/trunk-1(1) app=Playback data=x\n"
    )
    refused = one(f"{COMES}{heard}2.0 Hangup PJSIP/trunk-1(1) cause=21\n")
    assert (refused.outcome, refused.ended_by, refused.queue_visits) == ("blocked", "system", ())
    gave_up = one(f"{COMES}{heard}1.0 HangupRequest PJSIP/trunk-1(1)\n1.0 Hangup PJSIP/trunk-1(1) cause=16\n")
    assert (gave_up.outcome, gave_up.ended_by) == ("blocked", "caller")


@pytest.mark.parametrize("value", ["", "x", "rings", "rings|", "rings|sales", "rings||PJSIP/1001", "blocked|x"])
def test_what_the_dialplan_does_not_say_whole_counts_as_not_said(value: str) -> None:
    record = one(
        f"{COMES}0.1 VarSet PJSIP/trunk-1(1) var=CX_TELLS value={value}\n2.0 Hangup PJSIP/trunk-1(1) cause=21\n"
    )
    assert (record.outcome, record.queue_visits) == ("rejected", ())


def test_an_agent_rung_first_who_answers_took_a_call_of_the_queue() -> None:
    record = one(COMES + FIRST + TALK + BYE.format(at=10.0, br="b", phone="1001-2(2)"))
    (visit,) = record.queue_visits
    assert (record.outcome, visit.queue, visit.result, visit.interface) == (
        "answered",
        "sales",
        "answered",
        "PJSIP/1001",
    )
    assert (visit.wait, visit.ring, visit.talk, visit.position) == (3.0, 2.9, 6.0, None)
    assert [(leg.role, leg.agent) for leg in record.legs] == [("caller", None), ("agent", "PJSIP/1001")]
    assert [(offer.agent, offer.result) for offer in visit.attempts] == [("PJSIP/1001", "answered")]


@pytest.mark.parametrize("told_by", ["QueueMember", "QueueMemberAdded"])
def test_an_agent_rung_first_has_a_name_before_any_queue_rang_them(told_by: str) -> None:
    listed = f"\n0.0 {told_by} queue=sales member=Sara interface=PJSIP/1001"
    record = one(listed + COMES + FIRST + TALK + BYE.format(at=10.0, br="b", phone="1001-2(2)"))
    assert [visit.agent for visit in record.queue_visits] == ["Sara"]
    assert [leg.agent for leg in record.legs] == [None, "Sara"]


def test_while_the_agent_is_rung_the_caller_waits_in_the_queue_already() -> None:
    (visit,) = one(COMES + FIRST, over=False).queue_visits
    assert (visit.queue, visit.result, [offer.result for offer in visit.attempts]) == ("sales", None, [None])


def test_an_agent_rung_first_in_vain_and_the_queue_after_it_are_one_stay() -> None:
    record = one(COMES + FIRST + RANG_OUT + QUEUE + OTHER + BYE.format(at=20.0, br="c", phone="1002-3(3)"))
    (visit,) = record.queue_visits
    assert (visit.result, visit.agent, visit.wait, visit.position, visit.talk) == ("answered", "Reza", 14.0, 2, 5.0)
    assert [(offer.agent, offer.result) for offer in visit.attempts] == [
        ("PJSIP/1001", "no_answer"), ("Reza", "answered"),
    ]  # fmt: skip


def test_who_hangs_up_while_the_agent_is_rung_has_abandoned_the_queue() -> None:
    gone = "3.0 HangupRequest PJSIP/trunk-1(1)\n3.0 DialEnd PJSIP/trunk-1(1) > PJSIP/1001-2(2) status=CANCEL\n"
    record = one(COMES + FIRST + gone + "3.0 Hangup PJSIP/1001-2(2) cause=26\n3.0 Hangup PJSIP/trunk-1(1) cause=16\n")
    (visit,) = record.queue_visits
    assert (record.outcome, visit.result, visit.wait) == ("abandoned", "abandoned", 2.0)
    assert [offer.result for offer in visit.attempts] == ["cancelled"]


def test_a_queue_that_does_not_take_the_caller_after_it_ends_that_same_stay() -> None:
    full = """
11.1 Newexten PJSIP/trunk-1(1) app=Queue data=sales,tc
11.1 VarSet PJSIP/trunk-1(1) var=QUEUESTATUS value=FULL
11.2 Hangup PJSIP/trunk-1(1) cause=16
"""
    (visit,) = one(COMES + FIRST + RANG_OUT + full).queue_visits
    assert (visit.result, visit.wait) == ("full", 10.1)


def test_another_queue_than_the_one_said_is_another_stay() -> None:
    other = (
        QUEUE.replace("sales", "support")
        + "12.0 HangupRequest PJSIP/trunk-1(1)\n12.0 Hangup PJSIP/trunk-1(1) cause=16\n"
    )
    record = one(COMES + FIRST + RANG_OUT + other)
    assert [(visit.queue, visit.result) for visit in record.queue_visits] == [
        ("sales", "left"),
        ("support", "abandoned"),
    ]


def test_a_gap_while_the_agent_is_rung_does_not_end_the_stay() -> None:
    gap = """
2.0 CxcallDisconnected
3.0 CxcallConnected
3.1 CxcallSnapshotStart
3.1 CoreShowChannel PJSIP/trunk-1(1) app=Dial age=00:00:03
3.1 CoreShowChannel PJSIP/1001-2(2) linked=1 age=00:00:02
3.2 CxcallSnapshotEnd
"""
    record = one(COMES + FIRST + gap + TALK + BYE.format(at=10.0, br="b", phone="1001-2(2)"))
    (visit,) = record.queue_visits
    assert (visit.result, visit.interface, visit.wait) == ("answered", "PJSIP/1001", 3.0)
