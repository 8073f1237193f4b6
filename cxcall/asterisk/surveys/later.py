"""Survey calls afterwards: rung one by one when they are due, asked when answered, tried again another day when not.

A number is never rung twice on one day, never while its owner talks with us, and not at all once they called again or
asked for no more surveys. Nothing is made up for late: a call whose hours have passed waits for the next.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.agi.session import Session
from cxcall.asterisk.status import ServerStatus
from cxcall.asterisk.surveys.asking import Asking, hand_back
from cxcall.asterisk.surveys.offers import Asked
from cxcall.asterisk.surveys.planning import Planner
from cxcall.asterisk.surveys.ringing import dialled, ring
from cxcall.asterisk.surveys.tokens import Tokens
from cxcall.asterisk.surveys.voice import language_of
from cxcall.bus import Bus, CommandRefused, Commands, Message, NoAnswer
from cxcall.settings import Settings
from cxcall.store import (
    call_filters,
    calls,
    customers,
    survey_askings,
    survey_calls,
    survey_opt_outs,
    survey_responses,
    surveys,
)
from cxcall.store.errors import reason
from cxcall.store.survey_calls import SurveyCall
from cxcall.store.survey_responses import NewResponse
from cxcall.surveys.asking import Later

log = structlog.get_logger(__name__)

EVERY_S = 5.0
LOOKS = 12
"""Every so many looks at what is due, one at what was left ringing."""

AT_ONCE = 2
"""Survey calls at a time on one server: agents' lines come first."""

RINGS_S = 30.0
SPARE_S = 15.0
"""Beyond the ringing, for Asterisk to come to us."""

PREFIX = "cxlater-"
"""Begins the unique id of a channel we ring for a survey call."""

LOST_AFTER = timedelta(minutes=2)
"""A call that rings longer than we let one ring is over, and what came of it was not written."""

_BUSY = timedelta(minutes=10)
_LIMIT_S = 10.0


@dataclass(slots=True)
class _Rung:
    """A call that rings: what it is for, and what came of it: "answered", or why not."""

    call: SurveyCall
    later: Later
    outcome: asyncio.Future[str]


class Caller:
    """Makes the calls that are due while `run` runs; `/survey-later` comes back to `answered`."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        asking: Asking,
        planner: Planner,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._bus = bus
        self._commands = commands
        self._asking = asking
        self._planner = planner
        self._now = now
        self._tokens: Tokens[_Rung] = Tokens(RINGS_S + SPARE_S)
        self._rung: dict[str, int] = {}

    async def run(self) -> None:
        """Run until cancelled."""
        rang_before = self._now()
        async with asyncio.TaskGroup() as group:
            for turn in itertools.count():
                if turn % LOOKS == 0:
                    await self._lose_ringing(max(rang_before, self._now() - LOST_AFTER))
                for server in await self._connected():
                    await self._due(server, group)
                await asyncio.sleep(EVERY_S)

    async def answered(self, session: Session) -> None:
        """`/survey-later`: the one we rang has picked up."""
        rung = self._tokens.take(session.request.arg(1))
        asked = None
        if rung is not None:
            asked = await self._asked(rung, session.request.unique_id)
            _tell(rung, "answered" if asked is not None else "unavailable")
        if asked is None:
            await hand_back(session, "not_asked")
            return
        await self._asking.ask(session, asked)

    async def _lose_ringing(self, before: datetime) -> None:
        """What rang when we stopped, or when its end could not be written, is tried another day: nobody knows whether
        it was heard."""
        try:
            async with asyncio.timeout(_LIMIT_S), self._engine.begin() as conn:
                await survey_calls.lose_ringing(conn, before, self._planner.day_ends() + timedelta(hours=9))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("survey calls can't be looked for now", error=reason(error))

    async def _connected(self) -> list[str]:
        """Servers that can be asked to ring somebody now; for the others nothing is tried, nor counted as a try."""
        try:
            statuses: list[ServerStatus] = await self._commands.ask("asterisk:status", None, timeout=3.0)
        except (CommandRefused, NoAnswer):
            return []
        return [status.server for status in statuses if status.ready]

    async def _due(self, server: str, group: asyncio.TaskGroup) -> None:
        free = AT_ONCE - self._rung.get(server, 0)
        if free <= 0:
            return
        try:
            async with asyncio.timeout(_LIMIT_S):
                async with self._engine.connect() as conn:
                    due = await survey_calls.due(conn, self._now(), server=server, limit=free)
                for call in due:
                    rung = await self._claimed(call)
                    if rung is not None:
                        self._rung[server] = self._rung.get(server, 0) + 1
                        group.create_task(self._ring(rung))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("survey calls can't be looked for now", error=reason(error))

    async def _claimed(self, call: SurveyCall) -> _Rung | None:
        """The call, if it may ring now; else it is put off or called off."""
        async with self._engine.begin() as conn:
            found = await survey_askings.of(conn, call.server, call.queue)
            later = found.asking.later if found is not None and found.asking.enabled else None
            if later is None or await surveys.live(conn, call.survey_id) is None:
                await survey_calls.cancel(conn, call.id, "off")
                return None
            if call.tries >= later.tries:  # the last try was cut off
                await survey_calls.give_up(conn, call.id, call.reason)
                return None
            why = await self._called_off(conn, call)
            if why:
                await survey_calls.cancel(conn, call.id, why)
                return None
            opens = self._planner.opening(later, self._now())
            if opens is None or opens > self._now():
                await self._put_off(conn, call, opens)
                return None
            if await self._on_the_line(conn, call):
                await survey_calls.postpone(conn, call.id, self._now() + _BUSY)
                return None
            claimed = await survey_calls.claim(conn, call.id, now=self._now(), day_began=self._planner.day_began())
            if claimed is None:  # this number was rung today
                await self._put_off(conn, call, self._planner.tomorrow(later))
                return None
            return _Rung(call=claimed, later=later, outcome=asyncio.get_running_loop().create_future())

    async def _put_off(self, conn: AsyncConnection, call: SurveyCall, to: datetime | None) -> None:
        if to is None:
            await survey_calls.cancel(conn, call.id, "closed")
        else:
            await survey_calls.postpone(conn, call.id, to)

    async def _called_off(self, conn: AsyncConnection, call: SurveyCall) -> str:
        """Why there is nothing to ask any more, "" when there is."""
        if await survey_opt_outs.holds(conn, call.number, call.customer_id):
            return "opted_out"
        wanted = call_filters.CallFilter(number=call.number, since=call.made_at)
        for row in (await calls.page(conn, wanted, limit=5)).rows:
            if row.direction == "inbound" and row.id != call.for_call_id and row.outcome == "answered":
                return "called_again"
        return ""

    async def _on_the_line(self, conn: AsyncConnection, call: SurveyCall) -> bool:
        wanted = call_filters.CallFilter(number=call.number, outcome="in_progress")
        return await calls.count(conn, wanted) > 0

    async def _ring(self, rung: _Rung) -> None:
        """Ring, and see what came of it. The answer itself comes by `answered`."""
        call, token = rung.call, self._tokens.issue(rung)
        try:
            why = await self._rung_out(rung, token)
            if why:
                await self._again(rung, why)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("a survey call can't be written now", call=call.id, error=reason(error))
        finally:
            self._tokens.withdraw(token)
            self._rung[call.server] -= 1

    async def _rung_out(self, rung: _Rung, token: str) -> str:
        """Why nobody was asked; "" when somebody answered."""
        number = dialled(rung.call.number, self._settings.site.country)
        try:
            await ring(
                self._commands, rung.call.server, f"Local/{number}@cxcall-callback-dial", script="survey-later",
                token=token, channel_id=f"{PREFIX}{token}", seconds=RINGS_S,
            )  # fmt: skip
        except (CommandRefused, NoAnswer) as error:
            log.warning("a survey call could not be made", call=rung.call.id, error=str(error))
            return "refused"
        ours = f"{rung.call.server}-{PREFIX}{token}"

        def hear(message: Message) -> None:
            """The call is over: a telephone that is busy is known at once."""
            if message.data.get("id") == ours and message.data.get("ended_at") is not None:
                _tell(rung, str(message.data.get("outcome") or "no_answer"))

        withdraw = self._bus.subscribe("calls", hear)
        try:
            async with asyncio.timeout(RINGS_S + SPARE_S):
                why = await rung.outcome
        except TimeoutError:
            return "no_answer"
        finally:
            withdraw()
        return "" if why == "answered" else why

    async def _again(self, rung: _Rung, why: str) -> None:
        tomorrow = self._planner.tomorrow(rung.later)
        async with asyncio.timeout(_LIMIT_S), self._engine.begin() as conn:
            if rung.call.tries >= rung.later.tries or tomorrow is None:
                await survey_calls.give_up(conn, rung.call.id, why)
            else:
                await survey_calls.again(conn, rung.call.id, tomorrow, why)

    async def _asked(self, rung: _Rung, unique_id: str) -> Asked | None:
        """The response of a call that was answered; None when the database is away: then nothing is asked."""
        call = rung.call
        try:
            async with asyncio.timeout(1.5), self._engine.begin() as conn:
                found = await survey_askings.of(conn, call.server, call.queue)
                live = await surveys.live(conn, call.survey_id)
                if found is None or live is None:
                    return None
                version, script = live
                customer = await customers.get(conn, call.customer_id) if call.customer_id else None
                response = await survey_responses.offer(
                    conn,
                    NewResponse(
                        server=call.server, unique_id=unique_id, kind="later", survey_id=call.survey_id,
                        survey_version=version, call_id=call.for_call_id, queue=call.queue, agent=call.agent,
                        agent_name=call.agent_name, customer_id=call.customer_id, number=call.number,
                        language=language_of(script, call.language), at=self._now(),
                    ),
                )  # fmt: skip
                await survey_calls.done(conn, call.id, response.id)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("somebody answered and can't be asked", call=call.id, error=reason(error))
            return None
        tier = (customer.profile.tier or "") if customer is not None else ""
        return Asked(response=response, script=script, asking=found.asking, tier=tier)


def _tell(rung: _Rung, outcome: str) -> None:
    if not rung.outcome.done():
        rung.outcome.set_result(outcome)
