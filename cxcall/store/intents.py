"""What callers may want, as people describe it. What an intent is, `cxcall.speech.intents` says: here it is JSON.

Rules ask for it by its name, which is one intent's alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.routing_tables import intents
from cxcall.store.upsert import insert_into

_its = intents.c


class NoSuchIntent(Exception):
    """There is no such intent (any more)."""


class IntentNameTaken(Exception):
    """Another intent has this name; choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An intent; `version` counts its changes, 1: none yet."""

    id: str
    version: int
    name: str
    body: Mapping[str, Any]
    enabled: bool
    updated_at: datetime
    updated_by: str


async def create(
    conn: AsyncConnection, name: str, body: Mapping[str, Any], *, enabled: bool = True, by: str, now: datetime
) -> Intent:
    """A new intent. Raises `IntentNameTaken`."""
    row = {"id": new_id(), "version": 1, **_columns(name, body, enabled=enabled, by=by, now=now)}
    made = (
        await conn.execute(insert_into(conn, intents).values(row).on_conflict_do_nothing().returning(*_its))
    ).first()
    if made is None:
        raise IntentNameTaken(IntentNameTaken.__doc__)
    return _of_row(made)


async def get(conn: AsyncConnection, intent_id: str) -> Intent | None:
    """An intent by id."""
    row = (await conn.execute(select(intents).where(_its.id == intent_id))).first()
    return _of_row(row) if row else None


async def by_name(conn: AsyncConnection, name: str) -> Intent | None:
    """An intent by the name rules ask for."""
    row = (await conn.execute(select(intents).where(_its.name == name))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection, *, enabled_only: bool = False) -> list[Intent]:
    """The intents by name."""
    query = select(intents).order_by(_its.name)
    if enabled_only:
        query = query.where(_its.enabled)
    return [_of_row(row) for row in await conn.execute(query)]


async def save(
    conn: AsyncConnection,
    intent_id: str,
    *,
    name: str,
    body: Mapping[str, Any],
    enabled: bool,
    version: int,
    by: str,
    now: datetime,
) -> Intent:
    """Save an intent over `version`. Raises `Conflict` (with the intent now), `NoSuchIntent`, `IntentNameTaken`."""
    over = (_its.id == intent_id, _its.version == version)
    values = {"version": version + 1, **_columns(name, body, enabled=enabled, by=by, now=now)}
    try:
        async with conn.begin_nested():
            row = (await conn.execute(update(intents).where(*over).values(values).returning(*_its))).first()
    except IntegrityError:
        raise IntentNameTaken(IntentNameTaken.__doc__) from None
    if row is None:
        raise await _refusal(conn, intent_id)
    return _of_row(row)


async def remove(conn: AsyncConnection, intent_id: str, *, version: int) -> None:
    """Remove an intent. Raises `Conflict`, `NoSuchIntent`. That no rule asks for it is seen to before."""
    over = (_its.id == intent_id, _its.version == version)
    if not (await conn.execute(delete(intents).where(*over))).rowcount:
        raise await _refusal(conn, intent_id)


async def _refusal(conn: AsyncConnection, intent_id: str) -> Exception:
    current = await get(conn, intent_id)
    return NoSuchIntent(NoSuchIntent.__doc__) if current is None else Conflict(current)


def _columns(name: str, body: Mapping[str, Any], *, enabled: bool, by: str, now: datetime) -> dict[str, Any]:
    text = msgspec.json.encode(dict(body)).decode()
    return {"name": name.replace("\0", ""), "body": text, "enabled": enabled, "updated_at": now, "updated_by": by}


def _of_row(row: Row[Any]) -> Intent:
    return Intent(**{**row._mapping, "body": msgspec.json.decode(row.body)})
