"""The sound of a call's recording, in pieces as the player asks for them, and its shape."""

from __future__ import annotations

from aiohttp import web

from cxcall.calls.record import CallRecord
from cxcall.web import call_recordings, errors
from cxcall.web.access import Forbidden, needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages.call_detail import opened
from cxcall.web.recording_sound import SoundGone, SoundLate
from cxcall.web.rights import hears_recording
from cxcall.web.unread_recordings import NotRead
from cxcall.web.words import gettext as _

LONGEST = 64
RETRY_S = "30"

routes = web.RouteTableDef()


@routes.get("/calls/{id}/recording")
@needs()
async def recording(request: web.Request) -> web.StreamResponse:
    """The recording; `?r=` one of several, `?download=1` to be kept as a file. Numbers are silent by right."""
    record = await _heard(request)
    asked = request.query
    try:
        return await call_recordings.answer(
            request, record, wanted=asked.get("r", "")[:LONGEST], opening=asked.get("o", "")[:LONGEST],
            download=bool(asked.get("download")),
        )  # fmt: skip
    except SoundGone:
        raise web.HTTPNotFound from None
    except SoundLate:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": RETRY_S}) from None
    except NotRead as error:
        return errors.answer(request, 409, _(str(error)))


@routes.get("/calls/{id}/recording/peaks")
@needs()
async def peaks(request: web.Request) -> web.Response:
    """Its shape, as JSON: the loudest sample of each of some 1,500 pieces of every channel."""
    record = await _heard(request)
    try:
        data = await call_recordings.shape(request, record, request.query.get("r", "")[:LONGEST])
    except SoundGone:
        raise web.HTTPNotFound from None
    except SoundLate:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": RETRY_S}) from None
    except NotRead as error:
        return errors.answer(request, 409, _(str(error)))
    headers = {"Cache-Control": call_recordings.KEPT, "Vary": "Cookie"}
    return web.Response(body=data, content_type="application/json", headers=headers)


async def _heard(request: web.Request) -> CallRecord:
    """The call of the address. Raises 404 and 403 as its page does, and 403 for who may not hear it."""
    async with request.app[ENGINE].connect() as conn:
        record = await opened(conn, request)
    if not hears_recording(request.app[SETTINGS], user_of(request), record):
        raise Forbidden(_("Recordings are heard by supervisors here."))
    return record
