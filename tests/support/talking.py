"""Two phones that hold a talk of recorded English: who says what when, and what was heard of it, by whom, how soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import aiohttp
import msgspec
import numpy as np

from cxcall.demo.phone import Call
from cxcall.demo.phone.sound import encode
from tests.support.serving import Serving
from tests.support.spoken import RATE, Prompt, Samples, noise, prompt, samples, word_errors

Side = Literal["customer", "agent"]
BEFORE_S = 0.8
"""Silence before the first word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A prompt in a talk, in seconds since its beginning."""

    side: Side
    prompt: Prompt
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is said, and each side's sound (µ-law) for all of the talk."""

    said: tuple[Said, ...]
    sounds: dict[Side, bytes]

    @property
    def seconds(self) -> float:
        return len(self.sounds["agent"]) / RATE

    def words(self, side: Side) -> str:
        return " ".join(each.prompt.text for each in self.said if each.side == side)


def script(prompts: Sequence[Prompt], *, pause: float = 0.7, over: int = 5, bed: float | None = None) -> Script:
    """Prompts by turns, the agent first; every `over`th begins 0.8 s before the other has ended.

    `bed`: dBFS of noise on the line.
    """
    said, at = list[Said](), BEFORE_S
    for number, spoken in enumerate(prompts):
        side: Side = "customer" if number % 2 else "agent"
        length = len(samples(spoken)) / RATE
        mine = [each.end for each in said if each.side == side]
        start = max(at - (0.8 + pause if number and number % over == 0 else 0.0), (mine[-1] + 0.6) if mine else 0.0)
        said.append(Said(side=side, prompt=spoken, start=start, end=start + length))
        at = max(at, start + length) + pause
    return Script(said=tuple(said), sounds={side: _sound(said, side, at + 0.5, bed) for side in ("customer", "agent")})


def _sound(said: Sequence[Said], side: Side, seconds: float, bed: float | None) -> bytes:
    whole: Samples = np.zeros(int(seconds * RATE), np.int16) if bed is None else noise(seconds, bed, seed=len(side))
    for each in said:
        if each.side == side:
            sound = samples(each.prompt)
            first = int(each.start * RATE)
            whole[first : first + len(sound)] += sound
    return to_ulaw(whole)


def to_ulaw(sound: Samples) -> bytes:
    """Samples as the bytes a phone sends."""
    return _table()[sound.astype(np.int32) + 32_768].tobytes()


@cache
def _table() -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array([encode(sample) for sample in range(-32_768, 32_768)], np.uint8)


@dataclass(slots=True)
class Heard:
    """The live channel of a call as a page hears it: every message with when it came."""

    messages: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def turns(self) -> dict[int, tuple[float, dict[str, Any]]]:
        """The turns by number, as they were told first, with the words they have now."""
        found: dict[int, tuple[float, dict[str, Any]]] = {}
        for at, message in self.messages:
            if message["kind"] == "turn":
                found[message["n"]] = (found.get(message["n"], (at, {}))[0], message)
        return found

    def kinds(self) -> set[str]:
        return {message["kind"] for _, message in self.messages}


class Listener:
    """Hears the live channel of one call over the WebSocket, as `user` of `site`, while the context lasts."""

    def __init__(self, site: Serving, http: aiohttp.ClientSession, call_id: str) -> None:
        self.heard = Heard()
        self._site = site
        self._http = http
        self._call_id = call_id
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def __aenter__(self) -> Heard:
        self._task = asyncio.create_task(self._listen())
        async with asyncio.timeout(30):
            await self._ready.wait()
        return self.heard

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        channel = f"transcript:{self._call_id}"
        async with self._http.ws_connect("/ws", headers={"Origin": self._site.address}) as socket:
            await socket.send_str(msgspec.json.encode({"sub": [channel], "seq": {}}).decode())
            async for frame in socket:
                message = msgspec.json.decode(frame.data)
                self._ready.set()  # the first answer is that what we know is stale
                if message.get("ch") == channel and message["t"] == "patch":
                    self.heard.messages.append((time.time(), message["d"]))


async def hold_talk(call: Call, taken: Call, talk: Script) -> float:
    """Both say their part; returns when they began, in seconds since 1970, as soon as they are through."""
    began = time.time()
    call.say_once(talk.sounds["customer"])
    taken.say_once(talk.sounds["agent"])
    await asyncio.sleep(talk.seconds)
    return began


async def say_prompt(call: Call, name: str) -> None:
    """One side says a prompt, and then sends nothing at all; returns when it is said."""
    talk = script([prompt(name)])
    call.say_once(talk.sounds["agent"])
    await asyncio.sleep(talk.seconds)


Turns = Sequence[Mapping[str, Any]]
"""Turns as the API gives them."""


def errors(talk: Script, turns: Turns, side: Side) -> tuple[int, int]:
    """Wrong words of one side, and how many were said."""
    mine = sorted((turn["start"], turn["text"]) for turn in turns if turn["speaker"] == side)
    return word_errors(talk.words(side), " ".join(text for _, text in mine))


def strays(talk: Script, turns: Turns) -> list[str]:
    """Turns with more words of the other side than of their own: said by the wrong speaker."""
    found = []
    for turn in turns:
        own, other = (set(talk.words(side).split()) for side in _both(turn["speaker"]))
        words = turn["text"].lower().replace(",", " ").replace(".", " ").split()
        if sum(word in other - own for word in words) > sum(word in own for word in words):
            found.append(f"{turn['speaker']}: {turn['text']}")
    return found


def _both(side: Side) -> tuple[Side, Side]:
    return (side, "agent" if side == "customer" else "customer")


def delays(talk: Script, heard: Heard, began: float, transcript_began: float) -> list[float]:
    """Seconds from the end of what was said to its text, for each turn that ends where a prompt ends."""
    found = []
    for at, turn in heard.turns().values():
        end = transcript_began + turn["end"]
        ends = [began + each.end for each in talk.said if each.side == turn["speaker"]]
        nearest = min(ends, key=lambda each: abs(each - end))
        if abs(nearest - end) < 0.7:
            found.append(at - nearest)
    return sorted(found)
