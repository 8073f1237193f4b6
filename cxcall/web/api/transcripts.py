"""`/calls/{id}/transcript` and `/recording`: what was said, its correction, and its sound."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from cxcall.bus.speech import JOBS
from cxcall.store import audit, speech_jobs
from cxcall.store.errors import Conflict
from cxcall.store.turns import NoSuchTurn
from cxcall.web import call_recordings, corrections, transcript_forms
from cxcall.web.access import OVERSEERS
from cxcall.web.api.calls import Word, found_call
from cxcall.web.api.endpoint import Answer, Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.corrections import Correction
from cxcall.web.keys import BUS, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages.speech import call_why
from cxcall.web.pages.speech.call_loading import Kept, load
from cxcall.web.pages.speech.call_rows import names_of
from cxcall.web.pages.speech.call_talk import zero_of
from cxcall.web.problems import Problem
from cxcall.web.recording_sound import SoundGone, SoundLate
from cxcall.web.rights import hears_recording, knows_hidden
from cxcall.web.transcript_forms import CallTranscript, TranscriptTurn
from cxcall.web.unread_recordings import NotRead

Form = Literal["json", "text", "srt"]
_ACCEPTED: dict[str, Form] = {"text/plain": "text", "application/x-subrip": "srt", "application/json": "json"}
_MEDIA: dict[Form, str] = {"text": "text/plain", "srt": "application/x-subrip"}
Mood = Annotated[float, msgspec.Meta(ge=-1, le=1)]


def _about(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class TranscriptQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The form of the answer."""

    format: Annotated[Form | None, _about("As data, as lines of text, as subtitles; else as `Accept` says.")] = None
    hidden: Annotated[
        Literal["shown"] | None, _about("With numbers that are hidden from others, for who may know them.")
    ] = None


class RecordingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which recording."""

    recording: Annotated[Word | None, _about("Its id, where a call has several; else the longest.")] = None


class TurnChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person makes of a turn. `undo`: take all corrections of it back.

    Who may not know hidden numbers writes ●●●● where one is, as it was given.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=corrections.LONGEST)] | None = None
    sentiment: Mood | None = None
    undo: bool = False
    version: Annotated[int, msgspec.Meta(ge=1)] | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if self.undo and (self.text is not None or self.sentiment is not None):
            raise ValueError("undo takes neither text nor sentiment")
        if not self.undo and self.text is None and self.sentiment is None:
            raise ValueError("give text, sentiment or undo")


class TranscriptJob(msgspec.Struct, frozen=True, kw_only=True):
    """Where a transcript that was asked for stands; `progress` 0…1."""

    call_id: str
    state: str
    progress: float
    problem: str


async def get_transcript(asked: Asked[TranscriptQuery, None]) -> CallTranscript | web.Response:
    """What was said in a call: turns with their words and times, what was found in it, its figures.

    Numbers such as those of cards are hidden. A transcript that is being made has the turns there are so far.
    """
    kept, clear = await _kept(asked), asked.query.hidden == "shown"
    if clear and not knows_hidden(asked.request.app[SETTINGS], asked.who):
        raise Problem(403, "Hidden numbers are not open to you.")
    transcript = kept.transcript
    if transcript is None:
        raise Problem(404, "There is no transcript of this call.")
    if clear:
        await _told(asked, "transcript.read_hidden", kept, {"transcript": transcript.id})
    names, form = names_of(kept), asked.query.format or _accepted(asked.request)
    if form == "json":
        return transcript_forms.as_data(kept, transcript, names, clear=clear)
    write = transcript_forms.as_srt if form == "srt" else transcript_forms.as_text
    text = write(kept, names, zero_of(kept), clear=clear)
    return web.Response(text=text, content_type=_MEDIA[form], charset="utf-8")


async def change_turn(asked: Asked[None, TurnChange]) -> Answer:
    """Correct what was said in a turn, or how it felt. Feelings, categories, figures and hidden numbers of the whole
    transcript follow; what the engine heard is kept."""
    kept = await _kept(asked)
    n = int(asked.path["n"]) if asked.path["n"].isascii() and asked.path["n"].isdigit() else 0
    said = next((one for one in kept.said if one.n == n), None)
    if kept.transcript is None or said is None:
        raise Problem(404, "There is no such turn.")
    change, expected = asked.body, expected_version(asked.request, asked.body.version)
    text = change.text
    try:
        if text is not None and not knows_hidden(asked.request.app[SETTINGS], asked.who):
            text = corrections.restored(text, said)
        wanted = Correction(n=n, version=expected.number, text=text, sentiment=change.sentiment, undo=change.undo)
        now = await corrections.correct(asked.request, kept.record, kept.transcript, wanted)
    except corrections.HiddenMoved as error:
        raise _misfit("Leave each ●●●● in its place: a number is hidden there.") from error
    except corrections.NothingSaid as error:
        raise _misfit("Write what was said.") from error
    except NoSuchTurn as error:
        raise Problem(404, "There is no such turn.") from error
    except Conflict as error:
        raise expected.outdated() from error
    except corrections.Busy as error:
        raise Problem(503, "The transcript is being changed just now. Try again.") from error
    shown = transcript_forms.turn_data(now, names_of(kept), clear=False)
    return Answer(value=shown, headers={"ETag": etag(now.version)})


async def make_transcript(asked: Asked[None, None]) -> TranscriptJob:
    """Have the recording of a call transcribed, or try again what failed. A transcript that is there stays."""
    kept = await _kept(asked)
    sound = kept.sound
    if sound is None:
        raise Problem(409, "There is no recording of this call.")
    if call_why.can_transcribe(kept):
        transcript = kept.transcript
        async with asked.engine.begin() as conn:
            job = await speech_jobs.make(
                conn, "recording", sound.id, now=asked.now, again=True,
                transcript_id=transcript.id if transcript else None, language=transcript.language if transcript else "",
            )  # fmt: skip
        await _told(asked, "transcript.asked", kept, {"recording": sound.id})
        asked.request.app[BUS].publish(JOBS, {"id": job.id})
        return TranscriptJob(call_id=kept.record.id, state=job.state, progress=job.progress, problem=job.problem)
    progress = call_why.progress(kept)
    state = "done" if progress is None else "running"
    return TranscriptJob(
        call_id=kept.record.id, state=state, progress=1.0 if progress is None else progress, problem=""
    )


async def get_recording(asked: Asked[RecordingQuery, None]) -> web.StreamResponse:
    """The sound of a call, FLAC, left the customer and right the agent; by `Range`. Hidden numbers are silent for who
    may not know them; while a text of it is being made, or could not be, they get 409 with `reason` `being_read` or
    `not_read`. That it was fetched is written down."""
    record = await found_call(asked)
    if not hears_recording(asked.request.app[SETTINGS], asked.who, record):
        raise Problem(403, "Recordings are heard by supervisors here.")
    try:
        return await call_recordings.answer(asked.request, record, wanted=asked.query.recording or "", download=True)
    except (web.HTTPNotFound, SoundGone) as error:
        raise Problem(404, "There is no recording of this call.") from error
    except SoundLate as error:
        raise Problem(503, "The recording can't be prepared just now. Try again in a minute.") from error
    except NotRead as error:
        raise Problem(409, str(error), reason=error.why) from error


async def _kept(asked: Asked[Any, Any]) -> Kept:
    record = await found_call(asked)
    async with asked.engine.connect() as conn:
        return await load(conn, record)


async def _told(asked: Asked[Any, Any], act: str, kept: Kept, details: dict[str, str]) -> None:
    async with asked.engine.begin() as conn:
        await audit.add(
            conn, actor=asked.who.name, act=act, subject=f"call:{kept.record.id}", details=details,
            address=address_of(asked.request), at=asked.now,
        )  # fmt: skip


def _accepted(request: web.Request) -> Form:
    """The form the first media type of `Accept` that we know stands for."""
    for part in request.headers.get("Accept", "").split(","):
        form = _ACCEPTED.get(part.partition(";")[0].strip().lower())
        if form is not None:
            return form
    return "json"


def _misfit(detail: str) -> Problem:
    errors = [{"detail": detail, "pointer": "#/text"}]
    return Problem(422, "The correction can't be taken as it is, see errors.", errors=errors)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/calls/{id}/transcript", handler=get_transcript, summary="What was said in a call",
        tag="calls", scope=Scope.SPEECH_READ, query=TranscriptQuery, gives=CallTranscript, problems=(403,),
    ),
    Endpoint(
        method="POST", path="/calls/{id}/transcript", handler=make_transcript, summary="Have a call transcribed",
        tag="calls", scope=Scope.SPEECH_WRITE, roles=OVERSEERS, gives=TranscriptJob, status=202, problems=(409,),
    ),
    Endpoint(
        method="PATCH", path="/calls/{id}/transcript/turns/{n}", handler=change_turn, summary="Correct a turn",
        tag="calls", scope=Scope.SPEECH_WRITE, roles=OVERSEERS, body=TurnChange, gives=TranscriptTurn,
        problems=(409, 412, 428, 503), headers=("If-Match",), gives_headers=("ETag",),
    ),
    Endpoint(
        method="GET", path="/calls/{id}/recording", handler=get_recording, summary="The sound of a call", tag="calls",
        scope=Scope.SPEECH_READ, query=RecordingQuery, gives=Any, gives_type="audio/flac", problems=(403, 409, 503),
    ),
)  # fmt: skip
