"""A report as it is asked for in an address or on the command line: words to a definition and a period.

`when` (today, last_week …) or `from` and `to` in either calendar, `by`, `measures`, `queue`, `agent`, `server`, `did`,
`direction`, `weekday`, `hour` (several with commas; * for all), `short` (out, in), `compare` (before, year, goal,
`queue:NAME`, none), `calendar`. What is not said is as the report has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, get_args

import msgspec
from persiantools.jdatetime import JalaliDate

from cxcall.problem import Problem
from cxcall.reports.answer import Key
from cxcall.reports.checking import BadReport
from cxcall.reports.definition import Definition, Narrowing, Row
from cxcall.reports.period import CalendarName, Span, quick, span_of
from cxcall.web.digits import typed
from cxcall.web.words import N_

NAMES = (
    "when", "from", "to", "by", "measures", "queue", "agent", "server", "did", "direction", "weekday", "hour",
    "short", "compare", "calendar",
)  # fmt: skip
"""Every word that is understood."""
QUICK = ("today", "yesterday", "week", "last_week", "month", "last_month", "quarter", "year", "last_year")
DEFAULT = "today"
OTHER_QUEUE = "queue:"
ALL = "*"
"""Of a kind, where a saved report is narrowed to some."""
NOTHING = "none"
"""To compare with, where a saved report is compared."""

SENTENCES: dict[str, str] = {
    "no_date": N_("{text} is no date. Write 2026-11-21 or 1405-08-30."),
    "one_date": N_("Say both days, from and to."),
    "late_first": N_("The first day is after the last."),
    "no_quick": N_("There is no period {text}. There are: {known}."),
    "no_row": N_("There are no rows by {text}. There are: {known}."),
    "no_choice": N_("{text} is none of: {known}."),
    "no_key": N_("Name the row by its {n} value(s), with | between them."),
    "no_number": N_("{text} is no whole number."),
}

_ROWS: tuple[Row, ...] = get_args(Row)
_TEXTS = {"server": "servers", "queue": "queues", "agent": "agents", "did": "dids", "direction": "directions"}
_NUMBERS = {"weekday": "weekdays", "hour": "hours"}
_JALALI: Any = JalaliDate  # has no annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A report over a period in a calendar; `when` is the name of the period, "" for days that were given."""

    definition: Definition
    span: Span
    calendar: CalendarName
    when: str


def read(base: Definition, said: Mapping[str, str], *, today: date, zone: tzinfo, calendar: CalendarName) -> Question:
    """What is asked for. Raises `BadReport` with a problem for each word that can't be used, by the word's name."""
    found = _Reader(said)
    calendar = found.choice("calendar", ("gregorian", "jalali"), calendar)
    first, last, when = found.days(today, calendar)
    other = found.get("compare")
    other_queue = other.removeprefix(OTHER_QUEUE) if other.startswith(OTHER_QUEUE) else ""
    compare = "" if other_queue else found.choice("compare", ("", "before", "year", "goal", NOTHING), base.compare)
    definition = msgspec.structs.replace(
        base,
        by=found.rows(base.by),
        measures=found.texts("measures") or base.measures,
        narrowing=found.narrowing(base.narrowing),
        short=found.choice("short", ("out", "in"), base.short),
        compare="" if compare == NOTHING else compare,
        other_queue=other_queue or ("" if other else base.other_queue),
    )
    if found.problems:
        raise BadReport(found.problems)
    return Question(definition=definition, span=span_of(first, last, zone), calendar=calendar, when=when)


def keys_of(definition: Definition, text: str, servers: Sequence[str] = ()) -> tuple[Key, ...]:
    """A row by the values of its keys, in the order of `by`, with `|` between them; a queue may have its server behind
    an @ (support@lab), as it must where there are several `servers`. Raises `BadReport`."""
    values = text.split("|") if text else []
    if len(values) != len(definition.by):
        raise BadReport([_problem("key", "no_key", {"n": str(len(definition.by))})])
    known = definition.narrowing.servers or tuple(servers)
    usual = known[0] if len(known) == 1 else ""
    return tuple(_key(row, value, usual) for row, value in zip(definition.by, values, strict=True))


def key_word(keys: Sequence[Key]) -> str:
    """The word that `keys_of` reads."""
    return "|".join(f"{key.value}@{key.server}" if key.server else key.value for key in keys)


def _key(row: Row, value: str, server: str) -> Key:
    if row != "queue":
        return Key(row=row, value=value, title=value)
    name, at, named = value.rpartition("@")
    return Key(row=row, value=name, title=name, server=named) if at else Key(row=row, value=value, server=server)


def day_of(text: str) -> date | None:
    """A day of either calendar, told by its year: 2026-11-21, 1405/08/30; None when it is none."""
    parts = typed(text).replace("/", "-").split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        return None
    year, month, day = map(int, parts)
    try:
        found = _JALALI(year, month, day).to_gregorian() if 1200 <= year < 1700 else date(year, month, day)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2300 else None


def today_of(now: datetime, zone: tzinfo) -> date:
    """The day it is in a zone."""
    return now.astimezone(zone).date()


class _Reader:
    """Reads one word after the other and gathers what is wrong."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = said
        self.problems: list[Problem] = []

    def get(self, name: str) -> str:
        return self._said.get(name, "").strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """Several, each once."""
        return tuple(dict.fromkeys(part.strip() for part in self.get(name).split(",") if part.strip()))

    def choice(self, name: str, known: tuple[Any, ...], default: Any) -> Any:
        text = self.get(name)
        if text and text not in known:
            self._wrong(name, "no_choice", text=text, known=", ".join(word for word in known if word))
            return default
        return text or default

    def rows(self, default: tuple[Row, ...]) -> tuple[Row, ...]:
        """`total`: no rows."""
        said = self.texts("by")
        if said == ("total",):
            return ()
        for text in said:
            if text not in _ROWS:
                self._wrong("by", "no_row", text=text, known=", ".join(_ROWS))
        return tuple(row for text in said for row in _ROWS if row == text) or default

    def narrowing(self, default: Narrowing) -> Narrowing:
        values: dict[str, Any] = {field: self._some(name) for name, field in _TEXTS.items() if self.get(name)}
        values |= {field: self._numbers(name) for name, field in _NUMBERS.items() if self.get(name)}
        return msgspec.structs.replace(default, **values)

    def _some(self, name: str) -> tuple[str, ...]:
        """Several; none of them for all."""
        said = self.texts(name)
        return () if said == (ALL,) else said

    def days(self, today: date, calendar: CalendarName) -> tuple[date, date, str]:
        """The first and the last day, and what they are called."""
        if not self.get("from") and not self.get("to"):
            when = self.choice("when", QUICK, DEFAULT)
            return (*quick(when, today, calendar), when)
        first, last = self._day("from"), self._day("to")
        if first is None or last is None:
            return today, today, ""
        if first > last:
            self._wrong("from", "late_first")
        return first, last, ""

    def _day(self, name: str) -> date | None:
        text = self.get(name)
        day = day_of(text) if text else None
        if day is None:
            self._wrong(name, "no_date" if text else "one_date", text=text)
        return day

    def _numbers(self, name: str) -> tuple[int, ...]:
        found = []
        for text in self._some(name):
            number = typed(text)
            if number.isascii() and number.isdecimal() and len(number) <= 2:
                found.append(int(number))
            else:
                self._wrong(name, "no_number", text=text)
        return tuple(found)

    def _wrong(self, field: str, code: str, **values: str) -> None:
        self.problems.append(_problem(field, code, values))


def _problem(field: str, code: str, values: Mapping[str, str]) -> Problem:
    return Problem(field=field, code=code, severity="error", sentence=SENTENCES[code], values=values)
