"""Transcripts: one for each call that was heard, spoken comment, voicemail or file, from its first sound to its end.

What belongs to a call is found by any of its ids, also that of a call that became part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import speech_texts
from cxcall.store.ids import new_id
from cxcall.store.merged_calls import survivors
from cxcall.store.speech_tables import transcripts, turns
from cxcall.store.tables import calls
from cxcall.store.upsert import insert_into

Kind = Literal["call", "comment", "upload", "voicemail"]
State = Literal["live", "waiting", "running", "done", "failed"]
"""Being heard now; to be written down from a recording; that is going on; finished; it could not be (`problem`)."""

Source = Literal["live", "recording", "file"]
Consent = Literal["", "not_needed", "yes", "no", "unknown"]


class NoSuchTranscript(Exception):
    """There is no such transcript (any more): its call may have become part of another."""


class Unheard(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """Seconds of the transcript that nobody wrote down, and why: `held`, `lost`, `overload`, `off` …"""

    since: float
    until: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTranscript:
    """What is about to be written down. `subject`: the call's id, RESPONSE-PART, the upload's id, the voicemail's id.

    `began_at` is the first sound that is heard; `agent` the interface that talks first.
    """

    kind: Kind
    subject: str
    began_at: datetime
    state: State
    source: Source
    call_id: str | None = None
    server: str = ""
    queue: str = ""
    agent: str = ""
    agent_name: str = ""
    customer_id: str | None = None
    number: str = ""
    language: str = ""
    engine: str = ""
    model: str = ""
    consent: Consent = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A transcript as it stands. `progress` 0…1; `confidence` the mean of its turns; `sentiment`, `trend` of the call
    (METRICS.md); `figures` as `speech.figures` made them; `version` counts changes."""

    id: str
    kind: Kind
    subject: str
    call_id: str | None
    server: str
    queue: str
    agent: str
    agent_name: str
    customer_id: str | None
    number: str
    language: str
    engine: str
    model: str
    state: State
    source: Source
    began_at: datetime
    ended_at: datetime | None
    progress: float
    problem: str
    confidence: float | None
    words: int
    sentiment: float | None
    trend: float | None
    figures: Mapping[str, Any] | None
    gaps: tuple[Unheard, ...]
    consent: Consent
    updated_at: datetime
    version: int


class Changes(TypedDict, total=False):
    """What `change` takes."""

    state: State
    source: Source
    server: str
    queue: str
    agent: str
    agent_name: str
    customer_id: str | None
    number: str
    language: str
    engine: str
    model: str
    began_at: datetime
    ended_at: datetime | None
    progress: float
    problem: str
    gaps: Sequence[Unheard]
    consent: Consent


_FILLED_LATER = ("server", "queue", "agent", "agent_name", "number", "language", "engine", "model", "consent")


async def begin(conn: AsyncConnection, new: NewTranscript, *, now: datetime) -> Transcript:
    """The transcript of this subject, made if there is none.

    One that exists stays as it is, but takes what it did not know. A call that became part of another gives that
    one's transcript.
    """
    row = await _row(conn, new, now)
    insert = insert_into(conn, transcripts).values(row)
    await conn.execute(insert.on_conflict_do_nothing(index_elements=["kind", "subject"]))
    found = await of_subject(conn, new.kind, row["subject"])
    assert found is not None  # noqa: S101 - just written
    known = {name: row[name] for name in _FILLED_LATER if row[name] and not getattr(found, name)}
    if found.customer_id is None and new.customer_id is not None:
        known["customer_id"] = new.customer_id
    return await _write(conn, found.id, now, known) if known else found


async def get(conn: AsyncConnection, transcript_id: str) -> Transcript | None:
    """A transcript by id."""
    return await _one(conn, transcripts.c.id == transcript_id)


async def of_subject(conn: AsyncConnection, kind: Kind, subject: str) -> Transcript | None:
    """The transcript of a comment, an upload, a voicemail, or of the call with exactly this id."""
    return await _one(conn, and_(transcripts.c.kind == kind, transcripts.c.subject == subject))


async def of_subjects(conn: AsyncConnection, kind: Kind, subjects: Iterable[str]) -> dict[str, Transcript]:
    """Transcripts by subject, those there are; for lists."""
    asked = sorted(set(subjects))
    if not asked:
        return {}
    query = select(transcripts).where(transcripts.c.kind == kind, transcripts.c.subject.in_(asked))
    return {row.subject: of_row(row) for row in await conn.execute(query)}


async def of_call(conn: AsyncConnection, call_id: str) -> Transcript | None:
    """The transcript of a call, also by the id of a call that was merged into it."""
    found = await of_subject(conn, "call", call_id)
    if found is None:
        stays = (await survivors(conn, [call_id])).get(call_id)
        found = await of_subject(conn, "call", stays) if stays else None
    return found


async def under_way(conn: AsyncConnection, state: State, *, server: str | None = None) -> list[Transcript]:
    """Transcripts of a state other than `done`, oldest first: what was live when cxcall was killed, say."""
    query = select(transcripts).where(transcripts.c.state != "done", transcripts.c.state == state)
    if server is not None:
        query = query.where(transcripts.c.server == server)
    return [of_row(row) for row in await conn.execute(query.order_by(transcripts.c.began_at, transcripts.c.id))]


async def change(conn: AsyncConnection, transcript_id: str, *, now: datetime, **values: Unpack[Changes]) -> Transcript:
    """Change what is given. Raises `NoSuchTranscript`."""
    written: dict[str, Any] = dict(values)
    if "gaps" in values:
        written["gaps"] = msgspec.json.encode(tuple(values["gaps"])).decode()
    return await _write(conn, transcript_id, now, written)


async def finish(
    conn: AsyncConnection,
    transcript_id: str,
    *,
    now: datetime,
    ended_at: datetime | None = None,
    state: State = "done",
    problem: str = "",
) -> Transcript:
    """It is written down (or as far as it will be): counted, tied to the call's customer, and found by search.

    May be done again, after more turns came. Raises `NoSuchTranscript`.
    """
    counted = select(func.count(), func.avg(turns.c.confidence)).where(turns.c.transcript_id == transcript_id)
    _, confidence = (await conn.execute(counted)).one()
    values: dict[str, Any] = {"state": state, "problem": problem, "confidence": confidence}
    if state == "done":
        values["progress"] = 1.0
    if ended_at is not None:
        values["ended_at"] = ended_at
    values |= await _of_its_call(conn, transcript_id)
    values["words"] = await speech_texts.write(conn, transcript_id)
    return await _write(conn, transcript_id, now, values)


def of_row(row: Row[Any]) -> Transcript:
    """A row of the table."""
    values = dict(row._mapping)
    values["figures"] = msgspec.json.decode(row.figures) if row.figures else None
    values["gaps"] = msgspec.json.decode(row.gaps, type=tuple[Unheard, ...])
    return Transcript(**values)


def new_row(new: NewTranscript, now: datetime) -> dict[str, Any]:
    """The row a new transcript begins as."""
    given = {name: getattr(new, name) for name in new.__slots__}
    return {
        "id": new_id(), "progress": 0.0, "problem": "", "confidence": None, "words": 0, "sentiment": None,
        "trend": None, "figures": None, "gaps": "[]", "updated_at": now, "version": 1, **given,
    }  # fmt: skip


async def _row(conn: AsyncConnection, new: NewTranscript, now: datetime) -> dict[str, Any]:
    row = new_row(new, now)
    if new.kind == "call":
        row["subject"] = (await survivors(conn, [new.subject])).get(new.subject, new.subject)
        row["call_id"] = row["subject"]
    return row


async def _of_its_call(conn: AsyncConnection, transcript_id: str) -> dict[str, Any]:
    """The customer and number of its call, where it does not know them."""
    mine = (transcripts.c.id == transcript_id, calls.c.id == transcripts.c.call_id)
    unknown = or_(transcripts.c.customer_id.is_(None), transcripts.c.number == "")
    row = (await conn.execute(select(calls.c.customer_id, calls.c.party_number).where(*mine, unknown))).first()
    return {"customer_id": row.customer_id, "number": row.party_number or ""} if row else {}


async def _write(conn: AsyncConnection, transcript_id: str, now: datetime, values: Mapping[str, Any]) -> Transcript:
    changed = (
        update(transcripts)
        .where(transcripts.c.id == transcript_id)
        .values(**values, updated_at=now, version=transcripts.c.version + 1)
        .returning(transcripts)
    )
    row = (await conn.execute(changed)).first()
    if row is None:
        raise NoSuchTranscript(NoSuchTranscript.__doc__)
    return of_row(row)


async def _one(conn: AsyncConnection, where: ColumnElement[bool]) -> Transcript | None:
    row = (await conn.execute(select(transcripts).where(where))).first()
    return of_row(row) if row else None
