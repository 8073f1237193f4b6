"""The wallboard against the truth: at every minute of a simulated hour it equals what the final records say of then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from cxcall.calls.board import Board
from cxcall.calls.board_shapes import BoardSnapshot, QueueFacts, QueueTargets, QueueTile
from cxcall.calls.board_stays import stays_of
from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.calls.tracker import Tracker
from tests.support import queue_hour

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
LOOK_S = 0.5
"""How often the board is fed, as it is while calls go on."""

TARGETS = {"gold": QueueTargets(answer_within=10, answer_share=90.0, short_abandon=3)}


@dataclass(slots=True, kw_only=True)
class Floor:
    """What a board told at every minute, and what became of each call in the end."""

    pictures: dict[float, BoardSnapshot] = field(default_factory=dict)
    records: dict[str, CallRecord] = field(default_factory=dict)


def board_of(zone: ZoneInfo) -> Board:
    board = Board(zone)
    board.define(
        {("lab", name): QueueFacts(targets=TARGETS.get(name, QueueTargets())) for name in queue_hour.QUEUES}, {}
    )
    return board


def play(zone: ZoneInfo, *, start: float, calls: int, restart_after: float | None = None) -> Floor:
    """Calls of an hour from `start` through tracker and board, until the last is over; `restart_after`: then a new
    board begins with what the first one knew of the calls."""
    floor, tracker, board = Floor(), Tracker("lab"), board_of(zone)
    changed: dict[str, CallRecord] = {}
    next_look, next_minute = start, start
    for event in queue_hour.events(calls=calls, start=start, seconds=3600.0):
        assert event.at is not None
        while event.at > min(next_look, next_minute):
            for record in changed.values():
                board.call(record)
            changed.clear()
            if next_minute <= next_look:
                floor.pictures[next_minute] = board.at(next_minute)
                if restart_after is not None and next_minute >= start + restart_after:
                    board, restart_after = _begun_again(zone, floor, tracker), None
                next_minute += 60.0
            else:
                next_look += LOOK_S
        for change in tracker.feed(event):
            changed[change.call_id] = floor.records[change.call_id] = change.record()
    return floor


def _begun_again(zone: ZoneInfo, floor: Floor, tracker: Tracker) -> Board:
    """A board that knows the visits from the database, and from the listener only what is up."""
    board = board_of(zone)
    board.remember({id_: stays_of(record) for id_, record in floor.records.items()})
    for call in tracker.open_calls():
        record = tracker.record(call.id)
        assert record is not None
        board.call(record)
    return board


@pytest.mark.parametrize(
    ("zone", "begin", "calls"),
    [
        pytest.param(TEHRAN, datetime(2022, 3, 21, 20, 0, tzinfo=UTC), 2000, id="midnight that summer time skips"),
        pytest.param(BERLIN, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 300, id="the hour that comes twice"),
        pytest.param(BERLIN, datetime(2026, 11, 21, 22, 40, tzinfo=UTC), 300, id="an ordinary midnight"),
    ],
)
def test_at_every_minute_the_board_equals_the_final_records(zone: ZoneInfo, begin: datetime, calls: int) -> None:
    floor = play(zone, start=begin.timestamp(), calls=calls)
    assert len(floor.records) == calls
    assert all(record.ended_at is not None for record in floor.records.values())
    assert len(floor.pictures) >= 60
    for at, picture in floor.pictures.items():
        assert told_by(picture) == truth(floor.records.values(), at, zone), datetime.fromtimestamp(at, UTC)
    seen = Counter(visit.result for record in floor.records.values() for visit in record.queue_visits)
    assert seen.keys() == {"answered", "abandoned", "timeout", "full", "closed"}
    assert any(picture.calls for picture in floor.pictures.values())


def test_a_board_that_starts_in_the_middle_of_the_day_tells_the_same_as_one_that_saw_all_of_it() -> None:
    start = datetime(2026, 11, 21, 8, 0, tzinfo=UTC).timestamp()
    whole = play(TEHRAN, start=start, calls=300)
    begun = play(TEHRAN, start=start, calls=300, restart_after=1800.0)
    for at, picture in whole.pictures.items():
        same = replace(begun.pictures[at], complete=picture.complete)
        assert same == picture, datetime.fromtimestamp(at, UTC)


# The truth, worked out from METRICS.md's words and nothing of the board


def truth(records: Iterable[CallRecord], at: float, zone: ZoneInfo) -> dict[str, dict[str, object]]:
    """Of every queue what the final records say of the moment `at`."""
    today = datetime.fromtimestamp(at, zone).date()
    found: dict[str, dict[str, object]] = {}
    visits = [(visit, *_times(visit)) for record in records for visit in record.queue_visits]
    for name in queue_hour.QUEUES:
        targets = TARGETS.get(name, QueueTargets())
        mine = [(visit, joined, left) for visit, joined, left in visits if visit.queue == name and joined <= at]
        entered = [item for item in mine if item[0].result not in ("full", "closed")]
        of_today = [item for item in mine if datetime.fromtimestamp(item[1], zone).date() == today]
        over = Counter(visit.result for visit, _, left in of_today if left <= at)
        waits = sorted(joined for _, joined, left in entered if left > at)
        good, decided, short = 0, 0, 0
        for visit, joined, left in of_today:
            wait = min(left, at) - joined
            if visit.result in ("full", "closed"):
                continue
            if left > at:
                decided += wait > targets.answer_within
            elif visit.result == "abandoned" and wait < targets.short_abandon:
                short += 1
            else:
                decided += 1
                good += visit.result == "answered" and wait <= targets.answer_within
        edges = [at // 300 * 300 - 300 * back for back in reversed(range(7))]
        found[name] = {
            "waiting": len(waits),
            "longest": waits[0] if waits else None,
            "offered": sum(visit.result not in ("full", "closed") for visit, _, _ in of_today),
            "over": {kind: over[kind] for kind in ("answered", "abandoned", "timeout", "full", "closed")},
            "short": short,
            "sl": (good, decided, round(100 * good / decided, 1) if decided else None),
            "line": [(edge, sum(joined <= edge < left for _, joined, left in entered)) for edge in edges],
        }
    return {**found, "": {"calls": sorted(_needy(records, at))}}


def _times(visit: QueueVisit) -> tuple[float, float]:
    assert visit.joined_at is not None
    assert visit.left_at is not None
    return visit.joined_at.timestamp(), visit.left_at.timestamp()


def _needy(records: Iterable[CallRecord], at: float) -> Iterator[tuple[str, str]]:
    """Calls on hold for more than two minutes, else those that talk for more than a quarter of an hour."""
    for record in records:
        talks = [_lasts(talk.from_, talk.to, at) for talk in record.talks]
        holds = [_lasts(hold.from_, hold.to, at) for hold in record.holds]
        if max(talks, default=0.0) and max(holds, default=0.0) > 120:
            yield record.id, "hold"
        elif max(talks, default=0.0) > 900:
            yield record.id, "talk"


def _lasts(since: datetime | None, until: datetime | None, at: float) -> float:
    """For how long something goes on at a moment; 0 when it does not."""
    assert since is not None
    assert until is not None
    return at - since.timestamp() if since.timestamp() <= at < until.timestamp() else 0.0


def told_by(picture: BoardSnapshot) -> dict[str, dict[str, object]]:
    """What the board tells, in the words of `truth`."""
    return {
        **{name: _told_of(picture.queues[f"lab:{name}"]) for name in queue_hour.QUEUES},
        "": {"calls": sorted((call.call, call.why) for call in picture.calls)},
    }


def _told_of(tile: QueueTile) -> dict[str, object]:
    return {
        "waiting": tile.waiting,
        "longest": tile.longest,
        "offered": tile.offered,
        "over": {
            "answered": tile.answered, "abandoned": tile.abandoned, "timeout": tile.timed_out, "full": tile.full,
            "closed": tile.refused,
        },
        "short": tile.short,
        "sl": (tile.in_time, tile.decided, tile.sl),
        "line": [*tile.line],
    }  # fmt: skip
