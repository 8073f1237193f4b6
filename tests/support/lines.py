"""The network between a phone and Asterisk: packets that come late, and now and then after those sent later."""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import suppress
from typing import Any

from cxcall.demo.phone import Call

LONG_WAY_S = 0.045
"""A packet that goes it is overtaken by the two after it, which are 20 ms apart."""


def jittery(call: Call, *, late: float = 0.06, overtaken: float = 0.0, seed: int = 0) -> None:
    """From now on every packet of `call` comes up to `late` seconds late, in order but for the share `overtaken`.

    It says when it was spoken as before, whenever it comes.
    """
    call._audio._socket = _Line(call._audio._socket, late, overtaken, seed)


class _Line(socket.socket):
    """A phone's socket with a network behind it."""

    def __init__(self, phone: socket.socket, late: float, overtaken: float, seed: int) -> None:
        super().__init__(phone.family, phone.type, fileno=phone.detach())
        self.setblocking(False)
        self._late = late
        self._overtaken = overtaken
        self._chance = random.Random(seed)
        self._last = 0.0

    def sendto(self, packet: Any, *where: Any) -> int:
        loop = asyncio.get_running_loop()
        self._last = max(self._last, loop.time() + self._chance.uniform(0, self._late))
        long_way = LONG_WAY_S if self._chance.random() < self._overtaken else 0.0
        loop.call_at(self._last + long_way, self._arrive, packet, where)
        return len(packet)

    def _arrive(self, packet: bytes, where: tuple[Any, ...]) -> None:
        with suppress(OSError):  # the call may be over
            super().sendto(packet, *where)
