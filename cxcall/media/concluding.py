"""The end of a transcript: understood as a whole and kept, however its turns came about.

Live calls, recordings and files end here alike; what is read is the store, so it may be done again, also by another
process after this one was killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.media.keeping import new_turn
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.transcript import Turn
from cxcall.speech.understanding import Understood, understand
from cxcall.store import calls, hints, recordings, speech_jobs, transcripts, turns, understood
from cxcall.store.speech_jobs import Job
from cxcall.store.transcripts import Changes, State, Transcript, Unheard
from cxcall.store.understood import Outcome

LIMIT_S = 30.0
"""For each of reading and writing."""

FILLABLE = frozenset({"not_running", "overload", "engine", "lost"})
"""Gaps that somebody said something in, which its sound may still tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """The transcript as it is kept, and the job that will bring what is missing, if any."""

    transcript: Transcript
    job: Job | None = None


def spans(gaps: Sequence[Unheard], held: bool) -> list[tuple[float, float]]:
    """Holds, or else what was not heard, as seconds of the transcript."""
    return [(gap.since, gap.until) for gap in gaps if (gap.why == "held") == held]


async def conclude(
    engine: AsyncEngine,
    transcript_id: str,
    catalogue: Catalogue,
    *,
    now: datetime,
    ended_at: datetime | None = None,
    gaps: Sequence[Unheard] | None = None,
    kept_sound: bool = False,
    rest: bool = True,
) -> Concluded | None:
    """Understand all of a transcript and keep it: `done`, or `waiting` when a job is to bring the rest.

    `gaps`: what was not heard, None: as the store has it. `kept_sound`: there is sound in the spool. `rest`: whether
    gaps may be filled by a job. None when there is no such transcript any more. Raises what a database that is away
    raises; then nothing was written.
    """
    async with asyncio.timeout(LIMIT_S), engine.connect() as conn:
        transcript = await transcripts.get(conn, transcript_id)
        if transcript is None:
            return None
        said = [each.turn for each in await turns.of_transcript(conn, transcript_id)]
        sound = await _has_recording(conn, transcript) if rest else False
    gaps = transcript.gaps if gaps is None else gaps
    end = max(0.0, (ended_at - transcript.began_at).total_seconds()) if ended_at is not None else None
    whole = await asyncio.to_thread(_understood, transcript, said, gaps, catalogue, end)
    to_fill = rest and (kept_sound or (sound and any(gap.why in FILLABLE for gap in gaps)))
    async with asyncio.timeout(LIMIT_S), engine.begin() as conn:
        if await transcripts.get(conn, transcript_id) is None:
            return None
        await transcripts.change(conn, transcript_id, now=now, gaps=gaps)
        if who := await _agent(conn, transcript):
            await transcripts.change(conn, transcript_id, now=now, **who)
        await understood.keep(conn, transcript_id, outcome_of(whole), now=now)
        await hints.expire(conn, transcript_id, now=now)
        state: State = "waiting" if to_fill else "done"
        kept = await transcripts.finish(conn, transcript_id, now=now, ended_at=ended_at, state=state)
        job = await _job(conn, kept, now) if to_fill else None
    return Concluded(transcript=kept, job=job)


def outcome_of(whole: Understood) -> Outcome:
    """What was understood, as the store takes it."""
    return Outcome(
        turns=[new_turn(said) for said in whole.said],
        hits=whole.hits,
        said={check.category: check.said for check in whole.checks},
        sentiment=whole.feeling.score,
        trend=whole.feeling.trend,
        figures=msgspec.to_builtins(whole.figures),
    )


async def answered(conn: AsyncConnection, call_id: str) -> datetime | None:
    """When the call was answered, if its record is there."""
    record = await calls.get(conn, call_id)
    return record.answered_at if record is not None else None


def _understood(
    transcript: Transcript, said: Sequence[Turn], gaps: Sequence[Unheard], catalogue: Catalogue, end: float | None
) -> Understood:
    return understand(
        said,
        language=transcript.language,
        catalogue=catalogue,
        queue=transcript.queue,
        holds=spans(gaps, held=True),
        missing=spans(gaps, held=False),
        end=end,
    )


async def _agent(conn: AsyncConnection, transcript: Transcript) -> Changes:
    """Who talked, where only the caller had been heard when the transcript was begun: as the call's record says."""
    call_id = transcript.call_id if transcript.kind == "call" else None
    record = await calls.get(conn, call_id) if call_id and not transcript.agent else None
    answered = [visit for visit in (record.queue_visits if record else ()) if visit.result == "answered"]
    return {"agent": answered[0].interface or "", "agent_name": answered[0].agent or ""} if answered else {}


async def _has_recording(conn: AsyncConnection, transcript: Transcript) -> bool:
    if transcript.call_id is None:
        return False
    found = await recordings.of_call(conn, transcript.call_id)
    return any(one.state in ("recording", "waiting", "kept") for one in found)


async def _job(conn: AsyncConnection, transcript: Transcript, now: datetime) -> Job:
    return await speech_jobs.make(
        conn, "call", transcript.call_id or transcript.subject, now=now, transcript_id=transcript.id,
        language=transcript.language, engine=transcript.engine, again=True,
    )  # fmt: skip
