"""All Asterisk servers of the settings, followed at once by one listener each and written by one writer."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.limits import Limits
from cxcall.asterisk.listener import Listener
from cxcall.asterisk.status import ServerStatus
from cxcall.asterisk.watching import Watchers
from cxcall.asterisk.writer import Writer
from cxcall.bus import Bus, Commands
from cxcall.bus.queues import QUEUES
from cxcall.settings import Settings
from cxcall.store.reporting.counting import SiteCounting

log = structlog.get_logger(__name__)

PUBLISH_EVERY = 2.0
"""Seconds between two messages on the channel `asterisk`."""

LAST_WRITE = 2.0
"""Seconds for what still waits when we stop; the journal has what is left over."""


class AsteriskEdge:
    """Follows the calls of all servers while `run` runs.

    Serves `asterisk:status` (a list of ServerStatus) on `commands` and publishes the same on the channel
    `asterisk`, as plain data, when something about it changed. `watchers` hear of each change as it is followed.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        data_dir: Path | None = None,
        limits: Limits | None = None,
        watchers: Watchers | None = None,
    ) -> None:
        self._bus = bus
        self._commands = commands
        self.writer = Writer(
            engine=engine,
            bus=bus,
            region=settings.site.country,
            counting=SiteCounting(ZoneInfo(settings.site.timezone)),
        )
        self.listeners = [
            Listener(
                server=server,
                engine=engine,
                writer=self.writer,
                commands=commands,
                data_dir=data_dir or settings.data_dir,
                region=settings.site.country,
                journal=settings.journal,
                limits=limits,
                watchers=watchers,
            )
            for server in settings.ami
        ]

    async def run(self) -> None:
        """Run until cancelled. Then the listeners stop first, and what they leave is written."""
        withdraw = self._commands.serve("asterisk:status", self._tell)
        unsubscribe = self._bus.subscribe(QUEUES, lambda _: self.writer.counting.forget())
        writing = asyncio.create_task(self.writer.run())
        try:
            async with asyncio.TaskGroup() as group:
                for listener in self.listeners:
                    group.create_task(listener.run())
                group.create_task(self._publish())
        finally:
            withdraw()
            unsubscribe()
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self._last_write()

    def status(self) -> list[ServerStatus]:
        return [listener.status() for listener in self.listeners]

    async def _tell(self, _: object) -> list[ServerStatus]:
        return self.status()

    async def _publish(self) -> None:
        before: object = None
        while True:
            now = msgspec.to_builtins(self.status())
            if now != before:
                self._bus.publish("asterisk", now)
            before = now
            await asyncio.sleep(PUBLISH_EVERY)

    async def _last_write(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITE):
                while self.writer.waiting or self.writer.unsaved:
                    if not await self.writer.flush():
                        break
        if self.writer.waiting:
            log.warning("stopped before all calls were written; the journal has them", calls=self.writer.waiting)
