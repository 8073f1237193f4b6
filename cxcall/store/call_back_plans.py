"""How the queues call back: one plan a queue of a server.

Where cxcall writes the queue, its draft lets the key out as the plan wants it, in the same transaction; it holds in
Asterisk once the draft is applied, like any other change of a queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.call_back_plan import CallBackPlan, led_to
from cxcall.store import queues
from cxcall.store.call_back_tables import call_back_plans
from cxcall.store.errors import Conflict
from cxcall.store.upsert import insert_into

_its = call_back_plans.c
_plan = msgspec.json.Decoder(CallBackPlan)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlan:
    """How a queue calls back. `version` counts the changes."""

    server: str
    queue: str
    version: int
    plan: CallBackPlan
    updated_at: datetime
    updated_by: str


async def everything(conn: AsyncConnection) -> list[QueuePlan]:
    """All queues that have a plan, by server and name."""
    return [_of_row(row) for row in await conn.execute(select(call_back_plans).order_by(_its.server, _its.queue))]


async def of(conn: AsyncConnection, server: str, queue: str) -> QueuePlan | None:
    """The plan of a queue."""
    row = (await conn.execute(select(call_back_plans).where(_its.server == server, _its.queue == queue))).first()
    return _of_row(row) if row else None


async def save(
    conn: AsyncConnection, server: str, queue: str, plan: CallBackPlan, *, version: int = 0, by: str, now: datetime
) -> QueuePlan:
    """Save over `version`, 0 for the first time. Raises `Conflict` (with the plan now, or with the queue whose draft
    somebody else changes at this moment)."""
    values = {"body": msgspec.json.encode(plan).decode(), "updated_at": now, "updated_by": by}
    if version == 0:
        new = insert_into(conn, call_back_plans).values(server=server, queue=queue, version=1, **values)
        row = (await conn.execute(new.on_conflict_do_nothing().returning(*_its))).first()
    else:
        over = (_its.server == server, _its.queue == queue, _its.version == version)
        change = update(call_back_plans).where(*over).values(version=version + 1, **values)
        row = (await conn.execute(change.returning(*_its))).first()
    if row is None:
        raise Conflict(await of(conn, server, queue))
    await _lead(conn, server, queue, plan, by=by, now=now)
    return _of_row(row)


async def remove(conn: AsyncConnection, server: str, queue: str, *, by: str, now: datetime) -> bool:
    """The queue calls nobody back any more; False when it had no plan. Raises `Conflict` as `save` does."""
    done = await conn.execute(delete(call_back_plans).where(_its.server == server, _its.queue == queue))
    if done.rowcount:
        await _lead(conn, server, queue, None, by=by, now=now)
    return done.rowcount > 0


async def _lead(
    conn: AsyncConnection, server: str, queue: str, plan: CallBackPlan | None, *, by: str, now: datetime
) -> None:
    """Have the draft of a queue of ours lead its keys where they belong."""
    kept = await queues.get(conn, server, queue)
    if kept is None or kept.draft is None:
        return
    context = led_to(kept.draft.exit_context, plan)
    if context != kept.draft.exit_context:
        draft = msgspec.structs.replace(kept.draft, exit_context=context)
        await queues.save_draft(conn, server, queue, draft, version=kept.version, by=by, now=now)


def _of_row(row: Row[Any]) -> QueuePlan:
    return QueuePlan(
        server=row.server, queue=row.queue, version=row.version, plan=_plan.decode(row.body),
        updated_at=row.updated_at, updated_by=row.updated_by,
    )  # fmt: skip
