"""What a desk is told of a phone: everything that changes what it shows, and nothing twice."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from cxcall.asterisk.members import Member
from cxcall.asterisk.publishing import Publisher
from cxcall.bus import Bus, Message
from cxcall.calls.record import CallId, CallRecord, Leg
from cxcall.store.calls import AppliedCall

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
DIALLED = Leg(channel="PJSIP/1001-00000001", unique_id="1.1", role="agent")
CALL = CallRecord(id=CallId("lab-1.0"), server="lab", started_at=AT, legs=(DIALLED,))


def desk_told(*legs: Leg) -> list[tuple[str, str | None]]:
    """What the desk of PJSIP/1001 hears while its leg goes through the states `legs`."""
    bus, heard = Bus(epoch=0), list[Message]()
    bus.subscribe("desk:PJSIP/1001", heard.append)
    publisher = Publisher(bus)
    for revision, leg in enumerate(legs, 1):
        record = dataclasses.replace(CALL, legs=(leg,))
        publisher.calls([AppliedCall(record=record, revision=revision, new_customer=False)])
    told: list[Any] = [message.data for message in heard]
    return [(data["state"], data["since"]) for data in told]


def test_a_phone_that_is_dialled_and_then_rings_is_told_twice() -> None:
    rings = dataclasses.replace(DIALLED, rang_at=AT + timedelta(milliseconds=12))
    told = desk_told(DIALLED, rings, rings)
    assert [state for state, _ in told] == ["ringing", "ringing"]
    assert told[0] != told[1]


def test_a_change_of_the_call_that_leaves_the_phone_as_it_was_is_not_told() -> None:
    talking = dataclasses.replace(DIALLED, rang_at=AT, answered_at=AT + timedelta(seconds=3))
    assert [state for state, _ in desk_told(talking, talking, talking)] == ["talking"]


def test_a_member_is_told_to_its_desk_and_to_who_keeps_its_servers_agents() -> None:
    bus, desk, server = Bus(epoch=0), list[Message](), list[Message]()
    bus.subscribe("desk:PJSIP/1001", desk.append)
    bus.subscribe("members:lab", server.append)
    Publisher(bus).members("lab", [Member(interface="Local/1001@a/n", device="PJSIP/1001", name="Sara")])
    assert desk[0].data == server[0].data
    assert desk[0].data["member"]["interface"] == "Local/1001@a/n"
