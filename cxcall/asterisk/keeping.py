"""The journal from the event loop's side: in threads, with deadlines, and never in the way of following calls."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from cxcall.asterisk.status import Meter
from cxcall.store.journal import Journal, JournalBusy

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Keeper:
    """Appends to a server's journal before the events are worked on.

    A disk that is full or stuck stops the keeping, not the calls: the meter says so, positions stand still, and
    keeping goes on with the next batch that can be written. What was not kept can't be replayed after a crash.
    `open_journal` blocks; it is called in a thread, again until it works.
    """

    def __init__(self, open_journal: Callable[[], Journal], meter: Meter, *, limit: float = 5.0) -> None:
        self._open_journal = open_journal
        self._meter = meter
        self._limit = limit
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._stuck: asyncio.Future[int] | None = None
        self._error: str | None = None
        self.journal: Journal | None = None
        self.end = 0
        """Position after the last byte kept."""
        self.begin = 0
        """Position of the oldest byte still kept."""
        self.bytes = 0
        """Size on disk, compressed as it is; looked at every ten seconds."""

    async def open(self) -> None:
        """Open the journal. Raises OSError, or JournalBusy when another process has it."""
        self.journal = await self._in_thread(self._open_journal)
        self.end = self.journal.end
        await self._in_thread(self._measure)
        self._works()

    async def append(self, data: bytes) -> int:
        """Keep `data`; the position after it, or the old position when it could not be kept."""
        if self._stuck is not None:
            if not self._stuck.done():
                return self.end
            self._stuck = None
        try:
            if self.journal is None:
                await self.open()
            journal = self.journal
            assert journal is not None  # noqa: S101 - for the type checker
            self._stuck = asyncio.get_running_loop().run_in_executor(self._thread, journal.append, data)
            done, _ = await asyncio.wait({self._stuck}, timeout=self._limit)
            if not done:
                self._fails("The disk of the event journal does not answer.")
                self._stuck.add_done_callback(lambda late: None if late.cancelled() else late.exception())
                return self.end
            late, self._stuck = self._stuck, None
            self.end = late.result()
            self._works()
        except JournalBusy as error:
            self._fails(str(error))
        except OSError as error:
            self._fails(_words(error))
        return self.end

    async def tend(self) -> None:
        """Until cancelled: force the journal to the disk every second, compress and prune every minute."""
        seconds = 0
        synced = self.end
        while True:
            await asyncio.sleep(1)
            seconds += 1
            try:
                if self.journal is not None and synced != self.end:
                    synced = self.end
                    await asyncio.to_thread(self.journal.sync)
                if seconds % 60 == 0:
                    await asyncio.to_thread(self._compress)
                if seconds % 10 == 0:
                    await self._in_thread(self._measure)
            except OSError as error:
                self._fails(_words(error))

    async def close(self) -> None:
        """Close the journal, if its disk still answers."""
        journal, self.journal = self.journal, None
        if journal is not None and (self._stuck is None or self._stuck.done()):
            await self._in_thread(journal.close)
        self._thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        async with asyncio.timeout(self._limit):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def fails(self, error: OSError) -> None:
        """Say why nothing is kept now."""
        self._fails(_words(error))

    def _compress(self) -> None:
        if self.journal is not None:
            self.journal.compress()

    def _measure(self) -> None:
        if self.journal is not None:
            self.journal.prune(time.time())
            self.begin = self.journal.begin
            self.bytes = self.journal.size_on_disk()

    def _fails(self, error: str) -> None:
        if error != self._error:
            log.error("event journal not written", error=error)
        self._error = self._meter.journal_error = error

    def _works(self) -> None:
        if self._error is not None:
            log.info("event journal is written again")
        self._error = self._meter.journal_error = None


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "The disk of the event journal does not answer."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk of the event journal is full. Calls are still followed; make room, or lower journal.keep_mb."
    return f"The event journal can't be written: {error.strerror or error}."
