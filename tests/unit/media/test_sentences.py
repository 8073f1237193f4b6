"""A caller who says one sentence, heard with a scripted engine."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.media.sentences import SentenceEar
from cxcall.speech.sentence import TEXT_S, Heard, Wanted
from tests.unit.media.scripted import ScriptedEngine, sound
from tests.unit.media.stage import Stage, stage
from tests.unit.media.waiting import until

TEXTS = {1: "hello", 2: "where is my order"}


class Caller:
    """Someone who is asked; `told` is what came of it."""

    def __init__(self, scene: Stage, *, language: str = "en") -> None:
        self.told: list[Heard] = []
        self.judged: list[str] = []
        self.clock = scene.clock
        wanted = Wanted(token="t", language=language)
        self.ear = SentenceEar(wanted, scene.room, self._judge, self.told.append)
        self.ear.arrived()

    def heard(self) -> bool:
        return bool(self.told)

    def _judge(self, text: str) -> bool:
        self.judged.append(text)
        return "order" in text

    def say(self, number: int, seconds: float = 1.0) -> None:
        for _ in range(round(seconds / 0.2)):
            self.ear.audio(sound(number), self.clock.go(0.2))

    def quiet(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.2)):
            self.ear.audio(bytes(3200), self.clock.go(0.2))


async def test_the_text_is_told_as_soon_as_it_is_understood(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as scene:
        caller = Caller(scene)
        caller.quiet(0.6)
        caller.say(2)
        caller.quiet(0.6)
        await until(lambda: caller.told)
        assert [(one.why, one.text) for one in caller.told] == [("said", "where is my order")]
        assert caller.told[0].ms <= 800


async def test_a_greeting_is_not_taken_for_the_sentence(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as scene:
        caller = Caller(scene)
        caller.say(1, 0.4)
        caller.quiet(0.6)
        await until(lambda: caller.judged == ["hello"])
        caller.say(2)
        caller.quiet(0.6)
        await until(lambda: caller.told)
        assert caller.told[0].text == "hello where is my order"


async def test_a_silent_phone_that_sends_nothing_is_told_by_the_clock(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as scene:
        caller = Caller(scene)
        caller.clock.go(3.1)
        await until(lambda: caller.told)
        assert caller.told == [Heard(why="silence")]


async def test_an_engine_that_is_too_slow_keeps_nobody_waiting(database: AsyncEngine, tmp_path: Path) -> None:
    gate = threading.Semaphore(0)
    async with stage(database, tmp_path, TEXTS, engine=ScriptedEngine(TEXTS, gate=gate)) as scene:
        caller = Caller(scene)
        caller.say(2)
        caller.quiet(0.6)
        caller.clock.go(TEXT_S + 0.1)
        await until(lambda: caller.told)
        assert caller.told[0].why == "late"
        for _ in range(20):
            gate.release()
        assert len(caller.told) == 1


async def test_an_engine_that_breaks_and_a_language_without_a_model_are_told(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with stage(database, tmp_path, TEXTS, engine=ScriptedEngine(TEXTS, breaks=frozenset({2}))) as scene:
        for caller in (Caller(scene), Caller(scene, language="fa")):
            caller.say(2)
            caller.quiet(0.6)
            caller.ear.close("hung_up", caller.clock.now)
            await until(caller.heard)
            assert (caller.told[0].why, caller.told[0].text) == ("failed", "")


async def test_what_was_said_before_the_leg_was_gone_still_becomes_text(database: AsyncEngine, tmp_path: Path) -> None:
    async with stage(database, tmp_path, TEXTS) as scene:
        caller = Caller(scene)
        caller.say(2)
        caller.ear.close("hung_up", caller.clock.now)
        caller.ear.close("hung_up", caller.clock.now)
        await until(lambda: caller.told)
        assert [(one.why, one.text) for one in caller.told] == [("said", "where is my order")]
        caller.ear.audio(sound(1), caller.clock.go(0.2))
        assert len(caller.told) == 1
