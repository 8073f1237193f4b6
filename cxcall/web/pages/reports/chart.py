"""What of a report is drawn: one of its figures over time as a line, or by queue, agent and the like as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from cxcall.reports.answer import Answer, Line
from cxcall.web.digits import number_text
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.table import Table, TableRow
from cxcall.web.presentation import current
from cxcall.web.report_words import name

MOST_BARS = 16
"""More can't be told apart."""
MOST_SAME = 3
"""Digits at the end of a number that are always shown, and at its beginning that are not worth being left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A point or a bar, with its `label` below it. `value` in what the scale shows: per cent of shares; None: nothing
    to say. `few`: pale, made of too few."""

    title: str
    label: str
    text: str
    value: float | None
    n: str
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`kind` line or bars; `unit` of its scale. `goal` "" for none. `choices`: name, address and whether it is drawn,
    of each figure there is."""

    kind: str
    figure: str
    unit: str
    goal: str
    points: Sequence[Drawn]
    choices: Sequence[tuple[str, str, bool]]


def chart(answer: Answer, table: Table, asked: Asked, chosen: str) -> Chart | None:
    """The picture of a report with one kind of rows; None where there is nothing to compare, or nothing at all."""
    if not any(figure.n for figure in answer.total.figures.values()):
        return None
    kind = "line" if table.over_time else "bars"
    pairs = _compared(answer, table)
    if len(answer.definition.by) != 1 or len(pairs) < 2 or (kind == "bars" and len(pairs) > MOST_BARS):
        return None
    place = next((n for n, heading in enumerate(table.headings) if heading.id == chosen), 0)
    heading = table.headings[place]
    labels = short([" ".join(row.titles) for row, _ in pairs])
    scale = 100.0 if heading.unit == "share" else 1.0
    goal = answer.goals.get(heading.id)
    return Chart(
        kind=kind,
        figure=heading.name,
        unit=heading.unit,
        goal="" if goal is None else f"{goal * scale:g}",
        points=[
            Drawn(
                title=" ".join(row.titles),
                label=label,
                text=row.cells[place].text,
                value=None if (raw := row.cells[place].raw) is None else round(raw * scale, 3),
                n=number_text(line.figures[heading.id].n),
                few=row.cells[place].few,
            )
            for (row, line), label in zip(pairs, labels, strict=True)
        ],
        choices=[(name(one.id), asked.address(show=one.id), one.id == heading.id) for one in table.headings],
    )


def _compared(answer: Answer, table: Table) -> list[tuple[TableRow, Line]]:
    """The rows with their lines; those that stand apart would dwarf the others."""
    pairs = list(zip(table.rows, answer.lines, strict=True))
    alike = [pair for pair in pairs if not pair[0].aside]
    return alike if len(alike) > 1 else pairs


def short(titles: Sequence[str]) -> list[str]:
    """Labels that can be told apart when they are cut: numbers without the digits that all of them begin with."""
    numbers = [title for title in titles if title.isdecimal()]
    same = sum(1 for _ in takewhile(lambda here: len(set(here)) == 1, zip(*numbers, strict=False)))
    same = min(same, *(len(number) - MOST_SAME for number in numbers)) if len(numbers) > 1 else 0
    cut = "\u2066…{}\u2069" if current().rtl else "…{}"  # the dots stand left of the number in both
    return [cut.format(title[same:]) if title.isdecimal() and same >= MOST_SAME else title for title in titles]
