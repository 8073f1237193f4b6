"""Recorded streams of real Asterisks: the records tell what truly happened.

The expectations in `expected/` were worked out by reading the events (and the script that drove the calls), in the
words of `summary`. How to turn a live call into such a test: README.md here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cxcall.calls.events import WANTED, Message, read
from cxcall.calls.tracker import Tracker
from tests.replay.summary import messages, replayed, summary

HERE = Path(__file__).parent
RECORDED = sorted(path for folder in ("streams", "streams16", "streams22") for path in (HERE / folder).glob("*.jsonl"))


def expected(path: Path) -> str:
    """What was worked out by hand for a stream."""
    return (HERE / "expected" / path.parent.name / f"{path.stem}.txt").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_stream_gives_the_records_worked_out_by_reading_it(path: Path):
    assert summary(replayed(messages(path))).strip() == expected(path)


@pytest.mark.parametrize("name", ["queue_answered_agent_hangs_up", "queue_attended_transfer_refer"])
def test_raw_bytes_and_json_lines_of_the_same_calls_give_the_same_records(name: str):
    raw, lines = HERE / "streams" / f"{name}.ami", HERE / "streams" / f"{name}.jsonl"
    assert replayed(messages(raw)) == replayed(messages(lines))


FILTERED = WANTED - {"Newexten", "SoftHangupRequest", "LocalBridge", "Pickup", "BridgeListItem"}
"""What the event filter of a live session lets through at the least."""

TOLD_BY_THE_DIALPLAN_ONLY = {
    "route_curl_500",  # Queue() of an unknown name: without Newexten the caller only met the dialplan
    "queue_full",
    "queue_join_refused",  # no QueueCallerJoin: only Newexten names the queue that refused
}


FULLY_TOLD = [path for path in RECORDED if path.stem not in TOLD_BY_THE_DIALPLAN_ONLY]


@pytest.mark.parametrize("path", FULLY_TOLD, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_filtered_session_gives_the_same_records_as_one_that_sees_all(path: Path):
    everything = messages(path)
    seen = [item for item in everything if item[0].get("Event") in FILTERED and _let_through(item[0])]
    assert replayed(seen) == replayed(everything)


def _let_through(message: Message) -> bool:
    return message.get("Event") != "VarSet" or message.get("Variable") == "QUEUESTATUS"


def test_a_hundred_calls_at_ten_a_second_are_a_hundred_records_and_nothing_is_left():
    tracker = Tracker("lab")
    ended = set()
    for message, at in messages(HERE / "streams" / "load_queue10.ami.gz"):
        event = read(message, at)
        if event is not None:
            ended |= {change.call_id for change in tracker.feed(event) if change.kind == "ended"}
    assert len(ended) == 100
    assert tracker.empty
    records = replayed(messages(HERE / "streams" / "load_queue10.ami.gz"))
    assert {(r.outcome, r.ended_by, r.queue_visits[0].result, r.called) for r in records} == {
        ("answered", "agent", "answered", "870")
    }
    assert all(3.0 < record.queue_visits[0].talk < 4.5 for record in records)
