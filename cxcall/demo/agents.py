"""Agents at their phones: they answer after a while, talk, hold, transfer, call somebody, now and then miss a call."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

from cxcall.demo.callers import Callers, Visit, carefully, ended_within
from cxcall.demo.phone import Call, CallFailed, Phone, State
from cxcall.demo.staff import SALES, SUPPORT, Worker

_MISSED, _REFUSED = 0.05, 0.03
_TURNS = (("talk", 62), ("hold", 16), ("blind", 8), ("attended", 10), ("queue", 4))


class Agent:
    """One agent. `rings` is how long, in seconds, the phone rings before it is answered, from … to."""

    def __init__(
        self, worker: Worker, phone: Phone, callers: Callers, chance: random.Random, rings: tuple[float, float]
    ) -> None:
        self.worker = worker
        self._phone = phone
        self._callers = callers
        self._chance = chance
        self._rings = rings
        self._colleagues: Mapping[str, Agent] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing rings or talks at this phone."""
        return not self._phone.calls

    def meet(self, colleagues: Mapping[str, Agent]) -> None:
        """Know the others by extension."""
        self._colleagues = {phone: agent for phone, agent in colleagues.items() if agent is not self}

    async def work(self) -> None:
        """Take what rings, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    ring = await self._phone.next_call(timeout=60.0)
                except TimeoutError:
                    continue
                tasks.create_task(carefully(self._take(ring)))

    async def call_customer(self) -> None:
        """Call a customer over the trunk."""
        await self._call(self._callers.some_number(), patience=self._chance.uniform(15, 28))

    async def call_colleague(self) -> None:
        """Call another agent, whether or not they are on a call."""
        await self._call(self._chance.choice(sorted(self._colleagues)), patience=self._chance.uniform(10, 20))

    async def _call(self, number: str, patience: float) -> None:
        call = self._phone.call(number)
        try:
            await call.answered(patience)
            await ended_within(call, self._chance.uniform(15, 60))
        except (CallFailed, TimeoutError):
            pass  # busy, or nobody there
        finally:
            await call.hang_up()

    async def _take(self, ring: Call) -> None:
        if any(call.state is State.TALKING for call in self._phone.calls):
            await ring.refuse(486)
            return
        draw = self._chance.random()
        if draw < _MISSED:
            await ended_within(ring, 60.0)
            return
        if await ended_within(ring, self._chance.uniform(*self._rings)):
            return
        if draw < _MISSED + _REFUSED:
            await ring.refuse(486)
            return
        await ring.answer()
        visit = self._callers.visit_of(ring.number)
        if visit is None:
            if not await ended_within(ring, self._chance.uniform(25, 75)):
                await ring.hang_up()
            return
        visit.reached.set()
        await self._serve(ring, visit)

    async def _serve(self, ring: Call, visit: Visit) -> None:
        """Talk with someone from outside, with a turn in the middle, to the end."""
        if self._callers.begin_to_talk(visit) or visit.talk is None:
            if await self._talk(ring, visit):
                return
            turn = self._chance.choices([turn for turn, _ in _TURNS], [weight for _, weight in _TURNS])[0]
            try:
                if await _DO[turn](self, ring, visit):
                    return
            except (CallFailed, TimeoutError):
                if ring.on_hold:
                    await ring.unhold()
        if await self._talk_on(ring, visit):
            return
        hangs_up = visit.call if self._chance.random() < 0.4 else ring
        await hangs_up.hang_up()
        if hangs_up is ring:
            visit.left.set()

    async def _talk(self, ring: Call, visit: Visit) -> bool:
        """The first half of what there is to say; whether the call is over."""
        if visit.talk is None:
            return await ended_within(ring, self._chance.uniform(12, 45))
        return await visit.talk.half(visit.call, ring)

    async def _talk_on(self, ring: Call, visit: Visit) -> bool:
        """The second half."""
        if visit.talk is None:
            return await ended_within(ring, self._chance.uniform(5, 40))
        return await visit.talk.rest(visit.call, ring) or await ended_within(ring, self._chance.uniform(0.5, 2.5))

    # What may happen in the middle: each says whether the caller is somebody else's now.

    async def _go_on(self, ring: Call, visit: Visit) -> bool:
        return False

    async def _hold(self, ring: Call, visit: Visit) -> bool:
        await ring.hold()
        await ended_within(ring, self._chance.uniform(6, 20))
        await ring.unhold()
        return False

    async def _blind(self, ring: Call, visit: Visit) -> bool:
        colleague = self._idle_colleague()
        if colleague is None:
            return False
        await ring.transfer(colleague.worker.phone)
        return await ended_within(ring, 10.0)

    async def _to_queue(self, ring: Call, visit: Visit) -> bool:
        other = SALES if self.worker.phone in SUPPORT.members else SUPPORT
        await ring.transfer(other.extension)
        return await ended_within(ring, 10.0)

    async def _attended(self, ring: Call, visit: Visit) -> bool:
        colleague = self._idle_colleague()
        if colleague is None:
            return False
        await ring.hold()
        consultation = self._phone.call(colleague.worker.phone)
        try:
            await consultation.answered(18.0)
            await ended_within(consultation, self._chance.uniform(4, 10))
            await ring.transfer_to(consultation)
        except (CallFailed, TimeoutError):
            await consultation.hang_up()
            raise
        if not await ended_within(ring, 10.0):
            return False
        await colleague.take_over(visit)
        return True

    async def take_over(self, visit: Visit) -> None:
        """Go on talking with someone whom a colleague has handed over."""
        talking = [call for call in self._phone.calls if call.state is State.TALKING]
        if visit.talk is not None and talking:
            await visit.talk.rest(visit.call, talking[0])

    def _idle_colleague(self) -> Agent | None:
        idle = [agent for _, agent in sorted(self._colleagues.items()) if agent.idle]
        return self._chance.choice(idle) if idle else None


_DO = {
    "talk": Agent._go_on,
    "hold": Agent._hold,
    "blind": Agent._blind,
    "attended": Agent._attended,
    "queue": Agent._to_queue,
}
