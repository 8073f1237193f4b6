"""What a supervisor's open page says aloud of a new alert: sound and notification, for those the rule names."""

from __future__ import annotations

from aiohttp import web

from cxcall.store import alerts
from cxcall.store.alerts import Alert
from cxcall.web.access import OVERSEERS, SignedIn, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.alerting.words import said
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

LEVELS = {"red": N_("Red"), "yellow": N_("Yellow")}

routes = web.RouteTableDef()


@routes.get("/alerts/{id:[0-9a-f]{20,}}/news")
@needs(*OVERSEERS)
async def news(request: web.Request) -> web.Response:
    """204: it is over, quiet, or told to others."""
    async with request.app[ENGINE].connect() as conn:
        heard = await alerts.heard(conn, now=request.app[CLOCK](), limit=100)
    alert = next((one for one in heard if one.id == request.match_info["id"]), None)
    if alert is None or not told_to(alert, user_of(request)):
        return web.Response(status=204)
    level = f"{_(LEVELS[alert.level])}: " if alert.rule_id else ""
    return web.json_response(
        {
            "id": alert.id, "n": alert.n, "level": alert.level, "title": level + alert.title, "text": said(alert),
            "url": alert.link or "/alerts", "sound": alert.params.get("sound") is not False,
        },
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


def told_to(alert: Alert, user: SignedIn) -> bool:
    """Whether a rule has this person told; a rule that names nobody has everybody told."""
    people = alert.params.get("people")
    return not people or not isinstance(people, list) or user.id in people
