"""What was said: words, turns and who spoke. Times are seconds from the beginning of the transcript."""

from __future__ import annotations

from typing import Literal

import msgspec

Speaker = Literal["customer", "agent", "unknown"]


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word as the engine heard it; `confidence` 0…1, None where the engine gives none."""

    word: str
    start: float
    end: float
    confidence: float | None = None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One speaker's words without a pause in between.

    `n` numbers the turns of a transcript in the order they were written, 1, 2, 3 …; readers sort by `start`.
    `channel` is the channel that was heard and `agent` the agent's interface, both empty for a file. `sentiment` is
    -1…+1 on customer turns (METRICS.md), else None.
    """

    n: int
    speaker: Speaker
    start: float
    end: float
    text: str
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    channel: str = ""
    agent: str = ""
    sentiment: float | None = None

    @property
    def seconds(self) -> float:
        return max(0.0, self.end - self.start)
