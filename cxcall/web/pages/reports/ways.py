"""The service level in its four ways side by side, each with what it counts and what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.reports.answer import Answer
from cxcall.reports.measures import USUAL_LEVEL
from cxcall.web.pages.reports.table import Cell, Heading, Table

PREFIX = "sl_"
FEWEST = 2
"""One way alone is a column of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to say the service level, of the whole report."""

    heading: Heading
    cell: Cell


def ways(answer: Answer, table: Table) -> Sequence[Way]:
    """Those that a report has, none where there is but one."""
    found = [
        Way(heading=heading, cell=cell)
        for heading, cell in zip(table.headings, table.total.cells, strict=True)
        if heading.id.startswith(PREFIX)
    ]
    return found if len(found) >= FEWEST and answer.lines else ()


def usual(several: Sequence[Way]) -> str:
    """The way that is drawn of who asks for none: the one that goals and all other pages mean; "" of no ways."""
    names = [way.heading.id for way in several]
    return USUAL_LEVEL if USUAL_LEVEL in names else next(iter(names), "")
