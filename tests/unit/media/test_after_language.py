"""The language a recording is written down in: the customer's own where a model knows it, else its queue's."""

from __future__ import annotations

import wave
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.calls.record import CallRecord
from cxcall.customers.profile import Language
from cxcall.media.jobs import Jobs
from cxcall.media.recording.keeper import Keeper
from cxcall.settings import Data, Settings
from cxcall.speech.listening import Listening
from cxcall.speech.stream import RATE
from cxcall.store import calls, customers, recordings, speech_jobs, speech_settings, transcripts
from cxcall.store.recordings import NewRecording, Recording
from tests.store.make import after, queue_call, write
from tests.unit.media.stage import stage

ENDED = after(80)


async def spoken(database: AsyncEngine, folder: Path, language: Language | None, queue: str = "en") -> Recording:
    """A recorded call of a customer with this language, in a queue that is written down in `queue`'s."""
    record: CallRecord = queue_call(1)
    async with database.begin() as conn:
        await calls.apply(conn, [write(record)], region="IR")
        known = await calls.get(conn, record.id)
        assert known is not None
        assert known.caller.customer_id is not None
        customer = await customers.get(conn, known.caller.customer_id)
        assert customer is not None
        await customers.change(conn, customer.id, replace(customer.profile, language=language))
        rules = Listening(record=True, after=True, language=queue)
        await speech_settings.save(conn, "", "support", rules, by="test", now=ENDED)
        sources = [folder / "x-in.wav", folder / "x-out.wav"]
        for each in sources:
            _wav(each, 25.0)
        new = NewRecording(
            server="lab", name="x", began_at=after(18), call_id=record.id, sources=tuple(str(each) for each in sources)
        )
        made = await recordings.begin(conn, new, now=ENDED)
        return await recordings.change(conn, made.id, now=ENDED, state="waiting")


def _wav(path: Path, seconds: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.zeros(round(seconds * RATE), "<i2").tobytes())


async def made(database: AsyncEngine, folder: Path, recording: Recording, known: Collection[str]) -> str:
    """The language of the job the keeper makes of it where these languages are known."""
    keeper = Keeper(
        settings=Settings(data=Data(dir=str(folder))), engine=database, bus=Bus(0),
        understands=lambda language, engine: language in known, now=lambda: ENDED + timedelta(seconds=30),
    )  # fmt: skip
    assert not await keeper.look()
    async with database.connect() as conn:
        job = await speech_jobs.of_subject(conn, "recording", recording.id)
    assert job is not None
    return job.language


@pytest.mark.parametrize(
    ("speaks", "known", "written"),
    [
        ("fa", ("en", "fa"), "fa"),
        ("fa", ("en",), "en"),
        (None, ("en", "fa"), "en"),
        ("fa", (), "en"),
    ],
)
async def test_a_recording_is_written_down_in_the_customers_language_where_a_model_knows_it(
    database: AsyncEngine, tmp_path: Path, speaks: Language | None, known: tuple[str, ...], written: str
) -> None:
    recording = await spoken(database, tmp_path, speaks)
    assert await made(database, tmp_path, recording, known) == written


async def test_a_text_a_person_asks_for_has_the_customers_language_too(database: AsyncEngine, tmp_path: Path) -> None:
    recording = await spoken(database, tmp_path, "en", queue="fa")
    (tmp_path / "recordings").mkdir()
    _wav(tmp_path / "recordings" / "x.wav", 1.0)
    async with stage(database, tmp_path, {}) as now:
        async with database.begin() as conn:
            at = now.room.now()
            await recordings.change(conn, recording.id, now=at, state="kept", file="x.wav", seconds=1.0)
            await speech_jobs.make(conn, "recording", recording.id, now=at)
        settings = Settings(data=Data(dir=str(tmp_path)))
        assert await Jobs(settings=settings, engine=database, room=now.room).one()
        async with database.connect() as conn:
            transcript = await transcripts.of_call(conn, recording.call_id or "")
        assert transcript is not None
        assert (transcript.state, transcript.language) == ("done", "en")
