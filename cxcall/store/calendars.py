"""Calendars of opening hours that queues share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import sort_key
from cxcall.queues.hours import Calendar
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.queue_tables import calendars

_calendar = msgspec.json.Decoder(Calendar)


class NoSuchCalendar(Exception):
    """There is no such calendar (any more)."""


class CalendarNameTaken(Exception):
    """Another calendar has this name; choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCalendar:
    """A calendar; `version` counts its changes, 1: none yet."""

    id: str
    version: int
    calendar: Calendar
    updated_at: datetime
    updated_by: str


async def create(
    conn: AsyncConnection, calendar: Calendar, *, by: str, now: datetime, calendar_id: str = ""
) -> KeptCalendar:
    """A new calendar; with `calendar_id` one that was removed, again. Raises `CalendarNameTaken`."""
    id_ = calendar_id or new_id()
    await _refuse_taken(conn, id_, calendar)
    row = {"id": id_, "version": 1, "updated_at": now, "updated_by": by, **_columns(calendar)}
    try:
        made = await conn.execute(calendars.insert().values(row).returning(*calendars.c))
    except IntegrityError:
        raise CalendarNameTaken(CalendarNameTaken.__doc__) from None
    return _of_row(made.one())


async def get(conn: AsyncConnection, calendar_id: str) -> KeptCalendar | None:
    """A calendar by id."""
    row = (await conn.execute(select(calendars).where(calendars.c.id == calendar_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection) -> list[KeptCalendar]:
    """All calendars by name."""
    return [_of_row(row) for row in await conn.execute(select(calendars).order_by(calendars.c.name_key))]


async def save(
    conn: AsyncConnection, calendar_id: str, calendar: Calendar, *, version: int, by: str, now: datetime
) -> KeptCalendar:
    """Save a calendar over `version`. Raises `Conflict` (with the calendar now), `NoSuchCalendar`,
    `CalendarNameTaken`."""
    await _refuse_taken(conn, calendar_id, calendar)
    over = (calendars.c.id == calendar_id, calendars.c.version == version)
    values = {"version": version + 1, "updated_at": now, "updated_by": by, **_columns(calendar)}
    row = (await conn.execute(update(calendars).where(*over).values(values).returning(*calendars.c))).first()
    if row is None:
        raise await _refusal(conn, calendar_id)
    return _of_row(row)


async def remove(conn: AsyncConnection, calendar_id: str, *, version: int) -> None:
    """Remove a calendar; whether queues still go by it the caller asks first. Raises `Conflict`, `NoSuchCalendar`."""
    over = (calendars.c.id == calendar_id, calendars.c.version == version)
    if not (await conn.execute(delete(calendars).where(*over))).rowcount:
        raise await _refusal(conn, calendar_id)


async def _refuse_taken(conn: AsyncConnection, calendar_id: str, calendar: Calendar) -> None:
    same = (calendars.c.name_key == sort_key(calendar.name), calendars.c.id != calendar_id)
    if await conn.scalar(select(calendars.c.id).where(*same)) is not None:
        raise CalendarNameTaken(CalendarNameTaken.__doc__)


async def _refusal(conn: AsyncConnection, calendar_id: str) -> Exception:
    current = await get(conn, calendar_id)
    return NoSuchCalendar(NoSuchCalendar.__doc__) if current is None else Conflict(current)


def _columns(calendar: Calendar) -> dict[str, str]:
    return {"name_key": sort_key(calendar.name), "body": msgspec.json.encode(calendar).decode()}


def _of_row(row: Row[Any]) -> KeptCalendar:
    return KeptCalendar(
        id=row.id, version=row.version, calendar=_calendar.decode(row.body), updated_at=row.updated_at,
        updated_by=row.updated_by,
    )  # fmt: skip
