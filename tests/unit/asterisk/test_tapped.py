"""Whom to listen to in a call as it is now."""

from __future__ import annotations

from typing import Any

from cxcall.asterisk.tap.tapped import wanted
from cxcall.calls.record import CallId
from cxcall.calls.stage import Party, Stage

CALL, OTHER = CallId("lab-1.1"), CallId("lab-2.1")


def party(uid: str, *, customer: bool = False, talks: bool = True, call_id: CallId = CALL) -> Party:
    return Party(uid=uid, channel=f"PJSIP/{uid}", call_id=call_id, customer=customer, talks=talks)


def uids(*parties: Party, **other: Any) -> list[str]:
    known: dict[str, Any] = {"call_id": CALL, "caller": "1", "queue": "support", "offered": False}
    return [each.uid for each in wanted(Stage(parties=parties, **(known | other)))]


def test_who_talks_is_listened_to_and_the_customer_of_another_call_is_left_to_that_call() -> None:
    ours, agent = party("1", customer=True), party("2")
    met, their_agent = party("3", customer=True, call_id=OTHER), party("4", call_id=OTHER)
    assert uids(ours, agent, party("5", talks=False)) == ["1", "2"]
    assert uids(ours, agent, met, their_agent) == ["1", "2", "4"]


def test_a_customer_is_listened_to_as_soon_as_somebody_is_rung_for_them() -> None:
    waits, rung = party("1", customer=True, talks=False), party("2", talks=False)
    assert uids(waits, rung) == []
    assert uids(waits, rung, offered=True) == ["1"]
