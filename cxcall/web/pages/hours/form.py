"""A calendar as a form: what was typed, the calendar it makes, and what its buttons do.

Fields: `name`, `zone`, `waiting`; of day n (Monday 0) `day.n.k.since` and `.to`; of holiday n `holiday.n.date`,
`.calendar`, `.title`, `.since`, `.to`. A pair of times that is empty is no hours; a holiday without a date is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cxcall.letters import tidy
from cxcall.queues.hours import Calendar, Holiday, Span
from cxcall.queues.hours_checks import calendar_problems
from cxcall.web.digits import typed
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as text_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

Pair = tuple[str, str]
MOST_SPANS = 6
MOST_HOLIDAYS = 200
SHOWN_SPANS = 2
LONGEST_NAME = 100
ALL_DAY = "00:00", "24:00"

IRAN: tuple[tuple[str, str], ...] = (
    ("01-01", "نوروز"), ("01-02", "نوروز"), ("01-03", "نوروز"), ("01-04", "نوروز"), ("01-12", "روز جمهوری اسلامی"),
    ("01-13", "روز طبیعت"), ("03-14", "رحلت امام خمینی"), ("03-15", "قیام ۱۵ خرداد"),
    ("11-22", "پیروزی انقلاب اسلامی"), ("12-29", "ملی شدن صنعت نفت"),
)  # fmt: skip
"""Official holidays of Iran that have a fixed day of the Jalali year; those of the lunar year move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A holiday as typed."""

    date: str = ""
    calendar: str = "jalali"
    title: str = ""
    hours: Pair = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the form has. `week`: Monday first. `errors` by field as sentences in the reader's language; `focus`: the id
    of the field to go on in."""

    name: str = ""
    zone: str = ""
    waiting: str = "stay"
    week: tuple[tuple[Pair, ...], ...] = ((),) * 7
    holidays: tuple[Day, ...] = ()
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    focus: str = ""


def typed_of(calendar: Calendar) -> Typed:
    """A calendar as the form shows it."""
    return Typed(
        name=calendar.name,
        zone=calendar.zone,
        waiting=calendar.waiting,
        week=tuple(tuple((span.since, span.to) for span in day) for day in calendar.week),
        holidays=tuple(
            Day(
                date=one.date, calendar=one.calendar, title=one.title,
                hours=(one.hours[0].since, one.hours[0].to) if one.hours else ("", ""),
            )
            for one in calendar.holidays
        ),
    )  # fmt: skip


def read(form: Form) -> Typed:
    """What was sent, in order, without what is empty."""
    week = []
    for day in range(7):
        pairs = [_pair(form, f"day.{day}.{n}") for n in range(MOST_SPANS)]
        week.append(tuple(pair for pair in pairs if any(pair)))
    numbers = sorted({int(name.split(".")[1]) for name in form if re.fullmatch(r"holiday\.\d{1,3}\.date", name)})
    return Typed(
        name=tidy(text_of(form, "name"))[:LONGEST_NAME],
        zone=text_of(form, "zone").strip(),
        waiting="leave" if text_of(form, "waiting") == "leave" else "stay",
        week=tuple(week),
        holidays=tuple(_day(form, n) for n in numbers[:MOST_HOLIDAYS]),
    )


def act(got: Typed, do: str, order: Sequence[int]) -> Typed:
    """What a button of the form does. `order`: days as the page has them, for "as the day before"."""
    word, _colon, more = do.partition(":")
    n = int(more) if more.isascii() and more.isdecimal() and len(more) < 4 else -1
    week, holidays = list(got.week), list(got.holidays)
    focus = ""
    if word == "same" and 0 <= n < 7:
        week[n] = week[order[order.index(n) - 1]]
        focus = f"same-{n}"
    elif word == "clear" and 0 <= n < 7:
        week[n] = ()
        focus = f"day-{n}-0-since"
    elif word == "all-day" and 0 <= n < 7:
        week[n] = (ALL_DAY,)
        focus = f"all-day-{n}"
    elif word == "add-holiday" and len(holidays) < MOST_HOLIDAYS:
        focus = f"holiday-{len(holidays)}-date"
        holidays.append(Day())
    elif word == "drop-holiday" and 0 <= n < len(holidays):
        del holidays[n]
        focus = f"drop-holiday-{min(n, len(holidays) - 1)}" if holidays else "add-holiday"
    elif word == "iran":
        there = {(day.calendar, day.date) for day in holidays}
        holidays += [Day(date=date, title=title) for date, title in IRAN if ("jalali", date) not in there]
        focus = "iran"
    return replace(got, week=tuple(week), holidays=tuple(holidays), focus=focus)


def made(got: Typed) -> tuple[Typed, Calendar]:
    """The calendar of what was typed, with what is wrong about it beside its fields."""
    days = [day for day in got.holidays if day.date or day.title or any(day.hours)]
    calendar = Calendar(
        name=got.name,
        zone=got.zone,
        waiting="leave" if got.waiting == "leave" else "stay",
        week=tuple(tuple(Span(since=since, to=to) for since, to in day) for day in got.week),
        holidays=tuple(
            Holiday(
                date=day.date, calendar="gregorian" if day.calendar == "gregorian" else "jalali", title=day.title,
                hours=(Span(since=day.hours[0], to=day.hours[1]),) if any(day.hours) else (),
            )
            for day in days
        ),
    )  # fmt: skip
    errors: dict[str, list[str]] = {}
    for field_, sentence in wrong_with(calendar):
        errors.setdefault(_place(field_), []).append(sentence)
    return replace(got, holidays=tuple(days), errors=errors), calendar


def wrong_with(calendar: Calendar) -> Iterator[tuple[str, str]]:
    """What is wrong with hours: `name`, `week.2.0.since` …, and a sentence in the reader's language."""
    if not calendar.name:
        yield "name", _(NO_NAME)
    for problem in calendar_problems(calendar):
        sentence = problem.sentence
        yield problem.field, _(sentence).format(**problem.values)


NO_NAME = N_("Give the hours a name.")


def _place(field_: str) -> str:
    """Which line of the form a problem stands in: `week.2.0.since` → `day.2`, `holidays.1.hours.0.to` → `holiday.1`."""
    kind, _dot, rest = field_.partition(".")
    n = rest.partition(".")[0]
    return {"week": f"day.{n}", "holidays": f"holiday.{n}"}.get(kind, field_)


def _pair(form: Form, name: str) -> Pair:
    return _time(text_of(form, f"{name}.since")), _time(text_of(form, f"{name}.to"))


def _time(text: str) -> str:
    """A time as typed, in the form `HH:MM` where it can be: 9, 9:5, 930, ۰۹:۳۰."""
    text = typed(text).replace(".", ":")[:10]
    found = re.fullmatch(r"(\d{1,2}):?(\d{2})?", text, re.ASCII)
    return f"{int(found[1]):02}:{found[2] or '00'}" if found else text


def _day(form: Form, n: int) -> Day:
    name = f"holiday.{n}"
    calendar = text_of(form, f"{name}.calendar")
    return Day(
        date=_date(text_of(form, f"{name}.date")),
        calendar="gregorian" if calendar == "gregorian" else "jalali",
        title=tidy(text_of(form, f"{name}.title"))[:LONGEST_NAME],
        hours=_pair(form, name),
    )


def _date(text: str) -> str:
    """`1405/1/13` as 1405-01-13; what is no date as it was typed."""
    parts: Iterable[str] = re.split(r"[-/.]", typed(text)[:20])
    numbers = [part for part in parts if part.isascii() and part.isdecimal()]
    if len(numbers) not in (2, 3) or re.search(r"[^\d/.-]", typed(text)):
        return typed(text)[:20]
    return "-".join(part.zfill(2) for part in numbers)
