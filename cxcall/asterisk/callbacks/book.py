"""The call-backs that are not over: kept here and in the database, changed by events one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.callbacks import hours
from cxcall.asterisk.callbacks.hours import Rules
from cxcall.bus import Bus
from cxcall.bus.call_backs import CALL_BACKS
from cxcall.routing.call_back import CallBack, step
from cxcall.routing.call_back_events import Act, Event, MakeTask
from cxcall.store import call_backs, tasks
from cxcall.store.tasks import NewTask

log = structlog.get_logger(__name__)

LIMIT_S = 5.0
"""Seconds the database may take over one change; nothing has happened then, and it is tried again."""

RULES_S = 5.0
TASK_DUE = timedelta(hours=4)


class Book:
    """`open` by id. What the database does not take does not happen: `apply` raises its error."""

    def __init__(self, *, engine: AsyncEngine, bus: Bus, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._bus = bus
        self._now = now
        self._changing = asyncio.Lock()
        self._rules = Rules()
        self._rules_at: datetime | None = None
        self._told = 0
        self.open: dict[str, CallBack] = {}
        self.ended: dict[str, int] = {}
        """How many ended in each way since the start."""

    async def load(self, servers: Collection[str]) -> None:
        """What is open on these servers, as the database has it."""
        async with self._changing, asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
            found = [one for server in servers for one in await call_backs.open_ones(conn, server)]
            self.open = {one.id: one for one in found}

    async def rules(self, *, anew: bool = False) -> Rules:
        """What people set, at most a few seconds old."""
        now = self._now()
        if anew or self._rules_at is None or now >= self._rules_at + timedelta(seconds=RULES_S):
            before = self._told
            async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
                self._rules = await hours.read(conn, now)
            self._rules_at = now if self._told == before else None  # changed while we read
        return self._rules

    def forget_rules(self) -> None:
        self._rules_at = None
        self._told += 1

    def of_queue(self, server: str, queue: str) -> list[CallBack]:
        """Those of a queue, in the order of their places."""
        found = [one for one in self.open.values() if (one.server, one.queue) == (server, queue)]
        return sorted(found, key=lambda one: (one.joined_at, one.id))

    def of_number(self, number: str) -> CallBack | None:
        return next((one for one in self.open.values() if one.number == number), None)

    async def add(self, one: CallBack) -> bool:
        """Promise one; False when this number or customer has one."""
        async with self._changing:
            async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
                made = await call_backs.add(conn, one)
            if made:
                self.open[one.id] = one
                self._tell(one)
        return made

    async def apply(self, call_back_id: str, event: Event) -> tuple[CallBack | None, tuple[Act, ...]]:
        """The call-back after `event` and what is left to do on the switch; (None, ()) when it is over."""
        async with self._changing:
            before = self.open.get(call_back_id)
            if before is None:
                return None, ()
            rules = await self.rules()
            one, acts = step(before, event, rules.plan((before.server, before.queue)))
            if one != before:
                one = await self._save(one, acts)
            return one, tuple(act for act in acts if not isinstance(act, MakeTask))

    async def _save(self, one: CallBack, acts: Collection[Act]) -> CallBack:
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            if any(isinstance(act, MakeTask) for act in acts):
                one = await self._make_task(conn, one)
            await call_backs.save(conn, one)
        if one.open:
            self.open[one.id] = one
        else:
            self.open.pop(one.id, None)
            self.ended[one.state] = self.ended.get(one.state, 0) + 1
            log.info("a call-back is over", id=one.id, queue=one.queue, state=one.state, reason=one.reason)
        self._tell(one)
        return one

    async def _make_task(self, conn: AsyncConnection, one: CallBack) -> CallBack:
        now = self._now()
        kept = await call_backs.get(conn, one.id)
        new = NewTask(
            kind="call_back", title=one.name or one.number, due_at=now + TASK_DUE, made_by="call_back",
            customer_id=kept.customer_id if kept is not None else None, number=one.number,
            call_id=one.first_call or None, queue=one.queue, reason={"call_back": one.reason, "tries": one.tries},
        )  # fmt: skip
        task = await tasks.create(conn, new, now=now)
        return msgspec.structs.replace(one, task_id=task.id)

    def _tell(self, one: CallBack) -> None:
        news = {"id": one.id, "server": one.server, "queue": one.queue, "state": one.state, "call": one.last_call}
        self._bus.publish(CALL_BACKS, news | {"agent": one.agent})
        if one.task_id:
            self._bus.publish("tasks", {"id": one.task_id})
