"""Agents take a break now and then: somebody is always away, and comes back."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence

import structlog

from cxcall.demo.agents import Agent
from cxcall.demo.staff import RECEPTION
from cxcall.demo.switch import Switch

log = structlog.get_logger(__name__)

_REASONS = ("break", "lunch", "paperwork", "meeting"), (45, 25, 18, 12)
"""Ids of the ready-made reasons, and how often each is why."""

_WRAP_UP = {"wrap-up"}
"""Not a pause that anybody chose: it ends by itself."""

_AT_ONCE = 2
_FIRST, _BETWEEN, _AWAY = (5.0, 20.0), (25.0, 70.0), (60.0, 200.0)
"""Seconds until the first one goes, between two who go, and that somebody is away."""

_LOOK_EVERY = 2.0


class Breaks:
    """Pauses one agent after the other at Asterisk, as their own tool would: cxcall sees it, and did not do it."""

    def __init__(self, switch: Switch, agents: Sequence[Agent], chance: random.Random) -> None:
        self._switch = switch
        self._agents = agents
        self._chance = chance
        self._away: set[Agent] = set()

    async def run(self) -> None:
        """Send somebody now and then, for ever."""
        wait = _FIRST
        async with asyncio.TaskGroup() as tasks:
            while True:
                await asyncio.sleep(self._chance.uniform(*wait))
                wait = _BETWEEN
                here = [agent for agent in self._agents if agent not in self._away]
                if len(self._away) < _AT_ONCE and here:
                    tasks.create_task(self._break(self._chance.choice(here)))

    async def _break(self, agent: Agent) -> None:
        reason = self._chance.choices(*_REASONS)[0]
        self._away.add(agent)
        try:
            while (paused := await self._paused_for(agent)) == _WRAP_UP:  # noqa: ASYNC110 asked over HTTP
                await asyncio.sleep(_LOOK_EVERY)
            if paused:
                return  # by hand, and it stays so
            await self._pause(agent, "true", reason)
            while not agent.idle:  # noqa: ASYNC110 the call they have is ended first; a look now and then is enough
                await asyncio.sleep(_LOOK_EVERY)
            await asyncio.sleep(self._chance.uniform(*_AWAY))
            if await self._paused_for(agent) == {reason}:
                await self._pause(agent, "false", "")
        except (OSError, TimeoutError) as error:
            log.info("a break in the demo went otherwise than meant", error=str(error) or repr(error))
        finally:
            self._away.discard(agent)

    async def _paused_for(self, agent: Agent) -> set[str]:
        """Why they are paused, "" where no reason was given; empty when they are not."""
        interface = agent.worker.interface
        listed = await self._switch.manage("QueueStatus", ends="QueueStatusComplete", Member=interface)
        paused = [each for each in listed.split("\r\n\r\n") if "Event: QueueMember\r\n" in each and "Paused: 1" in each]
        return {found[1] if (found := re.search(r"PausedReason: (.*)", each)) else "" for each in paused}

    async def _pause(self, agent: Agent, paused: str, reason: str) -> None:
        for interface in _members_of(agent):
            await self._switch.manage("QueuePause", Interface=interface, Paused=paused, Reason=reason)


def _members_of(agent: Agent) -> list[str]:
    """What queues call this agent: the phone, and at the reception its Local channel."""
    phone = agent.worker.phone
    return [agent.worker.interface, *([f"Local/{phone}@cxcall-demo-agents/n"] if phone in RECEPTION.members else [])]
