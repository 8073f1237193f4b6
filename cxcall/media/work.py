"""What the pool works on: utterances as they are said, and pieces of after-call work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

from cxcall.speech.engines.engine import Decoding, Engine, Heard
from cxcall.speech.engines.models import Model
from cxcall.speech.stream import RATE

BYTES_A_SECOND = 2 * RATE


class Mark(Enum):
    """What is said of an utterance between its samples."""

    PAUSE = "pause"
    FINISH = "finish"
    DROP = "drop"


Item = bytes | Mark


class Listener(Protocol):
    """Told of one utterance, on the event loop."""

    def partial(self, text: str) -> None:
        """What it says so far."""

    def heard(self, heard: Heard) -> None:
        """All of it; an empty text means that nobody spoke."""

    def failed(self, why: str) -> None:
        """It will have no text: the engine broke or can't be used."""


class Utterance:
    """One utterance on its way through the pool. `feed`, `pause`, `finish` and `drop` return at once; the rest is the
    pool's."""

    def __init__(self, add: Callable[[Utterance, Item], None], model: Model, listener: Listener) -> None:
        self._add = add
        self.model = model
        self.listener = listener
        self.items: deque[Item] = deque()
        self.decoding: Decoding | None = None
        self.busy = False
        self.gone = False
        self.finishing = False
        self.waiting = 0
        """Bytes of sound not decoded yet."""

    def feed(self, pcm: bytes) -> None:
        """The next samples, RATE a second."""
        self._add(self, pcm)

    def pause(self) -> None:
        """The speaker is silent for the moment: an engine without partial texts may show what it has."""
        self._add(self, Mark.PAUSE)

    def finish(self) -> None:
        """That was all; its text is wanted."""
        self._add(self, Mark.FINISH)

    def drop(self) -> None:
        """It is not wanted any more; nothing more is told."""
        self._add(self, Mark.DROP)

    def take(self, seconds: float, *, others: bool) -> tuple[bytes, Mark | None]:
        """The sound of one turn, joined, and what comes after it. A pause that is over already, or for which nobody has
        time (`others` wait), is passed over."""
        chunks: list[bytes] = []
        size = 0
        while self.items and size < seconds * BYTES_A_SECOND:
            item = self.items.popleft()
            if isinstance(item, bytes):
                chunks.append(item)
                size += len(item)
            elif item is not Mark.PAUSE or not (self.items or others):
                return b"".join(chunks), item
        return b"".join(chunks), None


class Job:
    """A piece of after-call work with an engine; asked for `since`, settled on the event loop."""

    def __init__(self, model: Model, work: Callable[[Engine], Any], since: float) -> None:
        self.model, self.work, self.since = model, work, since
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def settle(self, result: Any, error: Exception | None) -> None:
        """Tell who waits what came of it."""
        if self.done.done():
            return
        if error is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(result)
