"""What a job reads: which file, whose words they are, and what of it is wanted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.settings import Settings
from cxcall.speech.transcript import Speaker
from cxcall.store import (
    calls,
    customers,
    recordings,
    speech_uploads,
    survey_comments,
    survey_responses,
    transcripts,
    voicemail_files,
    voicemails,
)
from cxcall.store.recordings import Recording
from cxcall.store.speech_jobs import Job
from cxcall.store.transcripts import NewTranscript, Transcript

Span = tuple[float, float]


class NothingToDo(Exception):
    """The job is pointless: its subject is gone, or was written down already."""


class HeardLive(Exception):
    """The call of this recording was heard live: only what is missing is wanted."""

    def __init__(self, call_id: str) -> None:
        super().__init__(call_id)
        self.call_id = call_id


class NotYet(Exception):
    """The sound is not there yet."""


class Unreadable(Exception):
    """The sound never will be there; the text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to be written down. `began_at`: its first sample; `new`: the transcript it belongs to.

    `left_out`: seconds of the file that are not wanted (holds), `paused`: those it does not have; `wanted`: only these,
    None: all. `speaker`: whose voice a mono file is. `record` tells which agent talked when.
    """

    file: Path
    began_at: datetime
    new: NewTranscript
    left_out: tuple[Span, ...] = ()
    wanted: tuple[Span, ...] | None = None
    paused: tuple[Span, ...] = ()
    speaker: Speaker = "unknown"
    record: CallRecord | None = None

    def wants(self, start: float, end: float) -> bool:
        """Whether what was said then is wanted."""
        middle = (start + end) / 2
        if any(since <= middle <= until for since, until in self.left_out):
            return False
        return self.wanted is None or any(since <= middle <= until for since, until in self.wanted)

    def agent_at(self, seconds: float) -> str:
        """The interface of the agent who talked then."""
        at = self.began_at + timedelta(seconds=seconds)
        visits = self.record.queue_visits if self.record is not None else ()
        for visit in visits:
            if visit.interface and _talked(visit, at):
                return visit.interface
        return self.new.agent


async def of(conn: AsyncConnection, job: Job, settings: Settings) -> Source:
    """What a job of a file reads. Raises NothingToDo, HeardLive, NotYet, Unreadable."""
    match job.kind:
        case "recording":
            return await _recording(conn, job, settings)
        case "comment":
            return await _comment(conn, job, settings)
        case "upload":
            return await _upload(conn, job, settings)
        case "voicemail":
            return await _voicemail(conn, job, settings)
        case "call":
            raise HeardLive(job.subject)


async def of_recording(
    conn: AsyncConnection, recording: Recording, transcript: Transcript | None, settings: Settings, language: str
) -> Source:
    """A recording that is there. Raises NotYet, Unreadable, NothingToDo."""
    if recording.state == "gone":
        raise NothingToDo
    if recording.state == "failed":
        raise Unreadable(recording.problem or "The recording could not be had.")
    if recording.state != "kept":
        raise NotYet
    record = await calls.get(conn, recording.call_id) if recording.call_id else None
    visit = _of_call(record)
    new = NewTranscript(
        kind="call" if recording.call_id else "upload", subject=recording.call_id or recording.id,
        began_at=recording.began_at, state="running", source="recording", call_id=recording.call_id,
        server=recording.server, language=transcript.language if transcript else language,
        queue=visit.queue if visit else "", agent=(visit.interface or "") if visit else "",
        agent_name=(visit.agent or "") if visit else "", consent=recording.consent,
    )  # fmt: skip
    return Source(
        file=below(settings.data_dir / "recordings", recording.file), began_at=recording.began_at, new=new,
        left_out=_holds(record, recording.began_at), record=record,
        paused=tuple((one.since, one.until) for one in recording.pauses if one.until is not None),
    )  # fmt: skip


def below(folder: Path, name: str) -> Path:
    """A file in a folder of ours. Raises Unreadable for a name that leads out of it."""
    file = (folder / name).resolve()
    if not name or not file.is_relative_to(folder.resolve()):
        raise Unreadable("The name of the file leads out of its folder.")
    return file


async def _recording(conn: AsyncConnection, job: Job, settings: Settings) -> Source:
    recording = await recordings.get(conn, job.subject)
    if recording is None:
        raise NothingToDo
    transcript = await transcripts.of_call(conn, recording.call_id) if recording.call_id else None
    if transcript is not None and transcript.source == "live":
        raise HeardLive(transcript.call_id or transcript.subject)
    return await of_recording(conn, recording, transcript, settings, job.language)


async def _comment(conn: AsyncConnection, job: Job, settings: Settings) -> Source:
    response_id, _, part = job.subject.partition("-")
    comment = await survey_comments.get(conn, response_id, part)
    response = await survey_responses.find(conn, response_id)
    if comment is None or response is None or comment.state == "done":
        raise NothingToDo
    new = NewTranscript(
        kind="comment", subject=job.subject, began_at=comment.recorded_at, state="running", source="file",
        server=response.server, queue=response.queue, agent=response.agent, agent_name=response.agent_name,
        customer_id=response.customer_id, number=response.number, language=job.language or response.language,
    )  # fmt: skip
    return _plain(below(settings.data_dir / "comments", comment.file), comment.recorded_at, new, "customer")


async def _upload(conn: AsyncConnection, job: Job, settings: Settings) -> Source:
    upload = await speech_uploads.get(conn, job.subject)
    if upload is None:
        raise NothingToDo
    new = NewTranscript(
        kind="upload", subject=upload.id, began_at=upload.at, state="running", source="file", language=upload.language,
        engine=upload.engine,
    )  # fmt: skip
    return _plain(below(settings.data_dir, upload.file), upload.at, new)


async def _voicemail(conn: AsyncConnection, job: Job, settings: Settings) -> Source:
    message = await asyncio.to_thread(voicemail_files.read, settings, job.subject)
    if message is None:
        raise NothingToDo
    call = await voicemails.call_of(conn, message.number, message.at, message.seconds)
    only = settings.ami[0].name if len(settings.ami) == 1 else ""
    owner = await customers.by_number(conn, message.number) if call is None and message.number else None
    new = NewTranscript(
        kind="voicemail", subject=message.id, began_at=message.at, state="running", source="file",
        call_id=call.id if call else None, server=call.server if call else only, number=message.number,
        customer_id=call.customer_id if call else owner.id if owner else None, language=job.language,
    )  # fmt: skip
    return _plain(voicemail_files.sound_of(settings, message.id), message.at, new, "customer")


def _plain(file: Path, at: datetime, new: NewTranscript, speaker: Speaker = "unknown") -> Source:
    return Source(file=file, began_at=at, new=new, speaker=speaker)


def _of_call(record: CallRecord | None) -> QueueVisit | None:
    """The stay in a queue whose agent talked."""
    visits = [visit for visit in (record.queue_visits if record else ()) if visit.result == "answered"]
    return visits[0] if visits else None


def _holds(record: CallRecord | None, began_at: datetime) -> tuple[Span, ...]:
    """When the talk was on hold, as seconds of the file."""
    spans = []
    for hold in record.holds if record is not None else ():
        until = hold.to or (record.ended_at if record is not None else None)
        if hold.from_ is not None and until is not None:
            spans.append(((hold.from_ - began_at).total_seconds(), (until - began_at).total_seconds()))
    return tuple(spans)


def _talked(visit: QueueVisit, at: datetime) -> bool:
    """Whether the agent of a stay may have talked at that moment."""
    if visit.joined_at is None or visit.result != "answered":
        return False
    since = visit.joined_at + timedelta(seconds=visit.wait or 0.0)
    return since <= at and (not visit.talk or at <= since + timedelta(seconds=visit.talk + 1.0))
