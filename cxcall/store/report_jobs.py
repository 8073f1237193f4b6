"""Exports too big for a page to wait for: written in the background by whoever holds their lease, a piece at a time.

After every piece the job knows how long its file is and where in the list it stands, so that whoever takes it over
cuts the file there and goes on. A job that was cancelled or taken over tells its worker by `LostLease`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, delete, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.people_tables import users
from cxcall.store.report_tables import report_jobs

State = Literal["waiting", "running", "done", "failed", "cancelled"]
LEASE = timedelta(seconds=30)
KEPT = timedelta(days=7)
"""How long a file can be fetched."""
MOST_TRIES = 5
MOST_OPEN = 5
"""Exports one person may have under way."""

_j = report_jobs.c
_OPEN = literal_column("state").in_([literal_column("'waiting'"), literal_column("'running'")])


class LostLease(Exception):
    """The export is another worker's by now, or was cancelled; leave it."""


class TooManyJobs(Exception):
    """So many exports of one person are under way; wait for one of them or cancel it."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How who asked reads words, digits and dates."""

    language: Literal["en", "fa"] = "en"
    calendar: Literal["gregorian", "jalali"] = "gregorian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An export. `done` of `lines` are written; `bytes` is how long the file is, `place` where in the list it stands.
    `problem`: what went wrong last."""

    id: str
    kind: str
    name: str
    owner_id: str
    owner: str
    query: str
    reader: Reading
    format: str
    state: State
    tries: int
    done: int
    lines: int
    place: str
    bytes: int
    problem: str
    made_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    lease_until: datetime | None

    @property
    def open(self) -> bool:
        return self.state in ("waiting", "running")


_COLUMNS = (*_j, users.c.name.label("owner"))
_SOURCE = report_jobs.join(users, users.c.id == _j.owner_id)


async def make(
    conn: AsyncConnection,
    *,
    kind: str,
    name: str,
    owner_id: str,
    query: str,
    reader: Reading,
    format_: str,
    lines: int,
    now: datetime,
) -> Job:
    """A new export. Raises `TooManyJobs`."""
    under_way = select(func.count()).select_from(report_jobs).where(_j.owner_id == owner_id, _OPEN)
    if (await conn.scalar(under_way) or 0) >= MOST_OPEN:
        raise TooManyJobs(TooManyJobs.__doc__)
    row = {
        "id": new_id(), "kind": kind, "name": name, "owner_id": owner_id, "query": query, "format": format_,
        "reader": msgspec.json.encode(reader).decode(), "state": "waiting", "tries": 0, "done": 0, "lines": lines,
        "place": "", "bytes": 0, "problem": "", "made_at": now,
    }  # fmt: skip
    await conn.execute(report_jobs.insert().values(row))
    made = await get(conn, str(row["id"]))
    assert made is not None  # noqa: S101 - just written
    return made


async def get(conn: AsyncConnection, job_id: str, *, owner_id: str | None = None) -> Job | None:
    """An export by id; with `owner_id` only that person's."""
    query = select(*_COLUMNS).select_from(_SOURCE).where(_j.id == job_id)
    if owner_id is not None:
        query = query.where(_j.owner_id == owner_id)
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


async def of_person(conn: AsyncConnection, owner_id: str, *, limit: int = 50) -> list[Job]:
    """A person's exports, newest first."""
    query = (
        select(*_COLUMNS)
        .select_from(_SOURCE)
        .where(_j.owner_id == owner_id)
        .order_by(_j.made_at.desc(), _j.id.desc())
        .limit(limit)
    )
    return [_of_row(row) for row in await conn.execute(query)]


async def take(conn: AsyncConnection, *, now: datetime) -> Job | None:
    """The next export, this worker's until `now` + LEASE; None when there is nothing to do. Also one whose worker let
    its lease run out; one that was taken too often is given up."""
    left = and_(_OPEN, _j.lease_until.is_not(None), _j.lease_until < now)
    over = {"state": "failed", "ended_at": now, "expires_at": now + KEPT, "lease_until": None}
    await conn.execute(update(report_jobs).where(left, _j.tries >= MOST_TRIES).values(over))
    free = and_(_OPEN, or_(_j.lease_until.is_(None), _j.lease_until < now))
    one = select(_j.id).where(free).order_by(_j.made_at, _j.id).limit(1).with_for_update(skip_locked=True)
    values = {"state": "running", "tries": _j.tries + 1, "lease_until": now + LEASE}
    taken = update(report_jobs).where(_j.id == one.scalar_subquery()).values(values).returning(_j.id)
    id_ = (await conn.execute(taken)).scalar()
    return await get(conn, id_) if id_ else None


async def counted(conn: AsyncConnection, job: Job, lines: int) -> None:
    """How many lines there will be, as far as is known. Raises `LostLease`."""
    await _mine(conn, job, {"lines": lines})


async def written(conn: AsyncConnection, job: Job, *, done: int, place: str, size: int, now: datetime) -> Job:
    """A piece is in the file, `size` bytes in all; the lease begins anew. Raises `LostLease`."""
    values = {
        "done": done, "place": place, "bytes": size, "lease_until": now + LEASE,
        "lines": case((_j.lines < done, done), else_=_j.lines),  # the list may have grown
    }  # fmt: skip
    await _mine(conn, job, values)
    found = await get(conn, job.id)
    if found is None:
        raise LostLease(LostLease.__doc__)
    return found


async def finish(conn: AsyncConnection, job: Job, *, now: datetime) -> None:
    """The file is whole. Raises `LostLease`."""
    over = {"state": "done", "ended_at": now, "expires_at": now + KEPT, "lease_until": None, "problem": ""}
    await _mine(conn, job, {**over, "lines": _j.done})


async def fail(conn: AsyncConnection, job: Job, problem: str, *, now: datetime) -> None:
    """A try failed: it is tried again later, and given up after MOST_TRIES."""
    values: dict[str, Any] = {"problem": problem[:500].replace("\0", ""), "lease_until": now + LEASE * job.tries}
    if job.tries >= MOST_TRIES:
        values |= {"state": "failed", "ended_at": now, "expires_at": now + KEPT, "lease_until": None}
    await _mine(conn, job, values)


async def let_go(conn: AsyncConnection, job: Job) -> None:
    """This worker stops; another goes on at once."""
    await _mine(conn, job, {"state": "waiting", "lease_until": None, "tries": max(0, job.tries - 1)})


async def cancel(conn: AsyncConnection, job_id: str, *, owner_id: str, now: datetime) -> bool:
    """End an export of one's own; False when it has ended already."""
    there = (_j.id == job_id, _j.owner_id == owner_id, _OPEN)
    over = {"state": "cancelled", "ended_at": now, "expires_at": now, "lease_until": None}
    return (await conn.execute(update(report_jobs).where(*there).values(over))).rowcount > 0


async def expired(conn: AsyncConnection, *, now: datetime, limit: int = 200) -> list[str]:
    """Exports whose file is to be thrown away."""
    query = select(_j.id).where(_j.expires_at <= now).order_by(_j.expires_at).limit(limit)
    return [row.id for row in await conn.execute(query)]


async def forget(conn: AsyncConnection, job_ids: list[str]) -> None:
    """Throw exports away, once their files are."""
    await conn.execute(delete(report_jobs).where(_j.id.in_(job_ids)))


async def _mine(conn: AsyncConnection, job: Job, values: dict[str, Any]) -> None:
    mine: list[ColumnElement[bool]] = [_j.id == job.id, _j.state == "running", _j.tries == job.tries]
    if not (await conn.execute(update(report_jobs).where(*mine).values(values))).rowcount:
        raise LostLease(LostLease.__doc__)


def _of_row(row: Row[Any]) -> Job:
    return Job(**{**row._mapping, "reader": msgspec.json.decode(row.reader, type=Reading)})
