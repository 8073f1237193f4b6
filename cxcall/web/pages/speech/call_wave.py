"""The picture over a recording: mood line, markers, holds and ticks, placed in per cent of its length.

The server draws them as SVG over the waveform (decision 65): time runs from left to right in every language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cxcall.speech.conversation import Span
from cxcall.speech.transcript import Turn
from cxcall.web.pages.speech.mood import SHARP
from cxcall.web.pages.timeline import Tick, ticks

HIGH = 108.0
"""Pixels both voices have together; the mood line lies over them."""
_SWING = 46.0
_NARROW = 900.0
"""Pixels the picture has at least: labels that would touch at this width are left out."""
_LETTER, _EDGES = 6.6, 18.0
_LONGEST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Something worth a label at `at` seconds: `tone` is bad, warn, good or empty; `value` the mood there, if any."""

    at: float
    text: str
    tone: str
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """`x`: where its line stands, `centre`: the middle of its box, in per cent; `width` in pixels; `y` of its dot."""

    x: float
    centre: float
    width: float
    text: str
    tone: str
    y: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBlock:
    x: float
    width: float
    seconds: float

    @property
    def roomy(self) -> bool:
        """Whether the words fit into it."""
        return self.width > 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`lines`: paths of the mood in a box of 1000 × HIGH; `pauses`: where the recording itself was paused."""

    seconds: float
    lines: tuple[str, ...]
    labels: tuple[Label, ...]
    holds: tuple[HoldBlock, ...]
    pauses: tuple[HoldBlock, ...]
    ticks: tuple[Tick, ...]


def picture(
    seconds: float, turns: Sequence[Turn], marked: Sequence[Marked], holds: Sequence[Span], pauses: Sequence[Span] = ()
) -> Picture:
    """All times in seconds of the recording, which is `seconds` long."""
    seconds = max(seconds, 0.1)
    inside = [(max(0.0, start), min(seconds, end)) for start, end in holds if end > 0 and start < seconds]
    return Picture(
        seconds=seconds,
        lines=mood_lines(turns, inside, seconds),
        labels=tuple(labels(marked, seconds)),
        holds=_blocks(inside, seconds),
        pauses=_blocks([(max(0.0, start), min(seconds, end)) for start, end in pauses if start < seconds], seconds),
        ticks=ticks(seconds),
    )


def _blocks(spans: Sequence[Span], seconds: float) -> tuple[HoldBlock, ...]:
    return tuple(
        HoldBlock(x=_percent(start, seconds), width=_percent(end - start, seconds), seconds=end - start)
        for start, end in spans
    )


def negative_peaks(turns: Sequence[Turn]) -> list[Turn]:
    """The lowest of each run of customer turns at SHARP or below."""
    found: list[Turn] = []
    run: Turn | None = None
    for turn in turns:
        if turn.speaker != "customer" or turn.sentiment is None:
            continue
        if turn.sentiment <= SHARP:
            run = turn if run is None or turn.sentiment < (run.sentiment or 0.0) else run
        elif run is not None:
            found.append(run)
            run = None
    return [*found, run] if run is not None else found


def labels(marked: Sequence[Marked], seconds: float) -> list[Label]:
    """Labels that don't touch each other, the first given first; a dot stays where its label had no room."""
    placed: list[Label] = []
    taken: list[Span] = []
    for mark in marked:
        text = mark.text if len(mark.text) <= _LONGEST else mark.text[: _LONGEST - 1].rstrip() + "…"
        width = len(text) * _LETTER + _EDGES
        half = width / _NARROW * 50
        x = min(100.0, max(0.0, mark.at / seconds * 100))
        centre = min(max(x, half), 100 - half)
        span = (centre - half - 0.4, centre + half + 0.4)
        fits = bool(text) and all(span[1] <= start or span[0] >= end for start, end in taken)
        if not fits and mark.value is None:
            continue
        if fits:
            taken.append(span)
        y = None if mark.value is None else round(_height(mark.value), 1)
        placed.append(
            Label(
                x=round(x, 2), centre=round(centre, 2), width=round(width, 1), text=text if fits else "",
                tone=mark.tone, y=y,
            )
        )  # fmt: skip
    return placed


def mood_lines(turns: Sequence[Turn], holds: Sequence[Span], seconds: float) -> tuple[str, ...]:
    """The customer's mood as curves that end where the call was on hold; nothing with fewer than two values."""
    points = [
        ((turn.start + turn.end) / 2, turn.sentiment)
        for turn in turns
        if turn.speaker == "customer" and turn.sentiment is not None
    ]
    if len(points) < 2:
        return ()
    edges = [0.0, *(edge for hold in holds for edge in hold), seconds]
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start < 0.5:
            continue
        within = [(x, y) for x, y in points if start < x < end]
        found.append(_curve([(start, _at(points, start)), *within, (end, _at(points, end))], seconds))
    return tuple(found)


def _at(points: Sequence[tuple[float, float]], moment: float) -> float:
    """The mood at `moment`, between the values beside it."""
    before = [point for point in points if point[0] <= moment]
    after = [point for point in points if point[0] >= moment]
    if not before or not after:
        return (after or before)[0 if after else -1][1]
    (x0, y0), (x1, y1) = before[-1], after[0]
    return y0 if x1 == x0 else y0 + (y1 - y0) * (moment - x0) / (x1 - x0)


def _curve(points: Sequence[tuple[float, float]], seconds: float) -> str:
    placed = [(x / seconds * 1000, _height(y)) for x, y in points]
    parts = [f"M{placed[0][0]:.1f} {placed[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(placed):
        middle = (x0 + x1) / 2
        parts.append(f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}")
    return "".join(parts)


def _height(value: float) -> float:
    return HIGH / 2 - max(-1.0, min(1.0, value)) * _SWING


def _percent(seconds: float, of: float) -> float:
    return round(seconds / of * 100, 3)
