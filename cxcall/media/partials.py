"""What is being said, as it may be shown before it is whole.

A number that is still being said can't be told from one that may be seen, so from the fourth digit on every number of a
partial text is hidden; the turn that follows shows those that may be seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from cxcall.speech import redact
from cxcall.speech.redaction.runs import runs
from cxcall.speech.transcript import Speaker, Turn

LONGEST_SHOWN = 3
"""Digits."""

WITH = 6
"""Turns before it that a number may have begun in."""

PARTIAL = -1


def with_partial(text: str, before: Iterable[Turn], speaker: Speaker) -> list[Turn]:
    """The last turns of a talk with what is being said as the last of them, numbered PARTIAL."""
    turns = list(before)[-WITH:]
    at = max((turn.end for turn in turns), default=0.0)
    return [*turns, Turn(n=PARTIAL, speaker=speaker, start=at, end=at, text=text)]


def hidden_partial(text: str, before: Iterable[Turn], speaker: Speaker, language: str) -> str:
    """`text` with all that is a number, or may become one, as dots. `before`: the last turns of the talk."""
    turns = with_partial(text, before, speaker)
    now = turns[-1]
    hidden = list(redact.find(turns, language).get(PARTIAL, ()))
    spoken = language.partition("-")[0].lower()
    for run in runs([now], spoken, loose=spoken == "fa"):
        if len(run.text) > LONGEST_SHOWN:
            hidden += [redact.Hidden(start=start, end=end, kind="code") for _, start, end in run.places()]
    return redact.hide(text, hidden)
