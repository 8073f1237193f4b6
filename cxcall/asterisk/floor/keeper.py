"""Keeps the wallboard while calls go on: feeds it, and tells what changed at most twice a second.

Calls come from the listener at the moment they change; of each only the newest change waits for the next look, so a
storm of events costs one record a call. Agents come from the channel `agents`, moods from `speech`. What was before the
start, or passed by while we were away, comes from the database; it is read again when a call ended that nobody here
heard of. A database that is away delays only that.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.floor.board_memory import BoardMemory
from cxcall.asterisk.floor.mailboxes import Mailboxes
from cxcall.asterisk.following import Follower
from cxcall.bus import Bus, CommandRefused, Commands, Message, NoAnswer
from cxcall.bus.board import BOARD, OPEN, SNAPSHOT
from cxcall.bus.queues import QUEUES
from cxcall.bus.speech import SPEECH
from cxcall.calls.board import Board
from cxcall.calls.board_calls import Patience
from cxcall.calls.board_patches import patch
from cxcall.calls.board_shapes import BoardSnapshot, Seat, ServerLife, open_view
from cxcall.calls.changes import Change
from cxcall.settings import Ami, Settings

log = structlog.get_logger(__name__)

PACE = 0.5
"""Seconds between two patches."""

IDLE = 1.0
"""Seconds after which the time alone may have changed something."""

WHOLE_S = 3.0
"""Seconds that a page just after the start waits for a board that knows the day, before it gets what there is."""

_TURN = 25
"""Calls told before others have their turn."""

_MOST_HEARD = 50_000

Look = Callable[[BoardSnapshot], None]


class FloorKeeper:
    """A watcher of calls. Serves `board:snapshot` and publishes `board` and `board:open` while `run` runs."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        clock: Callable[[], float] = time.time,
    ) -> None:
        patience = Patience(hold=settings.floor.hold, talk=settings.floor.talk)
        self.board = Board(ZoneInfo(settings.site.timezone), patience)
        self._bus = bus
        self._commands = commands
        self._clock = clock
        self._followers: dict[str, Follower] = {}
        self._clients: dict[str, Client] = {}
        self._changed: dict[str, Change] = {}
        self._merged: set[str] = set()
        self._listed: set[str] = set()
        self._known: set[str] = set()
        self._heard: set[str] = set()
        self._looks: list[Look] = []
        self._shown: BoardSnapshot | None = None
        self._memory = BoardMemory(board=self.board, engine=engine, clock=clock, told=self._read)
        self._whole = asyncio.Event()
        self._something = asyncio.Event()
        self._mailboxes = Mailboxes(board=self.board, clients=self._clients, told=self._something.set)

    # As a watcher: all of these only note what has to be done

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        self._followers[server.name] = calls
        self._clients[server.name] = client

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind == "merged" and change.merged_into is not None:
                self._changed.pop(change.call_id, None)
                self._heard.discard(change.call_id)
                self._merged.add(change.call_id)
                self.board.forget(change.call_id)
                self._changed.setdefault(change.merged_into, change)
            else:
                self._changed[change.call_id] = change
                self._heard.add(change.call_id)
        self._something.set()

    def told(self, server: str, event: str, message: Headers) -> None:
        pass

    def listed(self, server: str) -> None:
        self._listed.add(server)
        self._known.add(server)
        self.board.server(server, ServerLife(live=True, since=self._clock()))
        self._something.set()

    # For those who watch the board

    def snapshot(self) -> BoardSnapshot:
        """The board as it was last told."""
        return self._shown or self.board.at(self._clock())

    def watch(self, look: Look) -> Callable[[], None]:
        """Call `look` with every picture, at most twice a second; the returned function ends that."""
        self._looks.append(look)
        return lambda: self._looks.remove(look)

    async def run(self) -> None:
        """Until cancelled."""
        heard = {
            "agents": self._agents,
            "asterisk": self._servers,
            "calls": self._written,
            SPEECH: self._speech,
            "surveys": lambda _: self._memory.answers.set(),
            QUEUES: lambda _: self._memory.facts.set(),
        }
        with contextlib.ExitStack() as served:
            for channel, hear in heard.items():
                served.callback(self._bus.subscribe(channel, hear))
            served.callback(self._commands.serve(SNAPSHOT, self._tell))
            await self._ask_agents()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._memory.run())
                group.create_task(self._mailboxes.run())
                group.create_task(self._show())

    # What is heard

    def _agents(self, message: Message) -> None:
        self._take_agents(message.data.get("agents", ()), message.data.get("gone", ()))

    def _take_agents(self, agents: Sequence[Any], gone: Sequence[str] = ()) -> None:
        try:
            self.board.seats([msgspec.convert(agent, Seat) for agent in agents], gone)
        except msgspec.ValidationError:
            log.exception("agents the wallboard can't read")
        self._something.set()

    async def _ask_agents(self) -> None:
        """Those known before we listened; when nobody knows them yet, they come on the channel."""
        with contextlib.suppress(NoAnswer, CommandRefused):
            self._take_agents(await self._commands.ask("agents:all", None))

    def _servers(self, message: Message) -> None:
        for status in message.data:
            since = datetime.fromisoformat(status["since"]).timestamp()
            self.board.server(status["server"], ServerLife(live=status["state"] == "connected", since=since))
        self._something.set()

    def _speech(self, message: Message) -> None:
        news, now = message.data, self._clock()
        call = news.get("call")
        if call is None:
            return
        if news.get("over"):
            self.board.unheard(call)
        elif news.get("alert"):
            self.board.alert(call, now)
            self._memory.alerts.set()
        else:
            self.board.mood(call, news.get("mood"), news.get("trend") or "", now)
        self._something.set()

    def _written(self, message: Message) -> None:
        """A call is in the database; one that ended and that we never heard of was told of while we were away."""
        call = message.data["id"]
        if message.data.get("ended_at") is None:
            return
        if call not in self._heard:
            self._memory.visits.set()
        self._heard.discard(call)

    def _read(self, part: str) -> None:
        """Something of the database is in the board."""
        if part == "visits":
            self._listed |= self._known  # of those who waited some are gone since: Asterisk has told who is there
        self._something.set()

    # What is shown

    async def _show(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    await self._something.wait()
            self._something.clear()
            told = clock()
            try:
                await self._take()
                told = clock()
                self._tell_changes(self.board.at(self._clock()))
            except Exception:
                log.exception("the wallboard can't be told")
            await asyncio.sleep(max(0.0, told + PACE - clock()))

    async def _take(self) -> None:
        """Into the board what changed since the last look, a few calls at a time."""
        for server in tuple(self._listed):
            await self._take_listed(server)
        changed, self._changed = self._changed, {}
        for n, (call, change) in enumerate(changed.items(), 1):
            if call not in self._merged:  # it may have become part of another one while others had their turn
                self._tell_board(change)
            if n % _TURN == 0:
                await asyncio.sleep(0)
        self._merged.clear()
        if len(self._heard) > _MOST_HEARD:
            self._heard.clear()
            self._memory.visits.set()

    def _tell_board(self, change: Change) -> None:
        try:
            self.board.call(change.record())
        except Exception:
            log.exception("a call can't be told", call=change.call_id)

    async def _take_listed(self, server: str) -> None:
        """All that is up, as Asterisk and the journal tell it: also calls from before the start."""
        self._listed.discard(server)
        follower = self._followers[server]
        up = list(follower.open_calls())
        for n, call in enumerate(up, 1):
            record = follower.record(call)
            if record is not None:
                self.board.call(record)
                self._heard.add(call)
            if n % _TURN == 0:
                await asyncio.sleep(0)
        self.board.lost(server, follower.open_calls())

    def _tell_changes(self, now: BoardSnapshot) -> None:
        before, self._shown = self._shown, now
        if now.complete:
            self._whole.set()
        if before is not None:
            if now.day != before.day:
                self._memory.visits.set()
                self._memory.answers.set()
            changed = patch(before, now)
            if changed is not None:
                self._bus.publish(BOARD, changed)
                if len(seen := open_view(changed)) > 1:
                    self._bus.publish(OPEN, seen)
        for look in tuple(self._looks):
            try:
                look(now)
            except Exception:
                log.exception("who watches the wallboard failed")

    async def _tell(self, _: object) -> BoardSnapshot:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WHOLE_S):
                await self._whole.wait()
        return self.snapshot()
