"""Hours on their way into Asterisk: which servers have queues of a calendar, and what became of telling them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import LONG, Applied, RenewQueues
from cxcall.store import audit, queue_servers, queues
from cxcall.store.queues import KeptQueue
from cxcall.web.access import user_of
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.listener_words import said
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

AWAY = N_("Nobody listens to this Asterisk now.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A server that has not taken it, and why."""

    server: str
    why: str


def goes_by(queue: KeptQueue, calendar_id: str) -> bool:
    """Whether a queue's draft or what Asterisk has names these hours."""
    return any(one is not None and one.calendar == calendar_id for one in (queue.draft, queue.applied))


async def renew(request: web.Request, calendar_id: str) -> Sequence[Untold]:
    """Have Asterisk know a calendar as it is now; gives the servers that did not take it."""
    async with request.app[ENGINE].connect() as conn:
        using = {
            queue.server
            for queue in await queues.everything(conn)
            if queue.applied is not None and queue.applied.calendar == calendar_id
        }
        managed = {one.server for one in await queue_servers.everything(conn) if one.mode == "managed"}
    found = []
    for server in sorted(using & managed):
        why = await _renew(request, server)
        if why:
            found.append(Untold(server=server, why=why))
    return found


async def _renew(request: web.Request, server: str) -> str:
    ask = RenewQueues(server=server, by=user_of(request).name)
    try:
        done: Applied = await request.app[COMMANDS].ask("queues:renew", ask, timeout=LONG)
    except NoAnswer:
        return _(AWAY)
    except CommandRefused as refused:
        return said(str(refused))
    return "" if done.outcome in ("applied", "unchanged") else said(done.problem)


async def note(request: web.Request, conn: AsyncConnection, act: str, subject: str, **details: Any) -> None:
    """Write down what the reader did."""
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=subject, details=details,
        address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip
