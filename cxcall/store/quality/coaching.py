"""Coaching tasks: what an agent is to practise, from an evaluation or without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.quality.tables import coaching_tasks

LONGEST = 2000
_its = coaching_tasks.c


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingTask:
    """`item_id`: of the scorecard's item it is about, "" none. `made_by`: a login name. `version` counts changes."""

    id: str
    version: int
    agent_user_id: str
    evaluation_id: str | None
    item_id: str
    text: str
    due_on: date | None
    made_by: str
    made_at: datetime
    done_at: datetime | None
    done_note: str
    deleted_at: datetime | None


class NoSuchCoachingTask(Exception):
    """There is no such coaching task (any more)."""


async def create(
    conn: AsyncConnection,
    agent_user_id: str,
    text: str,
    *,
    by: str,
    now: datetime,
    due_on: date | None = None,
    evaluation_id: str | None = None,
    item_id: str = "",
) -> CoachingTask:
    """Give an agent something to practise."""
    row = {
        "id": new_id(), "version": 1, "agent_user_id": agent_user_id, "evaluation_id": evaluation_id,
        "item_id": item_id, "text": text[:LONGEST], "due_on": due_on.isoformat() if due_on else None, "made_by": by,
        "made_at": now, "done_at": None, "done_note": "", "deleted_at": None,
    }  # fmt: skip
    return _of_row((await conn.execute(coaching_tasks.insert().values(row).returning(*_its))).one())


async def edit(conn: AsyncConnection, task_id: str, text: str, due_on: date | None, *, version: int) -> CoachingTask:
    """Raises `Conflict` (with the task now), `NoSuchCoachingTask`."""
    values = {"text": text[:LONGEST], "due_on": due_on.isoformat() if due_on else None}
    return await _change(conn, task_id, values, version=version)


async def done(conn: AsyncConnection, task_id: str, note: str, *, version: int, now: datetime) -> CoachingTask:
    """It was practised. Raises `Conflict`, `NoSuchCoachingTask`."""
    return await _change(conn, task_id, {"done_at": now, "done_note": note[:LONGEST]}, version=version)


async def reopen(conn: AsyncConnection, task_id: str, *, version: int) -> CoachingTask:
    """It is to be practised after all. Raises `Conflict`, `NoSuchCoachingTask`."""
    return await _change(conn, task_id, {"done_at": None, "done_note": ""}, version=version)


async def remove(conn: AsyncConnection, task_id: str, *, version: int, now: datetime) -> CoachingTask:
    """Take it back; `restore` brings it again. Raises `Conflict`, `NoSuchCoachingTask`."""
    return await _change(conn, task_id, {"deleted_at": now}, version=version)


async def restore(conn: AsyncConnection, task_id: str, *, version: int) -> CoachingTask:
    """Raises `Conflict`, `NoSuchCoachingTask`."""
    return await _change(conn, task_id, {"deleted_at": None}, version=version, there=False)


async def get(conn: AsyncConnection, task_id: str) -> CoachingTask | None:
    """A task by id, also one that was taken back."""
    row = (await conn.execute(select(coaching_tasks).where(_its.id == task_id))).first()
    return _of_row(row) if row else None


async def of_agent(conn: AsyncConnection, agent_user_id: str, *, limit: int = 50) -> list[CoachingTask]:
    """An agent's tasks, the newest first."""
    where = (_its.agent_user_id == agent_user_id, _its.deleted_at.is_(None))
    query = select(coaching_tasks).where(*where).order_by(_its.made_at.desc(), _its.id).limit(limit)
    return [_of_row(row) for row in await conn.execute(query)]


async def of_evaluation(conn: AsyncConnection, evaluation_id: str) -> list[CoachingTask]:
    """The tasks an evaluation led to."""
    where = (_its.evaluation_id == evaluation_id, _its.deleted_at.is_(None))
    rows = await conn.execute(select(coaching_tasks).where(*where).order_by(_its.made_at, _its.id))
    return [_of_row(row) for row in rows]


async def listed(conn: AsyncConnection, *, open_only: bool = True, limit: int = 200) -> list[CoachingTask]:
    """Everybody's: open ones by the day they are due, those without one last; else all, the newest first."""
    where: list[ColumnElement[bool]] = [_its.deleted_at.is_(None)]
    query = select(coaching_tasks)
    if open_only:
        where.append(_its.done_at.is_(None))
        query = query.order_by(_its.due_on.is_(None), _its.due_on, _its.id)
    else:
        query = query.order_by(_its.made_at.desc(), _its.id)
    return [_of_row(row) for row in await conn.execute(query.where(*where).limit(limit))]


async def _change(
    conn: AsyncConnection, task_id: str, values: dict[str, Any], *, version: int, there: bool = True
) -> CoachingTask:
    is_there = _its.deleted_at.is_(None) if there else _its.deleted_at.is_not(None)
    over = (_its.id == task_id, _its.version == version, is_there)
    query = update(coaching_tasks).where(*over).values({**values, "version": version + 1}).returning(*_its)
    row = (await conn.execute(query)).first()
    if row is not None:
        return _of_row(row)
    current = await get(conn, task_id)
    raise NoSuchCoachingTask(NoSuchCoachingTask.__doc__) if current is None else Conflict(current)


def _of_row(row: Row[Any]) -> CoachingTask:
    values = dict(row._mapping)
    values["due_on"] = date.fromisoformat(row.due_on) if row.due_on else None
    return CoachingTask(**values)
