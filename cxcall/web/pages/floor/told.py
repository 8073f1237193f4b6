"""What an agent is told by supervisors, on whatever page they are: messages until they are read, and who listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.monitoring import Monitor
from cxcall.store import floor_messages
from cxcall.store.floor_messages import FloorMessage
from cxcall.web.access import needs, user_of
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.stepping_in import ASK_S

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldView:
    """`monitors`: who is in the agent's call now; empty where the site does not have agents told."""

    now: datetime
    messages: Sequence[FloorMessage]
    monitors: Sequence[Monitor]


@routes.get("/desk/told")
@needs()
async def show(request: web.Request) -> web.Response:
    """A part of every page, and a page of its own without scripts."""
    view = await _view(request)
    if request.headers.get("X-Fragment") or request.headers.get("HX-Request"):
        return fragment(request, "floor/told.html", view)
    return page(request, "floor/told_page.html", view)


@routes.post("/desk/message")
@needs()
async def read(request: web.Request) -> web.StreamResponse:
    """The agent has read a message."""
    form, user = await request.post(), user_of(request)
    async with request.app[ENGINE].begin() as conn:
        await floor_messages.read(conn, field(form, "message"), user_id=user.id, now=request.app[CLOCK]())
    if request.headers.get("X-Fragment") or request.headers.get("HX-Request"):
        return fragment(request, "floor/told.html", await _view(request))
    raise web.HTTPSeeOther("/desk/told")


async def _view(request: web.Request) -> ToldView:
    user = user_of(request)
    async with request.app[ENGINE].connect() as conn:
        messages = await floor_messages.unread(conn, user.id)
    monitors: list[Monitor] = []
    for phone in user.phones:
        try:
            monitors += await request.app[COMMANDS].ask("monitor:at", phone, timeout=ASK_S)
        except (NoAnswer, CommandRefused):
            break
    return ToldView(now=current().now, messages=messages, monitors=monitors)
