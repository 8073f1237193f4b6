"""Segments: from how long ago and how often somebody was in contact."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.customers.segments import Segment, segment
from cxcall.routing import facts

TODAY = date(2026, 11, 22)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("contacts", "first", "expected"),
    [
        ([], None, "new"),
        ([0], 0, "new"),
        ([1, 5, 9, 12, 20, 25, 29], 29, "new"),
        ([1], 30, "regular"),
        ([60, 100, 150, 200, 250, 300], 400, "loyal"),
        ([61, 100, 150, 200, 250, 300], 400, "at_risk"),
        ([0, 1, 2, 3, 4], 400, "regular"),
        ([0, 1, 2, 3, 4, 366], 400, "regular"),
        ([61, 100, 150], 400, "at_risk"),
        ([61, 100, 430], 430, "regular"),
        ([61], 61, "regular"),
        ([180, 200, 300], 400, "at_risk"),
        ([181, 200, 300, 301, 302, 303, 304], 400, "lapsed"),
        ([], 800, "lapsed"),
        ([1, 1, 1, 1, 1, 1, 1], 90, "regular"),
    ],
)
def test_a_segment_follows_from_days_of_contact(contacts: list[int], first: int | None, expected: Segment) -> None:
    days = [ago(day) for day in contacts]
    assert segment(days, first=None if first is None else ago(first), today=TODAY) == expected


@given(contacts=st.lists(st.integers(-5, 900)), first=st.none() | st.integers(0, 2000))
def test_every_customer_has_a_segment_whatever_their_contacts(contacts: list[int], first: int | None) -> None:
    days = [ago(day) for day in contacts]
    named = segment(days, first=None if first is None else ago(first), today=TODAY)
    assert named in get_args(Segment)
    assert segment([*days, *reversed(days)], first=None if first is None else ago(first), today=TODAY) == named


def test_rules_know_the_same_segments() -> None:
    assert get_args(Segment) == get_args(facts.Segment)
