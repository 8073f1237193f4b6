"""One sentence over several audio legs.

`Dial()` bounds a leg by its limit and by nothing else: a process that stands still would hold the caller for all the
time a long sentence may take. So the dialplan listens in short parts and asks between them whether to go on. Some
hundredths of a second are lost there, and only for callers who speak for longer than one part.
"""

from __future__ import annotations

import asyncio

from cxcall.speech.sentence import Ear
from cxcall.speech.stream import Closed

NEXT_S = 2.0
"""From the end of a part to the next one, the question between them included; then the caller is gone."""


class Parts:
    """Takes the sound of every part (`cxcall.asterisk.audio.connection.Taker`) and gives it to one ear."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._legs = 0
        self._closed: tuple[Closed, float] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.came = False
        """Whether the caller could be heard at all."""

    def arrived(self) -> None:
        self._legs += 1
        self._closed = None
        self._wait_no_more()
        if not self.came:
            self.came = True
            self._ear.arrived()

    def audio(self, pcm: bytes, at: float) -> None:
        self._ear.audio(pcm, at)

    def close(self, why: Closed, at: float) -> None:
        self._legs -= 1
        if self._legs <= 0:  # the next one may come before the last is seen to end
            self._closed = (why, at)
            self.waiting()

    def waiting(self) -> None:
        """Another part is to come, from now."""
        self._wait_no_more()
        if self._legs <= 0:
            self._timer = asyncio.get_running_loop().call_later(NEXT_S, self.end)

    def end(self) -> None:
        """None comes any more."""
        self._wait_no_more()
        if self._closed is not None:
            self._ear.close(*self._closed)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
