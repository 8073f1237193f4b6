"""A roster that was uploaded: a CSV file of agent, date, from, to, activity, read line by line with what is wrong.

UTF-8, UTF-16 or Windows-1256; comma, semicolon or tab; digits of any script; dates of both calendars; columns in any
order under English or Persian names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from typing import Any, Literal

from persiantools.jdatetime import JalaliDate

from cxcall.letters import ascii_digits, search_key, tidy
from cxcall.staffing.shift import Activity, Shift, clash, moments

MOST_LINES = 50_000
MOST_BYTES = 8 * 1024 * 1024

Field = Literal["agent", "date", "from", "to", "activity"]
FIELDS: tuple[Field, ...] = ("agent", "date", "from", "to", "activity")
Code = Literal[
    "no_agent", "unknown_agent", "ambiguous_agent", "bad_date", "bad_from", "bad_to", "same_time", "unknown_activity",
    "twice", "overlap",
]  # fmt: skip
Refusal = Literal["empty", "too_large", "too_many", "broken", "no_columns"]

_JALALI: Any = JalaliDate  # has no annotations
_DELIMITERS = (",", ";", "\t")
_NAMES: dict[Field, tuple[str, ...]] = {
    "agent": ("agent", "agents", "name", "login", "user", "extension", "person", "employee", "کارشناس", "نام",
              "نام کارشناس", "شماره داخلی", "داخلی", "نام کاربری", "اپراتور"),
    "date": ("date", "day", "تاریخ", "روز"),
    "from": ("from", "start", "begin", "begins", "since", "از", "شروع", "آغاز", "ساعت شروع", "از ساعت"),
    "to": ("to", "end", "ends", "until", "till", "تا", "پایان", "ساعت پایان", "تا ساعت"),
    "activity": ("activity", "what", "kind", "type", "فعالیت", "نوع", "کار"),
}  # fmt: skip
_ACTIVITIES: dict[Activity, tuple[str, ...]] = {
    "work": ("", "work", "shift", "working", "phone", "کار", "شیفت", "نوبت"),
    "break": ("break", "pause", "rest", "استراحت"),
    "lunch": ("lunch", "meal", "dinner", "ناهار", "نهار", "شام"),
    "training": ("training", "meeting", "course", "آموزش", "جلسه"),
    "absent": ("absent", "absence", "leave", "sick", "vacation", "holiday", "off", "غیبت", "غایب", "مرخصی", "بیماری"),
}
_BY_NAME = {search_key(name): field for field, names in _NAMES.items() for name in names}
_BY_WORD = {search_key(word): activity for activity, words in _ACTIVITIES.items() for word in words}
_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_TIME = re.compile(r"(\d{1,2})(?:[:.٫](\d{2})(?:[:.]00)?)?\s*([ap]m)?", re.IGNORECASE)


class UnreadableRoster(ValueError):
    """A file that is no roster at all; `code` says why."""

    def __init__(self, code: Refusal, missing: Sequence[Field] = ()) -> None:
        super().__init__(code)
        self.code: Refusal = code
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with a line: `value` as written, `line` the other line it does not go with."""

    code: Code
    value: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterLine:
    """A line of the file: an entry, or its troubles."""

    line: int
    cells: tuple[str, ...]
    shift: Shift | None = None
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Whom a roster can name: ids by the names, logins and extensions they go by (`search_key`)."""

    ids: Mapping[str, tuple[str, ...]]

    def find(self, name: str) -> tuple[str, ...]:
        key = search_key(name)
        return self.ids.get(key) or self.ids.get(key.removeprefix("pjsip/").removeprefix("sip/"), ())


def read_roster(data: bytes, people: People, zone: tzinfo) -> list[RosterLine]:
    """Every line of a file with what it says or what is wrong with it. Raises `UnreadableRoster`."""
    (_, header), *rows = _rows(data)
    columns: dict[Field, int] = {}
    for place, title in enumerate(header):
        known = _BY_NAME.get(search_key(title.replace("_", " ")))
        if known is not None:
            columns.setdefault(known, place)
    missing = [name for name in FIELDS if name != "activity" and name not in columns]
    if missing:
        raise UnreadableRoster("no_columns", missing)
    if len(rows) > MOST_LINES:
        raise UnreadableRoster("too_many")
    reader = _Reader(columns=columns, people=people, zone=zone)
    return list(_without_clashes(reader.line(line, cells) for line, cells in rows))


@lru_cache(maxsize=4096)
def read_day(text: str) -> date | None:
    """A date as people write it: 1405/08/30, 2026-11-21, 21.11.2026; years from 1300 to 1500 are Jalali."""
    found = _DATE.fullmatch(ascii_digits(tidy(text)))
    if found is None:
        return None
    one, month, other = (int(part) for part in found.groups())
    year, day = (one, other) if one > 31 else (other, one)
    try:
        return _JALALI(year, month, day).to_gregorian() if 1300 <= year <= 1500 else _gregorian(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def read_time(text: str) -> time | None:
    """A time of the day: 8, 8:30, 08.30, 0830, 5 pm; 24:00 is midnight."""
    written = ascii_digits(tidy(text)).replace("：", ":")
    if re.fullmatch(r"\d{3,4}", written):
        written = f"{written[:-2]}:{written[-2:]}"
    found = _TIME.fullmatch(written)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if (hour, minute) == (24, 0):
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


@lru_cache(maxsize=1024)
def read_activity(text: str) -> Activity | None:
    """An activity by its English or Persian name; nothing written is work."""
    return _BY_WORD.get(search_key(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    columns: Mapping[Field, int]
    people: People
    zone: tzinfo
    found: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def line(self, line: int, cells: tuple[str, ...]) -> RosterLine:
        def cell(field: Field) -> str:
            place = self.columns.get(field, len(cells))
            return cells[place] if place < len(cells) else ""

        name = cell("agent")
        if name not in self.found:
            self.found[name] = self.people.find(name) if name else ()
        ids = self.found[name]
        day, begins, ends = read_day(cell("date")), read_time(cell("from")), read_time(cell("to"))
        activity = read_activity(cell("activity"))
        troubles: list[Trouble] = []
        if not name:
            troubles.append(Trouble(code="no_agent"))
        elif len(ids) != 1:
            troubles.append(Trouble(code="ambiguous_agent" if ids else "unknown_agent", value=name))
        if day is None:
            troubles.append(Trouble(code="bad_date", value=cell("date")))
        if begins is None:
            troubles.append(Trouble(code="bad_from", value=cell("from")))
        if ends is None:
            troubles.append(Trouble(code="bad_to", value=cell("to")))
        elif begins == ends and ends != time(0):
            troubles.append(Trouble(code="same_time", value=cell("to")))
        if activity is None:
            troubles.append(Trouble(code="unknown_activity", value=cell("activity")))
        if troubles or day is None or begins is None or ends is None or activity is None:
            return RosterLine(line=line, cells=cells, troubles=tuple(troubles))
        since, until = moments(day, begins, ends, self.zone)
        return RosterLine(
            line=line, cells=cells, shift=Shift(agent=ids[0], since=since, until=until, activity=activity)
        )


def _without_clashes(lines: Iterator[RosterLine]) -> Iterator[RosterLine]:
    """Of lines that say the same, or what nobody can do at once, the first stays."""
    taken: dict[tuple[str, bool], dict[date, list[tuple[Shift, int]]]] = {}
    for line in lines:
        shift = line.shift
        if shift is None:
            yield line
            continue
        mine = taken.setdefault((shift.agent, shift.activity == "work"), {})
        days = {shift.since.date(), shift.until.date()}
        near = [one for day in days for one in mine.get(day, ())]
        other = next(((one, at) for one, at in near if clash(one, shift)), None)
        if other is not None:
            code: Code = "twice" if other[0] == shift else "overlap"
            yield RosterLine(line=line.line, cells=line.cells, troubles=(Trouble(code=code, line=other[1]),))
            continue
        for day in days:
            mine.setdefault(day, []).append((shift, line.line))
        yield line


def _rows(data: bytes) -> list[tuple[int, tuple[str, ...]]]:
    if len(data) > MOST_BYTES:
        raise UnreadableRoster("too_large")
    text = _decoded(data).removeprefix("\ufeff")
    if "\0" in text:
        raise UnreadableRoster("broken")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [(reader.line_num, tuple(tidy(cell).lstrip("'") for cell in row)) for row in reader]
    except csv.Error:
        raise UnreadableRoster("broken") from None
    rows = [(line, cells) for line, cells in rows if any(cells)]
    if not rows:
        raise UnreadableRoster("empty")
    return rows


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("cp1256", errors="replace")


def _gregorian(year: int, month: int, day: int) -> date:
    if not 1900 <= year <= 2200:
        raise ValueError(year)
    return date(year, month, day)


def overlapping(shifts: Sequence[Shift]) -> tuple[Shift, Shift] | None:
    """Two of these that a person can't have both, if there are any."""
    last: dict[tuple[str, bool], Shift] = {}
    for shift in sorted(shifts, key=lambda one: one.since):
        key = (shift.agent, shift.activity == "work")
        before = last.get(key)
        if before is not None and clash(before, shift):
            return before, shift
        if before is None or shift.until > before.until:
            last[key] = shift
    return None


def length_is_right(since: datetime, until: datetime) -> bool:
    """Whether an entry is longer than nothing and not longer than a day (of 25 hours where the clock goes back)."""
    return 0 < (until - since).total_seconds() <= 25 * 3600
