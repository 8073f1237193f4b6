"""Rarer calls as event tables: spies in disguise, refusals of every driver, redirects, clocks that step, late words."""

from __future__ import annotations

import pytest

from tests.replay.summary import summary
from tests.replay.test_written_tables import DIRECT, QUEUED, assert_told, told

AGENT_ENDS = """
4.0 HangupRequest PJSIP/1001-2(2)
4.0 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.0 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
4.0 Hangup PJSIP/1001-2(2) cause=16
4.0 Hangup PJSIP/trunk-1(1) cause=16
"""


def test_a_phone_that_listens_over_a_local_channel_is_no_call_of_its_own():
    [call] = told(
        QUEUED
        + """
2.0 Newchannel Local/spy@x-1;1(5) ctx=x exten=spy
2.0 Newchannel Local/spy@x-1;2(6) linked=5 ctx=x exten=spy
2.0 DialBegin > Local/spy@x-1;1(5) dial=spy@x
2.1 Newchannel PJSIP/1005-9(9) linked=5 ctx=internal exten=s num=1005
2.1 DialBegin Local/spy@x-1;2(6) > PJSIP/1005-9(9) exten=spy dial=1005
2.5 Newstate PJSIP/1005-9(9) state=6
2.5 BridgeEnter PJSIP/1005-9(9) br=s type=basic
2.5 BridgeEnter Local/spy@x-1;2(6) br=s type=basic
2.6 ChanSpyStart spyer=Local/spy@x-1;1(5) spyee=PJSIP/1001-2(2)
3.0 HangupRequest PJSIP/1005-9(9)
3.0 BridgeLeave PJSIP/1005-9(9) br=s type=basic
3.0 BridgeLeave Local/spy@x-1;2(6) br=s type=basic
3.0 Hangup Local/spy@x-1;2(6) cause=16
3.0 Hangup PJSIP/1005-9(9) cause=16
3.0 Hangup Local/spy@x-1;1(5) cause=16
"""
        + AGENT_ENDS
    )
    assert [leg.number for leg in call.legs] == ["5551234", "1001"]


@pytest.mark.parametrize(
    "before",
    [
        "1.9 CoreShowChannel PJSIP/1005-9(9) ctx=internal exten=*55 num=1005 state=6 app=ChanSpy age=00:00:10",
        "1.9 HangupRequest PJSIP/1005-9(9) ctx=internal exten=*55 num=1005",
    ],
)
def test_a_spy_who_was_there_before_the_stream_began_is_no_call(before: str):
    lines = f"""
{before}
2.0 HangupRequest PJSIP/1005-9(9) ctx=internal exten=*55 num=1005
2.0 ChanSpyStop spyer=PJSIP/1005-9(9) spyee=PJSIP/1001-2(2)
2.0 Hangup PJSIP/1005-9(9) cause=16
"""
    assert [[leg.number for leg in record.legs] for record in told(QUEUED + lines + AGENT_ENDS)] == [
        ["5551234", "1001"]
    ]


def test_an_agent_who_declined_did_not_end_the_call_that_the_queue_gave_up_later():
    assert_told(
        """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk exten=800 num=5551234
0.0 Newstate PJSIP/trunk-1(1) state=6
0.1 QueueCallerJoin PJSIP/trunk-1(1) ctx=from-trunk exten=800 queue=support pos=1
0.2 Newchannel PJSIP/1001-2(2) linked=1 ctx=internal exten=s num=1001
0.2 AgentCalled PJSIP/trunk-1(1) > PJSIP/1001-2(2) queue=support member=Alice interface=PJSIP/1001
0.2 DialBegin PJSIP/trunk-1(1) > PJSIP/1001-2(2) exten=800 dial=PJSIP/1001
1.2 HangupRequest PJSIP/1001-2(2)
1.2 DialEnd PJSIP/trunk-1(1) > PJSIP/1001-2(2) status=NOANSWER
1.2 AgentRingNoAnswer PJSIP/trunk-1(1) > PJSIP/1001-2(2) queue=support member=Alice interface=PJSIP/1001
1.2 Hangup PJSIP/1001-2(2) cause=21 tech=603
5.1 QueueCallerAbandon PJSIP/trunk-1(1) queue=support
5.1 QueueCallerLeave PJSIP/trunk-1(1) queue=support
5.1 VarSet PJSIP/trunk-1(1) var=QUEUESTATUS value=TIMEOUT
5.2 Hangup PJSIP/trunk-1(1) cause=16
""",
        """
inbound 5551234 > 800: timeout, ended by system, cause 16, answered after ?
  leg caller 5551234 cancelled
  leg agent 1001 (Alice) rejected
  queue support #1 timeout ? wait 5.0 ring 0.0 talk 0.0 hold 0.0 | Alice rejected 1.0
""",
    )


@pytest.mark.parametrize(("cause", "outcome"), [(17, "busy"), (21, "rejected")])
@pytest.mark.parametrize("asked", ["", "1.0 HangupRequest SIP/1002-2(2)\n"], ids=["SIP", "PJSIP"])
def test_who_refuses_a_call_has_ended_it_whether_or_not_the_driver_says_so(cause: int, outcome: str, asked: str):
    """chan_sip queues a 486 as BUSY and sends no HangupRequest; the cause is the truth, whatever DialEnd says."""
    ringing = DIRECT.format(
        caller="SIP/1001-1", callee="SIP/1002-2", dial="1002", ctx="internal", callee_ctx="internal", exten="1002",
        num="1001",
    ).split("1.2 Newstate")[0]  # fmt: skip
    [call] = told(
        ringing
        + asked
        + f"""
1.0 DialEnd SIP/1001-1(1) > SIP/1002-2(2) status=BUSY
1.0 Hangup SIP/1002-2(2) cause={cause}
1.0 Hangup SIP/1001-1(1) cause={cause}
"""
    )
    assert (call.outcome, call.ended_by) == (outcome, "callee")


def test_a_talk_redirected_into_a_conference_is_one_redirect():
    """Both phones go: no transfer event, but where they turn up tells."""
    [call] = told(
        QUEUED
        + """
3.0 SoftHangupRequest PJSIP/trunk-1(1) cause=2
3.0 SoftHangupRequest PJSIP/1001-2(2) cause=2
3.0 BridgeLeave PJSIP/1001-2(2) br=a type=basic
3.0 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
3.1 BridgeEnter PJSIP/trunk-1(1) br=c type=base with=softmix ctx=conferences exten=600
3.1 BridgeEnter PJSIP/1001-2(2) br=c type=base with=softmix ctx=conferences exten=600
6.0 HangupRequest PJSIP/1001-2(2)
6.0 BridgeLeave PJSIP/1001-2(2) br=c type=base with=softmix
6.0 Hangup PJSIP/1001-2(2) cause=16
8.0 HangupRequest PJSIP/trunk-1(1)
8.0 BridgeLeave PJSIP/trunk-1(1) br=c type=base with=softmix
8.0 Hangup PJSIP/trunk-1(1) cause=16
"""
    )
    assert [(move.kind, move.to) for move in call.transfers] == [("redirect", "600")]
    assert (len(call.talks), call.ended_by) == (1, "agent")


def test_a_transfer_by_a_queue_member_over_a_local_channel_is_told_of_the_phone():
    records = told(
        """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk-pjsip-main exten=800 num=5551234
0.1 QueueCallerJoin PJSIP/trunk-1(1) ctx=ext-queues exten=600 queue=600 pos=1
0.2 Newchannel Local/1001@from-queue-0;1(2) linked=1 ctx=from-queue exten=1001
0.2 Newchannel Local/1001@from-queue-0;2(3) linked=1 ctx=from-queue exten=1001
0.2 AgentCalled PJSIP/trunk-1(1) > Local/1001@from-queue-0;1(2) queue=600 member=Al interface=Local/1001@from-queue/n
0.2 DialBegin PJSIP/trunk-1(1) > Local/1001@from-queue-0;1(2) dial=1001@from-queue/n
0.3 Newchannel PJSIP/1001-2(4) linked=1 ctx=from-internal exten=s num=1001
0.3 DialBegin Local/1001@from-queue-0;2(3) > PJSIP/1001-2(4) ctx=macro-dial-one exten=s dial=1001/sip:1001@10.0.0.4:5060
2.0 Newstate PJSIP/1001-2(4) state=6
2.0 BridgeEnter PJSIP/1001-2(4) br=x type=basic
2.0 BridgeEnter Local/1001@from-queue-0;2(3) br=x type=basic
2.0 AgentConnect PJSIP/trunk-1(1) > Local/1001@from-queue-0;1(2) queue=600 member=Al interface=Local/1001@from-queue/n
2.0 BridgeEnter Local/1001@from-queue-0;1(2) br=y type=basic
2.0 BridgeEnter PJSIP/trunk-1(1) br=y type=basic
4.0 BlindTransfer by=Local/1001@from-queue-0;1(2) who=PJSIP/trunk-1(1) to=1003 result=Success
4.0 BridgeLeave Local/1001@from-queue-0;1(2) br=y type=basic
4.0 BridgeLeave PJSIP/trunk-1(1) br=y type=basic
4.0 Hangup Local/1001@from-queue-0;1(2) cause=16
4.0 BridgeLeave Local/1001@from-queue-0;2(3) br=x type=basic
4.0 BridgeLeave PJSIP/1001-2(4) br=x type=basic
4.0 Hangup PJSIP/1001-2(4) cause=16
4.0 Hangup Local/1001@from-queue-0;2(3) cause=16
4.1 HangupRequest PJSIP/trunk-1(1)
4.1 Hangup PJSIP/trunk-1(1) cause=16
"""
    )
    assert summary(records).splitlines() == [
        "inbound 5551234 > 800: answered, ended by caller, cause 16, answered after 2.0",
        "  leg caller 5551234 answered",
        "  leg agent 1001 (Al) answered",
        "  talk 5551234+1001 2.0",
        "  queue 600 #1 answered Al wait 1.9 ring 1.8 talk 2.0 hold 0.0 | Al answered 1.8",
        "  blind by leg 2 to 1003 ok",
    ]


def test_a_clock_that_is_set_back_ends_nothing_before_it_began():
    [call] = told(QUEUED + AGENT_ENDS.replace("4.0", "0.5"))
    [talk] = call.talks
    assert talk.to == talk.from_
    assert call.queue_visits[0].talk == 0.0


def test_who_hung_up_first_is_known_by_the_order_of_events_where_times_are_too_coarse():
    """The agent hangs up, the dialplan goes on with a survey, the caller hangs up, all in one second."""
    [call] = told(
        QUEUED
        + """
4.0 HangupRequest PJSIP/1001-2(2)
4.0 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.0 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
4.0 Hangup PJSIP/1001-2(2) cause=16
4.0 HangupRequest PJSIP/trunk-1(1)
4.0 Hangup PJSIP/trunk-1(1) cause=16
"""
    )
    assert call.ended_by == "agent"


@pytest.mark.parametrize("late", [False, True])
def test_whom_a_failed_click_to_call_was_for_is_known_even_if_it_is_told_after_the_hangup(late: bool):
    response = "3.0 OriginateResponse PJSIP/1001(<unknown>) response=Failure exten=95559876 reason=3\n"
    hangup = "3.0 Hangup PJSIP/1001-1(1) cause=19\n"
    begin = "0.0 Newchannel PJSIP/1001-1(1) ctx=internal exten=s num=1001\n0.0 DialBegin > PJSIP/1001-1(1) dial=1001\n"
    [call] = told(begin + (hangup + response if late else response + hangup))
    assert (call.called, call.outcome, call.caller.number) == ("95559876", "no_answer", "1001")


def test_the_older_call_lives_on_although_the_stream_began_with_the_younger():
    [call] = told(
        """
9.0 BridgeEnter PJSIP/1003-10(10) linked=9 br=q type=basic num=1003
9.0 BridgeEnter PJSIP/1001-9(9) br=q type=basic num=1001
9.2 Unhold PJSIP/1001-2(2) linked=1 num=1001
9.5 AttendedTransfer first=PJSIP/1001-2(2) second=PJSIP/1001-9(9) target=PJSIP/1003-10(10) dest=Bridge
9.5 Hangup PJSIP/1001-2(2) cause=16
9.5 Hangup PJSIP/1001-9(9) cause=16
9.5 Hangup PJSIP/1003-10(10) cause=16
"""
    )
    assert (call.id, call.linked_ids) == ("lab-lab-1795300000.1", ("lab-1795300000.1", "lab-1795300000.9"))


def test_a_caller_found_waiting_without_a_known_origin_who_hangs_up_has_abandoned_the_queue():
    [call] = told(
        """
9.0 QueueEntry PJSIP/x-1(1) queue=sales pos=1 wait=20
12.0 HangupRequest PJSIP/x-1(1)
12.0 QueueCallerAbandon PJSIP/x-1(1) queue=sales
12.0 QueueCallerLeave PJSIP/x-1(1) queue=sales
12.0 Hangup PJSIP/x-1(1) cause=16
"""
    )
    assert (call.direction, call.outcome) == ("unknown", "abandoned")
    assert call.queue_visits[0].wait == 12.0  # not before the second of the channel's birth, whatever Wait says


def test_an_attended_transfer_into_a_conference_is_attended():
    """Asterisk links the two bridges by a Local channel (DestType Link); no phone is the target."""
    [call, other] = told(
        QUEUED
        + """
2.0 Newchannel PJSIP/1001-9(9) ctx=internal exten=600 num=1001
2.1 BridgeEnter PJSIP/1001-9(9) br=c type=base with=softmix ctx=internal exten=600
2.2 Newchannel PJSIP/1003-10(10) ctx=internal exten=600 num=1003
2.3 BridgeEnter PJSIP/1003-10(10) br=c type=base with=softmix ctx=internal exten=600
4.0 Newchannel Local/_attended@transfer/m-0;1(11) linked=9 ctx=default exten=s
4.0 Newchannel Local/_attended@transfer/m-0;2(12) linked=9 ctx=default exten=s
4.0 BridgeLeave PJSIP/1001-9(9) br=c type=base with=softmix
4.0 BridgeEnter Local/_attended@transfer/m-0;1(11) br=c type=base with=softmix
4.0 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.0 BridgeEnter Local/_attended@transfer/m-0;2(12) br=a type=basic
4.0 AttendedTransfer first=PJSIP/1001-2(2) second=PJSIP/1001-9(9) who=(1) dest=Link SecondTransfererExten=600
4.0 Hangup PJSIP/1001-9(9) cause=16
4.0 Hangup PJSIP/1001-2(2) cause=16
7.0 HangupRequest PJSIP/1003-10(10)
7.0 BridgeLeave PJSIP/1003-10(10) br=c type=base with=softmix
7.0 Hangup PJSIP/1003-10(10) cause=16
7.1 Hangup Local/_attended@transfer/m-0;1(11) cause=16
7.1 Hangup Local/_attended@transfer/m-0;2(12) cause=16
7.1 Hangup PJSIP/trunk-1(1) cause=16
"""
    )
    assert [(move.kind, move.to) for move in call.transfers] == [("attended", "600")]
    assert [talk.numbers for talk in call.talks] == [("5551234", "1001"), ("1001", "1003"), ("5551234", "1003")]
    assert [talk.numbers for talk in other.talks] == [("1003", "1001"), ("1003", "5551234")]


def test_a_queue_member_over_a_local_channel_found_in_a_snapshot_is_the_agent_and_had_the_caller_since_the_connect():
    assert_told(
        """
60.0 CoreShowChannel PJSIP/trunk-1(1) ctx=from-trunk exten=800 num=5551234 state=6 bridge=y app=Queue age=00:01:00
60.0 CoreShowChannel Local/1001@fq-0;1(2) linked=1 ctx=fq exten=1001 state=6 bridge=y app=AppQueue age=00:00:50
60.0 CoreShowChannel Local/1001@fq-0;2(3) linked=1 ctx=fq exten=1001 state=6 bridge=x app=Dial age=00:00:50
60.0 CoreShowChannel PJSIP/1001-2(4) linked=1 ctx=internal num=1001 state=6 bridge=x app=AppDial age=00:00:50
64.0 HangupRequest PJSIP/1001-2(4)
64.0 BridgeLeave Local/1001@fq-0;2(3) br=x type=basic
64.0 BridgeLeave PJSIP/1001-2(4) br=x type=basic
64.0 Hangup PJSIP/1001-2(4) cause=16
64.0 Hangup Local/1001@fq-0;2(3) cause=16
64.0 AgentComplete PJSIP/trunk-1(1) > Local/1001@fq-0;1(2) queue=q member=Al interface=Local/1001@fq/n talk=40 hold=10
64.0 BridgeLeave PJSIP/trunk-1(1) br=y type=basic
64.0 BridgeLeave Local/1001@fq-0;1(2) br=y type=basic
64.0 Hangup Local/1001@fq-0;1(2) cause=16
64.0 Hangup PJSIP/trunk-1(1) cause=16
""",
        """
inbound 5551234 > 800: answered, ended by agent, cause 16, answered after 60.0
  leg caller 5551234 answered
  leg agent 1001 (Al) answered
  talk 5551234+1001 4.0
  queue q #? answered Al wait 10.0 ring 0.0 talk 40.0 hold 0.0
""",
    )
