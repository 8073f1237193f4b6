"""A day of staffing put together: coverage by quarters, what-if, and the whole weighed by calls."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cxcall.staffing.erlang import Goal
from cxcall.staffing.forecast import Expected, Forecast
from cxcall.staffing.plan import Plan, Wish, coverage, plan_day, quarters
from cxcall.staffing.shift import Activity, Shift

DAY = datetime(2026, 11, 21, tzinfo=UTC)
CALM = Forecast(
    day=date(2026, 11, 21), weeks=8,
    intervals={minute: Expected(calls=20, low=14, high=26, handle=180) for minute in (480, 495, 510, 525)},
)  # fmt: skip


def shift(since: float, until: float, activity: Activity = "work", agent: str = "s") -> Shift:
    return Shift(agent=agent, since=DAY + timedelta(hours=since), until=DAY + timedelta(hours=until), activity=activity)


def plan(wish: Wish, shifts: list[Shift] | None = None) -> Plan:
    return plan_day(CALM, wish, since=DAY, until=DAY + timedelta(days=1), zone=UTC, shifts=shifts)


def test_people_are_counted_by_the_minutes_they_are_at_work():
    starts = list(quarters(DAY + timedelta(hours=8), DAY + timedelta(hours=9)))
    there = coverage([shift(8, 9), shift(8.5, 8.75, "break"), shift(8.125, 10, agent="r")], starts)
    assert there == pytest.approx([1.5, 2, 1, 2])


def test_a_shift_over_midnight_covers_both_days():
    starts = list(quarters(DAY, DAY + timedelta(days=1)))
    there = coverage([shift(-2, 1), shift(23, 30)], starts)
    assert sum(there) == pytest.approx(8)
    assert there[:4] == there[-4:] == [1.0] * 4


def test_a_day_needs_what_erlang_says_and_shrinkage_adds_to_it():
    plain, shrunk = plan(Wish(goal=Goal())), plan(Wish(goal=Goal(), shrinkage=0.3))
    (first, *_) = plain.intervals
    assert len(plain.intervals) == 4
    assert first.erlang_c == 7  # of 4 erlangs 28.5 % wait for six: 1 − 0.285·exp(−2·20/180) = 77 %
    assert first.erlang_a <= first.erlang_c
    assert first.to_roster == first.erlang_a
    assert shrunk.intervals[0].to_roster > first.erlang_a
    assert plain.calls == pytest.approx(80)
    assert (plain.low, plain.high) == pytest.approx((80 - 12, 80 + 12))  # four ranges of 6 as squares
    assert plain.handle == pytest.approx(180)
    assert (plain.service, plain.rostered_hours) == (None, None)


def test_the_roster_is_compared_with_the_need_and_gives_a_service_level():
    few = plan(Wish(goal=Goal()), [shift(8, 9, agent=str(n)) for n in range(3)])
    enough = plan(Wish(goal=Goal()), [shift(8, 9, agent=str(n)) for n in range(8)])
    assert few.intervals[0].difference == 3 - few.intervals[0].to_roster
    assert few.rostered_hours == pytest.approx(3)
    assert few.service is not None
    assert enough.service is not None
    assert few.service < 0.8 < enough.service


def test_more_calls_longer_talks_and_a_fixed_number_of_agents():
    usual = plan(Wish(goal=Goal())).hours
    assert plan(Wish(goal=Goal(), volume=1.5)).hours > usual
    assert plan(Wish(goal=Goal(), handle=0.5)).hours < usual
    fixed = plan(Wish(goal=Goal(), agents=12))
    assert fixed.service == pytest.approx(1.0, abs=0.01)
    assert fixed.rostered_hours is None


def test_quarters_with_people_but_no_calls_are_shown():
    shown = plan(Wish(goal=Goal()), [shift(7, 9)]).intervals
    assert shown[0].at == DAY + timedelta(hours=7)
    assert (shown[0].expected.calls, shown[0].to_roster, shown[0].difference) == (0, 0, 1)
