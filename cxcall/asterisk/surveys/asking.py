"""The scripts that ask: `/survey` for the caller who stayed on the line, `/survey-later` for one we ring afterwards.

From the decision to the end of the call in our hands: the sounds are looked up, the dialogue runs, what comes of it is
written while it does, and the call goes back to the dialplan with CX_SURVEY, whatever happened.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.agi.errors import AgiError, CommandRejected
from cxcall.asterisk.agi.session import Session
from cxcall.asterisk.surveys.announcing import announce
from cxcall.asterisk.surveys.closing import Closed, Ending, close, close_left
from cxcall.asterisk.surveys.news import News
from cxcall.asterisk.surveys.offers import Asked, Offers, Unavailable
from cxcall.asterisk.surveys.question import question_of
from cxcall.asterisk.surveys.runner import Runner, Stopped
from cxcall.asterisk.surveys.scribe import Scribe
from cxcall.asterisk.surveys.voice import Prompts
from cxcall.settings import Settings
from cxcall.store import alerts
from cxcall.store.errors import reason
from cxcall.store.ledger import Ledger
from cxcall.store.survey_responses import Response
from cxcall.surveys.dialogue import Done, Facts

log = structlog.get_logger(__name__)

LOOK_UP_S = 1.5
"""For the sounds to be looked up; as long the caller hears nothing."""

LONGEST_S = 600.0
"""A whole survey."""

WRITTEN_S = 8.0
"""For the comments of surveys that are over to be read, when we stop."""


class Asking:
    """Runs surveys on calls. `running` are the responses whose caller is on the line now."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        offers: Offers,
        ledger: Ledger,
        prompts: Prompts,
        news: News,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._offers = offers
        self._ledger = ledger
        self._prompts = prompts
        self._news = news
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self.running: set[str] = set()
        self.asked = 0
        self.failed = 0

    async def after_call(self, session: Session) -> None:
        """`/survey`: unique id, queue, interface, server, language."""
        request = session.request
        question = question_of({
            "call": request.arg(1) or request.unique_id, "queue": request.arg(2), "agent": request.arg(3),
            "server": request.arg(4), "language": request.arg(5),
        })  # fmt: skip
        try:
            decision = await self._offers.take(question)
        except Unavailable:
            await hand_back(session, "failed")
            return
        if decision.asked is None:
            await hand_back(session, "not_asked")
            return
        await self.ask(session, decision.asked)

    async def ask(self, session: Session, asked: Asked) -> Done | None:
        """Ask the caller of `session`; how it ended, None when it was cut off on our side."""
        self.asked += 1
        self.running.add(asked.response.id)
        scribe = Scribe(
            settings=self._settings, response=asked.response, script=asked.script, ledger=self._ledger,
            news=self._news, now=self._now,
        )  # fmt: skip
        done: Done | None = None
        try:
            done = await self._run(session, asked, scribe)
        except (Stopped, TimeoutError, SQLAlchemyError, OSError, CommandRejected) as error:
            self.failed += 1
            if not isinstance(error, Stopped):
                log.warning("a survey was broken off", error=reason(error), response=asked.response.id)
            with contextlib.suppress(AgiError):
                await hand_back(session, "failed")
        finally:
            session.end()
            self._go(self._written(asked, scribe, done))
        return done

    def lose(self, response: Response) -> None:
        """Have a response ended that a former process of ours began to ask."""
        at = self._now()
        self._close(lambda conn: close_left(conn, response, at), at)

    async def finish(self) -> None:
        """Wait until what came of all surveys is with the ledger."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=WRITTEN_S)

    async def _run(self, session: Session, asked: Asked, scribe: Scribe) -> Done:
        response = asked.response
        async with asyncio.timeout(LOOK_UP_S), self._engine.connect() as conn:
            opening = await announce(conn, asked.asking.speak_agent, response.agent, response.agent_name)
            also = (opening.prompt,) if opening.prompt else ()
            voice = await self._prompts.voice(conn, response.server, asked.script, response.language, also)
        async with asyncio.timeout(LONGEST_S):
            typed = await opening.speak(session, voice, response.language)
            facts = Facts(queue=response.queue, language=response.language, tier=asked.tier)
            runner = Runner(session, asked.script, facts, voice, scribe, typed=typed, stopping=session.stopping)
            done = await runner.run()
        with contextlib.suppress(AgiError):  # Asterisk may be gone, and the connection with it
            await hand_back(session, done.end, done)
        return done

    async def _written(self, asked: Asked, scribe: Scribe, done: Done | None) -> None:
        """Have the end written after all else; this outlives the call."""
        await scribe.read_all()
        ending = Ending(
            response=asked.response, script=asked.script, tier=asked.tier, given=tuple(scribe.answers), done=done,
            commented=scribe.commented, at=self._now(),
        )  # fmt: skip

        written = self._close(lambda conn: close(conn, ending), ending.at)
        written.add_done_callback(lambda _: self.running.discard(asked.response.id))  # also what never can be

    def _close(self, closing: Callable[[AsyncConnection], Awaitable[Closed]], at: datetime) -> asyncio.Future[Any]:
        async def write(conn: AsyncConnection) -> tuple[Closed, int]:
            closed = await closing(conn)
            heard = await alerts.count_heard(conn, now=at) if closed.alerts else 0
            return closed, heard

        def told(result: tuple[Closed, int]) -> None:
            result[0].tell(self._news, result[1])

        return self._ledger.put(write, told)

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def hand_back(session: Session, how: str, done: Done | None = None) -> None:
    """Tell the dialplan how it went and where the caller goes now; CX_SURVEY last, for it says that all was said."""
    if done is not None and done.to:
        await session.set_variable("CX_GOTO", done.to)
        await session.set_variable("CX_GOTO_TARGET", done.target)
    await session.set_variable("CX_SURVEY", how)
