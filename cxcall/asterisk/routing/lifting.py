"""Callers who wait are lifted as they grow older, so that those who are given a priority do not starve the others.

Every few seconds the queues in which somebody waits are asked who, and those whose time it is are moved
(QueueChangePriorityCaller with Immediate). Without published rules nothing is touched; nor is a queue in which all came
with the same priority while no rule gives any. At most so many queues are asked and callers moved at a time, one after
the other: Asterisk looks at them under the queue's lock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError, Refused
from cxcall.asterisk.ami.message import Headers, text
from cxcall.calls.board_shapes import BoardSnapshot
from cxcall.routing.ageing import Lift, Waiting, lifts, most_given
from cxcall.routing.call_back import PREFIX, id_of
from cxcall.routing.rule import RuleSet
from cxcall.store import call_backs, routing_decisions
from cxcall.store.errors import reason

log = structlog.get_logger(__name__)

LOOK_S = 3.0
"""How often it is looked who is to be lifted."""

QUEUES_AT_ONCE = 25
LIFTS_AT_ONCE = 50
LIMIT_S = 1.0
"""Seconds for Asterisk to answer."""

_READS_AT_ONCE = 20
"""Callers of whom the database is asked what they were given, after a restart."""

_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A caller as Asterisk tells of one: `joined` in epoch seconds, `priority` as it is now."""

    channel: str
    unique_id: str
    queue: str
    joined: float
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Came:
    """How a caller joined: since when they wait in truth, and the priority they were given."""

    joined: float
    given: int


class Lifter:
    """Lifts while `run` runs. `picture` gives the wallboard, `rules` what holds (None: nothing is published), `given`
    the priority a caller was given by this process."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        clients: Mapping[str, Client],
        picture: Callable[[], BoardSnapshot],
        rules: Callable[[], RuleSet | None],
        given: Callable[[str, str], int | None],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engine = engine
        self._clients = clients
        self._picture = picture
        self._rules = rules
        self._given = given
        self._clock = clock
        self._sleep = sleep
        self._came: dict[tuple[str, str, str], _Came] = {}
        self._next: dict[str, int] = {}
        self.lifted = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._sleep(LOOK_S)
            rules = self._rules()
            if rules is None or rules.age_every <= 0:
                continue
            for server, client in self._clients.items():
                try:
                    await self.look(server, client, rules)
                except AmiError as error:
                    log.debug("waiting callers are looked at later", server=server, error=str(error))
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("it can't be read what callers were given", server=server, error=reason(error))

    async def look(self, server: str, client: Client, rules: RuleSet) -> None:
        """Lift who is to be lifted on one server. Raises AmiError, SQLAlchemyError, OSError, TimeoutError."""
        if not client.connected:
            return
        entries = [entry for queue in self._turn(server) for entry in await self._entries(client, queue)]
        came = await self._came_of(server, entries)
        waiting = [
            Waiting(call=one.channel, queue=one.queue, joined=known.joined, given=known.given, now=one.priority)
            for one in entries
            if (known := came.get((server, one.queue, one.unique_id))) is not None
        ]
        due = lifts(waiting, self._clock(), every=rules.age_every, most=rules.age_most, gives=most_given(rules))
        for lift in due[:LIFTS_AT_ONCE]:
            await self._lift(client, lift)

    def _turn(self, server: str) -> list[str]:
        """The queues to ask now; where more have callers than can be asked at a time the others are next."""
        queues = [tile.name for tile in self._picture().queues.values() if tile.server == server and tile.waiting]
        if len(queues) <= QUEUES_AT_ONCE:
            return queues
        begin = self._next.get(server, 0) % len(queues)
        self._next[server] = begin + QUEUES_AT_ONCE
        return (queues + queues)[begin : begin + QUEUES_AT_ONCE]

    async def _entries(self, client: Client, queue: str) -> list[Entry]:
        asked = await client.listing("QueueStatus", {"Queue": queue, "Member": "none"}, limit=LIMIT_S)
        return read(asked, self._clock())

    async def _came_of(self, server: str, entries: Iterable[Entry]) -> dict[tuple[str, str, str], _Came]:
        """How each of them came; who is not known yet and can't be read now is looked at the next time."""
        reads = 0
        for one in entries:
            key = (server, one.queue, one.unique_id)
            if key in self._came:
                continue
            given = self._given(server, one.unique_id)
            if given is not None:
                self._came[key] = _Came(joined=one.joined, given=given)
            elif reads < _READS_AT_ONCE:
                reads += 1
                self._came[key] = await self._read(server, one)
        while len(self._came) > _MOST:
            del self._came[next(iter(self._came))]
        return self._came

    async def _read(self, server: str, one: Entry) -> _Came:
        """What the database knows of somebody this process did not send: after a restart, or a call-back."""
        async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
            if one.unique_id.startswith(PREFIX):
                promised = await call_backs.get(conn, id_of(one.unique_id))
                if promised is not None:
                    return _Came(joined=promised.joined_at.timestamp(), given=promised.priority)
            decided = await routing_decisions.of_channel(conn, server, one.unique_id)
        given = decided.decision.result.priority if decided is not None else 0
        return _Came(joined=one.joined, given=given)

    async def _lift(self, client: Client, lift: Lift) -> None:
        fields = {"Queue": lift.queue, "Caller": lift.call, "Priority": str(lift.priority), "Immediate": "yes"}
        try:
            await client.action("QueueChangePriorityCaller", fields, limit=LIMIT_S)
        except Refused as error:  # answered or gone meanwhile
            log.debug("a caller was not lifted", queue=lift.queue, error=str(error))
        else:
            self.lifted += 1


def read(items: Iterable[Headers], now: float) -> list[Entry]:
    """Who waits, in the events of a QueueStatus."""
    found = []
    for item in items:
        if text(item, "Event") != "QueueEntry":
            continue
        found.append(
            Entry(
                channel=text(item, "Channel"),
                unique_id=text(item, "Uniqueid"),
                queue=text(item, "Queue"),
                joined=now - _number(text(item, "Wait")),
                priority=_number(text(item, "Priority")),
            )
        )
    return found


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else 0
