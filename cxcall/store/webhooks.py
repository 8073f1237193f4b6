"""Webhooks: addresses that are told what happened, and every telling with its answers until it arrived.

What is to be sent is written in the transaction of what happened, so that nothing is told that was not kept, and
nothing kept is forgotten to be told.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.follow_up_tables import webhook_deliveries, webhooks
from cxcall.store.ids import new_id

Event = Literal["survey.finished", "survey.rule", "task.created", "task.ended", "alert.raised", "test"]
EVENTS: tuple[Event, ...] = ("survey.finished", "survey.rule", "task.created", "task.ended", "alert.raised")
"""What a webhook can be told of; `test` is sent when a person asks for it."""

RETRY_AFTER = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
)
"""Waits before the second, third … try; after the last one we give up."""

LONGEST_ANSWER = 500
"""Letters kept of what a receiver answered."""


class NoSuchWebhook(Exception):
    """There is no such webhook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that is told. `secret` signs the bodies (HMAC-SHA256)."""

    id: str
    version: int
    name: str
    url: str
    secret: str
    events: tuple[str, ...]
    enabled: bool
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One telling. `status` is the HTTP status of the last try, None when there was no answer."""

    id: str
    webhook_id: str
    event: str
    body: str
    state: Literal["waiting", "delivered", "given_up"]
    tries: int
    made_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    status: int | None
    answer: str


async def create(
    conn: AsyncConnection, *, name: str, url: str, events: Sequence[str], by: str, now: datetime
) -> Webhook:
    """Add a webhook with a secret of its own."""
    hook = Webhook(
        id=new_id(), version=1, name=name, url=url, secret=new_secret(), events=tuple(events), enabled=True,
        made_at=now, made_by=by,
    )  # fmt: skip
    values = {column.name: getattr(hook, column.name) for column in webhooks.c}
    await conn.execute(webhooks.insert().values(**{**values, "events": _json(hook.events)}))
    return hook


def new_secret() -> str:
    """A secret not to be guessed: 43 letters."""
    return secrets.token_urlsafe(32)


async def every(conn: AsyncConnection) -> list[Webhook]:
    """All webhooks, oldest first."""
    return [_webhook(row) for row in await conn.execute(select(webhooks).order_by(webhooks.c.id))]


async def get(conn: AsyncConnection, webhook_id: str) -> Webhook | None:
    """A webhook by id."""
    row = (await conn.execute(select(webhooks).where(webhooks.c.id == webhook_id))).first()
    return _webhook(row) if row else None


async def change(
    conn: AsyncConnection,
    webhook_id: str,
    *,
    version: int,
    name: str | None = None,
    url: str | None = None,
    events: Sequence[str] | None = None,
    enabled: bool | None = None,
    secret: str | None = None,
) -> Webhook:
    """Change what is given. Raises NoSuchWebhook, Conflict."""
    given = {
        "name": name, "url": url, "enabled": enabled, "secret": secret,
        "events": None if events is None else _json(tuple(events)),
    }  # fmt: skip
    values = {key: value for key, value in given.items() if value is not None}
    there = (webhooks.c.id == webhook_id, webhooks.c.version == version)
    done = await conn.execute(update(webhooks).where(*there).values(**values, version=version + 1))
    hook = await get(conn, webhook_id)
    if hook is None:
        raise NoSuchWebhook(NoSuchWebhook.__doc__)
    if not done.rowcount:
        raise Conflict(Conflict.__doc__)
    return hook


async def remove(conn: AsyncConnection, webhook_id: str) -> bool:
    """Remove a webhook with its deliveries; False when there is none."""
    return (await conn.execute(delete(webhooks).where(webhooks.c.id == webhook_id))).rowcount > 0


async def enqueue(
    conn: AsyncConnection, event: Event, data: Mapping[str, Any], *, now: datetime, to: str | None = None
) -> int:
    """Have `data` told to every enabled webhook that takes `event` (`to`: to that one only); returns to how many."""
    takers = [
        hook for hook in await every(conn)
        if (hook.id == to if to is not None else hook.enabled and event in hook.events)
    ]  # fmt: skip
    rows = []
    for hook in takers:
        id_ = new_id()
        body = {"id": id_, "event": event, "at": now, "data": data}
        rows.append(
            {
                "id": id_, "webhook_id": hook.id, "event": event, "body": _json(body), "state": "waiting",
                "tries": 0, "made_at": now, "next_at": now, "answer": "",
            }
        )  # fmt: skip
    if rows:
        await conn.execute(webhook_deliveries.insert(), rows)
    return len(rows)


async def due(conn: AsyncConnection, *, now: datetime, limit: int = 50) -> list[Delivery]:
    """Deliveries to be tried now, longest due first, at most `limit` of each webhook: one whose receiver is away keeps
    none of the others waiting. Those of webhooks that were switched off wait."""
    waiting = (webhook_deliveries.c.state == "waiting", webhook_deliveries.c.next_at <= now)
    on = select(webhooks.c.id).where(webhooks.c.enabled)
    place = func.row_number().over(partition_by=webhook_deliveries.c.webhook_id, order_by=webhook_deliveries.c.next_at)
    ranked = select(webhook_deliveries.c.id, place.label("place")).where(
        *waiting, webhook_deliveries.c.webhook_id.in_(on)
    )
    first = ranked.subquery()
    chosen = select(first.c.id).where(first.c.place <= limit)
    query = select(webhook_deliveries).where(webhook_deliveries.c.id.in_(chosen)).order_by(webhook_deliveries.c.next_at)
    return [Delivery(**row._mapping) for row in await conn.execute(query)]


async def tried(
    conn: AsyncConnection, delivery: Delivery, *, status: int | None, answer: str, now: datetime
) -> Delivery:
    """Write down how a try ended: any 2xx is an arrival, else it is tried again after the next wait, or given up."""
    arrived = status is not None and 200 <= status < 300
    tries = delivery.tries + 1
    again = not arrived and tries <= len(RETRY_AFTER)
    values: dict[str, Any] = {
        "state": "delivered" if arrived else "waiting" if again else "given_up",
        "tries": tries,
        "next_at": now + RETRY_AFTER[tries - 1] if again else None,
        "sent_at": now,
        "status": status,
        "answer": answer.replace("\0", "")[:LONGEST_ANSWER],
    }
    there = webhook_deliveries.c.id == delivery.id
    query = update(webhook_deliveries).where(there).values(**values).returning(*webhook_deliveries.c)
    row = (await conn.execute(query)).first()
    return Delivery(**row._mapping) if row else delivery


async def try_again(conn: AsyncConnection, delivery_id: str, *, now: datetime) -> bool:
    """Have a delivery sent again now, whatever became of it; False when there is none."""
    there = webhook_deliveries.c.id == delivery_id
    done = await conn.execute(update(webhook_deliveries).where(there).values(state="waiting", tries=0, next_at=now))
    return done.rowcount > 0


async def deliveries(conn: AsyncConnection, webhook_id: str, *, limit: int = 100) -> list[Delivery]:
    """The newest deliveries of a webhook, newest first."""
    query = (
        select(webhook_deliveries)
        .where(webhook_deliveries.c.webhook_id == webhook_id)
        .order_by(webhook_deliveries.c.made_at.desc(), webhook_deliveries.c.id.desc())
        .limit(limit)
    )
    return [Delivery(**row._mapping) for row in await conn.execute(query)]


async def sweep(conn: AsyncConnection, *, before: datetime) -> int:
    """Forget deliveries made before then that are over; returns how many."""
    old = (webhook_deliveries.c.made_at < before, webhook_deliveries.c.state != "waiting")
    return (await conn.execute(delete(webhook_deliveries).where(*old))).rowcount


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(**{**row._mapping, "events": msgspec.json.decode(row.events, type=tuple[str, ...])})
