"""Sends the reports whose time has come: by mail, or into a folder below the data folder's `reports`.

Each run has a deadline and runs beside the others, so that one mail server that is silent delays nobody else's report.
Whom a run has reached is written down at once: the next try leaves them alone. A run that is cut off by our own end
comes again when its lease is over; a mail the server had taken just then comes twice, with the same Message-ID.

What makes the files of a report is given by the composition root: edges don't know each other.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.outgoing import mail
from cxcall.outgoing.mail import Attachment, NotSent
from cxcall.settings import Settings
from cxcall.store import report_schedules
from cxcall.store.errors import reason
from cxcall.store.report_folders import BadFolder, folder_of
from cxcall.store.report_schedules import KEPT, CannotMake, Made, ReportFile, Run, Schedule, Trouble

CHANNEL = "report_schedules"
"""Published by whoever asked for a run, so that it begins at once."""

RUN_S = 240.0
"""For all of a run; shorter than its lease."""
FILES_S = 120.0
AT_ONCE = 4
LOOK_EVERY_S = 15.0
FOR_GOOD: frozenset[Trouble] = frozenset({"report", "owner", "mail_off"})
"""What trying again can't mend; people can, and then ask for the run again."""

Make = Callable[[Schedule, Run], Awaitable[Made]]
"""The files of a report and the words around them. Raises `CannotMake`."""

log = structlog.get_logger(__name__)


class Unreached(Exception):
    """Somebody has not got the report."""

    def __init__(self, trouble: Trouble, said: str, *, for_good: bool = False) -> None:
        super().__init__(said)
        self.trouble = trouble
        self.for_good = for_good


class ReportSender:
    """Runs schedules while `run` runs; `clock` is the time now (aware UTC)."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        make: Make,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        limit: float = RUN_S,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._bus = bus
        self._make = make
        self._clock = clock
        self._limit = limit
        self._zone = ZoneInfo(settings.site.timezone)
        self._wanted = asyncio.Event()
        self._busy: set[str] = set()

    async def run(self) -> None:
        """Run until cancelled."""
        stop = self._bus.subscribe(CHANNEL, lambda _: self._wanted.set())
        swept = float("-inf")
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._wanted.clear()
                    try:
                        await self.start_due(group)
                        if time.monotonic() - swept > 24 * 3600:
                            await self._sweep()
                            swept = time.monotonic()
                    except (SQLAlchemyError, OSError, TimeoutError) as error:
                        log.warning("reports wait for the database", error=reason(error))
                    await self._rest()
        finally:
            stop()

    async def start_due(self, group: asyncio.TaskGroup) -> int:
        """Begin the runs whose time has come, but for schedules still busy with the last; returns how many."""
        async with self._engine.begin() as conn:
            await report_schedules.start_due(conn, now=self._clock(), zone=self._zone)
        async with self._engine.begin() as conn:
            taken = await report_schedules.take(
                conn, now=self._clock(), limit=AT_ONCE - len(self._busy), busy=self._busy
            )
        for run, schedule in taken:
            self._busy.add(schedule.id)
            group.create_task(self._run(run, schedule))
        return len(taken)

    async def _run(self, run: Run, schedule: Schedule) -> None:
        try:
            try:
                async with asyncio.timeout(self._limit):
                    await self._deliver(run, schedule)
            except Unreached as error:
                await self._failed(run, schedule, error)
            except CannotMake as error:
                trouble = error.trouble
                await self._failed(run, schedule, Unreached(trouble, str(error), for_good=trouble in FOR_GOOD))
            except TimeoutError:
                await self._failed(run, schedule, Unreached("slow", f"{self._limit:g} s"))
            except (SQLAlchemyError, OSError) as error:
                await self._failed(run, schedule, Unreached("database", reason(error)))
            else:
                async with self._engine.begin() as conn:
                    await report_schedules.finish(conn, run, now=self._clock())
                log.info("a report was sent", schedule=schedule.name, to=len(schedule.plan.mail))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("what became of a report can't be written; it is sent again", error=reason(error))
        finally:
            self._busy.discard(schedule.id)
            self._bus.publish(f"{CHANNEL}:{schedule.id}", {"run": run.id})
            self._wanted.set()

    async def _deliver(self, run: Run, schedule: Schedule) -> None:
        """To all whom it has not reached; the first trouble is told when the others have theirs."""
        if schedule.plan.mail and not self._settings.mail.host:
            raise Unreached("mail_off", "", for_good=True)
        async with asyncio.timeout(FILES_S):
            made = await self._make(schedule, run)
        done = list(run.reached)
        names = [file.name for file in made.files]
        trouble: Unreached | None = None
        if schedule.plan.folder and "folder" not in done:
            try:
                await asyncio.to_thread(lay_down, self._settings.data_dir, schedule.plan.folder, made.files)
            except (OSError, BadFolder) as error:
                trouble = Unreached("folder", _of_os(error), for_good=isinstance(error, BadFolder))
            else:
                await self._note(run, done, "folder", names)
        for address in schedule.plan.mail:
            if f"mail:{address}" in done:
                continue
            try:
                await self._mail(run, made, address)
            except NotSent as error:
                trouble = Unreached("mail", f"{address}: {error}", for_good=error.for_good)
                if not error.receiver:
                    break
            else:
                await self._note(run, done, f"mail:{address}", names)
        if trouble is not None:
            raise trouble

    async def _mail(self, run: Run, made: Made, address: str) -> None:
        message = mail.message(
            sender=self._settings.mail.from_, to=address, subject=made.subject, text=made.text, rtl=made.rtl,
            at=self._clock(), id_=f"{run.id}.{address.encode().hex()[:60]}",
            attachments=[Attachment(name=one.name, kind=one.kind, content=one.content) for one in made.files],
        )  # fmt: skip
        await mail.send(self._settings.mail, message, address)

    async def _note(self, run: Run, done: list[str], receiver: str, names: list[str]) -> None:
        done.append(receiver)
        async with self._engine.begin() as conn:
            await report_schedules.reached(conn, run, done, names)

    async def _failed(self, run: Run, schedule: Schedule, error: Unreached) -> None:
        log.warning("a report was not sent", schedule=schedule.name, trouble=error.trouble, said=str(error))
        async with self._engine.begin() as conn:
            await report_schedules.fail(
                conn, run, error.trouble, str(error), now=self._clock(), for_good=error.for_good
            )

    async def _sweep(self) -> None:
        async with self._engine.begin() as conn:
            await report_schedules.sweep(conn, before=self._clock() - KEPT)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._wanted.wait()
        except TimeoutError:
            return


def lay_down(data: Path, folder: str, files: tuple[ReportFile, ...]) -> None:
    """Write files below the data folder's `reports`; who looks sees each whole or not at all. Blocks. Raises OSError,
    BadFolder."""
    there = folder_of(data, folder)
    there.mkdir(parents=True, exist_ok=True)
    folder_of(data, folder)  # what was just made may lead elsewhere by now
    for file in files:
        part = there / f".{file.name}.part"
        part.write_bytes(file.content)
        os.replace(part, there / file.name)  # noqa: PTH105 - pathlib has no rename that surely replaces


def _of_os(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else ""
    return said or str(error)
