"""A call's transcript to be taken away, corrected, and made: forms that work with and without scripts."""

from __future__ import annotations

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.speech import JOBS
from cxcall.calls.record import CallRecord
from cxcall.store import audit, speech_jobs
from cxcall.store.errors import Conflict
from cxcall.store.turns import NoSuchTurn, Said
from cxcall.web import transcript_forms
from cxcall.web.access import OVERSEERS, Forbidden, needs, user_of
from cxcall.web.api.wire import plain
from cxcall.web.corrections import (
    LONGEST,
    Busy,
    Correction,
    HiddenMoved,
    NothingSaid,
    correct,
    restored,
)
from cxcall.web.keys import BUS, CLOCK, ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages.call_detail import opened, show
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.speech import call_why
from cxcall.web.pages.speech.call_loading import Kept, load
from cxcall.web.pages.speech.call_reader import reader_of
from cxcall.web.pages.speech.call_rows import names_of
from cxcall.web.pages.speech.call_talk import talk_view, zero_of
from cxcall.web.pages.speech.call_talk_view import FEELINGS, TalkView, TurnView
from cxcall.web.presentation import current
from cxcall.web.render import fragment
from cxcall.web.rights import knows_hidden
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

FORMS = {"text": ("txt", "text/plain"), "srt": ("srt", "application/x-subrip"), "json": ("json", "application/json")}
NOTHING = N_("Write what was said. To take a correction back, use the button for it.")
MOVED = N_("Leave each ●●●● in its place: a number is hidden there.")
CHANGED = N_("Somebody else corrected this turn meanwhile. Below is what you wrote; save it again to replace theirs.")
BUSY = N_("The transcript is being changed just now. Save again.")

routes = web.RouteTableDef()


@routes.get("/calls/{id}/transcript")
@needs()
async def download(request: web.Request) -> web.Response:
    """`?format=` text, srt or json, as a file; `?hidden=shown` with hidden numbers, for who may know them."""
    kind = request.query.get("format", "text")
    if kind not in FORMS:
        raise web.HTTPNotFound
    clear = request.query.get("hidden") == "shown"
    if clear and not knows_hidden(request.app[SETTINGS], user_of(request)):
        raise Forbidden(_("Hidden numbers are not open to you."))
    async with request.app[ENGINE].begin() as conn:
        kept = await load(conn, await opened(conn, request))
        if kept.transcript is None:
            raise web.HTTPNotFound
        details = {"format": kind, "redacted": not clear}
        await _told(request, conn, kept.record, "transcript.downloaded", details)
    names = names_of(kept)
    if kind == "json":
        data = plain(transcript_forms.as_data(kept, kept.transcript, names, clear=clear))
        text = msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
    else:
        write = transcript_forms.as_srt if kind == "srt" else transcript_forms.as_text
        text = write(kept, names, zero_of(kept), clear=clear)
    ending, media = FORMS[kind]
    name = f"call-{current().local(kept.transcript.began_at):%Y-%m-%d-%H%M%S}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type=media, charset="utf-8", headers=headers)


@routes.get("/calls/{id}/transcript/progress")
@needs()
async def progress(request: web.Request) -> web.Response:
    """How far the transcript is, fetched every 2 s; when it is done the page is told to fetch itself anew."""
    async with request.app[ENGINE].connect() as conn:
        record = await opened(conn, request)
        kept = await load(conn, record)
    if call_why.progress(kept) is None:
        request.app[BUS].publish(f"call:{record.id}", {"call": record.id})
        return web.Response(status=204)
    return fragment(request, "speech/call_progress_only.html", talk_view(kept, reader_of(request, record)))


@routes.post("/calls/{id}/transcript")
@needs(*OVERSEERS)
async def transcribe(request: web.Request) -> web.StreamResponse:
    """Have the recording written down, or try it again."""
    async with request.app[ENGINE].begin() as conn:
        record = await opened(conn, request)
        kept = await load(conn, record)
        if kept.sound is not None and call_why.can_transcribe(kept):
            transcript = kept.transcript
            job = await speech_jobs.make(
                conn, "recording", kept.sound.id, now=request.app[CLOCK](), again=True,
                transcript_id=transcript.id if transcript else None, language=transcript.language if transcript else "",
            )  # fmt: skip
            await _told(request, conn, record, "transcript.asked", {"recording": kept.sound.id})
            request.app[BUS].publish(JOBS, {"id": job.id})
    raise web.HTTPSeeOther(f"/calls/{record.id}#unheard")


@routes.get(r"/calls/{id}/transcript/{n:\d{1,7}}")
@needs()
async def one(request: web.Request) -> web.Response:
    """One turn, or the form of its correction."""
    async with request.app[ENGINE].connect() as conn:
        kept = await load(conn, await opened(conn, request))
    return _turn(request, kept, int(request.match_info["n"]))


@routes.post(r"/calls/{id}/transcript/{n:\d{1,7}}")
@needs(*OVERSEERS)
async def change(request: web.Request) -> web.StreamResponse:
    """Correct a turn, or take its corrections back."""
    form, n = await request.post(), int(request.match_info["n"])
    async with request.app[ENGINE].connect() as conn:
        record = await opened(conn, request)
        kept = await load(conn, record)
    said = next((one for one in kept.said if one.n == n), None)
    if said is None or kept.transcript is None:
        raise web.HTTPNotFound
    try:
        await correct(request, record, kept.transcript, _correction(request, form, said))
    except NothingSaid:
        return await _refused(request, kept, n, form, NOTHING, 422)
    except HiddenMoved:
        return await _refused(request, kept, n, form, MOVED, 422)
    except Conflict:
        return await _refused(request, kept, n, form, CHANGED, 409)
    except Busy:
        return await _refused(request, kept, n, form, BUSY, 503)
    except NoSuchTurn:
        raise web.HTTPNotFound from None
    if not request.headers.get("HX-Request"):
        raise web.HTTPSeeOther(f"/calls/{record.id}?t={int(said.start)}#turn-{n}")
    async with request.app[ENGINE].connect() as conn:
        return _turn(request, await load(conn, record), n, editing=0)


def _correction(request: web.Request, form: Form, said: Said) -> Correction:
    """What the form asks for. Raises NothingSaid, HiddenMoved."""
    version = field(form, "version")
    at = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    if field(form, "undo"):
        return Correction(n=said.n, version=at, undo=True)
    text = " ".join(field(form, "text").replace("\0", "").split())[:LONGEST]
    if not text:
        raise NothingSaid(NothingSaid.__doc__)
    if not knows_hidden(request.app[SETTINGS], user_of(request)):
        text = restored(text, said)
    felt = {str(value): value for value, _name in FEELINGS}.get(field(form, "feeling"))
    return Correction(n=said.n, version=at, text=None if text == said.text else text, sentiment=felt)


def _turn(
    request: web.Request, kept: Kept, n: int, *, editing: int | None = None, draft: str = "", problem: str = "",
    status: int = 200,
) -> web.Response:  # fmt: skip
    view = _view(request, kept, editing=editing, draft=draft, problem=problem)
    row = next((row for row in view.rows if isinstance(row, TurnView) and row.n == n), None)
    if row is None:
        raise web.HTTPNotFound
    return fragment(request, "speech/call_turn_only.html", (view, row), status=status)


def _view(request: web.Request, kept: Kept, *, editing: int | None, draft: str, problem: str) -> TalkView:
    reader = reader_of(request, kept.record, editing=editing, draft=draft, problem=problem)
    return talk_view(kept, reader)


async def _refused(request: web.Request, kept: Kept, n: int, form: Form, why: str, status: int) -> web.StreamResponse:
    """The form again, with what was written and why it was not taken."""
    async with request.app[ENGINE].connect() as conn:
        kept = await load(conn, kept.record)  # with the version that holds now
        draft = field(form, "text")[:LONGEST]
        if request.headers.get("HX-Request"):
            return _turn(request, kept, n, editing=n, draft=draft, problem=_(why), status=status)
        reader = reader_of(request, kept.record, editing=n, draft=draft, problem=_(why))
        return await show(conn, request, kept.record, reader=reader, status=status)


async def _told(
    request: web.Request, conn: AsyncConnection, record: CallRecord, act: str, details: dict[str, object]
) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"call:{record.id}", details=details,
        address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip
