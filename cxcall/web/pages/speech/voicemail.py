"""/speech/voicemail/ID: a message from a mailbox, its sound and its text.

For supervisors and administrators: no agent took part in it. Who listened is in the log of acts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from cxcall.settings import Settings
from cxcall.speech import redact
from cxcall.speech.peaks import Cut
from cxcall.store import audit, voicemail_files
from cxcall.store.turns import Said
from cxcall.web import call_recordings
from cxcall.web.access import OVERSEERS, Forbidden, needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages.speech.call_sound import RETRY_S
from cxcall.web.pages.speech.search_view import VOICEMAIL
from cxcall.web.pages.speech.voicemail_view import Kept, MessageView, load, silent_for, view_of
from cxcall.web.presentation import current
from cxcall.web.recording_sound import SoundGone, SoundLate
from cxcall.web.render import fragment, page
from cxcall.web.rights import knows_hidden

ONE = VOICEMAIL + "/{id:[0-9A-Za-z_-]{1,64}}"

routes = web.RouteTableDef()


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    return page(request, "speech/voicemail.html", await _view(request))


@routes.get(ONE + "/now")
@needs(*OVERSEERS)
async def show_now(request: web.Request) -> web.Response:
    """Progress and text alone, fetched anew until it is done."""
    return fragment(request, "speech/upload_text.html", await _view(request))


@routes.get(ONE + "/sound")
@needs(*OVERSEERS)
async def sound(request: web.Request) -> web.StreamResponse:
    """The message, in pieces as asked for; hidden numbers are silent for those who may not know them."""
    user, settings = user_of(request), request.app[SETTINGS]
    kept = await _kept(request)
    if why := silent_for(settings, user, kept):
        raise Forbidden(why)
    silenced = () if knows_hidden(settings, user) else _cuts(kept.said)
    path = await _heard(request, settings, kept, silenced)
    asked = request.headers.get("Range", "").replace(" ", "")
    if not asked or asked.startswith("bytes=0-"):
        await _told(request, kept, silenced=bool(silenced))
    headers = {"Content-Type": "audio/flac", "Cache-Control": call_recordings.KEPT, "Vary": "Cookie"}
    return web.FileResponse(path, headers=headers)


async def _heard(request: web.Request, settings: Settings, kept: Kept, cuts: Sequence[Cut]) -> Path:
    file = voicemail_files.sound_of(settings, kept.message.id)
    if not await asyncio.to_thread(file.is_file):
        raise web.HTTPNotFound
    try:
        return await request.app[call_recordings.COPIES].heard(file, cuts)
    except SoundGone:
        raise web.HTTPNotFound from None
    except SoundLate:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": RETRY_S}) from None


def _cuts(said: Sequence[Said]) -> list[Cut]:
    """Where hidden pieces are heard. Nobody corrects a message, so its words have the engine's times."""
    found = [(one, call_recordings.hidden_of(one)) for one in said if one.hidden]
    return [
        Cut(channel=0, start=start, end=end) for one, hidden in found for start, end in redact.seconds(one.turn, hidden)
    ]


async def _told(request: web.Request, kept: Kept, *, silenced: bool) -> None:
    """Write down who listened; a player asks for the beginning once."""
    async with request.app[ENGINE].begin() as conn:
        await audit.add(
            conn,
            actor=user_of(request).name,
            act="voicemail.listened",
            subject=f"voicemail:{kept.message.id}",
            details={"mailbox": kept.message.mailbox, "silenced": silenced},
            address=address_of(request),
            at=current().now,
        )


async def _kept(request: web.Request) -> Kept:
    async with request.app[ENGINE].connect() as conn:
        kept = await load(conn, request.app[SETTINGS], request.match_info["id"])
    if kept is None:
        raise web.HTTPNotFound
    return kept


async def _view(request: web.Request) -> MessageView:
    kept = await _kept(request)
    async with request.app[ENGINE].connect() as conn:
        return await view_of(conn, request.app[SETTINGS], user_of(request), kept)
