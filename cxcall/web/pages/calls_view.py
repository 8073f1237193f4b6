"""What the list of calls shows: rows, filter chips, totals, and which filter to drop when nothing fits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cxcall.calls.record import CallId, Direction, Outcome
from cxcall.store.calls import CallRow, CallSummary
from cxcall.store.transcript_pages import CallSpeech
from cxcall.web.dates import date_text
from cxcall.web.digits import number_text
from cxcall.web.pages import survey_filter
from cxcall.web.pages.calls_filter import Asked
from cxcall.web.pages.labels import DIRECTIONS, OUTCOMES, Label
from cxcall.web.pages.own_reports.tabs import Tabs
from cxcall.web.pages.speech.mood import Feeling, feeling
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

AT_MOST = 100_000
"""Calls counted exactly; of more the page says "about"."""
PERIODS: tuple[tuple[str, str], ...] = (
    ("", N_("Any time")),
    ("today", N_("Today")),
    ("yesterday", N_("Yesterday")),
    ("week", N_("Last 7 days")),
    ("month", N_("This month")),
)
NAMES: dict[str, str] = {
    "text": N_("Search"),
    "when": N_("Date"),
    "since": N_("From day"),
    "until": N_("To day"),
    "queue": N_("Queue"),
    "agent": N_("Agent"),
    "outcome": N_("Outcome"),
    "direction": N_("Direction"),
    "number": N_("Number"),
    "survey": N_("Survey"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in use; `without` is the address of the list without it."""

    name: str
    value: str
    without: str
    kind: Literal["text", "phone", "word"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    name: str
    value: float | None
    kind: Literal["number", "share", "clock"] = "number"
    foot: str = ""
    about: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """The filter whose removal shows most calls."""

    name: str
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table; `number` is the person's outside, or the phone's inside. `mood`: how the customer felt,
    where the call was written down."""

    id: CallId
    started_at: datetime
    ended_at: datetime | None
    customer_name: str
    number: str | None
    queue: str | None
    agent: str | None
    wait: float | None
    talk: float
    outcome: Outcome
    direction: Direction
    caller_name: str = ""
    mood: Feeling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsView:
    """The page; `own` when an agent sees it."""

    now: datetime
    asked: Asked
    own: bool
    rows: Sequence[Row] = ()
    chips: Sequence[Chip] = ()
    problems: Sequence[Problem] = ()
    total: int = 0
    about: bool = False
    kpis: Sequence[Kpi] = ()
    newer: int = 0
    newer_url: str = ""
    first_url: str = "/calls"
    export_url: str = ""
    hidden: Sequence[tuple[str, str]] = ()
    newer_page: str | None = None
    older_page: str | None = None
    most: Most | None = None
    queues: Sequence[str] = ()
    agents: Sequence[str] = ()
    since: str = ""
    until: str = ""
    example: str = ""
    beside: bool = False
    """So many that an export is written in the background."""
    kept: Tabs = dataclasses.field(default_factory=Tabs)
    periods: Sequence[tuple[str, str]] = PERIODS
    labels: Mapping[Outcome, Label] = dataclasses.field(default_factory=lambda: OUTCOMES)
    ways: Mapping[Direction, Label] = dataclasses.field(default_factory=lambda: DIRECTIONS)

    @property
    def outcomes(self) -> list[tuple[Outcome, Label]]:
        return list(OUTCOMES.items())

    @property
    def surveyed(self) -> list[tuple[str, str]]:
        """Choices of what came of the survey, and the one in use if it is none of them."""
        known = list(survey_filter.WORDS.items())
        used = self.asked.survey
        return known if not used or used in survey_filter.WORDS else [*known, (used, survey_filter.said(used))]

    @property
    def directions(self) -> list[tuple[Direction, Label]]:
        return list(DIRECTIONS.items())


def row_of(row: CallRow, heard: CallSpeech | None = None) -> Row:
    """A stored line as the table shows it: outside calls by the person outside, internal ones by who called."""
    outbound = row.direction == "outbound"
    return Row(
        id=row.id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        customer_name=row.customer_name or "",
        caller_name="" if outbound else row.caller_name or "",
        number=(row.party_number or row.called) if outbound else row.caller_number,
        queue=row.queue,
        agent=row.agent,
        wait=row.wait,
        talk=row.talk,
        outcome=row.outcome,
        direction=row.direction,
        mood=feeling(heard.sentiment) if heard else None,
    )


def chips_of(asked: Asked, path: str) -> list[Chip]:
    """One chip a filter in use, in the order of the form."""
    kinds: dict[str, Literal["text", "phone", "word"]] = {"number": "phone", "outcome": "word", "direction": "word"}
    return [
        Chip(
            name=NAMES[name],
            value=_shown(asked, name),
            without=asked.without(name).address(path),
            kind="word" if name == "when" and asked.when else kinds.get(name, "text"),
        )
        for name in asked.fields
    ]


def _shown(asked: Asked, name: str) -> str:
    if name == "outcome" and asked.outcome:
        return OUTCOMES[asked.outcome].text
    if name == "direction" and asked.direction:
        return DIRECTIONS[asked.direction].text
    if name == "survey":
        return survey_filter.said(asked.survey)
    if name != "when":
        return str(getattr(asked, name))
    if asked.when:
        return dict(PERIODS)[asked.when]
    first = date_text(asked.since) if asked.since else "…"
    last = date_text(asked.until) if asked.until else "…"
    return first if first == last else f"{first} – {last}"


def kpis_of(total: int, figures: CallSummary | None) -> list[Kpi]:
    """The totals above the table; beyond AT_MOST calls only their number, because the rest would take too long."""
    kpis = [Kpi(name=N_("Calls"), value=float(min(total, AT_MOST)), about=total > AT_MOST)]
    if figures is None:
        return kpis
    counted = max(figures.calls, 1)
    return [
        *kpis,
        Kpi(
            name=N_("Answered"),
            value=figures.answered / counted,
            kind="share",
            foot=_of(figures.answered, figures.calls),
        ),
        Kpi(
            name=N_("Abandoned"),
            value=figures.abandoned / counted,
            kind="share",
            foot=_of(figures.abandoned, figures.calls),
        ),
        Kpi(name=N_("Average wait"), value=figures.mean_wait_answered, kind="clock", foot=_("of answered calls")),
        Kpi(name=N_("Median talk time"), value=figures.median_talk, kind="clock", foot=_("of calls with a talk")),
    ]


def _of(part: int, whole: int) -> str:
    return _("%(n)s of %(all)s calls") % {"n": number_text(part), "all": number_text(whole)}
