"""Decisions on their way into the database, after the answer was given: together, twice a second."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.bus import Bus
from cxcall.bus.routing import DECISIONS
from cxcall.store import routing_decisions
from cxcall.store.ledger import Ledger
from cxcall.store.routing_decisions import NewDecision

TOGETHER_S = 0.5
_AT_ONCE = 20
"""Decisions handed over as one: while they are put into words nobody is answered. They share a transaction."""


class Decisions:
    """Writes while `run` runs; what a database that is away can't take is held, and written when it is back."""

    def __init__(self, *, engine: AsyncEngine, bus: Bus) -> None:
        self._ledger = Ledger(engine, of="routing decisions")
        self._bus = bus
        self._new: list[NewDecision] = []

    @property
    def waiting(self) -> int:
        """Decisions that were not handed over yet, and batches that wait for the database."""
        return len(self._new) + self._ledger.waiting

    @property
    def lost(self) -> int:
        return self._ledger.lost

    def put(self, new: NewDecision) -> None:
        """Have it kept, soon."""
        self._new.append(new)

    async def run(self) -> None:
        """Until cancelled; what waits by then is tried once more."""
        writing = asyncio.create_task(self._ledger.run())
        try:
            while True:
                await asyncio.sleep(TOGETHER_S)
                self._hand_over()
        finally:
            self._hand_over()
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    def _hand_over(self) -> None:
        while self._new:
            some, self._new = self._new[:_AT_ONCE], self._new[_AT_ONCE:]
            self._write(some)

    def _write(self, some: Sequence[NewDecision]) -> None:
        async def write(conn: AsyncConnection) -> list[str]:
            return await routing_decisions.add(conn, some)

        def told(ids: list[str]) -> None:
            for id_, new in zip(ids, some, strict=True):
                self._bus.publish(
                    DECISIONS,
                    {
                        "id": id_, "server": new.server, "unique_id": new.unique_id, "call": new.call_id,
                        "queue": new.decision.result.queue, "rules": list(new.decision.matched),
                    },
                )  # fmt: skip

        self._ledger.put(write, told)
