"""After-call work: recordings, spoken comments, files, and what is missing of live calls become text, one by one.

A job belongs to a worker for the length of its lease. With each piece its turns and its position are written in one
transaction: who takes it after a crash goes on there, and nothing is written twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Message
from cxcall.bus import speech as bus
from cxcall.media import sources
from cxcall.media.concluding import Concluded
from cxcall.media.filling import fill
from cxcall.media.recording.rules import rules
from cxcall.media.room import Room
from cxcall.media.scribing import Scribe
from cxcall.media.sources import HeardLive, NothingToDo, NotYet, Source, Unreadable
from cxcall.settings import Settings
from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.sound import SoundError
from cxcall.store import speech_jobs, survey_comments, survey_responses, transcripts
from cxcall.store.errors import reason
from cxcall.store.speech_jobs import LEASE, Job, LostLease

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
COMMENTS_EVERY_S = 30.0

AGAIN = timedelta(seconds=30)
"""When what is not there yet is looked at again."""

PATIENCE = timedelta(hours=2)
"""How long a job waits for sound that does not come."""

LIMIT_S = 30.0


class Jobs:
    """Works off jobs while `run` runs.

    `ended` is called with each transcript that is finished, `commented` with the response and the part of each comment
    that has its text.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        room: Room,
        lease: timedelta = LEASE,
        ended: Callable[[Concluded], None] = lambda _: None,
        commented: Callable[[str, str], None] = lambda _, __: None,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._room = room
        self._lease = lease
        self._ended = ended
        self._commented = commented
        self._wanted = asyncio.Event()
        self.running: Job | None = None

    async def run(self) -> None:
        """Run until cancelled; the job at hand is given back."""
        withdraw = self._room.bus.subscribe(bus.JOBS, self._hear)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._work())
                group.create_task(self._look_for_comments())
        finally:
            withdraw()

    async def one(self) -> bool:
        """Take the next job and bring it to its end; False when there is none, or nothing to do it with."""
        languages = self._languages()
        if languages is not None and not languages:
            return False
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            job = await speech_jobs.take(conn, now=self._room.now(), lease=self._lease, languages=languages)
        if job is None:
            return False
        self.running = job
        beating = asyncio.create_task(self._beat(job))
        try:
            await self._do(job)
        except LostLease:
            log.warning("a job was taken over by another worker", job=job.id)
        except asyncio.CancelledError:
            await self._give_back(job, timedelta())
            raise
        finally:
            self.running = None
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        return True

    def _hear(self, _: Message) -> None:
        self._wanted.set()

    async def _work(self) -> None:
        while True:
            self._wanted.clear()
            try:
                while await self.one():
                    pass
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("speech jobs wait for the database", error=reason(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wanted.wait()

    async def _do(self, job: Job) -> None:
        """Bring a job to its end, whatever that is."""
        try:
            scribe = await self._written(job)
        except NothingToDo:
            return await self._settle(job)
        except NotYet:
            if self._room.now() - job.made_at < PATIENCE:
                return await self._give_back(job, AGAIN)
            return await self._fail(job, "The sound did not come.", for_good=True)
        except EngineError as error:
            log.warning("a job waits for a model", job=job.id, error=str(error))
            return await self._give_back(job, AGAIN)
        except (SoundError, Unreadable) as error:
            return await self._fail(job, str(error), for_good=True)
        except LostLease:
            raise
        except (SQLAlchemyError, TimeoutError) as error:
            return await self._fail(job, f"The database did not take it: {reason(error)}")
        except Exception as error:
            log.exception("a speech job broke", job=job.id, kind=job.kind)
            return await self._fail(job, f"It broke off: {error}")
        await self._settle(job, scribe)
        if scribe.concluded is not None:
            self._ended(scribe.concluded)
        return None

    async def _written(self, job: Job) -> Scribe:
        """Write down what the job is about, to its last word."""
        try:
            async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
                source = await sources.of(conn, job, self._settings)
                if job.kind == "recording" and not source.new.language:  # asked for by a person
                    chosen = await rules(conn, source.new.server, source.record, self._room.understands)
                    source = replace(source, new=replace(source.new, language=chosen.language, engine=chosen.engine))
        except HeardLive as live:
            return await fill(
                self._settings, self._engine, self._room, job, live.call_id, lease=self._lease, patience=PATIENCE
            )
        try:
            return await self._read(job, source)
        except SoundError as error:
            raise Unreadable(str(error).replace(str(source.file), source.file.name)) from error

    async def _read(self, job: Job, source: Source) -> Scribe:
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            now = self._room.now()
            transcript = await transcripts.begin(conn, source.new, now=now)
            if transcript.state != "running":
                transcript = await transcripts.change(conn, transcript.id, now=now, state="running", problem="")
            job = await speech_jobs.beat(conn, job, now=now, transcript_id=transcript.id, lease=self._lease)
        scribe = await Scribe.of(self._engine, self._room, job, transcript, lease=self._lease)
        await scribe.read(source, since=job.position)
        await scribe.conclude(scribe.gaps_of(source))
        return scribe

    async def _settle(self, job: Job, scribe: Scribe | None = None) -> None:
        """It is done; a comment's text goes to the survey it belongs to."""
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            now = self._room.now()
            if scribe is not None and job.kind == "comment":
                response_id, _, part = job.subject.partition("-")
                await survey_comments.transcribed(conn, response_id, part, await scribe.text(conn), now)
            await speech_jobs.done(conn, job, now=now)
        if scribe is not None and job.kind == "comment":
            self._commented(*job.subject.split("-", 1))

    async def _fail(self, job: Job, problem: str, *, for_good: bool = False) -> None:
        log.warning("a speech job failed", job=job.id, kind=job.kind, subject=job.subject, problem=problem)
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            now = self._room.now()
            failed = await speech_jobs.fail(conn, job, problem, now=now, for_good=for_good)
            if failed.state != "failed":
                return
            if failed.transcript_id is not None:
                await transcripts.finish(conn, failed.transcript_id, now=now, state="failed", problem=problem)
            if job.kind == "comment":
                response_id, _, part = job.subject.partition("-")
                await survey_comments.transcribed(conn, response_id, part, None, now)

    async def _give_back(self, job: Job, after: timedelta) -> None:
        with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError, LostLease):
            async with asyncio.timeout(3.0), self._engine.begin() as conn:
                await speech_jobs.release(conn, job, now=self._room.now(), after=after)

    async def _beat(self, job: Job) -> None:
        """Keep the lease while a piece takes its time."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 4)
            with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError, LostLease):
                async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
                    await speech_jobs.beat(conn, job, now=self._room.now(), lease=self._lease)

    async def _look_for_comments(self) -> None:
        """Comments that can be written down now become jobs."""
        while True:
            try:
                await self.wake_comments()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("spoken comments can't be looked for now", error=reason(error))
            await asyncio.sleep(COMMENTS_EVERY_S)

    async def wake_comments(self) -> int:
        """Make jobs of comments whose language is understood here; how many there are now."""
        languages = self._languages()
        if languages is not None and not languages:
            return 0
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            await survey_comments.wake(conn, languages=languages)
            found = await survey_comments.waiting(conn, languages=languages)
            for comment in found:
                response = await survey_responses.find(conn, comment.response_id)
                await speech_jobs.make(
                    conn, "comment", f"{comment.response_id}-{comment.part}", now=self._room.now(),
                    language=response.language if response is not None else "",
                )  # fmt: skip
        if found:
            self._wanted.set()
        return len(found)

    def _languages(self) -> tuple[str, ...] | None:
        """Languages there is a usable model for; None: any."""
        usable = [model for model in self._room.pool.engines.models if not model.problem]
        if any(model.language in ("", "any") for model in usable):
            return None
        return tuple({model.language for model in usable})
