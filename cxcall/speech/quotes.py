"""Pieces of a text, and what of it is quoted."""

from __future__ import annotations

from collections.abc import Iterable

Piece = tuple[int, int]
"""From one letter to before another."""

QUOTE = 90
"""Letters of a quote, about."""


def joined(spans: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces in order, those that touch or overlap as one."""
    whole: list[Piece] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return tuple(whole)


def quoted(text: str, spans: tuple[Piece, ...], most: int = QUOTE) -> str:
    """What was said around the first piece, whole words, about `most` letters."""
    if len(text) <= most or not spans:
        return text
    room = max(0, most - (spans[0][1] - spans[0][0])) // 2
    start, end = max(0, spans[0][0] - room), min(len(text), spans[0][1] + room)
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"
