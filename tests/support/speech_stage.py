"""A stand-in for speech: says how it is, and writes down what it is given to try, without any engine."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import CommandRefused, Commands
from cxcall.bus.speech import EngineStatus, JobState, SpeechStatus, TapStatus, TryRequest
from cxcall.speech.transcript import Turn
from cxcall.store import speech_jobs, speech_uploads, transcripts, turns
from cxcall.store.transcripts import NewTranscript
from cxcall.store.turns import NewTurn

MODEL = EngineStatus(
    language="en", engine="whisper", model="tiny.en", path="/srv/models/en", health="ready", licence="MIT"
)
STATUS = SpeechStatus(
    problem=None, language="en", engine="whisper", engines=(MODEL,), level="all", calls=2, streams=4, later=0,
    workers=2, busy=1, backlog=0.4, factor=0.25, delay_p50=0.9, delay_p95=1.6, memory=412_000_000, spooled=0,
    jobs={}, waiting=0, lost=0, dropped=0.0,
)  # fmt: skip
TAP = TapStatus(calls=2, streams=4, asked=0, address="127.0.0.1:9092", servers={"lab": "audiosocket"})


class SpeechOfTest:
    """What `speech:status`, `tap:status` and `speech:try` answer; `refuse` is said instead of trying."""

    def __init__(self, commands: Commands, engine: AsyncEngine, now: datetime) -> None:
        self.status = STATUS
        self.tap = TAP
        self.refuse = ""
        self.tried: list[TryRequest] = []
        self._engine, self._now = engine, now
        commands.serve("speech:status", self._status)
        commands.serve("tap:status", self._tap)
        commands.serve("speech:try", self._try)

    def be(self, **changes: Any) -> None:
        self.status = dataclasses.replace(self.status, **changes)

    async def write(self, upload_id: str, *texts: str, done: bool = True) -> None:
        """What a worker does with a file: its text, and the end of its job."""
        async with self._engine.begin() as conn:
            upload = await speech_uploads.get(conn, upload_id)
            assert upload is not None
            new = NewTranscript(
                kind="upload", subject=upload_id, began_at=self._now, state="running", source="file",
                language="en", engine="whisper", model="tiny.en",
            )  # fmt: skip
            transcript = await transcripts.begin(conn, new, now=self._now)
            said = [
                Turn(n=n, speaker="unknown", start=3.0 * n, end=3.0 * n + 2, text=text, confidence=0.92)
                for n, text in enumerate(texts, start=1)
            ]
            await turns.put(conn, transcript.id, [NewTurn(turn=turn) for turn in said])
            job = await speech_jobs.take(conn, now=self._now + timedelta(days=1))
            assert job is not None
            if done:
                await transcripts.finish(conn, transcript.id, now=self._now)
                await speech_jobs.done(conn, job, now=self._now)
            else:
                await speech_jobs.beat(conn, job, now=self._now, progress=0.4, transcript_id=transcript.id)

    async def _status(self, _: object) -> SpeechStatus:
        return self.status

    async def _tap(self, _: object) -> TapStatus:
        return self.tap

    async def _try(self, request: TryRequest) -> JobState:
        if self.refuse:
            raise CommandRefused(self.refuse)
        self.tried.append(request)
        async with self._engine.begin() as conn:
            upload = await speech_uploads.add(
                conn, name=request.name, file=request.file, by=request.by, now=self._now, language="en"
            )
            job = await speech_jobs.make(conn, "upload", upload.id, now=self._now, language="en")
        return JobState(id=job.id, kind="upload", state="waiting")
