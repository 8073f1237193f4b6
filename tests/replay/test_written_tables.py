"""Calls that nobody recorded, as event tables: other channel drivers, streams from the middle, gaps, odd ways."""

from __future__ import annotations

import pytest

from cxcall.calls.events import Message, read
from cxcall.calls.record import CallRecord
from cxcall.calls.tracker import Tracker
from tests.replay.summary import summary
from tests.replay.tables import table


def told(lines: str, *, over: bool = True) -> list[CallRecord]:
    """The records of a table; with `over` nothing may be left in the tracker."""
    tracker = Tracker("lab")
    records: dict[str, CallRecord] = {}
    for message in table(lines):
        event = read(message)
        for change in tracker.feed(event) if event is not None else []:
            if change.kind == "merged":
                records.pop(change.call_id, None)
            record = change.record()
            records[record.id] = record
    assert tracker.empty is over
    return sorted(records.values(), key=lambda record: record.id)


def assert_told(lines: str, expected: str, *, over: bool = True) -> list[CallRecord]:
    records = told(lines, over=over)
    assert summary(records).split("\n") == [line.rstrip() for line in expected.strip("\n").split("\n")]
    return records


DIRECT = """
0.0 Newchannel {caller}(1) ctx={ctx} exten={exten} num={num}
0.1 Newchannel {callee}(2) linked=1 ctx={callee_ctx} exten=s
0.1 DialBegin {caller}(1) > {callee}(2) exten={exten} dial={dial}
0.2 Newstate {callee}(2) state=5
1.2 Newstate {callee}(2) state=6
1.2 DialEnd {caller}(1) > {callee}(2) status=ANSWER
1.2 BridgeEnter {callee}(2) br=b type=basic
1.2 BridgeEnter {caller}(1) br=b type=basic
"""


@pytest.mark.parametrize(
    ("caller", "callee", "dial", "number"),
    [
        ("SIP/1001-00000a1c", "SIP/trunk-00000a1d", "trunk/5559876", "5559876"),
        ("PJSIP/1001-00000001", "PJSIP/trunk-00000002", "5559876@trunk", "5559876"),
        ("PJSIP/1001-00000001", "PJSIP/trunk-00000002", "trunk/sip:5559876@10.0.0.9:5060", "5559876"),
        ("IAX2/1001-5412", "IAX2/provider-771", "provider/5559876", "5559876"),
        ("DAHDI/1-1", "DAHDI/i1/5559876-2", "g1/5559876", "5559876"),
    ],
)
def test_an_outbound_call_is_the_same_whatever_the_channel_driver(caller: str, callee: str, dial: str, number: str):
    lines = DIRECT.format(
        caller=caller, callee=callee, dial=dial, ctx="internal", callee_ctx="from-trunk", exten="95559876", num="1001"
    )
    ending = f"""
    3.2 HangupRequest {caller}(1)
    3.2 BridgeLeave {caller}(1) br=b type=basic
    3.2 BridgeLeave {callee}(2) br=b type=basic
    3.2 Hangup {callee}(2) cause=16
    3.2 Hangup {caller}(1) cause=16
    """
    assert_told(
        lines + ending,
        f"""
outbound 1001 > 95559876: answered, ended by caller, cause 16, answered after 1.2
  leg caller 1001 answered
  leg callee {number} answered
  talk 1001+{number} 2.0
""",
    )


def test_a_caller_on_an_analogue_line_who_hangs_up_in_the_queue_has_abandoned_it():
    """DAHDI sends no HangupRequest: the channel simply ends as the queue lets go of it."""
    assert_told(
        """
0.0 Newchannel DAHDI/1-1(1) ctx=from-pstn exten=s num=5551234
0.1 QueueCallerJoin DAHDI/1-1(1) queue=support pos=1 exten=800
4.1 QueueCallerAbandon DAHDI/1-1(1) queue=support
4.1 QueueCallerLeave DAHDI/1-1(1) queue=support
4.1 Hangup DAHDI/1-1(1) cause=16
""",
        """
inbound 5551234 > ?: abandoned, ended by caller, cause 16, answered after ?
  leg caller 5551234 cancelled
  queue support #1 abandoned ? wait 4.0 ring 0.0 talk 0.0 hold 0.0
""",
    )


def test_an_analogue_phone_that_ends_a_talk_without_a_word_is_known_by_its_driver():
    records = told(
        DIRECT.format(
            caller="DAHDI/1-1", callee="PJSIP/1001-2", dial="1001", ctx="from-pstn", callee_ctx="internal",
            exten="1001", num="5551234",
        )
        + """
    3.2 BridgeLeave DAHDI/1-1(1) br=b type=basic
    3.2 BridgeLeave PJSIP/1001-2(2) br=b type=basic
    3.2 Hangup PJSIP/1001-2(2) cause=16
    3.2 Hangup DAHDI/1-1(1) cause=16
    """
    )  # fmt: skip
    assert [record.ended_by for record in records] == ["caller"]


def test_the_queue_gave_up_when_the_caller_did_not_hang_up_even_without_queuestatus():
    assert_told(
        """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk exten=801 num=5551234
0.0 Newstate PJSIP/trunk-1(1) state=6
0.1 QueueCallerJoin PJSIP/trunk-1(1) queue=support pos=1
6.1 QueueCallerAbandon PJSIP/trunk-1(1) queue=support
6.1 QueueCallerLeave PJSIP/trunk-1(1) queue=support
9.0 HangupRequest PJSIP/trunk-1(1)
9.0 Hangup PJSIP/trunk-1(1) cause=16
""",
        """
inbound 5551234 > 801: timeout, ended by caller, cause 16, answered after ?
  leg caller 5551234 cancelled
  queue support #1 timeout ? wait 6.0 ring 0.0 talk 0.0 hold 0.0
""",
    )


def test_voicemail_is_no_person():
    assert_told(
        """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk exten=1001 num=5551234
0.1 Newchannel PJSIP/1001-2(2) linked=1 ctx=internal exten=s num=1001
0.1 DialBegin PJSIP/trunk-1(1) > PJSIP/1001-2(2) exten=1001 dial=1001
20.1 DialEnd PJSIP/trunk-1(1) > PJSIP/1001-2(2) status=NOANSWER
20.1 Hangup PJSIP/1001-2(2) cause=0
20.2 Newexten PJSIP/trunk-1(1) ctx=from-trunk exten=1001 app=VoiceMail data=1001@default,u
20.2 Newstate PJSIP/trunk-1(1) state=6
31.0 HangupRequest PJSIP/trunk-1(1)
31.0 Hangup PJSIP/trunk-1(1) cause=16
""",
        """
inbound 5551234 > 1001: voicemail, ended by caller, cause 16, answered after ?
  leg caller 5551234 answered
  leg callee 1001 no_answer
""",
    )


CLICK_OVER_LOCAL = """
0.0 Newchannel Local/1001@from-internal-01;1(1) exten=1001 ctx=from-internal
0.0 Newchannel Local/1001@from-internal-01;2(2) linked=1 exten=1001 ctx=from-internal
0.0 DialBegin > Local/1001@from-internal-01;1(1) dial=1001@from-internal/n
0.1 Newchannel PJSIP/1001-5(3) linked=1 ctx=from-internal exten=s num=1001 name=Alice
0.1 DialBegin Local/1001@from-internal-01;2(2) > PJSIP/1001-5(3) exten=1001 dial=1001
1.1 Newstate PJSIP/1001-5(3) state=6
1.1 BridgeEnter PJSIP/1001-5(3) br=a type=basic
1.1 BridgeEnter Local/1001@from-internal-01;2(2) br=a type=basic
1.1 OriginateResponse Local/1001@from-internal-01;1(1) response=Success exten=95559876
1.2 Newchannel PJSIP/trunk-6(4) linked=1 ctx=from-trunk exten=s
1.2 DialBegin Local/1001@from-internal-01;1(1) > PJSIP/trunk-6(4) exten=95559876 dial=5559876@trunk
3.2 Newstate PJSIP/trunk-6(4) state=6
3.2 BridgeEnter PJSIP/trunk-6(4) br=b type=basic
3.2 BridgeEnter Local/1001@from-internal-01;1(1) br=b type=basic
8.2 HangupRequest PJSIP/1001-5(3)
8.2 BridgeLeave PJSIP/1001-5(3) br=a type=basic
8.2 BridgeLeave Local/1001@from-internal-01;2(2) br=a type=basic
8.2 Hangup Local/1001@from-internal-01;2(2) cause=16
8.2 Hangup PJSIP/1001-5(3) cause=16
8.2 BridgeLeave Local/1001@from-internal-01;1(1) br=b type=basic
8.2 BridgeLeave PJSIP/trunk-6(4) br=b type=basic
8.2 Hangup PJSIP/trunk-6(4) cause=16
8.2 Hangup Local/1001@from-internal-01;1(1) cause=16
"""


def test_a_click_to_call_over_a_local_channel_has_the_phone_as_caller_and_the_number_as_called():
    assert_told(
        CLICK_OVER_LOCAL,
        """
outbound 1001 Alice > 95559876: answered, ended by caller, cause 16, answered after 3.2
  leg caller 1001 answered
  leg callee 5559876 answered
  talk 1001+5559876 5.0
""",
    )


QUEUED = """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk exten=800 num=5551234
0.0 Newstate PJSIP/trunk-1(1) state=6
0.1 QueueCallerJoin PJSIP/trunk-1(1) ctx=from-trunk exten=800 queue=support pos=1
0.2 Newchannel PJSIP/1001-2(2) linked=1 ctx=internal exten=s num=1001
0.2 AgentCalled PJSIP/trunk-1(1) > PJSIP/1001-2(2) queue=support member=Alice interface=PJSIP/1001
0.2 DialBegin PJSIP/trunk-1(1) > PJSIP/1001-2(2) exten=800 dial=PJSIP/1001
1.2 Newstate PJSIP/1001-2(2) state=6
1.2 QueueCallerLeave PJSIP/trunk-1(1) queue=support
1.2 AgentConnect PJSIP/trunk-1(1) > PJSIP/1001-2(2) queue=support member=Alice interface=PJSIP/1001
1.2 BridgeEnter PJSIP/1001-2(2) br=a type=basic exten=800 ctx=internal
1.2 BridgeEnter PJSIP/trunk-1(1) br=a type=basic exten=800 ctx=from-trunk
"""

TO_CAROL = """
4.3 Newchannel PJSIP/1003-3(3) linked=1 ctx=internal exten=s num=1003
4.3 DialBegin PJSIP/trunk-1(1) > PJSIP/1003-3(3) ctx=internal exten=1003 dial=1003
5.2 Newstate PJSIP/1003-3(3) state=6
5.2 BridgeEnter PJSIP/1003-3(3) br=c type=basic
5.2 BridgeEnter PJSIP/trunk-1(1) br=c type=basic ctx=internal exten=1003
8.2 HangupRequest PJSIP/1003-3(3)
8.2 BridgeLeave PJSIP/1003-3(3) br=c type=basic
8.2 BridgeLeave PJSIP/trunk-1(1) br=c type=basic
8.2 Hangup PJSIP/1003-3(3) cause=16
8.2 AgentComplete PJSIP/trunk-1(1) queue=support member=Alice interface=PJSIP/1001 reason=caller talk=7 hold=1
8.2 Hangup PJSIP/trunk-1(1) cause=16
"""


def test_a_redirect_is_seen_by_where_the_caller_goes_on_and_ends_the_first_agents_talk():
    """No transfer event at all, and AgentComplete comes at the very end with the second person's time in it."""
    assert_told(
        QUEUED
        + """
4.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic ctx=internal exten=1003
4.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.2 Hangup PJSIP/1001-2(2) cause=16
"""
        + TO_CAROL,
        """
inbound 5551234 > 800: answered, ended by callee, cause 16, answered after 1.2
  leg caller 5551234 answered
  leg agent 1001 (Alice) answered
  leg callee 1003 answered
  talk 5551234+1001 3.0
  talk 5551234+1003 3.0
  queue support #1 answered Alice wait 1.1 ring 1.0 talk 3.0 hold 0.0 | Alice answered 1.0
  redirect by ? to 1003 ok
""",
    )


def test_a_dialplan_that_goes_on_after_the_agent_hung_up_is_no_redirect():
    records = told(
        QUEUED
        + """
4.2 HangupRequest PJSIP/1001-2(2)
4.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
4.2 Hangup PJSIP/1001-2(2) cause=16
"""
        + TO_CAROL
    )
    assert [record.transfers for record in records] == [()]


def test_leaving_a_conference_for_a_menu_is_no_redirect():
    records = told(
        """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk exten=600 num=5551234
0.0 Newchannel PJSIP/1001-2(2) ctx=internal exten=600 num=1001
1.0 BridgeEnter PJSIP/trunk-1(1) br=c type=base ctx=from-trunk exten=600
1.0 BridgeEnter PJSIP/1001-2(2) br=c type=base ctx=internal exten=600
5.0 BridgeLeave PJSIP/trunk-1(1) br=c type=base ctx=from-trunk exten=600
5.1 Newexten PJSIP/trunk-1(1) ctx=menu exten=1 app=Background data=hello
6.0 BridgeLeave PJSIP/1001-2(2) br=c type=base
6.0 HangupRequest PJSIP/trunk-1(1)
6.0 Hangup PJSIP/1001-2(2) cause=16
6.0 Hangup PJSIP/trunk-1(1) cause=16
"""
    )
    assert [(len(record.talks), record.transfers, record.called) for record in records] == [(1, (), "600")] * 2


def test_a_redirect_that_asterisk_itself_marks_is_certain_whoever_hung_up():
    records = told(
        QUEUED
        + """
4.2 SoftHangupRequest PJSIP/trunk-1(1) cause=2
4.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic ctx=internal exten=1003
4.2 HangupRequest PJSIP/1001-2(2)
4.2 Hangup PJSIP/1001-2(2) cause=16
"""
        + TO_CAROL
    )
    assert [(move.kind, move.to) for move in records[0].transfers] == [("redirect", "1003")]


def test_a_call_parked_by_the_manager_is_one_transfer_by_the_agents_channel():
    records = told(
        QUEUED
        + """
4.2 ParkedCall parkee=PJSIP/trunk-1(1) space=701 parker=PJSIP/1001
4.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
4.2 BridgeEnter PJSIP/trunk-1(1) br=p type=parking with=holding_bridge ctx=from-trunk exten=800
4.3 BridgeLeave PJSIP/1001-2(2) br=a type=basic
6.8 Hangup PJSIP/1001-2(2) cause=16
8.2 ParkedCallTimeOut parkee=PJSIP/trunk-1(1) space=701 parker=PJSIP/1001
8.2 BridgeLeave PJSIP/trunk-1(1) br=p type=parking with=holding_bridge
8.3 Newchannel PJSIP/1001-4(4) linked=1 ctx=internal exten=s num=1001
8.3 DialBegin PJSIP/trunk-1(1) > PJSIP/1001-4(4) ctx=park-dial exten=PJSIP_1001 dial=PJSIP/1001
9.0 HangupRequest PJSIP/trunk-1(1)
9.0 DialEnd PJSIP/trunk-1(1) > PJSIP/1001-4(4) status=CANCEL
9.0 Hangup PJSIP/1001-4(4) cause=0
9.0 Hangup PJSIP/trunk-1(1) cause=16
"""
    )
    assert [(m.kind, m.by, m.to) for m in records[0].transfers] == [("park", "PJSIP/1001-2", "701")]
    assert (records[0].ended_by, round(records[0].queue_visits[0].talk)) == ("caller", 3)


def test_a_phone_that_vanishes_ends_the_call_for_the_system_not_for_the_agent():
    """No RTP: SoftHangupRequest, AgentComplete says agent, both legs end with cause 44; nobody hung up."""
    assert_told(
        QUEUED
        + """
6.2 SoftHangupRequest PJSIP/1001-2(2) cause=1
6.2 AgentComplete PJSIP/trunk-1(1) > PJSIP/1001-2(2) queue=support member=Alice interface=PJSIP/1001 reason=agent
6.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
6.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
6.2 Hangup PJSIP/1001-2(2) cause=44
6.2 Hangup PJSIP/trunk-1(1) cause=44
""",
        """
inbound 5551234 > 800: answered, ended by system, cause 44, answered after 1.2
  leg caller 5551234 answered
  leg agent 1001 (Alice) answered
  talk 5551234+1001 5.0
  queue support #1 answered Alice wait 1.1 ring 1.0 talk 5.0 hold 0.0 | Alice answered 1.0
""",
    )


def test_a_phone_that_dials_in_to_listen_is_no_call_of_its_own():
    lines = (
        QUEUED
        + """
2.0 Newchannel PJSIP/1005-9(9) ctx=internal exten=*55 num=1005
2.0 Newexten PJSIP/1005-9(9) ctx=internal exten=*55 app=ChanSpy data=PJSIP/1001
2.1 ChanSpyStart spyer=PJSIP/1005-9(9) spyee=PJSIP/1001-2(2)
3.0 HangupRequest PJSIP/1005-9(9)
3.0 Hangup PJSIP/1005-9(9) cause=16
4.2 HangupRequest PJSIP/trunk-1(1)
4.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
4.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.2 Hangup PJSIP/1001-2(2) cause=16
4.2 Hangup PJSIP/trunk-1(1) cause=16
"""
    )
    assert [[leg.number for leg in record.legs] for record in told(lines)] == [["5551234", "1001"]]


def test_an_agent_who_takes_the_caller_back_after_a_consultation_by_feature_code_had_them_all_the_time():
    assert_told(
        QUEUED
        + """
2.2 Hold PJSIP/1001-2(2)
3.2 Newchannel Local/1003@internal-01;1(4) linked=1 ctx=internal exten=1003
3.2 Newchannel Local/1003@internal-01;2(5) linked=1 ctx=internal exten=1003
3.2 BridgeEnter Local/1003@internal-01;1(4) br=d type=basic
3.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
3.2 BridgeEnter PJSIP/1001-2(2) br=d type=basic
3.3 Newchannel PJSIP/1003-3(3) linked=1 ctx=internal exten=s num=1003
3.3 DialBegin Local/1003@internal-01;2(5) > PJSIP/1003-3(3) exten=1003 dial=1003
4.2 Newstate PJSIP/1003-3(3) state=6
4.2 BridgeEnter PJSIP/1003-3(3) br=e type=basic
4.2 BridgeEnter Local/1003@internal-01;2(5) br=e type=basic
5.2 HangupRequest PJSIP/1003-3(3)
5.2 BridgeLeave PJSIP/1003-3(3) br=e type=basic
5.2 BridgeLeave Local/1003@internal-01;2(5) br=e type=basic
5.2 Hangup PJSIP/1003-3(3) cause=16
5.2 Hangup Local/1003@internal-01;2(5) cause=16
5.2 BridgeLeave Local/1003@internal-01;1(4) br=d type=basic
5.2 Hangup Local/1003@internal-01;1(4) cause=16
5.2 BridgeLeave PJSIP/1001-2(2) br=d type=basic
5.2 BridgeEnter PJSIP/1001-2(2) br=a type=basic
5.2 Unhold PJSIP/1001-2(2)
7.2 HangupRequest PJSIP/1001-2(2)
7.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
7.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
7.2 Hangup PJSIP/1001-2(2) cause=16
7.2 Hangup PJSIP/trunk-1(1) cause=16
""",
        """
inbound 5551234 > 800: answered, ended by agent, cause 16, answered after 1.2
  leg caller 5551234 answered
  leg agent 1001 (Alice) answered
  leg consultant 1003 answered
  talk 5551234+1001 2.0
  talk 1001+1003 1.0
  talk 5551234+1001 2.0
  queue support #1 answered Alice wait 1.1 ring 1.0 talk 6.0 hold 3.0 | Alice answered 1.0
  hold by leg 2 3.0
""",
    )


def test_a_stream_that_begins_in_mid_talk_tells_what_can_be_known():
    """Nobody saw them enter the bridge, but both leave the same one: they talked, since when is not known."""
    records = assert_told(
        """
100.0 HangupRequest PJSIP/1001-2(2) linked=1 ctx=internal num=1001
100.0 BridgeLeave PJSIP/1001-2(2) linked=1 br=a type=basic ctx=internal num=1001
100.0 BridgeLeave PJSIP/trunk-1(1) br=a type=basic ctx=from-trunk exten=800 num=5551234
100.0 Hangup PJSIP/1001-2(2) cause=16
100.0 Hangup PJSIP/trunk-1(1) cause=16
""",
        """
inbound 5551234 > 800: answered, ended by callee, cause 16, answered after ?
  leg caller 5551234 answered
  leg callee 1001 answered
  talk 5551234+1001 ?
""",
    )
    assert records[0].id == "lab-lab-1795300000.1"
    assert records[0].started_at is not None
    assert records[0].started_at.timestamp() == 1795300000.0


SNAPSHOT = """
60.0 CxcallConnected
60.1 CxcallSnapshotStart
60.1 BridgeListItem br=a type=basic with=simple_bridge
60.1 CoreShowChannel PJSIP/trunk-1(1) ctx=from-trunk exten=800 num=5551234 state=6 bridge=a app=Queue age=00:01:00
60.1 CoreShowChannel PJSIP/1001-2(2) linked=1 ctx=internal num=1001 state=6 bridge=a app=AppQueue age=00:01:00
60.1 CoreShowChannel PJSIP/trunk-7(7) ctx=from-trunk exten=801 num=5557777 state=6 app=Queue age=00:00:20
60.1 QueueEntry PJSIP/trunk-7(7) queue=sales pos=1 wait=20
60.2 CxcallSnapshotEnd
"""


def test_a_call_that_lived_through_a_gap_goes_on_and_carries_it():
    end = """
70.2 HangupRequest PJSIP/1001-2(2)
70.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
70.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
70.2 Hangup PJSIP/1001-2(2) cause=16
70.2 Hangup PJSIP/trunk-1(1) cause=16
80.1 HangupRequest PJSIP/trunk-7(7)
80.1 QueueCallerAbandon PJSIP/trunk-7(7) queue=sales
80.1 QueueCallerLeave PJSIP/trunk-7(7) queue=sales
80.1 Hangup PJSIP/trunk-7(7) cause=0
"""
    assert_told(
        QUEUED + "30.0 CxcallDisconnected\n" + SNAPSHOT + end,
        """
inbound 5551234 > 800: answered, ended by agent, cause 16, answered after 1.2
  leg caller 5551234 answered
  leg agent 1001 (Alice) answered
  talk 5551234+1001 69.0
  queue support #1 answered Alice wait 1.1 ring 1.0 talk 69.0 hold 0.0 | Alice answered 1.0
  gap 30.2 listener down
inbound 5557777 > 801: abandoned, ended by caller, cause 0, answered after ?
  leg caller 5557777 cancelled
  queue sales #1 abandoned ? wait 40.0 ring 0.0 talk 0.0 hold 0.0
  gap 30.2 listener down
""",
    )


def test_a_call_that_ended_in_a_gap_ends_with_it_and_counts_only_the_talk_that_was_seen():
    gone = "\n".join(line for line in SNAPSHOT.splitlines() if "CoreShow" not in line and "QueueEntry" not in line)
    assert_told(
        QUEUED + "30.2 CxcallDisconnected\n" + gone,
        """
inbound 5551234 > 800: answered, ended by unknown, cause ?, answered after 1.2
  leg caller 5551234 answered
  leg agent 1001 (Alice) answered
  talk 5551234+1001 29.0
  queue support #1 answered Alice wait 1.1 ring 1.0 talk 29.0 hold 0.0 | Alice answered 1.0
  gap 30.0 listener down
""",
    )


def test_a_caller_who_was_connected_in_the_gap_is_no_longer_waiting():
    """The listener went away while the phone rang; the snapshot finds them in one bridge, and no one in the queue."""
    ringing = "\n".join(line for line in QUEUED.splitlines() if not line.startswith("1.2"))
    up = "\n".join(line for line in SNAPSHOT.splitlines() if "trunk-7" not in line)
    [call] = told(ringing + "\n0.9 CxcallDisconnected\n" + up, over=False)
    [visit] = call.queue_visits
    assert (call.outcome, visit.result, visit.agent, len(call.talks)) == ("answered", "answered", "Alice", 1)


def test_a_caller_who_left_the_queue_in_the_gap_has_left_it():
    waiting = QUEUED[: QUEUED.index("0.2 Newchannel")]
    up = "\n".join(line for line in SNAPSHOT.splitlines() if "trunk-7" not in line and "1001" not in line)
    [call] = told(waiting + "0.9 CxcallDisconnected\n" + up.replace("bridge=a ", ""), over=False)
    assert (call.outcome, call.queue_visits[0].result) == ("in_progress", "left")


def test_a_listener_that_was_killed_marks_the_gap_from_the_last_event_it_saw():
    records = told(QUEUED + SNAPSHOT, over=False)
    assert summary(records[:1]).endswith("gap 59.0 listener down")


def test_the_first_connection_ever_is_no_gap():
    assert [record.gaps for record in told(SNAPSHOT, over=False)] == [(), ()]


def test_a_call_born_while_the_snapshot_is_taken_is_not_ended_by_it():
    lines = SNAPSHOT.replace(
        "60.2 CxcallSnapshotEnd", "60.15 Newchannel PJSIP/1002-8(8) ctx=internal exten=1003\n60.2 CxcallSnapshotEnd"
    )
    assert len(told(lines, over=False)) == 3


def test_what_was_up_before_asterisk_booted_is_over():
    records = told(QUEUED + "50.0 FullyBooted Uptime=10\n")
    assert summary(records).splitlines()[0].startswith("inbound 5551234 > 800: answered, ended by system")


def test_a_restart_of_asterisk_while_no_one_listened_ends_its_calls_with_a_gap():
    lines = QUEUED + "40.0 CxcallDisconnected\n50.0 CxcallConnected\n50.0 FullyBooted Uptime=4\n"
    record = told(lines)[0]
    assert [gap.to for gap in record.gaps] == [record.ended_at]
    gap = record.gaps[0]
    assert gap.from_ is not None
    assert gap.to is not None
    assert (gap.to - gap.from_).total_seconds() == 5.0


def test_parked_callers_share_a_bridge_but_do_not_hear_each_other():
    records = told(
        """
0.0 Newchannel PJSIP/trunk-1(1) ctx=from-trunk exten=800 num=5551234
0.0 Newchannel PJSIP/trunk-2(2) ctx=from-trunk exten=800 num=5555678
1.0 BridgeEnter PJSIP/trunk-1(1) br=p type=parking with=holding_bridge
1.1 BridgeEnter PJSIP/trunk-2(2) br=p type=parking with=holding_bridge
3.0 BridgeLeave PJSIP/trunk-1(1) br=p type=parking with=holding_bridge
3.1 BridgeLeave PJSIP/trunk-2(2) br=p type=parking with=holding_bridge
3.2 Hangup PJSIP/trunk-1(1) cause=16
3.2 Hangup PJSIP/trunk-2(2) cause=16
"""
    )
    assert [record.talks for record in records] == [(), ()]


def test_stragglers_after_the_hangup_raise_no_ghosts():
    ending = """
4.2 HangupRequest PJSIP/1001-2(2)
4.2 BridgeLeave PJSIP/1001-2(2) br=a type=basic
4.2 BridgeLeave PJSIP/trunk-1(1) br=a type=basic
4.2 Hangup PJSIP/1001-2(2) cause=16
4.2 Hangup PJSIP/trunk-1(1) cause=16
4.2 DialEnd PJSIP/trunk-1(1) > PJSIP/1001-2(2) status=ANSWER
4.2 AgentComplete PJSIP/trunk-1(1) > PJSIP/1001-2(2) queue=support member=Alice reason=agent talk=3 hold=1
4.2 Unhold PJSIP/1001-2(2)
"""
    assert len(told(QUEUED + ending)) == 1


def test_a_call_may_be_told_without_any_time():
    messages: list[Message] = [{k: v for k, v in m.items() if k != "Timestamp"} for m in table(QUEUED)]
    tracker = Tracker("lab")
    last = None
    for message in messages:
        event = read(message)
        for change in tracker.feed(event) if event is not None else []:
            last = change.record()
    assert last is not None
    assert (last.outcome, last.started_at, last.queue_visits[0].agent) == ("answered", None, "Alice")
