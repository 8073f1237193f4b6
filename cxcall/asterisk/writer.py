"""The one writer of calls: takes all that waits from every server, writes it in one transaction, then tells the bus.

Of each call only the newest state waits, so a database that is slow or away costs memory per call and not per
event. When more than `most` calls wait, further ones are not held: their server is marked `behind` and its position
in the journal stands still, until the listener replays the journal from there. Nothing is lost, and no event ever
waits for the database.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.publishing import Publisher
from cxcall.backoff import Backoff
from cxcall.bus import Bus
from cxcall.calls.changes import Change
from cxcall.calls.record import CallId
from cxcall.store import calls, positions
from cxcall.store.calls import AppliedCall, CallWrite
from cxcall.store.errors import is_of_values, reason
from cxcall.store.reporting.counting import SiteCounting

log = structlog.get_logger(__name__)

Errand = Callable[[AsyncConnection], Awaitable[Sequence[AppliedCall]]]
"""Something to be written after the calls that wait, in the same transaction."""


_AT_ONCE = 1000
"""Calls a transaction, so that after an outage each stays short."""

_IDLE = 2.0
"""Seconds after which positions are saved that no call came with."""


@dataclass(slots=True)
class _Waiting:
    """What the next transaction writes."""

    changes: dict[CallId, Change] = field(default_factory=dict)
    merges: dict[CallId, set[CallId]] = field(default_factory=dict)
    positions: dict[str, tuple[int, int]] = field(default_factory=dict)
    errands: list[Errand] = field(default_factory=list)


class Writer:
    """Shared by the listeners of a process. `pause` is the shortest time between two transactions in seconds;
    `counting`: by which zone and targets reports count calls."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        bus: Bus,
        region: str,
        counting: SiteCounting | None = None,
        most: int = 20_000,
        pause: float = 0.01,
        limit: float = 30.0,
    ) -> None:
        self.publisher = Publisher(bus)
        self._engine = engine
        self._region = region
        self.counting = counting or SiteCounting(UTC)
        self._most = most
        self._pause = pause
        self._limit = limit
        self._waiting = _Waiting()
        self._ahead: dict[CallId, int] = {}
        self._unsure: set[CallId] = set()
        self._writing = 0
        self._something = asyncio.Event()
        self._written = asyncio.Event()
        self.committed: dict[str, tuple[int, int]] = {}
        """Server → the positions of its journal that are in the database: worked through, and from where to replay."""
        self.behind: set[str] = set()
        """Servers whose calls did not all fit; their journal has to be replayed."""
        self.error: str | None = None
        """What keeps the database from being written now, in words."""
        self.refused = 0
        """Calls the database would not take; each is logged."""

    @property
    def waiting(self) -> int:
        """Calls whose newest state is not in the database yet."""
        return len(self._waiting.changes) + self._writing

    @property
    def unsaved(self) -> bool:
        """Whether there is something besides calls to be written."""
        return bool(self._waiting.positions or self._waiting.errands)

    def offer(self, server: str, changes: Iterable[Change], position: tuple[int, int], *, quiet: bool = False) -> None:
        """Have `changes` written, and with them `position`: what is worked through, and from where to replay.

        `quiet` leaves writing to the next transaction that something else causes.
        """
        waiting = self._waiting
        for change in changes:
            quiet = False
            if change.kind == "merged" and change.merged_into is not None:
                self._merge(change.call_id, change.merged_into)
            elif (held := waiting.changes.get(change.call_id)) is not None:
                if change.revision >= held.revision:
                    waiting.changes[change.call_id] = change
            elif len(waiting.changes) < self._most:
                waiting.changes[change.call_id] = change
            elif server not in self.behind:
                self.behind.add(server)
                waiting.positions.pop(server, None)
                log.error("more calls wait for the database than are held; the journal keeps them", server=server)
        if server not in self.behind:
            waiting.positions[server] = position
        if not quiet:
            self._something.set()

    def held(self) -> set[CallId]:
        """Calls whose newest state is not in a transaction yet."""
        return set(self._waiting.changes)

    def unsure(self, call: CallId) -> None:
        """`call` was found up, not seen to begin: the database may know it from before, with higher revisions."""
        self._unsure.add(call)

    def errand(self, errand: Errand) -> None:
        """Have `errand` done after what waits now; a failed transaction does it again."""
        self._waiting.errands.append(errand)
        self._something.set()

    async def room(self) -> None:
        """Return when less than half of what may wait does: for a replay, which can go as slow as it likes."""
        while self.waiting * 2 >= self._most:
            self._written.clear()
            await self._written.wait()

    async def run(self) -> None:
        """Write until cancelled."""
        backoff = Backoff(0.2, 10.0)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_IDLE):
                    await self._something.wait()
            if not (self.waiting or self.unsaved) or await self.flush():
                backoff.reset()
                await asyncio.sleep(self._pause)
            else:
                await asyncio.sleep(backoff.next())

    async def flush(self) -> bool:
        """Write what waits, now; whether that worked. What could not be written waits again."""
        self._something.clear()
        taken = self._take()
        self._writing = len(taken.changes)
        try:
            async with asyncio.timeout(self._limit):
                applied = await self._write(taken)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            self._put_back(taken)
            self._fails(error)
            return False
        except BaseException:
            self._put_back(taken)
            raise
        finally:
            self._writing = 0
        if self.error is not None:
            log.info("database is written again", calls=len(taken.changes))
        self.error = None
        self.committed.update(taken.positions)
        self._tell(taken, applied)
        self._written.set()
        return True

    def _take(self) -> _Waiting:
        """What goes into the next transaction: all that waits, or the oldest part of very much."""
        taken, self._waiting = self._waiting, _Waiting()
        calls_too_many = list(taken.changes)[_AT_ONCE:]
        for call in calls_too_many:
            self._waiting.changes[call] = taken.changes.pop(call)
        for into in taken.merges.keys() - taken.changes.keys():
            self._waiting.merges[into] = taken.merges.pop(into)
        if calls_too_many:
            self._waiting.positions, taken.positions = taken.positions, {}
            self._waiting.errands, taken.errands = taken.errands, []
            self._something.set()
        return taken

    async def _write(self, taken: _Waiting) -> list[AppliedCall]:
        """One transaction; a call that the database will not take is left out rather than holding up the others."""
        try:
            async with self._engine.begin() as conn:
                applied = await self._apply(conn, taken, list(taken.changes))
                await self._save_positions(conn, taken)
        except Exception as error:
            if not is_of_values(error):
                raise
            log.warning("a batch of calls was refused; writing them one by one", error=repr(error))
            applied = await self._one_by_one(taken)
        return applied + await self._run_errands(taken)

    async def _one_by_one(self, taken: _Waiting) -> list[AppliedCall]:
        applied: list[AppliedCall] = []
        for call in list(taken.changes):
            try:
                async with self._engine.begin() as conn:
                    applied += await self._apply(conn, taken, [call])
            except Exception as error:
                if not is_of_values(error):
                    raise
                self.refused += 1
                log.exception("a call can't be written", call=call)
        async with self._engine.begin() as conn:
            await self._save_positions(conn, taken)
        return applied

    async def _run_errands(self, taken: _Waiting) -> list[AppliedCall]:
        applied: list[AppliedCall] = []
        while taken.errands:
            try:
                async with self._engine.begin() as conn:
                    applied += await taken.errands[0](conn)
            except Exception as error:
                if not is_of_values(error):
                    raise
                log.exception("an errand to the database failed and is given up")
            del taken.errands[0]
        return applied

    async def _apply(self, conn: AsyncConnection, taken: _Waiting, chosen: list[CallId]) -> list[AppliedCall]:
        if not chosen:
            return []
        await self._catch_up(conn, taken, chosen)
        batch = [self._call_write(taken, call) for call in chosen]
        return list(await calls.apply(conn, batch, region=self._region, counting=await self.counting.now(conn)))

    async def _save_positions(self, conn: AsyncConnection, taken: _Waiting) -> None:
        for server, (_, safe) in taken.positions.items():
            await positions.save(conn, server, safe)

    async def _catch_up(self, conn: AsyncConnection, taken: _Waiting, chosen: Iterable[CallId]) -> None:
        """Count on from the revision the database has of a call that was not seen to begin."""
        for call in self._unsure.intersection(chosen):
            stored = await calls.revision_of(conn, call) or 0
            self._ahead[call] = max(0, stored - taken.changes[call].revision)
        self._unsure.difference_update(chosen)

    def _call_write(self, taken: _Waiting, call: CallId) -> CallWrite:
        change = taken.changes[call]
        revision = change.revision + self._ahead.get(call, 0)
        return CallWrite(record=change.record(), revision=revision, merged=tuple(taken.merges.get(call, ())))

    def _merge(self, call: CallId, into: CallId) -> None:
        self._waiting.changes.pop(call, None)
        self._unsure.discard(call)
        self._ahead.pop(call, None)
        self._waiting.merges.setdefault(into, set()).update({call}, self._waiting.merges.pop(call, ()))

    def _put_back(self, taken: _Waiting) -> None:
        """What could not be written waits again, behind anything newer of the same call."""
        newer = self._waiting
        merged_now = {call for merged in newer.merges.values() for call in merged}
        for call, change in taken.changes.items():
            if call not in merged_now:
                newer.changes.setdefault(call, change)
        for into, merged in taken.merges.items():
            newer.merges.setdefault(into, set()).update(merged)
        newer.positions = taken.positions | newer.positions
        for server in self.behind:
            newer.positions.pop(server, None)
        newer.errands = taken.errands + newer.errands
        self._something.set()

    def _tell(self, taken: _Waiting, applied: list[AppliedCall]) -> None:
        for into, merged in taken.merges.items():
            for call in merged:
                self.publisher.merged(call, into)
        self.publisher.calls(applied)
        for written in applied:
            if written.record.ended_at is not None:
                self._ahead.pop(written.record.id, None)

    def _fails(self, error: BaseException) -> None:
        words = f"The database can't be written: {reason(error)}. Calls are held and written when it can."
        if self.error is None:
            log.error("database not written; calls are held and written later", error=words, held=self.waiting)
        self.error = words
