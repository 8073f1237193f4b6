"""What the dialplan asks over HTTP: one line of plain text, soon, or none that begins with "OK|".

Asterisk has no session, so these are open; what they give away is yes or no about a call that is on the line now.
Anything that does not begin with `OK|` counts as "cxcall is not there": the call goes on without us.
"""

from __future__ import annotations

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.web.access import public
from cxcall.web.keys import COMMANDS

PREFIX = "/dialplan/"

LIMIT = 1.4
"""Seconds for an answer: Asterisk waits 1.5."""

LONGEST = 200
"""Letters of a value; a unique id, a queue, an interface have far fewer."""

routes = web.RouteTableDef()


@routes.get(PREFIX + "route")
@public
async def route(request: web.Request) -> web.Response:
    """Where should this call go? `OK|status|queue|priority|agent|language|rule`, empty fields for no opinion.

    No opinion is all there is until there are routing rules: the dialplan takes the queue it would have taken.
    """
    return _line("OK|default|||||")


@routes.get(PREFIX + "survey")
@public
async def survey(request: web.Request) -> web.Response:
    """`?call=UNIQUEID&queue=Q&agent=INTERFACE[&server=NAME][&language=fa]` → `OK|ask|` or `OK|no|reason`."""
    said = {name: request.query.get(name, "")[:LONGEST] for name in ("call", "queue", "agent", "server", "language")}
    try:
        decision = await request.app[COMMANDS].ask("survey:offer", said, timeout=LIMIT)
    except (NoAnswer, CommandRefused) as error:
        return _line(f"NO|{error}", 503)
    return _line("OK|ask|" if decision["ask"] else f"OK|no|{decision['reason']}")


def _line(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
