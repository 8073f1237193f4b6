"""Each hour of each weekday: one figure as a table whose cells are the darker the higher it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.reports.answer import Answer, Key, Line
from cxcall.reports.measures import find
from cxcall.web.digits import digits, number_text
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.table import behind_url
from cxcall.web.presentation import current
from cxcall.web.report_keys import key_text
from cxcall.web.report_words import figure_text, name
from cxcall.web.words import gettext as _

LEVELS = 6
"""Shades, the first for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """`level` 0 to LEVELS − 1; `said`: the whole of it in words, for who hears the page."""

    text: str
    n: str
    level: int
    few: bool
    url: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    name: str
    cells: Sequence[HeatCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """`choices`: id, name, address and whether it is shown, of each figure it can be drawn for. `scale`: what shades
    mean, from the lightest."""

    hours: Sequence[str]
    rows: Sequence[HeatRow]
    figure: str
    choices: Sequence[tuple[str, str, str, bool]]
    scale: Sequence[tuple[int, str]]


def heat(answer: Answer, asked: Asked, chosen: str) -> Heat | None:
    """The map of a report by weekday and hour of the day; None of any other."""
    if answer.definition.by != ("weekday", "hour_of_day"):
        return None
    measures = answer.definition.measures
    shown = chosen if chosen in measures else measures[0]
    by_place = {(int(line.keys[0].value), int(line.keys[1].value)): line for line in answer.lines}
    values = [line.figures[shown].value or 0.0 for line in answer.lines]
    top = max(values, default=0.0)
    hours = _hours(by_place)
    first = 5 if current().calendar == "jalali" else 0
    days = [(first + n) % 7 for n in range(7)]
    return Heat(
        hours=[digits(f"{hour:02}") for hour in hours],
        rows=[
            HeatRow(
                name=key_text(Key(row="weekday", value=str(day))),
                cells=[_cell(by_place.get((day, hour)), day, hour, shown, top, asked) for hour in hours],
            )
            for day in days
        ],
        figure=name(shown),
        choices=[(one, name(one), asked.address(show=one), one == shown) for one in measures],
        scale=_scale(shown, top),
    )


def _hours(places: dict[tuple[int, int], Line]) -> list[int]:
    """From the first to the last hour in which anything was."""
    there = [hour for _day, hour in places]
    return list(range(min(there), max(there) + 1)) if there else []


def _cell(line: Line | None, day: int, hour: int, shown: str, top: float, asked: Asked) -> HeatCell:
    measure = find(shown)
    place = f"{key_text(Key(row='weekday', value=str(day)))} {digits(f'{hour:02}:00')}"
    if line is None or measure is None:
        return HeatCell(text="", n="", level=0, few=False, url="", said=_("%(place)s: nothing") % {"place": place})
    figure = line.figures[shown]
    text, n = figure_text(measure.unit, figure.value), number_text(figure.n)
    level = round((figure.value or 0.0) / top * (LEVELS - 1)) if top > 0 else 0
    return HeatCell(
        text=text, n=n, level=max(0, min(level, LEVELS - 1)), few=figure.few,
        url=behind_url(asked, measure, line, figure),
        said=_("%(place)s: %(value)s, n %(n)s") % {"place": place, "value": text, "n": n},
    )  # fmt: skip


def _scale(shown: str, top: float) -> list[tuple[int, str]]:
    measure = find(shown)
    if measure is None or top <= 0:
        return []
    steps = [(level, top * level / (LEVELS - 1)) for level in (0, LEVELS // 2, LEVELS - 1)]
    whole = measure.unit == "count"  # there is no third of a call
    return [(level, figure_text(measure.unit, round(step) if whole else step)) for level, step in steps]
