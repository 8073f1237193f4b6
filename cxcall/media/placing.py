"""Texts at their place in the transcript: what the wall clock or a file says, as seconds from its beginning."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cxcall.speech.engines.engine import Heard
from cxcall.speech.transcript import Speaker, Turn, Word


def placed(
    heard: Heard, *, start: float, spoke: float, end: float, speaker: Speaker, channel: str = "", agent: str = ""
) -> Turn:
    """An utterance as a turn without a number; `start`: of its first sample, from which the engine's times count."""
    return Turn(
        n=0, speaker=speaker, start=round(max(0.0, spoke), 2), end=round(max(0.0, spoke, end), 2),
        text=heard.text.strip(), confidence=heard.confidence, words=moved(heard.words, start), channel=channel,
        agent=agent,
    )  # fmt: skip


def moved(words: Iterable[Word], by: float) -> tuple[Word, ...]:
    """Words so many seconds later."""
    return tuple(
        msgspec.structs.replace(word, start=round(word.start + by, 2), end=round(word.end + by, 2)) for word in words
    )
