"""Rules of the floor that raise alerts, as people edit them. What a rule is, `cxcall.queues` says: here it is JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.floor_tables import alert_rules
from cxcall.store.ids import new_id
from cxcall.store.upsert import insert_into


class NoSuchAlertRule(Exception):
    """There is no such rule (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """A rule; `version` counts its changes, 1: none yet."""

    id: str
    version: int
    body: Mapping[str, Any]
    enabled: bool
    updated_at: datetime
    updated_by: str


async def create(
    conn: AsyncConnection, body: Mapping[str, Any], *, enabled: bool = True, by: str, now: datetime, rule_id: str = ""
) -> AlertRule:
    """A new rule; with `rule_id` one that was removed, again, or as it is where it is there already."""
    id_ = rule_id or new_id()
    row = {"id": id_, "version": 1, "body": _text(body), "enabled": enabled, "updated_at": now, "updated_by": by}
    insert = insert_into(conn, alert_rules).values(row).on_conflict_do_nothing().returning(*alert_rules.c)
    made = (await conn.execute(insert)).first()
    return _of_row(made) if made is not None else await _existing(conn, id_)


async def get(conn: AsyncConnection, rule_id: str) -> AlertRule | None:
    """A rule by id."""
    row = (await conn.execute(select(alert_rules).where(alert_rules.c.id == rule_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection, *, enabled_only: bool = False) -> list[AlertRule]:
    """The rules, oldest first."""
    query = select(alert_rules).order_by(alert_rules.c.id)
    if enabled_only:
        query = query.where(alert_rules.c.enabled)
    return [_of_row(row) for row in await conn.execute(query)]


async def save(
    conn: AsyncConnection, rule_id: str, body: Mapping[str, Any], *, enabled: bool, version: int, by: str, now: datetime
) -> AlertRule:
    """Save a rule over `version`. Raises `Conflict` (with the rule now), `NoSuchAlertRule`."""
    over = (alert_rules.c.id == rule_id, alert_rules.c.version == version)
    values = {"body": _text(body), "enabled": enabled, "version": version + 1, "updated_at": now, "updated_by": by}
    change = update(alert_rules).where(*over).values(values).returning(*alert_rules.c)
    row = (await conn.execute(change)).first()
    if row is None:
        raise await _refusal(conn, rule_id)
    return _of_row(row)


async def remove(conn: AsyncConnection, rule_id: str, *, version: int) -> None:
    """Remove a rule; alerts it raised stay. Raises `Conflict`, `NoSuchAlertRule`."""
    over = (alert_rules.c.id == rule_id, alert_rules.c.version == version)
    if not (await conn.execute(delete(alert_rules).where(*over))).rowcount:
        raise await _refusal(conn, rule_id)


async def _existing(conn: AsyncConnection, rule_id: str) -> AlertRule:
    kept = await get(conn, rule_id)
    if kept is None:
        raise NoSuchAlertRule(NoSuchAlertRule.__doc__)
    return kept


async def _refusal(conn: AsyncConnection, rule_id: str) -> Exception:
    current = await get(conn, rule_id)
    return NoSuchAlertRule(NoSuchAlertRule.__doc__) if current is None else Conflict(current)


def _text(body: Mapping[str, Any]) -> str:
    return msgspec.json.encode(dict(body)).decode()


def _of_row(row: Row[Any]) -> AlertRule:
    return AlertRule(**{**row._mapping, "body": msgspec.json.decode(row.body)})
