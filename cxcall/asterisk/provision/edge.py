"""Queues of all Asterisk servers for the pages: read, planned, written, closed (`bus/queues.py` has the commands)."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.probe import ProbeFailed
from cxcall.asterisk.provision import closing
from cxcall.asterisk.provision.applying import Applier
from cxcall.asterisk.provision.edits import TooLong
from cxcall.asterisk.provision.facts import facts
from cxcall.asterisk.provision.looking import look
from cxcall.asterisk.provision.material import Material, gather
from cxcall.asterisk.provision.planning import merged, shown, target
from cxcall.asterisk.provision.session import CannotReach, session
from cxcall.backoff import Backoff
from cxcall.bus import Bus, CommandRefused, Commands, Message
from cxcall.bus.acts import Originate
from cxcall.bus.queues import (
    QUEUES,
    AcceptQueues,
    Applied,
    ApplyQueues,
    CloseQueue,
    OpenQueue,
    Planned,
    QueuePlan,
    QueuesAsk,
    RenewQueues,
    RollBackQueues,
    ServerQueues,
    SwitchFacts,
    TrialCall,
)
from cxcall.bus.routing import CHANGED
from cxcall.queues.line import read_files
from cxcall.settings import Settings
from cxcall.store import calendars, closures, queue_servers, queues, rule_sets
from cxcall.store.queue_sounds import sounds_of

_FIRST_S, _TEND_S, _TEND_MOST_S = 3.0, 15.0, 300.0
"""After the start, and then how often, it is looked whether a writing broke and can be settled, a new day began or
hours were changed; the longest wait where Asterisk can't be asked."""

_QUEUE = re.compile(r"[\w-]{1,80}", re.ASCII)

_Writing = ApplyQueues | RenewQueues | RollBackQueues | AcceptQueues

log = structlog.get_logger(__name__)


class QueueEdge:
    """Serves `queues:…` while `run` runs."""

    def __init__(self, *, settings: Settings, engine: AsyncEngine, bus: Bus, commands: Commands) -> None:
        self._settings = settings
        self._engine = engine
        self._bus = bus
        self._commands = commands
        self._appliers = {
            server.name: Applier(server=server, settings=settings, engine=engine) for server in settings.ami
        }
        self._renewed: dict[str, object] = {}
        """The day, the mode and the hours for which each server was last looked after."""
        self._due = {name: asyncio.Event() for name in self._appliers}
        """Set when something to write became known before its time."""
        self._writing: set[asyncio.Task[Applied]] = set()

    async def run(self) -> None:
        """Run until cancelled."""
        handlers: dict[str, Callable[[Any], Awaitable[Any]]] = {
            "queues:read": self.read,
            "queues:facts": self.facts,
            "queues:plan": self.plan,
            "queues:apply": self.apply,
            "queues:renew": self.renew,
            "queues:rollback": self.roll_back,
            "queues:accept": self.accept,
            "queues:close": self.close,
            "queues:open": self.open,
            "queues:test_call": self.test_call,
        }
        with contextlib.ExitStack() as served:
            for name, handler in handlers.items():
                served.callback(self._commands.serve(name, handler))
            served.callback(self._bus.subscribe(CHANGED, self._routing_changed))
            try:
                await self._tend()
            finally:
                for task in self._writing:
                    task.cancel()
                await asyncio.gather(*self._writing, return_exceptions=True)

    async def read(self, ask: QueuesAsk) -> ServerQueues:
        """What is there now; queues that were not known are kept as observed ones."""
        applier = self.applier(ask.server)
        material = await self._material(ask.server)
        kept, standing = material.kept, material.standing
        wrote = read_files(standing.text).queues if standing else None
        version = standing.n if standing else None
        try:
            async with session(applier.server) as probe:
                found = await look(probe, ask.server, kept, wrote, version)
        except (CannotReach, ProbeFailed) as error:
            mode = kept.mode if kept else "observe"
            return ServerQueues(server=ask.server, mode=mode, connected=False, problem=str(error), version=version)
        async with self._engine.begin() as conn:
            observed = [queue.name for queue in found.queues if not queue.managed]
            await queues.observe(conn, ask.server, observed, now=datetime.now(UTC))
        return found

    async def facts(self, ask: QueuesAsk) -> SwitchFacts:
        """What queues may name there. Raises CommandRefused when Asterisk does not answer."""
        material = await self._material(ask.server)
        own = [one.name for one in material.definitions]
        with _refusing():
            async with session(self.applier(ask.server).server) as probe:
                return await facts(probe, own)

    async def plan(self, ask: QueuePlan) -> Planned:
        """What would be written; asks nothing of Asterisk."""
        self.applier(ask.server)
        material = await self._material(ask.server)
        return await asyncio.to_thread(_planned, ask, material, self._today())

    async def apply(self, ask: ApplyQueues) -> Applied:
        return await self._whole(ask, self.applier(ask.server).apply(ask))

    async def renew(self, ask: RenewQueues) -> Applied:
        return await self._whole(ask, self.applier(ask.server).renew(ask))

    async def roll_back(self, ask: RollBackQueues) -> Applied:
        return await self._whole(ask, self.applier(ask.server).roll_back(ask))

    async def accept(self, ask: AcceptQueues) -> Applied:
        return await self._whole(ask, self.applier(ask.server).accept(ask))

    async def close(self, ask: CloseQueue) -> None:
        """Raises CommandRefused when Asterisk did not take it."""
        if ask.queue and not _QUEUE.fullmatch(ask.queue):
            raise CommandRefused("There is no such queue.")
        async with self._engine.connect() as conn:
            sounds = await sounds_of(conn, self._settings, ask.server)
        with _refusing():
            async with session(self.applier(ask.server).server) as probe:
                await closing.close(probe, ask, sounds)

    async def open(self, ask: OpenQueue) -> None:
        """Raises CommandRefused when Asterisk did not take it."""
        with _refusing():
            async with session(self.applier(ask.server).server) as probe:
                await closing.lift(probe, ask.queue)

    async def test_call(self, ask: TrialCall) -> None:
        """Rings a phone, which then waits in the queue as a caller would. Raises CommandRefused."""
        self.applier(ask.server)
        if not _QUEUE.fullmatch(ask.queue):
            raise CommandRefused("There is no such queue.")
        act = Originate(channel=ask.phone, context="cxcall-queue", exten=ask.queue, caller_id=f'"Test" <{ask.queue}>')
        await self._commands.ask(f"ami:{ask.server}", act)

    # Beside

    def _routing_changed(self, _: Message) -> None:
        for due in self._due.values():
            due.set()

    async def _tend(self) -> None:
        """What nobody asks for: writings that broke are settled; each day it is looked what is there, and hours are
        written anew."""
        await asyncio.gather(*(self._tend_one(name) for name, one in self._appliers.items() if one.server.secret))
        await asyncio.Event().wait()

    async def _tend_one(self, name: str) -> None:
        """Slowly where it can't be: repeating a wrong password gets an address banned."""
        slow = Backoff(_TEND_S, _TEND_MOST_S)
        await asyncio.sleep(_FIRST_S)
        while True:
            self._due[name].clear()
            if await self._tended(name):
                slow.reset()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TEND_S):
                        await self._due[name].wait()
            else:
                await asyncio.sleep(slow.next())

    async def _tended(self, name: str) -> bool:
        """Whether all could be done."""
        applier = self._appliers[name]
        try:
            async with self._engine.connect() as conn:
                kept = await queue_servers.get(conn, name)
                hours = tuple((one.id, one.version) for one in await calendars.everything(conn))
                rules = await rule_sets.standing_n(conn)
            stamp = (self._today(), kept and kept.mode, hours, rules)
            managed = kept is not None and kept.mode == "managed"
            if managed:
                await applier.settle()
            if self._renewed.get(name) == stamp:
                return True
            if managed:
                await applier.renew_hours()
                await self._restore_closures(name)
                if await applier.renew_rules():
                    log.info("queue rules written for routing", server=name, version=rules)
                    self._bus.publish(QUEUES, {"server": name, "version": None, "outcome": "rules", "by": ""})
            if not (await self.read(QueuesAsk(server=name))).connected:
                return False
        except (CannotReach, ProbeFailed, TooLong, SQLAlchemyError, OSError, TimeoutError) as error:
            log.debug("queues are looked after later", server=name, error=str(error))
            return False
        self._renewed[name] = stamp
        return True

    async def _restore_closures(self, name: str) -> None:
        async with self._engine.connect() as conn:
            standing = await closures.standing(conn, now=datetime.now(UTC), server=name)
            sounds = await sounds_of(conn, self._settings, name)
        if standing:
            async with session(self._appliers[name].server) as probe:
                await closing.restore(probe, name, [kept.closure for kept in standing], sounds)

    async def _whole(self, ask: _Writing, work: Coroutine[Any, Any, Applied]) -> Applied:
        """Writing goes on to its end though whoever asked has gone; the channel tells the others."""

        async def writing() -> Applied:
            return self._told(ask.server, ask.by, await work)

        task = asyncio.create_task(writing())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    def _told(self, server: str, by: str, applied: Applied) -> Applied:
        if applied.outcome in ("applied", "failed"):
            news = {"server": server, "version": applied.version, "outcome": applied.outcome, "by": by}
            self._bus.publish(QUEUES, news)
        log.info("queues", server=server, outcome=applied.outcome, version=applied.version, problem=applied.problem)
        return applied

    def applier(self, server: str) -> Applier:
        """Who writes to `server`. Raises CommandRefused when the settings don't name it."""
        applier = self._appliers.get(server)
        if applier is None:
            raise CommandRefused("There is no such Asterisk.")
        return applier

    async def _material(self, server: str) -> Material:
        async with self._engine.connect() as conn:
            return await gather(conn, self._settings, server)

    def _today(self) -> date:
        return datetime.now(ZoneInfo(self._settings.site.timezone)).date()


def _planned(ask: QueuePlan, material: Material, today: date) -> Planned:
    goal = target(merged(material.definitions, ask.definitions, ask.remove), material, today)
    standing = read_files(material.standing.text).queues if material.standing else ()
    return Planned(before=shown(material.definitions, standing), after=shown(goal.definitions, goal.queues))


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """What goes wrong with the session is a refusal."""
    try:
        yield
    except (CannotReach, ProbeFailed) as error:
        raise CommandRefused(f"Nothing was done. {error}") from error
