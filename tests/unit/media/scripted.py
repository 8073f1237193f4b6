"""An engine that says what it was told to, as fast as a test lets it: a double, said to be one.

What an utterance says is in its samples: the first two bytes are a number, and `texts` has the words of that number.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from cxcall.speech.engines.engine import EngineError, Heard
from cxcall.speech.engines.models import Model
from cxcall.speech.transcript import Word

VOSK = Model(language="en", engine="vosk", name="scripted", path="scripted", source="given")
WHISPER = Model(language="en", engine="whisper", name="scripted whisper", path="scripted whisper", source="given")
SECOND = 16_000
"""Bytes of a second of sound."""


def sound(number: int, seconds: float = 0.2) -> bytes:
    """Samples that are about `number`."""
    return number.to_bytes(2, "little") * int(seconds * SECOND / 2)


class ScriptedEngine:
    """Implements `Engine`. `gate`: decoding waits for it, when it is given. `breaks`: numbers at which it breaks."""

    def __init__(
        self,
        texts: Mapping[int, str],
        *,
        model: Model = VOSK,
        gate: threading.Semaphore | None = None,
        breaks: frozenset[int] = frozenset(),
    ) -> None:
        self.name: str = model.engine
        self.model, self.language, self.rate = model.name, model.language, 8000
        self.partials = model.engine == "vosk"
        self.texts, self.gate, self.breaks = texts, gate, breaks
        self.order: list[int] = []
        """Numbers of the utterances, each time one was worked on."""
        self.fed: dict[int, bytes] = {}
        self.paused = 0
        self.idled = 0
        self.closed = False

    def begin(self, rate: int = 8000) -> ScriptedDecoding:
        return ScriptedDecoding(self)

    def idle(self) -> None:
        self.idled += 1

    def close(self) -> None:
        self.closed = True


class ScriptedDecoding:
    def __init__(self, engine: ScriptedEngine) -> None:
        self._engine = engine
        self._number: int | None = None
        self._said = 0

    def feed(self, pcm: bytes) -> str | None:
        engine = self._engine
        if self._number is None:
            self._number = int.from_bytes(pcm[:2], "little")
        if engine.gate is not None and not engine.gate.acquire(timeout=30):
            raise EngineError("the test let nothing through")
        engine.order.append(self._number)
        engine.fed[self._number] = engine.fed.get(self._number, b"") + pcm
        if self._number in engine.breaks:
            raise RuntimeError("the engine broke")
        self._said += 1
        words = engine.texts.get(self._number, "").split()
        return " ".join(words[: self._said]) if engine.partials else None

    def pause(self) -> str | None:
        self._engine.paused += 1
        return None if self._engine.partials or self._number is None else self._engine.texts.get(self._number)

    def finish(self) -> Heard:
        words = self._engine.texts.get(self._number or 0, "").split()
        timed = tuple(Word(word=word, start=0.2 * n, end=0.2 * n + 0.2) for n, word in enumerate(words))
        return Heard(text=" ".join(words), words=timed, confidence=0.9)

    def drop(self) -> None:
        self._engine.fed.pop(self._number or 0, None)


class Told:
    """A listener of the pool that keeps what it is told."""

    def __init__(self) -> None:
        self.partials: list[str] = []
        self.text: str | None = None
        self.why = ""

    def partial(self, text: str) -> None:
        self.partials.append(text)

    def heard(self, heard: Heard) -> None:
        self.text = heard.text

    def failed(self, why: str) -> None:
        self.why = why


Load = Callable[[Model], ScriptedEngine]
