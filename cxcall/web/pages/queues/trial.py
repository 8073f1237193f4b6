"""A test call: one's own phone rings and then waits in a queue like a caller."""

from __future__ import annotations

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import TrialCall
from cxcall.store.queues import KeptQueue
from cxcall.web import errors
from cxcall.web.access import Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import COMMANDS, ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.queues import words
from cxcall.web.pages.queues.acts import Edited
from cxcall.web.pages.queues.editor import again
from cxcall.web.pages.queues.loading import note_act, queue_of
from cxcall.web.words import gettext as _

ONE = words.PATH + "/{server}/{name}"
WAIT_S = 20.0

routes = web.RouteTableDef()


@routes.post(ONE + "/test-call")
@needs(Role.ADMIN)
async def call(request: web.Request) -> web.StreamResponse:
    queue, phone = await queue_of(request), typed(field(await request.post(), "phone"))
    if not phone or len(phone) > 80 or not phone.isprintable():
        return await _refused(request, queue, words.WRONG_PHONE, 422)
    act = TrialCall(server=queue.server, queue=queue.name, phone=phone, by=user_of(request).name)
    try:
        await request.app[COMMANDS].ask("queues:test_call", act, timeout=WAIT_S)
    except CommandRefused as error:
        return await _refused(request, queue, said(str(error)), 409)
    except NoAnswer:
        return await _refused(request, queue, words.NO_PHONES, 503)
    async with request.app[ENGINE].begin() as conn:
        await note_act(request, conn, "queue.test_call", f"queue:{queue.server}/{queue.name}", phone=phone)
    raise web.HTTPSeeOther(f"{words.PATH}/{queue.server}/{queue.name}?done=called")


async def _refused(request: web.Request, queue: KeptQueue, why: str, status: int) -> web.StreamResponse:
    """The page the call was asked from, with the reason."""
    if queue.draft is None:
        return errors.answer(request, status, _(why))
    return await again(request, queue, Edited(draft=queue.draft), why, status)
