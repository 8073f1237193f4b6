"""When a letter of a turn was said: by the times of its words, or by its share of the turn where they don't tell."""

from __future__ import annotations

from cxcall.speech.transcript import Turn


class Moments:
    """Seconds of the transcript for the places of a turn's text."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._words = _placed(turn)

    def at(self, place: int, *, end: bool = False) -> float:
        """When the letter at `place` began; with `end`, when the one before it ended."""
        for start, stop, from_, to in self._words:
            if start <= place < stop or (end and start < place <= stop):
                return to if end else from_
        turn = self._turn
        return turn.start + turn.seconds * (place / len(turn.text) if turn.text else 0.0)


def _placed(turn: Turn) -> list[tuple[int, int, float, float]]:
    """The words found in the text, in order; none when the text was corrected beyond them."""
    placed: list[tuple[int, int, float, float]] = []
    at = 0
    for word in turn.words:
        place = turn.text.find(word.word.strip(), at)
        if place < 0 or not word.word.strip():
            return []
        at = place + len(word.word.strip())
        placed.append((place, at, word.start, word.end))
    return placed
