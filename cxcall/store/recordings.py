"""Recordings of calls: where the sound lies, what was left out of it, until when it is kept.

The sounds are files below `<data_dir>/recordings`; this keeps their names. Who listened is in the log of acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

import msgspec
from sqlalchemy import Row, Select, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.merged_calls import survivors
from cxcall.store.speech_tables import recordings
from cxcall.store.transcripts import Consent
from cxcall.store.upsert import insert_into

State = Literal["recording", "waiting", "kept", "failed", "gone"]
"""The switch writes it; to be imported; it is in `file`; it can't be had (`problem`); deleted, the row stays."""


class NoSuchRecording(Exception):
    """There is no such recording."""


class Pause(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """Seconds of the recording that were left out, and why (`card`, `agent`); `until` None: it is paused now."""

    since: float
    until: float | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecording:
    """A recording that begins or was found. `name`: what the switch calls it, unique on its server; `sources`: the
    files as the switch names them; `by`: a login name or "" for the queue's rules, `why` as `Listening` chose it."""

    server: str
    name: str
    began_at: datetime
    call_id: str | None = None
    unique_id: str = ""
    sources: tuple[str, ...] = ()
    state: State = "recording"
    consent: Consent = ""
    by: str = ""
    why: str = ""
    keep_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording. `file` is below the recordings' folder, "" until it is there; `peaks` the file of its picture;
    `seconds` its length; `keep_until` None: for good."""

    id: str
    server: str
    name: str
    call_id: str | None
    unique_id: str
    file: str
    sources: tuple[str, ...]
    state: State
    began_at: datetime
    seconds: float
    channels: int
    pauses: tuple[Pause, ...]
    consent: Consent
    by: str
    why: str
    bytes: int
    peaks: str
    keep_until: datetime | None
    problem: str
    updated_at: datetime


class Changes(TypedDict, total=False):
    """What `change` takes."""

    call_id: str | None
    file: str
    sources: Sequence[str]
    state: State
    began_at: datetime
    seconds: float
    channels: int
    pauses: Sequence[Pause]
    consent: Consent
    bytes: int
    peaks: str
    keep_until: datetime | None
    problem: str


async def begin(conn: AsyncConnection, new: NewRecording, *, now: datetime) -> Recording:
    """Keep that there is this recording; one that is known stays as it is."""
    row = {name: getattr(new, name) for name in new.__slots__} | {"sources": _json(new.sources)}
    if new.call_id is not None:
        row["call_id"] = (await survivors(conn, [new.call_id])).get(new.call_id, new.call_id)
    row |= {
        "id": new_id(), "file": "", "seconds": 0.0, "channels": 0, "pauses": "[]", "bytes": 0, "peaks": "",
        "problem": "", "updated_at": now,
    }  # fmt: skip
    insert = insert_into(conn, recordings).values(row)
    await conn.execute(insert.on_conflict_do_nothing(index_elements=["server", "name"]))
    found = await named(conn, new.server, new.name)
    assert found is not None  # noqa: S101 - just written
    return found


async def get(conn: AsyncConnection, recording_id: str) -> Recording | None:
    """A recording by id."""
    return await _one(conn, select(recordings).where(recordings.c.id == recording_id))


async def named(conn: AsyncConnection, server: str, name: str) -> Recording | None:
    """The recording the switch calls so."""
    return await _one(conn, select(recordings).where(recordings.c.server == server, recordings.c.name == name))


async def of_call(conn: AsyncConnection, call_id: str, *, deleted: bool = False) -> list[Recording]:
    """Recordings of a call (also by the id of one that became part of it), the oldest first; those that were deleted
    only if asked for."""
    stays = (await survivors(conn, [call_id])).get(call_id, call_id)
    table = recordings.c
    these = (table.call_id == stays,) if deleted else (table.call_id == stays, table.state != "gone")
    query = select(recordings).where(*these).order_by(table.began_at)
    return [of_row(row) for row in await conn.execute(query)]


async def of_calls(conn: AsyncConnection, call_ids: Iterable[str]) -> set[str]:
    """Which of these calls have sound that can be heard; for lists."""
    asked = sorted(set(call_ids))
    query = select(recordings.c.call_id).where(recordings.c.call_id.in_(asked), recordings.c.state == "kept")
    return {call_id for call_id in await conn.scalars(query) if call_id} if asked else set()


async def open_ones(conn: AsyncConnection, *, state: State | None = None, limit: int = 500) -> list[Recording]:
    """Recordings the switch writes or that wait to be imported, the oldest first."""
    open_ = text("recordings.state IN ('recording', 'waiting')")  # in the words of the index
    query = select(recordings).where(open_, *((recordings.c.state == state,) if state else ()))
    query = query.order_by(recordings.c.began_at, recordings.c.id).limit(limit)
    return [of_row(row) for row in await conn.execute(query)]


async def change(conn: AsyncConnection, recording_id: str, *, now: datetime, **values: Unpack[Changes]) -> Recording:
    """Change what is given. Raises `NoSuchRecording`."""
    written: dict[str, Any] = dict(values)
    for name in ("sources", "pauses"):
        if name in written:
            written[name] = _json(tuple(written[name]))
    changed = update(recordings).where(recordings.c.id == recording_id).values(**written, updated_at=now)
    row = (await conn.execute(changed.returning(recordings))).first()
    if row is None:
        raise NoSuchRecording(NoSuchRecording.__doc__)
    return of_row(row)


async def due(conn: AsyncConnection, now: datetime, *, limit: int = 200) -> list[Recording]:
    """Recordings whose time is over, the longest first; the caller deletes the files, then says `gone`."""
    kept = text("recordings.state = 'kept' AND recordings.keep_until IS NOT NULL")  # in the words of the index
    query = select(recordings).where(kept, recordings.c.keep_until <= now)
    query = query.order_by(recordings.c.keep_until).limit(limit)
    return [of_row(row) for row in await conn.execute(query)]


async def gone(conn: AsyncConnection, recording_id: str, *, now: datetime) -> Recording:
    """Its files are deleted; that there was one stays known. Raises `NoSuchRecording`."""
    return await change(conn, recording_id, now=now, state="gone", file="", peaks="", bytes=0, sources=())


async def kept(conn: AsyncConnection) -> tuple[int, int, float]:
    """How many recordings are kept, their bytes and their seconds."""
    table = recordings.c
    query = select(func.count(), func.coalesce(func.sum(table.bytes), 0), func.coalesce(func.sum(table.seconds), 0.0))
    n, size, seconds = (await conn.execute(query.where(table.state == "kept"))).one()
    return n, int(size), float(seconds)


def of_row(row: Row[Any]) -> Recording:
    """A row of the table."""
    values = dict(row._mapping)
    values["sources"] = msgspec.json.decode(row.sources, type=tuple[str, ...])
    values["pauses"] = msgspec.json.decode(row.pauses, type=tuple[Pause, ...])
    return Recording(**values)


async def _one(conn: AsyncConnection, query: Select[Any]) -> Recording | None:
    row = (await conn.execute(query)).first()
    return of_row(row) if row else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
