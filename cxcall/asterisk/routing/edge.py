"""Everything about routing that runs beside the listener, put together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.following import Follower
from cxcall.asterisk.routing import switch_rules
from cxcall.asterisk.routing.deciding import Decider
from cxcall.asterisk.routing.gathering import Gathering, Rules
from cxcall.asterisk.routing.keeping import Decisions
from cxcall.asterisk.routing.library import Known, Library
from cxcall.asterisk.routing.lifting import Lifter
from cxcall.bus import Bus, Commands, Message
from cxcall.bus.queues import QUEUES
from cxcall.bus.routing import DECIDE, FLOOR, STATUS, SWITCH_RULES, TRY, RouteStatus
from cxcall.calls.board_shapes import BoardSnapshot
from cxcall.calls.changes import Change
from cxcall.routing.rule import RuleSet
from cxcall.settings import Ami, Settings
from cxcall.store.facts_cache import FactsCache

log = structlog.get_logger(__name__)

RULES_S = 30.0
"""How often Asterisk is asked which queue rules it has."""

_SOON_S = 1.0
"""After something was written: Asterisk is reading it."""


class RoutingEdge:
    """A watcher of calls; serves `route:…` and lifts callers while `run` runs. `picture` gives the wallboard."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        picture: Callable[[], BoardSnapshot],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._bus = bus
        self._commands = commands
        self._clients: dict[str, Client] = {}
        self._switch_rules: dict[str, Rules] = {}
        self._due = asyncio.Event()
        self._library = Library(engine=engine, bus=bus, now=now)
        self._decisions = Decisions(engine=engine, bus=bus)
        self._facts = FactsCache(engine)
        gathering = Gathering(
            library=self._library, country=settings.site.country, picture=picture, rules_of=self.rules_of
        )
        self._decider = Decider(
            settings=settings, engine=engine, facts=self._facts, commands=commands, library=self._library,
            gathering=gathering, keep=self._decisions.put, followed=self._followed, now=now,
        )  # fmt: skip
        self._lifter = Lifter(
            engine=engine, clients=self._clients, picture=picture, rules=self._published, given=self._decider.given
        )

    # As a watcher

    def attach(self, server: Ami, client: Client, calls: Follower) -> None:
        self._clients[server.name] = client

    def heard(self, server: str, changes: Sequence[Change]) -> None:
        """Calls are asked for when they ask."""

    def told(self, server: str, event: str, message: Headers) -> None:
        """Nothing of these events concerns a decision."""

    def listed(self, server: str) -> None:
        self._due.set()

    # At work

    async def run(self) -> None:
        """Until cancelled; decisions that were given are still written."""
        served: dict[str, Callable[[Any], Awaitable[Any]]] = {
            DECIDE: self._decider.serve,
            TRY: self._decider.try_out,
            FLOOR: self._decider.floor,
            STATUS: self._tell,
            SWITCH_RULES: self._tell_rules,
        }
        with contextlib.ExitStack() as until:
            for name, handler in served.items():
                until.callback(self._commands.serve(name, handler))
            until.callback(self._bus.subscribe(QUEUES, self._written))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._library.run())
                group.create_task(self._facts.run())
                group.create_task(self._decisions.run())
                group.create_task(self._lifter.run())
                group.create_task(self._ask_rules())

    def rules_of(self, server: str) -> Rules:
        """Queue rules that an Asterisk has and published rules may ask for."""
        return self._switch_rules.get(server, {})

    def status(self) -> RouteStatus:
        """How decisions are doing in this process."""
        return RouteStatus(
            version=self._library.known.version,
            decided=self._decider.decided,
            failed=self._decider.failed,
            left_out=self._decider.left_out,
            waiting=self._decisions.waiting,
            lost=self._decisions.lost,
            lifted=self._lifter.lifted,
        )

    def _followed(self, server: str) -> bool:
        client = self._clients.get(server)
        return client is None or client.connected

    def _published(self) -> RuleSet | None:
        known = self._library.known
        return known.rules if known.version else None

    async def _tell(self, _: object) -> RouteStatus:
        return self.status()

    async def _tell_rules(self, server: str) -> Rules:
        return self.rules_of(server)

    def _written(self, _: Message) -> None:
        self._due.set()

    # What Asterisk can widen

    async def _ask_rules(self) -> None:
        """Again when rules were published, when queues were written, when Asterisk came back, and every so often."""
        await self._library.ready.wait()
        while True:
            self._due.clear()
            known = self._library.known
            for server, client in self._clients.items():
                await self._ask_rules_of(server, client, known)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RULES_S):
                    await self._changed(known)
                    await asyncio.sleep(_SOON_S)

    async def _ask_rules_of(self, server: str, client: Client, known: Known) -> None:
        wanted = switch_rules.candidates(known.rules, known.queues.get(server, frozenset()))
        if not wanted:
            self._switch_rules[server] = {}
        elif client.connected:
            try:
                self._switch_rules[server] = await switch_rules.read(client, wanted)
            except AmiError as error:
                log.warning("queue rules can't be asked for", server=server, error=str(error))

    async def _changed(self, known: Known) -> None:
        while not self._due.is_set() and self._library.known.version == known.version:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SOON_S):
                    await self._due.wait()
