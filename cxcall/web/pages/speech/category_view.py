"""What the pages of categories show, as data for their templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cxcall.problem import Problem
from cxcall.web.pages.speech.category_form import Written
from cxcall.web.pages.speech.category_sample import Found, Segment
from cxcall.web.recounts import Recount
from cxcall.web.words import gettext as _

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A category of the list; `calls` in which it was found in 30 days."""

    id: str
    name: str
    kind: str
    tone: str
    phrases: int
    queues: Sequence[str]
    hint: bool
    alerts: bool
    calls: int
    url: str
    errors: int
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A ready-made category that is not there yet."""

    id: str
    name: str
    kind: str
    examples: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    rows: Sequence[Row]
    archived: bool
    others: int
    ready: Sequence[Ready]
    recount: Recount | None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A problem at its field."""

    text: str
    error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """The editor. `id` is "" for one that is not kept yet; `tried`: the sentence in pieces, None before any."""

    id: str
    version: int
    name: str
    archived: bool
    by: str
    updated_at: datetime | None
    written: Written
    kinds: Sequence[Choice]
    tones: Sequence[Choice]
    wheres: Sequence[Choice]
    speakers: Sequence[Choice]
    orders: Sequence[Choice]
    languages: Sequence[Choice]
    queues: Sequence[str]
    articles: Sequence[Choice]
    recount: Recount | None
    problems: Sequence[tuple[str, Marked]] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    found: Found | None = None
    sentence: str = ""
    tried: Sequence[Segment] | None = None
    focus: int | None = None

    @property
    def at(self) -> str:
        return f"/speech/categories/{self.id or 'new'}"

    def get(self, name: str) -> str:
        return self.written.get(name)

    def of(self, *names: str) -> list[Marked]:
        """Problems at a field or inside it."""
        wrong = [Marked(text=_(text), error=True) for name, text in self.errors.items() if name in names]
        inside = tuple(f"{name}." for name in names)
        return [*wrong, *(one for where, one in self.problems if where in names or where.startswith(inside))]

    @property
    def worst(self) -> int:
        """How many problems keep it from being saved."""
        return len(self.errors) + sum(one.error for _name, one in self.problems)


def marked(problem: Problem) -> tuple[str, Marked]:
    """A problem in the reader's words, and its field."""
    text = _(problem.sentence).format(**problem.values)
    return problem.field, Marked(text=text, error=problem.severity == "error")
