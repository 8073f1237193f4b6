"""What the floor serves, from made-up members: the product's own roster and acts, without an Asterisk."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.floor import agent_acts, directory
from cxcall.asterisk.floor.roster import Roster
from cxcall.bus import Commands
from cxcall.bus.floor import AgentAsked, AgentLogIn, AgentLogOut, AgentPause


class Floor:
    """Serves `agents:…` for one server; `members` is what Asterisk says now."""

    def __init__(
        self,
        server: str,
        engine: AsyncEngine,
        commands: Commands,
        members: Callable[[], Sequence[Mapping[str, Any]]],
    ) -> None:
        self._server = server
        self._engine = engine
        self._commands = commands
        self._members = members

    def serve(self) -> None:
        self._commands.serve("agents:all", self._all)
        self._commands.serve("agents:state", self._of_person)
        self._commands.serve("agents:pause", self._pause)
        self._commands.serve("agents:log_in", self._log_in)
        self._commands.serve("agents:log_out", self._log_out)

    async def _roster(self) -> Roster:
        roster = Roster(self._server)
        async with self._engine.connect() as conn:
            roster.know(await directory.load(conn, [self._server]))
        for member in self._members():
            roster.member(member)
        roster.settle(time.time())
        return roster

    async def _all(self, _: object) -> list[dict[str, Any]]:
        return [state.plain() for state in (await self._roster()).states.values()]

    async def _of_person(self, asked: AgentAsked) -> list[dict[str, Any]]:
        return [state for state in await self._all(None) if state["user_id"] == asked.user]

    async def _pause(self, asked: AgentPause) -> None:
        seats = (await self._roster()).seats(asked.device)
        await agent_acts.do(self._commands, asked.server, list(agent_acts.pauses(asked, seats)))

    async def _log_in(self, asked: AgentLogIn) -> None:
        seats = (await self._roster()).seats(asked.device)
        await agent_acts.do(self._commands, asked.server, list(agent_acts.log_ins(asked, seats)))

    async def _log_out(self, asked: AgentLogOut) -> None:
        seats = (await self._roster()).seats(asked.device)
        if acts := list(agent_acts.log_outs(asked, seats)):
            await agent_acts.do(self._commands, asked.server, acts)
