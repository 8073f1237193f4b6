"""People who call from outside, over the trunk: they wait, give up, are reached, hang up."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from cxcall.demo.doors import ASKED
from cxcall.demo.floor import CALLS_BACK
from cxcall.demo.people import Person
from cxcall.demo.phone import Call, CallFailed, Phone, tone
from cxcall.demo.phone.sound import RATE
from cxcall.demo.staff import (
    BILLING,
    DIRECT_NUMBER,
    GOLD,
    NIGHT,
    OUTSIDE_PREFIX,
    RECEPTION,
    SALES,
    SUPPORT,
    Worker,
)
from cxcall.demo.talking import Talk
from cxcall.demo.voices import Voices
from cxcall.demo.workday import as_dialled

log = structlog.get_logger(__name__)

_CALLED = (SUPPORT, SALES, BILLING, GOLD, RECEPTION, NIGHT), (34, 20, 22, 12, 6, 6)
"""The queues and how often they are called; whoever is closed sends its callers on."""

_STRANGER, _ANONYMOUS, _NAMED, _SECOND_NUMBER = 0.14, 0.05, 0.3, 0.15
_IMPATIENT = 0.3
_NO_TIME, _SPEAKS = 0.2, 0.3
_THINKS = (8.0, 14.0)
"""Seconds until a caller presses a key: the question has been heard by then, most of the time."""

_QUESTION, _SAYS_NOTHING = 4.6, 0.1
"""Seconds until whoever is asked why they call has heard the question, and how many say nothing then."""

_CALL_BACK_QUEUES = frozenset(queue.name for queue in CALLS_BACK)
_WOULD_BE_CALLED_BACK, _BEARS, _CONFIRMS = 0.2, (12.0, 18.0), 15.0
"""How many would rather be called back, the seconds they wait before, and that they try to say so."""

_LONGEST_RINGING = 30.0
_LONGEST = 300.0
"""Seconds after which anybody hangs up, so that nothing stays up for ever whatever went wrong."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One call from outside; the agent who answers it sets `reached`, and `left` when hanging up on the caller.

    `queue`: the one that was called, "" for none. `talk`: what the two say, None until they do.
    """

    number: str
    call: Call
    queue: str = ""
    talk: Talk | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)


class Callers:
    """The outside world: places calls, and answers those that agents make."""

    def __init__(
        self, phone: Phone, people: Sequence[Person], strangers: Sequence[str], chance: random.Random, voices: Voices
    ) -> None:
        self._phone = phone
        self._voices = voices
        self._people = people
        self._weights = [person.loyalty for person in people]
        self._strangers = strangers
        self._chance = chance
        self._visits: dict[str, Visit] = {}

    @property
    def up(self) -> int:
        """Calls from outside that are going on."""
        return len(self._visits)

    def visit_of(self, number: str) -> Visit | None:
        """The caller with this number, as the trunk sent it."""
        return self._visits.get(number)

    def begin_to_talk(self, visit: Visit) -> bool:
        """Have something to talk about; False when that was begun with another agent, or there is nothing (yet)."""
        if visit.queue and visit.talk is None:
            visit.talk = Talk.some(self._voices, visit.queue, self._chance)
            return visit.talk is not None
        return False

    def some_number(self) -> str:
        """A customer's number for an agent to dial."""
        return OUTSIDE_PREFIX + as_dialled(self._customer().numbers[0])

    async def call_queue(self) -> None:
        """Call a queue's number and stay until it is over."""
        queue = self._chance.choices(*_CALLED)[0]
        impatient = self._chance.random() < _IMPATIENT
        patience = self._chance.uniform(5, 20) if impatient else self._chance.uniform(50, 150)
        await self._call(queue.number, patience, queue.name)

    async def call_agent(self, worker: Worker) -> None:
        """Call an agent's own number."""
        await self._call(DIRECT_NUMBER.format(phone=worker.phone), self._chance.uniform(12, 24))

    async def answer(self) -> None:
        """Answer what comes in over the trunk, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    ring = await self._phone.next_call(timeout=60.0)
                except TimeoutError:
                    continue
                tasks.create_task(carefully(self._pick_up(ring)))

    async def _call(self, called: str, patience: float, queue: str = "") -> None:
        number, name = self._somebody()
        visit = Visit(number=number, call=self._phone.call(called, from_number=number, from_name=name), queue=queue)
        self._visits[number] = visit
        try:
            if queue == ASKED.name:
                await self._say_why(visit.call)
            if queue in _CALL_BACK_QUEUES and self._chance.random() < _WOULD_BE_CALLED_BACK and number.startswith("0"):
                await self._keep_place(visit)
            await self._wait(visit, patience)
        finally:
            del self._visits[number]
            await visit.call.hang_up()

    async def _say_why(self, call: Call) -> None:
        """Answer the question why they call, once it has been heard; some say nothing."""
        await call.answered(_LONGEST_RINGING)
        sound = self._voices.wish(self._chance)
        if not await ended_within(call, _QUESTION) and sound is not None and self._chance.random() >= _SAYS_NOTHING:
            call.say_once(sound)
            await ended_within(call, len(sound) / RATE)

    async def _keep_place(self, visit: Visit) -> None:
        """Wait a while, then press the key and confirm the number, unless somebody answers before that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._chance.uniform(*_BEARS)):
                await visit.reached.wait()
        until = asyncio.get_running_loop().time() + _CONFIRMS
        while not visit.reached.is_set() and asyncio.get_running_loop().time() < until:
            visit.call.press("1")
            if await ended_within(visit.call, 1.5):
                return

    async def _wait(self, visit: Visit, patience: float) -> None:
        """Until the call is over, or nobody came in time."""
        over = asyncio.create_task(visit.call.ended(_LONGEST))
        reached = asyncio.create_task(visit.reached.wait())
        left = asyncio.create_task(visit.left.wait())
        try:
            await asyncio.wait((over, reached), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if reached.done():
                await asyncio.wait((over, left), return_when=asyncio.FIRST_COMPLETED)
            if left.done() and not over.done():
                await self._answer(visit)
        finally:
            for task in (over, reached, left):
                task.cancel()
            await asyncio.gather(over, reached, left, return_exceptions=True)

    async def _answer(self, visit: Visit) -> None:
        """Stay for the survey: most press keys, some say a word, some have no time. Nobody here listens."""
        if self._chance.random() < _NO_TIME:
            await ended_within(visit.call, self._chance.uniform(1, 6))
            return
        satisfied = self._satisfied(visit)
        recommends = str(max(0, min(10, round(self._chance.gauss(2 * int(satisfied) - 0.6, 1.4)))))
        for keys in (satisfied, f"{recommends}#"):
            if await ended_within(visit.call, self._chance.uniform(*_THINKS)):
                return
            visit.call.press(keys)
        if await ended_within(visit.call, self._chance.uniform(12, 15)):
            return
        if self._chance.random() < _SPEAKS:
            await self._remark(visit.call, content=satisfied >= "4")
        visit.call.press("#")
        if not await ended_within(visit.call, 12.0):
            visit.call.press("1")  # a call-back, when that was asked
            await ended_within(visit.call, 20.0)

    def _satisfied(self, visit: Visit) -> str:
        """The key for how content the caller is, as far as the talk tells."""
        if visit.talk is None or not visit.talk.begun:
            return self._chance.choices("12345", (6, 8, 14, 32, 40))[0]
        return str(self._chance.randint(*visit.talk.dialogue.scores))

    async def _remark(self, call: Call, *, content: bool) -> None:
        sound = self._voices.remark(content, self._chance)
        if sound is not None:
            call.say_once(sound)
            await ended_within(call, len(sound) / RATE + 0.5)
        else:
            call.say(tone(180, 0.5))
            await ended_within(call, self._chance.uniform(3, 8))
            call.say(None)

    async def _pick_up(self, ring: Call) -> None:
        fate = self._chance.choices(("answered", "busy", "away"), (72, 10, 18))[0]
        if fate == "busy":
            await ring.refuse(486)
        elif fate == "answered" and not await ended_within(ring, self._chance.uniform(2, 7)):
            await ring.answer()
        if not await ended_within(ring, self._chance.uniform(20, 80)):
            await ring.hang_up()

    def _somebody(self) -> tuple[str, str]:
        """Number and name of someone who is not calling now."""
        while True:
            draw = self._chance.random()
            if draw < _ANONYMOUS:
                number, name = "anonymous", "Anonymous"
            elif draw < _ANONYMOUS + _STRANGER:
                number, name = as_dialled(self._chance.choice(self._strangers)), ""
            else:
                person = self._customer()
                number = as_dialled(person.numbers[-1 if self._chance.random() < _SECOND_NUMBER else 0])
                name = person.name if self._chance.random() < _NAMED else ""
            if number not in self._visits:
                return number, name

    def _customer(self) -> Person:
        return self._chance.choices(self._people, self._weights)[0]


async def carefully(work: Coroutine[Any, Any, object]) -> None:
    """Do `work`; a call that goes otherwise than meant is told and the demo goes on."""
    try:
        await work
    except (CallFailed, TimeoutError, OSError) as error:
        log.info("a demo call went otherwise than meant", error=str(error) or repr(error))


async def ended_within(call: Call, seconds: float) -> bool:
    """Wait that long at most; whether the call is over then."""
    try:
        await call.ended(seconds)
    except TimeoutError:
        return False
    return True
