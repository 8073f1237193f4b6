"""What the pages of queues read alike: the queue of the address, people, prompts, hours, and what Asterisk knows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import QueuesAsk, ServerQueues, SwitchFacts
from cxcall.problem import Problem
from cxcall.queues.checks import of_removal, problems
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.facts import Facts
from cxcall.queues.hours import Calendar, Closure
from cxcall.queues.line import Files, read_files
from cxcall.queues.membership import People
from cxcall.store import (
    audit,
    calendars,
    closures,
    prompts,
    queue_people,
    queue_servers,
    queue_sounds,
    queue_versions,
    queues,
    users,
)
from cxcall.store.queues import KeptQueue
from cxcall.store.users import User
from cxcall.web.access import user_of
from cxcall.web.keys import COMMANDS, ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages.queues.words import DONE
from cxcall.web.presentation import current
from cxcall.web.render import Done
from cxcall.web.words import gettext as _

READ_S = 8.0
ASKED_S = 4.0
REMEMBERED_S = 30.0
AWAY_S = 5.0
"""An Asterisk that did not answer is asked again sooner: people wait for it to be back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a draft is checked against and shown with, as of one moment.

    `switch` None: Asterisk did not say. `written` and `standing`: the files it was given last, and the queues they
    were made of. `sounds`: what it plays for a prompt.
    """

    kept: Sequence[KeptQueue]
    people: People
    users: Mapping[str, User]
    prompts: Sequence[str]
    calendars: Mapping[str, Calendar]
    closures: Sequence[Closure]
    mode: str
    version: int | None
    switch: SwitchFacts | None
    written: Files = field(default_factory=Files)
    standing: Sequence[QueueDefinition] = ()
    sounds: Mapping[str, str] = field(default_factory=dict)

    def facts(self, queue: KeptQueue, at: datetime | None = None) -> Facts:
        """What is known beside `queue`; `at`: the moment that counts as now."""
        drafts = {one.name: one.draft for one in self.kept if one.draft is not None}
        switch = self.switch
        observed = frozenset(one.name for one in self.kept if one.kind == "observed")
        return Facts(
            queues=drafts,
            before=queue.applied,
            foreign=observed | ((switch.foreign if switch else None) or frozenset()),
            people=self.people,
            phones=switch.phones if switch else None,
            music=switch.music if switch else None,
            prompts=frozenset(self.prompts),
            silent=frozenset(self.prompts) - self.sounds.keys(),
            numbers=self._extensions(),
            calendars=self.calendars,
            closures=tuple(self.closures),
            now=(at or current().now).timestamp(),
        )

    def problems(self, queue: KeptQueue, draft: QueueDefinition) -> Sequence[Problem]:
        return problems(draft, self.facts(queue))

    def removal_problems(self, queue: KeptQueue) -> Sequence[Problem]:
        """What speaks against taking a queue away."""
        return of_removal(queue.name, self.facts(queue))

    def faults(self, queue: KeptQueue) -> Sequence[Problem]:
        """What keeps a draft, or a removal, from being applied."""
        found = self.removal_problems(queue) if queue.draft is None else self.problems(queue, queue.draft)
        return [one for one in found if one.severity == "error"]

    def _extensions(self) -> Mapping[str, str]:
        """Numbers that ring somebody, by whom."""
        return {
            extension.rpartition("/")[2]: user.display_name or user.name
            for user in self.users.values()
            for extension in user.extensions
        }


class Switches:
    """What each Asterisk has, remembered for half a minute: a draft is checked at every pause in typing."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, SwitchFacts | None]] = {}

    async def of(self, request: web.Request, server: str, *, fresh: bool = False) -> SwitchFacts | None:
        known = self._known.get(server)
        if known is not None and not fresh:
            age = time.monotonic() - known[0]
            if age < (REMEMBERED_S if known[1] is not None else AWAY_S):
                return known[1]
        found: SwitchFacts | None = None
        with suppress(NoAnswer, CommandRefused):  # its checks are left out, and the page says that Asterisk is away
            found = await request.app[COMMANDS].ask("queues:facts", QueuesAsk(server=server), timeout=ASKED_S)
        self._known[server] = (time.monotonic(), found)
        return found


SWITCHES: web.AppKey[Switches] = web.AppKey("queue_switches", Switches)


def server_names(request: web.Request) -> list[str]:
    return [server.name for server in request.app[SETTINGS].ami]


async def opened(conn: AsyncConnection, request: web.Request) -> KeptQueue:
    """The queue the address names. Raises 404."""
    queue = await queues.get(conn, request.match_info["server"], request.match_info["name"])
    if queue is None:
        raise web.HTTPNotFound
    return queue


async def queue_of(request: web.Request) -> KeptQueue:
    async with request.app[ENGINE].connect() as conn:
        return await opened(conn, request)


async def around(request: web.Request, server: str, *, fresh: bool = False) -> Around:
    """Everything beside the queues of `server`. `fresh`: Asterisk is asked again."""
    switch = await request.app[SWITCHES].of(request, server, fresh=fresh)
    async with request.app[ENGINE].connect() as conn:
        chosen = await queue_servers.get(conn, server)
        everyone = [user for user in await users.everyone(conn) if not user.disabled]
        version = await queue_versions.standing(conn, server)
        return Around(
            kept=await queues.of_server(conn, server),
            people=await queue_people.people(conn, server, dial=switch.dial if switch else "PJSIP/"),
            users={user.id: user for user in everyone},
            prompts=sorted(prompt.name for prompt in await prompts.everything(conn)),
            calendars={one.id: one.calendar for one in await calendars.everything(conn)},
            closures=[one.closure for one in await closures.standing(conn, now=current().now, server=server)],
            mode=chosen.mode if chosen else "observe",
            version=chosen.applied_version if chosen else None,
            switch=switch,
            written=read_files(version.text) if version else Files(),
            standing=version.definitions if version else (),
            sounds=await queue_sounds.sounds_of(conn, request.app[SETTINGS], server),
        )


async def live(request: web.Request, server: str) -> ServerQueues | None:
    """The queues as Asterisk has them now; None when nobody here listens to it."""
    try:
        found: ServerQueues = await request.app[COMMANDS].ask("queues:read", QueuesAsk(server=server), timeout=READ_S)
    except (NoAnswer, CommandRefused):
        return None
    return found


async def states(request: web.Request) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """What each agent does now, by server and user; by server and interface as well."""
    try:
        told = await request.app[COMMANDS].ask("agents:all", None, timeout=2.0)
    except (NoAnswer, CommandRefused):
        return {}
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in told:
        for name in (one["user_id"], one["device"], *one["interfaces"]):
            if name:
                found[one["server"], name] = one
    return found


async def note_act(request: web.Request, conn: AsyncConnection, act: str, subject: str, **details: Any) -> None:
    """Write down who did what, in the transaction that does it."""
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=subject, details=details or None,
        address=address_of(request), at=current().now,
    )  # fmt: skip


def done_of(request: web.Request, undo: str = "") -> Done | None:
    """The sentence for what was just done."""
    text = DONE.get(request.query.get("done", ""))
    return Done(text=_(text), undo=undo) if text else None


def setup(app: web.Application) -> None:
    app[SWITCHES] = Switches()
