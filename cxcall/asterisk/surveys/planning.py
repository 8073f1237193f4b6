"""Who gets a survey call afterwards, and when: decided when it is known that they were not asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import routing_decisions, survey_calls, survey_opt_outs, survey_responses
from cxcall.store.survey_askings import QueueAsking
from cxcall.store.survey_calls import NewSurveyCall
from cxcall.store.survey_responses import Response
from cxcall.surveys.asking import Later, Offer, Reason, decide, is_open

NOT_ASKED: frozenset[Reason] = frozenset({"caller_hung_up", "transferred", "unavailable", "closed"})
"""Talked with somebody and could not be asked then. Those left out by chance or by choice stay left out."""

LOST: frozenset[Reason] = frozenset({"not_answered"})

_STEP = timedelta(minutes=15)
_SEARCHED = timedelta(days=8)


class Planner:
    """Plans survey calls."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._zone = ZoneInfo(settings.site.timezone)
        self._now = now

    async def unasked(self, conn: AsyncConnection, response: Response, found: QueueAsking) -> None:
        """A call was not asked: plan one for it if its queue does that."""
        asking, later = found.asking, found.asking.later
        if later is None or not asking.enabled or response.call_id is None or not response.number.startswith("+"):
            return
        wanted = {"not_asked": NOT_ASKED, "lost": LOST, "both": NOT_ASKED | LOST}[later.to]
        at = self.opening(later, self._now() + timedelta(minutes=later.after_minutes))
        if response.reason not in wanted or at is None or not await self._may(conn, response, found):
            return
        await survey_calls.plan(
            conn,
            NewSurveyCall(
                survey_id=asking.survey_id, server=response.server, queue=response.queue, number=response.number,
                for_call_id=response.call_id, customer_id=response.customer_id, agent=response.agent,
                agent_name=response.agent_name, language=response.language, next_at=at, made_at=self._now(),
            ),
        )  # fmt: skip

    def opening(self, later: Later, since: datetime) -> datetime | None:
        """The first moment from `since` on at which a survey call may ring; None: its hours never come."""
        at = since
        while at < since + _SEARCHED:
            if is_open(later.hours, at.astimezone(self._zone)):
                return at
            at += _STEP
        return None

    def tomorrow(self, later: Later) -> datetime | None:
        """The first moment on another day at which it may ring."""
        return self.opening(later, self.day_ends())

    def day_began(self) -> datetime:
        """Midnight of this day at the site."""
        return self._midnight(0)

    def day_ends(self) -> datetime:
        """Midnight of the next day at the site, also where this day has 23 or 25 hours."""
        return self._midnight(1)

    def _midnight(self, days: int) -> datetime:
        day = self._now().astimezone(self._zone).date() + timedelta(days=days)
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    async def _may(self, conn: AsyncConnection, response: Response, found: QueueAsking) -> bool:
        """Whether this customer may be asked at all: no routing rule said no, not opted out, not asked lately."""
        if response.call_id is not None:
            decided = await routing_decisions.of_call(
                conn, response.call_id, server=response.server, unique_ids=(response.unique_id,)
            )
            if any(one.decision.result.survey is False for one in decided):
                return False
        always = msgspec.structs.replace(found.asking, hours=(), share=100.0, min_talk=0.0)
        offer = Offer(
            now_local=self._now().astimezone(self._zone),
            talk=0.0,
            last_asked_at=await survey_responses.last_asked(
                conn, number=response.number, customer_id=response.customer_id
            ),
            opted_out=await survey_opt_outs.holds(conn, response.number, response.customer_id),
        )
        return decide(always, offer) == "ask"
