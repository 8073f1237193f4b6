"""Hears callers who are asked for one sentence: their sound is cut into utterances and each becomes text at once.

The same pool and models as talks have; here nothing is kept, and nobody waits longer than a moment for a text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from cxcall.media.room import Room
from cxcall.media.work import Utterance
from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.engine import Heard as Decoded
from cxcall.speech.sentence import Heard, Sentence, Wanted
from cxcall.speech.stream import Closed
from cxcall.speech.utterance import Begun, Chunk, Ended, Event, Paused

log = structlog.get_logger(__name__)

LOOK_S = 0.05

Judge = Callable[[str], bool]
"""Whether what was said so far is understood."""


class SentenceEar:
    """One caller (`cxcall.speech.sentence.Ear`); `told` is called once, with what came of it."""

    def __init__(self, wanted: Wanted, room: Room, judge: Judge, told: Callable[[Heard], None]) -> None:
        self._wanted = wanted
        self._room = room
        self._judge = judge
        self._told = told
        self._cutter = room.cut()
        self._sentence = Sentence()
        self._began: float | None = None
        self._now: _Voice | None = None
        self._voices: list[_Voice] = []
        self._timer: asyncio.TimerHandle | None = None
        self._done = False

    def arrived(self) -> None:
        self._began = self._room.clock()
        self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def audio(self, pcm: bytes, at: float) -> None:
        if not self._done:
            self._take(self._cutter.feed(pcm, at))

    def close(self, why: Closed, at: float) -> None:
        if self._done:
            return
        self._take(self._cutter.close(at))
        self._sentence.closed(self._since(at))
        self._judged()

    # What a voice says

    def heard(self, voice: _Voice, text: str) -> None:
        self._sentence.heard(voice.n, text)
        self._sentence.sure = self._judge(self._sentence.text)
        self._judged()

    def failed(self, voice: _Voice, why: str) -> None:
        log.warning("what a caller said has no text", why=why)
        self._sentence.failed(voice.n)
        self._judged()

    # Inside

    def _look(self) -> None:
        """Time passes, also when a silent phone sends nothing."""
        if self._done:
            return
        self._take(self._cutter.tick(self._room.clock()))
        self._judged()
        if not self._done:
            self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _judged(self) -> None:
        came = None if self._done else self._sentence.over(self._since(self._room.clock()))
        if came is None:
            return
        self._done = True
        if self._timer is not None:
            self._timer.cancel()
        self._cutter.close(self._room.clock())
        for voice in self._voices:
            voice.drop()
        self._told(came)

    def _since(self, at: float) -> float:
        return 0.0 if self._began is None else max(0.0, at - self._began)

    def _take(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Begun(n=n):
                    self._begin(n)
                case Chunk(pcm=pcm):
                    if self._now is not None:
                        self._now.feed(pcm)
                case Paused():
                    if self._now is not None:
                        self._now.pause()
                case Ended(n=n, end=end):
                    self._sentence.ended(n, self._since(end))
                    if self._now is not None:
                        self._now.finish()
                    self._now = None

    def _begin(self, n: int) -> None:
        self._sentence.begun(n)
        self._now = voice = _Voice(n, self)
        self._voices.append(voice)
        try:
            voice.utterance = self._room.pool.begin(self._room.model(self._wanted.language, ""), voice)
        except EngineError as error:
            self.failed(voice, str(error))


class _Voice:
    """One utterance on its way to its text; hears from the pool."""

    def __init__(self, n: int, ear: SentenceEar) -> None:
        self.n = n
        self.utterance: Utterance | None = None
        self._ear = ear
        self._over = False

    def feed(self, pcm: bytes) -> None:
        if self.utterance is not None:
            self.utterance.feed(pcm)

    def pause(self) -> None:
        if self.utterance is not None:
            self.utterance.pause()

    def finish(self) -> None:
        if self.utterance is not None:
            self.utterance.finish()

    def drop(self) -> None:
        """Its text is not wanted any more."""
        if self.utterance is not None and not self._over:
            self._over = True
            self.utterance.drop()

    # What the pool says

    def partial(self, text: str) -> None:
        """Nothing is shown of it."""

    def heard(self, heard: Decoded) -> None:
        if not self._over:
            self._over = True
            self._ear.heard(self, heard.text)

    def failed(self, why: str) -> None:
        if not self._over:
            self._over = True
            self._ear.failed(self, why)
