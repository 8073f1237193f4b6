"""What the dialplan asks over HTTP: one line of plain text, soon, or none that begins with "OK|".

Asterisk has no session, so these are open; what they give away is about a call that is on the line now.
Anything that does not begin with `OK|` counts as "cxcall is not there": the call goes on without us.
"""

from __future__ import annotations

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.routing import DECIDE
from cxcall.routing import answer
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
    """Where should this call go? `?call=UNIQUEID&number=CALLER&called=DNID&queue=DEFAULT` and, where the dialplan knows
    them, `server`, `language`, `intent`, `sure`, `keys` → `OK|status=hint|queue=…` (`cxcall.routing.answer`).
    """
    said = {name: value[:LONGEST] for name, value in request.query.items()}
    try:
        told = await request.app[COMMANDS].ask(DECIDE, said, timeout=LIMIT)
    except (NoAnswer, CommandRefused) as error:
        return _line(f"NO|{error}", 503)
    return _line(answer.line(told))


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


@routes.get(PREFIX + "call-back")
@public
async def call_back(request: web.Request) -> web.Response:
    """A caller who waits would rather be called: `?step=ask|confirm|back` and what `cxcall.bus.call_backs` names.

    `OK|ask|TOKEN|NUMBER|yes` (another number may be keyed, or `no`), `OK|kept`, `OK|again`, `OK|back|POSITION`,
    `OK|no|reason`.
    """
    said = {name: value[:LONGEST] for name, value in request.query.items()}
    step = said.pop("step", "")
    if step not in ("ask", "confirm", "back"):
        return _line("NO|step", 400)
    try:
        told = await request.app[COMMANDS].ask(f"call_back:{step}", said, timeout=LIMIT)
    except (NoAnswer, CommandRefused) as error:
        return _line(f"NO|{error}", 503)
    rest = {"ask": ("token", "number", "other"), "back": ("position",), "no": ("reason",)}.get(told["answer"], ())
    return _line("|".join(("OK", told["answer"], *(told[name] for name in rest))))


def _line(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
