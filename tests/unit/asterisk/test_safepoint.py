"""From where a replay has to start so that no open call lacks its beginning."""

from __future__ import annotations

from cxcall.asterisk.safepoint import SafePoint
from cxcall.calls.record import CallId

A, B = CallId("lab-1.1"), CallId("lab-1.2")


def fed(*pieces: tuple[int, float]) -> SafePoint:
    safe = SafePoint()
    for position, at in pieces:
        safe.piece(position, at)
    return safe


def test_without_an_open_call_nothing_needs_to_be_read_again() -> None:
    assert fed((0, 10.0), (500, 12.0)).position(1000) == 1000


def test_the_oldest_open_call_decides() -> None:
    safe = fed((0, 10.0), (500, 12.0), (1000, 14.0), (1500, 16.0))
    safe.started(A, 500, 12.5)
    safe.started(B, 1500, 16.2)
    assert safe.position(2000) <= 500
    safe.ended(A)
    assert 500 < safe.position(2000) <= 1500
    safe.ended(B)
    assert safe.position(2000) == 2000


def test_a_call_told_of_late_is_looked_up_by_its_start() -> None:
    safe = fed((0, 10.0), (500, 12.0), (1000, 14.0), (1500, 16.0))
    safe.started(A, 1500, 13.5)
    assert safe.position(2000) == 500


def test_a_call_older_than_all_that_is_remembered_needs_everything() -> None:
    safe = fed((300, 10.0), (500, 12.0))
    safe.started(A, 500, 3.0)
    assert safe.position(2000) == 300


def test_a_call_that_merged_into_a_younger_one_keeps_the_earlier_place() -> None:
    safe = fed((0, 10.0), (500, 12.0), (1000, 14.0), (1500, 16.0))
    safe.started(A, 500, 12.5)
    safe.started(B, 1500, 16.2)
    before = safe.position(2000)
    safe.merged(A, B)
    assert safe.position(2000) == before
    safe.ended(B)
    assert safe.position(2000) == 2000


def test_a_call_found_by_a_snapshot_needs_the_snapshot_from_its_beginning() -> None:
    safe = fed((0, 10.0), (500, 12.0))
    safe.snapshot(600)
    safe.piece(700, 12.6)
    safe.started(A, 800, None)
    assert safe.position(900) <= 600
    safe.snapshot(None)
    assert safe.position(2000) <= 600


def test_a_snapshot_under_way_is_never_cut_in_two() -> None:
    safe = fed((0, 10.0))
    safe.snapshot(600)
    assert safe.position(900) == 600


def test_streams_without_times_fall_back_to_the_place_of_the_first_news() -> None:
    safe = SafePoint()
    safe.piece(0, None)
    safe.started(A, 700, None)
    assert safe.position(2000) == 700


def test_the_index_stays_small_while_no_call_is_up() -> None:
    safe = SafePoint()
    for second in range(10_000):
        safe.piece(second * 100, float(second))
    assert len(safe._index) <= 121
