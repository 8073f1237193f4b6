"""Recordings that Asterisk has finished are kept: cut to the talk, joined into one file, and deleted when it is time.

What is worth keeping is from the first word two people could say to each other to the last; the music of the queue
before it and the survey after it are not. Where the queue's rules ask for it, or live text has holes, the recording
then goes to be transcribed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.bus import Bus
from cxcall.bus.speech import JOBS, RECORDINGS
from cxcall.calls.record import CallRecord
from cxcall.media.recording.rules import Understands, rules
from cxcall.media.recording.stereo import BadRecording, Kept, join
from cxcall.settings import Settings
from cxcall.store import calls, recordings, speech_jobs, transcripts
from cxcall.store.errors import reason
from cxcall.store.recordings import Changes, Pause, Recording

EVERY_S = 30.0
SETTLED = timedelta(seconds=2)
"""Asterisk closes its files soon after the hang-up."""

LATE = timedelta(minutes=10)
"""A call whose record has no end by now is kept as it is."""

BEFORE, AFTER = 0.5, 1.0
"""Seconds kept before the first talk and after the last."""

DRIFT_S = 2.0
SHORT = "Parts in which neither phone sent anything are missing: times in this recording are too early."

_LIMIT_S = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The seconds of a recording that are kept."""

    since: float
    until: float | None


def worth(recording: Recording, record: CallRecord | None) -> Part | None:
    """What of it is kept: the talks of its call; None when there was none. Without a record, all of it."""
    if record is None:
        return Part(since=0.0, until=None)
    begun = [talk.from_ for talk in record.talks if talk.from_ is not None]
    ended = [talk.to or record.ended_at for talk in record.talks]
    if not begun:
        return None
    since = max(0.0, (min(begun) - recording.began_at).total_seconds() - BEFORE)
    if any(end is None for end in ended):
        return Part(since=since, until=None)
    until = (max(end for end in ended if end is not None) - recording.began_at).total_seconds() + AFTER
    return Part(since=since, until=until) if until > since else None


class Keeper:
    """Keeps finished recordings while `run` runs, below `recordings` of the data folder.

    `understands`: which languages can be written down here.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        understands: Understands = lambda language, engine: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = settings.data_dir.absolute() / "recordings"
        self._engine = engine
        self._bus = bus
        self._understands = understands
        self._now = now
        self._told = asyncio.Event()

    async def run(self) -> None:
        """Run until cancelled."""
        unsubscribe = self._bus.subscribe(RECORDINGS, lambda _: self._told.set())
        try:
            while True:
                again = await self.look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SETTLED.total_seconds() if again else EVERY_S):
                        await self._told.wait()
                        await asyncio.sleep(SETTLED.total_seconds())
                self._told.clear()
        finally:
            unsubscribe()

    async def look(self) -> bool:
        """Keep what waits and delete what is due. Whether something still waits for its call to be written."""
        try:
            async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
                waiting = await recordings.open_ones(conn, state="waiting")
                due = await recordings.due(conn, self._now())
            kept = [await self._keep(recording) for recording in waiting]
            for recording in due:
                await self._delete(recording)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("recordings can't be kept now", error=reason(error))
            return True
        return not all(kept)

    async def _keep(self, recording: Recording) -> bool:
        """Whether it is settled, one way or the other."""
        if self._now() - recording.updated_at < SETTLED:
            return False
        record = await self._record(recording)
        if record is not None and record.ended_at is None and self._now() - recording.updated_at < LATE:
            return False
        part = worth(recording, record)
        if part is None:
            await self._settle(recording, {"state": "failed", "problem": "Nobody talked."})
        else:
            await self._make(recording, part)
        return True

    async def _make(self, recording: Recording, part: Part) -> None:
        name = f"{recording.began_at.astimezone(UTC):%Y-%m}/{recording.id}.flac"
        sources = [Path(source) for source in recording.sources]
        try:
            kept = await asyncio.to_thread(_join, sources, self._folder / name, part)
        except (BadRecording, OSError) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            log.warning("a recording can't be kept", recording=recording.id, call=recording.call_id, why=why)
            await self._settle(recording, {"state": "failed", "problem": why})
            return
        await self._settle(
            recording,
            {
                "state": "kept",
                "file": name,
                "began_at": recording.began_at + timedelta(seconds=part.since),
                "seconds": kept.seconds,
                "channels": 2,
                "bytes": kept.bytes,
                "pauses": _moved(recording.pauses, part.since, kept.seconds),
                "problem": SHORT if _lasted(recording) - kept.whole > DRIFT_S else "",
            },
        )

    async def _settle(self, recording: Recording, changes: Changes) -> None:
        """Write what became of it, have it transcribed if that is wanted, and let go of Asterisk's files."""
        now, job = self._now(), None
        changes["sources"] = ()
        async with asyncio.timeout(_LIMIT_S), self._engine.begin() as conn:
            settled = await recordings.change(conn, recording.id, now=now, **changes)
            if settled.state == "kept":
                job = await self._transcription(conn, settled, now)
        if changes.get("state") == "kept" or changes.get("problem") == "Nobody talked.":
            await asyncio.to_thread(_remove, [Path(source) for source in recording.sources])
        if job is not None:
            self._bus.publish(JOBS, {"id": job})
        if recording.call_id:
            self._bus.publish(f"call:{recording.call_id}", {"id": recording.call_id, "recording": True})

    async def _transcription(self, conn: AsyncConnection, recording: Recording, now: datetime) -> str | None:
        """The job that makes text of it: where its queue asks for that, or where live text misses a part."""
        if recording.call_id is None:
            return None
        live = await transcripts.of_call(conn, recording.call_id)
        record = await calls.get(conn, recording.call_id)
        listening = await rules(conn, recording.server, record, self._understands)
        missing = live is not None and (live.state == "waiting" or bool(live.gaps))
        if not (missing or (live is None and listening.after)):
            return None
        job = await speech_jobs.make(
            conn,
            "recording",
            recording.id,
            now=now,
            transcript_id=live.id if live is not None else None,
            language=live.language if live is not None else listening.language,
            engine=listening.engine,
        )
        return job.id

    async def _record(self, recording: Recording) -> CallRecord | None:
        if not recording.call_id:
            return None
        async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
            return await calls.get(conn, recording.call_id)

    async def _delete(self, recording: Recording) -> None:
        """Its time is over: the sound goes, and what was made of it; that there was one stays known."""
        file = self._folder / recording.file
        made = list(file.parent.glob(f"{file.stem}*")) if recording.file else []
        await asyncio.to_thread(_remove, made)
        async with asyncio.timeout(_LIMIT_S), self._engine.begin() as conn:
            await recordings.gone(conn, recording.id, now=self._now())
        log.info("a recording's time was over", recording=recording.id, call=recording.call_id)


def _lasted(recording: Recording) -> float:
    """Seconds Asterisk was at it, as far as we saw."""
    return (recording.updated_at - recording.began_at).total_seconds()


def _join(sources: list[Path], target: Path, part: Part) -> Kept:
    if len(sources) != 2:
        raise BadRecording("It has no files.")
    return join(sources[0], sources[1], target, since=part.since, until=part.until)


def _moved(pauses: tuple[Pause, ...], since: float, seconds: float) -> list[Pause]:
    """The pauses in the seconds of what was kept."""
    moved = [
        Pause(
            since=max(0.0, pause.since - since),
            until=min(seconds, (seconds if pause.until is None else pause.until - since)),
            why=pause.why,
        )
        for pause in pauses
    ]
    return [pause for pause in moved if pause.until is not None and pause.until > pause.since]


def _remove(files: list[Path]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()
