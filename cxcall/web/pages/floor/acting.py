"""/floor/…: what a supervisor does to calls, agents and queue members, from the buttons of many pages."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import cast

from aiohttp import web

from cxcall.bus.monitoring import MODES, Mode
from cxcall.calls.record import CallRecord
from cxcall.store import calls, floor_messages, sign_ins, users
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.pages.floor.bar import bar_view
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.listener_words import said
from cxcall.web.render import fragment, page
from cxcall.web.role_rights import require
from cxcall.web.stepping_in import (
    ENDED,
    NO_AGENT,
    RIGHT_OF,
    CallAct,
    NotDone,
    Wish,
    leave,
    monitor,
    note,
    on_call,
    on_member,
)
from cxcall.web.words import N_

LONGEST_MESSAGE = 500
EMPTY = N_("Write what you want to say.")
TOO_LONG = N_("Write at most 500 letters.")
OURS = re.compile(r"/(?![/\\])[^\\\s]*")
CALL_ACTS: tuple[CallAct, ...] = ("hang_up", "transfer", "take_over")

routes = web.RouteTableDef()


@routes.post("/floor/monitor")
@needs(*OVERSEERS)
async def listen(request: web.Request) -> web.StreamResponse:
    """Listen, whisper, join, or stop that."""
    form = await request.post()
    mode, call_id = field(form, "mode"), field(form, "call")
    if mode != "stop" and mode not in MODES:
        raise web.HTTPBadRequest
    refused = ""
    try:
        if mode == "stop":
            await leave(request)
        else:
            record = await _call(request, call_id)
            call_id = record.id
            await monitor(request, record, cast("Mode", mode), field(form, "phone"))
    except NotDone as error:
        refused = str(error)
    if field(form, "bar") and request.headers.get("HX-Request"):
        record = await _call(request, call_id)
        return fragment(request, "floor/bar_answer.html", await bar_view(request, record, refused=refused))
    return _answer(request, form, refused, f"/live/{call_id}" if call_id else "/live")


@routes.post("/floor/call")
@needs(*OVERSEERS)
async def call(request: web.Request) -> web.StreamResponse:
    """End, transfer or take over a call."""
    form = await request.post()
    act, to = field(form, "act"), typed(field(form, "to")).strip()
    if act not in CALL_ACTS:
        raise web.HTTPBadRequest
    record = await _call(request, field(form, "call"))
    refused = await _refusal(on_call(request, record, act, to))
    if field(form, "bar") and request.headers.get("HX-Request"):
        record = await _call(request, record.id)
        return fragment(request, "floor/bar_answer.html", await bar_view(request, record, refused=refused))
    return _answer(request, form, refused, f"/live/{record.id}")


@routes.post("/floor/member")
@needs(*OVERSEERS)
async def member(request: web.Request) -> web.StreamResponse:
    """Pause an agent, end a pause, log off, add, remove, move, give another penalty."""
    form = await request.post()
    act, penalty = field(form, "act"), typed(field(form, "penalty"))
    if act not in RIGHT_OF or (penalty and not (penalty.isdecimal() and len(penalty) <= 6)):
        raise web.HTTPBadRequest
    wish = Wish(
        act=act,
        server=field(form, "server"),
        device=field(form, "device"),
        interface=field(form, "interface"),
        queue=field(form, "queue"),
        to=field(form, "to"),
        reason=field(form, "reason"),
        name=field(form, "name"),
        penalty=int(penalty) if penalty else None,
    )
    return _answer(request, form, await _refusal(on_member(request, wish)), "/live")


@routes.post("/floor/message")
@needs(*OVERSEERS)
async def message(request: web.Request) -> web.StreamResponse:
    """Write to an agent, by user id or by phone: it stands on their desk until they have read it."""
    await require(request, "message")
    form = await request.post()
    text = field(form, "text").strip()
    refused = EMPTY if not text else TOO_LONG if len(text) > LONGEST_MESSAGE else ""
    if not refused:
        refused = await _send(request, field(form, "user"), field(form, "agent"), text)
    return _answer(request, form, refused, "/live")


async def _send(request: web.Request, user_id: str, phone: str, text: str) -> str:
    async with request.app[ENGINE].begin() as conn:
        everyone = [user for user in await users.everyone(conn) if not user.disabled]
        sits = {one.user_id: one.interface for one in await sign_ins.open_ones(conn)}
        there = {user.id for user in everyone if phone and phone == sits.get(user.id)} or {
            user.id for user in everyone if phone and phone in user.extensions and user.id not in sits
        }
        to = [user for user in everyone if user.id == user_id or user.id in there]
        if not to:
            return NO_AGENT
        sender = user_of(request).shown_name
        ids = [user.id for user in to]
        await floor_messages.send(conn, ids, from_name=sender, text=text, now=request.app[CLOCK]())
    for user in to:
        request.app[BUS].publish(f"messages:{user.id}", {"from": sender})
        await note(request, "floor.message", f"user:{user.id}")
    return ""


async def _call(request: web.Request, call_id: str) -> CallRecord:
    async with request.app[ENGINE].connect() as conn:
        record = await calls.get(conn, call_id)
    if record is None:
        raise web.HTTPNotFound
    return record


async def _refusal(act: Awaitable[object]) -> str:
    try:
        await act
    except NotDone as error:
        return str(error) or ENDED
    return ""


def _answer(request: web.Request, form: Form, refused: str, default: str) -> web.StreamResponse:
    """Back to where the button was; for a script, nothing or the sentence."""
    by_script = bool(request.headers.get("X-Fragment") or request.headers.get("HX-Request"))
    wanted = field(form, "next")
    back = wanted if OURS.fullmatch(wanted) else default
    if by_script:
        return web.Response(status=409, text=said(refused).striptags()) if refused else web.Response(status=204)
    if not refused:
        raise web.HTTPSeeOther(back)
    return page(request, "floor/refused.html", (said(refused), back), status=409)
