"""What /speech shows, as data for its templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cxcall.web.pages.speech.mood import Feeling
from cxcall.web.pages.voice_figures import Spark
from cxcall.web.pages.voice_findings import signed
from cxcall.web.pages.voice_view import Menus

Way = Literal["up", "down", "flat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Difference to the period before in points; `way`: whether it is good (up), bad (down) or neither."""

    points: float
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure; `value` None: nothing to tell. `lines`: what it is, with its n; `more` opens to further calls."""

    name: str
    value: float | None
    kind: Literal["number", "share", "mood"]
    url: str
    lines: Sequence[str]
    more: tuple[str, str] | None = None
    spark: Spark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """A category of the table: `n` calls, their `share` of those heard, and how they compare."""

    id: str
    name: str
    tone: str
    known: bool
    n: int
    share: float | None
    url: str
    change: Change | None
    feeling: Feeling | None
    mood: float | None
    spark: Spark | None
    picked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the chart, drawn in colour d1…d5."""

    id: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A category in a week: its `share` in per cent (None: nothing heard), how many calls, and where they are."""

    value: float | None
    n: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    label: str
    heard: int
    url: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A share that changed more than chance explains."""

    name: str
    change: Change
    share: float
    before: float
    n: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodPart:
    """A part of a topic's bar; `x` and `share` in per cent of it."""

    name: str
    kind: Literal["bad", "mid", "good"]
    n: int
    x: float
    share: float
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodRow:
    name: str
    n: int
    parts: Sequence[MoodPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How often something that had to be said was: `said` of `n`."""

    said: int
    n: int
    said_url: str
    missing_url: str

    @property
    def share(self) -> float:
        return self.said / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredRow:
    """A queue or an agent, and each of the phrases; None where it did not have to be said."""

    name: str
    cells: Sequence[Said | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """What had to be said: names of the phrases, all calls, then by queue and by agent."""

    names: Sequence[str]
    every: Sequence[Said | None]
    queues: Sequence[RequiredRow]
    agents: Sequence[RequiredRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """The page. `empty`: nothing was heard in the period; `ever`: nothing ever was."""

    menus: Menus
    subtitle: str
    empty: bool
    ever: bool
    sets_up: bool = False
    tiles: Sequence[Tile] = ()
    categories: Sequence[CategoryRow] = ()
    lines: Sequence[Line] = ()
    weeks: Sequence[Week] = ()
    hidden: Sequence[tuple[str, str]] = ()
    finding: str = ""
    news: Sequence[New] = ()
    moods: Sequence[MoodRow] = ()
    required: Required | None = None
    few: int = 30

    def signed(self, value: float, decimals: int = 0) -> str:
        """A number with its sign."""
        return signed(value, decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRow:
    """A call of the list."""

    url: str
    who: str
    number: str
    began_at: datetime
    queue: str
    agent: str
    feeling: Feeling | None
    at: float | None
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalksView:
    """The calls behind a figure; `about` says which, `newer` and `older` are addresses or ""."""

    title: str
    about: Sequence[str]
    subtitle: str
    back: str
    count: int
    rows: Sequence[TalkRow]
    newer: str
    older: str
