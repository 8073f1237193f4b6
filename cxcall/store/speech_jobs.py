"""Work on sound that is done after the call: taken with a lease, so that a job survives whoever was at it.

A subject has one job. Files somebody tries go first, then the oldest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import from_micros, to_micros
from cxcall.store.speech_tables import speech_jobs
from cxcall.store.upsert import insert_into

Kind = Literal["recording", "comment", "upload", "call", "voicemail"]
"""What `subject` is the id of: a recording, RESPONSE-PART, an upload, a call, a voicemail."""

State = Literal["waiting", "running", "done", "failed"]

LEASE = timedelta(minutes=2)
RETRY_AFTER = (timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
"""Waits before the tries after the first; then it is given up."""

_RANKS: dict[Kind, int] = {"upload": 0, "call": 1, "recording": 1, "voicemail": 1, "comment": 2}
_MOST_TRIES = len(RETRY_AFTER) + 1


class LostLease(Exception):
    """The job is another worker's by now, or gone; leave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job. `progress` 0…1, `position` seconds of sound that are done, `tries` how often it was taken."""

    id: str
    kind: Kind
    subject: str
    transcript_id: str | None
    language: str
    engine: str
    state: State
    rank: int
    tries: int
    next_at: datetime
    progress: float
    position: float
    problem: str
    made_at: datetime
    lease_until: datetime | None
    ended_at: datetime | None


async def make(
    conn: AsyncConnection,
    kind: Kind,
    subject: str,
    *,
    now: datetime,
    transcript_id: str | None = None,
    language: str = "",
    engine: str = "",
    after: datetime | None = None,
    again: bool = False,
) -> Job:
    """The job of this subject, to be taken from `after` on (now). `again`: one that is done or failed begins anew."""
    fresh = {
        "state": "waiting", "tries": 0, "next_at": after or now, "progress": 0.0, "position": 0.0, "problem": "",
        "made_at": now, "lease_until": None, "ended_at": None, "language": language, "engine": engine,
    }  # fmt: skip
    row = {"id": new_id(), "kind": kind, "subject": subject, "transcript_id": transcript_id, "rank": _RANKS[kind]}
    insert = insert_into(conn, speech_jobs).values(**row, **fresh)
    if again:
        over = speech_jobs.c.state.in_(("done", "failed"))
        ended = insert.on_conflict_do_update(index_elements=["kind", "subject"], set_=fresh, where=over)
        await conn.execute(ended)
    else:
        await conn.execute(insert.on_conflict_do_nothing(index_elements=["kind", "subject"]))
    found = await of_subject(conn, kind, subject)
    assert found is not None  # noqa: S101 - just written
    return found


async def get(conn: AsyncConnection, job_id: str) -> Job | None:
    """A job by id."""
    return await _one(conn, select(speech_jobs).where(speech_jobs.c.id == job_id))


async def of_subject(conn: AsyncConnection, kind: Kind, subject: str) -> Job | None:
    """The job of a recording, comment, upload, call or voicemail."""
    table = speech_jobs.c
    return await _one(conn, select(speech_jobs).where(table.kind == kind, table.subject == subject))


async def take(
    conn: AsyncConnection, *, now: datetime, lease: timedelta = LEASE, languages: Collection[str] | None = None
) -> Job | None:
    """The next job, this worker's until `now` + `lease`; None when there is nothing to do.

    Also one whose worker let its lease run out: it goes on at `position`. One that was taken too often is given up.
    `languages`: only jobs of these, or of no language.
    """
    table = speech_jobs.c
    left = (
        select(table.id)
        .where(table.state == literal_column("'running'"), table.lease_until < now, *_of(languages))
        .order_by(table.lease_until)
    )
    await _give_up(conn, now)
    for query in (left, ready(now, languages)):
        one = query.limit(1).with_for_update(skip_locked=True).scalar_subquery()
        values = {"state": "running", "tries": table.tries + 1, "lease_until": now + lease}
        taken = update(speech_jobs).where(table.id == one).values(values).returning(speech_jobs)
        row = (await conn.execute(taken)).first()
        if row is not None:
            return _of_row(row)
    return None


def ready(now: datetime, languages: Collection[str] | None = None) -> Select[tuple[str]]:
    """Ids of the jobs that wait, in the order they are taken."""
    table = speech_jobs.c
    waits = table.state == literal_column("'waiting'")  # spelled as in the index
    query = select(table.id).where(waits, table.next_at <= now, *_of(languages))
    return query.order_by(table.rank, table.made_at, table.id)


async def beat(
    conn: AsyncConnection,
    job: Job,
    *,
    now: datetime,
    progress: float | None = None,
    position: float | None = None,
    transcript_id: str | None = None,
    lease: timedelta = LEASE,
) -> Job:
    """Still at it, and this far. Raises `LostLease`."""
    values: dict[str, Any] = {"lease_until": now + lease}
    given = {"progress": progress, "position": position, "transcript_id": transcript_id}
    values |= {name: value for name, value in given.items() if value is not None}
    return await _write(conn, job, values)


async def done(conn: AsyncConnection, job: Job, *, now: datetime) -> Job:
    """It is finished. Raises `LostLease`."""
    return await _write(conn, job, {
        "state": "done", "progress": 1.0, "problem": "", "lease_until": None, "ended_at": now,
    })  # fmt: skip


async def fail(conn: AsyncConnection, job: Job, problem: str, *, now: datetime, for_good: bool = False) -> Job:
    """It did not work (`problem`: a sentence): tried again later, or given up. Raises `LostLease`."""
    if for_good or job.tries >= _MOST_TRIES:
        values: dict[str, Any] = {"state": "failed", "ended_at": now}
    else:
        values = {"state": "waiting", "next_at": now + RETRY_AFTER[job.tries - 1]}
    return await _write(conn, job, {**values, "problem": problem[:500], "lease_until": None})


async def release(conn: AsyncConnection, job: Job, *, now: datetime, after: timedelta = timedelta()) -> Job:
    """Give it back unfinished, as when the program stops or there is no room: that is no try. Raises `LostLease`."""
    values = {"state": "waiting", "next_at": now + after, "tries": max(0, job.tries - 1), "lease_until": None}
    return await _write(conn, job, values)


async def retry(conn: AsyncConnection, job_id: str, *, now: datetime) -> bool:
    """Try a job that was given up again, from where it stopped; False when it was not."""
    values = {"state": "waiting", "tries": 0, "next_at": now, "problem": "", "ended_at": None}
    over = (speech_jobs.c.id == job_id, speech_jobs.c.state == "failed")
    return (await conn.execute(update(speech_jobs).where(*over).values(values))).rowcount > 0


async def counts(conn: AsyncConnection) -> dict[State, int]:
    """How many jobs there are of each state."""
    query = select(speech_jobs.c.state, func.count().label("n")).group_by(speech_jobs.c.state)
    found = {row.state: row.n for row in await conn.execute(query)}
    return {state: found.get(state, 0) for state in ("waiting", "running", "done", "failed")}


async def page(
    conn: AsyncConnection, *, state: State | None = None, limit: int = 50, after: str | None = None
) -> Slice[Job]:
    """Jobs, the newest first. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    table = speech_jobs.c
    query = select(speech_jobs).where(*((table.state == state,) if state else ()))
    back = cursor is not None and cursor.back
    if cursor is not None:
        at = _moment(cursor)
        same = and_(table.made_at == at, table.id > cursor.id if back else table.id < cursor.id)
        query = query.where(or_(table.made_at > at if back else table.made_at < at, same))
    order = (table.made_at.asc(), table.id.asc()) if back else (table.made_at.desc(), table.id.desc())
    rows = [_of_row(row) for row in await conn.execute(query.order_by(*order).limit(limit + 1))]
    return cut(rows, limit, cursor, lambda job: (str(to_micros(job.made_at)), job.id))


async def sweep(conn: AsyncConnection, *, before: datetime) -> int:
    """Forget jobs that ended before; how many there were."""
    gone = speech_jobs.delete().where(speech_jobs.c.state == "done", speech_jobs.c.ended_at < before)
    return (await conn.execute(gone)).rowcount


def _of(languages: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if languages is None else [speech_jobs.c.language.in_(["", *languages])]


async def _give_up(conn: AsyncConnection, now: datetime) -> None:
    table = speech_jobs.c
    over = (table.state == literal_column("'running'"), table.lease_until < now, table.tries >= _MOST_TRIES)
    values = {"state": "failed", "ended_at": now, "lease_until": None, "problem": "It stopped in the middle too often."}
    await conn.execute(update(speech_jobs).where(*over).values(values))


async def _write(conn: AsyncConnection, job: Job, values: dict[str, Any]) -> Job:
    table = speech_jobs.c
    mine = (table.id == job.id, table.state == "running", table.tries == job.tries)
    row = (await conn.execute(update(speech_jobs).where(*mine).values(values).returning(speech_jobs))).first()
    if row is None:
        raise LostLease(LostLease.__doc__)
    return _of_row(row)


async def _one(conn: AsyncConnection, query: Select[Any]) -> Job | None:
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


def _of_row(row: Row[Any]) -> Job:
    return Job(**row._mapping)


def _moment(cursor: Cursor) -> datetime:
    try:
        return from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None
