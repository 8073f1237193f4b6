"""Everything about surveys that runs in a process of the role `agi`, put together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.agi.server import Handler
from cxcall.asterisk.surveys.asking import Asking
from cxcall.asterisk.surveys.follower import Follower
from cxcall.asterisk.surveys.later import Caller
from cxcall.asterisk.surveys.news import News
from cxcall.asterisk.surveys.offers import Offers
from cxcall.asterisk.surveys.planning import Planner
from cxcall.asterisk.surveys.recording import Recordings
from cxcall.asterisk.surveys.trying import TestCalls
from cxcall.asterisk.surveys.voice import Prompts
from cxcall.asterisk.surveys.words import Words
from cxcall.backoff import Backoff
from cxcall.bus import Bus, Commands
from cxcall.settings import Settings
from cxcall.store import survey_unasked
from cxcall.store.errors import reason
from cxcall.store.ledger import Ledger

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyStatus:
    """Surveys of this process: on the line now, asked and broken off since it started, waiting to be written, lost."""

    running: int
    asked: int
    broken: int
    undecided: int
    waiting: int
    lost: int


class SurveyEdge:
    """`scripts` are for the FastAGI port; `run` does what goes on beside the calls.

    Serves `survey:offer`, `survey:test`, `survey:test-state`, `prompt:record`, `prompt:record-state` and
    `survey:status` (a SurveyStatus) on `commands`.
    """

    def __init__(self, *, settings: Settings, engine: AsyncEngine, bus: Bus, commands: Commands) -> None:
        self._engine = engine
        self._commands = commands
        self._news = News(bus)
        self._ledger = Ledger(engine)
        prompts = Prompts(settings)
        planner = Planner(settings)
        self._offers = Offers(settings=settings, engine=engine, commands=commands, ledger=self._ledger, news=self._news)
        self._asking = Asking(
            settings=settings, engine=engine, offers=self._offers, ledger=self._ledger, prompts=prompts,
            news=self._news,
        )  # fmt: skip
        self._follower = Follower(
            engine=engine,
            bus=bus,
            ledger=self._ledger,
            news=self._news,
            running=self._asking.running,
            unasked=planner.unasked,
        )
        self._caller = Caller(
            settings=settings, engine=engine, bus=bus, commands=commands, asking=self._asking, planner=planner
        )
        self._words = Words(bus=bus, ledger=self._ledger, news=self._news)
        self._tests = TestCalls(settings=settings, engine=engine, commands=commands, prompts=prompts)
        self._recordings = Recordings(settings=settings, engine=engine, commands=commands)
        self.scripts: Mapping[str, Handler] = {
            "/survey": self._asking.after_call,
            "/survey-later": self._caller.answered,
            "/survey-test": self._tests.answered,
            "/prompt": self._recordings.answered,
        }

    async def run(self) -> None:
        """Run until cancelled; then what surveys left to write is written, as far as the database takes it."""
        began = datetime.now(UTC)
        writing = asyncio.create_task(self._ledger.run())
        with contextlib.ExitStack() as served:
            for name, handler in {
                "survey:offer": self._offers.serve,
                "survey:test": self._tests.start,
                "survey:test-state": self._tests.state,
                "prompt:record": self._recordings.start,
                "prompt:record-state": self._recordings.state,
                "survey:status": self._tell,
            }.items():
                served.callback(self._commands.serve(name, handler))
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._lose_open(began))
                    group.create_task(self._follower.run())
                    group.create_task(self._caller.run())
                    group.create_task(self._words.run())
            finally:
                await self._asking.finish()
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)

    def status(self) -> SurveyStatus:
        """How surveys are doing in this process."""
        return SurveyStatus(
            running=len(self._asking.running),
            asked=self._asking.asked,
            broken=self._asking.failed,
            undecided=self._offers.failures,
            waiting=self._ledger.waiting,
            lost=self._ledger.lost,
        )

    async def _tell(self, _: Any) -> SurveyStatus:
        return self.status()

    async def _lose_open(self, began: datetime) -> None:
        """What was running when a former process of ours ended was lost in the middle; what was answered counts."""
        backoff = Backoff(0.5, 30.0)
        while True:
            try:
                async with asyncio.timeout(30.0), self._engine.connect() as conn:
                    left = await survey_unasked.running(conn, began)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("surveys of the last run can't be looked for now", error=reason(error))
                await asyncio.sleep(backoff.next())
            else:
                for response in left:
                    self._asking.lose(response)
                return
