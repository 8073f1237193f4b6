"""What every engine can do: decode one utterance at a time, from samples to words."""

from __future__ import annotations

from typing import Protocol

import msgspec

from cxcall.speech.stream import RATE
from cxcall.speech.transcript import Word


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one utterance; times are seconds from its first sample. An empty text means that nobody spoke."""

    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None


class EngineError(Exception):
    """A model or engine can't be used; the text says which and what to do."""


class Decoding(Protocol):
    """One utterance being decoded. Calls block for as long as decoding takes: they belong in a worker thread, one at a
    time."""

    def feed(self, pcm: bytes) -> str | None:
        """Take samples (16-bit, little-endian, mono, of the rate given to `begin`). The partial text when it has
        changed."""

    def pause(self) -> str | None:
        """Nobody speaks for a moment: perhaps this is the end. An engine that decodes whole utterances decodes what it
        has and returns that text, and `finish` right after it costs nothing. May be left out at will."""

    def finish(self) -> Heard:
        """The end of the utterance: what was said. Nothing may be fed after it."""

    def drop(self) -> None:
        """The utterance is not wanted any more."""


class Engine(Protocol):
    """A loaded model; shared by all streams of its language and safe to use from several threads.

    `name`: `vosk` or `whisper`; `model`: the name of the model; `language`: ISO 639 like `fa`; `rate`: samples a second
    it was made for (`begin` takes others); `partials`: whether `feed` ever returns text. Loading may take seconds and
    is done by the function that makes it, which raises EngineError.
    """

    name: str
    model: str
    language: str
    rate: int
    partials: bool

    def begin(self, rate: int = RATE) -> Decoding:
        """A decoding for a new utterance, fed with samples of `rate` a second (8000 or 16000)."""

    def idle(self) -> None:
        """Nothing was decoded for a while: give back memory that is quickly had again."""

    def close(self) -> None:
        """Give the memory back. Decodings that are under way may still finish."""
