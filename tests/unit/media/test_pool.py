"""The pool: order, fairness, partials, jobs behind talks, engines that load, break and come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from cxcall.media.engines import Engines
from cxcall.media.pool import Pool
from cxcall.speech.engines.engine import Engine, EngineError
from cxcall.speech.engines.models import Model
from tests.unit.media.scripted import VOSK, WHISPER, ScriptedEngine, Told, sound
from tests.unit.media.waiting import until

TEXTS = {1: "good morning to you all", 2: "where is my parcel", 3: "three", 4: "four"}


def _has(found: list[str], wanted: int) -> bool:
    return len(found) == wanted


@asynccontextmanager
async def pool_of(
    load: Callable[[Model], Engine], *, workers: int = 1, models: tuple[Model, ...] = (VOSK, WHISPER)
) -> AsyncIterator[Pool]:
    engines = Engines(find=lambda: models, load=load)
    engines.look()
    pool = Pool(engines, workers=workers)
    engines.changed = pool.wake
    pool.start()
    try:
        yield pool
    finally:
        await pool.stop()
        engines.close()


async def test_an_utterance_is_decoded_in_order_with_partial_texts_on_the_way() -> None:
    engine = ScriptedEngine(TEXTS)
    async with pool_of(lambda _: engine) as pool:
        told = Told()
        utterance = pool.begin(VOSK, told)
        for n in range(5):
            utterance.feed(sound(1))
            await until(partial(_has, told.partials, n + 1))
        utterance.finish()
        await until(lambda: told.text is not None)
        assert told.text == TEXTS[1]
        assert told.partials[0] == "good"
        assert told.partials[-1] == TEXTS[1]
        assert engine.fed[1] == sound(1, 1.0)
        assert pool.backlog == pool.held == 0.0


async def test_streams_take_turns_however_much_one_of_them_has_waiting() -> None:
    gate = threading.Semaphore(0)
    engine = ScriptedEngine(TEXTS, gate=gate)
    async with pool_of(lambda _: engine) as pool:
        long, short = Told(), Told()
        first = pool.begin(VOSK, long)
        for _ in range(50):
            first.feed(sound(1))  # ten seconds
        first.finish()
        await until(lambda: pool.busy == 1)
        second = pool.begin(VOSK, short)
        second.feed(sound(2))
        second.finish()
        gate.release(3)
        await until(lambda: short.text is not None)
        assert long.text is None
        assert engine.order.count(1) <= 3, "the second waited for more than its turn"
        assert 6.0 <= pool.backlog <= 9.0
        gate.release(50)
        await until(lambda: long.text is not None)


async def test_a_pause_shows_what_whisper_has_unless_others_wait_or_partials_are_off() -> None:
    engine = ScriptedEngine(TEXTS, model=WHISPER)
    async with pool_of(lambda _: engine) as pool:
        told = Told()
        utterance = pool.begin(WHISPER, told)
        utterance.feed(sound(2))
        utterance.pause()
        await until(lambda: told.partials)
        assert told.partials == [TEXTS[2]]
        assert pool.backlog == 0.0, "whisper decodes at the end: until then nothing is late"
        assert pool.held == pytest.approx(0.2)
        pool.partials = False
        utterance.feed(sound(2))
        utterance.pause()
        utterance.finish()
        await until(lambda: told.text is not None)
        assert engine.paused == 1


async def test_those_who_speak_go_before_jobs() -> None:
    gate = threading.Semaphore(0)
    engine = ScriptedEngine(TEXTS, gate=gate)
    done: list[str] = []
    async with pool_of(lambda _: engine) as pool:
        told = Told()
        utterance = pool.begin(VOSK, told)
        utterance.feed(sound(1))
        job = asyncio.create_task(pool.step(VOSK, lambda _: done.append("job")))
        await until(lambda: pool.busy == 1)
        gate.release(1)
        await until(lambda: told.partials)
        assert not done, "the only worker stays with whom it serves"
        utterance.finish()
        await job
        assert done
        assert told.text == TEXTS[1]

        def wrong(_: Engine) -> None:
            raise ValueError("no sound")

        with pytest.raises(ValueError, match="no sound"):
            await pool.step(VOSK, wrong)


async def test_what_comes_while_a_model_is_loaded_waits_for_it() -> None:
    loaded = threading.Event()

    def load(_: Model) -> Engine:
        assert loaded.wait(30)
        return ScriptedEngine(TEXTS)

    async with pool_of(load) as pool:
        told = Told()
        utterance = pool.begin(VOSK, told)
        utterance.feed(sound(3))
        utterance.finish()
        await until(lambda: pool.engines.statuses()[0].health == "loading")
        await until(lambda: pool.backlog == 0.0)
        assert pool.held == pytest.approx(0.2), "it is kept, but nobody is late"
        loaded.set()
        await until(lambda: told.text is not None)
        assert told.text == "three"
        assert pool.engines.statuses()[0].health == "ready"


async def test_an_engine_that_breaks_again_and_again_is_loaded_anew_and_others_go_on() -> None:
    made: list[ScriptedEngine] = []

    def load(model: Model) -> Engine:
        made.append(ScriptedEngine(TEXTS, model=model, breaks=frozenset({1}) if not made else frozenset()))
        return made[-1]

    now = [0.0]
    engines = Engines(find=lambda: (VOSK,), load=load, clock=lambda: now[0])
    engines.look()
    pool = Pool(engines, workers=2)
    engines.changed = pool.wake
    pool.start()
    try:
        for n in range(3):
            told = Told()
            utterance = pool.begin(VOSK, told)
            utterance.feed(sound(1))
            utterance.finish()
            await until(partial(getattr, told, "why"))
            assert told.text is None
            assert "broke" in told.why
            assert engines.statuses()[0].faults == n + 1
        status = engines.statuses()[0]
        assert status.health == "failed"
        assert "broke" in status.problem
        assert made[0].closed
        assert not engines.usable(VOSK)
        refused = Told()
        pool.begin(VOSK, refused).feed(sound(2))
        await until(lambda: refused.why)
        now[0] += 60
        engines.tend()
        await until(lambda: engines.statuses()[0].health == "ready")
        told = Told()
        utterance = pool.begin(VOSK, told)
        utterance.feed(sound(1))
        utterance.finish()
        await until(lambda: told.text == TEXTS[1])
        assert engines.statuses()[0].problem == ""
        now[0] += 120
        engines.tend()
        assert made[1].idled == 1, "who rests gives memory back"
    finally:
        await pool.stop()


async def test_a_model_that_cant_be_loaded_fails_what_needs_it_with_its_sentence() -> None:
    def load(_: Model) -> Engine:
        raise EngineError("The folder scripted has no model.")

    async with pool_of(load) as pool:
        told = Told()
        pool.begin(VOSK, told).feed(sound(1))
        await until(lambda: told.why)
        assert told.why == "The folder scripted has no model."
        with pytest.raises(EngineError, match="no model"):
            await pool.step(VOSK, lambda _: None)


async def test_a_dropped_utterance_is_told_of_no_more() -> None:
    gate = threading.Semaphore(0)
    engine = ScriptedEngine(TEXTS, gate=gate)
    async with pool_of(lambda _: engine) as pool:
        told, other = Told(), Told()
        utterance = pool.begin(VOSK, told)
        utterance.feed(sound(4))
        await until(lambda: pool.busy == 1)
        utterance.drop()
        utterance.feed(sound(4))
        gate.release(1)
        last = pool.begin(VOSK, other)
        last.finish()
        await until(lambda: other.text is not None)
        assert told.text is None
        assert not told.why
        assert pool.held == 0.0


async def test_what_waits_for_its_text_and_is_not_wanted_any_more_costs_no_time() -> None:
    gate = threading.Semaphore(0)
    engine = ScriptedEngine(TEXTS, gate=gate)
    async with pool_of(lambda _: engine) as pool:
        told, late = Told(), Told()
        first, second = pool.begin(VOSK, told), pool.begin(VOSK, late)
        first.feed(sound(1))
        await until(lambda: pool.busy == 1)
        second.feed(sound(4))
        second.finish()
        second.drop()
        gate.release(1)
        await until(lambda: pool.held == 0.0)
        assert late.text is None


async def test_stopping_does_not_wait_for_a_worker_that_is_stuck() -> None:
    gate = threading.Semaphore(0)
    engine = ScriptedEngine(TEXTS, gate=gate)
    engines = Engines(find=lambda: (VOSK,), load=lambda _: engine)
    engines.look()
    pool = Pool(engines, workers=1)
    engines.changed = pool.wake
    pool.start()
    pool.begin(VOSK, Told()).feed(sound(1))
    await until(lambda: pool.busy == 1 and engines.statuses()[0].health == "ready")
    waiting = asyncio.create_task(pool.step(VOSK, lambda _: None))
    await asyncio.sleep(0)
    await pool.stop(limit=0.1)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.release(1)
