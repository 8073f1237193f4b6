"""Writes the turns of a job into its transcript, piece by piece, each with how far the job has come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.media.concluding import Concluded, conclude
from cxcall.media.keeping import new_turn
from cxcall.media.reading import Known, Reading, of_source
from cxcall.media.room import Room
from cxcall.media.sources import Source
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.engines.models import Model
from cxcall.speech.transcript import Turn
from cxcall.speech.understanding import Said, Talk
from cxcall.store import speech_jobs, transcripts, turns
from cxcall.store.speech_jobs import Job
from cxcall.store.transcripts import Transcript, Unheard

LIMIT_S = 30.0

EVERY_S = 10.0
"""Seconds of silence after which a job says how far it is."""


class Scribe:
    """Of one job at one transcript. Raises LostLease when the job is another worker's by now."""

    def __init__(
        self, engine: AsyncEngine, room: Room, job: Job, transcript: Transcript, known: Sequence[Turn], lease: timedelta
    ) -> None:
        self._engine = engine
        self._room = room
        self._job = job
        self._lease = lease
        self._known = Known(list(known))
        self._gone: set[int] = set()
        self._last = 0.0
        self.transcript = transcript
        self.concluded: Concluded | None = None
        # Only for what is hidden: what else it means is found at the end.
        self._talk = Talk(Catalogue(()), language=transcript.language or room.language)
        for turn in known:
            self._talk.take(turn)

    @classmethod
    async def of(cls, engine: AsyncEngine, room: Room, job: Job, transcript: Transcript, *, lease: timedelta) -> Scribe:
        """One who knows what the transcript has."""
        async with asyncio.timeout(LIMIT_S), engine.connect() as conn:
            said = await turns.of_transcript(conn, transcript.id)
        return cls(engine, room, job, transcript, [one.turn for one in said], lease)

    def model(self, language: str = "", engine: str = "") -> Model:
        """The model for this job. EngineError."""
        return self._room.model(
            language or self._job.language or self.transcript.language,
            engine or self._job.engine or self.transcript.engine,
        )

    async def read(self, source: Source, *, since: float = 0.0, until: float | None = None) -> None:
        """Write down a file from `since` seconds on. SoundError, EngineError."""
        model = self.model()
        offset = (source.began_at - self.transcript.began_at).total_seconds()
        reading = Reading(source.file, since)
        written = since
        try:
            while (step := await self._room.pool.step(model, reading.step)) is not None:
                self._last = max(self._last, offset + step.read)
                if step.turns or step.read - written >= EVERY_S:
                    written = step.read
                    found = (of_source(turn, source, offset) for turn in step.turns)
                    progress = min(1.0, step.read / reading.seconds) if reading.seconds else None
                    await self.write([turn for turn in found if turn], position=step.position, progress=progress)
                if until is not None and step.position >= until:
                    break
        finally:
            reading.close()
        await self._name(model)

    async def write(self, new: Sequence[Turn], *, position: float | None = None, progress: float | None = None) -> None:
        """Keep turns that are not there yet, and how far the job has come."""
        said: dict[int, Said] = {}
        gone: set[int] = set()
        for turn in new:
            if not self._known.has(turn):
                pieces = self._known.pieces(turn)
                n, *held = [piece.n for piece in pieces] or [self._known.last_n + 1]
                numbered = msgspec.structs.replace(turn, n=n)
                self._known.put(numbered, pieces)
                gone.update(held)
                said |= {one.turn.n: one for one in self._talk.turn(numbered).said}
        self._gone |= gone
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            now = self._room.now()
            if said:
                stay = [new_turn(one) for n, one in said.items() if n not in self._gone]
                await turns.put(conn, self.transcript.id, stay)
            if gone:
                await turns.drop(conn, self.transcript.id, gone)
            if progress is not None:
                await transcripts.change(conn, self.transcript.id, now=now, progress=progress)
            await speech_jobs.beat(conn, self._job, now=now, position=position, progress=progress, lease=self._lease)

    def gaps_of(self, source: Source) -> tuple[Unheard, ...]:
        """What of a file was not to be written down, as seconds of the transcript."""
        offset = (source.began_at - self.transcript.began_at).total_seconds()
        spans = [(span, "held") for span in source.left_out] + [(span, "paused") for span in source.paused]
        gaps = [
            Unheard(since=max(0.0, round(since + offset, 2)), until=round(until + offset, 2), why=why)
            for (since, until), why in spans
            if until + offset > 0
        ]
        return tuple(sorted(gaps, key=lambda gap: gap.since))

    async def conclude(self, gaps: Sequence[Unheard]) -> None:
        """That was all: understand it as a whole."""
        ended = self.transcript.ended_at or self.transcript.began_at + timedelta(seconds=self._last)
        self.concluded = await conclude(
            self._engine, self.transcript.id, self._room.catalogue, now=self._room.now(), ended_at=ended, gaps=gaps,
            rest=False,
        )  # fmt: skip

    async def text(self, conn: AsyncConnection) -> str:
        """All that was said, as it may be shown."""
        return " ".join(said.shown for said in await turns.of_transcript(conn, self.transcript.id))

    async def _name(self, model: Model) -> None:
        if self.transcript.model == model.name:
            return
        async with asyncio.timeout(LIMIT_S), self._engine.begin() as conn:
            self.transcript = await transcripts.change(
                conn, self.transcript.id, now=self._room.now(), engine=model.engine, model=model.name
            )
