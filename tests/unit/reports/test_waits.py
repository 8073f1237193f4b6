from __future__ import annotations

from itertools import pairwise
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.reports.tally import Tally, total
from cxcall.reports.waits import EDGES, bucket, edges, percentile

WAITS = st.lists(st.floats(0, 5000, allow_nan=False), min_size=1, max_size=60)


def counts(waits: list[float]) -> dict[int, int]:
    return total(Tally(waits={bucket(wait): 1}) for wait in waits).waits


def test_edges_lie_as_agreed():
    assert EDGES[:12] == (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20)
    assert EDGES[-1] == 3600
    assert {b - a for a, b in pairwise(EDGES) if a >= 10 and b <= 60} == {5}
    assert {b - a for a, b in pairwise(EDGES) if a >= 60 and b <= 300} == {15}
    assert {b - a for a, b in pairwise(EDGES) if a >= 300 and b <= 900} == {60}
    assert {b - a for a, b in pairwise(EDGES) if a >= 900} == {300}


@pytest.mark.parametrize(
    ("seconds", "between"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (1.001, (1, 2)),
        (20, (15, 20)),
        (20.5, (20, 25)),
        (3600, (3300, 3600)),
        (3601, (3600, None)),
    ],
)
def test_a_wait_lies_above_one_edge_and_up_to_the_next(seconds, between):
    assert edges(bucket(seconds)) == between


def test_of_four_waits_in_one_bucket_the_median_is_its_middle():
    assert percentile({bucket(12): 4}, 50) == 12.5


def test_nine_of_ten_waited_no_longer_than_the_ninetieth_percentile():
    waits = counts([3.0] * 9 + [200.0])
    assert percentile(waits, 90) == 3
    assert percentile(waits, 95) == pytest.approx(202.5)


def test_nobody_waited_no_percentile():
    assert percentile({}, 50) is None
    assert percentile({3: 0}, 50) is None


def test_beyond_the_last_edge_only_that_edge_is_known():
    assert percentile({bucket(9000): 3}, 50) == 3600


@given(WAITS, st.integers(1, 100))
def test_a_percentile_is_in_the_bucket_of_the_wait_it_stands_for(waits, percent):
    found = percentile(counts(waits), percent)
    place = max(-(-percent * len(waits) // 100), 1)
    low, high = edges(bucket(sorted(waits)[place - 1]))
    assert found is not None
    assert low <= found <= (low if high is None else high)


@given(WAITS)
def test_percentiles_never_fall(waits):
    found = [percentile(counts(waits), percent) or 0 for percent in range(0, 101, 10)]
    assert found == sorted(found)


@given(WAITS, WAITS)
def test_histograms_added_are_the_histogram_of_all(some, others):
    assert total([Tally(waits=counts(some)), Tally(waits=counts(others))]).waits == counts(some + others)


def test_close_to_the_exact_median_of_many_short_waits():
    waits = [n / 10 for n in range(100)]
    assert percentile(counts(waits), 50) == pytest.approx(quantiles(waits, n=2)[0], abs=0.15)
