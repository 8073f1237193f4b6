"""What pages ask of speech: how it is, a talk that goes on, a hint that was decided, a file to try, a job."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import CommandRefused
from cxcall.bus.commands import Handler
from cxcall.bus.speech import (
    JOBS,
    EngineStatus,
    HintDone,
    JobAsk,
    JobState,
    LiveAsk,
    LiveSnapshot,
    NoSpeech,
    SpeechStatus,
    TryRequest,
)
from cxcall.media import keeping
from cxcall.media.live import LiveSpeech
from cxcall.media.room import Room
from cxcall.media.sources import Unreadable, below
from cxcall.settings import Settings
from cxcall.speech.engines.engine import EngineError
from cxcall.store import speech_jobs, speech_uploads
from cxcall.store.errors import reason
from cxcall.store.speech_jobs import Job

LIMIT_S = 2.5


class Answers:
    """Handlers of the commands of `cxcall.bus.speech` that speech serves, by name."""

    def __init__(self, *, settings: Settings, engine: AsyncEngine, room: Room, live: LiveSpeech) -> None:
        self._settings = settings
        self._engine = engine
        self._room = room
        self._live = live
        self.handlers: Mapping[str, Handler] = {
            "speech:status": self.status,
            "speech:live": self.talk,
            "speech:hint": self.hint,
            "speech:try": self.try_file,
            "speech:job": self.job,
        }

    async def status(self, _: Any = None) -> SpeechStatus:
        """How speech is doing in this process."""
        room, live = self._room, self._live
        pool, now = room.pool, asyncio.get_running_loop().time()
        engines = pool.engines.statuses()
        return SpeechStatus(
            problem=problem_of(engines, room.language), language=room.language, engine=room.engine, engines=engines,
            level=live.shed.level, calls=live.calls, streams=live.streams, later=live.later, workers=pool.workers,
            busy=pool.busy, backlog=pool.backlog, factor=pool.measures.factor(now),
            delay_p50=pool.measures.delay(now, 0.5), delay_p95=pool.measures.delay(now, 0.95),
            memory=await asyncio.to_thread(resident), spooled=room.spool.size, jobs=await self._jobs(),
            waiting=room.ledger.waiting, lost=room.ledger.lost, dropped=room.spool.dropped,
        )  # fmt: skip

    async def talk(self, ask: LiveAsk) -> LiveSnapshot | None:
        """A call that is heard now; None when it is not."""
        talk = self._live.talk(ask.call_id)
        return talk.snapshot() if talk is not None else None

    async def hint(self, done: HintDone) -> bool:
        """Keep what became of a hint, and let the next one take its place. False for no such hint."""
        talk = self._live.talk(done.call_id)
        known = await self._room.ledger.put(
            lambda conn: keeping.decide(conn, done.hint_id, done.outcome, done.by, self._room.now())
        )
        shown = talk is not None and talk.decide(done.hint_id, done.outcome)
        return bool(known) or shown

    async def try_file(self, request: TryRequest) -> JobState:
        """Have a file written down. Refused with a sentence when there is nothing to do it with, or no such file."""
        try:
            model = self._room.model(request.language, request.engine)
            file = below(self._settings.data_dir, request.file)
        except (EngineError, Unreadable) as error:
            raise CommandRefused(str(error)) from error
        if not await asyncio.to_thread(file.is_file):
            raise CommandRefused("The file is not there any more. Send it again.")
        try:
            async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
                now = self._room.now()
                language = request.language or self._room.language
                upload = await speech_uploads.add(
                    conn, name=request.name, file=request.file, by=request.by, now=now, language=language,
                    engine=model.engine,
                )  # fmt: skip
                job = await speech_jobs.make(conn, "upload", upload.id, now=now, language=language, engine=model.engine)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise CommandRefused(f"The database did not take it: {reason(error)}. Try again.") from error
        self._room.bus.publish(JOBS, {"id": job.id})
        return _state(job)

    async def job(self, ask: JobAsk) -> JobState | None:
        """How far a job is; None for no such job."""
        try:
            async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
                job = await speech_jobs.get(conn, ask.id)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise CommandRefused(f"The database does not answer: {reason(error)}.") from error
        return _state(job) if job is not None else None

    async def _jobs(self) -> dict[str, int]:
        try:
            async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
                return {str(state): n for state, n in (await speech_jobs.counts(conn)).items()}
        except (SQLAlchemyError, OSError, TimeoutError):
            return {}  # /readyz says what is wrong with the database


def problem_of(engines: tuple[EngineStatus, ...], language: str) -> NoSpeech | None:
    """Why nothing can be written down in the site's language."""
    if not engines:
        return "no_models"
    if all(engine.health == "failed" for engine in engines):
        return "failed"
    spoken = [engine for engine in engines if engine.language in (language, "", "any")]
    return None if spoken else "no_language"


def resident() -> int:
    """Bytes of memory this process holds (blocking, a moment)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 0


def _state(job: Job) -> JobState:
    return JobState(
        id=job.id, kind=job.kind, state=job.state, progress=job.progress, problem=job.problem,
        transcript_id=job.transcript_id or "",
    )  # fmt: skip
