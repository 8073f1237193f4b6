"""Calls in progress, for supervisors and administrators; follows the channels `calls` and `speech`."""

from __future__ import annotations

from aiohttp import web

from cxcall.store import calls, customers
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import COMMANDS, ENGINE
from cxcall.web.pages.live_view import LiveView, live_view
from cxcall.web.pages.speech.live_moods import live_moods
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.role_rights import rights_in

routes = web.RouteTableDef()


@routes.get("/live")
@needs(*OVERSEERS)
async def live_page(request: web.Request) -> web.Response:
    return page(request, "live.html", await _view(request))


@routes.get("/live/table")
@needs(*OVERSEERS)
async def table(request: web.Request) -> web.Response:
    """The calls alone, fetched anew when one changes."""
    return fragment(request, "live_table.html", await _view(request))


async def _view(request: web.Request) -> LiveView:
    async with request.app[ENGINE].connect() as conn:
        records = await calls.in_progress(conn)
        ids = {record.caller.customer_id for record in records if record.caller.customer_id}
        known = await customers.many(conn, ids)
        talked = [record.id for record in records if record.answered_at]
        moods = await live_moods(request.app[COMMANDS], conn, talked, current().now)
        rights = await rights_in(conn, user_of(request).role)
    return live_view(records, known, current().now, moods, rights)
