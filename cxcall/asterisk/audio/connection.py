"""One TCP connection of Asterisk: bytes to events by the codec, sound to whoever asked for it, and a limit on silence.

Until it is named there is nothing here but this object and one timer: no task, no more bytes than a first frame has. So
a stranger costs next to nothing, and is gone at its first wrong byte or when its time is over. After that nothing waits
for anything either: what takes the sound returns at once, and one timer looks now and then whether bytes still come.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from typing import Protocol

from cxcall.asterisk.audio.counters import End
from cxcall.asterisk.audio.limits import KEEP_ALIVE, Limits
from cxcall.asterisk.audio.resampling import Resampler
from cxcall.speech.audiosocket import Codec, Event, Failed, HungUp, Key, Named, PeerError, Sound, hang_up
from cxcall.speech.stream import RATE, Closed

_CLOSED: dict[End, Closed] = {
    End.HUNG_UP: "hung_up", End.STOPPED: "stopped", End.BROKEN: "broken", End.FLOOD: "broken", End.FAILED: "broken"
}  # fmt: skip
"""What a taker is told; every other end is `lost`."""


class Taker(Protocol):
    """Takes the sound of one stream. All methods return at once; `at`: seconds since 1970, when it arrived."""

    def arrived(self) -> None:
        """The connection is there; sound may follow, at once or only when somebody speaks."""

    def audio(self, pcm: bytes, at: float) -> None:
        """Samples, RATE a second."""

    def close(self, why: Closed, at: float) -> None:
        """Nothing comes any more."""


class Owner(Protocol):
    """Who is told what happens to a connection: the server."""

    def arrived(self, connection: Connection) -> None:
        """It was accepted."""

    def named(self, connection: Connection, name: str) -> Taker | None:
        """Its name has come: who takes its sound, None when nobody asked for it (the connection was dropped)."""

    def sound(self, connection: Connection) -> None:
        """A frame of sound came."""

    def left(self, connection: Connection) -> None:
        """It is gone."""


class Connection(asyncio.Protocol):
    """From accept to loss."""

    def __init__(self, owner: Owner, limits: Limits) -> None:
        self._owner = owner
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._codec = Codec()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._taker: Taker | None = None
        self._resampler: Resampler | None = None
        self._spoke = False
        self._began = self._heard = 0.0
        self._seconds = 0.0
        self.peer = ""
        self.name = ""
        """The stream's uuid, once it was found to be asked for."""
        self.resampled = self.keys = 0
        self.end: End | None = None
        """How it ended; the first reason counts."""
        self.why = ""

    def stop(self) -> None:
        """End the channel at Asterisk, and the connection once that has left."""
        if self._transport is None or self.end is not None:
            return
        self._finish(End.STOPPED)
        self._transport.write(hang_up())
        self._transport.close()
        self._loop.call_later(self._limits.closing, self._transport.abort)

    def drop(self, how: End, why: str = "") -> None:
        """Close at once."""
        self._finish(how, why)
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self._timer = self._loop.call_later(self._limits.name, self.drop, End.LATE)
        self._owner.arrived(self)

    def data_received(self, data: bytes) -> None:
        self._spoke = True
        self._heard = self._loop.time()
        self._codec.receive(data)
        at = time.time()
        try:
            while self.end is None and (event := self._codec.next_event()) is not None:
                self._take(event, at)
        except PeerError as error:
            self.drop(End.GARBAGE if self._taker is None else End.BROKEN, str(error))

    def eof_received(self) -> bool:
        """Asterisk closes without a word when the channel is gone; only half a frame is no proper end."""
        if self._taker is not None:
            self._finish(End.BROKEN if self._codec.waiting else End.HUNG_UP)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        how = End.LOST if self._taker is not None else End.CUT_OFF if self._spoke else End.NOTHING_SAID
        self._finish(how, str(exc or ""))
        self._owner.left(self)

    # Inside

    def _take(self, event: Event, at: float) -> None:
        match event:
            case Sound():
                self._sound(event, at)
            case Named():
                self._named(event.id)
            case Key():
                self.keys += 1
            case HungUp():
                self.drop(End.HUNG_UP)
            case Failed():
                self.drop(End.LOST, f"Asterisk told of an error ({event.code}).")

    def _named(self, name: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        taker = self._owner.named(self, name)
        if taker is None or self.end is not None or self._transport is None:
            return
        self._taker, self.name = taker, name
        self._began = self._heard
        _keep_alive(self._transport.get_extra_info("socket"))
        self._look()
        taker.arrived()

    def _sound(self, sound: Sound, at: float) -> None:
        self._seconds += len(sound.pcm) / (2 * sound.rate)
        if self._seconds - (self._heard - self._began) > self._limits.ahead:
            self.drop(End.FLOOD, f"{self._seconds:.0f} s of sound came in {self._heard - self._began:.0f} s.")
            return
        self._owner.sound(self)
        pcm = sound.pcm if sound.rate == RATE else self._resample(sound)
        if not pcm or self._taker is None:
            return
        try:
            self._taker.audio(pcm, at)
        except Exception as error:  # one stream's fault is not the others'
            self.drop(End.FAILED, repr(error))

    def _resample(self, sound: Sound) -> bytes:
        if self._resampler is None or self._resampler.rate != sound.rate:
            self._resampler = Resampler(sound.rate)
            self.resampled += 1
        return self._resampler.feed(sound.pcm)

    def _look(self) -> None:
        """Every now and then: does anything still come?"""
        if self.end is not None:
            return
        left = self._limits.idle - (self._loop.time() - self._heard)
        if left <= 0:
            self.drop(End.IDLE)
        else:
            self._timer = self._loop.call_later(left + 0.01, self._look)

    def _finish(self, how: End, why: str = "") -> None:
        if self.end is not None:
            return
        self.end, self.why = how, why
        if self._timer is not None:
            self._timer.cancel()
        if self._taker is not None:
            with contextlib.suppress(Exception):  # it is told once, whatever it makes of it
                self._taker.close(_CLOSED.get(how, "lost"), time.time())


def _keep_alive(sock: socket.socket | None) -> None:
    """Have the kernel notice a machine that lost its power or network."""
    idle, every, times = KEEP_ALIVE
    with contextlib.suppress(OSError, AttributeError):
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, every)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, times)
