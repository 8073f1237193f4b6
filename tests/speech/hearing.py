"""Talks made of recorded English, and speech as a site runs it, with one loaded model for all tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Commands
from cxcall.bus.speech import transcript_channel
from cxcall.media.edge import MediaEdge
from cxcall.settings import Data, Settings, Speech
from cxcall.speech.engines import models, opening
from cxcall.speech.engines.engine import Decoding, Engine
from cxcall.speech.engines.models import Model
from cxcall.speech.stream import RATE
from tests.support import spoken
from tests.support.spoken import Samples

Side = Literal["customer", "agent"]
FRAME = 160
"""Samples of 20 ms, as Asterisk sends them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that is said: a prompt of Asterisk's by its name, or digits one by one. `after`: seconds of silence."""

    side: Side
    name: str = ""
    digits: str = ""
    after: float = 1.0

    @property
    def text(self) -> str:
        return " ".join(self.digits) if self.digits else spoken.prompt(self.name).text

    @property
    def sound(self) -> Samples:
        if not self.digits:
            return spoken.samples(spoken.prompt(self.name))
        folder = spoken.prompts(1)[0].path.parent / "digits"
        return spoken.ulaw(
            np.concatenate([soundfile.read(folder / f"{one}.wav", dtype="int16")[0] for one in self.digits])
        )


def sides(lines: Sequence[Line]) -> dict[Side, Samples]:
    """What is heard of each of both, one line after the other, over a quiet line's noise."""
    parts: dict[Side, list[Samples]] = {"customer": [], "agent": []}
    for line in lines:
        said = np.concatenate((line.sound, np.zeros(int(line.after * RATE), np.int16)))
        for side, heard in parts.items():
            heard.append(said if side == line.side else np.zeros(len(said), np.int16))
    silence = np.zeros(RATE // 2, np.int16)
    whole = {side: np.concatenate((silence, *heard)) for side, heard in parts.items()}
    return {side: heard + spoken.noise(len(heard) / RATE, -65.0)[: len(heard)] for side, heard in whole.items()}


def stereo(file: Path, lines: Sequence[Line]) -> float:
    """Write a recording, left the customer, right the agent; how long it is."""
    both = sides(lines)
    soundfile.write(file, np.stack((both["customer"], both["agent"]), axis=1), RATE, subtype="PCM_16")
    return len(both["customer"]) / RATE


@cache
def english() -> Model:
    """The packaged English model."""
    return models.choose(models.find(), "en", "whisper")


class Shared:
    """An engine that outlives who uses it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name, self.model, self.language, self.rate = engine.name, engine.model, engine.language, engine.rate
        self.partials = engine.partials

    def begin(self, rate: int = RATE) -> Decoding:
        return self._engine.begin(rate)

    def idle(self) -> None:
        self._engine.idle()

    def close(self) -> None:
        """The next test goes on with it."""


@cache
def engine() -> Engine:
    return opening.open_engine(english())


@dataclass(slots=True, kw_only=True)
class Heard:
    """A site's speech while it runs, and what it told of one call."""

    edge: MediaEdge
    bus: Bus
    commands: Commands
    told: list[dict[str, Any]] = field(default_factory=list)

    def listen(self, call_id: str) -> None:
        self.bus.subscribe(transcript_channel(call_id), lambda message: self.told.append(message.data))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.told if message["kind"] == kind]


@asynccontextmanager
async def speech(folder: Path, database: AsyncEngine) -> AsyncIterator[Heard]:
    """The role `media` of a site in English."""
    bus, commands = Bus(epoch=1), Commands()
    settings = Settings(data=Data(dir=str(folder)), speech=Speech(language="en", workers=1))
    edge = MediaEdge(
        settings=settings,
        engine=database,
        bus=bus,
        commands=commands,
        find=lambda: (english(),),
        load=lambda _: Shared(engine()),
    )
    running = asyncio.create_task(edge.run())
    try:
        await until(lambda: edge.refusal("en") == "")
        yield Heard(edge=edge, bus=bus, commands=commands)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(true: Any, limit: float = 60.0) -> None:
    """Return once `true()` is; fail after `limit` seconds."""
    async with asyncio.timeout(limit):
        while not true():
            await asyncio.sleep(0.02)
