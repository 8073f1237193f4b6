"""What is known of queue members from what Asterisk tells of them."""

from __future__ import annotations

from cxcall.asterisk.members import Member, Members


def told(members: Members, event: str, **headers: str) -> list[Member]:
    base = {"Queue": "support", "Interface": "PJSIP/1001", "MemberName": "Alice", "Status": "1", "Paused": "0"}
    return members.feed(event, {**base, **headers})


def snapshot(members: Members, *listed: dict[str, str]) -> list[Member]:
    members.feed("CxcallSnapshotStart", {})
    for fields in listed:
        assert members.feed("QueueMember", fields) == []
    return members.feed("CxcallSnapshotEnd", {})


def listed(queue: str = "support", status: str = "1", paused: str = "0") -> dict[str, str]:
    return {"Queue": queue, "Location": "PJSIP/1001", "Name": "Alice", "Status": status, "Paused": paused}


def test_a_member_of_two_queues_is_one_member() -> None:
    members = Members()
    (alice,) = snapshot(members, listed("support"), listed("sales"))
    assert alice.queues == ("sales", "support")
    assert (alice.name, alice.device, alice.status) == ("Alice", "PJSIP/1001", "free")


def test_a_state_that_is_told_again_is_no_news() -> None:
    members = Members()
    snapshot(members, listed("support"), listed("sales"))
    assert len(told(members, "QueueMemberStatus", Status="6", Timestamp="5.0")) == 1
    assert told(members, "QueueMemberStatus", Queue="sales", Status="6", Timestamp="5.1") == []


def test_a_phone_that_is_gone_is_unavailable_since_then() -> None:
    members = Members()
    snapshot(members, listed())
    (alice,) = told(members, "QueueMemberStatus", Status="5", Timestamp="7.5")
    assert (alice.status, alice.since) == ("unavailable", 7.5)


def test_paused_in_one_queue_is_paused_and_says_where_and_why() -> None:
    members = Members()
    snapshot(members, listed("support"), listed("sales"))
    (alice,) = told(members, "QueueMemberPause", Queue="sales", Paused="1", PausedReason="lunch", Timestamp="8.0")
    assert (alice.paused, alice.paused_in, alice.reason, alice.since) == (True, ("sales",), "lunch", 8.0)
    (alice,) = told(members, "QueueMemberPause", Queue="sales", Paused="0", Timestamp="9.0")
    assert (alice.paused, alice.paused_in, alice.reason, alice.since) == (False, (), "", 9.0)


def test_ringing_does_not_forget_the_reason_of_a_pause() -> None:
    members = Members()
    snapshot(members, listed())
    told(members, "QueueMemberPause", Paused="1", PausedReason="lunch", Timestamp="8.0")
    (alice,) = told(members, "QueueMemberStatus", Paused="1", Status="2", Timestamp="9.0")
    assert (alice.status, alice.reason) == ("talking", "lunch")


def test_a_member_taken_out_of_its_last_queue_is_told_once_more_with_none() -> None:
    members = Members()
    snapshot(members, listed("support"), listed("sales"))
    (alice,) = told(members, "QueueMemberRemoved", Queue="sales")
    assert alice.queues == ("support",)
    (alice,) = told(members, "QueueMemberRemoved", Queue="support")
    assert alice.queues == ()
    assert members.all() == []
    assert told(members, "QueueMemberRemoved", Queue="support") == []


def test_a_snapshot_replaces_all_and_tells_what_changed_meanwhile() -> None:
    members = Members()
    snapshot(members, listed())
    told(members, "QueueMemberStatus", Interface="PJSIP/1002", MemberName="Bob", Timestamp="5.0")
    changed = snapshot(members, listed(status="5"))
    assert {(member.interface, member.queues) for member in changed} == {
        ("PJSIP/1001", ("support",)),
        ("PJSIP/1002", ()),
    }
    assert [member.interface for member in members.all()] == ["PJSIP/1001"]


def test_a_snapshot_that_tells_nothing_new_is_silent_and_keeps_since() -> None:
    members = Members()
    snapshot(members, listed())
    told(members, "QueueMemberStatus", Status="2", Timestamp="5.0")
    assert snapshot(members, listed(status="2")) == []
    assert members.all()[0].since == 5.0


def test_messages_that_lack_what_is_needed_are_passed_over() -> None:
    members = Members()
    assert members.feed("QueueMemberStatus", {"Queue": "support"}) == []
    assert members.feed("QueueMemberStatus", {"Interface": "PJSIP/1001"}) == []
    (strange,) = told(members, "QueueMemberStatus", Status="nine", Timestamp="now")
    assert (strange.status, strange.since) == ("unknown", None)


def test_each_queue_keeps_the_reason_it_was_paused_for() -> None:
    members = Members()
    snapshot(members, listed("support"), listed("sales"))
    told(members, "QueueMemberPause", Queue="sales", Paused="1", PausedReason="lunch", Timestamp="8.0")
    (alice,) = told(members, "QueueMemberPause", Queue="support", Paused="1", PausedReason="logged off")
    assert alice.pauses == (("sales", "lunch"), ("support", "logged off"))
    (alice,) = told(members, "QueueMemberStatus", Queue="sales", Paused="1", Status="2", Timestamp="9.0")
    assert alice.pauses == (("sales", "lunch"), ("support", "logged off")), "not every event says the reason"


def test_a_member_that_a_file_names_is_known_as_such_until_it_is_gone() -> None:
    members = Members()
    (alice,) = snapshot(members, {**listed("support"), "Membership": "static"}, {**listed(), "Queue": "sales"})
    assert alice.static_in == ("support",)
    (alice,) = told(members, "QueueMemberAdded", Queue="night", Membership="dynamic", Timestamp="8.0")
    assert (alice.static_in, alice.queues) == (("support",), ("night", "sales", "support"))
    (alice,) = told(members, "QueueMemberRemoved", Timestamp="9.0")
    assert alice.static_in == ()
    assert alice.plain()["pauses"] == []
