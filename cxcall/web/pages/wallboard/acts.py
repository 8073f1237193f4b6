"""What a supervisor does from the banner: have free agents help, take that back, be quiet about a queue."""

from __future__ import annotations

from aiohttp import web

from cxcall.calls.board_shapes import Seat
from cxcall.store import alerts, audit
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.login import local
from cxcall.web.pages.wallboard.helping import HELPING, helping
from cxcall.web.pages.wallboard.loading import board_of
from cxcall.web.render import page
from cxcall.web.role_rights import require
from cxcall.web.stepping_in import MemberAct, NotDone, Wish, on_member

PATH = "/wallboard"
routes = web.RouteTableDef()


@routes.post(PATH + "/move")
@needs(*OVERSEERS)
async def move(request: web.Request) -> web.StreamResponse:
    """Free agents are logged in to a queue that needs them; they stay in their own, too."""
    form = await request.post()
    board = await board_of(request, everything=True)
    tile = board.queues.get(field(form, "queue")) if board else None
    if board is None or tile is None:
        raise web.HTTPSeeOther(PATH)
    wanted = [board.agents[key] for key in form.getall("agent", []) if isinstance(key, str) and key in board.agents]
    there: list[str] = []
    try:
        for seat in wanted:
            if seat.state == "ready" and seat.server == tile.server:
                await on_member(request, _wish("add", seat, tile.name))
                there.append(seat.key)
    except NotDone as error:
        return page(request, "floor/refused.html", (said(str(error)), PATH), status=409)
    finally:
        if there:
            request.app[HELPING].add(tile.key, there, request.app[CLOCK]())
            await _tell(request)
    raise web.HTTPSeeOther(_back(form))


@routes.post(PATH + "/move/undo")
@needs(*OVERSEERS)
async def undo(request: web.Request) -> web.StreamResponse:
    """Those who were had to help leave that queue again, as far as they are still in it."""
    form = await request.post()
    await require(request, "move")
    board = await board_of(request, everything=True)
    one = request.app[HELPING].take(field(form, "help")) if board else None
    if board is None or one is None:
        raise web.HTTPSeeOther(_back(form))
    try:
        for seat in helping(board, one):
            await on_member(request, _wish("remove", seat, one.queue.partition(":")[2]))
    except NotDone as error:
        request.app[HELPING].helps.append(one)
        return page(request, "floor/refused.html", (said(str(error)), PATH), status=409)
    await _tell(request)
    raise web.HTTPSeeOther(_back(form))


@routes.post(PATH + "/snooze")
@needs(*OVERSEERS)
async def snooze(request: web.Request) -> web.StreamResponse:
    """Ten minutes without the banner and the alerts of a queue, for everybody."""
    form, now = await request.post(), request.app[CLOCK]()
    board = await board_of(request, everything=True)
    queue = field(form, "queue")
    if board is None or queue not in board.queues:
        raise web.HTTPSeeOther(PATH)
    until = request.app[HELPING].hush(queue, now)
    async with request.app[ENGINE].begin() as conn:
        for alert in await alerts.of_rules(conn):
            if alert.queue == queue and alert.is_heard(now):
                await alerts.snooze(conn, alert.id, until=until)
        await audit.add(
            conn, actor=user_of(request).name, act="board.snooze", subject=f"queue:{queue}",
            address=address_of(request), at=now,
        )  # fmt: skip
    await _tell(request)
    raise web.HTTPSeeOther(_back(form))


def _wish(act: MemberAct, seat: Seat, queue: str) -> Wish:
    return Wish(act=act, server=seat.server, device=seat.device, queue=queue, name=seat.name)


def _back(form: Form) -> str:
    """To the choice of queues the button was on."""
    back = local(field(form, "next"))
    return back if back.startswith(PATH) else PATH


async def _tell(request: web.Request) -> None:
    """Other supervisors' banners look again."""
    async with request.app[ENGINE].connect() as conn:
        heard = await alerts.count_heard(conn, now=request.app[CLOCK]())
    request.app[BUS].publish("alerts", {"id": "", "open": heard})
