"""Real SIP calls through the demo's Asterisk that never stop: a bounded number at a time, of every kind."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from cxcall.demo.agents import Agent
from cxcall.demo.breaks import Breaks
from cxcall.demo.callers import Callers, carefully
from cxcall.demo.people import Person
from cxcall.demo.phone import Phone, Policy
from cxcall.demo.staff import agents as agents_of
from cxcall.demo.staff import listeners
from cxcall.demo.switch import Switch
from cxcall.demo.voices import Voices

_RINGS = (2.0, 6.0)
_SHOWN_RINGS = (6.0, 10.0)
"""Sara's phone rings longer: whoever signed in as Sara is to see the pop."""

_SHOWN = "sara"
_GAP = 4.0
"""Mean seconds between two new calls while fewer than allowed are up."""

_Kind = Callable[["Traffic"], Coroutine[None, None, None]]


class Traffic:
    """Callers and agents, and what happens between them; `run` is for ever."""

    def __init__(
        self,
        callers: Callers,
        agents: Mapping[str, Agent],
        phones: Sequence[Phone],
        at_once: int,
        chance: random.Random,
        breaks: Breaks,
    ) -> None:
        self._breaks = breaks
        self._callers = callers
        self._agents = agents
        self._phones = phones
        self._at_once = at_once
        self._chance = chance
        self._going_on = 0
        self.placed = 0
        """Calls begun so far."""

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        switch: Switch,
        people: Sequence[Person],
        strangers: Sequence[str],
        voices: Voices,
        *,
        at_once: int,
        seed: int | None = None,
        language: str = "en",
    ) -> AsyncIterator[Traffic]:
        """Phones for agents, for whoever listens in, and for the world outside, for as long as the context lasts."""
        chance = random.Random(seed)
        async with AsyncExitStack() as stack:
            outside = await stack.enter_async_context(
                Phone.start("outside", switch.sip_address, port=switch.trunk_port, policy=Policy.RING)
            )
            callers = Callers(outside, people, strangers, chance, voices)
            agents: dict[str, Agent] = {}
            phones = [outside]
            for worker in agents_of(language):
                port = switch.phone_port(worker.phone)
                phone = await stack.enter_async_context(
                    Phone.start(worker.phone, switch.sip_address, port=port, name=worker.name, policy=Policy.RING)
                )
                phones.append(phone)
                rings = _SHOWN_RINGS if worker.login == _SHOWN else _RINGS
                agents[worker.phone] = Agent(worker, phone, callers, chance, rings)
            for agent in agents.values():
                agent.meet(agents)
            for worker in listeners(language):
                port = switch.phone_port(worker.phone)
                phones.append(
                    await stack.enter_async_context(
                        Phone.start(worker.phone, switch.sip_address, port=port, name=worker.name, answer_after=1.0)
                    )
                )
            resting = [agent for agent in agents.values() if agent.worker.login != _SHOWN]
            yield cls(callers, agents, phones, at_once, chance, Breaks(switch, resting, chance))

    async def run(self) -> None:
        """Begin a call whenever fewer than `at_once` are going on, until cancelled; then all are ended."""
        try:
            await self._go_on()
        finally:
            left = [call for phone in self._phones for call in phone.calls]  # a consultation, a call nobody took yet
            await asyncio.gather(*(carefully(call.hang_up()) for call in left))

    async def _go_on(self) -> None:
        kinds, weights = zip(*_KINDS, strict=True)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._callers.answer())
            tasks.create_task(self._breaks.run())
            for agent in self._agents.values():
                tasks.create_task(agent.work())
            while True:
                if self._going_on < self._at_once:
                    kind = self._chance.choices(kinds, weights)[0] if self.placed else Traffic._to_queue
                    tasks.create_task(self._one(kind))
                await asyncio.sleep(self._gap())

    def _gap(self) -> float:
        """Short at first, so that there is something to see at once."""
        mean = _GAP if self.placed >= self._at_once else 1.5
        return min(3 * mean, max(0.3, self._chance.expovariate(1 / mean)))

    async def _one(self, kind: _Kind) -> None:
        self._going_on += 1
        self.placed += 1
        try:
            await carefully(kind(self))
        finally:
            self._going_on -= 1

    async def _to_queue(self) -> None:
        await self._callers.call_queue()

    async def _to_agent(self) -> None:
        await self._callers.call_agent(self._chance.choice(list(self._agents.values())).worker)

    async def _to_customer(self) -> None:
        if agent := self._idle_agent():
            await agent.call_customer()

    async def _among_agents(self) -> None:
        if agent := self._idle_agent():
            await agent.call_colleague()

    def _idle_agent(self) -> Agent | None:
        idle = [agent for agent in self._agents.values() if agent.idle]
        return self._chance.choice(idle) if idle else None


_KINDS: tuple[tuple[_Kind, int], ...] = (
    (Traffic._to_queue, 76),
    (Traffic._to_agent, 6),
    (Traffic._to_customer, 12),
    (Traffic._among_agents, 6),
)
