"""Handled parts: who had the customer for how long, on hand-made calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.calls.record import CallRecord
from cxcall.reports.handling import merged, parts_of, passed_on_by, seconds, without
from tests.unit.reports.made_calls import CUSTOMER, NEDA, OMID, SARA, at, call, hold, leg, talk, transfer, visit


def told(record: CallRecord) -> list[tuple[str, str, float, float]]:
    """Agent, queue, seconds of talk and of hold of each part."""
    return [(part.agent, part.queue, seconds(part.talk), seconds(part.hold)) for part in parts_of(record)]


def test_an_answered_visit_is_one_part_of_its_queue():
    record = call(
        "09:00", "09:05", legs=(leg(SARA),), talks=(talk(SARA, "09:00:20", "09:04:20"),),
        queue_visits=(visit("sales", "09:00:05", "answered", 15, agent="Sara", interface="PJSIP/1001"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "sales", 240, 0)]


def test_hold_is_cut_out_of_talk():
    record = call(
        "09:00", "09:05", legs=(leg(SARA),), talks=(talk(SARA, "09:00", "09:05"),),
        holds=(hold(SARA, "09:01", "09:02"), hold(SARA, "09:01:30", "09:02:30")),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 210, 90)]


def test_a_hold_that_nobody_ended_ends_with_the_part():
    lasting = replace(hold(SARA, "09:04", "09:05"), to=None)
    record = call("09:00", "09:20", legs=(leg(SARA),), talks=(talk(SARA, "09:00", "09:05"),), holds=(lasting,))
    assert told(record) == [("Sara", "", 240, 60)]


def test_a_customer_who_puts_us_on_hold_is_not_on_hold():
    record = call(
        "09:00",
        "09:05",
        legs=(leg(SARA),),
        talks=(talk(SARA, "09:00", "09:05"),),
        holds=(hold(CUSTOMER, "09:01", "09:02"),),
    )
    assert told(record) == [("Sara", "", 300, 0)]


def test_a_part_ends_when_that_agent_leaves_and_not_with_the_call():
    record = call(
        "09:00", "09:30", legs=(leg(SARA), leg(OMID)),
        talks=(talk(SARA, "09:00", "09:05"), talk(OMID, "09:06", "09:30")),
        transfers=(transfer("blind", "09:05", SARA, "1002"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 300, 0), ("Omid", "", 1440, 0)]


def test_a_transfer_into_a_second_queue_makes_a_part_in_each():
    record = call(
        "09:00", "09:20", legs=(leg(SARA), leg(OMID)),
        talks=(talk(SARA, "09:01", "09:05"), talk(OMID, "09:07", "09:17")),
        queue_visits=(
            visit("sales", "09:00", "answered", 60, agent="Sara", interface="PJSIP/1001"),
            visit("billing", "09:05", "answered", 120, agent="Omid", interface="PJSIP/1002"),
        ),
    )  # fmt: skip
    assert told(record) == [("Sara", "sales", 240, 0), ("Omid", "billing", 600, 0)]


def test_an_agent_of_two_queues_has_each_part_in_its_own():
    again = "PJSIP/1001-00000009"
    record = call(
        "09:00", "09:20", legs=(leg(SARA), leg(again, agent="Sara")),
        talks=(talk(SARA, "09:01", "09:05"), talk(again, "09:07", "09:17")),
        queue_visits=(
            visit("sales", "09:00", "answered", 60, agent="Sara", interface="PJSIP/1001"),
            visit("billing", "09:05", "answered", 120, agent="Sara", interface="PJSIP/1001"),
        ),
    )  # fmt: skip
    assert told(record) == [("Sara", "sales", 240, 0), ("Sara", "billing", 600, 0)]


def test_who_comes_to_a_colleague_by_a_transfer_is_not_that_colleagues_queue():
    record = call(
        "09:00", "09:20", legs=(leg(SARA), leg(NEDA, "callee", name="Neda")),
        talks=(talk(SARA, "09:01", "09:05"), talk(NEDA, "09:05", "09:17")),
        queue_visits=(visit("sales", "09:00", "answered", 60, agent="Sara", interface="PJSIP/1001"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "sales", 240, 0), ("Neda", "", 720, 0)]


def test_a_visit_whose_agent_goes_by_another_name_is_known_by_its_moment():
    record = call(
        "09:00", "09:05", legs=(leg("SIP/9-1", "callee", number="9"),), talks=(talk("SIP/9-1", "09:00:16", "09:05"),),
        queue_visits=(visit("sales", "09:00", "answered", 15, agent="Sara", interface="Local/9@agents"),),
    )  # fmt: skip
    assert told(record) == [("9", "sales", 284, 0)]


def test_who_was_only_asked_by_a_colleague_had_no_part():
    record = call(
        "09:00", "09:05", legs=(leg(SARA), leg(OMID, "consultant", name="Omid")),
        talks=(talk(SARA, "09:00", "09:05"), talk(OMID, "09:02", "09:03", customer=SARA)),
        holds=(hold(SARA, "09:02", "09:03"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 240, 60)]


def test_while_an_agent_asks_by_a_feature_code_the_customer_is_on_hold():
    record = call(
        "09:00", "09:05", legs=(leg(SARA), leg(OMID, "consultant", name="Omid")),
        talks=(talk(SARA, "09:00", "09:02"), talk(OMID, "09:02", "09:03", customer=SARA), talk(SARA, "09:03", "09:05")),
        holds=(hold(SARA, "09:01:50", "09:03"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 230, 70)]


def test_a_consultation_that_becomes_a_transfer_is_hold_until_the_customer_has_the_colleague():
    record = call(
        "09:00", "09:09", legs=(leg(SARA, ended_at=at("09:04:01")), leg(OMID, "consultant", name="Omid")),
        talks=(talk(SARA, "09:00", "09:02"), talk(OMID, "09:03", "09:04", customer=SARA), talk(OMID, "09:04", "09:09")),
        holds=(hold(SARA, "09:01:50", "09:04:01"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 110, 130), ("Omid", "", 300, 0)]


def test_a_customer_who_hangs_up_while_on_hold_ends_it():
    record = call(
        "09:00", "09:09", legs=(leg(CUSTOMER, "caller", ended_at=at("09:03")), leg(SARA)),
        talks=(talk(SARA, "09:00", "09:02"),), holds=(hold(SARA, "09:01", "09:08"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 60, 120)]


def test_three_together_are_two_parts_of_the_whole_time():
    record = call(
        "09:00", "09:05", legs=(leg(SARA), leg(OMID, "callee", name="Omid")),
        talks=(talk(SARA, "09:00", "09:05"), talk(OMID, "09:02", "09:05")),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 300, 0), ("Omid", "", 180, 0)]


def test_an_outgoing_call_is_the_callers_part_and_whose_it_was_passed_on_to():
    trunk = "PJSIP/trunk-00000009"
    record = call(
        "09:00", "09:09", direction="outbound", caller=SARA,
        legs=(leg(SARA, "caller", name="Sara"), leg(trunk, "callee"), leg(OMID, "callee", name="Omid")),
        talks=(talk(trunk, "09:01", "09:04", customer=SARA), talk(OMID, "09:05", "09:09", customer=trunk)),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 180, 0), ("Omid", "", 240, 0)]
    assert [part.made for part in parts_of(record)] == [True, False]


def test_in_a_call_back_that_rang_the_customer_first_they_are_the_customer():
    record = call(
        "09:00", "09:09", direction="outbound", id_="lab-cxcb-7",
        legs=(leg(SARA),), talks=(talk(SARA, "09:01", "09:04"),),
        queue_visits=(visit("sales", "09:00:30", "answered", 30, agent="Sara", interface="PJSIP/1001"),),
    )  # fmt: skip
    assert told(record) == [("Sara", "sales", 180, 0)]
    assert not parts_of(record)[0].made


def test_a_call_within_the_house_has_parts_only_through_a_queue():
    plain = call(
        "09:00",
        "09:05",
        direction="internal",
        legs=(leg(SARA, "callee", name="Sara"),),
        talks=(talk(SARA, "09:00", "09:05"),),
    )
    help_desk = replace(plain, queue_visits=(visit("it", "09:00", "answered", 0, interface="PJSIP/1001"),))
    assert told(plain) == []
    assert told(help_desk) == [("Sara", "it", 300, 0)]


def test_of_a_call_only_a_queue_told_of_the_visit_is_the_part():
    record = call(
        "09:00", "09:05", legs=(),
        queue_visits=(visit("sales", "09:00", "answered", 15, agent="Sara", talk=60.0, hold=10.0),),
    )  # fmt: skip
    assert told(record) == [("Sara", "sales", 50, 10)]


def test_without_times_there_is_a_part_without_seconds():
    record = call("09:00", "09:05", legs=(leg(SARA),), talks=(replace(talk(SARA, "09:00", "09:05"), from_=None),))
    assert told(record) == [("Sara", "", 0, 0)]


@pytest.mark.parametrize(("when", "whose"), [("09:10", "Sara"), ("09:20:01", "Sara"), ("09:39", None)])
def test_a_transfer_by_nobody_named_is_of_who_still_had_the_customer(when, whose):
    """Sara had them from 09:01 to 09:20, then a menu did: what happens to them at 09:39 is not her doing."""
    record = call("09:00", "09:40", legs=(leg(SARA),), talks=(talk(SARA, "09:01", "09:20"),))
    found = passed_on_by(transfer("redirect", when, None, "survey"), parts_of(record))
    assert (found.agent if found else None) == whose


LINE = "PJSIP/trunk-00000007"
GSM = "PJSIP/gsm-00000007"
MOBILE = "09121234567"


@pytest.mark.parametrize(
    "outside",
    [
        leg(LINE, "callee", number=MOBILE),
        leg(LINE, "callee", number="110", name="Police"),
        leg(GSM, "callee", number=MOBILE),
        leg(GSM, "consultant", number=f"+98{MOBILE[1:]}"),
    ],
    ids=lambda one: f"{one.channel} {one.number}",
)
def test_a_number_outside_that_the_customer_was_passed_on_to_is_no_agent(outside):
    """Sara had them for five minutes; what they talked with the number outside is nobody's handling."""
    record = call(
        "09:00", "09:30", legs=(leg(SARA), outside),
        talks=(talk(SARA, "09:00", "09:05"), talk(outside.channel, "09:06", "09:30")),
        transfers=(transfer("blind", "09:05", SARA, MOBILE), transfer("redirect", "09:29", None, "survey")),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 300, 0)]
    assert passed_on_by(record.transfers[1], parts_of(record)) is None


def test_an_inbound_call_that_is_forwarded_outside_was_handled_by_nobody():
    record = call("09:00", "09:30", legs=(leg(LINE, "callee", number=MOBILE),), talks=(talk(LINE, "09:06", "09:30"),))
    assert told(record) == []


def test_who_we_called_and_passed_on_outside_was_handled_by_who_called():
    """Sara calls a customer and leaves them to another number: neither of the two is an agent."""
    first, second = leg(CUSTOMER, "callee", number=MOBILE), leg(LINE, "callee", number="09351112233")
    record = call(
        "09:00", "09:30", direction="outbound", caller=SARA, legs=(leg(SARA, "caller", name="Sara"), first, second),
        talks=(talk(CUSTOMER, "09:01", "09:05", customer=SARA), talk(LINE, "09:06", "09:30")),
        transfers=(transfer("attended", "09:06", SARA, LINE),),
    )  # fmt: skip
    assert told(record) == [("Sara", "", 240, 0)]


def test_an_agent_whom_the_queue_reached_outside_handled_the_call():
    """A member at Local/…: the queue names Omid, the phone that talked is his mobile."""
    record = call(
        "09:00", "09:30", legs=(leg(LINE, "callee", number=MOBILE),), talks=(talk(LINE, "09:00:16", "09:30"),),
        queue_visits=(visit("sales", "09:00", "answered", 15, agent="Omid", interface="Local/9@agents"),),
    )  # fmt: skip
    assert told(record) == [(MOBILE, "sales", 1784, 0)]


@pytest.mark.parametrize(
    "phone",
    [
        leg("SIP/alice-7", "callee", number="02188341190", name="Alice"),
        leg("SIP/alice-7", "callee", number="1001"),
        leg("SIP/2191001002-7", "callee", number="2191001002"),
    ],
    ids=lambda one: f"{one.channel} {one.number}",
)
def test_a_colleagues_phone_is_no_line(phone):
    record = call("09:00", "09:30", legs=(phone,), talks=(talk(phone.channel, "09:00", "09:30"),))
    assert [seconds(part.talk) for part in parts_of(record)] == [1800]


def test_nobody_talked_nobody_had_a_part():
    abandoned = visit("sales", "09:00", "abandoned", 30)
    assert told(call("09:00", "09:01", legs=(leg(SARA),), queue_visits=(abandoned,), outcome="abandoned")) == []


def _moment(n: int) -> datetime:
    return datetime(2026, 6, 3, tzinfo=UTC) + timedelta(minutes=n)


PERIODS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 90)).map(lambda pair: (_moment(pair[0]), _moment(pair[1]))), max_size=8
)


@given(PERIODS, PERIODS)
def test_what_is_cut_out_and_what_is_left_are_the_whole(some, others):
    whole, cut = merged(some), merged(others)
    left = without(whole, cut)
    assert seconds(merged([*left, *cut])) == seconds(left) + seconds(cut)
    assert merged([*left, *cut]) == merged([*whole, *cut])
