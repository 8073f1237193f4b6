"""Tasks: what somebody owes a customer, until when, and what came of it.

A task is kept when it ended before it was due, missed when it ended later or is still open after that (METRICS: promise
kept or missed). Tasks of a customer who was merged into another are found by the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.follow_up_tables import tasks
from cxcall.store.identities import identities
from cxcall.store.ids import new_id
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import from_micros, to_micros

Kind = Literal["call_back", "follow_up"]
State = Literal["open", "done", "cancelled"]
KINDS: tuple[Kind, ...] = ("call_back", "follow_up")
LONGEST = 2000
"""Letters of a title, promise or outcome."""


class NoSuchTask(Exception):
    """There is no such task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task to be made. `owner_id` None: any supervisor may take it. `made_by`: a login name or `rule:ID`.

    `reason` says why in data the page words: {"rule": name, "measure": "csat", "value": 1.0} or {}.
    """

    kind: Kind
    title: str
    due_at: datetime
    made_by: str
    customer_id: str | None = None
    number: str = ""
    call_id: str | None = None
    response_id: str | None = None
    queue: str = ""
    owner_id: str | None = None
    promise: str = ""
    reason: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as it is kept. `ended_by` is a login name; `version` counts changes, 1 = none yet."""

    id: str
    version: int
    kind: Kind
    title: str
    reason: Mapping[str, Any]
    customer_id: str | None
    number: str
    call_id: str | None
    response_id: str | None
    queue: str
    owner_id: str | None
    due_at: datetime
    promise: str
    state: State
    outcome: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str

    def kept(self, now: datetime) -> bool | None:
        """Whether the promise was kept; None while that is open, or when the task was called off."""
        if self.state == "cancelled":
            return None
        if self.ended_at is not None:
            return self.ended_at <= self.due_at
        return False if now > self.due_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """What is None does not matter. `owner_id` "" = those nobody owns; `or_free` adds them to an owner's.

    `ended`: done or called off, then the latest due comes first.
    """

    owner_id: str | None = None
    or_free: bool = False
    state: State | None = None
    ended: bool = False
    kind: Kind | None = None
    customer_id: str | None = None
    due_before: datetime | None = None
    due_since: datetime | None = None
    from_survey: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Open tasks: all, due before the end of the day, overdue; of those done: kept, missed."""

    open: int
    due: int
    overdue: int
    kept: int
    missed: int


async def create(conn: AsyncConnection, new: NewTask, *, now: datetime) -> Task:
    """Make a task."""
    task = Task(
        id=new_id(), version=1, kind=new.kind, title=_text(new.title), reason=dict(new.reason),
        customer_id=new.customer_id, number=new.number, call_id=new.call_id, response_id=new.response_id,
        queue=new.queue, owner_id=new.owner_id, due_at=new.due_at, promise=_text(new.promise), state="open",
        outcome="", made_at=now, made_by=new.made_by, ended_at=None, ended_by="",
    )  # fmt: skip
    await conn.execute(tasks.insert().values(**_columns(task)))
    return task


async def get(conn: AsyncConnection, task_id: str) -> Task | None:
    """A task by id."""
    row = (await conn.execute(select(tasks).where(tasks.c.id == task_id))).first()
    return _task(row) if row else None


async def change(
    conn: AsyncConnection,
    task_id: str,
    *,
    version: int,
    title: str | None = None,
    promise: str | None = None,
    due_at: datetime | None = None,
    owner_id: str | None = None,
) -> Task:
    """Change what is given; `owner_id` "" gives the task back to all. Raises NoSuchTask, Conflict(the task now)."""
    values: dict[str, Any] = {}
    if title is not None:
        values["title"] = _text(title)
    if promise is not None:
        values["promise"] = _text(promise)
    if due_at is not None:
        values["due_at"] = due_at
    if owner_id is not None:
        values["owner_id"] = owner_id or None
    return await _write(conn, task_id, version, values)


async def end(
    conn: AsyncConnection, task_id: str, *, version: int, state: State, outcome: str, by: str, now: datetime
) -> Task:
    """Finish a task, call it off, or (state `open`) take that back. Raises NoSuchTask, Conflict(the task now)."""
    ended = state != "open"
    values = {
        "state": state,
        "outcome": _text(outcome) if ended else "",
        "ended_at": now if ended else None,
        "ended_by": by if ended else "",
    }
    return await _write(conn, task_id, version, values)


async def page(conn: AsyncConnection, wanted: TaskFilter, *, limit: int = 50, after: str | None = None) -> Slice[Task]:
    """Tasks by due time, earliest first (ended ones: latest first). Raises BadCursor."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    query = select(tasks).where(await _condition(conn, wanted)).limit(limit + 1)
    spot = tuple_(tasks.c.due_at, tasks.c.id)
    back = cursor is not None and cursor.back
    if cursor is not None:
        try:
            there = tuple_(from_micros(int(cursor.key)), cursor.id, types=[tasks.c.due_at.type, tasks.c.id.type])
        except (ValueError, OverflowError) as error:
            raise BadCursor(BadCursor.__doc__) from error
        query = query.where(spot < there if back != wanted.ended else spot > there)
    down = (tasks.c.due_at.desc(), tasks.c.id.desc())
    order = down if back != wanted.ended else (tasks.c.due_at, tasks.c.id)
    found = [_task(row) for row in await conn.execute(query.order_by(*order))]
    return cut(found, limit, cursor, lambda task: (str(to_micros(task.due_at)), task.id))


async def counts(conn: AsyncConnection, wanted: TaskFilter, *, now: datetime, day_ends: datetime) -> Counts:
    """How many there are of each sort; `state` and due times of the filter do not matter."""
    is_open, done = tasks.c.state == "open", tasks.c.state == "done"
    sums = [
        func.count(case((is_open, 1))),
        func.count(case((and_(is_open, tasks.c.due_at < day_ends), 1))),
        func.count(case((and_(is_open, tasks.c.due_at < now), 1))),
        func.count(case((and_(done, tasks.c.ended_at <= tasks.c.due_at), 1))),
        func.count(case((and_(done, tasks.c.ended_at > tasks.c.due_at), 1))),
    ]
    where = await _condition(conn, wanted, lasting=True)
    row = (await conn.execute(select(*sums).where(where))).one()
    return Counts(open=row[0], due=row[1], overdue=row[2], kept=row[3], missed=row[4])


async def of_call(conn: AsyncConnection, call_id: str) -> list[Task]:
    """Tasks a call set off, oldest first."""
    query = select(tasks).where(tasks.c.call_id == call_id).order_by(tasks.c.made_at, tasks.c.id)
    return [_task(row) for row in await conn.execute(query)]


async def open_of_calls(conn: AsyncConnection, call_ids: Collection[str]) -> dict[str, Task]:
    """By call, the open task that each of a few calls set off; the earliest due where there are several."""
    its = (tasks.c.call_id.in_(sorted(set(call_ids))), tasks.c.state == "open")
    query = select(tasks).where(*its).order_by(tasks.c.due_at.desc(), tasks.c.id.desc())
    return {row.call_id: _task(row) for row in await conn.execute(query)} if call_ids else {}


async def of_response(conn: AsyncConnection, response_id: str) -> list[Task]:
    """Tasks a survey response set off, oldest first."""
    query = select(tasks).where(tasks.c.response_id == response_id).order_by(tasks.c.made_at, tasks.c.id)
    return [_task(row) for row in await conn.execute(query)]


async def _condition(conn: AsyncConnection, wanted: TaskFilter, *, lasting: bool = False) -> ColumnElement[bool]:
    """The SQL of a filter; `lasting` leaves out what changes as time goes on (state, due times)."""
    parts: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        mine = tasks.c.owner_id == wanted.owner_id if wanted.owner_id else tasks.c.owner_id.is_(None)
        parts.append(or_(mine, tasks.c.owner_id.is_(None)) if wanted.or_free else mine)
    if wanted.kind is not None:
        parts.append(tasks.c.kind == wanted.kind)
    if wanted.customer_id is not None:
        parts.append(tasks.c.customer_id.in_(await identities(conn, wanted.customer_id)))
    if wanted.from_survey:
        parts.append(tasks.c.response_id.is_not(None))
    if not lasting:
        if wanted.ended:
            parts.append(tasks.c.state.in_(("done", "cancelled")))
        if wanted.state is not None:
            parts.append(tasks.c.state == wanted.state)
        if wanted.due_since is not None:
            parts.append(tasks.c.due_at >= wanted.due_since)
        if wanted.due_before is not None:
            parts.append(tasks.c.due_at < wanted.due_before)
    return and_(true(), *parts)


async def _write(conn: AsyncConnection, task_id: str, version: int, values: dict[str, Any]) -> Task:
    there = (tasks.c.id == task_id, tasks.c.version == version)
    done = await conn.execute(update(tasks).where(*there).values(**values, version=version + 1))
    task = await get(conn, task_id)
    if task is None:
        raise NoSuchTask(NoSuchTask.__doc__)
    if not done.rowcount:
        raise Conflict(Conflict.__doc__)
    return task


def _text(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def _columns(task: Task) -> dict[str, Any]:
    values = {column.name: getattr(task, column.name) for column in tasks.c}
    return {**values, "reason": msgspec.json.encode(task.reason).decode()}


def _task(row: Row[Any]) -> Task:
    return Task(**{**row._mapping, "reason": msgspec.json.decode(row.reason)})
