"""What calls have to write, written in order beside them, for they never wait for the database.

All surveys share one ledger, and all live talks another: what came together goes into one transaction, so that twenty
surveys a second cost few commits. What a database that is away can't take now is written when it is back; what can
never be written (a value no table takes) is logged and passed over, so that it does not hold up the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.backoff import Backoff
from cxcall.store.errors import is_of_values, reason

log = structlog.get_logger(__name__)

Write = Callable[[AsyncConnection], Awaitable[Any]]
"""One thing to write; it may be called again when its transaction failed, so it must leave nothing outside it."""

Told = Callable[[Any], None]
"""Called with what a write gave, once that is committed; must not block."""

_AT_ONCE = 50
_LAST = 3.0
"""Seconds for what still waits when we stop."""


class NotWritten(Exception):
    """What was put into the ledger can't be written."""


class _CalledOff(Exception):
    """What was being written is not wanted any more, and nothing of its transaction is kept."""


@dataclass(slots=True)
class _Entry:
    write: Write
    told: Told | None
    done: asyncio.Future[Any]


class Ledger:
    """Writes while `run` runs. `most` entries are held; `limit`: seconds a transaction may take; `of`: for the log."""

    def __init__(self, engine: AsyncEngine, *, of: str = "surveys", most: int = 10_000, limit: float = 5.0) -> None:
        self._engine = engine
        self._of = of
        self._most = most
        self._limit = limit
        self._entries: deque[_Entry] = deque()
        self._something = asyncio.Event()
        self._away = False
        self.lost = 0
        """Entries that could not be written and never will be."""

    @property
    def waiting(self) -> int:
        return len(self._entries)

    def put(self, write: Write, told: Told | None = None) -> asyncio.Future[Any]:
        """Have `write` done after all that was put before. The future gives its result; it need not be awaited.

        Cancelled before it is committed (as by a timeout around awaiting it), it is not done.

        It raises NotWritten when the entry never will be: that is counted and logged here.
        """
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if len(self._entries) >= self._most:
            self._lose(done, "too much waits for the database")
            return done
        self._entries.append(_Entry(write, told, done))
        self._something.set()
        return done

    async def run(self) -> None:
        """Write until cancelled; then what waits is tried once more."""
        backoff = Backoff(0.1, 5.0)
        try:
            while True:
                await self._something.wait()
                if await self._flush():
                    backoff.reset()
                else:
                    await asyncio.sleep(backoff.next())
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST):
                    while self._entries and await self._flush():
                        pass

    async def _flush(self) -> bool:
        """Write the oldest of what waits; False when the database is away."""
        batch = [self._entries[n] for n in range(min(_AT_ONCE, len(self._entries)))]
        try:
            await self._write(batch)
        except _CalledOff:
            return True  # the others come again without it
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if not is_of_values(error):
                self._fails(error)
                return False
            await self._one_by_one(batch)
        except Exception:
            await self._one_by_one(batch)
        if self._away:
            self._away = False
            log.info("what waited is written again", of=self._of)
        if not self._entries:
            self._something.clear()
        return True

    async def _one_by_one(self, batch: list[_Entry]) -> None:
        for entry in batch:
            try:
                await self._write([entry])
            except _CalledOff:
                self._entries.popleft()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                if not is_of_values(error):
                    self._fails(error)
                    return
                self._drop(entry, repr(error))
            except Exception as error:
                self._drop(entry, repr(error))

    async def _write(self, batch: list[_Entry]) -> None:
        """One transaction; the entries leave the ledger and their results are told once it is committed."""
        wanted = [entry for entry in batch if not entry.done.cancelled()]
        if wanted:
            async with asyncio.timeout(self._limit), self._engine.begin() as conn:
                results = [await entry.write(conn) for entry in wanted]
                if any(entry.done.cancelled() for entry in wanted):
                    raise _CalledOff
        for _ in batch:
            self._entries.popleft()
        for entry, result in zip(wanted, results if wanted else (), strict=True):
            if entry.done.cancelled():
                continue
            entry.done.set_result(result)
            if entry.told is not None:
                try:
                    entry.told(result)
                except Exception:
                    log.exception("what was written could not be told", of=self._of)

    def _drop(self, entry: _Entry, why: str) -> None:
        self._entries.popleft()
        self._lose(entry.done, why)

    def _lose(self, done: asyncio.Future[Any], why: str) -> None:
        self.lost += 1
        log.error("something can't be written and is lost", of=self._of, error=why)
        if not done.done():
            done.set_exception(NotWritten(why))
            done.exception()  # nobody need look at it

    def _fails(self, error: BaseException) -> None:
        if not self._away:
            self._away = True
            log.error(
                "nothing can be written now; it is held", of=self._of, error=reason(error), held=len(self._entries)
            )
