"""Who is asked: one decision a call, the same for whoever asks first, the dialplan over HTTP or the script itself.

A decision to ask is a row of the store before anybody hears a word, so that the funnel counts from there; a decision
not to ask is one too, with its reason. A queue without a survey leaves nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.surveys.news import News
from cxcall.asterisk.surveys.question import Question, live_record, question_of, server_of, talked, visit_of
from cxcall.asterisk.surveys.voice import language_of
from cxcall.bus import CommandRefused, Commands
from cxcall.calls.record import CallRecord
from cxcall.customers.number import fold, withheld
from cxcall.settings import Settings
from cxcall.store import calls, customers, survey_askings, survey_facts, survey_opt_outs, survey_responses, surveys
from cxcall.store.errors import reason as told_reason
from cxcall.store.ledger import Ledger, NotWritten
from cxcall.store.survey_responses import NewResponse, Response
from cxcall.surveys.asking import Asking, Offer, Reason, decide
from cxcall.surveys.script import Script

log = structlog.get_logger(__name__)

LIMIT = 1.2
"""Seconds a decision may take: Asterisk waits 1.5 for it."""

AT_ONCE = 4
"""Decisions that read at a time: of a flood the first are made in time, where all at once would all be too late."""

_REMEMBERED = 5_000
"""Calls that were given out."""

_OPEN = 200
"""Decisions, each with a whole script, between the dialplan's question and the script; one forgotten is made anew."""

_LONG_AGO = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that is asked: its response, and what it is asked."""

    response: Response
    script: Script
    asking: Asking
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a call is asked, and why not. `asked` is there when it is."""

    reason: Reason
    asked: Asked | None = None

    @property
    def ask(self) -> bool:
        return self.asked is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _What:
    """What a call would be asked, and the tier of who calls."""

    script: Script
    asking: Asking
    tier: str


class Unavailable(Exception):
    """It can't be decided now."""


class Offers:
    """Decides. `chance` gives 0 to 100, `now` the time (aware)."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        commands: Commands,
        ledger: Ledger,
        news: News,
        chance: Callable[[], float] = lambda: random.SystemRandom().uniform(0.0, 100.0),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._commands = commands
        self._ledger = ledger
        self._news = news
        self._chance = chance
        self._now = now
        self._open: OrderedDict[tuple[str, str], Decision] = OrderedDict()
        self._taken: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.failures = 0

    async def serve(self, said: dict[str, str]) -> dict[str, object]:
        """The command `survey:offer`. Raises CommandRefused when it can't be decided."""
        try:
            decision = await self.decide(question_of(said))
        except Unavailable as error:
            raise CommandRefused(str(error)) from error
        return {"ask": decision.ask, "reason": decision.reason}

    async def take(self, question: Question) -> Decision:
        """The decision for who then asks: a call that is asked is given out once. Raises Unavailable."""
        decision = await self.decide(question)
        if decision.asked is not None:
            key = self._key(question)
            self._open.pop(key, None)
            self._taken[key] = None
            _trim(self._taken, _REMEMBERED)
        return decision

    async def decide(self, question: Question) -> Decision:
        """Decide, or say again what was decided to ask. Raises Unavailable."""
        if not question.call or not question.queue:
            return Decision(reason="no_survey")
        key = self._key(question)
        known = self._open.get(key)
        if known is None and key not in self._taken:
            known = await self._bounded(key[0], question)
        if known is None or key in self._taken:
            return Decision(reason="recently_asked")
        if known.asked is not None:
            self._open[key] = known
            _trim(self._open, _OPEN)
        return known

    def _key(self, question: Question) -> tuple[str, str]:
        return server_of(self._settings, question.server, question.call), question.call

    async def _bounded(self, server: str, question: Question) -> Decision:
        try:
            async with asyncio.timeout(LIMIT):
                record = await live_record(self._commands, server, question.call)
                async with self._turns, self._engine.connect() as conn:
                    reason, new, asked = await self._fresh(conn, server, question, record)
                if new is None:
                    return Decision(reason=reason)
                return await self._kept(reason, new, asked)
        except (SQLAlchemyError, OSError, TimeoutError, NotWritten) as error:
            self.failures += 1
            log.warning("can't decide whether to ask a caller", error=told_reason(error), queue=question.queue)
            raise Unavailable("The database can't be asked now.") from error

    async def _fresh(
        self, conn: AsyncConnection, server: str, question: Question, record: CallRecord | None
    ) -> tuple[Reason, NewResponse | None, _What | None]:
        """The decision, and what is to be kept of it: nothing where no queue asks."""
        found = await survey_askings.of(conn, server, question.queue)
        if found is None or not found.asking.enabled:
            return "no_survey" if found is None else "off", None, None
        asking, now = found.asking, self._now()
        live = await surveys.live(conn, asking.survey_id)
        if live is None:
            return "no_survey", None, None
        version, script = live
        if record is None:
            record = await calls.get(conn, f"{server}-{question.call}")
        if record is None:  # whoever asks, this call is none of ours
            return "unavailable", None, None
        new, tier = await self._about(conn, server, question, record, script, now)
        new = replace(new, survey_id=asking.survey_id, survey_version=version)
        return await self._why(conn, asking, new, now), new, _What(script=script, asking=asking, tier=tier)

    async def _kept(self, reason: Reason, new: NewResponse, what: _What | None) -> Decision:
        """Have the decision written; one to ask is waited for, so that the same call is not asked twice."""
        if reason != "ask" or what is None:
            self._ledger.put(lambda conn: survey_responses.not_asked(conn, new, reason), self._news.of)
            return Decision(reason=reason)
        response: Response = await self._ledger.put(lambda conn: survey_responses.offer(conn, new))
        if response.started_at is not None or response.end:
            return Decision(reason="recently_asked")
        self._news.of(response)
        return Decision(
            reason="ask", asked=Asked(response=response, script=what.script, asking=what.asking, tier=what.tier)
        )

    async def _about(
        self, conn: AsyncConnection, server: str, question: Question, record: CallRecord, script: Script,
        now: datetime,
    ) -> tuple[NewResponse, str]:  # fmt: skip
        """What is kept of the call beside its answers, and the customer's tier."""
        facts = await survey_facts.of_call(conn, record.id)
        number = (facts.number if facts is not None else "") or number_of(
            record.caller.number, self._settings.site.country
        )
        customer = facts.customer_id if facts is not None else None
        language, tier = (facts.language, facts.tier) if facts is not None else ("", "")
        if customer is None and number:  # the call is not stored yet, its caller may be known all the same
            known = await customers.by_number(conn, number)
            if known is not None:
                customer, language, tier = known.id, known.profile.language or "", known.profile.tier or ""
        visit = visit_of(record, question.queue)
        return NewResponse(
            server=server,
            unique_id=question.call,
            call_id=record.id,
            queue=question.queue,
            agent=question.agent or ((visit.interface or "") if visit is not None else ""),
            agent_name=(visit.agent or "") if visit is not None else "",
            customer_id=customer,
            number=number,
            language=language_of(script, language, question.language),
            at=now,
            wait=visit.wait if visit is not None else None,
            talk=talked(record, question.call, visit, now) if visit is not None else None,
            transferred=any(transfer.result == "ok" for transfer in record.transfers),
            repeat=facts.repeat if facts is not None else None,
        ), tier

    async def _why(self, conn: AsyncConnection, asking: Asking, new: NewResponse, now: datetime) -> Reason:
        offer = Offer(
            now_local=now.astimezone(ZoneInfo(self._settings.site.timezone)),
            talk=_LONG_AGO if new.talk is None else new.talk,
            last_asked_at=await survey_responses.last_asked(conn, number=new.number, customer_id=new.customer_id),
            opted_out=await survey_opt_outs.holds(conn, new.number, new.customer_id),
            chance=self._chance(),
        )
        return decide(asking, offer)


def number_of(raw: str | None, country: str) -> str:
    """E.164 where it is a number, else as the switch gave it; "" for one that is withheld: all those who withhold
    theirs are not one caller, who was asked lately or wants no more surveys."""
    return fold(raw, country) or ("" if withheld(raw) else raw or "")


def _trim(kept: OrderedDict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
