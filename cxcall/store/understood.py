"""What was understood of a transcript, kept in one step: categories, what had to be said, feeling, figures.

Written after the call and after every correction, each time from the whole; what was understood before is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Hit
from cxcall.store import turns
from cxcall.store.bulk import BulkWrite, Row
from cxcall.store.category_tables import category_calls, category_hits, required_checks
from cxcall.store.speech_tables import transcripts
from cxcall.store.transcripts import NoSuchTranscript, Transcript, finish, get
from cxcall.store.turns import NewTurn
from cxcall.store.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`turns`: with their sentiment and what is hidden (texts as they hold); `said`: for each required category whether
    it was; `figures` as plain JSON data."""

    turns: Sequence[NewTurn] = ()
    hits: Sequence[Hit] = ()
    said: Mapping[str, bool] = field(default_factory=dict)
    sentiment: float | None = None
    trend: float | None = None
    figures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A category in a transcript: how often it was found, and where first (seconds); its places in order."""

    category_id: str
    hits: tuple[Hit, ...]


async def keep(conn: AsyncConnection, transcript_id: str, outcome: Outcome, *, now: datetime) -> Transcript:
    """Keep it, and let search find the transcript as it is now. A transcript that is live or failed stays so.

    Raises `NoSuchTranscript`.
    """
    known = await get(conn, transcript_id)
    if known is None:
        raise NoSuchTranscript(NoSuchTranscript.__doc__)
    await turns.put(conn, transcript_id, outcome.turns)
    await put_hits(conn, known, outcome.hits, sentiment=outcome.sentiment)
    await put_required(conn, known, outcome.said)
    await conn.execute(
        update(transcripts)
        .where(transcripts.c.id == transcript_id)
        .values(
            sentiment=outcome.sentiment,
            trend=outcome.trend,
            figures=None if outcome.figures is None else msgspec.json.encode(outcome.figures).decode(),
        )
    )
    return await finish(conn, transcript_id, now=now, state=known.state, problem=known.problem)


async def put_hits(
    conn: AsyncConnection, transcript: Transcript, hits: Sequence[Hit], *, sentiment: float | None = None
) -> None:
    """Replace all that was found in a transcript; also while it is live, after each turn that found something."""
    for table in (category_hits, category_calls):
        await conn.execute(delete(table).where(table.c.transcript_id == transcript.id))
    await write_hits(conn, hit_rows(transcript.id, hits))
    await write_calls(conn, call_rows(transcript, hits, sentiment))


async def put_required(conn: AsyncConnection, transcript: Transcript, said: Mapping[str, bool]) -> None:
    """Replace what had to be said in a transcript, and whether it was."""
    await conn.execute(delete(required_checks).where(required_checks.c.transcript_id == transcript.id))
    await write_required(conn, required_rows(transcript, said))


async def found(conn: AsyncConnection, transcript_id: str) -> list[Found]:
    """What was found in a transcript, by where it was found first."""
    table = category_hits.c
    query = select(category_hits).where(table.transcript_id == transcript_id).order_by(table.category_id, table.place)
    by_category: dict[str, list[Hit]] = {}
    for row in await conn.execute(query):
        spans = msgspec.json.decode(row.spans, type=tuple[tuple[int, int], ...])
        hit = Hit(category=row.category_id, n=row.n, start=row.start, quote=row.quote, spans=spans)
        by_category.setdefault(row.category_id, []).append(hit)
    all_found = [Found(category_id=id_, hits=tuple(hits)) for id_, hits in by_category.items()]
    return sorted(all_found, key=lambda each: each.hits[0].start)


async def required(conn: AsyncConnection, transcript_id: str) -> dict[str, bool]:
    """What had to be said in a transcript, and whether it was."""
    query = select(required_checks).where(required_checks.c.transcript_id == transcript_id)
    return {row.category_id: row.said for row in await conn.execute(query)}


async def found_in(conn: AsyncConnection, transcript_ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the categories found in each of these transcripts, by where they were found first; for lists."""
    table = category_calls.c
    query = select(table.transcript_id, table.category_id).where(table.transcript_id.in_(transcript_ids))
    by_transcript: dict[str, list[str]] = {}
    for row in await conn.execute(query.order_by(table.transcript_id, table.start)):
        by_transcript.setdefault(row.transcript_id, []).append(row.category_id)
    return by_transcript


def hit_rows(transcript_id: str, hits: Sequence[Hit]) -> list[Row]:
    """Rows of the places."""
    places: dict[str, int] = {}
    rows = []
    for hit in hits:
        place = places[hit.category] = places.get(hit.category, -1) + 1
        rows.append({
            "transcript_id": transcript_id, "category_id": hit.category, "place": place, "n": hit.n,
            "start": hit.start, "quote": hit.quote.replace("\0", ""), "spans": msgspec.json.encode(hit.spans).decode(),
        })  # fmt: skip
    return rows


def call_rows(transcript: Transcript, hits: Sequence[Hit], sentiment: float | None) -> list[Row]:
    """A row for each category that was found."""
    starts: dict[str, list[float]] = {}
    for hit in hits:
        starts.setdefault(hit.category, []).append(hit.start)
    return [
        _of(transcript, id_) | {"hits": len(found), "start": min(found), "sentiment": sentiment}
        for id_, found in starts.items()
    ]


def required_rows(transcript: Transcript, said: Mapping[str, bool]) -> list[Row]:
    """A row for each required category."""
    return [_of(transcript, id_) | {"said": was} for id_, was in said.items()]


def _of(transcript: Transcript, category_id: str) -> Row:
    return {
        "transcript_id": transcript.id, "category_id": category_id, "kind": transcript.kind,
        "began_at": transcript.began_at, "queue": transcript.queue, "agent": transcript.agent,
    }  # fmt: skip


write_hits = BulkWrite(lambda conn: insert_into(conn, category_hits))
write_calls = BulkWrite(lambda conn: insert_into(conn, category_calls))
write_required = BulkWrite(lambda conn: insert_into(conn, required_checks))
