"""What the page of the voice of the customer shows, as data for its templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from cxcall.surveys.score import FEW, Score
from cxcall.surveys.script import Measure
from cxcall.web.digits import number_text
from cxcall.web.pages import voice_findings
from cxcall.web.pages.labels import Label
from cxcall.web.pages.voice_figures import Delta, Spark
from cxcall.web.pages.voice_filter import Asked, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure with its comparison. `value` None: nobody answered; `few`: so few that it is shown pale.

    `spread`: half the 95 % range in points; `about`: what the figure is, `n` and `unit` of how many, `mean` beside it.
    """

    name: str
    value: float | None
    kind: Literal["share", "signed", "number"]
    n: int
    unit: str
    url: str
    about: str = ""
    mean: float | None = None
    spread: float | None = None
    delta: Delta | None = None
    spark: Spark | None = None
    few: bool = False
    alarm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One point of the trend and one row of its table."""

    span: Span
    label: str
    score: Score
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of the stacked bar: promoters, passives or detractors; `x` and `share` in per cent of the bar."""

    name: str
    kind: Literal["good", "mid", "bad"]
    n: int
    share: float
    x: float
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A line of a bar list. `share` 0–1, None without answers; `behind`: surely below all of them."""

    name: str
    share: float | None
    n: int
    url: str
    few: bool = False
    behind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What moves the score: the difference in points between calls with it (`n`) and without (`others`).

    `width`: of the bar, in per cent of the half it has.
    """

    name: str
    points: float
    n: int
    others: int
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the funnel: how many came so far, of how many calls (`share` 0–1)."""

    name: str
    n: int
    share: float
    url: str
    note: str = ""
    sub: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """An agent's scores and hand-overs: of `calls`, how many ended how."""

    name: str
    url: str
    csat: Score
    nps: Score
    calls: int
    asked: int
    ended_first: int
    caller_first: int
    transferred: int
    behind: bool = False
    asked_url: str = ""
    caller_first_url: str = ""
    transferred_url: str = ""
    csat_url: str = ""
    nps_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer in words: `text` is the key's label or its number, `kind` its colour."""

    title: str
    text: str
    kind: str
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentLine:
    """A spoken comment. `bars`: 0–1 heights of its shape; `why` there is no text; `task`: what was made of it."""

    id: str
    url: str
    seconds: float
    at: datetime
    bars: Sequence[float]
    text: str | None
    why: str
    scores: Sequence[Given] = ()
    who: str = ""
    number: str = ""
    customer_id: str | None = None
    queue: str = ""
    agent: str = ""
    call_id: str | None = None
    task: Label | None = None
    heard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a menu of filters."""

    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Menus:
    """The filters above the page. `exported`: how many responses the export holds."""

    asked: Asked
    period: Sequence[Choice]
    queues: Sequence[Choice]
    agents: Sequence[Choice]
    surveys: Sequence[Choice]
    since: str
    until: str
    example: str
    hidden: Sequence[tuple[str, str]]
    exported: int
    csv_url: str
    xlsx_url: str
    problems: Sequence[tuple[str, str]] = ()

    def chosen(self, choices: Sequence[Choice]) -> str:
        return next((choice.name for choice in choices if choice.current), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceView:
    """The page. `empty`: nothing was asked in the period; `ever`: nothing was ever asked."""

    menus: Menus
    subtitle: str
    body_url: str
    empty: bool
    ever: bool
    tiles: Sequence[Tile] = ()
    weeks: Sequence[Week] = ()
    goal: float | None = None
    finding: str = ""
    slices: Sequence[Slice] = ()
    slices_text: str = ""
    answered: int = 0
    queues: Sequence[Bar] = ()
    moved: Sequence[Moved] = ()
    moved_text: str = ""
    steps: Sequence[Step] = ()
    reasons: Sequence[Step] = ()
    surveys: Sequence[Choice] = ()
    agents: Sequence[AgentLine] = ()
    comments: Sequence[CommentLine] = ()
    comments_count: int = 0
    comments_url: str = ""
    few: int = FEW

    def signed_text(self, value: float, decimals: int = 0) -> str:
        """The same for SVG, which takes no markup."""
        return voice_findings.signed(value, decimals)

    def signed(self, value: float, decimals: int = 0) -> Markup:
        """A number with its sign, kept in its own direction."""
        return signed(value, decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsView:
    """All comments of a question, a page of them; `newer` and `older` are addresses or ""."""

    menus: Menus
    subtitle: str
    back: str
    comments: Sequence[CommentLine]
    count: int
    newer: str
    older: str


def signed(value: float, decimals: int = 0) -> Markup:
    """+34 or −5, kept in its own direction."""
    return Markup('<bdi class="num" dir="ltr">{}</bdi>').format(voice_findings.signed(value, decimals))


def answer_text(measure: Measure | None, value: float | None, label: str, keys: str, out_of: int) -> str:
    """An answer in words: "4 of 5" for what is scored, else the key's label, else the keys."""
    if measure is not None and value is not None:
        from_ = voice_findings.of_scale(value, out_of)
        return f"{from_} · {label}" if label and not label.strip().isdigit() else from_
    return label or (number_text(value) if value is not None else keys)
