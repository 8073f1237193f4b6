"""What a family of figures is asked for, and its refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import CalendarName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """See `reading.tallies`. `language`: of what people named in several (categories, choices in menus)."""

    span: Span
    by: tuple[Row, ...]
    narrowing: Narrowing
    zone: tzinfo
    calendar: CalendarName
    waits: bool = True
    language: str = "en"


class CannotSplit(Exception):
    """A family of figures does not know a kind of row, or can't be narrowed to one of them."""

    def __init__(self, row: Row, family: str) -> None:
        super().__init__(f"{family} can't be told by {row}")
        self.row = row
        self.family = family
