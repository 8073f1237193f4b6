"""The states of agents on their way into the database: at once when it is there, later when it is away."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime, tzinfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.backoff import Backoff
from cxcall.queues.presence import AgentState
from cxcall.store import agent_states
from cxcall.store.agent_states import StateChange

MOST = 20_000
"""States kept for a database that is away; the oldest go first."""
BATCH = 500

log = structlog.get_logger(__name__)


class AgentHistory:
    """Writes what `add` took while `run` runs. `zone`: whose days reports count in."""

    def __init__(self, engine: AsyncEngine, *, zone: tzinfo = UTC) -> None:
        self._engine = engine
        self._zone = zone
        self._waiting: deque[StateChange] = deque(maxlen=MOST)
        self._more = asyncio.Event()
        self._failing = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def add(self, state: AgentState) -> None:
        """An agent's state is new, or something else about it."""
        self._take(
            StateChange(
                server=state.server,
                interface=state.device,
                state=state.state,
                at=datetime.fromtimestamp(state.since, UTC),
                user_id=state.user_id or None,
                name=state.name,
                reason=state.reason,
                queues=state.queues,
            )
        )

    def leave(self, server: str, device: str, at: float) -> None:
        """No queue asks this phone any more."""
        when = datetime.fromtimestamp(at, UTC)
        self._take(StateChange(server=server, interface=device, state="offline", at=when))

    def _take(self, change: StateChange) -> None:
        self._waiting.append(change)
        self._more.set()

    async def run(self) -> None:
        backoff = Backoff(0.5, 15.0)
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                if await self.flush():
                    backoff.reset()
                else:
                    await asyncio.sleep(backoff.next())

    async def flush(self) -> bool:
        """Write the oldest of what waits; False when the database did not take it."""
        batch = [self._waiting[n] for n in range(min(BATCH, len(self._waiting)))]
        if not batch:
            return True
        try:
            async with asyncio.timeout(10), self._engine.begin() as conn:
                await agent_states.write(conn, batch, zone=self._zone)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if not self._failing:
                log.warning("agents' states wait for the database", error=str(error).partition("\n")[0])
            self._failing = True
            return False
        self._failing = False
        for change in batch:
            if self._waiting and self._waiting[0] is change:
                self._waiting.popleft()
        return True
