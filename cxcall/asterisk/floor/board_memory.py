"""What the wallboard knows from the database: read at the start, when it is due, and what people set every so often.

Each part is read by itself and again until the database answers; nothing else waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.floor import picture
from cxcall.backoff import Backoff
from cxcall.calls.board import Board

log = structlog.get_logger(__name__)

FACTS_S = 15.0
"""Seconds after which targets, names and opening hours are read again, also if nobody said that they changed."""

_READ_S = 30.0
_REST_S = 1.0


class BoardMemory:
    """Fills `board` while `run` runs; setting one of the events has its part read again. `told` is called after each
    reading with the name of the part."""

    def __init__(
        self, *, board: Board, engine: AsyncEngine, clock: Callable[[], float], told: Callable[[str], None]
    ) -> None:
        self.visits = asyncio.Event()
        self.answers = asyncio.Event()
        self.facts = asyncio.Event()
        self.alerts = asyncio.Event()
        self._board = board
        self._engine = engine
        self._clock = clock
        self._told = told
        self._unread = {"visits", "answers", "facts"}

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep("visits", self.visits, self._read_visits))
            group.create_task(self._keep("answers", self.answers, self._read_answers))
            group.create_task(self._keep("facts", self.facts, self._read_facts, every=FACTS_S))
            group.create_task(self._keep("alerts", self.alerts, self._read_alerts))

    async def _keep(
        self,
        part: str,
        due: asyncio.Event,
        read: Callable[[AsyncConnection], Awaitable[None]],
        *,
        every: float | None = None,
    ) -> None:
        backoff = Backoff(0.2, 10.0)
        while True:
            due.clear()
            try:
                async with asyncio.timeout(_READ_S), self._engine.connect() as conn:
                    await read(conn)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("the wallboard can't read the database", part=part, error=str(error).partition("\n")[0])
                await asyncio.sleep(backoff.next())
                continue
            except Exception:
                log.exception("the wallboard can't use what the database has", part=part)
            else:
                self._unread.discard(part)
                self._board.complete = not self._unread
                self._told(part)
            backoff.reset()
            await asyncio.sleep(_REST_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await due.wait()

    async def _read_visits(self, conn: AsyncConnection) -> None:
        self._board.remember(await picture.visits(conn, self._board.zone, self._clock()))

    async def _read_answers(self, conn: AsyncConnection) -> None:
        self._board.answers(await picture.answers(conn, self._board.zone, self._clock()))

    async def _read_facts(self, conn: AsyncConnection) -> None:
        self._board.define(*await picture.facts(conn, self._clock()))

    async def _read_alerts(self, conn: AsyncConnection) -> None:
        for call, (at, words) in (await picture.alerts_about_talks(conn, self._clock())).items():
            self._board.alert(call, at, words)
