"""How a talk feels, as pages show it: a face, a word and a colour together, and the line of a customer's mood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.speech import sentiment
from cxcall.web.words import N_

SHARP = -0.4
"""From this value on down a turn has an edge line (ui: sentiment at or below -0.4)."""
WIDTH, HEIGHT, _MARGIN = 84.0, 26.0, 3.0
WORDS: dict[str, str] = {"positive": N_("Positive"), "neutral": N_("Neutral"), "negative": N_("Negative")}
TRENDS: dict[str, str] = {"improving": N_("Improving"), "steady": N_("Steady"), "worsening": N_("Worsening")}
FACES: dict[str, tuple[str, str]] = {
    "positive": ("smile", "pos"),
    "neutral": ("meh", "neu"),
    "negative": ("frown", "neg"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeling:
    """`word` is a key in English, `icon` the face, `kind` the colour's class."""

    word: str
    icon: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Paths of the mood line on a fixed scale of -1…1 in a box of WIDTH × HEIGHT, and its last point."""

    line: str
    area: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """The customer's mood now; `trend` is a key in English, empty while it can't be told."""

    value: float
    feeling: Feeling
    trend: str = ""
    line: Line | None = None


def feeling(value: float | None) -> Feeling | None:
    """The face of a value of -1…1; None for None."""
    if value is None:
        return None
    word = sentiment.word(value)
    icon, kind = FACES[word]
    return Feeling(word=WORDS[word], icon=icon, kind=kind)


def mood(value: float | None, trend: str, values: Sequence[float]) -> Mood | None:
    """The mood of a talk; `trend`: improving, steady, worsening or empty; `values`: -1…1, oldest first."""
    face = feeling(value)
    if value is None or face is None:
        return None
    return Mood(value=value, feeling=face, trend=TRENDS.get(trend, ""), line=mood_line(values))


def mood_line(values: Sequence[float]) -> Line | None:
    """None of fewer than two values. The scale never fits itself to the values: a small swing stays small."""
    if len(values) < 2:
        return None
    across, down = (WIDTH - _MARGIN) / (len(values) - 1), (HEIGHT - 2 * _MARGIN) / 2
    spots = [(i * across, _MARGIN + (1 - max(-1.0, min(1.0, value))) * down) for i, value in enumerate(values)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    x, y = spots[-1]
    return Line(line=f"M{path}", area=f"M{path}L{x:.1f} {HEIGHT:g}L0 {HEIGHT:g}Z", x=round(x, 1), y=round(y, 1))
