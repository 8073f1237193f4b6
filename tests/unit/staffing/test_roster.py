"""Rosters from files: encodings, separators, digits, calendars, and what is wrong with a line."""

from __future__ import annotations

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cxcall.staffing.roster import (
    People,
    RosterLine,
    Trouble,
    UnreadableRoster,
    overlapping,
    read_activity,
    read_day,
    read_roster,
    read_time,
)
from cxcall.staffing.shift import Activity, Shift, flat, moments

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
PEOPLE = People(ids={"sara": ("s",), "سارا احمدی": ("s",), "1001": ("s",), "reza": ("r",), "ali": ("a1", "a2")})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read(text: str, encoding: str = "utf-8", zone: ZoneInfo = TEHRAN) -> list[RosterLine]:
    return read_roster(text.encode(encoding), PEOPLE, zone)


def shifts(lines: list[RosterLine]) -> list[Shift | None]:
    return [line.shift for line in lines]


PLAIN = "agent,date,from,to,activity\nSara,2026-11-21,08:00,16:00,work\nPJSIP/1001,2026-11-21,12:00,12:30,lunch\n"


def test_a_plain_file_is_read_in_the_zone_of_the_site():
    assert shifts(read(PLAIN)) == [
        Shift(agent="s", since=at("2026-11-21T04:30"), until=at("2026-11-21T12:30"), activity="work"),
        Shift(agent="s", since=at("2026-11-21T08:30"), until=at("2026-11-21T09:00"), activity="lunch"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_of_spreadsheets(encoding, separator):
    text = "نام,تاريخ,از,تا,نوع\r\nreza,1405/08/30,8:00,16:00,مرخصي\r\n"
    if encoding == "cp1256":
        text = text.replace("ي", "ى")  # that code page has no other ye
    (line,) = read(text.replace(",", separator), encoding)
    assert line.shift == Shift(agent="r", since=at("2026-11-21T04:30"), until=at("2026-11-21T12:30"), activity="absent")


def test_persian_digits_names_and_jalali_dates():
    (line,) = read("کارشناس;روز;شروع;پایان\nسارا احمدی;۱۴۰۵/۰۸/۳۰;۸:۳۰;۱۶:۰۰\n")
    assert line.shift == Shift(agent="s", since=at("2026-11-21T05:00"), until=at("2026-11-21T12:30"))


def test_a_night_shift_ends_on_the_next_day():
    (line,) = read("agent,date,from,to\nSara,2026-11-21,22:00,06:00\n")
    assert line.shift is not None
    assert line.shift.seconds == 8 * 3600


def test_midnight_is_the_end_of_the_day():
    for end in ("24:00", "0:00", "00:00"):
        (line,) = read(f"agent,date,from,to\nSara,2026-11-21,16:00,{end}\n")
        assert line.shift is not None
        assert line.shift.seconds == 8 * 3600


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-01", 8)])
def test_a_night_in_which_the_clock_changes_is_as_long_as_it_is(day, hours):
    since, until = moments(date.fromisoformat(day), time(22), time(6), BERLIN)
    assert until - since == timedelta(hours=hours)


def test_columns_come_in_any_order_and_strange_ones_are_left():
    (line,) = read("Date,Team,End,Start,Agent\n21.11.2026,North,1600,800,sara\n")
    assert line.shift is not None
    assert line.shift.since == at("2026-11-21T04:30")


@pytest.mark.parametrize(
    ("cells", "trouble"),
    [
        (",2026-11-21,8,16,work", Trouble(code="no_agent")),
        ("Nobody,2026-11-21,8,16,work", Trouble(code="unknown_agent", value="Nobody")),
        ("Ali,2026-11-21,8,16,work", Trouble(code="ambiguous_agent", value="Ali")),
        ("Sara,1405/13/01,8,16,work", Trouble(code="bad_date", value="1405/13/01")),
        ("Sara,2026-11-21,25:00,16,work", Trouble(code="bad_from", value="25:00")),
        ("Sara,2026-11-21,8,,work", Trouble(code="bad_to", value="")),
        ("Sara,2026-11-21,8,8:00,work", Trouble(code="same_time", value="8:00")),
        ("Sara,2026-11-21,8,16,skiing", Trouble(code="unknown_activity", value="skiing")),
    ],
)
def test_a_line_says_what_is_wrong_with_it_and_loses_nothing(cells, trouble):
    good = "Reza,2026-11-21,8,16,work"
    first, second = read(f"agent,date,from,to,activity\n{cells}\n{good}\n")
    assert first.troubles == (trouble,)
    assert first.cells == tuple(cells.split(","))
    assert (first.line, first.shift) == (2, None)
    assert second.shift is not None


def test_a_line_with_several_troubles_says_them_all():
    (line,) = read("agent,date,from,to,activity\nNobody,never,noon,tea,skiing\n")
    assert [one.code for one in line.troubles] == [
        "unknown_agent",
        "bad_date",
        "bad_from",
        "bad_to",
        "unknown_activity",
    ]


def test_of_two_shifts_over_each_other_the_first_stays():
    lines = read(
        "agent,date,from,to,activity\nSara,2026-11-21,8,16,work\nSara,2026-11-21,15,20,work\n"
        "Sara,2026-11-21,12,13,lunch\nSara,2026-11-21,12:30,13:30,training\nReza,2026-11-21,15,20,work\n"
        "Sara,2026-11-21,8,16,work\nSara,2026-11-20,22,8:30,work\n"
    )
    assert [line.troubles for line in lines] == [
        (), (Trouble(code="overlap", line=2),), (), (Trouble(code="overlap", line=4),), (),
        (Trouble(code="twice", line=2),), (Trouble(code="overlap", line=2),),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"), (b"\n \n", "empty"), (b"agent,date\nSara,2026-11-21\n", "no_columns"),
        (b"a\0b", "broken"), (b"x" * (8 * 1024 * 1024 + 1), "too_large"),
        (b"agent,date,from,to\n" + b"a,b,c,d\n" * 50_001, "too_many"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_roster_is_refused_with_the_reason(data, code):
    with pytest.raises(UnreadableRoster) as refused:
        read_roster(data, PEOPLE, TEHRAN)
    assert refused.value.code == code


def test_missing_columns_are_named():
    with pytest.raises(UnreadableRoster) as refused:
        read("agent,date,begin\nSara,2026-11-21,8\n")
    assert refused.value.missing == ("to",)


def test_fifty_thousand_lines_are_read_in_seconds():
    text = "agent,date,from,to,activity\n" + "".join(
        f"{who},{date(2026, 1, 1) + timedelta(days=n % 365)},{hour:02}:00,{hour + 1:02}:00,work\n"
        for n in range(365) for who in ("sara", "reza") for hour in range(23)
    ) + "ghost,2026-01-01,8,9,work\n" * 30_000  # fmt: skip
    begun = clock.monotonic()
    lines = read("\n".join(text.splitlines()[:50_001]))
    assert len(lines) == 46_790
    assert sum(line.shift is not None for line in lines) == 16_790
    assert clock.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1405/08/30", date(2026, 11, 21)), ("30/08/1405", date(2026, 11, 21)), ("1403-12-30", date(2025, 3, 20)),
        ("1404/12/30", None), ("2026-02-29", None), ("21.11.2026", date(2026, 11, 21)), ("21/11/26", None), ("", None),
    ],
)  # fmt: skip
def test_days_of_both_calendars(text, day):
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("8", time(8)), ("08:30", time(8, 30)), ("0830", time(8, 30)), ("5 pm", time(17)), ("12 am", time(0)),
        ("13 pm", None), ("24:00", time(0)), ("24:01", None), ("8:60", None), ("08:30:00", time(8, 30)), ("x", None),
    ],
)  # fmt: skip
def test_times_as_people_write_them(text, read):
    assert read_time(text) == read


def test_activities_have_persian_names():
    assert [read_activity(word) for word in ("", "شیفت", "نهار", "آموزش", "مرخصی", "Break", "?")] == [
        "work", "work", "lunch", "training", "absent", "break", None,
    ]  # fmt: skip


def test_a_break_is_cut_out_of_the_shift_it_lies_over():
    def one(since: int, until: int, activity: Activity = "work") -> Shift:
        return Shift(
            agent="s", since=at(f"2026-11-21T{since:02}:00"), until=at(f"2026-11-21T{until:02}:00"), activity=activity
        )

    shift, lunch, away = one(8, 16), one(12, 13, "lunch"), one(15, 16, "absent")
    assert flat([away, lunch, shift]) == [one(8, 12), lunch, one(13, 15), away]
    assert overlapping([shift, lunch, away]) is None
    assert overlapping([shift, one(15, 17)]) == (shift, one(15, 17))
