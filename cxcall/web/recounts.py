"""Past calls understood anew after categories were changed: one run at a time, in the background, newest call first.

A run belongs to this process: a restart ends it, what it did stays, and whoever asked may begin it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.speech.catalogue import Catalogue
from cxcall.store import calls, categories, transcript_pages, transcripts, turns, understood
from cxcall.store.errors import reason
from cxcall.store.transcript_pages import TranscriptFilter
from cxcall.store.transcripts import NoSuchTranscript, Transcript
from cxcall.web import corrections
from cxcall.web.keys import CLOCK, ENGINE, Clock

AT_ONCE = 50
REST_S = 0.01
"""Pause between two calls, in which live calls get their turn."""
TRIES = 3
MOST_DAYS = 3660

log = structlog.get_logger("cxcall.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """A run: calls begun since then. `problem` is the reason it ended early, "" if none."""

    since: datetime
    days: int
    by: str
    total: int
    done: int = 0
    running: bool = True
    problem: str = ""


class Recounts:
    """The last run of this process, under way or over."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._task: asyncio.Task[None] | None = None
        self.last: Recount | None = None

    async def begin(self, *, since: datetime, days: int, by: str) -> bool:
        """Begin a run; False while another one is under way."""
        if self.last is not None and self.last.running:
            return False
        self.last = Recount(since=since, days=days, by=by, total=0)
        async with self._engine.connect() as conn:
            total = await transcript_pages.count(conn, _wanted(since), at_most=10_000_000)
        self.last = replace(self.last, total=total)
        self._task = asyncio.get_running_loop().create_task(self._run(since))
        return True

    async def close(self) -> None:
        """End with the application."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, since: datetime) -> None:
        problem = "stopped"
        try:
            async with self._engine.connect() as conn:
                catalogue = Catalogue(await categories.enabled(conn))
            after: str | None = None
            while True:
                async with self._engine.connect() as conn:
                    found = await transcript_pages.page(conn, _wanted(since), limit=AT_ONCE, after=after)
                for transcript in found.rows:
                    with contextlib.suppress(NoSuchTranscript):
                        await self._anew(transcript, catalogue)
                    if self.last is not None:
                        self.last = replace(self.last, done=self.last.done + 1)
                    await asyncio.sleep(REST_S)
                after = found.next
                if after is None:
                    problem = ""
                    return
        except (SQLAlchemyError, OSError) as error:
            problem = "database"
            log.warning("past calls can't be counted anew now", error=reason(error))
        finally:
            if self.last is not None:
                self.last = replace(self.last, running=False, problem=problem)

    async def _anew(self, transcript: Transcript, catalogue: Catalogue) -> None:
        """Understand one call; when somebody corrects it meanwhile, once more."""
        for _try in range(TRIES):
            async with self._engine.connect() as conn:
                said = await turns.of_transcript(conn, transcript.id)
                record = await calls.get(conn, transcript.call_id or "")
            if record is None:
                return
            spoken = [one.turn for one in said]
            found = await asyncio.to_thread(corrections.understood_anew, spoken, record, transcript, catalogue)
            async with self._engine.begin() as conn:
                newest = await transcripts.get(conn, transcript.id)
                if newest is None:
                    return
                if newest.version == transcript.version:
                    await understood.keep(conn, transcript.id, corrections.outcome_of(found), now=self._clock())
                    return
            transcript = newest


def _wanted(since: datetime) -> TranscriptFilter:
    return TranscriptFilter(since=since, kind="call", state="done")


RECOUNTS: web.AppKey[Recounts] = web.AppKey("recounts", Recounts)


def setup(app: web.Application) -> None:
    """Give `app` its runner, which ends with it."""
    app[RECOUNTS] = Recounts(app[ENGINE], app[CLOCK])

    async def close(_: web.Application) -> None:
        await app[RECOUNTS].close()

    app.on_shutdown.append(close)
