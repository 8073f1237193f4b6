"""Fifths of customers by hand, and the groups they make."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from cxcall.customers.rfm import RULES, Bounds, Scores, Seen, group, limits, scores

TODAY = date(2026, 11, 23)
BOUNDS = Bounds(
    on=TODAY, customers=500, recency=(3, 10, 40, 120), frequency=(1, 1, 2, 5), value=(0, 50, 100, 900),
    by_purchases=True,
)  # fmt: skip


def seen(ago: int, days: int, value: float | None = None, contacts: int = 0) -> Seen:
    return Seen(last=TODAY - timedelta(days=ago), days=days, contacts=contacts, value=value)


@pytest.mark.parametrize(("ago", "score"), [(0, 5), (3, 5), (4, 4), (10, 4), (11, 3), (40, 3), (41, 2), (121, 1)])
def test_who_came_lately_has_five(ago: int, score: int) -> None:
    assert scores(seen(ago, 1), BOUNDS).recency == score


@pytest.mark.parametrize(("days", "score"), [(0, 1), (1, 1), (2, 3), (3, 4), (5, 4), (6, 5)])
def test_who_is_like_forty_per_cent_stands_with_all_of_them(days: int, score: int) -> None:
    assert scores(seen(1, days), BOUNDS).frequency == score


@pytest.mark.parametrize(("value", "score"), [(None, 1), (0, 1), (0.5, 2), (100, 3), (100.5, 4), (1e6, 5)])
def test_a_customer_without_a_value_has_none_where_the_site_keeps_values(value: float | None, score: int) -> None:
    assert scores(seen(1, 1, value, contacts=999), BOUNDS).value == score


def test_contacts_stand_for_value_where_the_site_keeps_none() -> None:
    bounds = Bounds(
        on=TODAY, customers=5, recency=(1, 2, 3, 4), frequency=(1, 2, 3, 4), value=(1, 2, 3, 4), by_purchases=False
    )
    assert scores(seen(0, 1, contacts=4), bounds) == Scores(recency=5, frequency=1, value=4)


@pytest.mark.parametrize(
    ("triple", "name"),
    [
        ((5, 5, 5), "best"), ((4, 4, 4), "best"), ((3, 5, 5), "frequent"), ((5, 4, 3), "frequent"),
        ((3, 3, 4), "valuable"), ((5, 1, 1), "recent"), ((3, 1, 1), "between"), ((2, 4, 1), "slipping"),
        ((1, 5, 5), "slipping"), ((1, 1, 4), "missed"), ((2, 3, 3), "asleep"), ((1, 1, 1), "asleep"),
    ],
)  # fmt: skip
def test_groups_by_hand(triple: tuple[int, int, int], name: str) -> None:
    recency, frequency, value = triple
    assert group(Scores(recency=recency, frequency=frequency, value=value)) == name


def test_everybody_is_in_a_group_and_no_group_is_empty() -> None:
    every = {group(Scores(recency=r, frequency=f, value=v)) for r, f, v in product(range(1, 6), repeat=3)}
    assert every == {rule.group for rule in RULES}


@pytest.mark.parametrize("ago", range(0, 130, 7))
@pytest.mark.parametrize("between", [(4, 5), (3, 5), (3, 3), (1, 2)])
def test_what_a_rule_says_in_days_is_what_it_does(ago: int, between: tuple[int, int]) -> None:
    more_than, at_most = limits(between, BOUNDS.recency, few_is_good=True)
    told = (more_than is None or ago > more_than) and (at_most is None or ago <= at_most)
    assert told == (between[0] <= scores(seen(ago, 1), BOUNDS).recency <= between[1])


@pytest.mark.parametrize("days", range(8))
@pytest.mark.parametrize("between", [(4, 5), (1, 3), (2, 4)])
def test_what_a_rule_says_of_frequency_is_what_it_does(days: int, between: tuple[int, int]) -> None:
    more_than, at_most = limits(between, BOUNDS.frequency, few_is_good=False)
    told = (more_than is None or days > more_than) and (at_most is None or days <= at_most)
    assert told == (between[0] <= scores(seen(1, days), BOUNDS).frequency <= between[1])
