"""Speech as a site runs it: without models everything else works; models, talks and hints are told of; it stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, CommandRefused, Commands, NoAnswer
from cxcall.bus.speech import HintDone, LiveAsk, SpeechStatus, TryRequest
from cxcall.media.answers import problem_of
from cxcall.media.edge import MediaEdge
from cxcall.media.room import moment
from cxcall.settings import Data, Settings, Site
from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.models import Model
from cxcall.speech.listening import Listening
from cxcall.store import hints, speech_settings, transcripts
from cxcall.store.hints import NewHint
from cxcall.store.transcripts import NewTranscript
from tests.unit.media.scripted import VOSK, ScriptedEngine
from tests.unit.media.stage import BEGAN, CALL, stream
from tests.unit.media.waiting import until


@asynccontextmanager
async def edge_of(
    database: AsyncEngine, folder: Path, models: Sequence[Model], broken: str = ""
) -> AsyncIterator[tuple[MediaEdge, Commands]]:
    def load(_: Model) -> ScriptedEngine:
        if broken:
            raise EngineError(broken)
        return ScriptedEngine({})

    bus, commands = Bus(epoch=1), Commands()
    settings = Settings(data=Data(dir=str(folder)), site=Site(language="en"))
    edge = MediaEdge(
        settings=settings, engine=database, bus=bus, commands=commands, find=lambda: tuple(models), load=load
    )
    running = asyncio.create_task(edge.run())
    try:
        await asyncio.sleep(0)
        yield edge, commands
    finally:
        running.cancel()
        async with asyncio.timeout(20):
            await asyncio.gather(running, return_exceptions=True)


async def status(commands: Commands) -> SpeechStatus:
    told: SpeechStatus = await commands.ask("speech:status", None, timeout=20.0)
    return told


async def test_without_a_model_it_says_so_and_hears_nothing(database: AsyncEngine, tmp_path: Path) -> None:
    async with edge_of(database, tmp_path, ()) as (edge, commands):
        told = await status(commands)
        assert (told.problem, told.ready, told.language, told.engines) == ("no_models", False, "en", ())
        assert edge.refusal("en") == "no_model"
        assert await commands.ask("speech:live", LiveAsk(call_id=CALL)) is None
        with pytest.raises(CommandRefused, match="There is no speech model for the language 'en'"):
            await commands.ask("speech:try", TryRequest(file="x.wav", name="x", by="u"))
    with pytest.raises(NoAnswer):
        await commands.ask("speech:status", None)


async def test_a_model_is_loaded_when_a_call_is_to_be_heard_or_at_once_where_a_queue_is(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with edge_of(database, tmp_path, [VOSK]) as (edge, commands):
        assert edge.refusal("fa") == "no_model"
        await until(lambda: edge._engines.models)
        assert (await status(commands)).engines[0].health == "idle", "a site that hears nobody has no use for it"
        assert edge.refusal("en") == ""
        await until(lambda: edge._engines.statuses()[0].health == "ready")
        told = await status(commands)
        assert (told.problem, told.ready, told.level, told.workers >= 1) == (None, True, "all", True)
    async with database.begin() as conn:
        await speech_settings.save(conn, "", "support", Listening(live=True), by="x", now=moment(BEGAN))
    async with edge_of(database, tmp_path, [VOSK]) as (edge, _):
        await until(lambda: edge._engines.statuses() and edge._engines.statuses()[0].health == "ready")


async def test_a_model_that_cant_be_loaded_is_named_with_its_reason(database: AsyncEngine, tmp_path: Path) -> None:
    async with edge_of(database, tmp_path, [VOSK], broken="Its graph is cut off.") as (edge, commands):
        await until(lambda: edge._engines.models)
        edge.refusal("en")
        await until(lambda: edge._engines.statuses()[0].health == "failed")
        told = await status(commands)
        assert (told.problem, told.ready, told.engines[0].problem) == ("failed", False, "Its graph is cut off.")
        assert edge.refusal("en") == "no_model"
    assert problem_of(told.engines, "fa") == "failed"


async def test_what_an_agent_makes_of_a_hint_is_kept_also_when_its_call_is_over(
    database: AsyncEngine, tmp_path: Path
) -> None:
    new = NewTranscript(kind="call", subject=CALL, began_at=moment(BEGAN), state="done", source="live")
    async with database.begin() as conn:
        transcript = await transcripts.begin(conn, new, now=moment(BEGAN))
        hint = await hints.show(
            conn,
            NewHint(transcript_id=transcript.id, call_id=CALL, kind="feeling", at=3.0, title="x"),
            now=moment(BEGAN),
        )
    async with edge_of(database, tmp_path, [VOSK]) as (_, commands):
        done = HintDone(call_id=CALL, hint_id=hint.id, outcome="used", by="sara")
        assert await commands.ask("speech:hint", done, timeout=20.0)
        assert not await commands.ask(
            "speech:hint", HintDone(call_id=CALL, hint_id="no", outcome="used", by="sara"), timeout=20.0
        )
    async with database.connect() as conn:
        (kept,) = await hints.of_call(conn, CALL)
    assert (kept.outcome, kept.by) == ("used", "sara")


async def test_it_stops_while_calls_are_heard(database: AsyncEngine, tmp_path: Path) -> None:
    async with edge_of(database, tmp_path, [VOSK]) as (edge, commands):
        await until(lambda: edge._engines.models)
        sink = edge.live.open(stream("customer"), BEGAN)
        sink.audio(bytes(320), BEGAN)
        await until(lambda: edge.live.talk(CALL) is not None)
        assert (await status(commands)).streams == 1
    async with database.connect() as conn:
        left = await transcripts.of_call(conn, CALL)
    assert left is not None
    assert left.state == "live"
    assert not sink.open
