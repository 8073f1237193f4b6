"""Who is in which call by ear: begins it, switches between listening, whispering and joining, and sees it end.

A monitor begins with an Originate (`spies`), is believed when Asterisk tells that ChanSpy runs, and is over with the
Hangup of its channel, whoever hung up. Where its owner may do all three, the mode is switched by a key pressed for the
phone, so that nobody has to answer again, and is believed when Asterisk tells of the key; otherwise the phone is rung
anew, since a phone's keys ask nobody for a right. What a process leaves behind when it is killed the next one ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from cxcall.asterisk.acts import calls as phones
from cxcall.asterisk.acts import spies
from cxcall.asterisk.acts.limits import LIMIT
from cxcall.asterisk.acts.refusing import words
from cxcall.asterisk.acts.telling import tell
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.ami.message import Headers, text
from cxcall.asterisk.following import Follower
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.monitoring import Mode, Monitor, MonitorAsk, monitor_channel, told_channel
from cxcall.calls.changes import Change
from cxcall.calls.directions import endpoint
from cxcall.calls.record import CallId
from cxcall.calls.stage import Party, Stage
from cxcall.settings import Ami

KEY_S = 2.0
"""Seconds until a pressed key must be told of."""

FREE_S = 1.0
"""Seconds a phone is waited for that was hung up."""

HANG_UPS = 4
"""How often Asterisk is asked to hang it up."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Open:
    """A monitor that is not over. `moved` is set when its state or mode changed, `over` at its end."""

    monitor: Monitor
    server: str
    uid: str
    keys: bool
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class _Line:
    client: Client
    follower: Follower


class Monitors:
    """A Watcher for AsteriskEdge; serves `monitor:*` while `serving` lasts. `site` names this cxcall among others."""

    def __init__(self, *, bus: Bus, commands: Commands, site: str) -> None:
        self._bus = bus
        self._commands = commands
        self._mark = spies.mark(site)
        self._lines: dict[str, _Line] = {}
        self._by_user: dict[str, _Open] = {}
        self._by_channel: dict[str, _Open] = {}
        self._failed: dict[str, tuple[str, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        with contextlib.ExitStack() as served:
            served.callback(self._commands.serve("monitor:start", self._begin))
            served.callback(self._commands.serve("monitor:stop", self._end))
            served.callback(self._commands.serve("monitor:of", self._of))
            served.callback(self._commands.serve("monitor:on", self._on))
            served.callback(self._commands.serve("monitor:at", self._at))
            served.callback(self._commands.serve("monitor:why", self._why))
            try:
                yield
            finally:
                leaving = (self._leave(open_) for open_ in list(self._by_user.values()))
                await asyncio.gather(*leaving, return_exceptions=True)
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    # What a listener says (a Watcher)

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        self._lines[server.name] = _Line(client, calls)

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        """Two calls that became one are one call to whoever is in it."""
        for change in changes:
            if change.kind != "merged" or change.merged_into is None:
                continue
            for open_ in self._by_user.values():
                if open_.monitor.call_id == change.call_id:
                    self._move(open_, dataclasses.replace(open_.monitor, call_id=change.merged_into))

    def told(self, server: str, event: str, message: Headers) -> None:
        match event:
            case "ChanSpyStart":
                self._spies(message)
            case "DTMFEnd":
                self._keyed(message)
            case "Hangup":
                self._gone(text(message, "Uniqueid"), "")
            case "OriginateResponse" if text(message, "Response") == "Failure":
                self._gone(text(message, "Uniqueid"), "Your phone did not answer.")

    def listed(self, server: str) -> None:
        self._start(self._sweep(server))

    # What is asked

    async def _begin(self, ask: MonitorAsk) -> Monitor:
        self._failed.pop(ask.user, None)
        if ask.mode not in ask.may:
            raise CommandRefused("You don't have the right to do this.")
        if not phones.PHONE.fullmatch(ask.phone):
            raise CommandRefused("Say which phone to ring: its number.")
        server, stage = self._stage(ask.call_id)
        party = _agent(stage)
        if party is None:
            raise CommandRefused("Nobody talks in this call yet.")
        if any(endpoint(each.channel).casefold() == ask.phone.casefold() for each in stage.parties):
            raise CommandRefused("This phone is in the call itself.")
        before = self._by_user.get(ask.user)
        if before is not None and before.uid == party.uid and before.server == server:
            if before.monitor.mode == ask.mode:
                return before.monitor
            if before.keys and before.monitor.state == "on":
                return await self._switch(before, ask.mode)
        if before is not None:
            await self._leave(before)
        return await self._ring(server, stage, party, ask)

    async def _end(self, user: str) -> None:
        open_ = self._by_user.get(user)
        if open_ is not None:
            await self._leave(open_)

    async def _of(self, user: str) -> Monitor | None:
        open_ = self._by_user.get(user)
        return None if open_ is None else open_.monitor

    async def _on(self, call_id: str) -> tuple[Monitor, ...]:
        return tuple(each.monitor for each in self._by_user.values() if each.monitor.call_id == call_id)

    async def _at(self, phone: str) -> tuple[Monitor, ...]:
        here = (each.monitor for each in self._by_user.values() if each.monitor.told and each.monitor.state == "on")
        return tuple(each for each in here if each.agent.casefold() == phone.casefold())

    async def _why(self, user: str) -> tuple[str, str] | None:
        """The call that could not be entered, and why, until the next wish."""
        return self._failed.get(user)

    # How it is done

    def _stage(self, call_id: str) -> tuple[str, Stage]:
        for name, line in self._lines.items():
            if (stage := line.follower.stage_of(CallId(call_id))) is not None:
                return name, stage
        raise CommandRefused("This call has already ended.")

    async def _ring(self, server: str, stage: Stage, party: Party, ask: MonitorAsk) -> Monitor:
        id_, keys = spies.new_id(self._mark), spies.switches(ask.may)
        monitor = Monitor(
            user=ask.user, by=ask.by, call_id=stage.call_id, mode=ask.mode, phone=ask.phone, state="ringing",
            since=time.time(), agent=endpoint(party.channel), agent_name=party.agent_name, channel_id=id_,
            told=ask.announce != "no",
        )  # fmt: skip
        open_ = _Open(monitor, server, party.uid, keys)
        self._by_user[ask.user] = self._by_channel[id_] = open_
        fields = spies.listening(
            party.uid, phone=ask.phone, mode=ask.mode, keys=keys, name=party.agent_name or party.agent, channel_id=id_
        )
        client = self._lines[server].client
        try:
            await client.act("Originate", fields, limit=LIMIT)
        except (AmiError, ValueError) as error:
            self._forget(open_)
            raise CommandRefused(
                words(error) if isinstance(error, AmiError) else "The text must be one line."
            ) from error
        self._tell(open_)
        if ask.announce == "tone":
            self._start(tell(client, party.uid, self._mark))
        return monitor

    async def _switch(self, open_: _Open, mode: Mode) -> Monitor:
        """As if the key had been pressed on the phone."""
        name = self._channel(open_)
        if name is None:
            raise CommandRefused("This call has already ended.")
        fields = {"Channel": name, "Digit": spies.KEYS[mode], "Receive": "true", "Duration": "100"}
        try:
            await self._lines[open_.server].client.act("PlayDTMF", fields, limit=LIMIT)
            async with asyncio.timeout(KEY_S):
                while open_.monitor.mode != mode and not open_.over.is_set():
                    open_.moved.clear()
                    await open_.moved.wait()
        except AmiError as error:
            raise CommandRefused(words(error)) from error
        except TimeoutError:
            raise CommandRefused("Asterisk did not switch; stop and begin anew.") from None
        return open_.monitor

    async def _leave(self, open_: _Open) -> None:
        """Hang up and wait until the phone is free. Again, where a phone was just answered: then Asterisk may not
        heed it the first time, and nobody may be left in a call unseen."""
        for _ in range(HANG_UPS):
            await self._hang_up(open_)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FREE_S):
                    await open_.over.wait()
                    return
            if self._channel(open_) is None:
                self._forget(open_)
                return
        raise CommandRefused("Asterisk did not end it: hang up your phone.")

    async def _hang_up(self, open_: _Open) -> None:
        name = self._channel(open_)
        if name is None:
            return
        with contextlib.suppress(AmiError):
            await self._lines[open_.server].client.act("Hangup", {"Channel": name, "Cause": "16"}, limit=LIMIT)

    def _channel(self, open_: _Open) -> str | None:
        """The name of its channel, which only Asterisk gives."""
        helpers = self._lines[open_.server].follower.helpers()
        return next((name for uid, name in helpers if uid == open_.monitor.channel_id), None)

    async def _sweep(self, server: str) -> None:
        """End what an earlier process of ours left in a call: nobody would see that it is there."""
        line = self._lines[server]
        for uid, name in line.follower.helpers():
            if uid.startswith(self._mark) and uid.removesuffix("-2") not in self._by_channel:
                with contextlib.suppress(AmiError):
                    await line.client.action("Hangup", {"Channel": name}, limit=LIMIT)
                    log.info("a supervisor's channel that an earlier process left behind was ended", channel=name)
        up = {uid for uid, _ in line.follower.helpers()}
        for open_ in list(self._by_user.values()):
            if open_.server == server and open_.monitor.channel_id not in up and open_.monitor.state == "on":
                self._gone(open_.monitor.channel_id, "")

    # What Asterisk tells

    def _spies(self, message: Headers) -> None:
        open_ = self._by_channel.get(text(message, "SpyerUniqueid"))
        if open_ is not None and open_.monitor.state == "ringing":
            self._move(open_, dataclasses.replace(open_.monitor, state="on", since=time.time()))

    def _keyed(self, message: Headers) -> None:
        open_ = self._by_channel.get(text(message, "Uniqueid"))
        if open_ is None or not open_.keys or text(message, "Direction") != "Received":
            return
        mode = spies.BY_KEY.get(text(message, "Digit"))
        if mode is not None and mode != open_.monitor.mode:
            self._move(open_, dataclasses.replace(open_.monitor, mode=mode))

    def _gone(self, uid: str, why: str) -> None:
        open_ = self._by_channel.get(uid)
        if open_ is not None:
            self._forget(open_, why)

    def _move(self, open_: _Open, monitor: Monitor) -> None:
        open_.monitor = monitor
        open_.moved.set()
        self._tell(open_)

    def _forget(self, open_: _Open, why: str = "") -> None:
        if self._by_channel.pop(open_.monitor.channel_id, None) is None:
            return
        if self._by_user.get(open_.monitor.user) is open_:
            del self._by_user[open_.monitor.user]
        if why:
            self._failed[open_.monitor.user] = (open_.monitor.call_id, why)
        open_.over.set()
        open_.moved.set()
        self._tell(open_, why)

    def _tell(self, open_: _Open, why: str = "") -> None:
        monitor, over = open_.monitor, open_.over.is_set()
        state = "over" if over else monitor.state
        news = {"call": monitor.call_id, "state": state, "mode": monitor.mode, "why": why}
        self._bus.publish(monitor_channel(monitor.user), news)
        if monitor.told:
            self._bus.publish(told_channel(monitor.agent), {"mode": None if over else monitor.mode})

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("monitoring failed at something; calls go on", exc_info=error)


def _agent(stage: Stage) -> Party | None:
    """Whose phone it is done at: who talks first, or waits for somebody put on hold."""
    inside = [party for party in stage.parties if not party.customer and party.call_id == stage.call_id]
    return next((party for party in inside if party.talks or party.held), None)
