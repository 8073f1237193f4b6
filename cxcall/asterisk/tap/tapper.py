"""The tap: decides for each call whether it is heard, and sees that everyone who talks in it has a spy of their own.

It hears of changes in the process that follows the calls, at the moment they are followed, and asks Asterisk at once: a
spy is there a tenth of a second after the first word. While no queue is listened to that costs one look at a table.
Nothing here is waited for by the listener, and nothing that fails here touches a call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, Literal

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.following import Follower
from cxcall.asterisk.tap.asking import Asking
from cxcall.asterisk.tap.calls import Calls, Refusal
from cxcall.asterisk.tap.choosing import Chosen
from cxcall.asterisk.tap.line import Line
from cxcall.asterisk.tap.spying import Spying
from cxcall.bus import Bus, Commands
from cxcall.calls.changes import Change
from cxcall.settings import Ami, Settings
from cxcall.speech.stream import Receiver

CHANGED = "speech-settings"
"""The channel on which whoever changed what is listened to says so."""

_RELOAD_S = 60.0
"""A change that nobody told us of is seen after this long."""

log = structlog.get_logger(__name__)


def _able(language: str, engine: str) -> Literal["", "no_model", "overload"]:
    return ""


class Tapper:
    """Taps the calls of all servers it is attached to while `serving` lasts; a Watcher for AsteriskEdge."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        receiver: Receiver,
        refusal: Refusal = _able,
    ) -> None:
        self._settings = settings
        self._bus = bus
        self._commands = commands
        self._receiver = receiver
        self._refusal = refusal
        self._tasks: set[asyncio.Task[None]] = set()
        self.audio = AudioServer()
        self.chosen = Chosen(engine, settings.site.country)
        self.servers: dict[str, Calls] = {}

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The audio port is open and calls are tapped; gives `host:port`. Raises OSError when it can't be opened."""
        async with self.audio.listening(self._settings.audio.host, self._settings.audio.port) as address:
            await self.chosen.load()
            told = asyncio.Event()
            with contextlib.ExitStack() as served:
                served.callback(self._bus.subscribe(CHANGED, lambda _: told.set()))
                served.enter_context(Asking(self.servers, self.audio).serve(self._commands))
                self._start(self._renew(told))
                try:
                    yield address
                finally:
                    await self._stop()

    # What a listener says (a Watcher)

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        self.servers[server.name] = Calls(
            Line(server, client, calls, self.audio),
            chosen=self.chosen,
            receiver=self._receiver,
            refusal=self._refusal,
            start=self._start,
        )

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        self.servers[server].heard(changes)

    def told(self, server: str, event: str, message: Headers) -> None:
        way = self.servers[server].line.way
        if event == "OriginateResponse" and isinstance(way, Spying):
            way.originated(message)

    def listed(self, server: str) -> None:
        self.servers[server].listed()

    # Inside

    async def _renew(self, told: asyncio.Event) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RELOAD_S):
                    await told.wait()
            told.clear()
            await self.chosen.load()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the tap failed at something; calls go on", exc_info=error)

    async def _stop(self) -> None:
        self.chosen.put({})
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self.servers.values():
            for call in list(server.calls.values()):
                server.silence(call)
            server.calls.clear()
            if server.line.way is not None:
                await server.line.way.close()
