"""Sockets and timing of a phone's audio: a port per call, one timer for all of a phone's calls.

Sound costs. A call without `sound` sends one packet of silence a second, which is enough for Asterisk to know that
the phone is there (rtp_timeout), and a call that does not `listen` never reads its socket. So many calls cost next to
nothing.
"""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress

from cxcall.demo.phone.rtp import TICK, Listener, Speaker

_KEEP_ALIVE = 1.0
_PACKET = 2_048


class AudioPort:
    """The audio of one call: an open UDP port, what is sent from it and what was heard at it."""

    def __init__(self, sound: bytes | None, listen: bool) -> None:
        """Open the port; `sound` is µ-law, looped."""
        self.speaker = Speaker(sound)
        self.listener = Listener()
        self._listens = listen
        self._last_sent: float | None = None
        self._rested = False
        self._to: tuple[str, int] | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        if listen:
            asyncio.get_running_loop().add_reader(self._socket, self._heard)

    @property
    def busy(self) -> bool:
        """Whether a packet must go out every tick."""
        speaker = self.speaker
        return self._to is not None and (speaker.sound is not None or speaker.saying or speaker.pressing)

    def send_to(self, host: str, port: int) -> None:
        """Send to this address from now on."""
        self._to = (host, port)

    def tick(self) -> None:
        """Send one packet; a packet the kernel does not take is lost, as on a network."""
        if self._to is None:
            return
        now = time.monotonic()
        if self._rested and self._last_sent is not None:
            self.speaker.rested(max(0.0, now - self._last_sent - TICK))
        with suppress(OSError):
            self._socket.sendto(self.speaker.packet(), self._to)
        self._last_sent, self._rested = now, not self.busy

    def close(self) -> None:
        """Close the port."""
        if self._listens:
            asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _heard(self) -> None:
        with suppress(OSError):
            while True:
                self.listener.take(self._socket.recv(_PACKET))


class Pacer:
    """Sends the packets of several ports in time."""

    def __init__(self) -> None:
        """Nothing is sent until `run`."""
        self._ports: set[AudioPort] = set()
        self._something_to_say = asyncio.Event()

    def add(self, port: AudioPort) -> None:
        """Send the packets of `port` from now on, the first at once: Asterisk's Answer() waits for it."""
        port.tick()
        self._ports.add(port)
        self._something_to_say.set()

    def remove(self, port: AudioPort) -> None:
        """Stop sending the packets of `port`."""
        self._ports.discard(port)

    def wake(self) -> None:
        """Look again which ports have something to say."""
        self._something_to_say.set()

    async def run(self) -> None:
        """Send for ever: every 20 ms what is busy, once a second a sign of life of the rest."""
        loop = asyncio.get_running_loop()
        due = last_sign = loop.time()
        while True:
            now = loop.time()
            busy = [port for port in self._ports if port.busy]
            if now - last_sign >= _KEEP_ALIVE:
                last_sign = now
                for port in self._ports:
                    if not port.busy:
                        port.tick()
            if busy:
                for port in busy:
                    port.tick()
                due += TICK
                await asyncio.sleep(max(0.0, due - loop.time()))
            else:
                await self._rest()
                due = loop.time()

    async def _rest(self) -> None:
        self._something_to_say.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_KEEP_ALIVE):
                await self._something_to_say.wait()
