"""Whether a call is being recorded, on the desk and on the page of a live call; and pausing that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.speech import RecordingAsk, RecordingState
from cxcall.calls.record import CallRecord
from cxcall.store import audit, calls, recordings
from cxcall.web.access import Forbidden, needs, user_of
from cxcall.web.keys import COMMANDS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.forms import field
from cxcall.web.pages.listener_words import said
from cxcall.web.presentation import current
from cxcall.web.render import fragment
from cxcall.web.rights import sees_call
from cxcall.web.role_rights import may as allowed
from cxcall.web.role_rights import require
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

DEADLINE_S = 2.0
WHY = {"card": N_("a card number is being said"), "agent": N_("by hand"), "keys": N_("a card number is being keyed")}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderView:
    """`state` is None where nobody knows; `paused_at`: since when it is paused; `why`: in words; `may`: the reader may
    have the call recorded, or end that."""

    now: datetime
    id: str
    state: RecordingState | None
    paused_at: datetime | None = None
    why: str = ""
    refused: str = ""
    may: bool = False


@routes.get("/live/{id}/recorder")
@needs()
async def show(request: web.Request) -> web.Response:
    """The chip alone: fetched by its page when the call changes."""
    record = await _opened(request)
    return fragment(request, "speech/recorder.html", await _view(request, record))


@routes.post("/live/{id}/recorder")
@needs()
async def act(request: web.Request) -> web.StreamResponse:
    """Pause recording the call, or go on; have it recorded, or end that, with the right to. All is written down."""
    record, form = await _opened(request), await request.post()
    what = field(form, "act")
    if what not in ("pause", "resume", "start", "stop"):
        raise web.HTTPBadRequest
    if what in ("start", "stop"):
        await require(request, "record")
    ask = RecordingAsk(call_id=record.id, by=user_of(request).name, why="agent", server=record.server)
    refused = ""
    try:
        await request.app[COMMANDS].ask(f"recording:{what}", ask, timeout=DEADLINE_S)
    except CommandRefused as error:
        refused = said(str(error))
    except NoAnswer:
        refused = _("Asterisk did not answer. Nothing was done; try again.")
    else:
        await _note(request, record, what)
    if request.headers.get("HX-Request"):
        return fragment(request, "speech/recorder.html", await _view(request, record, refused))
    raise web.HTTPSeeOther(f"/live/{record.id}")


async def _view(request: web.Request, record: CallRecord, refused: str = "") -> RecorderView:
    try:
        state: RecordingState = await request.app[COMMANDS].ask(
            "recording:state", RecordingAsk(call_id=record.id, server=record.server), timeout=DEADLINE_S
        )
    except (NoAnswer, CommandRefused):
        return RecorderView(now=current().now, id=record.id, state=None, refused=refused)
    may = record.answered_at is not None and record.ended_at is None and await allowed(request, "record")
    since = None
    if state.paused:
        async with request.app[ENGINE].connect() as conn:
            since = await _paused_at(conn, record.id)
    why = _(WHY[state.detail]) if state.detail in WHY else ""
    return RecorderView(
        now=current().now, id=record.id, state=state, paused_at=since, why=why, refused=refused, may=may
    )


async def _paused_at(conn: AsyncConnection, call_id: str) -> datetime | None:
    for recording in reversed(await recordings.of_call(conn, call_id)):
        if recording.pauses and recording.pauses[-1].until is None:
            return recording.began_at + timedelta(seconds=recording.pauses[-1].since)
    return None


async def _opened(request: web.Request) -> CallRecord:
    async with request.app[ENGINE].connect() as conn:
        record = await calls.get(conn, request.match_info["id"])
    if record is None:
        raise web.HTTPNotFound
    if not sees_call(user_of(request), record):
        raise Forbidden(_("This is not one of your calls."))
    return record


async def _note(request: web.Request, record: CallRecord, what: str) -> None:
    async with request.app[ENGINE].begin() as conn:
        await audit.add(
            conn, actor=user_of(request).name, act=f"recording.{what}", subject=f"call:{record.id}",
            address=address_of(request), at=current().now,
        )  # fmt: skip
