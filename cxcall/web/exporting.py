"""Writes the exports that are too big for a page to wait for, one at a time, each in pieces that survive our end.

A piece is on the disk before its place is written down; whoever goes on cuts the file to what was written down. What
an export holds is judged anew when it is written: the rights of who asked as they are then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.settings import Settings
from cxcall.store import calls, own_reports, report_jobs, saved_views, sign_ins, users
from cxcall.store.calls import CallFilter
from cxcall.store.errors import reason
from cxcall.store.report_jobs import Job, LostLease
from cxcall.web import presentation
from cxcall.web.pages import calls_export, calls_filter
from cxcall.web.pages.calls import wanted_by
from cxcall.web.preferences import Preferences
from cxcall.web.preferences import presentation as presented
from cxcall.web.visitors import signed_in

CHANNEL = "report_jobs"
"""Published by whoever asked for an export or cancelled one."""

FOLDER = "exports"
PIECE = 2000
"""Lines between two times the place is written down."""
LOOK_EVERY_S = 10.0
SWEEP_EVERY_S = 3600.0
REST_S = 0.01
"""Between two reads, in which the calls' writer gets its turn."""
MOST_LINES = 100_000_000

log = structlog.get_logger(__name__)


class NotAllowed(Exception):
    """Who asked for the export can't see calls any more."""


def file_of(settings: Settings, job_id: str) -> Path:
    """Where the file of an export is; `job_id` is one of ours."""
    return settings.data_dir / FOLDER / f"{job_id}.csv"


class Exporter:
    """Writes exports while `run` runs; `clock` is the time now (aware UTC)."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._bus = bus
        self._clock = clock
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Run until cancelled; what is under way then is let go, and goes on at the next start."""
        stop = self._bus.subscribe(CHANNEL, lambda _: self._wanted.set())
        swept = float("-inf")
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._wanted.clear()
                try:
                    if loop.time() - swept > SWEEP_EVERY_S:
                        await self.sweep()
                        swept = loop.time()
                    if await self.write_one():
                        continue
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("exports wait for the database", error=reason(error))
                await self._rest()
        finally:
            stop()

    async def write_one(self) -> bool:
        """Write the next export to its end; False when there is none."""
        async with self._engine.begin() as conn:
            job = await report_jobs.take(conn, now=self._clock())
        if job is None:
            return False
        # A task of its own: words and dates are as who asked reads them.
        await asyncio.create_task(self._write(job))
        return True

    async def sweep(self) -> None:
        """Throw away files that are over, also those no export knows, and what was removed long ago."""
        now = self._clock()
        async with self._engine.connect() as conn:
            over = await report_jobs.expired(conn, now=now)
        for id_ in over:
            await asyncio.to_thread(file_of(self._settings, id_).unlink, missing_ok=True)
        async with self._engine.begin() as conn:
            await report_jobs.forget(conn, over)
            await own_reports.sweep(conn, before=now - report_jobs.KEPT)
            await saved_views.sweep(conn, before=now - report_jobs.KEPT)

    async def _write(self, job: Job) -> None:
        try:
            await self._write_all(job)
        except LostLease:
            await self._unlink_ended(job)
        except asyncio.CancelledError:
            await self._let_go(job)
            raise
        except (NotAllowed, SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("an export failed", export=job.id, tries=job.tries, error=reason(error))
            await self._failed(job, reason(error))
        self._tell(job)

    async def _write_all(self, job: Job) -> None:
        filter_ = await self._filter_of(job)
        path = file_of(self._settings, job.id)
        await asyncio.to_thread(_cut, path, job.bytes)
        done, place, size = job.done, job.place, job.bytes
        if not size:
            async with self._engine.begin() as conn:
                await report_jobs.counted(conn, job, await calls.count(conn, filter_, at_most=MOST_LINES))
            size = await asyncio.to_thread(_append, path, calls_export.head())
        after: str | None = place or None
        text: list[str] = []
        waiting = 0
        while True:
            async with self._engine.connect() as conn:
                found = await calls.page(conn, filter_, limit=500, after=after)
            text.append(calls_export.lines_of(found.rows))
            done, waiting, after = done + len(found.rows), waiting + len(found.rows), found.next
            if after is not None and waiting < PIECE:
                continue
            size = await asyncio.to_thread(_append, path, "".join(text))
            text, waiting = [], 0
            async with self._engine.begin() as conn:
                await report_jobs.written(conn, job, done=done, place=after or "", size=size, now=self._clock())
                if after is None:
                    await report_jobs.finish(conn, job, now=self._clock())
            self._tell(job)
            if after is None:
                log.info("an export is written", export=job.id, lines=done)
                return
            await asyncio.sleep(REST_S)

    async def _filter_of(self, job: Job) -> CallFilter:
        """What is asked for, with the rights of who asked as they are now."""
        async with self._engine.connect() as conn:
            user = await users.get(conn, job.owner_id)
            held = await sign_ins.held(conn, user.id, user.extensions) if user else ()
        if user is None or user.disabled:
            raise NotAllowed(NotAllowed.__doc__)
        look = Preferences(language=job.reader.language, calendar=job.reader.calendar)
        presentation.use(presented(look, self._settings.site, job.made_at))
        asked = calls_filter.read({key: values[0] for key, values in parse_qs(job.query).items()})
        return wanted_by(signed_in(user, held=held), asked)

    async def _failed(self, job: Job, problem: str) -> None:
        try:
            async with self._engine.begin() as conn:
                await report_jobs.fail(conn, job, problem, now=self._clock())
        except (LostLease, SQLAlchemyError, OSError) as error:
            log.warning("what became of an export can't be written", export=job.id, error=reason(error))

    async def _let_go(self, job: Job) -> None:
        try:
            async with self._engine.begin() as conn:
                await report_jobs.let_go(conn, job)
        except (LostLease, SQLAlchemyError, OSError) as error:
            log.warning("an export goes on when its lease is over", export=job.id, error=reason(error))

    async def _unlink_ended(self, job: Job) -> None:
        """It was cancelled, or another process writes the same file by now."""
        async with self._engine.connect() as conn:
            now = await report_jobs.get(conn, job.id)
        if now is None or now.state == "cancelled":
            await asyncio.to_thread(file_of(self._settings, job.id).unlink, missing_ok=True)

    def _tell(self, job: Job) -> None:
        self._bus.publish(f"{CHANNEL}:{job.owner_id}", {"id": job.id})

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._wanted.wait()
        except TimeoutError:
            return


def _cut(path: Path, size: int) -> None:
    """The file with its first `size` bytes. Blocks. Raises OSError when they are not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if size and (not path.exists() or path.stat().st_size < size):
        raise OSError("the beginning of the file is gone")
    with path.open("ab") as file:
        file.truncate(size)


def _append(path: Path, text: str) -> int:
    """Add text, on the disk when this returns; how long the file is. Blocks."""
    with path.open("ab") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
        return file.tell()
