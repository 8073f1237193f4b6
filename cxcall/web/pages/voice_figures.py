"""The arithmetic of the pages about surveys: differences, sparklines and what the trend says, without words.

Scores come from cxcall.surveys.score, on a scale of 100; differences are points on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cxcall.surveys import score

Way = Literal["up", "down", "flat"]
Counts = Mapping[float, int]
"""Value → how many gave it."""

SPARK_WIDTH, SPARK_HEIGHT = 78, 24
_MARGIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """Difference to the period before, in points; `way` says whether that is good (up), bad (down) or nothing."""

    points: float
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """Paths of a sparkline in a box of SPARK_WIDTH × SPARK_HEIGHT, and where its last point is."""

    line: str
    area: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What a line of scores says. `at` and `last` are places of its points.

    `way`: up or down when the last point differs from the point farthest from it by more than both their ranges
    explain, flat when not. `goal`: where the last point's range lies; None without a goal.
    """

    way: Way
    at: int
    last: int
    goal: Literal["above", "below", "within"] | None


def delta(now: score.Score, then: score.Score) -> Delta | None:
    """The difference between two periods; None when one of them has too few answers to tell."""
    if now.value is None or then.value is None or min(now.n, then.n) < score.FEW:
        return None
    return _delta(now.value - then.value)


def share_delta(now: tuple[int, int], then: tuple[int, int]) -> Delta | None:
    """As `delta`, of two shares given as (part, whole)."""
    if min(now[1], then[1]) < score.FEW:
        return None
    return _delta(100 * now[0] / now[1] - 100 * then[0] / then[1])


def _delta(difference: float) -> Delta:
    rounded = round(difference, 1)
    return Delta(points=rounded or 0.0, way="up" if rounded > 0 else "down" if rounded < 0 else "flat")


def spark(values: Sequence[float | None]) -> Spark | None:
    """A sparkline of a value a week; weeks without one are skipped. None of fewer than two values."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    least, most = min(value for _, value in known), max(value for _, value in known)
    room = most - least or 1.0
    across = (SPARK_WIDTH - _MARGIN) / (len(values) - 1)
    down = SPARK_HEIGHT - 2 * _MARGIN
    middle = 0.5 if most == least else 0.0
    spots = [
        (place * across, SPARK_HEIGHT - _MARGIN - ((value - least) / room + middle) * down) for place, value in known
    ]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    (first, _), (x, y) = spots[0], spots[-1]
    return Spark(
        line=f"M{line}",
        area=f"M{line}L{x:.1f} {SPARK_HEIGHT}L{first:.1f} {SPARK_HEIGHT}Z",
        x=round(x, 1),
        y=round(y, 1),
    )


def trend(scores: Sequence[score.Score], goal: float | None) -> Trend | None:
    """What a line of weekly scores says; None while fewer than two weeks have enough answers."""
    sure = [
        (place, one.value, half(one))
        for place, one in enumerate(scores)
        if one.value is not None and one.n >= score.FEW
    ]
    if len(sure) < 2:
        return None
    last, now, spread = sure[-1]
    at, then, other = max(sure[:-1], key=lambda spot: (abs(spot[1] - now), spot[0]))
    explained = (spread**2 + other**2) ** 0.5
    way: Way = "flat" if abs(now - then) <= explained else "up" if now > then else "down"
    return Trend(way=way, at=at, last=last, goal=_against(now, spread, goal))


def half(one: score.Score) -> float:
    """Half the width of a score's range."""
    return (one.high - one.low) / 2 if one.low is not None and one.high is not None else 0.0


def _against(value: float, spread: float, goal: float | None) -> Literal["above", "below", "within"] | None:
    if goal is None:
        return None
    if abs(value - goal) <= spread:
        return "within"
    return "above" if value > goal else "below"


def parts_of_nps(counts: Counts) -> tuple[int, int, int]:
    """Promoters (9–10), passives (7–8) and detractors (0–6)."""
    high = sum(n for value, n in counts.items() if value >= 9)
    low = sum(n for value, n in counts.items() if value <= 6)
    return high, sum(counts.values()) - high - low, low


def is_behind(one: score.Score, all_of_them: score.Score) -> bool:
    """Whether a part is surely below the whole: its range ends under the whole's score."""
    if one.n < score.FEW or one.high is None or all_of_them.value is None:
        return False
    return one.high < all_of_them.value
