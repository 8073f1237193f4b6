"""The FastAGI port: takes connections, gives each conversation to the handler of its script, and bounds all of it.

Whatever happens here, Asterisk gets its call back: every way out of a conversation closes its connection, and the
dialplan goes on. What strangers send is counted by kind and logged once for each kind.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime

import structlog

from cxcall.asterisk.agi.connection import Connection
from cxcall.asterisk.agi.counters import AgiStatus, Counters, End
from cxcall.asterisk.agi.errors import ConnectionClosed, PeerError, SessionOver
from cxcall.asterisk.agi.events import Request
from cxcall.asterisk.agi.limits import Limits
from cxcall.asterisk.agi.session import Session
from cxcall.asterisk.doors import AT_ONCE, BACKLOG, opened, told

Handler = Callable[[Session], Awaitable[None]]
"""Has the conversation of one call; when it returns, raises or is cancelled, the call goes on in the dialplan."""

_NAMED_SCRIPTS = 100
"""Unknown scripts we remember to have complained about."""

_USUAL = frozenset({End.DONE, End.HUNG_UP, End.LOST, End.STOPPED, End.NOTHING_SAID, End.UNKNOWN_SCRIPT})
"""Ends not worth a line in the log, or said in a line of their own."""

log = structlog.get_logger(__name__)


class Server:
    """A FastAGI server for `scripts` (`/survey` → handler); use `async with server.listening(host, port)`."""

    def __init__(self, scripts: Mapping[str, Handler], limits: Limits | None = None) -> None:
        self._scripts = dict(scripts)
        self._limits = limits or Limits()
        self._since = datetime.now(UTC)
        self._address = ""
        self._open: set[Connection] = set()
        self._doorway: dict[Connection, None] = {}
        self._tasks: dict[Connection, asyncio.Task[None]] = {}
        self._cancelled: dict[Connection, End] = {}
        self._unknown: set[str] = set()
        self._stopping = asyncio.Event()
        self.counters = Counters()

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[str]:
        """Serve for as long as the context lasts; gives `host:port` as it is. Raises OSError when it can't be opened.

        At the end conversations get `grace` seconds to end by themselves, then their handlers are cancelled.
        """
        loop = asyncio.get_running_loop()
        self._stopping.clear()
        listener = await opened(host, port)
        server = await loop.create_server(lambda: Connection(self, self._limits), sock=listener, backlog=AT_ONCE)
        listener.listen(BACKLOG)  # asyncio has one number for both
        self._address = told(listener)
        try:
            yield self._address
        finally:
            server.close()
            await self._stop()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limits.last):
                    await server.wait_closed()

    def status(self) -> AgiStatus:
        counters = self.counters
        return AgiStatus(
            address=self._address,
            since=self._since,
            open=len(self._tasks),
            waiting=len(self._doorway),
            connections=counters.connections,
            conversations=counters.conversations,
            ends={str(end): count for end, count in counters.ends.items()},
        )

    # What connections say

    def arrived(self, connection: Connection) -> None:
        self.counters.connections += 1
        self._open.add(connection)
        self._doorway[connection] = None
        if len(self._doorway) > self._limits.doorway:
            next(iter(self._doorway)).drop(PeerError("Too many others came."), End.CROWDED_OUT)

    def asked(self, connection: Connection, request: Request) -> bool:
        self._doorway.pop(connection, None)
        handler = self._scripts.get(request.script)
        if handler is None:
            self._complain(request.script, connection)
            connection.drop(PeerError("There is no such script."), End.UNKNOWN_SCRIPT)
            return False
        if self._stopping.is_set() or len(self._tasks) >= self._limits.sessions:
            full = End.STOPPED if self._stopping.is_set() else End.FULL
            connection.drop(ConnectionClosed("No conversation can begin now."), full)
            return False
        self.counters.conversations += 1
        task = asyncio.create_task(_run(handler, Session(connection, request, self._stopping)))
        alarm = asyncio.get_running_loop().call_later(self._limits.session, self._cancel, connection, End.TOO_LONG)
        self._tasks[connection] = task
        task.add_done_callback(lambda _: alarm.cancel())
        task.add_done_callback(lambda _: self._done(connection, task, request.script))
        return True

    def overslept(self, connection: Connection) -> None:
        if connection in self._cancelled:
            log.error("a script was told to end and has not; it is told again")
        self._cancel(connection, End.SLOW)

    def left(self, connection: Connection) -> None:
        self._doorway.pop(connection, None)
        self._open.discard(connection)
        if not connection.served:
            self._count(connection, connection.end or End.CUT_OFF)

    # Conversations

    def _done(self, connection: Connection, task: asyncio.Task[None], script: str) -> None:
        """A handler is done: its connection closes, and how it went is counted."""
        connection.handler_done()
        connection.let_go()
        del self._tasks[connection]
        error = None if task.cancelled() else task.exception()
        how = End.STOPPED if task.cancelled() else _as_it_went(connection)
        if error is not None and not isinstance(error, SessionOver):
            how = End.FAILED
            log.error("a script failed; its call goes on", script=script, exc_info=error)
        self._count(connection, self._cancelled.pop(connection, how), script=script)

    def _cancel(self, connection: Connection, how: End) -> None:
        """End a conversation: the call goes on now, the handler has a while for its `finally`."""
        task = self._tasks.get(connection)
        if task is not None:
            self._cancelled.setdefault(connection, how)
            connection.let_go()
            task.cancel()

    async def _stop(self) -> None:
        self._stopping.set()
        for connection in list(self._doorway):
            connection.drop(ConnectionClosed("We stop."), End.STOPPED)
        for wait in (self._limits.grace, self._limits.last):
            if self._tasks:
                await asyncio.wait(self._tasks.values(), timeout=wait)
            for connection in list(self._tasks):
                self._cancel(connection, End.STOPPED)
        for connection in list(self._open):
            connection.drop(ConnectionClosed("We stop."), End.STOPPED)
        if self._tasks:
            log.error("scripts did not end when told to", count=len(self._tasks))

    # Counting

    def _count(self, connection: Connection, how: End, **more: str) -> None:
        if self.counters.ended(how) and how not in _USUAL:
            why = str(connection.over or "")
            log.warning("a FastAGI connection ended early; more of this kind are only counted", kind=str(how),
                        peer=connection.peer, why=why, **more)  # fmt: skip

    def _complain(self, script: str, connection: Connection) -> None:
        if script not in self._unknown and len(self._unknown) < _NAMED_SCRIPTS:
            self._unknown.add(script)
            known = ", ".join(sorted(self._scripts))
            log.warning(
                "the dialplan asks for a script there is not", script=script[:100], peer=connection.peer, known=known
            )


async def _run(handler: Handler, session: Session) -> None:
    await handler(session)


def _as_it_went(connection: Connection) -> End:
    """How a conversation ended that its handler did not end badly."""
    if connection.end not in (None, End.LOST):
        return connection.end or End.DONE
    if connection.hung_up:
        return End.HUNG_UP
    return connection.end or End.DONE
