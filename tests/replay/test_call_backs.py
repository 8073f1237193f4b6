"""The calls of call-backs, where Asterisk tells of them in another order than usual."""

from __future__ import annotations

from tests.replay.test_written_tables import told

PUT_IN_LINE = """
0.0 Newchannel Local/back@cxcall-callback-1;1(cxcb-b-1) ctx=cxcall-callback exten=back num=09121234567
0.0 Newchannel Local/back@cxcall-callback-1;2(cxcb-b-1-q) linked=cxcb-b-1 ctx=cxcall-callback exten=back
0.0 LocalBridge one=Local/back@cxcall-callback-1;1(cxcb-b-1) two=Local/back@cxcall-callback-1;2(cxcb-b-1-q)
0.0 DialBegin > Local/back@cxcall-callback-1;1(cxcb-b-1) dial=back@cxcall-callback
0.1 QueueCallerJoin Local/back@cxcall-callback-1;2(cxcb-b-1-q) queue=back pos=1
"""
DIALLED = (
    "5.0 Newexten Local/back@cxcall-callback-1;1(cxcb-b-1) ctx=internal exten=909121234567 app=Dial data=PJSIP/x\n"
)
ORIGINATED = "5.0 OriginateResponse Local/back@cxcall-callback-1;1(cxcb-b-1) response=Success exten=09121234567\n"


def test_the_number_called_is_the_customers_also_when_the_dialplan_was_ahead_of_the_answer_to_our_order() -> None:
    for lines in (ORIGINATED + DIALLED, DIALLED + ORIGINATED):
        (record,) = told(PUT_IN_LINE + lines, over=False)
        assert record.called == "09121234567"
