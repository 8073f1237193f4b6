"""Where a call goes: one decision for each question of a call, the same for whoever asks again, over HTTP or FastAGI.

All that is known is gathered within `LIMIT`, or there is no answer at all and the call takes its default: rules that
were told a customer is not known, only because the database was slow, would send people astray.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.routing import asked
from cxcall.asterisk.routing.gathering import Gathering
from cxcall.asterisk.routing.library import Library
from cxcall.asterisk.routing.question import Question, question_of
from cxcall.asterisk.surveys.question import server_of
from cxcall.bus import CommandRefused, Commands
from cxcall.bus.routing import Floor, Tried, TryRoute
from cxcall.calls.record import CallRecord
from cxcall.routing.answer import NAME, answer
from cxcall.routing.decide import decide
from cxcall.routing.decision import Decision
from cxcall.routing.facts import Facts
from cxcall.routing.replay import kept
from cxcall.settings import Settings
from cxcall.store import prompt_files, routing_facts
from cxcall.store.errors import reason
from cxcall.store.facts_cache import FactsCache
from cxcall.store.routing_decisions import NewDecision

log = structlog.get_logger(__name__)

LIMIT = 1.2
"""Seconds a decision may take: Asterisk waits 1.5 for it."""

LOOKING = 100
"""Calls that are waited for to be told of at a time: anybody may ask, and most of what strangers ask never comes."""

_REMEMBERED = 5_000
"""Answers kept for who asks again."""

_GIVEN = 20_000
"""Callers whose priority is remembered."""

_COMPLAINTS = 200

Answer = Mapping[str, str]


class Decider:
    """Serves `route:decide`, `route:try` and `route:floor`. `keep` takes a decision that was given; `followed`: whether
    a server is heard now; `clock` seconds."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        facts: FactsCache,
        commands: Commands,
        library: Library,
        gathering: Gathering,
        keep: Callable[[NewDecision], None],
        followed: Callable[[str], bool],
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._commands = commands
        self._library = library
        self._gathering = gathering
        self._keep = keep
        self._followed = followed
        self._zone = ZoneInfo(settings.site.timezone)
        self._now = now
        self._clock = clock
        self._facts_of = facts
        self._answers: OrderedDict[tuple[str, Question], asyncio.Task[Answer]] = OrderedDict()
        self._given: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._complained: set[tuple[str, str]] = set()
        self._looking = 0
        self.decided = self.failed = self.left_out = 0

    def given(self, server: str, unique_id: str) -> int | None:
        """The priority a caller was given, None: not by this process."""
        return self._given.get((server, unique_id))

    async def serve(self, said: Mapping[str, Any]) -> Answer:
        """The command `route:decide`. Raises CommandRefused."""
        question = question_of(said)
        server = server_of(self._settings, question.server, question.call)
        key = (server, question)
        known = self._answers.get(key)
        if known is None or (known.done() and _failed(known)):
            known = self._answers[key] = asyncio.create_task(self._bounded(server, question))
            known.add_done_callback(_failed)  # somebody has looked at its error, also when nobody waits any more
            _trim(self._answers, _REMEMBERED)
        return await asyncio.shield(known)

    async def try_out(self, ask: TryRoute) -> Tried:
        """The command `route:try`. Raises CommandRefused."""
        began = self._clock()
        server = ask.server or next((one.name for one in self._settings.ami), "")
        question = question_of(
            {"number": ask.number, "called": ask.called, "queue": ask.queue, "language": ask.language}
        )
        try:
            async with asyncio.timeout(LIMIT):
                await self._library.ready.wait()
                at = (ask.at or self._now()).astimezone(self._zone)
                numbers = self._gathering.numbers(question)
                async with self._engine.connect() as conn:
                    known = await routing_facts.of_number(
                        conn, numbers[0] if numbers[0].startswith("+") else "", now=at, owners=self._gathering.owners()
                    )
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise CommandRefused("The database can't be asked now.") from error
        facts = self._gathering.facts(server, question, at, known, ask.said)
        rules = self._library.known.rules if ask.rules is None else ask.rules
        version = self._library.known.version if ask.rules is None else 0
        there = self._gathering.rules_of(server)
        decision = decide(rules, facts, version=version, widens=frozenset(there))
        ms = (self._clock() - began) * 1000
        return Tried(decision=decision, facts=facts, answer=self._told(server, question, decision), ms=ms)

    async def floor(self, server: str) -> Floor:
        """The command `route:floor`."""
        named = server or next((one.name for one in self._settings.ami), "")
        return self._gathering.floor(named, self._now().astimezone(self._zone).date())

    async def _bounded(self, server: str, question: Question) -> Answer:
        began = self._clock()
        try:
            async with asyncio.timeout(LIMIT):
                await self._library.ready.wait()
                record = await self._call(server, question.call)
                if record is None:  # whoever asks, this call is none of ours
                    raise CommandRefused("There is no such call now.")
                facts = await self._facts(server, question)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            self.failed += 1
            log.warning("can't decide where a call goes", error=reason(error) or "too slow", queue=question.queue)
            raise CommandRefused("It can't be decided now.") from error
        known = self._library.known
        there = self._gathering.rules_of(server)
        decision = decide(known.rules, facts, version=known.version, widens=frozenset(there))
        told = self._told(server, question, decision)
        self._note(server, question, record, facts, decision, (self._clock() - began) * 1000)
        return told

    async def _call(self, server: str, unique_id: str) -> CallRecord | None:
        """The call that asks; of an Asterisk we don't hear now nothing is known, and nobody waits for it."""
        if not unique_id or not self._followed(server):
            return None
        self._looking += 1
        try:
            return await asked.live_call(self._commands, server, unique_id, patient=self._looking <= LOOKING)
        finally:
            self._looking -= 1

    async def _facts(self, server: str, question: Question) -> Facts:
        at = self._now().astimezone(self._zone)
        number = self._gathering.numbers(question)[0]
        said = await asked.said(self._commands, server, question)
        known = await self._facts_of.of_number(
            number if number.startswith("+") else "", now=at, owners=self._gathering.owners(), call=question.call
        )
        return self._gathering.facts(server, question, at, known, said)

    def _told(self, server: str, question: Question, decision: Decision) -> Answer:
        result = decision.result
        sound = ""
        if result.announcement:
            spoken = result.language or question.language
            sha = self._library.known.sound(result.announcement, spoken, self._settings.site.language)
            sound = prompt_files.address(self._settings, server, sha) if sha else ""
        penalty = self._gathering.rules_of(server).get(result.rule)
        told = answer(decision, sound=sound, penalty=penalty)
        wanted = {"queue": result.queue, "agent": result.agent, "announcement": result.announcement}
        missing = {name: value for name, value in wanted.items() if decision.matched and value and name not in told}
        self.left_out += bool(missing)
        for name, value in missing.items():
            if (name, value) not in self._complained and len(self._complained) < _COMPLAINTS:
                self._complained.add((name, value))
                log.warning("the dialplan can't be told a part of a decision", server=server, **{name: value})
        return told

    def _note(
        self, server: str, question: Question, record: CallRecord, facts: Facts, decision: Decision, ms: float
    ) -> None:
        self.decided += 1
        self._given[server, question.call] = decision.result.priority
        _trim(self._given, _GIVEN)
        self._keep(
            NewDecision(
                decision=decision,
                server=server,
                unique_id=question.call,
                number=facts.number,
                customer_id=facts.customer.id if facts.customer is not None else None,
                call_id=record.id,
                asked=question.queue if NAME.fullmatch(question.queue) else "",
                ms=ms,
                facts=kept(facts, self._library.known.rules),
            )
        )


def _failed(task: asyncio.Task[Answer]) -> bool:
    return task.cancelled() or task.exception() is not None


def _trim(kept_ones: OrderedDict[Any, Any], most: int) -> None:
    while len(kept_ones) > most:
        kept_ones.popitem(last=False)
