"""The talk with a caller who pressed the key: may they be called back, on which number, and what if they'd rather wait.

Only a call that is on the line now can ask, and its own number is the one the telephone network told: the dialplan's
door is open, and nobody shall have strangers rung through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.callbacks.asked import Asked, Asking
from cxcall.asterisk.callbacks.book import Book
from cxcall.asterisk.callbacks.numbers import usable
from cxcall.asterisk.callbacks.picture import look
from cxcall.asterisk.following import Follower
from cxcall.asterisk.surveys.question import server_of, visit_of
from cxcall.bus import CommandRefused
from cxcall.calls.record import CallRecord
from cxcall.customers.number import fold, national
from cxcall.routing.call_back import CallBack
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.settings import Settings
from cxcall.store import customers
from cxcall.store.errors import reason
from cxcall.store.ids import new_id

log = structlog.get_logger(__name__)

Answer = dict[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """An Asterisk that is followed."""

    client: Client
    calls: Follower


class Promising:
    """Serves what the dialplan asks; `made` is called when somebody was promised a call."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        book: Book,
        lines: Mapping[str, Line],
        now: Callable[[], datetime],
        made: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._book = book
        self._lines = lines
        self._now = now
        self._made = made
        self._asking = Asking()
        self.failures = 0

    async def ask(self, said: Mapping[str, Any]) -> Answer:
        """The command `call_back:ask`."""
        return await self._safely(self._ask, said)

    async def confirm(self, said: Mapping[str, Any]) -> Answer:
        """The command `call_back:confirm`."""
        return await self._safely(self._confirm, said)

    async def back(self, said: Mapping[str, Any]) -> Answer:
        """The command `call_back:back`."""
        return await self._safely(self._back, said)

    async def _safely(self, do: Callable[[Mapping[str, Any]], Any], said: Mapping[str, Any]) -> Answer:
        try:
            answer: Answer = await do(said)
        except (SQLAlchemyError, OSError, TimeoutError, AmiError) as error:
            self.failures += 1
            why = reason(error) if isinstance(error, (SQLAlchemyError, OSError)) else str(error)
            log.warning("a caller can't be promised a call-back", error=why or "too slow")
            raise CommandRefused("It can't be promised now.") from error
        return answer

    async def _ask(self, said: Mapping[str, Any]) -> Answer:
        call, queue = _text(said, "call"), _text(said, "queue")
        server = server_of(self._settings, _text(said, "server"), call)
        line = self._lines.get(server)
        record = line.calls.record_of(call) if line is not None else None
        if line is None or record is None:
            return {"answer": "no", "reason": "unknown_call"}
        if not queue and record.queue_visits:
            queue = record.queue_visits[-1].queue
        rules = await self._book.rules()
        plan = rules.plan((server, queue))
        number = fold(record.caller.number, self._settings.site.country) or ""
        why = self._why_not(plan, server, queue, number)
        if not why and rules.opens((server, queue), self._now()) is None:
            why = "closed"
        if why:
            return {"answer": "no", "reason": why}
        if number and self._book.of_number(number) is not None:
            return {"answer": "kept"}
        asked = await self._place(line.client, server, queue, record, said)
        token = self._asking.begin(asked)
        other = "no" if plan.numbers == "own" else "yes"
        return {"answer": "ask", "token": token, "number": national(number) if number else "", "other": other}

    def _why_not(self, plan: CallBackPlan, server: str, queue: str, number: str) -> str:
        if not plan.enabled:
            return "off"
        if len(self._book.of_queue(server, queue)) >= plan.most:
            return "full"
        return "number" if not number and plan.numbers == "own" else ""

    async def _place(
        self, client: Client, server: str, queue: str, record: CallRecord, said: Mapping[str, Any]
    ) -> Asked:
        """Who stands before this caller: in the queue, and those whose place is kept without standing in it."""
        position, visit, now = _number(said, "position"), visit_of(record, queue), self._now()
        joined = visit.joined_at if visit is not None and visit.joined_at is not None else now
        picture = await look(client, queue)
        ahead = picture.before(position)
        kept = (one.id for one in self._book.of_queue(server, queue) if one.joined_at < joined)
        return Asked(
            server=server,
            queue=queue,
            call=record.id,
            number=fold(record.caller.number, self._settings.site.country) or "",
            joined_at=joined,
            ahead=(*ahead, *(one for one in kept if one not in ahead)),
            priority=_number(said, "priority"),
            language=_text(said, "language")[:20],
            survey=_text(said, "survey") != "no",
        )

    async def _confirm(self, said: Mapping[str, Any]) -> Answer:
        token, keyed = _text(said, "token"), _text(said, "number")
        asked = self._asking.get(token)
        if asked is None:
            return {"answer": "no", "reason": "too_late"}
        plan = (await self._book.rules()).plan((asked.server, asked.queue))
        number = usable(keyed, plan, self._settings.site.country) if keyed else asked.number
        if not number:
            return {"answer": "again"}
        await self._book.add(await self._new(asked, number, plan))
        self._asking.end(token)
        self._made()
        return {"answer": "kept"}

    async def _new(self, asked: Asked, number: str, plan: CallBackPlan) -> CallBack:
        async with self._engine.connect() as conn:
            customer = await customers.by_number(conn, number)
        now = self._now()
        return CallBack(
            id=new_id(), server=asked.server, queue=asked.queue, number=number, joined_at=asked.joined_at, made_at=now,
            next_at=now, first=plan.first, customer_id=customer.id if customer is not None else None,
            name=customer.profile.name if customer is not None else "", language=asked.language,
            survey=asked.survey, priority=asked.priority, ahead=asked.ahead, first_call=asked.call,
        )  # fmt: skip

    async def _back(self, said: Mapping[str, Any]) -> Answer:
        token = _text(said, "token")
        asked = self._asking.get(token)
        line = self._lines.get(asked.server) if asked is not None else None
        if asked is None or line is None:
            return {"answer": "no", "reason": "too_late"}
        self._asking.end(token)
        queued = (await look(line.client, asked.queue)).queued()
        return {"answer": "back", "position": str(1 + sum(who in queued for who in asked.ahead))}


def _text(said: Mapping[str, Any], name: str) -> str:
    return str(said.get(name) or "").replace("\0", "").strip()[:200]


def _number(said: Mapping[str, Any], name: str) -> int:
    text = _text(said, name)
    return int(text[:6]) if text.isascii() and text.isdecimal() else 0
