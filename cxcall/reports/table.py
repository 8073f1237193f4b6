"""A report as a table with typed cells, for files: the same rows, figures and sentences as its page.

Times are told in both calendars. A figure that is not a count has beside it of how many it was made, and, where a
report is compared, what it is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Literal, Protocol

from cxcall.reports.answer import Answer, Figure, Key, Line, Note
from cxcall.reports.arranging import Slots, slots_of
from cxcall.reports.definition import Definition, Row, Short
from cxcall.reports.measures import find
from cxcall.reports.period import CalendarName, Span

Kind = Literal["text", "date", "moment", "count", "share", "seconds", "points", "score", "mean", "per_minute"]
"""What a column holds: from `count` on the units of measures; a mean of counts is a `mean`."""
Cell = str | float | date | datetime | None
"""A moment is on the site's clock, without a zone."""

_CLOCKED: tuple[Row, ...] = ("interval", "hour")
_DAYS: tuple[Row, ...] = ("day", "week", "month")


class Words(Protocol):
    """How the parts of a report are called by who reads the file."""

    def row(self, row: Row) -> str: ...
    def row_jalali(self, row: Row) -> str: ...
    def measure(self, measure: str) -> str: ...
    def made_of(self, measure: str) -> str: ...
    def before(self, measure: str) -> str: ...
    def before_made_of(self, measure: str) -> str: ...
    def sentence(self, measure: str, short: Short) -> str: ...
    def key(self, key: Key) -> str: ...
    def jalali(self, day: date) -> str: ...
    def total(self) -> str: ...
    def server(self) -> str: ...
    def note(self, note: Note) -> str: ...
    def about(self, definition: Definition, span: Span, before: Span | None) -> Sequence[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`id`: `day`, `queue`, `asa`, `asa.n`, `asa.before`, `asa.before_n`; the same in all languages."""

    id: str
    title: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a figure of the table means, and of what it is shown."""

    measure: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: what it is about (label and value), columns, rows, the total as the last row, what there is to say."""

    title: str
    about: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]
    notes: tuple[str, ...]
    meanings: tuple[Meaning, ...]


def sheet(answer: Answer, title: str, *, words: Words, zone: tzinfo, calendar: CalendarName) -> Sheet:
    """The table of a report whose days are those of `zone`, grouped by `calendar`."""
    asked = answer.definition
    compared = answer.before is not None or bool(asked.other_queue)
    several = any(key.server for line in answer.lines for key in line.keys)
    times = slots_of(asked.by, answer.span, zone, calendar)
    heads = list(_heads(asked.by, words, several=several))
    return Sheet(
        title=title,
        about=tuple(words.about(asked, answer.span, answer.before)),
        columns=(*heads, *_columns(asked, words, compared=compared)),
        rows=tuple(
            (*_keys(line, times, words, zone, several=several), *_figures(line, asked, compared=compared))
            for line in answer.lines
        ),
        total=(*_total(len(heads), words), *_figures(answer.total, asked, compared=compared)),
        notes=tuple(words.note(note) for note in answer.notes),
        meanings=tuple(
            Meaning(measure=name, title=words.measure(name), sentence=words.sentence(name, asked.short))
            for name in asked.measures
        ),
    )


def _heads(by: Sequence[Row], words: Words, *, several: bool) -> Iterator[Column]:
    for row in by:
        if row in _DAYS:
            yield Column(id=row, title=words.row(row), kind="date")
            yield Column(id=f"{row}.jalali", title=words.row_jalali(row), kind="text")
        elif row in _CLOCKED:
            yield Column(id=row, title=words.row(row), kind="moment")
        else:
            yield Column(id=row, title=words.row(row), kind="text")
    if several:
        yield Column(id="on_server", title=words.server(), kind="text")


def _columns(asked: Definition, words: Words, *, compared: bool) -> Iterator[Column]:
    for name in asked.measures:
        kind = unit_of(name)
        yield Column(id=name, title=words.measure(name), kind=kind)
        counted = is_counted(name)
        if not counted:
            yield Column(id=f"{name}.n", title=words.made_of(name), kind="count")
        if compared:
            yield Column(id=f"{name}.before", title=words.before(name), kind=kind)
            if not counted:
                yield Column(id=f"{name}.before_n", title=words.before_made_of(name), kind="count")


def unit_of(name: str) -> Kind:
    """What a measure's column holds."""
    measure = find(name)
    if measure is None:
        return "count"
    return "mean" if measure.unit == "count" and not is_counted(name) else measure.unit


def is_counted(name: str) -> bool:
    """Whether a figure is just how many there were: then it is its own n."""
    measure = find(name)
    return measure is not None and measure.unit == "count" and measure.of is measure.many


def _keys(line: Line, times: Slots, words: Words, zone: tzinfo, *, several: bool) -> Iterator[Cell]:
    for key in line.keys:
        slot = next((one for one in times.get(key.row, ()) if one.value == key.value), None)
        if slot is not None and key.row in _CLOCKED:
            yield slot.since.astimezone(zone).replace(tzinfo=None)
        elif slot is not None:
            yield slot.first
            yield words.jalali(slot.first)
        else:
            yield words.key(key)
    if several:
        yield next((key.server for key in line.keys if key.server), "")


def _figures(line: Line, asked: Definition, *, compared: bool) -> Iterator[Cell]:
    for name in asked.measures:
        figure = line.figures.get(name, Figure(value=None, n=0))
        counted = is_counted(name)
        yield figure.value
        if not counted:
            yield figure.n
        if compared:
            yield figure.before
            if not counted:
                yield figure.before_n


def _total(heads: int, words: Words) -> Iterator[Cell]:
    for n in range(heads):
        yield words.total() if n == 0 else None
