"""Reports as the API gives them: rows of figures with their n, and what each figure means."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from cxcall.reports.answer import Answer, Figure, Key, Line
from cxcall.reports.definition import Compare, Row, Short
from cxcall.reports.measures import find
from cxcall.reports.period import CalendarName, Span
from cxcall.reports.ready_made import READY_MADE, Kind, kind_of
from cxcall.store.own_reports import OwnReport
from cxcall.web import report_words
from cxcall.web.api.wire import Time

Words = Annotated[str, msgspec.Meta(max_length=4000)]
Short_ = Annotated[str, msgspec.Meta(max_length=200)]


class ReportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`when` (today, yesterday, week, last_week, month, last_month, quarter, year, last_year), or `from` and `to`, days
    of either calendar. Several values have commas between them; `by=total` leaves out the rows. `compare`: before,
    year, goal or `queue:NAME`. What is left out is as the report has it."""

    when: Short_ | None = None
    from_: Short_ | None = msgspec.field(default=None, name="from")
    to: Short_ | None = None
    by: Short_ | None = None
    measures: Words | None = None
    queue: Words | None = None
    agent: Words | None = None
    server: Words | None = None
    did: Words | None = None
    direction: Short_ | None = None
    weekday: Short_ | None = None
    hour: Short_ | None = None
    short: Short_ | None = None
    compare: Short_ | None = None
    calendar: Short_ | None = None

    def said(self) -> dict[str, str]:
        """The words that were given, by name."""
        names = zip(self.__struct_encode_fields__, self.__struct_fields__, strict=True)
        return {outside: value for outside, inside in names if (value := getattr(self, inside))}


class ShownMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: its `unit` (times are seconds, shares parts of one), the kinds of rows it can be told by, which way is
    good, its name and sentence in the language asked for."""

    id: str
    unit: str
    rows: list[str]
    good: Literal["up", "down", ""]
    name: str
    sentence: str


class ListedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A ready-made report and what it shows unless told otherwise."""

    name: str
    title: str
    sentence: str
    kind: Kind
    by: list[Row]
    measures: list[str]
    short: Short
    compare: Compare


class SavedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report somebody saved, which is asked for by `id` or `name`; `owner` is a user's name."""

    id: str
    name: str
    owner: str
    shared: str
    period: str


class ReportList(msgspec.Struct, frozen=True, kw_only=True):
    """All ready-made reports, what was saved and may be read (agents: nothing), and all figures any report can show."""

    items: list[ListedReport]
    saved: list[SavedReport]
    measures: list[ShownMeasure]


class ShownFigure(msgspec.Struct, frozen=True, kw_only=True):
    """`value` null: nothing to divide by. `n`: of how many. `before`, `before_n`: what it is compared with. `few`: too
    few to tell much by. `low` and `high`: the 95 % range of a score that has one."""

    value: float | None
    n: int
    before: float | None
    before_n: int
    few: bool
    low: float | None
    high: float | None


class ReportKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a row stands for: `value` is what `key` takes to open it."""

    row: Row
    value: str
    title: str
    server: str


class ReportLine(msgspec.Struct, frozen=True, kw_only=True):
    """A row; `incomplete`: its time is not over, or may still change."""

    keys: list[ReportKey]
    figures: dict[str, ShownFigure]
    incomplete: bool


class ReportDays(msgspec.Struct, frozen=True, kw_only=True):
    """Whole days of the site, the last included, and the moments they begin and end."""

    first: date
    last: date
    since: Time
    until: Time


class ReportNote(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be said: `complete_until` a moment, `recovered` calls, `fcr_open` days, `cut` rows, `zone`: not all
    is counted by the days of this zone yet."""

    code: Literal["complete_until", "recovered", "zone", "fcr_open", "cut"]
    n: int
    at: Time | None
    sentence: str


class ReportHoliday(msgspec.Struct, frozen=True, kw_only=True):
    """A holiday of the country or of the site."""

    day: date
    title: str


class ShownReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report; `total` is counted from the whole. Shares are parts of one, times seconds."""

    name: str
    calendar: CalendarName
    by: list[Row]
    measures: list[ShownMeasure]
    short: Short
    compare: Compare
    other_queue: str
    days: ReportDays
    before: ReportDays | None
    lines: list[ReportLine]
    total: ReportLine
    goals: dict[str, float]
    notes: list[ReportNote]
    holidays: list[ReportHoliday]


def listed() -> list[ListedReport]:
    """The ready-made reports in their order."""
    return [
        ListedReport(
            name=name,
            title=report_words.report_name(name),
            sentence=report_words.report_sentence(name),
            kind=kind_of(name),
            by=list(one.by),
            measures=list(one.measures),
            short=one.short,
            compare=one.compare,
        )
        for name, one in READY_MADE.items()
    ]


def saved_report(kept: OwnReport) -> SavedReport:
    """A saved report as the list has it."""
    return SavedReport(id=kept.id, name=kept.name, owner=kept.owner, shared=kept.shared, period=kept.period)


def shown_measure(name: str, short: Short = "out") -> ShownMeasure:
    """A figure with its words."""
    measure = find(name)
    if measure is None:
        raise KeyError(name)
    return ShownMeasure(
        id=name,
        unit=measure.unit,
        rows=sorted(measure.rows),
        good=measure.good,
        name=report_words.name(name),
        sentence=report_words.sentence(name, short),
    )


def shown(name: str, answer: Answer, calendar: CalendarName) -> ShownReport:
    """A report as the API gives it."""
    asked, span, before = answer.definition, answer.span, answer.before
    return ShownReport(
        name=name,
        calendar=calendar,
        by=list(asked.by),
        measures=[shown_measure(one, asked.short) for one in asked.measures],
        short=asked.short,
        compare=asked.compare,
        other_queue=asked.other_queue,
        days=_days(span),
        before=None if before is None else _days(before),
        lines=[_line(line) for line in answer.lines],
        total=_line(answer.total),
        goals=dict(answer.goals),
        notes=[
            ReportNote(code=note.code, n=note.n, at=note.at, sentence=report_words.note_text(note))
            for note in answer.notes
        ],
        holidays=[ReportHoliday(day=day, title=title) for day, title in answer.holidays],
    )


def _days(span: Span) -> ReportDays:
    return ReportDays(first=span.first, last=span.last, since=span.since, until=span.until)


def _line(line: Line) -> ReportLine:
    return ReportLine(
        keys=[_key(key) for key in line.keys],
        figures={name: _figure(figure) for name, figure in line.figures.items()},
        incomplete=line.incomplete,
    )


def _key(key: Key) -> ReportKey:
    return ReportKey(row=key.row, value=key.value, title=key.title, server=key.server)


def _figure(one: Figure) -> ShownFigure:
    return ShownFigure(
        value=one.value, n=one.n, before=one.before, before_n=one.before_n, few=one.few, low=one.low, high=one.high
    )  # fmt: skip
