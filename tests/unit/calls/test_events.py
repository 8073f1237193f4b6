"""Reading events: what is wanted, what is not, and what to make of values that are no values."""

from __future__ import annotations

from typing import Any

import pytest

from cxcall.calls.directions import Directions
from cxcall.calls.events import WANTED, moment, read, seconds_of
from cxcall.calls.kinds import Application, Blocked, HangUp, NewChannel, Seen
from cxcall.calls.numbers import born_by_id, dialled_number

NEW = {
    "Event": "Newchannel", "Timestamp": "1795293299.660533", "Channel": "PJSIP/trunk-00000002",
    "CallerIDNum": "5551234", "CallerIDName": "<unknown>", "Exten": "800", "Context": "from-trunk",
    "Uniqueid": "lab-1.2", "Linkedid": "lab-1.2",
}  # fmt: skip


def test_a_new_channel_is_read_with_unknown_values_as_none():
    assert read(NEW) == NewChannel(
        1795293299.660533, "lab-1.2", "lab-1.2", "PJSIP/trunk-00000002", "5551234", None, "800", "from-trunk"
    )


@pytest.mark.parametrize(
    "name", ["VarSet", "RTCPSent", "TestEvent", "Newexten", "NoSuchEvent", "", None, 7, ["Hangup"]]
)
def test_events_the_tracker_has_no_use_for_are_none(name: Any):
    assert read({**NEW, "Event": name}) is None


def test_of_newexten_only_applications_that_say_something_are_events():
    entered = {**NEW, "Event": "Newexten", "Application": "VoiceMail", "AppData": "1001,u"}
    event = read(entered)
    assert isinstance(event, Application)
    assert (event.app, event.data) == ("voicemail", "1001,u")
    assert read({**entered, "Application": "GotoIf"}) is None


def test_of_varset_only_what_tells_something_is_an_event():
    status = {**NEW, "Event": "VarSet", "Variable": "QUEUESTATUS", "Value": "TIMEOUT"}
    assert read(status) is not None
    assert read({**status, "Variable": "QUEUESTATUSX"}) is None
    assert read({**status, "Variable": ["CX_TELLS"], "Value": "blocked"}) is None
    assert read({**status, "Variable": "CX_TELLS"}) is None
    assert isinstance(read({**status, "Variable": "CX_TELLS", "Value": "blocked"}), Blocked)


def test_a_repeated_header_counts_by_its_first_value():
    event = read({"Event": "Hangup", "Uniqueid": ["lab-1.2", "lab-1.3"], "Cause": "16"})
    assert event == HangUp(None, "lab-1.2", 16, None)


@pytest.mark.parametrize("cause", ["", "sixteen", "1" * 40, None, [], {}])
def test_a_cause_that_is_no_number_is_none(cause: Any):
    assert read({"Event": "Hangup", "Uniqueid": "lab-1.2", "Cause": cause}) == HangUp(None, "lab-1.2", None, None)


@pytest.mark.parametrize("stamp", ["", "nan", "inf", "1e400", "-5", "0", "soon", "99999999999999", None, ["1"], {}])
def test_a_timestamp_that_is_no_time_is_none(stamp: Any):
    assert moment(stamp) is None


def test_an_event_without_a_timestamp_takes_the_time_it_is_given():
    event = read({"Event": "Hangup", "Uniqueid": "lab-1.2"}, 1795293300.5)
    assert event is not None
    assert event.at == 1795293300.5


def test_a_snapshot_tells_age_bridge_and_application():
    event = read(
        {**NEW, "Event": "CoreShowChannel", "Duration": "00:01:05", "BridgeId": "b-1", "Application": "AppQueue"}
    )
    assert isinstance(event, Seen)
    assert (event.age, event.bridge, event.app) == (65.0, "b-1", "appqueue")


@pytest.mark.parametrize(
    ("clock", "seconds"), [("65", 65), ("1:05", 65), ("27:00:00", 97200), ("x", None), (None, None)]
)
def test_durations_are_clocks_or_plain_seconds(clock: str | None, seconds: float | None):
    assert seconds_of(clock) == seconds


def test_everything_wanted_survives_an_empty_message():
    for name in WANTED:
        read({"Event": name})


@pytest.mark.parametrize(
    ("dialled", "number"),
    [
        ("5559876@trunk", "5559876"), ("PJSIP/5559876@trunk", "5559876"), ("trunk/5559876", "5559876"),
        ("PJSIP/trunk/sip:+4930123@10.0.0.9:5060", "+4930123"), ("g1/5559876", "5559876"), ("1003", "1003"),
        ("DAHDI/g0/5559876,30,tT", "5559876"), ("trunk", None), ("alice@trunk", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_the_number_in_a_dial_string_is_found_for_every_driver(dialled: str | None, number: str | None):
    assert dialled_number(dialled) == number


@pytest.mark.parametrize(
    ("uid", "born"), [("lab-1795293299.2", 1795293299.0), ("1795293299.2", 1795293299.0), ("cxcb-42", None), ("", None)]
)
def test_a_uniqueid_tells_the_second_of_birth(uid: str, born: float | None):
    assert born_by_id(uid, None) == born


@pytest.mark.parametrize(
    ("channel", "context", "outside"),
    [
        ("PJSIP/trunk-1", "from-trunk", True), ("PJSIP/trunk-1", "from-trunk-sip-x", True),
        ("SIP/provider-1", "from-pstn-toheader", True), ("DAHDI/1-1", "from-did-direct", True),
        ("PJSIP/1001-1", "from-internal", False), ("PJSIP/1001-1", None, False),
        ("PJSIP/gw-00000001", "incoming", True),
    ],
)  # fmt: skip
def test_outside_is_told_by_context_or_by_the_named_trunks(channel: str, context: str | None, outside: bool):
    assert Directions(trunks=frozenset({"PJSIP/gw"})).is_outside(channel, context) is outside
