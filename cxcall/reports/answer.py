"""A report that was asked for: rows of figures with their n, the total, and what has to be said about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from cxcall.reports.definition import Definition, Row
from cxcall.reports.period import Span

FEW = 30
"""Answers or calls below which a score is grey and has no delta (METRICS.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: `value` None where nothing can be said (nothing to divide by). `n`: what it was made of (METRICS.md:
    the denominator). `before`: the figure it is compared with. `few`: a score of fewer than FEW. `low` and `high`: the
    95 % range of a score that has one, in the unit of the value."""

    value: float | None
    n: int
    before: float | None = None
    before_n: int = 0
    few: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a row stands for, by one of its kinds. `value` is stable and goes into addresses: an ISO date, `09:15`-like
    moments as ISO 8601 UTC, a weekday 0 to 6, a queue's name. `title` is what Asterisk or people call it; times are
    written by the page. `server` where the value is only unique there."""

    row: Row
    value: str
    title: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the report."""

    keys: tuple[Key, ...]
    figures: dict[str, Figure]
    incomplete: bool = False
    """Its time is not over, or not all of it was heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to say about a report: `code` is translated by who shows it, `at` its moment, `n` its count."""

    code: Literal["complete_until", "recovered", "zone", "fcr_open", "cut"]
    n: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A report over `span`; `total` is counted from the whole, never from the figures of the rows."""

    definition: Definition
    span: Span
    before: Span | None
    lines: tuple[Line, ...]
    total: Line
    goals: dict[str, float] = field(default_factory=dict)
    """What is to be reached, by measure, where the queues asked for agree."""
    notes: tuple[Note, ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()
