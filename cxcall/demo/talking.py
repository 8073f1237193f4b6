"""A talk as two phones have it: they say their lines in turn, stop when one hangs up, and go on after a hold."""

from __future__ import annotations

import asyncio
import random

from cxcall.demo.dialogues import Dialogue
from cxcall.demo.phone import Call, State
from cxcall.demo.phone.sound import RATE, SILENCE
from cxcall.demo.voices import Voices

_LOOK_EVERY = 0.5
_QUIET = SILENCE * (RATE // 50)
"""Sent between the lines: where both phones send nothing, Asterisk's recording is shorter than the talk."""


class Talk:
    """One dialogue with its sounds, and how far it has come. Another agent may go on with it."""

    def __init__(self, dialogue: Dialogue, sounds: tuple[bytes, ...]) -> None:
        self.dialogue = dialogue
        self._sounds = sounds
        self._next = 0

    @classmethod
    def some(cls, voices: Voices, queue: str, chance: random.Random) -> Talk | None:
        """Something that can be said now to an agent of this queue, if there is anything."""
        dialogue = voices.talk(queue, chance)
        sounds = voices.sounds(dialogue) if dialogue else None
        return cls(dialogue, sounds) if dialogue and sounds else None

    @property
    def begun(self) -> bool:
        """Whether anything was said."""
        return self._next > 0

    async def half(self, customer: Call, agent: Call) -> bool:
        """Say the lines up to the middle; whether one of the two calls is over."""
        return await self._say(customer, agent, len(self._sounds) // 2)

    async def rest(self, customer: Call, agent: Call) -> bool:
        """Say the lines that are left; whether one of the two calls is over."""
        return await self._say(customer, agent, len(self._sounds))

    async def _say(self, customer: Call, agent: Call, until: int) -> bool:
        for call in (customer, agent):
            call.say(_QUIET)
        while self._next < until:
            line, sound = self.dialogue.lines[self._next], self._sounds[self._next]
            if await _over(line.after, customer, agent):
                return True
            (agent if line.by == "agent" else customer).say_once(sound)
            self._next += 1
            if await _over(len(sound) / RATE, customer, agent):
                return True
        return False


async def _over(seconds: float, *calls: Call) -> bool:
    """Wait that long, less when one of the calls ends; whether one has."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while all(call.state is State.TALKING for call in calls):
        left = until - loop.time()
        if left <= 0:
            return False
        await asyncio.sleep(min(left, _LOOK_EVERY))
    return True
