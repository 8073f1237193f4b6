"""Periods and their slots in both calendars and in zones that change their clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from cxcall.reports.holidays import of_span
from cxcall.reports.period import Quick, midnight, previous, quick, slots, span_of, week_start, year_before

BERLIN, TEHRAN = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tehran")
KATHMANDU, SAO_PAULO = ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/Sao_Paulo")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ZONES = st.sampled_from([BERLIN, TEHRAN, KATHMANDU, SAO_PAULO, LORD_HOWE, UTC])
CALENDARS = st.sampled_from(["gregorian", "jalali"])
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


_JALALI: Any = JalaliDate  # has no annotations


def jalali(year: int, month: int, day: int) -> date:
    found: date = _JALALI(year, month, day).to_gregorian()
    return found


TODAY = date(2026, 11, 25)
"""A Wednesday, 4 Azar 1405."""


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", TODAY, TODAY), ("yesterday", date(2026, 11, 24), date(2026, 11, 24)),
        ("week", date(2026, 11, 23), TODAY), ("last_week", date(2026, 11, 16), date(2026, 11, 22)),
        ("month", date(2026, 11, 1), TODAY), ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("quarter", date(2026, 10, 1), TODAY), ("year", date(2026, 1, 1), TODAY),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)  # fmt: skip
def test_periods_by_name_in_the_gregorian_calendar(name, first, last):
    assert quick(name, TODAY, "gregorian") == (first, last)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("week", date(2026, 11, 21), TODAY), ("last_week", date(2026, 11, 14), date(2026, 11, 20)),
        ("month", jalali(1405, 9, 1), TODAY), ("last_month", jalali(1405, 8, 1), jalali(1405, 8, 30)),
        ("quarter", jalali(1405, 7, 1), TODAY), ("year", date(2026, 3, 21), TODAY),
        ("last_year", date(2025, 3, 21), date(2026, 3, 20)),
    ],
)  # fmt: skip
def test_periods_by_name_in_the_jalali_calendar(name, first, last):
    assert quick(name, TODAY, "jalali") == (first, last)


@pytest.mark.parametrize(("year", "days"), [(1399, 30), (1402, 29), (1403, 30), (1404, 29), (1408, 30)])
def test_esfand_has_thirty_days_in_a_leap_year(year, days):
    nowruz = jalali(year + 1, 1, 1)
    assert quick("last_month", nowruz, "jalali") == (jalali(year, 12, 1), nowruz - timedelta(days=1))
    assert (nowruz - jalali(year, 12, 1)).days == days


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), BERLIN, 23), (date(2026, 10, 25), BERLIN, 25), (date(2026, 10, 26), BERLIN, 24),
        (date(2022, 3, 22), TEHRAN, 23), (date(2022, 9, 21), TEHRAN, 25), (date(2026, 3, 22), TEHRAN, 24),
        (date(2017, 10, 15), SAO_PAULO, 23), (date(2018, 2, 17), SAO_PAULO, 25), (date(2026, 2, 17), SAO_PAULO, 24),
        (date(2026, 4, 5), LORD_HOWE, 24.5), (date(2026, 7, 1), KATHMANDU, 24),
    ],
)  # fmt: skip
def test_a_day_has_as_many_quarters_as_its_clock_makes_of_it(day, zone, hours):
    span = span_of(day, day, zone)
    assert span.until - span.since == timedelta(hours=hours)
    assert len(slots(span, "interval", zone, "gregorian")) == hours * 4


def test_the_hour_that_comes_twice_comes_twice_and_the_one_that_is_skipped_does_not():
    back = slots(span_of(date(2026, 10, 25), date(2026, 10, 25), BERLIN), "hour", BERLIN, "gregorian")
    on = slots(span_of(date(2026, 3, 29), date(2026, 3, 29), BERLIN), "hour", BERLIN, "gregorian")
    assert [slot.since.astimezone(BERLIN).hour for slot in back][:5] == [0, 1, 2, 2, 3]
    assert [slot.since.astimezone(BERLIN).hour for slot in on][:4] == [0, 1, 3, 4]
    assert back[2].value == "2026-10-25T00:00:00Z"


def test_hours_are_those_of_the_zone_also_where_it_is_off_by_a_quarter():
    found = slots(span_of(TODAY, TODAY, KATHMANDU), "hour", KATHMANDU, "gregorian")
    assert len(found) == 24
    assert {slot.since.astimezone(KATHMANDU).minute for slot in found} == {0}
    assert found[0].since == datetime(2026, 11, 24, 18, 15, tzinfo=UTC)


def test_a_midnight_that_is_skipped_is_the_moment_of_the_change():
    assert midnight(date(2017, 10, 15), SAO_PAULO) == datetime(2017, 10, 15, 3, 0, tzinfo=UTC)


def test_a_week_is_named_by_its_first_day_though_the_period_begins_within_it():
    span = span_of(TODAY, date(2026, 12, 1), TEHRAN)
    assert [slot.value for slot in slots(span, "week", TEHRAN, "gregorian")] == ["2026-11-23", "2026-11-30"]
    weeks = slots(span, "week", TEHRAN, "jalali")
    assert [(slot.value, slot.first) for slot in weeks] == [("2026-11-21", TODAY), ("2026-11-28", date(2026, 11, 28))]


def test_months_of_a_jalali_year_begin_on_its_firsts():
    span = span_of(*quick("last_year", jalali(1404, 1, 1), "jalali"), TEHRAN)
    months = slots(span, "month", TEHRAN, "jalali")
    assert [slot.first for slot in months] == [jalali(1403, month, 1) for month in range(1, 13)]
    lengths = [round((slot.until - slot.since) / timedelta(days=1)) for slot in months]
    assert lengths == [31] * 6 + [30] * 6


def test_weekdays_are_no_slots():
    with pytest.raises(ValueError, match="gathers"):
        slots(span_of(TODAY, TODAY, UTC), "weekday", UTC, "gregorian")


@pytest.mark.parametrize(
    ("first", "last", "calendar", "expected"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), "gregorian", (date(2026, 2, 1), date(2026, 2, 28))),
        (date(2026, 11, 1), TODAY, "gregorian", (date(2026, 10, 1), date(2026, 10, 25))),
        (date(2026, 1, 1), date(2026, 12, 31), "gregorian", (date(2025, 1, 1), date(2025, 12, 31))),
        (date(2026, 11, 23), TODAY, "gregorian", (date(2026, 11, 16), date(2026, 11, 18))),
        (date(2026, 10, 1), TODAY, "gregorian", (date(2026, 7, 1), date(2026, 8, 25))),
        (date(2026, 1, 1), TODAY, "gregorian", (date(2025, 1, 1), date(2025, 11, 25))),
        (date(2026, 2, 1), TODAY, "gregorian", (date(2025, 4, 9), date(2026, 1, 31))),
        (jalali(1405, 7, 1), TODAY, "jalali", (jalali(1405, 4, 1), jalali(1405, 6, 2))),
        (date(2026, 11, 16), date(2026, 11, 22), "gregorian", (date(2026, 11, 9), date(2026, 11, 15))),
        (TODAY, TODAY, "gregorian", (date(2026, 11, 24), date(2026, 11, 24))),
        (date(2026, 11, 5), date(2026, 11, 14), "gregorian", (date(2026, 10, 26), date(2026, 11, 4))),
        (jalali(1405, 1, 1), jalali(1405, 1, 31), "jalali", (jalali(1404, 12, 1), jalali(1404, 12, 29))),
        (jalali(1404, 1, 1), jalali(1404, 1, 31), "jalali", (jalali(1403, 12, 1), jalali(1403, 12, 30))),
        (jalali(1405, 7, 1), jalali(1405, 7, 30), "jalali", (jalali(1405, 6, 1), jalali(1405, 6, 31))),
    ],
)  # fmt: skip
def test_a_period_is_compared_with_the_one_of_its_kind_before_it(first, last, calendar, expected):
    before = previous(span_of(first, last, TEHRAN), "", TEHRAN, calendar)
    assert (before.first, before.last) == expected


@pytest.mark.parametrize(
    ("first", "last", "calendar", "expected"),
    [
        (date(2024, 2, 1), date(2024, 2, 29), "gregorian", (date(2023, 2, 1), date(2023, 2, 28))),
        (date(2026, 11, 1), TODAY, "gregorian", (date(2025, 11, 1), date(2025, 11, 25))),
        (jalali(1403, 12, 30), jalali(1403, 12, 30), "jalali", (jalali(1402, 12, 29), jalali(1402, 12, 29))),
        (jalali(1405, 1, 1), jalali(1405, 1, 31), "jalali", (jalali(1404, 1, 1), jalali(1404, 1, 31))),
    ],
)  # fmt: skip
def test_a_year_before_are_the_same_dates_of_the_calendar(first, last, calendar, expected):
    before = year_before(span_of(first, last, TEHRAN), TEHRAN, calendar)
    assert (before.first, before.last) == expected


@given(DAYS, st.integers(0, 400), st.sampled_from(["day", "week", "month"]), ZONES, CALENDARS)
def test_slots_are_the_whole_period_without_a_gap(first, days, grouping, zone, calendar):
    span = span_of(first, first + timedelta(days=days), zone)
    found = slots(span, grouping, zone, calendar)
    assert (found[0].since, found[-1].until) == (span.since, span.until)
    assert all(one.until == other.since for one, other in pairwise(found))
    assert len({slot.value for slot in found}) == len(found)


@given(DAYS, st.sampled_from(["interval", "hour"]), ZONES)
def test_quarters_and_hours_are_the_whole_day_without_a_gap(day, grouping, zone):
    span = span_of(day, day, zone)
    found = slots(span, grouping, zone, "gregorian")
    assert (found[0].since, found[-1].until) == (span.since, span.until)
    assert all(one.until == other.since for one, other in pairwise(found))
    assert {slot.first for slot in found} == {day}


@given(DAYS, CALENDARS, st.sampled_from(get_args(Quick)))
def test_a_period_by_name_is_over_or_goes_to_today(day, calendar, name):
    first, last = quick(name, day, calendar)
    assert first <= last <= day
    before = previous(span_of(first, last, UTC), "", UTC, calendar)
    assert before.first <= before.last < first
    assert week_start(first, calendar) <= first


def test_irans_holidays_of_the_solar_year_are_named_by_their_day():
    span = span_of(jalali(1404, 12, 25), jalali(1405, 1, 14), TEHRAN)
    days = [day for day, _ in of_span(span, "IR")]
    assert days == [jalali(1404, 12, 29), *(jalali(1405, 1, day) for day in (1, 2, 3, 4, 12, 13))]
    assert list(of_span(span, "DE")) == []
