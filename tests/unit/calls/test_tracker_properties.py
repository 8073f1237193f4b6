"""Whatever the stream, the tracker holds: cut, thinned out, shuffled, garbled, fed twice."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.calls.events import WANTED, Message, read
from cxcall.calls.kinds import Event, HangUp
from cxcall.calls.record import CallRecord, decode, encode
from cxcall.calls.tracker import Tracker
from tests.replay.summary import messages

STREAMS = Path(__file__).parents[2] / "replay"
NAMES = [
    "streams/queue_attended_transfer_refer", "streams/atxfer_complete", "streams/queue_blind_transfer_dtmf",
    "streams/callback_place_kept_no_n", "streams/queue_local_members", "streams/spy_ari",
    "streams/queue_ringnoanswer_then_second_agent", "streams16/queue_attended_transfer_refer",
    "streams22/attended_transfer_semi", "streams22/conference", "streams22/forward_by_phone",
    "streams22/queue_local_members_optimised", "streams22/queue_ringall_two_agents",
]  # fmt: skip

streams = st.sampled_from(NAMES)


@cache
def events(name: str) -> tuple[Event, ...]:
    found = (read(message, at) for message, at in messages(STREAMS / f"{name}.jsonl"))
    return tuple(event for event in found if event is not None)


def feed(tracker: Tracker, stream: Iterable[Event]) -> dict[str, CallRecord]:
    """The records that remain, by id, each asked for at every change as an eager writer would."""
    records: dict[str, CallRecord] = {}
    for event in stream:
        for change in tracker.feed(event):
            if change.kind == "merged":
                records.pop(change.call_id, None)
            record = change.record()
            records[record.id] = record
    return records


def hang_up_all(tracker: Tracker, stream: Sequence[Event]) -> None:
    """A Hangup for every channel any event names."""
    uids = {value for event in stream for value in _uids(event)}
    for uid in sorted(uids):
        tracker.feed(HangUp(None, uid, 16, None))


def _uids(event: Event) -> list[str]:
    fields = [field for field in event.__struct_fields__ if field.endswith("uid")]
    return [value for field in fields if (value := getattr(event, field))]


@settings(max_examples=25, deadline=None)
@given(streams, st.data())
def test_any_part_of_a_stream_is_told_without_error_and_leaves_nothing_after_the_last_hangup(name: str, data: Any):
    stream = events(name)
    start = data.draw(st.integers(0, len(stream)))
    end = data.draw(st.integers(start, len(stream)))
    tracker = Tracker("lab")
    for record in feed(tracker, stream[start:end]).values():
        assert decode(encode(record)) == record
    hang_up_all(tracker, stream)
    assert tracker.empty


@settings(max_examples=25, deadline=None)
@given(streams, st.randoms(use_true_random=False), st.floats(0.02, 0.6))
def test_a_stream_that_lost_events_is_told_without_error(name: str, chance: random.Random, share: float):
    stream = [event for event in events(name) if chance.random() > share]
    tracker = Tracker("lab")
    feed(tracker, stream)
    hang_up_all(tracker, stream)
    assert tracker.empty


@settings(max_examples=15, deadline=None)
@given(streams, streams, st.randoms(use_true_random=False))
def test_two_streams_woven_together_give_the_records_of_both(one: str, other: str, chance: random.Random):
    if one == other or one.split("/")[-1] == other.split("/")[-1]:
        return
    left, right = list(events(one)), list(events(other))
    woven: list[Event] = []
    while left or right:
        source = left if left and (not right or chance.random() < 0.5) else right
        woven.append(source.pop(0))
    together = feed(Tracker("lab"), woven)
    apart = feed(Tracker("lab"), events(one)) | feed(Tracker("lab"), events(other))
    assert together == apart


@settings(max_examples=20, deadline=None)
@given(streams)
def test_a_stream_fed_to_two_trackers_gives_the_same_ids_and_revisions(name: str):
    one, other = Tracker("lab"), Tracker("lab")
    told = [[(change.kind, change.call_id, change.revision) for change in one.feed(e)] for e in events(name)]
    again = [[(change.kind, change.call_id, change.revision) for change in other.feed(e)] for e in events(name)]
    assert told == again


def test_revisions_of_a_call_count_from_one_without_gaps():
    tracker = Tracker("lab")
    seen: dict[str, list[int]] = {}
    for event in events("streams/queue_attended_transfer_refer"):
        for change in tracker.feed(event):
            seen.setdefault(change.call_id, []).append(change.revision)
    assert all(revisions == list(range(1, len(revisions) + 1)) for revisions in seen.values())


CLOSE = 0.010


@settings(max_examples=30, deadline=None)
@given(streams, st.randoms(use_true_random=False))
def test_events_of_the_same_last_ten_milliseconds_may_come_in_any_order(name: str, chance: random.Random):
    stream = events(name)
    last = max(event.at for event in stream if event.at is not None)
    steady = [event for event in stream if event.at is None or event.at < last - CLOSE]
    moment = [event for event in stream if event.at is not None and event.at >= last - CLOSE]
    chance.shuffle(moment)
    # What Asterisk never does: tell anything of a channel after its Hangup.
    moment.sort(key=lambda event: isinstance(event, HangUp))
    expected, shuffled = feed(Tracker("lab"), stream), feed(Tracker("lab"), [*steady, *moment])
    assert {i: _essence(r) for i, r in shuffled.items()} == {i: _essence(r) for i, r in expected.items()}


def _essence(record: CallRecord) -> tuple[object, ...]:
    return (
        record.outcome, record.ended_by, record.direction, record.called, record.answered_at, record.linked_ids,
        [(leg.channel, leg.role, leg.result) for leg in record.legs],
        [(talk.channels, talk.from_) for talk in record.talks],
        [(visit.queue, visit.result, visit.agent, round(visit.talk), visit.wait) for visit in record.queue_visits],
        [(move.kind, move.to) for move in record.transfers],
    )  # fmt: skip


values = st.one_of(
    st.text(max_size=12), st.none(), st.integers(), st.floats(), st.booleans(),
    st.lists(st.text(max_size=3), max_size=3),
    st.sampled_from(["lab-1795300000.1", "lab-1795300000.2", "99999999999999999999", "-1", "1e400", "nan"]),
)  # fmt: skip
headers = st.sampled_from(
    ["Uniqueid", "Linkedid", "Channel", "DestUniqueid", "DestChannel", "Timestamp", "BridgeUniqueid", "Queue",
     "Position",
     "ChannelState", "Cause", "DialStatus", "HoldTime", "TalkTime", "MemberName", "Variable", "Value", "BridgeId",
     "TransfereeUniqueid", "TransfererUniqueid", "OrigTransfererUniqueid", "SecondTransfererUniqueid", "ParkeeUniqueid",
     "SpyerUniqueid", "LocalOneUniqueid", "LocalTwoUniqueid", "Application", "AppData", "Duration", "Uptime", "Exten",
     "Context", "Result", "TargetUniqueid", "Reason", "Wait", "DialString"]
)  # fmt: skip
garbage = st.builds(
    lambda name, rest: {**rest, "Event": name},
    st.sampled_from(sorted(WANTED)),
    st.dictionaries(headers, values, max_size=14),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(garbage, max_size=25))
def test_foreign_garbage_never_raises(stream: list[dict[str, Any]]):
    tracker = Tracker("lab")
    read_back: list[Event] = []
    for message in stream:
        event = read(message)
        if event is not None:
            read_back.append(event)
            for change in tracker.feed(event):
                encode(change.record())
    hang_up_all(tracker, read_back)
    assert tracker.empty


@settings(max_examples=20, deadline=None)
@given(streams, st.randoms(use_true_random=False))
def test_a_stream_with_mangled_headers_never_raises(name: str, chance: random.Random):
    tracker = Tracker("lab")
    for message, at in messages(STREAMS / f"{name}.jsonl")[:400]:
        event = read(_mangled(message, chance), at)
        if event is not None:
            for change in tracker.feed(event):
                change.record()


def _mangled(message: Message, chance: random.Random) -> Message:
    if chance.random() > 0.1:
        return message
    broken: dict[str, Any] = dict(message)
    key = chance.choice(sorted(broken))
    if key != "Event":
        broken[key] = chance.choice([None, "", "x" * 5000, ["a", "b"], "99999999999999", "lab-1795293340.25", 7, {}])
    return broken
