"""What is missing of a call that was heard live: read from the sound that was kept, or else from its recording."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.media import sources
from cxcall.media.concluding import FILLABLE
from cxcall.media.placing import placed
from cxcall.media.room import Room
from cxcall.media.scribing import Scribe
from cxcall.media.sources import NothingToDo, NotYet, Source, Unreadable
from cxcall.media.spool import Kept
from cxcall.settings import Settings
from cxcall.speech.engines.engine import Engine, Heard
from cxcall.speech.stream import RATE
from cxcall.store import recordings, speech_jobs, transcripts
from cxcall.store.speech_jobs import Job
from cxcall.store.transcripts import Transcript, Unheard

AROUND_S = 2.0
"""Seconds of a recording that are read before and after a gap, so that its first and last words are whole."""

_CHUNK = 2 * RATE // 5


async def fill(
    settings: Settings,
    engine: AsyncEngine,
    room: Room,
    job: Job,
    call_id: str,
    *,
    lease: timedelta,
    patience: timedelta,
) -> Scribe:
    """Bring what is missing of a call. Raises NothingToDo, NotYet (the recording is still to come), EngineError."""
    async with asyncio.timeout(30.0), engine.begin() as conn:
        transcript = await transcripts.of_call(conn, call_id)
        if transcript is None or (transcript.state == "done" and not any(g.why in FILLABLE for g in transcript.gaps)):
            raise NothingToDo
        if transcript.state == "live":
            raise NotYet
        job = await speech_jobs.beat(conn, job, now=room.now(), transcript_id=transcript.id, lease=lease)
    scribe = await Scribe.of(engine, room, job, transcript, lease=lease)
    heard = await _from_spool(room, scribe, transcript.call_id or call_id, transcript)
    gaps = [gap for gap in transcript.gaps if not _covered(gap, heard)]
    if any(gap.why in FILLABLE for gap in gaps):
        gaps = await _from_recordings(settings, engine, scribe, transcript, gaps, room.now() - job.made_at < patience)
    await scribe.conclude(gaps)
    room.spool.remove(transcript.call_id or call_id)
    return scribe


async def _from_spool(room: Room, scribe: Scribe, call_id: str, transcript: Transcript) -> list[tuple[float, float]]:
    """Write down the utterances that were kept; when they were, as seconds of the transcript."""
    began = transcript.began_at.timestamp()
    spans: list[tuple[float, float]] = []
    kept = room.spool.read(call_id)
    while (record := await asyncio.to_thread(_next, kept)) is not None:
        about, pcm = record
        model = scribe.model(about.language, about.engine)
        heard = await room.pool.step(model, partial(_decode, pcm))
        spans.append((about.spoke - began, about.end - began))
        turn = placed(
            heard, start=about.start - began, spoke=about.spoke - began, end=about.end - began, speaker=about.speaker,
            channel=about.channel, agent=about.agent,
        )  # fmt: skip
        await scribe.write([turn] if turn.text else [])
    return spans


async def _from_recordings(
    settings: Settings,
    engine: AsyncEngine,
    scribe: Scribe,
    transcript: Transcript,
    gaps: Sequence[Unheard],
    patient: bool,
) -> list[Unheard]:
    """Read gaps from the recordings of the call; those that stay."""
    async with asyncio.timeout(30.0), engine.connect() as conn:
        found = await recordings.of_call(conn, transcript.call_id or transcript.subject)
        if patient and any(one.state in ("recording", "waiting") for one in found):
            raise NotYet
        kept = [one for one in found if one.state == "kept"]
        files = [await sources.of_recording(conn, one, transcript, settings, transcript.language) for one in kept]
    left = list(gaps)
    for recording, source in zip(kept, files, strict=True):
        offset = (recording.began_at - transcript.began_at).total_seconds()
        for gap in [gap for gap in left if gap.why in FILLABLE]:
            since, until = gap.since - offset, gap.until - offset
            if since >= -1.0 and until <= recording.seconds + 1.0:
                await _read_gap(scribe, source, since, until)
                left.remove(gap)
    return left


async def _read_gap(scribe: Scribe, source: Source, since: float, until: float) -> None:
    wanted = dataclasses.replace(source, wanted=((since - 0.5, until + 0.5),))
    if not source.file.is_file():
        raise Unreadable("The file of the recording is gone.")
    await scribe.read(wanted, since=max(0.0, since - AROUND_S), until=until + AROUND_S)


def _covered(gap: Unheard, heard: Sequence[tuple[float, float]]) -> bool:
    """Whether what was kept of a gap is all of it: only utterances were put off, and each was kept."""
    return gap.why in ("overload", "engine") and any(since < gap.until and until > gap.since for since, until in heard)


def _next(kept: Iterator[tuple[Kept, bytes]]) -> tuple[Kept, bytes] | None:
    return next(kept, None)


def _decode(pcm: bytes, engine: Engine) -> Heard:
    decoding = engine.begin(RATE)
    for at in range(0, len(pcm), _CHUNK):
        decoding.feed(pcm[at : at + _CHUNK])
    return decoding.finish()
