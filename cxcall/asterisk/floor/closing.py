"""What follows when a queue closes while callers wait, and when the time of a "closed now" is over.

New callers are kept out by the dialplan, with or without us. Those who wait already stay and are answered, or leave the
queue the way it sends callers when it is closed: as the calendar, or whoever closed it, said. That is looked at as long
as somebody waits in a closed queue, so neither a restart nor a caller who came at the last moment changes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.probe import Probe, ProbeFailed
from cxcall.asterisk.provision import closing
from cxcall.asterisk.provision.session import CannotReach, session
from cxcall.bus import Bus
from cxcall.bus.queues import QUEUES
from cxcall.calls.board_shapes import BoardSnapshot
from cxcall.queues.hours import Calendar, Closure
from cxcall.queues.opening import Closed, applying, state_at
from cxcall.settings import Settings
from cxcall.store import calendars, closures, queues
from cxcall.store.closures import KeptClosure

log = structlog.get_logger(__name__)

PACE = 2.0
"""Seconds between two looks at who waits."""

TIDY_S = 10.0
"""Seconds between two looks at closures whose time is over."""

AGAIN_S = 5.0
"""Seconds a queue is given before its callers are asked to leave once more."""

_ACT_S = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """A queue of a server."""

    server: str
    queue: str


class Closing:
    """Give `look` to the board's keeper; works while `run` runs."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        clock: Callable[[], float] = time.time,
        pace: float = PACE,
    ) -> None:
        self._servers = {server.name: server for server in settings.ami}
        self._engine = engine
        self._bus = bus
        self._clock = clock
        self._pace = pace
        self._newest: BoardSnapshot | None = None
        self._asked: dict[Place, float] = {}
        self._tidy_at = float("-inf")

    def look(self, snapshot: BoardSnapshot) -> None:
        """A newer picture of the floor."""
        self._newest = snapshot

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._tidy()
                await self._empty()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("closed queues are looked at later", error=str(error).partition("\n")[0])
            except Exception:
                log.exception("closed queues can't be looked at")
            await asyncio.sleep(self._pace)

    # Closures whose time is over

    async def _tidy(self) -> None:
        now = self._clock()
        if now < self._tidy_at:
            return
        self._tidy_at = now + TIDY_S
        moment = datetime.fromtimestamp(now, UTC)
        async with self._engine.connect() as conn:
            over = await closures.over(conn, now=moment)
        for kept in over:
            await self._lift(kept, moment)

    async def _lift(self, kept: KeptClosure, now: datetime) -> None:
        """Asterisk opened by itself at that time; the key goes so that nobody wonders about it."""
        async with self._engine.begin() as conn:
            try:
                await closures.lift(conn, kept.id, by="", now=now)
            except closures.NoSuchClosure:
                return
        self._bus.publish(QUEUES, {"server": kept.server, "version": None, "outcome": "opened", "by": ""})
        log.info("queue opens again", server=kept.server, queue=kept.closure.queue)
        if kept.server in self._servers:
            with contextlib.suppress(CannotReach, ProbeFailed, TimeoutError):
                async with asyncio.timeout(_ACT_S), session(self._servers[kept.server]) as probe:
                    await closing.lift(probe, kept.closure.queue)

    # Callers who wait in a closed queue

    async def _empty(self) -> None:
        now, places = self._clock(), self._waited_in()
        due = [place for place in places if now - self._asked.get(place, float("-inf")) >= AGAIN_S]
        self._asked = {place: at for place, at in self._asked.items() if place in places}
        if not due:
            return
        leaving = await self._to_leave(due, now)
        for server in sorted({place.server for place in leaving}):
            await self._withdraw(server, [place.queue for place in leaving if place.server == server], now)

    def _waited_in(self) -> set[Place]:
        """Closed queues in which somebody waits."""
        if self._newest is None:
            return set()
        return {
            Place(tile.server, tile.name)
            for tile in self._newest.queues.values()
            if tile.closed is not None and tile.waiting and tile.server in self._servers
        }

    async def _to_leave(self, places: Iterable[Place], now: float) -> list[Place]:
        """Those of our own queues whose callers are to leave."""
        async with self._engine.connect() as conn:
            kept = {(one.server, one.name): one for one in await queues.everything(conn)}
            hours = {one.id: one.calendar for one in await calendars.everything(conn)}
            standing = await closures.standing(conn, now=datetime.fromtimestamp(now, UTC))
        found = []
        for place in places:
            definition = kept[place.server, place.queue].applied if (place.server, place.queue) in kept else None
            own = [one.closure for one in standing if one.server == place.server]
            if definition is not None and leaves(hours, definition.calendar, own, place.queue, now):
                found.append(place)
        return found

    async def _withdraw(self, server: str, names: Iterable[str], now: float) -> None:
        try:
            async with asyncio.timeout(_ACT_S), session(self._servers[server]) as probe:
                for name in names:
                    self._asked[Place(server, name)] = now
                    n = await withdraw(probe, name)
                    log.info("callers leave a closed queue", server=server, queue=name, callers=n)
        except (CannotReach, ProbeFailed, TimeoutError) as error:
            log.warning("callers of a closed queue can't be reached", server=server, error=str(error))


def leaves(hours: Mapping[str, Calendar], calendar: str, standing: Iterable[Closure], queue: str, now: float) -> bool:
    """Whether callers who wait in this queue are to leave it now: it is closed, and what closes it says so."""
    kept = hours.get(calendar)
    state = state_at(kept, applying(standing, queue), now)
    if not isinstance(state, Closed):
        return False
    if state.closure is not None:
        return state.closure.waiting == "leave"
    return kept is not None and kept.waiting == "leave"


async def withdraw(probe: Probe, queue: str) -> int:
    """Have everybody who waits in a queue go its way when closed; gives how many were asked. Raises ProbeFailed."""
    status = await probe.ask("QueueStatus", Queue=queue, Member="-")
    callers = [text(item, "Channel") for item in status.items if text(item, "Event") == "QueueEntry"]
    for channel in callers:
        await probe.ask("QueueWithdrawCaller", Queue=queue, Caller=channel, WithdrawInfo="closed")
    return len(callers)
