"""Removes what was heard: transcripts with all that hangs on them, rows of recordings, jobs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import recordings
from cxcall.store.recordings import Recording
from cxcall.store.speech_tables import recordings as recordings_table
from cxcall.store.speech_tables import speech_jobs, transcripts


async def of_calls(conn: AsyncConnection, call_ids: Iterable[str]) -> list[Recording]:
    """Remove all that was heard of these calls; the recordings whose files the caller deletes next.

    Whoever deletes calls does this in the same transaction.
    """
    asked = sorted(set(call_ids))
    if not asked:
        return []
    mine = recordings_table.c.call_id.in_(asked)
    gone = [recordings.of_row(row) for row in await conn.execute(select(recordings_table).where(mine))]
    jobs = speech_jobs.c
    heard = and_(jobs.kind == "call", jobs.subject.in_(asked))
    recorded = and_(jobs.kind == "recording", jobs.subject.in_([recording.id for recording in gone]))
    await conn.execute(delete(speech_jobs).where(or_(heard, recorded)))
    await conn.execute(delete(recordings_table).where(mine))
    await conn.execute(delete(transcripts).where(transcripts.c.call_id.in_(asked)))
    return gone


async def remove(conn: AsyncConnection, transcript_id: str) -> bool:
    """Remove one transcript with its turns and all that was found in it; False when there was none."""
    await conn.execute(delete(speech_jobs).where(speech_jobs.c.transcript_id == transcript_id))
    return (await conn.execute(delete(transcripts).where(transcripts.c.id == transcript_id))).rowcount > 0
