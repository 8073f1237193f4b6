"""A report as the table people read: every figure with its n, what it is compared with, and a link to its calls."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cxcall.reports.answer import FEW, Answer, Figure, Key, Line
from cxcall.reports.arranging import Slots, slots_of
from cxcall.reports.measures import Measure, find, grows, of_seconds
from cxcall.reports.period import Slot
from cxcall.web.digits import digits, number_text
from cxcall.web.pages.reports import aside, elsewhere
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.fairness import unfair
from cxcall.web.presentation import current
from cxcall.web.report_keys import key_text
from cxcall.web.report_reading import key_word
from cxcall.web.report_words import duration_text, figure_text, name, row_name, sentence
from cxcall.web.words import gettext as _

_SMALL = 0.0005
"""A difference that nobody would see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """How much a figure changed: `way` up or down, `tone` good, bad or "", which goes by what is better."""

    text: str
    way: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`url`: the calls behind it, "" where it has none. `missed`: behind the goal. `n`: "" where it says the same; a
    time where it is one. `spread`: between what a score is by 95 %, "" of others."""

    text: str
    n: str
    few: bool
    url: str
    delta: Delta | None
    missed: bool
    raw: float | None
    spread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """`aside`: the heading it stands apart under (`reports.aside`), "" with the others."""

    titles: Sequence[str]
    cells: Sequence[Cell]
    incomplete: bool
    aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Of a figure's column."""

    id: str
    name: str
    sentence: str
    goal: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`over_time`: its rows are times, so that it can be drawn as a line."""

    rows_called: Sequence[str]
    headings: Sequence[Heading]
    rows: Sequence[TableRow]
    total: TableRow
    over_time: bool


def table(answer: Answer, asked: Asked, required: Collection[str] = ()) -> Table:
    """The figures of a report, every one with the way to its calls. `required`: categories that stand apart."""
    definition, shown = answer.definition, current()
    times = slots_of(definition.by, answer.span, shown.zone, shown.calendar)
    measures = [measure for one in definition.measures if (measure := find(one)) is not None]
    return Table(
        rows_called=[row_name(row) for row in definition.by],
        headings=[
            Heading(
                id=one.id,
                name=name(one.id),
                sentence=sentence(one.id, definition.short),
                goal=figure_text(one.unit, answer.goals[one.id]) if one.id in answer.goals else "",
                unit=one.unit,
            )
            for one in measures
        ],
        rows=[
            replace(_row(line, measures, answer, asked, times), aside=aside.heading(line, required))
            for line in answer.lines
        ],
        total=_row(answer.total, measures, answer, asked, times),
        over_time=len(definition.by) == 1 and definition.by[0] in times and len(answer.lines) > 1,
    )


def titles(line: Line, times: Slots) -> list[str]:
    """What a row is called, by each of its kinds."""
    found = [(key, key_text(key, _slot(key, times))) for key in line.keys]
    return [digits(text) if key.row == "did" else text for key, text in found]


def _slot(key: Key, times: Slots) -> Slot | None:
    """The time that a row stands for; they are in order of their values but for weeks and months, of which few are."""
    several = times.get(key.row, ())
    if key.row in ("week", "month"):
        return next((slot for slot in several if slot.value == key.value), None)
    place = bisect_left(several, key.value, key=lambda slot: slot.value)
    return several[place] if place < len(several) and several[place].value == key.value else None


def behind_url(asked: Asked, measure: Measure, line: Line, figure: Figure) -> str:
    """The calls behind a figure, or the list of answers, talks or customers; "" where it has none to show."""
    if not figure.n or not asked.opens:
        return ""
    if not measure.behind:
        return elsewhere.url(asked, measure, line.keys)
    return asked.address("/calls", measure=measure.id, key=key_word(line.keys))


def delta(measure: Measure, figure: Figure) -> Delta | None:
    """The change since what it is compared with; none of scores that few gave, of shares and means that few made."""
    if figure.value is None or figure.before is None or figure.few:
        return None
    if not grows(measure) and min(figure.n, figure.before_n) < FEW:
        return None
    change = figure.value - figure.before
    if measure.unit == "count":
        if not figure.before:
            return None
        change /= figure.before
    none = _change_text(measure.unit, 0.0)
    if abs(change) < _SMALL or _change_text(measure.unit, abs(change)) == none:
        return Delta(text=f"±{none}", way="", tone="")
    way = "up" if change > 0 else "down"
    tone = "" if not measure.good else "good" if measure.good == way else "bad"
    return Delta(text=_change_text(measure.unit, change), way=way, tone=tone)


def _change_text(unit: str, change: float) -> str:
    """A change as people read it: of counts in per cent, of shares in points, of others in their own unit."""
    if unit == "count":
        return figure_text("share", abs(change))
    if unit == "share":
        return _("%(n)s points") % {"n": number_text(abs(change) * 100, 1)}
    return figure_text(unit, change if unit in ("points", "score") else abs(change))


def _row(line: Line, measures: Sequence[Measure], answer: Answer, asked: Asked, times: Slots) -> TableRow:
    return TableRow(
        titles=titles(line, times),
        cells=[_cell(line, measure, answer, asked) for measure in measures],
        incomplete=line.incomplete,
    )


def _cell(line: Line, measure: Measure, answer: Answer, asked: Asked) -> Cell:
    figure = line.figures[measure.id]
    goal = answer.goals.get(measure.id) if answer.definition.compare == "goal" else None
    return Cell(
        text=figure_text(measure.unit, figure.value),
        n="" if is_its_n(measure, figure) else n_text(measure, figure.n),
        few=figure.few,
        url=behind_url(asked, measure, line, figure),
        delta=None if unfair(measure, line, answer) else delta(measure, figure),
        missed=goal is not None and _misses(measure, figure, goal),
        raw=figure.value,
        spread=spread_text(measure, figure),
    )


def is_its_n(measure: Measure, figure: Figure) -> bool:
    """Whether n would only say the figure again: of counts, and of the time signed in."""
    of_same = measure.unit == "count" or (measure.unit == "seconds" and of_seconds(measure))
    return of_same and figure.value is not None and round(figure.value) == figure.n


def n_text(measure: Measure, n: float) -> str:
    """Of how many a figure was made, or of how long a time."""
    return duration_text(n) if of_seconds(measure) else number_text(n)


def spread_text(measure: Measure, figure: Figure) -> str:
    """NPS is never shown without its range (METRICS)."""
    if measure.unit != "points" or figure.low is None or figure.high is None:
        return ""
    return f"{figure_text(measure.unit, figure.low)} … {figure_text(measure.unit, figure.high)}"


def _misses(measure: Measure, figure: Figure, goal: float) -> bool:
    if figure.value is None or figure.few:
        return False
    return figure.value > goal if measure.good == "down" else figure.value < goal
