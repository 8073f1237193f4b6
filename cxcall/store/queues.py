"""Queues as people set them up: the draft that is worked on, what Asterisk was given, how a queue is shown.

A managed queue is one that cxcall writes; an observed one somebody else defines, and cxcall only adds how it looks and
what it is to reach. A name stays with its queue for good: calls and figures go by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.definition import QueueDefinition, QueueLook
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.queue_tables import queues
from cxcall.store.upsert import insert_into

Kind = Literal["managed", "observed"]

_definition = msgspec.json.Decoder(QueueDefinition)
_look = msgspec.json.Decoder(QueueLook)


class NoSuchQueue(Exception):
    """There is no such queue (any more)."""


class QueueNameTaken(Exception):
    """The server has a queue of this name; choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptQueue:
    """A queue of a server. `version` counts the changes of draft and look, 1: none yet; `updated_by` is a login name,
    "" where cxcall found the queue itself. `draft` is None of an observed queue and of one that is to be removed;
    `applied` is what Asterisk has of it, None: nothing yet."""

    id: str
    server: str
    name: str
    version: int
    kind: Kind
    draft: QueueDefinition | None
    applied: QueueDefinition | None
    look: QueueLook
    updated_at: datetime
    updated_by: str

    @property
    def changed(self) -> bool:
        """Whether Asterisk does not have it as it is drafted."""
        return self.kind == "managed" and self.draft != self.applied

    @property
    def removing(self) -> bool:
        """Whether it goes with what is applied next."""
        return self.kind == "managed" and self.draft is None

    @property
    def shown(self) -> QueueLook:
        """How it looks and what it is to reach now: a managed queue as it was applied, before that as drafted."""
        definition = self.applied or self.draft
        return self.look if self.kind == "observed" or definition is None else look_of(definition)


def first_numbers(kept: Iterable[KeptQueue]) -> dict[str, str]:
    """What is dialled to get into each queue that has a number at Asterisk, by its name."""
    return {one.name: one.applied.numbers[0] for one in kept if one.applied is not None and one.applied.numbers}


def look_of(definition: QueueDefinition) -> QueueLook:
    """What a definition says of a queue's look."""
    return QueueLook(
        title=definition.title, colour=definition.colour, wrap_up=definition.wrap_up, targets=definition.targets
    )


async def create(
    conn: AsyncConnection, server: str, definition: QueueDefinition, *, by: str, now: datetime
) -> KeptQueue:
    """Draft a new managed queue. Raises `QueueNameTaken`."""
    row = _row(server, definition.name, kind="managed", draft=definition, now=now, by=by)
    insert = insert_into(conn, queues).values(row).on_conflict_do_nothing().returning(*queues.c)
    made = (await conn.execute(insert)).first()
    if made is None:
        raise QueueNameTaken(QueueNameTaken.__doc__)
    return _of_row(made)


async def observe(conn: AsyncConnection, server: str, names: Iterable[str], *, now: datetime) -> int:
    """Keep rows for queues that were seen on a server, and leave those that are kept alone; how many were added."""
    rows = [_row(server, name, kind="observed", draft=None, now=now, by="") for name in dict.fromkeys(names)]
    if not rows:
        return 0
    known = set((await conn.scalars(select(queues.c.name).where(queues.c.server == server))).all())
    new = [row for row in rows if row["name"] not in known]
    if new:
        await conn.execute(insert_into(conn, queues).on_conflict_do_nothing(), new)
    return len(new)


async def get(conn: AsyncConnection, server: str, name: str) -> KeptQueue | None:
    """A queue by server and name."""
    row = (await conn.execute(select(queues).where(*_key(server, name)))).first()
    return _of_row(row) if row else None


async def by_id(conn: AsyncConnection, queue_id: str) -> KeptQueue | None:
    """A queue by id."""
    row = (await conn.execute(select(queues).where(queues.c.id == queue_id))).first()
    return _of_row(row) if row else None


async def of_server(conn: AsyncConnection, server: str) -> list[KeptQueue]:
    """A server's queues by name."""
    query = select(queues).where(queues.c.server == server).order_by(queues.c.name)
    return [_of_row(row) for row in await conn.execute(query)]


async def everything(conn: AsyncConnection) -> list[KeptQueue]:
    """All queues, by server and name."""
    return [_of_row(row) for row in await conn.execute(select(queues).order_by(queues.c.server, queues.c.name))]


async def looks(conn: AsyncConnection) -> dict[tuple[str, str], QueueLook]:
    """How each queue is shown and what it is to reach, by server and name."""
    return {(kept.server, kept.name): kept.shown for kept in await everything(conn)}


async def counts(conn: AsyncConnection) -> dict[str, tuple[int, int]]:
    """How many queues each server has, and how many of them Asterisk does not have as they are drafted."""
    found: dict[str, tuple[int, int]] = {}
    for kept in await everything(conn):
        all_, changed = found.get(kept.server, (0, 0))
        found[kept.server] = (all_ + 1, changed + kept.changed)
    return found


async def save_draft(
    conn: AsyncConnection,
    server: str,
    name: str,
    definition: QueueDefinition | None,
    *,
    version: int,
    by: str,
    now: datetime,
) -> KeptQueue:
    """Save a managed queue's draft, None: it is to be removed. Raises `Conflict` (with the queue), `NoSuchQueue`."""
    values = {"draft": _text(_named(definition, name))}
    return await _write(conn, server, name, values, kind="managed", version=version, by=by, now=now)


async def save_look(
    conn: AsyncConnection, server: str, name: str, look: QueueLook, *, version: int, by: str, now: datetime
) -> KeptQueue:
    """Save how an observed queue is shown. Raises `Conflict`, `NoSuchQueue`."""
    return await _write(conn, server, name, {"look": _text(look)}, kind="observed", version=version, by=by, now=now)


async def adopt(
    conn: AsyncConnection, server: str, name: str, definition: QueueDefinition, *, version: int, by: str, now: datetime
) -> KeptQueue:
    """Draft an observed queue as one that cxcall writes. Raises `Conflict`, `NoSuchQueue`."""
    values = {"kind": "managed", "draft": _text(_named(definition, name)), "applied": None}
    return await _write(conn, server, name, values, kind="observed", version=version, by=by, now=now)


async def release(conn: AsyncConnection, server: str, name: str, *, version: int, by: str, now: datetime) -> KeptQueue:
    """Only watch a managed queue from now on; it looks as it did. Raises `Conflict`, `NoSuchQueue`."""
    kept = await _there(conn, server, name)
    values = {"kind": "observed", "draft": None, "applied": None, "look": _text(kept.shown)}
    return await _write(conn, server, name, values, kind="managed", version=version, by=by, now=now)


async def discard(
    conn: AsyncConnection, server: str, name: str, *, version: int, by: str, now: datetime
) -> KeptQueue | None:
    """The draft is again what was applied; None: it never was, and the queue is gone. Raises `Conflict`,
    `NoSuchQueue`."""
    kept = await _there(conn, server, name)
    if kept.applied is None and kept.kind == "managed":
        over = (*_key(server, name), queues.c.version == version)
        if not (await conn.execute(delete(queues).where(*over))).rowcount:
            raise Conflict(kept)
        return None
    values = {"draft": _text(kept.applied)}
    return await _write(conn, server, name, values, kind="managed", version=version, by=by, now=now)


async def applied(
    conn: AsyncConnection, server: str, definitions: Iterable[QueueDefinition], *, by: str, now: datetime
) -> None:
    """Asterisk has these queues of ours now, and no others.

    A draft that nobody had changed since the last time follows: after going back to an older version it is that one's.
    An edited draft stays as it is, with its version. A queue that is no longer there goes, but for an edited draft.
    """
    given = {definition.name: definition for definition in definitions}
    there = {kept.name: kept for kept in await of_server(conn, server)}
    for name, kept in there.items():
        if kept.kind == "managed" or name in given:
            await _take(conn, kept, given.get(name), by=by, now=now)
    new = [
        _row(server, name, kind="managed", draft=definition, now=now, by=by) | {"applied": _text(definition)}
        for name, definition in given.items()
        if name not in there
    ]
    if new:
        await conn.execute(queues.insert(), new)


async def _take(
    conn: AsyncConnection, kept: KeptQueue, definition: QueueDefinition | None, *, by: str, now: datetime
) -> None:
    """Write what Asterisk has now of one queue that is kept."""
    follows = kept.kind == "observed" or kept.draft == kept.applied
    draft = definition if follows else kept.draft
    if draft is None and definition is None:
        await conn.execute(delete(queues).where(queues.c.id == kept.id))
        return
    values: dict[str, Any] = {}
    if definition != kept.applied:
        values["applied"] = _text(definition)
    if draft != kept.draft:
        values |= {"draft": _text(draft), "version": kept.version + 1, "updated_at": now, "updated_by": by}
    if kept.kind == "observed":
        values["kind"] = "managed"
    if values:
        await conn.execute(update(queues).where(queues.c.id == kept.id).values(values))


async def _write(
    conn: AsyncConnection,
    server: str,
    name: str,
    values: Mapping[str, Any],
    *,
    kind: Kind,
    version: int,
    by: str,
    now: datetime,
) -> KeptQueue:
    over = (*_key(server, name), queues.c.version == version, queues.c.kind == kind)
    fresh = {**values, "version": version + 1, "updated_at": now, "updated_by": by}
    row = (await conn.execute(update(queues).where(*over).values(fresh).returning(*queues.c))).first()
    if row is None:
        raise Conflict(await _there(conn, server, name))
    return _of_row(row)


async def _there(conn: AsyncConnection, server: str, name: str) -> KeptQueue:
    kept = await get(conn, server, name)
    if kept is None:
        raise NoSuchQueue(NoSuchQueue.__doc__)
    return kept


def _named(definition: QueueDefinition | None, name: str) -> QueueDefinition | None:
    if definition is not None and definition.name != name:
        msg = f"the queue {name} can't be called {definition.name}: calls and figures go by its name"
        raise ValueError(msg)
    return definition


def _key(server: str, name: str) -> tuple[Any, ...]:
    return queues.c.server == server, queues.c.name == name


def _row(
    server: str, name: str, *, kind: Kind, draft: QueueDefinition | None, now: datetime, by: str
) -> dict[str, Any]:
    return {
        "id": new_id(), "server": server, "name": name, "version": 1, "kind": kind, "draft": _text(draft),
        "applied": None, "look": _text(QueueLook()), "updated_at": now, "updated_by": by,
    }  # fmt: skip


def _text(value: QueueDefinition | QueueLook | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _of_row(row: Row[Any]) -> KeptQueue:
    return KeptQueue(
        id=row.id, server=row.server, name=row.name, version=row.version, kind=row.kind,
        draft=_definition.decode(row.draft) if row.draft is not None else None,
        applied=_definition.decode(row.applied) if row.applied is not None else None,
        look=_look.decode(row.look), updated_at=row.updated_at, updated_by=row.updated_by,
    )  # fmt: skip
