"""A turn as pages show it: numbers hidden, and what is underlined."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

from cxcall.speech.category import Tone
from cxcall.speech.quotes import Piece
from cxcall.speech.redact import HIDDEN, Hidden, hide

MarkKind = Literal["topic", "good", "bad", "hidden"]
"""In the order in which the later covers the earlier."""

Mark = tuple[int, int, MarkKind]
"""From and to in the shown text, and what it is."""

_OF_TONE: dict[Tone, MarkKind] = {"neutral": "topic", "good": "good", "warn": "bad", "bad": "bad"}
_COVERING: dict[MarkKind, int] = {"topic": 1, "good": 2, "bad": 3, "hidden": 4}
_KINDS: dict[int, MarkKind] = {number: kind for kind, number in _COVERING.items()}


class Shown:
    """A text with its numbers hidden, and where its places went."""

    def __init__(self, text: str, hidden: Sequence[Hidden]) -> None:
        self.text = hide(text, hidden)
        self._hidden = hidden
        self._starts = [piece.start for piece in hidden]
        self._shifts = [0]
        for piece in hidden:
            self._shifts.append(self._shifts[-1] + len(HIDDEN) - (piece.end - piece.start))

    def span(self, piece: Piece) -> Piece:
        """A piece of the text in what is shown; what lies in a hidden number is the whole of it."""
        return self._place(piece[0], end=False), self._place(piece[1], end=True)

    def pieces(self) -> list[Piece]:
        """The hidden ones, as they are shown."""
        return [self.span((piece.start, piece.end)) for piece in self._hidden]

    def _place(self, at: int, *, end: bool) -> int:
        before = bisect_right(self._starts, at - 1 if end else at)
        if before and at < self._hidden[before - 1].end:
            piece = self._hidden[before - 1]
            return piece.start + self._shifts[before - 1] + (len(HIDDEN) if end else 0)
        return at + self._shifts[before]


def of_tone(tone: Tone) -> MarkKind:
    """How what a category found is marked."""
    return _OF_TONE[tone]


def marks(shown: Shown, pieces: Iterable[tuple[Piece, MarkKind]]) -> tuple[Mark, ...]:
    """The marks of a turn in order, never overlapping; `pieces` are of its text before anything was hidden."""
    painted = [0] * len(shown.text)
    for piece, kind in pieces:
        _paint(painted, shown.span(piece), _COVERING[kind])
    for piece in shown.pieces():
        _paint(painted, piece, _COVERING["hidden"])
    found: list[Mark] = []
    at = 0
    for number, letters in groupby(painted):
        length = len(list(letters))
        if number:
            found.append((at, at + length, _KINDS[number]))
        at += length
    return tuple(found)


def _paint(painted: list[int], piece: Piece, number: int) -> None:
    for at in range(max(0, piece[0]), min(len(painted), piece[1])):
        painted[at] = max(painted[at], number)
