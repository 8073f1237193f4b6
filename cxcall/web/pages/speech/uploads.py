"""/speech/uploads: sound files that were sent to have them written down, and the text of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.speech import JOBS, JobState, TryRequest
from cxcall.store import speech_jobs, speech_uploads, transcript_removal, transcripts, turns
from cxcall.store.speech_jobs import Job
from cxcall.store.speech_uploads import Upload
from cxcall.store.transcripts import Transcript
from cxcall.store.turns import Said
from cxcall.web import sound_files
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import BUS, COMMANDS, ENGINE, SETTINGS
from cxcall.web.pages import listener_words
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.speech import running
from cxcall.web.pages.speech.listening_form import ENGINES
from cxcall.web.pages.speech.listening_page import LANGUAGES
from cxcall.web.pages.speech.mood import Feeling, feeling
from cxcall.web.pages.speech.running_words import STATES
from cxcall.web.pages.speech.search_view import Piece, pieces
from cxcall.web.pages.survey_loading import note_act
from cxcall.web.presentation import current
from cxcall.web.render import Done, fragment, page
from cxcall.web.sound_files import GONE, TRIES, UPLOADS, BadFile
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/speech/uploads"
ONE = PATH + "/{id:[0-9a-f]{26}}"
TRY = "/admin/speech/try"
ROWS = 50
NO_SPEECH = N_("Speech does not run in this process, so nothing is written down here.")
DONE = {
    "sent": N_("The file is there. Its text appears below in a moment."),
    "deleted": N_("The file and its text are deleted. The file can be taken back for a day."),
    "restored": N_("The file is back and is written down anew."),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file. `state`: word, colour and icon; `progress` 0…1 while it is under way."""

    upload: Upload
    state: tuple[str, str, str]
    going_on: bool
    progress: float
    problem: str
    words: int

    @property
    def language(self) -> str:
        return _(LANGUAGES.get(self.upload.language, "")) or self.upload.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A turn of a file's text."""

    n: int
    side: str
    start: float
    pieces: Sequence[Piece]
    feeling: Feeling | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesView:
    rows: Sequence[FileRow]
    older: str | None
    spoken: Sequence[tuple[str, str]]
    error: str = ""

    @property
    def going_on(self) -> bool:
        return any(row.going_on for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file and its text; `tried`: it is thrown away after a day. `model`: what wrote it down."""

    row: FileRow
    lines: Sequence[Line]
    tried: bool
    model: str
    confidence: float | None


@routes.get(PATH)
@needs(*OVERSEERS)
async def show_all(request: web.Request) -> web.Response:
    return page(request, "speech/uploads.html", await _files(request), done=_done(request))


@routes.get(PATH + "/now")
@needs(*OVERSEERS)
async def rows(request: web.Request) -> web.Response:
    """The list alone, fetched anew while something is under way."""
    return fragment(request, "speech/uploads_list.html", await _files(request))


@routes.post(PATH)
@needs(*OVERSEERS)
async def send(request: web.Request) -> web.StreamResponse:
    """Take a file in and have it written down."""
    form = await request.post()
    try:
        place, name, seconds = await sound_files.keep(request.app[SETTINGS], form.get("file"), UPLOADS)
    except BadFile as error:
        return page(request, "speech/uploads.html", await _files(request, _(str(error))), status=422)
    async with request.app[ENGINE].begin() as conn:
        upload = await speech_uploads.add(
            conn, name=name, file=place, by=user_of(request).name, now=current().now, language=_language(request, form),
            seconds=seconds,
        )  # fmt: skip
        job = await _make(conn, upload)
        await note_act(request, conn, "speech.upload", f"upload:{upload.id}", name=name)
    request.app[BUS].publish(JOBS, {"id": job.id})
    raise web.HTTPSeeOther(f"{PATH}/{upload.id}?done=sent")


@routes.post(TRY)
@needs(Role.ADMIN)
async def try_it(request: web.Request) -> web.StreamResponse:
    """Write down a file or what the browser recorded; the recorder is told by headers where to go on."""
    form, settings = await request.post(), request.app[SETTINGS]
    try:
        place, name, _seconds = await sound_files.keep(settings, form.get("file"), TRIES)
    except BadFile as error:
        return await _refused(request, listener_words.said(str(error)), 422)
    engine = field(form, "engine")
    wanted = TryRequest(
        file=place, name=name, by=user_of(request).name, language=_language(request, form, usual=False),
        engine=engine if engine in ENGINES else "",
    )  # fmt: skip
    try:
        told: JobState = await request.app[COMMANDS].ask("speech:try", wanted, timeout=5.0)
    except (CommandRefused, NoAnswer) as error:
        await sound_files.drop(settings, place)
        refused = isinstance(error, CommandRefused)
        return await _refused(
            request, listener_words.said(str(error) if refused else NO_SPEECH), 422 if refused else 503
        )
    async with request.app[ENGINE].connect() as conn:
        job = await speech_jobs.get(conn, told.id)
    go = f"{PATH}/{job.subject}" if job else PATH
    if request.headers.get("X-Fragment"):
        return web.Response(status=204, headers={"X-Go": go})
    raise web.HTTPSeeOther(go)


@routes.get(ONE)
@needs(*OVERSEERS)
async def show_one(request: web.Request) -> web.Response:
    return page(request, "speech/upload.html", await _file(request), done=_done(request))


@routes.get(ONE + "/now")
@needs(*OVERSEERS)
async def show_now(request: web.Request) -> web.Response:
    """Progress and text alone, fetched anew until it is done."""
    return fragment(request, "speech/upload_text.html", await _file(request))


@routes.post(ONE + "/delete")
@needs(*OVERSEERS)
async def delete(request: web.Request) -> web.StreamResponse:
    """Delete the text and put the file away for a day."""
    upload = await _upload(request)
    place = await sound_files.move(request.app[SETTINGS], upload.file, GONE)
    async with request.app[ENGINE].begin() as conn:
        transcript = await transcripts.of_subject(conn, "upload", upload.id)
        if transcript is not None:
            await transcript_removal.remove(conn, transcript.id)
        await speech_uploads.moved(conn, upload.id, place)
        await note_act(request, conn, "speech.upload_delete", f"upload:{upload.id}", name=upload.name)
    raise web.HTTPSeeOther(f"{PATH}?done=deleted&who={upload.id}")


@routes.post(ONE + "/restore")
@needs(*OVERSEERS)
async def restore(request: web.Request) -> web.StreamResponse:
    """Take a deleted file back and write it down anew."""
    upload = await _upload(request)
    place = await sound_files.move(request.app[SETTINGS], upload.file, UPLOADS)
    async with request.app[ENGINE].begin() as conn:
        await speech_uploads.moved(conn, upload.id, place)
        job = await _make(conn, upload)
        await note_act(request, conn, "speech.upload_restore", f"upload:{upload.id}", name=upload.name)
    request.app[BUS].publish(JOBS, {"id": job.id})
    raise web.HTTPSeeOther(f"{PATH}?done=restored")


async def _make(conn: AsyncConnection, upload: Upload) -> Job:
    return await speech_jobs.make(
        conn, "upload", upload.id, now=current().now, language=upload.language, engine=upload.engine, again=True
    )


async def _upload(request: web.Request) -> Upload:
    async with request.app[ENGINE].connect() as conn:
        upload = await speech_uploads.get(conn, request.match_info["id"])
    if upload is None:
        raise web.HTTPNotFound
    return upload


async def _files(request: web.Request, error: str = "") -> FilesView:
    before = _moment(request.query.get("before", ""))
    async with request.app[ENGINE].connect() as conn:
        found = await speech_uploads.in_folder(conn, UPLOADS, limit=ROWS + 1, before=before)
        shown = found[:ROWS]
        written = await transcripts.of_subjects(conn, "upload", [one.id for one in shown])
        made = [_row(one, written.get(one.id), await speech_jobs.of_subject(conn, "upload", one.id)) for one in shown]
    older = f"{PATH}?before={shown[-1].at.isoformat().replace('+', '%2B')}" if len(found) > ROWS else None
    return FilesView(rows=made, older=older, spoken=[(code, _(name)) for code, name in LANGUAGES.items()], error=error)


async def _file(request: web.Request) -> FileView:
    upload = await _upload(request)
    if upload.file.startswith(GONE + "/"):
        raise web.HTTPNotFound
    async with request.app[ENGINE].connect() as conn:
        transcript = await transcripts.of_subject(conn, "upload", upload.id)
        job = await speech_jobs.of_subject(conn, "upload", upload.id)
        said = await turns.of_transcript(conn, transcript.id) if transcript else []
    return FileView(
        row=_row(upload, transcript, job),
        lines=[line_of(one) for one in said],
        tried=upload.file.startswith(TRIES + "/"),
        model=f"{transcript.engine} {transcript.model}".strip() if transcript else "",
        confidence=transcript.confidence if transcript else None,
    )


def _row(upload: Upload, transcript: Transcript | None, job: Job | None) -> FileRow:
    state = (
        transcript.state if transcript and transcript.state in ("done", "failed") else job.state if job else "waiting"
    )
    if job is not None and job.state in ("waiting", "running"):
        state = job.state
    return FileRow(
        upload=upload,
        state=STATES[state],
        going_on=state in ("waiting", "running"),
        progress=job.progress if job else 0.0,
        problem=listener_words.said((job.problem if job else "") or (transcript.problem if transcript else "")),
        words=transcript.words if transcript else 0,
    )


def line_of(said: Said) -> Line:
    """A turn as the page shows it."""
    felt = said.turn.sentiment if said.felt is None else said.felt
    shown = felt if said.speaker == "customer" else None
    return Line(n=said.n, side=said.speaker, start=said.start, pieces=pieces(said.shown, ()), feeling=feeling(shown))


def _language(request: web.Request, form: Form, *, usual: bool = True) -> str:
    """The language chosen; else the site's, or "" where speech itself is to decide."""
    chosen = field(form, "language")
    settings = request.app[SETTINGS]
    return chosen if chosen in LANGUAGES else (settings.speech.language or settings.site.language) if usual else ""


async def _refused(request: web.Request, why: Markup, status: int) -> web.StreamResponse:
    if request.headers.get("X-Fragment"):
        return web.Response(text=why.striptags(), status=status)
    return await running.shown(request, error=why, status=status)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _done(request: web.Request) -> Done | None:
    done, who = request.query.get("done", ""), request.query.get("who", "")
    if done not in DONE:
        return None
    return Done(text=_(DONE[done]), undo=f"{PATH}/{who}/restore" if done == "deleted" and who.isalnum() else "")
