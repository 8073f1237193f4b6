"""Alerts to supervisors: open until somebody closes them, the same one counted instead of repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.follow_up_tables import alerts
from cxcall.store.ids import new_id
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import from_micros, to_micros
from cxcall.store.upsert import insert_into

State = Literal["open", "snoozed", "closed"]
Level = Literal["yellow", "red"]

_NOT_CLOSED = text("state <> 'closed'")
"""As the index of those that stand says it. With a parameter in its place PostgreSQL finds it only while it plans the
statement anew each time: five times a connection."""


class NoSuchAlert(Exception):
    """There is no such alert, or it was closed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """`key` names what it is about (`rule:ID`): while one with this key is not closed, it is only counted.

    `title` is text as a person wrote it; `params` are data the page words; `link` is the page to open. `rule_id` and
    `queue`: the rule of the floor that raised it and the queue it is about, "" for others.
    """

    key: str
    title: str
    link: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    level: Level = "red"
    rule_id: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert as it is kept; `n` how often it was raised, `params` and `link` those of the last time."""

    id: str
    key: str
    title: str
    params: Mapping[str, Any]
    link: str
    n: int
    raised_at: datetime
    last_at: datetime
    state: State
    snoozed_until: datetime | None
    closed_at: datetime | None
    closed_by: str
    level: Level = "red"
    rule_id: str = ""
    queue: str = ""

    def is_heard(self, now: datetime) -> bool:
        """Whether it stands before people's eyes: open, or its snooze is over."""
        return self.state == "open" or (
            self.state == "snoozed" and self.snoozed_until is not None and self.snoozed_until <= now
        )


async def raise_(conn: AsyncConnection, new: NewAlert, *, now: datetime) -> Alert:
    """Raise an alert, or count it in the one of the same key that is not closed yet.

    One that was snoozed while it was yellow is heard again when it turns red.
    """
    insert = insert_into(conn, alerts).values(
        id=new_id(), key=new.key, title=new.title, params=msgspec.json.encode(dict(new.params)).decode(),
        link=new.link, n=1, raised_at=now, last_at=now, state="open", closed_by="",
        level=new.level, rule_id=new.rule_id, queue=new.queue,
    )  # fmt: skip
    fresh = {name: insert.excluded[name] for name in ("title", "params", "link", "last_at", "level", "queue")}
    worse = and_(alerts.c.level == "yellow", insert.excluded.level == "red")
    state = case((worse, "open"), else_=alerts.c.state)
    query = insert.on_conflict_do_update(
        index_elements=["key"], index_where=_NOT_CLOSED,
        set_={**fresh, "n": alerts.c.n + 1, "state": state},
    ).returning(*alerts.c)  # fmt: skip
    return _alert((await conn.execute(query)).one())


async def snooze(conn: AsyncConnection, alert_id: str, *, until: datetime) -> Alert:
    """Be quiet about it until then. Raises NoSuchAlert."""
    return await _write(conn, alert_id, state="snoozed", snoozed_until=until)


async def close(conn: AsyncConnection, alert_id: str, *, by: str, now: datetime) -> Alert:
    """Nobody has to look at it any more. Raises NoSuchAlert."""
    return await _write(conn, alert_id, state="closed", closed_at=now, closed_by=by)


async def clear(conn: AsyncConnection, key: str, *, now: datetime) -> Alert | None:
    """What it was about is over by itself: closed by nobody. None when no such alert stands."""
    there = (alerts.c.key == key, _NOT_CLOSED)
    values = {"state": "closed", "closed_at": now, "closed_by": ""}
    row = (await conn.execute(update(alerts).where(*there).values(values).returning(*alerts.c))).first()
    return _alert(row) if row else None


async def of_rules(conn: AsyncConnection) -> list[Alert]:
    """Those that rules of the floor raised and that are not closed, oldest first: what stands after a restart."""
    query = select(alerts).where(_NOT_CLOSED, alerts.c.rule_id != "")
    return [_alert(row) for row in await conn.execute(query.order_by(alerts.c.raised_at, alerts.c.id))]


async def heard(conn: AsyncConnection, *, now: datetime, limit: int = 50) -> list[Alert]:
    """Those before people's eyes, newest first."""
    query = select(alerts).where(_heard(now)).order_by(alerts.c.last_at.desc(), alerts.c.id.desc()).limit(limit)
    return [_alert(row) for row in await conn.execute(query)]


async def count_heard(conn: AsyncConnection, *, now: datetime) -> int:
    """How many there are before people's eyes."""
    return await conn.scalar(select(func.count()).select_from(alerts).where(_heard(now))) or 0


async def page(
    conn: AsyncConnection, *, state: State | None = None, limit: int = 50, after: str | None = None
) -> Slice[Alert]:
    """Alerts, newest first. Raises BadCursor."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    query = select(alerts).limit(limit + 1)
    if state is not None:
        query = query.where(alerts.c.state == state)
    back = cursor is not None and cursor.back
    if cursor is not None:
        try:
            moment = from_micros(int(cursor.key))
        except (ValueError, OverflowError) as error:
            raise BadCursor(BadCursor.__doc__) from error
        newer = or_(alerts.c.last_at > moment, and_(alerts.c.last_at == moment, alerts.c.id > cursor.id))
        older = or_(alerts.c.last_at < moment, and_(alerts.c.last_at == moment, alerts.c.id < cursor.id))
        query = query.where(newer if back else older)
    order = (alerts.c.last_at, alerts.c.id) if back else (alerts.c.last_at.desc(), alerts.c.id.desc())
    found = [_alert(row) for row in await conn.execute(query.order_by(*order))]
    return cut(found, limit, cursor, lambda alert: (str(to_micros(alert.last_at)), alert.id))


def _heard(now: datetime) -> ColumnElement[bool]:
    return or_(alerts.c.state == "open", and_(alerts.c.state == "snoozed", alerts.c.snoozed_until <= now))


async def _write(conn: AsyncConnection, alert_id: str, **values: Any) -> Alert:
    there = (alerts.c.id == alert_id, alerts.c.state != "closed")
    row = (await conn.execute(update(alerts).where(*there).values(**values).returning(*alerts.c))).first()
    if row is None:
        raise NoSuchAlert(NoSuchAlert.__doc__)
    return _alert(row)


def _alert(row: Row[Any]) -> Alert:
    return Alert(**{**row._mapping, "params": msgspec.json.decode(row.params)})
