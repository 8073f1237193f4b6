"""Parts that must not be kept: silence is written instead, asked for by the agent or because of a card number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.recording import tape as tapes
from cxcall.asterisk.recording.books import Books
from cxcall.asterisk.recording.tape import Tape

CARD = "card"
CARD_S = 20.0
"""A pause for a card number ends so many seconds after the last that was said or keyed of it."""


class Pausing:
    """Pauses the recordings of one Asterisk. `start` runs what nobody waits for."""

    def __init__(
        self,
        server: str,
        client: Client,
        books: Books,
        now: Callable[[], datetime],
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._server = server
        self._client = client
        self._books = books
        self._now = now
        self._start = start
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def pause(self, tape: Tape, why: str) -> None:
        """Silence from now on. Raises AmiError when Asterisk goes on recording."""
        if why == CARD and (not tape.paused or tape.name in self._timers):
            self._end_later(tape)
        if tape.paused:
            if why != CARD:
                self.forget(tape)  # a person has taken it over
            return
        tape.silence(self._now(), why)
        try:
            await tapes.mute(self._client, tape, on=True)
        except AmiError:
            tape.pauses.pop()
            raise
        self._books.paused(self._server, tape)

    async def resume(self, tape: Tape) -> None:
        """The talk is recorded again. Raises AmiError when it is not."""
        self.forget(tape)
        if tape.paused:
            await tapes.mute(self._client, tape, on=False)
            tape.speak(self._now())
            self._books.paused(self._server, tape)

    def forget(self, tape: Tape) -> None:
        """Nothing is done later about this recording."""
        timer = self._timers.pop(tape.name, None)
        if timer is not None:
            timer.cancel()

    def forget_all(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _end_later(self, tape: Tape) -> None:
        self.forget(tape)
        later = asyncio.get_running_loop().call_later(CARD_S, lambda: self._start(self.resume(tape)))
        self._timers[tape.name] = later
