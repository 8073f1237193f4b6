"""Forecasts: what they are made of, what they leave out, and that the error shown is the error made."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from cxcall.staffing.forecast import FADING, Past, Rule, Seen, forecast, learn, trend_of

MONDAY = date(2026, 3, 2)
"""The first day of what was seen."""


def seen(offered: float, handle: float = 180.0) -> Seen:
    return Seen(offered=offered, handled=offered, seconds=offered * handle)


def past(weeks: int, calls: Callable[[date, int], dict[int, Seen]], holidays: frozenset[date] = frozenset()) -> Past:
    """`calls(day, week)` → intervals of a day."""
    days = {}
    for n in range(weeks * 7):
        day = MONDAY + timedelta(days=n)
        days[day] = calls(day, n // 7)
    return Past(days=days, holidays=holidays)


def steady(day: date, week: int) -> dict[int, Seen]:
    return {} if day.weekday() == 4 else {600: seen(10 + day.weekday()), 615: seen(20, 240)}


def test_weeks_that_are_all_alike_are_forecast_as_they_were():
    history = past(6, steady)
    rule = learn(history, MONDAY + timedelta(days=41))
    tuesday = forecast(history, MONDAY + timedelta(days=43), rule)
    assert tuesday.weeks == 6
    assert {minute: round(one.calls, 9) for minute, one in tuesday.intervals.items()} == {600: 11, 615: 20}
    assert rule.miss is not None
    assert (rule.miss.share, rule.miss.day_share, rule.miss.mean_share, rule.miss.lean) == pytest.approx((0, 0, 0, 0))
    assert rule.miss.inside == rule.miss.n


def test_a_closed_weekday_is_expected_to_be_closed():
    history = past(6, steady)
    friday = forecast(history, MONDAY + timedelta(days=46), Rule())
    assert friday.known
    assert friday.intervals == {}


def test_newer_weeks_weigh_more():
    history = past(3, lambda day, week: {600: seen(10.0 * (week + 1))})
    found = forecast(history, MONDAY + timedelta(days=21), Rule())
    weights = 1 + FADING + FADING**2
    assert found.intervals[600].calls == pytest.approx((30 + 20 * FADING + 10 * FADING**2) / weights)


def test_holidays_are_left_out_of_ordinary_days_and_make_holidays():
    off = frozenset({MONDAY + timedelta(days=7), MONDAY + timedelta(days=15), MONDAY + timedelta(days=49)})
    history = past(6, lambda day, week: {600: seen(2 if day in off else 50)}, off)
    assert forecast(history, MONDAY + timedelta(days=42), Rule()).intervals[600].calls == pytest.approx(50)
    holiday = forecast(history, MONDAY + timedelta(days=49), Rule())
    assert holiday.holiday
    assert holiday.intervals[600].calls == pytest.approx(2)


def test_a_holiday_like_none_before_is_not_made_up():
    history = past(6, steady, frozenset({MONDAY + timedelta(days=42)}))
    found = forecast(history, MONDAY + timedelta(days=42), Rule())
    assert (found.known, found.holiday, dict(found.intervals)) == (False, True, {})


def test_one_week_is_too_little_and_is_said():
    history = past(1, steady)
    found = forecast(history, MONDAY + timedelta(days=7), learn(history, MONDAY + timedelta(days=6)))
    assert (found.known, found.weeks, dict(found.intervals)) == (False, 1, {})
    assert learn(history, MONDAY + timedelta(days=6)).miss is None


def test_growth_is_followed_when_it_makes_the_past_right():
    history = past(12, lambda day, week: {600: seen(100 * 1.05**week)})
    last = MONDAY + timedelta(days=83)
    assert trend_of(history, last) == pytest.approx(0.05, abs=0.001)
    rule = learn(history, last)
    assert rule.trend == pytest.approx(0.05, abs=0.001)
    assert rule.miss is not None
    assert rule.miss.share < 0.01
    assert forecast(history, last + timedelta(days=1), rule).calls == pytest.approx(100 * 1.05**12, rel=0.01)


def test_chance_alone_is_no_trend_and_the_range_holds_four_of_five():
    chance = random.Random(3)

    def calls(day: date, week: int) -> dict[int, Seen]:
        return {minute: seen(_poisson(chance, 30)) for minute in range(480, 1020, 15)}

    history = past(14, calls)
    rule = learn(history, MONDAY + timedelta(days=97))
    assert abs(rule.trend) < 0.01
    assert rule.miss is not None
    # A Poisson of 30 misses its own mean by 14.5 % of it on average; the mean of eight weeks adds a little.
    assert 0.13 < rule.miss.share < 0.18
    assert rule.miss.day_share < rule.miss.share / 3
    assert 0.75 < rule.miss.inside / rule.miss.n < 0.86
    assert rule.miss.days == 28


def test_the_trial_knows_nothing_of_the_week_it_forecasts():
    # All was as always, until the last week doubled: every interval of it is missed by half.
    history = past(8, lambda day, week: {600: seen(80 if week == 7 else 40)})
    miss = learn(history, MONDAY + timedelta(days=55)).miss
    assert miss is not None
    assert miss.share == pytest.approx(40 * 7 / (80 * 7 + 40 * 21))
    assert miss.lean == pytest.approx(-miss.share)


def test_handle_times_of_few_calls_lean_on_the_day():
    history = past(4, lambda day, week: {600: seen(100, 200), 1200: seen(1, 2000)})
    found = forecast(history, MONDAY + timedelta(days=28), Rule()).intervals
    assert found[600].handle == pytest.approx(200, rel=0.1)
    assert 200 < found[1200].handle < 600


def test_an_hour_the_clock_goes_through_twice_counts_as_one():
    history = past(3, lambda day, week: {120: Seen(offered=20, handled=20, seconds=3600, spans=2 if week == 2 else 1)})
    found = forecast(history, MONDAY + timedelta(days=21), Rule())
    assert found.intervals[120].calls < 20


def _poisson(chance: random.Random, mean: float) -> int:
    n, time = -1, 0.0
    while time < mean:
        time += chance.expovariate(1.0)
        n += 1
    return n
