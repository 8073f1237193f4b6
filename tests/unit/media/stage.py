"""A room with a scripted engine, a clock of the test's own and a database: what talks need to be heard in tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Message
from cxcall.bus.speech import SPEECH, transcript_channel
from cxcall.media.concluding import Concluded
from cxcall.media.engines import Engines
from cxcall.media.live import LiveSpeech
from cxcall.media.pool import Pool
from cxcall.media.room import Room
from cxcall.media.sink import StreamSink
from cxcall.media.spool import Spool
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Article, Category
from cxcall.speech.stream import Stream
from cxcall.speech.transcript import Speaker
from cxcall.speech.utterance import Begun, Chunk, Ended, Event
from cxcall.store.ledger import Ledger
from tests.unit.media.scripted import SECOND, VOSK, ScriptedEngine, sound

BEGAN = 1_795_000_000.0
CALL = "lab-1795000000.1"


class Clock:
    """The wall clock, as the test sets it."""

    def __init__(self, now: float = BEGAN) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def go(self, seconds: float) -> float:
        self.now += seconds
        return self.now


class ScriptedCutter:
    """A double of `Utterances`: sound that is not zero is a voice, and silence of half a second ends it."""

    def __init__(self) -> None:
        self._n = 0
        self._open = False
        self._last = 0.0

    def feed(self, pcm: bytes, at: float) -> list[Event]:
        events: list[Event] = []
        if any(pcm[:2]):
            if not self._open:
                self._n, self._open = self._n + 1, True
                began = at - len(pcm) / SECOND
                events.append(Begun(n=self._n, start=began - 0.3, spoke=began))
            events.append(Chunk(n=self._n, pcm=pcm))
            self._last = at
            return events
        return self.tick(at)

    def tick(self, now: float) -> list[Event]:
        return self.close(now) if now - self._last >= 0.5 else []

    def close(self, at: float) -> list[Event]:
        if not self._open:
            return []
        self._open = False
        return [Ended(n=self._n, end=self._last)]


@dataclass(slots=True, kw_only=True)
class Stage:
    """What a test has at hand."""

    room: Room
    live: LiveSpeech
    database: AsyncEngine
    clock: Clock
    heard: list[dict[str, Any]] = field(default_factory=list)
    """Messages of CALL's transcript."""
    overview: list[dict[str, Any]] = field(default_factory=list)
    ended: list[Concluded] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["kind"] == kind]

    def listen(self, call_id: str = CALL) -> None:
        self.room.bus.subscribe(transcript_channel(call_id), lambda message: self.heard.append(message.data))

    def tick(self) -> None:
        talk = self.live.talk(CALL)
        if talk is not None:
            talk.tick(self.clock.now)

    async def written(self) -> None:
        """All that was told is in the store."""
        await self.room.ledger.put(_nothing)

    def say(self, sink: StreamSink, number: int, seconds: float = 1.0) -> None:
        """Say the text of `number` for so long, then be silent for a second."""
        for _ in range(round(seconds / 0.2)):
            sink.audio(sound(number), self.clock.go(0.2))
        sink.audio(bytes(3200), self.clock.go(1.0))


def stream(speaker: Speaker, **other: Any) -> Stream:
    """A stream of CALL."""
    agent = {"agent": "PJSIP/1001", "agent_name": "Sara"} if speaker == "agent" else {}
    values = {
        "id": f"{speaker}-1", "server": "lab", "call_id": CALL, "caller_id": "1795000000.1", "speaker": speaker,
        "channel": f"PJSIP/{speaker}-1", "unique_id": f"1795000000.{speaker}", "queue": "support", "language": "en",
        **agent, **other,
    }  # fmt: skip
    return Stream(**values)


@asynccontextmanager
async def stage(
    database: AsyncEngine,
    folder: Path,
    texts: Mapping[int, str],
    *,
    engine: ScriptedEngine | None = None,
    categories: Sequence[Category] = (),
    articles: Sequence[Article] = (),
    clock: Clock | None = None,
    most_spooled: int = 1 << 20,
) -> AsyncIterator[Stage]:
    """A room whose engine says `texts`; LiveSpeech without its own clockwork: the test ticks."""
    clock = clock or Clock()
    said = engine or ScriptedEngine(texts)
    engines = Engines(find=lambda: (VOSK,), load=lambda _: said)
    engines.look()
    pool = Pool(engines, workers=2)
    engines.changed = pool.wake
    pool.start()
    bus = Bus(epoch=1)
    ledger, spool = Ledger(database, of="talks"), Spool(folder / "speech", most=most_spooled)
    room = Room(
        bus=bus, pool=pool, spool=spool, ledger=ledger, language="en", engine="", page_language="en", clock=clock,
        cut=ScriptedCutter, catalogue=Catalogue(categories, articles),
    )  # fmt: skip
    ended: list[Concluded] = []
    live = LiveSpeech(room=room, engine=database, ended=ended.append)
    made = Stage(room=room, live=live, database=database, clock=clock, ended=ended)
    made.listen()
    bus.subscribe(SPEECH, lambda message: made.overview.append(_data(message)))
    tasks = [asyncio.create_task(ledger.run()), asyncio.create_task(spool.run())]
    try:
        yield made
    finally:
        await made.written()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await pool.stop()


def _data(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = message.data
    return data


async def _nothing(_: object) -> None:
    """An entry of the ledger after all before it."""
