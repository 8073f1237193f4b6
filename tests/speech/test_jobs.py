"""After-call work with recorded English: a recording whose worker is killed, comments, gaps, files that are broken."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import CommandRefused
from cxcall.bus.speech import JOBS, JobAsk, JobState, TryRequest
from cxcall.calls.record import CallId, Hold
from cxcall.media.reading import Reading
from cxcall.media.room import moment
from cxcall.speech.stream import RATE
from cxcall.store import (
    calls,
    recordings,
    speech_jobs,
    survey_comments,
    survey_responses,
    transcripts,
    turns,
)
from cxcall.store.engine import open_engine
from cxcall.store.recordings import NewRecording, Recording
from cxcall.store.speech_tables import speech_jobs as jobs_table
from cxcall.store.survey_responses import NewResponse
from cxcall.store.transcripts import NewTranscript, Transcript, Unheard
from cxcall.store.turns import Said
from tests.speech.hearing import Heard, Line, speech, stereo, until
from tests.store.make import queue_call, write
from tests.support import spoken
from tests.support.schema import new_database
from tests.support.spoken import word_errors

CALL = "lab-1795000000.8"
LINES = [
    Line(side="agent", name="queue-thankyou"),
    Line(side="customer", name="demo-nomatch"),
    Line(side="agent", name="conf-getpin"),
    Line(side="customer", name="tt-somethingwrong"),
    Line(side="agent", name="vm-advopts"),
    Line(side="customer", name="invalid"),
    Line(side="agent", name="demo-thanks"),
]
NOW = time.time()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    yield engine
    await engine.dispose()


async def recorded(database: AsyncEngine, folder: Path, call_id: str) -> Recording:
    """A recording of LINES that was kept, and the record of its call: on hold while the fifth line was said."""
    (folder / "recordings").mkdir(exist_ok=True)
    began = moment(NOW)
    seconds = await asyncio.to_thread(stereo, folder / "recordings" / "talk.wav", LINES)
    held = began + timedelta(seconds=_start(4) - 0.5), began + timedelta(seconds=_start(5) - 0.3)
    record = queue_call(
        8, id=CallId(call_id), started_at=began, ended_at=began + timedelta(seconds=seconds),
        holds=(Hold(channel="PJSIP/trunk", from_=held[0], to=held[1]),),
    )  # fmt: skip
    async with database.begin() as conn:
        await calls.apply(conn, [write(record)], region="IR")
        made = await recordings.begin(
            conn, NewRecording(server="lab", name=call_id, began_at=began, call_id=call_id), now=began
        )
        return await recordings.change(
            conn, made.id, now=began, state="kept", file="talk.wav", seconds=seconds, channels=2
        )


async def text_of(database: AsyncEngine, call_id: str) -> tuple[Transcript | None, list[Said]]:
    async with database.connect() as conn:
        transcript = await transcripts.of_call(conn, call_id)
        return transcript, await turns.of_transcript(conn, transcript.id) if transcript else []


async def ended(heard: Heard, job_id: str) -> JobState:
    """The job once it is over."""
    async with asyncio.timeout(90):
        while True:
            state: JobState = await heard.commands.ask("speech:job", JobAsk(id=job_id), timeout=30.0)
            if state.state in ("done", "failed"):
                return state
            await asyncio.sleep(0.1)


async def test_a_recording_whose_worker_is_killed_is_gone_on_with_and_nothing_is_doubled(
    database: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = await recorded(database, tmp_path, CALL)
    async with database.begin() as conn:
        job = await speech_jobs.make(conn, "recording", recording.id, now=moment(NOW), language="en")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.speech.worker", str(tmp_path), cwd=Path(__file__).parents[2]
    )
    async with asyncio.timeout(90):
        while len((await text_of(database, CALL))[1]) < 2:
            await asyncio.sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()
    _, before = await text_of(database, CALL)
    async with database.begin() as conn:
        await conn.execute(update(jobs_table).values(lease_until=moment(time.time() - 1)))  # two minutes later
        left = await speech_jobs.get(conn, job.id)
    assert left is not None
    print(f"killed after {len(before)} turns at {left.position:.1f} s")
    assert left.state == "running"
    read_from = list[float]()

    class FromWhere(Reading):
        def __init__(self, file: Path, since: float = 0.0) -> None:
            read_from.append(since)
            super().__init__(file, since)

    monkeypatch.setattr("cxcall.media.scribing.Reading", FromWhere)
    async with speech(tmp_path, database) as heard:
        heard.bus.publish(JOBS, {"id": job.id})
        assert (await ended(heard, job.id)).state == "done"
    assert read_from == [left.position]
    assert left.position > 0
    transcript, said = await text_of(database, CALL)
    assert transcript is not None
    wanted = [line for n, line in enumerate(LINES) if n != 4]
    assert [turn.speaker for turn in said] == [line.side for line in wanted]
    assert [turn.text for turn in said[: len(before)]] == [turn.text for turn in before]
    wrong = [word_errors(line.text, turn.text) for line, turn in zip(wanted, said, strict=True)]
    print(f"word errors: {sum(one for one, _ in wrong)} of {sum(of for _, of in wrong)}")
    assert sum(one for one, _ in wrong) <= 0.1 * sum(of for _, of in wrong)
    assert (transcript.state, transcript.source, transcript.queue) == ("done", "recording", "support")
    assert [gap.why for gap in transcript.gaps] == ["held"]
    assert said[0].agent == "PJSIP/1001"
    assert transcript.model


async def test_files_comments_gaps_and_what_is_broken(database: AsyncEngine, tmp_path: Path) -> None:
    recording = await recorded(database, tmp_path, CALL)
    began = recording.began_at
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "broken.wav").write_bytes(b"RIFF" + bytes(500))
    whole = spoken.prompt("demo-nomatch")
    soundfile.write(tmp_path / "uploads" / "good.wav", spoken.samples(whole), RATE)
    async with database.begin() as conn:
        new = NewTranscript(
            kind="call", subject=CALL, began_at=began, state="waiting", source="live", language="en", queue="support"
        )
        live = await transcripts.begin(conn, new, now=began)
        gap = Unheard(since=_start(2) - 0.5, until=_start(4) - 0.5, why="not_running")
        await transcripts.change(conn, live.id, now=began, gaps=(gap,))
        job = await speech_jobs.make(conn, "call", CALL, now=began, transcript_id=live.id, language="en")
        response = await survey_responses.not_asked(conn, _response(), "caller_hung_up")
        comment = await survey_comments.add(conn, response, "why", sha="0" * 64, seconds=3.0, at=began)
    file = tmp_path / "comments" / comment.file
    file.parent.mkdir(parents=True)
    comment_said = np.concatenate((spoken.samples(spoken.prompt("tt-somethingwrong")), np.zeros(RATE, np.int16)))
    soundfile.write(file, comment_said, RATE)
    async with speech(tmp_path, database) as heard:
        told: list[object] = []
        heard.bus.subscribe("survey_comments", lambda message: told.append(message.data))
        asked = {
            name: await heard.commands.ask(
                "speech:try", TryRequest(file=f"uploads/{name}.wav", name=f"{name}.wav", by="u1"), timeout=30.0
            )
            for name in ("broken", "good")
        }
        with pytest.raises(CommandRefused, match="not there any more"):
            await heard.commands.ask("speech:try", TryRequest(file="uploads/x.wav", name="x", by="u1"), timeout=30.0)
        with pytest.raises(CommandRefused, match="no speech model for the language 'fa'"):
            await heard.commands.ask(
                "speech:try", TryRequest(file="uploads/good.wav", name="x", by="u1", language="fa"), timeout=30.0
            )
        failed, good = [await ended(heard, asked[name].id) for name in ("broken", "good")]
        assert (await ended(heard, job.id)).state == "done"
        await until(lambda: told)
    assert failed.state == "failed"
    assert "broken.wav" in failed.problem
    async with database.connect() as conn:
        tried = await turns.of_transcript(conn, good.transcript_id)
        written = await survey_comments.get(conn, response.id, "why")
        about = await transcripts.of_subject(conn, "comment", f"{response.id}-why")
    assert word_errors(whole.text, " ".join(turn.text for turn in tried))[0] <= 2
    assert [turn.speaker for turn in tried] == ["unknown"]
    transcript, said = await text_of(database, CALL)
    assert transcript is not None
    assert [(turn.speaker, turn.n) for turn in said] == [("agent", 1), ("customer", 2)], "only the gap is filled"
    assert said[0].start == pytest.approx(_start(2), abs=0.5)
    assert (transcript.state, transcript.gaps) == ("done", ())
    assert written is not None
    assert written.state == "done"
    assert word_errors("something is terribly wrong", written.text or "")[0] <= 1
    assert about is not None
    assert about.sentiment is not None
    assert about.sentiment < 0


def _response() -> NewResponse:
    return NewResponse(
        server="lab", unique_id="1795000000.99", survey_id=None, survey_version=None, call_id=None, queue="support",
        agent="PJSIP/1001", agent_name="Sara", customer_id=None, number="", language="en", at=moment(NOW),
    )  # fmt: skip


def _start(n: int) -> float:
    return 0.5 + sum(len(line.sound) / RATE + line.after for line in LINES[:n])
