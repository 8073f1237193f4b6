"""One sentence a caller is asked for: when it is over, whatever they do.

Pure: who hears the caller says when a voice began and ended and what its text was, and asks `over` now and then. Times
are seconds of one clock, from when the caller could be heard.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from cxcall.speech.stream import Closed

NOTHING_S = 3.0
"""Who has not begun by then says nothing."""
QUIET_S = 0.8
"""After their voice; most people need no more to go on, and what is sure already is not waited for at all."""
TEXT_S = 2.5
"""From the end of the voice to its text: what comes later is too late, as five seconds are all a caller shall wait."""

_HAIR = 1e-6

Why = Literal["said", "silence", "late", "failed", "gone"]
"""It has a text; nobody spoke; the text did not come in time, or can't come; the caller went away before."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `ms`: from the end of the voice until this was known, 0 without a voice."""

    why: Why
    text: str = ""
    ms: float = 0.0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence to be heard: `token` names its stream, `language` what is spoken, "" the site's."""

    token: str
    language: str = ""


class Ear(Protocol):
    """Takes the sound of a caller who says one sentence. All methods return at once; `at`: seconds since 1970."""

    def arrived(self) -> None:
        """They can be heard from now on."""

    def audio(self, pcm: bytes, at: float) -> None:
        """Samples, `speech.stream.RATE` a second."""

    def close(self, why: Closed, at: float) -> None:
        """Nothing comes any more; the text of what was said may still come."""


class Sentence:
    """What is known of it until it is over."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._pending: set[int] = set()
        self._speaking: set[int] = set()
        self._voice_end = 0.0
        self._closed: float | None = None
        self._failed = False
        self.sure = False
        """What was said so far is understood: more is not waited for."""

    @property
    def text(self) -> str:
        """All that was said, in order."""
        return " ".join(text for _, text in sorted(self._texts.items()) if text)

    def begun(self, n: int) -> None:
        """A voice; its text will come under this number."""
        self._pending.add(n)
        self._speaking.add(n)

    def ended(self, n: int, at: float) -> None:
        self._speaking.discard(n)
        self._voice_end = max(self._voice_end, at)

    def heard(self, n: int, text: str) -> None:
        self._pending.discard(n)
        self._texts[n] = text.strip()

    def failed(self, n: int) -> None:
        """It will have no text."""
        self._pending.discard(n)
        self._failed = True

    def closed(self, at: float) -> None:
        """They can't be heard any more."""
        self._closed = at
        self._speaking.clear()

    def over(self, now: float) -> Heard | None:
        """What came of it, or None while it goes on."""
        late = self._pending and not self._speaking and now - self._ended_at >= TEXT_S - _HAIR
        if late:
            return self._what("late", now)
        if self._pending:
            return None
        if self.sure or self._closed is not None:
            return self._what("gone" if self._closed is not None else "silence", now)
        if not self._texts and not self._failed:
            return Heard(why="silence") if now >= NOTHING_S else None
        patience = QUIET_S if self.text else NOTHING_S  # a cough is no answer yet
        return self._what("silence", now) if now - self._voice_end >= patience - _HAIR else None

    @property
    def _ended_at(self) -> float:
        return self._voice_end if self._closed is None else min(self._closed, self._voice_end or self._closed)

    def _what(self, otherwise: Why, now: float) -> Heard:
        took = max(0.0, now - self._voice_end) * 1000 if self._voice_end else 0.0
        why: Why = "said" if self.text else "failed" if self._failed else otherwise
        return Heard(why=why, text=self.text, ms=round(took, 1))
