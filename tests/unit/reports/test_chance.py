"""Differences that are more than chance, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.reports.chance import counts_differ, differs_from_rest, shares_differ


@pytest.mark.parametrize(
    ("one", "n_one", "other", "n_other", "differ"),
    [
        # common 0.5, spread √(0.25 × 2/100) = 0.0707: 0.60 − 0.40 is 2.83 spreads, 0.56 − 0.44 is 1.70
        (0.60, 100, 0.40, 100, True),
        (0.56, 100, 0.44, 100, False),
        # one of 36 against four of 95: common 5/131, spread 0.0375, difference 0.0143
        (1 / 36, 36, 4 / 95, 95, False),
        (0.0, 50, 0.0, 50, False),
        (1.0, 50, 1.0, 50, False),
        (0.5, 0, 0.9, 100, False),
    ],
)
def test_shares(one: float, n_one: int, other: float, n_other: int, differ: bool):
    assert shares_differ(one, n_one, other, n_other) is differ
    assert shares_differ(other, n_other, one, n_one) is differ


def test_who_was_picked_of_many_has_to_differ_more():
    """2.83 spreads are beyond 1.96 (one try) and 2.81 (ten tries: 0.25 % on each side), not beyond 3.02 (twenty)."""
    assert shares_differ(0.60, 100, 0.40, 100, tries=10)
    assert not shares_differ(0.60, 100, 0.40, 100, tries=20)


def test_a_part_is_held_against_what_is_not_in_it():
    """60 of 100 in a whole of 100 of 200: the rest has 40 of 100."""
    assert differs_from_rest(0.60, 100, 0.50, 200)
    assert not differs_from_rest(0.56, 100, 0.50, 200)
    assert not differs_from_rest(0.60, 100, 0.60, 100), "the part is the whole"


@pytest.mark.parametrize(
    ("one", "other", "differ"), [(36, 95, True), (100, 129, False), (100, 131, True), (0, 3, False), (0, 0, False)]
)
def test_counts(one: int, other: int, differ: bool):
    """100 and 129 are 29/√229 = 1.92 apart, 100 and 131 are 31/√231 = 2.04."""
    assert counts_differ(one, other) is differ


@given(st.floats(0, 1), st.floats(0, 1e6), st.floats(0, 1), st.floats(0, 1e6), st.integers(0, 5000))
def test_nothing_is_too_odd(one: float, n_one: float, other: float, n_other: float, tries: int):
    assert shares_differ(one, n_one, other, n_other, tries=tries) in (True, False)
    assert differs_from_rest(one, n_one, other, n_other, tries=tries) in (True, False)
