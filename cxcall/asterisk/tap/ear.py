"""One speaker being listened to: what comes of its sound goes on to the receiver while a talk goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from cxcall.speech.stream import Closed, Receiver, Sink, Stream

log = structlog.get_logger(__name__)


class Ear:
    """Takes the sound of `stream` from the audio port.

    The receiver hears of it with the first sound of a talk: who waits alone in a queue says nothing that counts. On
    hold, parked or between two agents the sound is dropped here, and the receiver is told.
    """

    def __init__(self, stream: Stream, receiver: Receiver, ended: Callable[[Ear, Closed], None]) -> None:
        self.stream = stream
        self.here: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when its connection is there; an exception says why it will not come."""
        self.closed: Closed | None = None
        self._receiver = receiver
        self._ended = ended
        self._sink: Sink | None = None
        self._held = True

    @property
    def id(self) -> str:
        return self.stream.id

    @property
    def told(self) -> bool:
        """Whether the receiver knows of it."""
        return self._sink is not None

    @property
    def open(self) -> bool:
        """Whether its connection is there."""
        here = self.here
        return self.closed is None and here.done() and not here.cancelled() and here.exception() is None

    def belongs(self, call_id: str) -> None:
        """Its call has become part of another."""
        self.stream = msgspec.structs.replace(self.stream, call_id=call_id)

    def hold(self, held: bool, at: float) -> None:
        """The talk pauses or goes on."""
        if held == self._held:
            return
        self._held = held
        if self._sink is not None:
            try:
                self._sink.hold(held, at)
            except Exception:
                log.exception("what takes the sound of a call failed", call=self.stream.call_id)

    # What the audio port says

    def arrived(self) -> None:
        if not self.here.done():
            self.here.set_result(None)

    def audio(self, pcm: bytes, at: float) -> None:
        if self._held:
            return
        if self._sink is None:
            self._sink = self._receiver.open(self.stream, at)
        self._sink.audio(pcm, at)

    def close(self, why: Closed, at: float) -> None:
        """Nothing comes any more; said once, whoever says it first."""
        if self.closed is not None:
            return
        self.closed = why
        if not self.here.done():
            self.here.cancel()
        if self._sink is not None:
            try:
                self._sink.close(why, at)
            except Exception:
                log.exception("what takes the sound of a call failed", call=self.stream.call_id)
        self._ended(self, why)
