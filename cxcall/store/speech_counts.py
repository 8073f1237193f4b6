"""Counts for those who run speech: how much was heard and kept, and how much still waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import recordings, speech_jobs, survey_comments
from cxcall.store.speech_tables import recordings as recordings_table
from cxcall.store.speech_tables import speech_jobs as jobs_table
from cxcall.store.speech_tables import transcripts


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechCounts:
    """`transcripts` by state, `calls` and their `words` since the moment asked for; `jobs` and `comments` by state;
    `waiting_seconds` of recordings that wait to be written down, `oldest` when the first waiting job was made;
    `recordings` kept, their `bytes` and `seconds`; `searchable` transcripts in all."""

    transcripts: Mapping[str, int]
    calls: int
    words: int
    jobs: Mapping[speech_jobs.State, int]
    waiting_seconds: float
    oldest: datetime | None
    recordings: int
    recording_bytes: int
    recording_seconds: float
    comments: Mapping[survey_comments.State, int]
    searchable: int


async def counts(conn: AsyncConnection, *, since: datetime) -> SpeechCounts:
    """As things stand; what was heard since `since`."""
    its, jobs = transcripts.c, jobs_table.c
    by_state = select(its.state, func.count().label("n")).where(its.began_at >= since).group_by(its.state)
    heard = select(func.count(), func.coalesce(func.sum(its.words), 0))
    calls, words = (await conn.execute(heard.where(its.kind == "call", its.began_at >= since))).one()
    recorded = and_(recordings_table.c.id == jobs.subject, jobs.kind == "recording")
    waits = jobs.state == literal_column("'waiting'")  # spelled as in the index
    rest = func.sum(recordings_table.c.seconds - jobs.position)
    waiting = await conn.scalar(select(rest).select_from(jobs_table).join(recordings_table, recorded).where(waits))
    kept, size, seconds = await recordings.kept(conn)
    return SpeechCounts(
        transcripts={row.state: row.n for row in await conn.execute(by_state)},
        calls=calls,
        words=int(words),
        jobs=await speech_jobs.counts(conn),
        waiting_seconds=max(0.0, waiting or 0.0),
        oldest=await conn.scalar(select(func.min(jobs.made_at)).where(waits)),
        recordings=kept,
        recording_bytes=size,
        recording_seconds=seconds,
        comments=await survey_comments.states(conn),
        searchable=await conn.scalar(select(func.count()).select_from(transcripts).where(its.state == "done")) or 0,
    )
