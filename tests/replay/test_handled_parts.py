"""Recorded calls of real Asterisks as reports count them: parts of agents say what the record says of its visits."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxcall.reports.facts import Counting, contributions
from cxcall.reports.handling import parts_of, seconds
from tests.replay.summary import messages, replayed
from tests.replay.test_recorded_streams import RECORDED

RECORDED_HERE = Path(__file__).parent

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
    path = RECORDED_HERE / f"{stream}.jsonl"
    found = [part for record in replayed(messages(path)) for part in parts_of(record)]
    assert [(part.agent, part.queue, part.made) for part in found] == parts


@pytest.mark.parametrize("line", ["trunk", "gsm"])
def test_a_recorded_transfer_to_a_number_outside_leaves_the_call_with_who_passed_it_on(line: str, tmp_path: Path):
    """The recorded blind transfer to Carol's phone, with a line in its place: the caller's own or another one."""
    path = tmp_path / "outside.jsonl"
    text = (RECORDED_HERE / "streams/blind_agent_chan.jsonl").read_text(encoding="utf-8")
    path.write_text("\n".join(_outside(one, line) for one in text.splitlines()), encoding="utf-8")
    (record,) = replayed(messages(path))
    assert [(leg.role, leg.number) for leg in record.legs if leg.channel.startswith(f"PJSIP/{line}-00000024")] == [
        ("callee", "09127654321")
    ]
    assert [(part.agent, part.queue) for part in parts_of(record)] == [("Alice", "support")]
    found = contributions(record, Counting()).agents
    assert {(agent, queue): sums["handled"] for (_, _, agent, queue), sums in found.items() if "handled" in sums} == {
        ("Alice", "support"): 1
    }


def _outside(event: str, line: str) -> str:
    """An event of Carol's phone as one of a line would be: its name and context, the number dialled, no name."""
    if '"Channel": "PJSIP/1003-' in event:
        event = event.replace('"Context": "internal"', '"Context": "from-trunk"')
        event = event.replace('"CallerIDName": "Carol"', '"CallerIDName": "<unknown>"')
    event = event.replace("PJSIP/1003-", f"PJSIP/{line}-").replace("PJSIP/1003", f"PJSIP/09127654321@{line}")
    return event.replace('"DestCallerIDName": "Carol"', '"DestCallerIDName": "<unknown>"').replace(
        "1003", "09127654321"
    )
