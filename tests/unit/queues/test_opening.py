"""When a queue is open, and what Asterisk is told about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.queues.hours import Calendar, Closure, Holiday, Span
from cxcall.queues.hours_checks import calendar_problems
from cxcall.queues.iftime import dialplan
from cxcall.queues.opening import Change, Closed, Open, applying, changes, state_at
from tests.unit.queues.asterisk_time import decided

DAY, NIGHT = Span(since="08:00", to="16:00"), Span(since="22:00", to="06:00")
WORKING = Calendar(name="Office", week=((DAY,), (DAY,), (DAY,), (), (), (DAY,), (DAY,)))
ALWAYS = Calendar(name="Always", week=((Span(since="00:00", to="24:00"),),) * 7)


def at(text: str, zone: str = "Asia/Tehran") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def test_hours_of_the_week_open_and_close_a_queue() -> None:
    assert state_at(WORKING, (), at("2026-11-22 09:00")) == Open(at("2026-11-22 16:00"))
    assert state_at(WORKING, (), at("2026-11-25 16:00")) == Closed(at("2026-11-28 08:00"), "hours")
    assert state_at(None, (), 0.0) == state_at(ALWAYS, (), at("2026-11-25 16:00")) == Open(None)
    never = msgspec.structs.replace(WORKING, week=((),) * 7)
    assert state_at(never, (), at("2026-11-25 16:00")) == Closed(None, "hours")


def test_a_night_goes_on_over_midnight_into_a_holiday() -> None:
    nights = msgspec.structs.replace(WORKING, week=((NIGHT,),) * 7, holidays=(Holiday(date="2026-11-23", title="X"),))
    assert state_at(nights, (), at("2026-11-23 05:59")) == Open(at("2026-11-23 06:00"))
    assert state_at(nights, (), at("2026-11-23 23:00")) == Closed(at("2026-11-24 22:00"), "holiday", "X")


def test_holidays_of_both_calendars_count_every_year_or_once() -> None:
    calendar = msgspec.structs.replace(
        WORKING,
        holidays=(
            Holiday(date="01-01", title="نوروز", calendar="jalali"),
            Holiday(date="1406-01-02", title="Second", calendar="jalali"),
            Holiday(date="12-25", title="Christmas", hours=(Span(since="10:00", to="12:00"),)),
        ),
    )
    assert state_at(calendar, (), at("2027-03-21 10:00")) == Closed(at("2027-03-23 08:00"), "holiday", "نوروز")
    assert state_at(calendar, (), at("2028-03-20 10:00")) == Closed(at("2028-03-21 08:00"), "holiday", "نوروز")
    assert state_at(calendar, (), at("2026-12-25 10:30")) == Open(at("2026-12-25 12:00"))
    assert state_at(calendar, (), at("2026-12-25 09:30")) == Closed(at("2026-12-25 10:00"), "holiday", "Christmas")


def test_closed_now_wins_until_its_time_and_then_the_hours_decide() -> None:
    noon, evening = at("2026-11-22 12:00"), at("2026-11-22 20:00")
    short = Closure(queue="billing", until=noon, why="Fire drill")
    long = Closure(queue="", until=evening)
    assert applying([short, long], "sales") == (long,)
    morning = at("2026-11-22 09:00")
    assert state_at(WORKING, [short], morning) == Closed(noon, "closure", closure=short)
    assert state_at(WORKING, [short, long], morning) == Closed(at("2026-11-23 08:00"), "closure", closure=long)
    assert state_at(WORKING, [short], noon) == Open(at("2026-11-22 16:00"))
    lasting = Closure(queue="billing")
    assert state_at(WORKING, [short, lasting], morning) == Closed(None, "closure", closure=lasting)


def test_the_next_changes_are_told_with_their_reasons() -> None:
    calendar = msgspec.structs.replace(WORKING, holidays=(Holiday(date="2026-11-24", title="Closed day"),))
    closure = Closure(queue="", until=at("2026-11-22 10:00"))
    assert changes(calendar, [closure], at("2026-11-22 09:00"), count=4) == (
        Change(at("2026-11-22 10:00"), True),
        Change(at("2026-11-22 16:00"), False),
        Change(at("2026-11-23 08:00"), True),
        Change(at("2026-11-23 16:00"), False),
    )
    assert changes(ALWAYS, (), at("2026-11-22 09:00")) == ()


def test_summer_time_moves_the_moment_and_not_the_clock() -> None:
    berlin = msgspec.structs.replace(WORKING, zone="Europe/Berlin", week=((DAY,),) * 7)
    assert state_at(berlin, (), at("2027-03-28 00:30", "Europe/Berlin")) == Closed(
        datetime(2027, 3, 28, 6, tzinfo=UTC).timestamp(), "hours"
    )
    always = msgspec.structs.replace(ALWAYS, zone="Europe/Berlin")
    assert state_at(always, (), at("2027-03-28 00:30", "Europe/Berlin")) == Open(None)


def test_asterisk_is_told_the_days_that_are_not_like_their_weekday_first() -> None:
    nights = ((DAY,), (DAY,), (DAY, NIGHT), (), (), (DAY,), (DAY,))
    calendar = msgspec.structs.replace(
        WORKING,
        week=nights,
        holidays=(
            Holiday(date="01-01", calendar="jalali"),
            Holiday(date="01-02", calendar="jalali"),
            Holiday(date="12-25", hours=(Span(since="10:00", to="12:00"),)),
            Holiday(date="2026-11-28"),
            Holiday(date="2026-11-30"),
        ),
    )
    assert dialplan(calendar, date(2026, 11, 22)) == (
        "closed|*,*,28,nov,Asia/Tehran",
        "closed|*,*,30,nov,Asia/Tehran",
        "open|10:00-11:59,*,25,dec,Asia/Tehran",
        "closed|*,*,25,dec,Asia/Tehran",
        "closed|*,*,21-22,mar,Asia/Tehran",
        "open|08:00-15:59,sat-wed,*,*,Asia/Tehran",
        "open|22:00-23:59,wed,*,*,Asia/Tehran",
        "open|00:00-05:59,thu,*,*,Asia/Tehran",
    )
    assert dialplan(ALWAYS, date(2026, 11, 22)) == ("open|*,*,*,*,Asia/Tehran",)


clocks = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
days = st.lists(st.builds(Span, since=clocks, to=clocks | st.just("24:00")), max_size=2).map(tuple)
holidays = st.lists(
    st.builds(
        Holiday,
        date=st.integers(0, 364).map(lambda n: (date(2026, 6, 1) + timedelta(days=n)).isoformat())
        | st.sampled_from(["01-01", "03-20", "12-29", "06-30"]),
        hours=days,
    )
    | st.builds(
        Holiday, date=st.sampled_from(["01-01", "01-13", "12-29", "1405-07-30"]), calendar=st.just("jalali"), hours=days
    ),
    max_size=4,
).map(tuple)


@given(
    week=st.lists(days, min_size=7, max_size=7).map(tuple),
    holidays=holidays,
    minutes=st.lists(st.integers(0, 364 * 96), min_size=10, max_size=10),
)
@settings(max_examples=30, deadline=None)
def test_asterisk_decides_as_we_do(
    week: tuple[tuple[Span, ...], ...], holidays: tuple[Holiday, ...], minutes: list[int]
) -> None:
    calendar = Calendar(name="x", week=week, holidays=holidays)
    rules = dialplan(calendar, date(2026, 6, 1))
    for minute in minutes:
        for moment in (at("2026-06-01 00:00") + minute * 900, at("2026-06-01 00:00") + minute * 900 - 1):
            if moment >= at("2026-06-01 00:00"):
                here = "open" if isinstance(state_at(calendar, (), moment), Open) else "closed"
                assert decided(rules, moment) == here, datetime.fromtimestamp(moment, ZoneInfo("Asia/Tehran"))


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"zone": "Europe/Atlantis"}, [("zone", "unknown_zone")]),
        ({"zone": "../../etc/passwd"}, [("zone", "unknown_zone")]),
        ({"week": ((DAY,),) * 6}, [("week", "week_length")]),
        ({"week": ((Span(since="8:00", to="25:00"),), *((),) * 6)},
         [("week.0.0.since", "time_form"), ("week.0.0.to", "time_form")]),
        ({"week": ((NIGHT, Span(since="23:00", to="23:30")), *((),) * 6)}, [("week.0", "spans_overlap")]),
        ({"holidays": (Holiday(date="12-30", calendar="jalali"), Holiday(date="02-30"), Holiday(date="2027-02-29"))},
         [("holidays.1.date", "date_form"), ("holidays.2.date", "date_form")]),
        ({"holidays": (Holiday(date="01-01"), Holiday(date="01-01", calendar="jalali"), Holiday(date="01-01"))},
         [("holidays.2.date", "date_twice")]),
    ],
)  # fmt: skip
def test_wrong_hours_are_named(changed: dict[str, object], codes: list[tuple[str, str]]) -> None:
    found = calendar_problems(msgspec.structs.replace(WORKING, **changed))
    assert [(each.field, each.code) for each in found] == codes
    assert all("{" not in each.text for each in found)
