"""/live/<call>: the words of a call in progress, for supervisors and the agent who talks; parts of it for the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.speech import TapAsk
from cxcall.calls.record import CallRecord
from cxcall.store import audit, calls, customers
from cxcall.web.access import OVERSEERS, Forbidden, needs, user_of
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.floor.bar import BarView, bar_view
from cxcall.web.pages.forms import field
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.live_view import LiveCall, live_view
from cxcall.web.pages.people import person
from cxcall.web.pages.speech.talk_loading import TICKED, load
from cxcall.web.pages.speech.talk_view import TalkView
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.rights import sees_call
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCallView:
    """`call` is None once the call is over. `may_ask`: the reader may have it heard, or end that; `refused`: why the
    last wish was not fulfilled, in the reader's words; `bar`: for who may step in."""

    now: datetime
    id: str
    name: str
    number: str | None
    tier: str
    queue: str | None
    agent: str | None
    talk: TalkView
    call: LiveCall | None
    may_ask: bool
    refused: str = ""
    bar: BarView | None = None


@routes.get("/live/{id}")
@needs()
async def call_page(request: web.Request) -> web.StreamResponse:
    async with request.app[ENGINE].connect() as conn:
        record = await _opened(conn, request)
        if record.id != request.match_info["id"]:  # it became part of another call
            raise web.HTTPFound(f"/live/{record.id}")
        view = await _view(conn, request, record)
    return page(request, "speech/live_call.html", view)


@routes.get("/live/{id}/body")
@needs()
async def body(request: web.Request) -> web.Response:
    """What changes on the page when the call itself does."""
    async with request.app[ENGINE].connect() as conn:
        view = await _view(conn, request, await _opened(conn, request))
    return fragment(request, "speech/live_call_body.html", view)


@routes.get("/live/{id}/turns")
@needs()
async def turns(request: web.Request) -> web.Response:
    """The turns so far, for a page that missed some."""
    return fragment(request, "speech/turns_alone.html", await _talk_of(request))


@routes.get("/live/{id}/parts")
@needs()
async def parts(request: web.Request) -> web.Response:
    """Mood, topics and hints, for when they changed."""
    return fragment(request, "speech/parts_alone.html", await _talk_of(request))


@routes.post("/live/{id}/words")
@needs(*OVERSEERS)
async def words(request: web.Request) -> web.StreamResponse:
    """Have a call heard that its queue does not, or end that. Both are written down."""
    form, user = await request.post(), user_of(request)
    act = field(form, "act")
    if act not in ("start", "stop"):
        raise web.HTTPBadRequest
    async with request.app[ENGINE].connect() as conn:
        record = await _opened(conn, request)
    refused = ""
    try:
        await request.app[COMMANDS].ask(f"tap:{act}", TapAsk(call_id=record.id, by=user.id, server=record.server))
    except CommandRefused as error:
        refused = said(str(error))
    except NoAnswer:
        refused = _("Asterisk did not answer. Nothing was done; try again.")
    else:
        async with request.app[ENGINE].begin() as conn:
            await audit.add(
                conn,
                actor=user.name,
                act=f"call.words_{act}",
                subject=f"call:{record.id}",
                address=address_of(request),
                at=request.app[CLOCK](),
            )
    if not refused:
        raise web.HTTPSeeOther(f"/live/{record.id}")
    async with request.app[ENGINE].connect() as conn:
        view = await _view(conn, request, record, refused=refused)
    return page(request, "speech/live_call.html", view, status=409)


async def _opened(conn: AsyncConnection, request: web.Request) -> CallRecord:
    record = await calls.get(conn, request.match_info["id"])
    if record is None:
        raise web.HTTPNotFound
    if not sees_call(user_of(request), record):
        raise Forbidden(_("This is not one of your calls."))
    return record


async def _view(conn: AsyncConnection, request: web.Request, record: CallRecord, refused: str = "") -> LiveCallView:
    user, id_ = user_of(request), record.caller.customer_id
    customer = await customers.get(conn, id_) if id_ else None
    outbound = record.direction == "outbound"
    who = person(customer, None if outbound else record.caller.name)
    now = current().now
    known = {customer.id: customer} if customer else {}
    live = live_view([record], known, now).calls[0] if record.ended_at is None else None
    visit = record.queue_visits[-1] if record.queue_visits else None
    return LiveCallView(
        now=now,
        id=record.id,
        name=who.name,
        number=record.called if outbound else record.caller.number,
        tier=who.tier,
        queue=visit.queue if visit else None,
        agent=live.agent if live else visit.agent if visit else None,
        talk=await load(request, conn, record, user, customer=who.name, own=False),
        call=live,
        may_ask=user.oversees and live is not None and live.kind in ("talking", "held"),
        refused=refused,
        bar=await bar_view(request, record) if user.oversees and live is not None else None,
    )


async def _talk_of(request: web.Request) -> TalkView:
    """The words of a call; `?desk`: as the desk of the agent who talks shows them."""
    own, user = "desk" in request.query, user_of(request)
    async with request.app[ENGINE].connect() as conn:
        record = await _opened(conn, request)
        id_ = record.caller.customer_id
        customer = await customers.get(conn, id_) if id_ else None
        name = person(customer, None if record.direction == "outbound" else record.caller.name).name
        return await load(request, conn, record, user, customer=name, own=own, ticked=user.kept.get(TICKED))
