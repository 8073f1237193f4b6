"""Recording of all servers: a Watcher that has Asterisk write the chosen calls into files."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.following import Follower
from cxcall.asterisk.recording.asking import Asking
from cxcall.asterisk.recording.books import Books
from cxcall.asterisk.recording.calls import Calls
from cxcall.asterisk.recording.keys import Keys
from cxcall.asterisk.recording.pausing import CARD
from cxcall.asterisk.tap.choosing import Chosen
from cxcall.bus import Bus, Commands
from cxcall.calls.changes import Change
from cxcall.settings import Ami, Settings

log = structlog.get_logger(__name__)


class Recorder:
    """Records while `serving` lasts. Serves `recording:start|stop|pause|resume|state`, as cxcall.bus.speech says."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        chosen: Chosen,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._commands = commands
        self._chosen = chosen
        self._now = now
        self._books = Books(engine, bus, now)
        self._tasks: set[asyncio.Task[None]] = set()
        self._keys = Keys()
        self.servers: dict[str, Calls] = {}

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Calls are recorded. At the end what Asterisk writes goes on, and is found again at the next start."""
        writing = asyncio.create_task(self._books.ledger.run())
        try:
            with Asking(self.servers).serve(self._commands):
                yield
        finally:
            for calls in self.servers.values():
                calls.pausing.forget_all()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    @property
    def waiting(self) -> int:
        """What is still to be written of recordings."""
        return self._books.ledger.waiting

    # What a listener says (a Watcher)

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        self.servers[server.name] = Calls(
            server, client, calls,
            settings=self._settings, chosen=self._chosen, books=self._books, now=self._now, start=self._start,
        )  # fmt: skip

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        self.servers[server].heard(changes)

    def told(self, server: str, event: str, message: Headers) -> None:
        """A key was pressed; a run of them, as of a card number, is left out."""
        calls = self.servers[server]
        if event != "DTMFEnd" or not calls.tapes:
            return
        uid = self._keys.run(message, self._now().timestamp())
        tape = calls.of_channel(uid) if uid else None
        if tape is not None:
            self._start(calls.pausing.pause(tape, CARD))

    def listed(self, server: str) -> None:
        self._start(self.servers[server].take_up())

    # Inside

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, AmiError):
            log.warning("a recording could not be changed", error=str(error))
        else:
            log.error("recording failed at something; calls go on", exc_info=error)
