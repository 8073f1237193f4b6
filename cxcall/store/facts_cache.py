"""Facts of callers for who decides calls: read together over a connection of their own, and kept for some seconds.

What is asked while a read is on its way is read next, all of it in one statement. So a busy machine, where every step
waits its turn, is slower to answer each but does not answer fewer; and callers never wait for a connection that pages,
writers or the pool's own housekeeping have.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import routing_facts
from cxcall.store.routing_facts import KnownFacts, Owners

LIMIT_S = 1.0
"""Seconds a read may take, connecting included: the dialplan does not wait longer for its answer."""

TOGETHER = 32
"""Questions read at a time: the first of them waits for the last."""

_BEGIN_S = 10.0
_CLOSE_S = 1.0


@dataclass(slots=True)
class _Asked:
    """A question on its way. `since`: the loop's clock."""

    number: str
    now: datetime
    owners: Owners
    since: float
    facts: asyncio.Future[KnownFacts]


class FactsCache:
    """Reads while `run` runs. What was read of a number for a call is given for `seconds` to who asks for that call
    again; another call reads anew, for it may be that the one before has just been given up. `most` are kept."""

    def __init__(self, engine: AsyncEngine, *, seconds: float = 15, most: int = 10_000) -> None:
        self._engine = engine
        self._lasts = timedelta(seconds=seconds)
        self._most = most
        self._known: dict[tuple[str, str], tuple[datetime, asyncio.Future[KnownFacts]]] = {}
        self._asked: list[_Asked] = []
        self._something = asyncio.Event()
        self._conn: AsyncConnection | None = None

    async def of_number(
        self, number: str, *, now: datetime, owners: Owners | None = None, call: str = ""
    ) -> KnownFacts:
        """As `routing_facts.of_number`, for this `call`. Raises SQLAlchemyError, OSError, TimeoutError."""
        if not number:
            return routing_facts.NOTHING
        known = self._known.get((number, call))
        if known is None or not known[0] <= now < known[0] + self._lasts or _failed(known[1]):
            self._make_room(now)
            known = self._known[number, call] = now, self._ask(number, now, owners or {})
        return await asyncio.shield(known[1])

    async def run(self) -> None:
        """Until cancelled. A database that is away fails what is asked then; what comes next is tried anew."""
        try:
            await self._begin()
            while True:
                await self._something.wait()
                await self._answer(self._take())
        finally:
            await self._hang_up()

    async def _begin(self) -> None:
        """Connect, and have the statement written and read: that takes longer than the first caller would wait."""
        with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
            async with asyncio.timeout(_BEGIN_S):
                await self._read([""])

    def _ask(self, number: str, now: datetime, owners: Owners) -> asyncio.Future[KnownFacts]:
        loop = asyncio.get_running_loop()
        asked = _Asked(number, now, owners, loop.time(), loop.create_future())
        asked.facts.add_done_callback(_failed)  # somebody has looked at its error, also when nobody waits any more
        self._asked.append(asked)
        self._something.set()
        return asked.facts

    def _take(self) -> list[_Asked]:
        """The newest questions; one that waited too long is failed. Of more than can be read in time some are, where
        with the oldest first each would be read when nobody waits any more."""
        late = asyncio.get_running_loop().time() - LIMIT_S
        for one in self._asked:
            if one.since < late:
                one.facts.set_exception(TimeoutError())
        waiting = [one for one in self._asked if one.since >= late]
        self._asked = waiting[:-TOGETHER]
        if not self._asked:
            self._something.clear()
        return waiting[-TOGETHER:]

    async def _answer(self, some: list[_Asked]) -> None:
        if not some:
            return
        try:
            async with asyncio.timeout(LIMIT_S):
                found = await self._read(list({one.number: None for one in some}))
        except Exception as error:  # whatever it is, it must not end the reading for good
            await self._hang_up()
            for one in some:
                one.facts.set_exception(error)
            return
        for one in some:
            try:
                one.facts.set_result(routing_facts.made_of(found[one.number], now=one.now, owners=one.owners))
            except Exception as error:  # of this caller something is kept that can't be; not of the others
                one.facts.set_exception(error)

    async def _read(self, numbers: list[str]) -> dict[str, str]:
        """Over the connection that is there; when that was lost since the last time, over a new one."""
        if self._conn is not None:
            try:
                return await routing_facts.read(self._conn, numbers)
            except (SQLAlchemyError, OSError, ValueError):  # aiosqlite says ValueError of one that was closed
                await self._hang_up()
        self._conn = await self._engine.connect()
        await routing_facts.get_ready(self._conn)
        return await routing_facts.read(self._conn, numbers)

    async def _hang_up(self) -> None:
        """For good: in what state a read that was given up has left it nobody knows."""
        conn, self._conn = self._conn, None
        if conn is not None:
            with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await conn.invalidate()
                    await conn.close()

    def _make_room(self, now: datetime) -> None:
        """The oldest go first: they were put in first."""
        while self._known and (len(self._known) >= self._most or self._is_over(next(iter(self._known)), now)):
            del self._known[next(iter(self._known))]

    def _is_over(self, key: tuple[str, str], now: datetime) -> bool:
        return self._known[key][0] + self._lasts <= now


def _failed(facts: asyncio.Future[KnownFacts]) -> bool:
    return facts.done() and (facts.cancelled() or facts.exception() is not None)
