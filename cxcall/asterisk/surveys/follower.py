"""Every call of a queue that asks is accounted for: asked, or not asked and why.

Who is asked is written when it is decided; this follower adds the rest once the call is over: callers who hung up
first, were transferred away, were lost in the queue, or stayed on the line while we were down. It hears of ended calls
over the bus, and looks in the store at its start and every minute for what the bus did not tell.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.surveys.closing import close_left
from cxcall.asterisk.surveys.news import News
from cxcall.asterisk.surveys.question import unique_id_of
from cxcall.bus import Bus, Message
from cxcall.calls.board_stays import is_call_back
from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.store import call_backs, calls, survey_askings, survey_facts, survey_responses, survey_unasked, surveys
from cxcall.store.errors import reason
from cxcall.store.ledger import Ledger, NotWritten
from cxcall.store.survey_askings import QueueAsking
from cxcall.store.survey_responses import NewResponse, Response
from cxcall.surveys.handover import why_not

log = structlog.get_logger(__name__)

Unasked = Callable[[AsyncConnection, Response, QueueAsking], Awaitable[None]]
"""Told of a call that was not asked, in the transaction that writes it."""

EVERY_S = 60.0
SETTLED = timedelta(seconds=5)
"""A call is looked at by the scan only when it has been over so long: the bus was first."""

BACK = timedelta(hours=24)
"""How far the scan at the start looks back; later ones as far as LONG_CALL."""

LONG_CALL = timedelta(hours=4)
STALE = timedelta(minutes=15)
"""No survey lasts so long."""

_LIMIT_S = 10.0
_REMEMBERED = 5_000


class Follower:
    """Follows ended calls while `run` runs. `running` are responses whose caller is on the line now."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        bus: Bus,
        ledger: Ledger,
        news: News,
        running: Collection[str],
        unasked: Unasked,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._ledger = ledger
        self._news = news
        self._running = running
        self._unasked = unasked
        self._now = now
        self._ended: asyncio.Queue[str] = asyncio.Queue(maxsize=10_000)
        self._passed_over: OrderedDict[str, None] = OrderedDict()

    async def run(self) -> None:
        """Run until cancelled."""
        withdraw = self._bus.subscribe("calls", self._hear)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._work())
                group.create_task(self._look())
        finally:
            withdraw()

    def _hear(self, message: Message) -> None:
        """A full queue loses nothing: the scan finds what it had no room for."""
        if message.data.get("ended_at") is not None and not self._ended.full():
            self._ended.put_nowait(message.data["id"])

    async def _work(self) -> None:
        while True:
            await self._account(await self._ended.get())

    async def _look(self) -> None:
        back = BACK
        while True:
            try:
                async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
                    queues = {found.queue for found in await survey_askings.everything(conn)}
                    now = self._now()
                    found = await survey_unasked.unaccounted(conn, queues, now - back, now - SETTLED) if queues else []
                    left = await survey_unasked.running(conn, now - STALE)
                for call_id in found:
                    if call_id not in self._passed_over:
                        await self._account(call_id)
                for response in left:
                    await self._left_open(response)
                back = LONG_CALL
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("calls without a survey can't be looked for now", error=reason(error))
            await asyncio.sleep(EVERY_S)

    async def _left_open(self, response: Response) -> None:
        """End a response whose caller can't be on the line any more, and whose end nobody wrote."""
        if response.id in self._running:
            return
        if response.kind == "after_call" and response.call_id is not None:
            await self._account(response.call_id)
        else:
            now = self._now()
            self._ledger.put(lambda conn: survey_responses.end(conn, response.id, "lost", now))

    async def _account(self, call_id: str) -> None:
        """Give one call its row, after what is still to be written of it; the scan comes back to what fails."""
        try:
            told = await self._ledger.put(lambda conn: self.account(conn, call_id))
        except NotWritten:
            told = None
        if told is not None:
            self._news.of(told)
        else:
            self._pass_over(call_id)

    async def account(self, conn: AsyncConnection, call_id: str) -> Response | None:
        """The response that the call has now, if this changed it; None when there is nothing to say of it."""
        record = await calls.get(conn, call_id)
        if record is None or record.ended_at is None or not record.queue_visits:
            return None
        ours = is_call_back(record.server, record.id)
        ids = {leg.unique_id for leg in record.legs if ours or leg.role == "caller"} | set(record.linked_ids)
        known = await survey_unasked.of_channel(conn, record.server, ids)
        if known is not None:
            return await self._tie(conn, record, known)
        if await _promised(conn, record, ours=ours):
            return None
        found = await self._asking(conn, record)
        if found is None:
            return None
        asking, visit, version = found
        kinds = tuple(move.kind for move in record.transfers if move.result == "ok" and _after(move.at, visit.left_at))
        why = why_not(visit=visit.result, ended_by=record.ended_by, transfers=kinds)
        new = await self._new(conn, record, visit, asking, version)
        response = await survey_responses.not_asked(conn, new, why)
        await self._unasked(conn, response, asking)
        return response

    async def _tie(self, conn: AsyncConnection, record: CallRecord, known: Response) -> Response | None:
        """What was not known at the offer; and the end of a caller who left before the first word."""
        visit = next((visit for visit in reversed(record.queue_visits) if visit.queue == known.queue), None)
        customer = record.caller.customer_id
        name = (visit.agent or "") if visit is not None else ""
        ties = (known.call_id != record.id, known.customer_id is None and customer, not known.agent_name and name)
        if any(ties):
            await survey_responses.tie(conn, known.id, call_id=record.id, customer_id=customer, agent_name=name or None)
        if known.state == "not_asked":
            asking = await survey_askings.of(conn, record.server, known.queue)
            if asking is not None:
                await self._unasked(conn, known, asking)
        elif not known.end and known.id not in self._running:
            if known.state == "started":  # and not ended by who asked
                return (await close_left(conn, known, self._now())).response
            return await survey_responses.end(conn, known.id, "hung_up", record.ended_at or self._now())
        return known if any(ties) else None

    async def _asking(self, conn: AsyncConnection, record: CallRecord) -> tuple[QueueAsking, QueueVisit, int] | None:
        """The last stay in a queue that asks now and asked already then, an answered one before others."""
        newest = list(reversed(record.queue_visits))
        for visit in sorted(newest, key=lambda visit: visit.result != "answered"):
            found = await survey_askings.of(conn, record.server, visit.queue)
            if found is None or not found.asking.enabled:
                continue
            live = await surveys.live(conn, found.asking.survey_id)
            if live is None:
                continue
            first = (await surveys.versions(conn, found.asking.survey_id))[-1]
            if record.ended_at is not None and first.published_at <= record.ended_at:
                return found, visit, live[0]
        return None

    async def _new(
        self, conn: AsyncConnection, record: CallRecord, visit: QueueVisit, asking: QueueAsking, version: int
    ) -> NewResponse:
        facts = await survey_facts.of_call(conn, record.id)
        return NewResponse(
            server=record.server,
            unique_id=unique_id_of(record),
            survey_id=asking.asking.survey_id,
            survey_version=version,
            call_id=record.id,
            queue=visit.queue,
            agent=visit.interface or "",
            agent_name=visit.agent or "",
            customer_id=record.caller.customer_id,
            number=facts.number if facts is not None else record.caller.number or "",
            language=facts.language if facts is not None else "",
            at=record.ended_at or self._now(),
            wait=visit.wait,
            talk=visit.talk,
            transferred=any(move.result == "ok" for move in record.transfers),
            repeat=facts.repeat if facts is not None else None,
        )

    def _pass_over(self, call_id: str) -> None:
        self._passed_over[call_id] = None
        if len(self._passed_over) > _REMEMBERED:
            self._passed_over.popitem(last=False)


async def _promised(conn: AsyncConnection, record: CallRecord, *, ours: bool) -> bool:
    """Whether the customer is yet to be called back, or was not reached: they are asked when they were."""
    if ours:
        return not record.talks
    one = await call_backs.of_call(conn, record.id)
    return one is not None and one.first_call == record.id


def _after(at: datetime | None, since: datetime | None) -> bool:
    return at is None or since is None or at >= since
