"""`/closures`: queues closed now, with an end or without, and opened again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import QUEUES, CloseQueue, OpenQueue
from cxcall.queues.hours import Closure
from cxcall.store import closures, queues
from cxcall.store.closures import KeptClosure, NoSuchClosure
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.keys import BUS, COMMANDS
from cxcall.web.problems import Problem

ROLES = tuple(sorted(OVERSEERS))
ASKED_S = 20.0


class NewClosure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`queue` "": all of the server that cxcall writes. `until` null: until it is opened. `prompt`: what callers hear
    first. `waiting`: whether those who wait already stay and are answered, or leave as the queue goes when closed."""

    server: str
    queue: str = ""
    until: Time | None = None
    prompt: Annotated[str, msgspec.Meta(max_length=200)] = ""
    why: Annotated[str, msgspec.Meta(max_length=200)] = ""
    waiting: Literal["stay", "leave"] = "stay"


class ShownClosure(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    server: str
    queue: str
    until: Time | None
    prompt: str
    why: str
    by: str
    waiting: Literal["stay", "leave"]


class ClosureList(msgspec.Struct, frozen=True, kw_only=True):
    """What is closed now; it is never long."""

    items: list[ShownClosure]


async def list_closures(asked: Asked[None, None]) -> ClosureList:
    async with asked.engine.connect() as conn:
        return ClosureList(items=[_shown(kept) for kept in await closures.standing(conn, now=asked.now)])


async def close(asked: Asked[None, NewClosure]) -> ShownClosure:
    """New callers go where the queue sends them when it is closed, from now on, also when cxcall does not run."""
    body = asked.body
    if body.until is not None and body.until <= asked.now:
        raise Problem(422, "This is over already.", errors=[{"detail": "This is over already.", "pointer": "#/until"}])
    async with asked.engine.connect() as conn:
        mine = [one.name for one in await queues.of_server(conn, body.server) if one.applied is not None]
    if not mine or (body.queue and body.queue not in mine):
        raise Problem(404, "cxcall writes no such queue into Asterisk.")
    closure = Closure(
        queue=body.queue, until=body.until.timestamp() if body.until else None, prompt=body.prompt,
        by=asked.who.shown_name, since=asked.now.timestamp(), why=body.why, waiting=body.waiting,
    )  # fmt: skip
    ask = CloseQueue(server=body.server, queue=body.queue, until=closure.until, prompt=closure.prompt)
    await _asked(asked, "queues:close", ask)
    try:
        async with asked.engine.begin() as conn:
            kept = await closures.close(conn, body.server, closure, now=asked.now)
            await note_act(asked, conn, "queue.close", f"queue:{body.server}:{body.queue}")
    except Conflict as error:
        raise Problem(409, "Somebody else closed it at this moment.") from error
    _tell(asked, kept)
    return _shown(kept)


async def reopen(asked: Asked[None, None]) -> None:
    """Open again before its time."""
    async with asked.engine.connect() as conn:
        standing = await closures.standing(conn, now=asked.now)
    kept = next((one for one in standing if one.id == asked.path["id"]), None)
    if kept is None:
        raise Problem(404, str(NoSuchClosure.__doc__))
    await _asked(asked, "queues:open", OpenQueue(server=kept.server, queue=kept.closure.queue))
    try:
        async with asked.engine.begin() as conn:
            await closures.lift(conn, kept.id, by=asked.who.shown_name, now=asked.now)
            await note_act(asked, conn, "queue.open", f"queue:{kept.server}:{kept.closure.queue}")
    except NoSuchClosure as error:
        raise Problem(404, str(error)) from error
    _tell(asked, kept)


async def _asked(asked: Asked[Any, Any], name: str, act: Any) -> None:
    """Have Asterisk do it first: when it does not, nothing was done."""
    try:
        await asked.request.app[COMMANDS].ask(name, act, timeout=ASKED_S)
    except NoAnswer as error:
        raise Problem(503, "Nobody listens to this Asterisk now.") from error
    except CommandRefused as error:
        raise Problem(409, str(error)) from error


def _tell(asked: Asked[Any, Any], kept: KeptClosure) -> None:
    news = {"server": kept.server, "version": None, "outcome": "closure", "by": asked.who.name}
    asked.request.app[BUS].publish(QUEUES, news)


def _shown(kept: KeptClosure) -> ShownClosure:
    closure = kept.closure
    until = None if closure.until is None else datetime.fromtimestamp(closure.until, UTC)
    return ShownClosure(
        id=kept.id, server=kept.server, queue=closure.queue, until=until, prompt=closure.prompt, why=closure.why,
        by=closure.by, waiting=closure.waiting,
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/closures", handler=list_closures, summary="List what is closed now", tag="queues",
        scope=Scope.QUEUES_READ, roles=ROLES, gives=ClosureList,
    ),
    Endpoint(
        method="POST", path="/closures", handler=close, summary="Close a queue now", tag="queues",
        scope=Scope.QUEUES_WRITE, roles=ROLES, body=NewClosure, gives=ShownClosure, status=201,
        problems=(404, 409, 503),
    ),
    Endpoint(
        method="DELETE", path="/closures/{id}", handler=reopen, summary="Open a queue again", tag="queues",
        scope=Scope.QUEUES_WRITE, roles=ROLES, status=204, problems=(404, 409, 503),
    ),
)  # fmt: skip
