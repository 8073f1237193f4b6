"""The AudioSocket port: takes connections, gives the sound of each stream that was asked for to who asked.

Whatever happens here, the call lives: dropping a connection ends only the channel that listened. What strangers send is
counted by kind and logged once for each kind.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import structlog

from cxcall.asterisk.audio.connection import Connection, Taker
from cxcall.asterisk.audio.counters import AudioStatus, Counters, End
from cxcall.asterisk.audio.limits import Limits
from cxcall.asterisk.doors import AT_ONCE, BACKLOG, opened, told

_USUAL = frozenset({End.HUNG_UP, End.STOPPED, End.NOTHING_SAID})
"""Ends not worth a line in the log."""

_LAST_S = 1.0
"""For connections to be gone when we stop."""

log = structlog.get_logger(__name__)


class AudioServer:
    """Takes streams that were asked for with `expect`, each once; use `async with server.listening(host, port)`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._since = datetime.now(UTC)
        self._expected: dict[str, Taker] = {}
        self._streams: dict[str, Connection] = {}
        self._doorway: dict[Connection, None] = {}
        self._open: set[Connection] = set()
        self._stopping = False
        self._empty = asyncio.Event()
        self._empty.set()
        self.address = ""
        """`host:port` while it listens."""
        self.counters = Counters()

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[str]:
        """Serve for as long as the context lasts; gives `host:port` as it is. Raises OSError when it can't be opened.

        At the end every stream's channel is told to hang up: the calls go on.
        """
        loop = asyncio.get_running_loop()
        door = await opened(host, port)
        server = await loop.create_server(lambda: Connection(self, self._limits), sock=door, backlog=AT_ONCE)
        door.listen(BACKLOG)  # asyncio has one number for both
        self.address = told(door)
        self._stopping = False
        try:
            yield self.address
        finally:
            self._stopping = True
            self.address = ""
            server.close()
            for connection in list(self._open):
                connection.stop() if connection.name else connection.drop(End.STOPPED)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limits.closing + _LAST_S):
                    await self._empty.wait()
                    await server.wait_closed()

    def expect(self, name: str, taker: Taker) -> None:
        """A stream of this name (uuid) will come; whoever comes first by it is taken, nobody after."""
        self._expected[name] = taker

    def forget(self, name: str) -> None:
        """It is not waited for any more; one that has come is ended. The call it listens to lives."""
        self._expected.pop(name, None)
        connection = self._streams.get(name)
        if connection is not None:
            connection.stop()

    def status(self) -> AudioStatus:
        counters = self.counters
        return AudioStatus(
            address=self.address,
            since=self._since,
            open=len(self._streams),
            asked=len(self._expected),
            waiting=len(self._doorway),
            connections=counters.connections,
            streams=counters.streams,
            frames=counters.frames,
            resampled=counters.resampled,
            ends={str(end): count for end, count in counters.ends.items()},
        )

    # What connections say

    def arrived(self, connection: Connection) -> None:
        self.counters.connections += 1
        self._open.add(connection)
        self._empty.clear()
        self._doorway[connection] = None
        if len(self._doorway) > self._limits.doorway:
            next(iter(self._doorway)).drop(End.CROWDED_OUT)

    def named(self, connection: Connection, name: str) -> Taker | None:
        self._doorway.pop(connection, None)
        taker = self._expected.pop(name, None)
        if taker is None or self._stopping:
            connection.drop(End.UNKNOWN if taker is None else End.STOPPED)
            return None
        if len(self._streams) >= self._limits.streams:
            connection.drop(End.FULL)
            taker.close("lost", datetime.now(UTC).timestamp())
            return None
        self.counters.streams += 1
        self._streams[name] = connection
        return taker

    def sound(self, connection: Connection) -> None:
        self.counters.frames += 1

    def left(self, connection: Connection) -> None:
        self._doorway.pop(connection, None)
        self._open.discard(connection)
        if not self._open:
            self._empty.set()
        if connection.name and self._streams.get(connection.name) is connection:
            del self._streams[connection.name]
        self.counters.resampled += bool(connection.resampled)
        self.counters.keys += connection.keys
        how = connection.end or End.LOST
        if self.counters.ended(how) and how not in _USUAL:
            log.warning("an AudioSocket connection ended early; more of this kind are only counted", kind=str(how),
                        peer=connection.peer, why=connection.why)  # fmt: skip
