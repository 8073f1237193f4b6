"""One call: what happened, who took part, notes; live while it goes on. Agents open their own calls only."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord, jsonable
from cxcall.store import calls, customers, desk
from cxcall.web import security
from cxcall.web.access import Forbidden, Role, needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages import call_answers, follow_up_about
from cxcall.web.pages.call_backs import about
from cxcall.web.pages.call_events import JournalGone, events_of
from cxcall.web.pages.call_view import CallPageView, Note, page_view
from cxcall.web.pages.desk_loading import author_names
from cxcall.web.pages.intents import said
from cxcall.web.pages.people import person
from cxcall.web.pages.quality import of_call
from cxcall.web.pages.routing import why
from cxcall.web.pages.speech import voicemail_view
from cxcall.web.pages.speech.call_loading import load
from cxcall.web.pages.speech.call_reader import Reader, reader_of
from cxcall.web.pages.speech.call_talk import talk_view
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.rights import sees_call
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

READING_LIMIT_S = 20.0
"""Seconds the journal is looked through before the record alone is shown."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsView:
    """`at`, `name` and `number` say which call it is, as the call's own page does."""

    id: str
    at: datetime | None
    name: str
    number: str | None
    why: str
    events: tuple[str, ...]
    text: str


@routes.get("/calls/{id}")
@needs()
async def call_page(request: web.Request) -> web.StreamResponse:
    async with request.app[ENGINE].connect() as conn:
        record = await opened(conn, request)
        if record.id != request.match_info["id"]:  # it was merged into another call
            raise web.HTTPFound(f"/calls/{record.id}")
        return await show(conn, request, record, reader=reader_of(request, record))


@routes.get("/calls/{id}/body")
@needs()
async def body(request: web.Request) -> web.Response:
    """The page without its frame, fetched anew while the call goes on."""
    async with request.app[ENGINE].connect() as conn:
        record = await opened(conn, request)
        view = await _view(conn, request, record, reader_of(request, record))
    return fragment(request, "call_body.html", view)


@routes.get("/calls/{id}/record.json")
@needs(Role.ADMIN)
async def record_json(request: web.Request) -> web.Response:
    """The call record as it is kept."""
    async with request.app[ENGINE].connect() as conn:
        record = await opened(conn, request)
    return web.Response(text=_json(record), content_type="application/json", charset="utf-8")


@routes.get("/calls/{id}/events")
@needs(Role.ADMIN)
async def events(request: web.Request) -> web.Response:
    """The raw events of the call from the journal; the record where the journal no longer has them."""
    async with request.app[ENGINE].connect() as conn:
        record = await opened(conn, request)
    folder = request.app[SETTINGS].data_dir / "journal" / record.server
    found: tuple[str, ...] = ()
    why = ""
    try:
        async with asyncio.timeout(READING_LIMIT_S):
            found = tuple(await asyncio.to_thread(events_of, record, folder))
    except (JournalGone, OSError):
        why = N_("The journal of that time is no longer here, so this is the record that was made of it.")
    except TimeoutError:
        why = N_("The journal could not be looked through in time, so this is the record that was made of it.")
    text = "\n".join(found) if found else _json(record)
    if not found and not why:
        why = N_("The journal has no event that names this call, so this is the record that was made of it.")
    view = EventsView(
        id=record.id,
        at=record.started_at,
        name=record.caller.name or "",
        number=record.caller.number,
        why=why,
        events=found,
        text=text,
    )
    return page(request, "call_events.html", view)


async def opened(conn: AsyncConnection, request: web.Request) -> CallRecord:
    """The call of the address. Raises 404, and 403 for an agent whose call it is not."""
    record = await calls.get(conn, request.match_info["id"])
    if record is None:
        raise web.HTTPNotFound
    user = user_of(request)
    if not sees_call(user, record):
        raise Forbidden(_("This is not one of your calls. A supervisor can open it."))
    return record


async def show(
    conn: AsyncConnection, request: web.Request, record: CallRecord, *, reader: Reader, status: int = 200
) -> web.Response:
    """The whole page. The script that draws waveforms brings styles of its own, marked with a nonce of this answer."""
    nonce = secrets.token_urlsafe(16)
    view = dataclasses.replace(await _view(conn, request, record, reader), nonce=nonce)
    response = page(request, "call.html", view, status=status)
    response.headers["Content-Security-Policy"] = security.with_styles(nonce)
    return response


async def _view(conn: AsyncConnection, request: web.Request, record: CallRecord, reader: Reader) -> CallPageView:
    user = user_of(request)
    customer_id = record.caller.customer_id
    customer = await customers.get(conn, customer_id) if customer_id else None
    written = await desk.notes_on(conn, [record.id])
    names = await author_names(conn, [note.author for note in written])
    own = next((note for note in written if note.author == user.id), None)
    kept = await load(conn, record)
    return page_view(
        record,
        current().now,
        said=talk_view(kept, reader),
        customer=person(customer) if customer else None,
        notes=[
            Note(author=names.get(note.author, note.author), text=note.text, at=note.saved_at)
            for note in written
            if note.author != user.id
        ],
        mine=(own.text, own.version) if own else ("", 0),
        may_write=True,
        may_see_events=user.role is Role.ADMIN,
        surveys=await call_answers.of_call(conn, request.app[SETTINGS], record.id),
        follow_ups=await follow_up_about.of_call(conn, user, record.id, current().now),
        messages=await voicemail_view.of_call(conn, request.app[SETTINGS], user, record.id),
        call_back=await about.of_call(conn, record.id),
        wish=await said.of_call(conn, record.id),
        why=await why.of_call(conn, record),
        quality=await of_call.of_call(conn, user, record),
    )


def _json(record: CallRecord) -> str:
    return msgspec.json.format(msgspec.json.encode(jsonable(record)), indent=2).decode()
