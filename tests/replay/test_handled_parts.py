"""Recorded calls of real Asterisks as reports count them: parts of agents say what the record says of its visits."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxcall.reports.facts import Counting, contributions
from cxcall.reports.handling import parts_of, seconds
from tests.replay.summary import messages, replayed
from tests.replay.test_recorded_streams import RECORDED

FOUND_MIDWAY = {"snapshot_mid_call"}
"""The stream began while they talked: the queue tells the visit's whole time, the parts what was seen."""

WITH_QUEUES = [path for path in RECORDED if path.stem not in FOUND_MIDWAY]


@pytest.mark.parametrize("path", WITH_QUEUES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_parts_that_a_queue_brought_have_the_talk_and_hold_of_its_visits(path: Path):
    for record in replayed(messages(path)):
        if record.ended_at is None:
            continue
        contributions(record, Counting())
        parts = [part for part in parts_of(record) if part.queue]
        answered = [visit for visit in record.queue_visits if visit.result == "answered"]
        assert [(part.queue, part.agent) for part in parts] == [(visit.queue, visit.agent) for visit in answered]
        for part, visit in zip(parts, answered, strict=True):
            assert seconds(part.talk) + seconds(part.hold) == pytest.approx(visit.talk, abs=0.001)
            assert seconds(part.hold) == pytest.approx(visit.hold, abs=0.001)


@pytest.mark.parametrize(
    ("stream", "parts"),
    [
        ("streams22/attended_transfer_dtmf", [("Sara Ahmadi", "hotline", False), ("Maryam Rostami", "", False)]),
        ("streams22/blind_to_queue", [("Sara Ahmadi", "hotline", False), ("Omid Sharifi", "sales", False)]),
        ("streams22/parked_timeout", [("Sara Ahmadi", "hotline", False), ("Sara Ahmadi", "", False)]),
        ("streams22/click_to_call", [("Sara Ahmadi", "", True)]),
        ("streams22/forward_by_phone", [("Maryam Rostami", "", False)]),
        ("streams/outbound_call", [("Alice", "", True)]),
        ("streams/callback_place_kept_no_n", [("Alice", "support", False)] * 3),
        ("streams/direct_call_inbound_did", [("Alice", "", False)]),
        ("streams/direct_call_internal", []),
        ("streams22/spy_supervisor", [("Sara Ahmadi", "hotline", False)]),
    ],
)
def test_who_had_the_customer_in_recorded_calls(stream: str, parts: list[tuple[str, str, bool]]):
    path = Path(__file__).parent / f"{stream}.jsonl"
    found = [part for record in replayed(messages(path)) for part in parts_of(record)]
    assert [(part.agent, part.queue, part.made) for part in found] == parts
