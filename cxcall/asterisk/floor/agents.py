"""What every agent does, kept while calls go on: told to pages, written into the history, and held in wrap-up.

A Watcher for calls; members come over the bus. Everything that happened since the last look is looked at together, at
most ten times a second, so that a burst costs one look. What is told here is Asterisk's word: a pause asked for by a
page shows when Asterisk tells of it, like one made by a feature code.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.floor import agent_acts, directory
from cxcall.asterisk.floor.agent_history import AgentHistory
from cxcall.asterisk.floor.engaged import lines_of
from cxcall.asterisk.floor.missing import Misses
from cxcall.asterisk.floor.roster import Agent, Earlier, Roster, Settled
from cxcall.asterisk.following import Follower
from cxcall.backoff import Backoff
from cxcall.bus import Bus, CommandRefused, Commands, Message, NoAnswer
from cxcall.bus.acts import PauseMember
from cxcall.bus.floor import AgentAsked, AgentLogIn, AgentLogOut, AgentPause
from cxcall.calls.changes import Change
from cxcall.calls.record import CallRecord
from cxcall.letters import sort_key
from cxcall.queues.presence import AUTO_PAUSE, AgentState
from cxcall.settings import Ami, Settings
from cxcall.store import agent_states
from cxcall.store.agent_states import AgentSpell

REST = 0.1
"""Seconds between two looks."""
READ_EVERY = 60.0
"""Seconds after which people and queues are read again though nobody said that they changed."""
LAST_WRITE = 2.0
"""Seconds for the last states when we stop."""

log = structlog.get_logger(__name__)


class AgentKeeper:
    """Knows the agents of all servers while `run` runs; what it serves and tells is said in cxcall.bus.floor."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._servers = [server.name for server in settings.ami]
        self._engine = engine
        self._bus = bus
        self._commands = commands
        self._now = now
        self._history = AgentHistory(engine, zone=ZoneInfo(settings.site.timezone))
        self._rosters: dict[str, Roster] = {}
        self._misses: dict[str, Misses] = {}
        self._changes: dict[tuple[str, str], Change] = {}
        self._news = asyncio.Event()
        self._looked = 0.0
        self._offs: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[object]] = set()
        self._complained = False

    # What a listener says (a Watcher)

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        self._rosters[server.name] = Roster(server.name)
        self._misses[server.name] = Misses()
        told = functools.partial(self._member, server.name)
        self._offs.append(self._bus.subscribe(f"members:{server.name}", told))

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        for change in changes:
            self._changes[server, change.call_id] = change
        self._news.set()

    def told(self, server: str, event: str, message: Headers) -> None:
        """Nothing of these events concerns an agent's state."""

    def listed(self, server: str) -> None:
        self._rosters[server].all_told()
        self._news.set()

    # At work

    async def run(self) -> None:
        """Keep the states until cancelled; what is not written by then is written first."""
        await self._remember()
        with contextlib.ExitStack() as served:
            for name, handler in self._served().items():
                served.callback(self._commands.serve(name, handler))
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._history.run())
                    group.create_task(self._read_often())
                    group.create_task(self._look_often())
            finally:
                await self._stop()

    def states(self) -> list[AgentState]:
        """Everybody, by name."""
        found = [state for roster in self._rosters.values() for state in roster.states.values()]
        return sorted(found, key=lambda state: (sort_key(state.name), state.key))

    async def _stop(self) -> None:
        for off in self._offs:
            off()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITE):
                while self._history.waiting and await self._history.flush():
                    pass

    async def _look_often(self) -> None:
        while True:
            await self._wait()
            self._news.clear()
            self._look()
            await asyncio.sleep(REST)

    async def _wait(self) -> None:
        """For news, or for somebody's time to be up."""
        now = self._now()
        ends = [end for roster in self._rosters.values() if (end := roster.soonest(now)) is not None]
        limit = max(min(ends) - now, 0.0) + 0.01 if ends else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._news.wait()

    def _look(self) -> None:
        now = self._now()
        changes, self._changes = self._changes, {}
        for (server, call), change in changes.items():
            self._call(server, call, change)
        for roster in self._rosters.values():
            settled = roster.settle(now)
            self._tell(roster, settled, now)
            for device in settled.away:
                self._history.leave(roster.server, device, now)
            for agent in settled.wraps:
                self._start(self._wrap(roster, agent))
            for agent in settled.due:
                self._start(self._do(roster.server, agent.device, agent_acts.unwraps(agent.seats)))
            for state in roster.over_limit(self._looked, now):
                self._bus.publish(f"desk:{state.device}", {"agent": state.key})
        self._looked = now

    def _call(self, server: str, call: str, change: Change) -> None:
        """A call changed: the phones it is at."""
        roster = self._rosters[server]
        record = self._record(change)
        if record is None:
            return
        if record.id != call:
            roster.call(call, ())
        roster.call(record.id, lines_of(record))
        for device in self._misses[server].told(record, roster.missed):
            log.info("an agent missed too many calls and is paused", server=server, phone=device)
            asked = AgentPause(server=server, device=device, paused=True, reason=AUTO_PAUSE)
            self._start(self._do(server, device, list(agent_acts.pauses(asked, roster.seats(device)))))

    def _record(self, change: Change) -> CallRecord | None:
        try:
            return change.record()
        except Exception:  # a strange call must not cost the others
            if not self._complained:
                self._complained = True
                log.exception("a call can't be told", call=change.call_id)
            return None

    def _member(self, server: str, message: Message) -> None:
        self._rosters[server].member(message.data["member"])
        self._news.set()

    def _tell(self, roster: Roster, settled: Settled, now: float) -> None:
        """Pages and the history learn what is new."""
        if not settled.changed and not settled.gone:
            return
        here = {state.device for state in roster.states.values()}
        for state in settled.gone:
            if state.device not in here:
                self._history.leave(state.server, state.device, now)
        for state in settled.changed:
            self._history.add(state)
            self._bus.publish(f"desk:{state.device}", {"agent": state.key})
        gone = [state.key for state in settled.gone]
        self._bus.publish("agents", {"agents": [state.plain() for state in settled.changed], "gone": gone})

    # The database

    async def _remember(self) -> None:
        """The states that went on when the last process stopped; waits for a database that is away."""
        backoff = Backoff(0.5, 15.0)
        known = await self._read()
        while not known:
            await asyncio.sleep(backoff.next())
            known = await self._read()

    async def _read(self) -> bool:
        """People, reasons and queues anew; the first time also the states of before."""
        try:
            async with asyncio.timeout(10), self._engine.connect() as conn:
                known = await directory.load(conn, self._servers)
                spells = [] if self._looked else await agent_states.now_in(conn)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("people and queues can't be read now", error=str(error).partition("\n")[0])
            return False
        for roster in self._rosters.values():
            roster.know(known)
            if not self._looked:
                roster.remember(_earlier(spell) for spell in spells if spell.server == roster.server)
        self._news.set()
        return True

    async def _read_often(self) -> None:
        while True:
            await asyncio.sleep(READ_EVERY)
            await self._read()

    # What is asked

    def _served(self) -> dict[str, Callable[[Any], Coroutine[Any, Any, Any]]]:
        return {
            "agents:all": self._all,
            "agents:state": self._of_person,
            "agents:pause": self._asked_pause,
            "agents:log_in": self._asked_log_in,
            "agents:log_out": self._asked_log_out,
            "agents:reload": self._asked_read,
        }

    async def _all(self, _: object) -> list[dict[str, Any]]:
        if self._news.is_set():  # who asks after an act shall see what came of it
            self._look()
        return [state.plain() for state in self.states()]

    async def _of_person(self, asked: AgentAsked) -> list[dict[str, Any]]:
        return [state for state in await self._all(None) if state["user_id"] == asked.user]

    async def _asked_pause(self, asked: AgentPause) -> None:
        acts = list(agent_acts.pauses(asked, self._roster(asked.server).seats(asked.device)))
        await agent_acts.do(self._commands, asked.server, acts)

    async def _asked_log_in(self, asked: AgentLogIn) -> None:
        acts = list(agent_acts.log_ins(asked, self._roster(asked.server).seats(asked.device)))
        if acts:
            await agent_acts.do(self._commands, asked.server, acts)

    async def _asked_log_out(self, asked: AgentLogOut) -> None:
        acts = list(agent_acts.log_outs(asked, self._roster(asked.server).seats(asked.device)))
        if acts:
            await agent_acts.do(self._commands, asked.server, acts)

    async def _asked_read(self, _: object) -> None:
        await self._read()
        self._look()

    def _roster(self, server: str) -> Roster:
        if server not in self._rosters:
            raise CommandRefused("There is no such Asterisk.")
        return self._rosters[server]

    # Pauses of our own: wrap-up, and who misses call after call

    async def _wrap(self, roster: Roster, agent: Agent) -> None:
        """Hold an agent in wrap-up; where Asterisk does not, there is none."""
        acts = agent_acts.wraps(agent.seats)
        if acts and not await self._do(roster.server, agent.device, acts):
            roster.not_held(agent.key)
            self._news.set()

    async def _do(self, server: str, device: str, acts: Sequence[PauseMember]) -> bool:
        """Whether Asterisk did all of it. The end of a wrap-up that fails is tried again."""
        try:
            await agent_acts.do(self._commands, server, acts)
        except (CommandRefused, NoAnswer) as error:
            log.warning("an agent could not be paused or unpaused", phone=device, error=str(error))
            return False
        return True

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _earlier(spell: AgentSpell) -> Earlier:
    return Earlier(device=spell.interface, state=spell.state, reason=spell.reason, since=spell.since.timestamp())
