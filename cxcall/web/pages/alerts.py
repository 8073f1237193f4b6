"""/alerts: what supervisors shall look at now, what was snoozed, and what was; and the bell of every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from aiohttp import web

from cxcall.store import alerts, audit
from cxcall.store.alerts import Alert, NoSuchAlert
from cxcall.store.paging import BadCursor
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.alerting.words import said
from cxcall.web.pages.forms import field
from cxcall.web.pages.login import local
from cxcall.web.presentation import current
from cxcall.web.render import Done, fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/alerts"
ROWS = 50
SNOOZES: dict[str, tuple[str, timedelta]] = {
    "15m": (N_("15 minutes"), timedelta(minutes=15)),
    "1h": (N_("an hour"), timedelta(hours=1)),
    "8h": (N_("eight hours"), timedelta(hours=8)),
    "1d": (N_("a day"), timedelta(days=1)),
}
DONE = {
    "snoozed": N_("The alert is quiet for now."),
    "closed": N_("The alert was closed."),
    "no-time": N_("That is no time. Write it like 17:30."),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsView:
    """`heard` are open, or their snooze is over; `rest` snoozed and closed ones, newest first."""

    heard: Sequence[Alert]
    rest: Sequence[Alert]
    older: str | None
    newer: str | None
    quiet_since: datetime | None

    @property
    def snoozes(self) -> list[tuple[str, str]]:
        return [(key, words) for key, (words, _span) in SNOOZES.items()]

    def said(self, alert: Alert) -> str:
        """What a rule of the floor found, in a sentence; "" for others."""
        return said(alert)


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    if request.query.get("tab") == "rules":
        raise web.HTTPSeeOther(f"{PATH}/rules")
    done = request.query.get("done", "")
    return page(request, "alerts.html", await _view(request), done=Done(text=_(DONE[done])) if done in DONE else None)


@routes.get(PATH + "/list")
@needs(*OVERSEERS)
async def list_fragment(request: web.Request) -> web.Response:
    return fragment(request, "alerts_list.html", await _view(request))


@routes.get(PATH + "/bell")
@needs(*OVERSEERS)
async def bell(request: web.Request) -> web.Response:
    """How many alerts are open, for the top of every page."""
    async with request.app[ENGINE].connect() as conn:
        heard = await alerts.count_heard(conn, now=request.app[CLOCK]())
    return fragment(request, "alerts_bell.html", heard)


@routes.post(PATH + "/{id:[0-9a-f]+}/snooze")
@needs(*OVERSEERS)
async def snooze(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    chosen, at, back = field(form, "for"), typed(field(form, "until")), field(form, "next")
    if at:
        until = next_time(at, request.app[CLOCK]())
        if until is None:
            raise web.HTTPSeeOther(f"{PATH}?done=no-time")
    elif chosen in SNOOZES:
        until = request.app[CLOCK]() + SNOOZES[chosen][1]
    else:
        raise web.HTTPSeeOther(PATH)
    await _write(request, "snooze", until=until)
    raise web.HTTPSeeOther(local(back) if back else f"{PATH}?done=snoozed")


@routes.post(PATH + "/{id:[0-9a-f]+}/close")
@needs(*OVERSEERS)
async def close(request: web.Request) -> web.StreamResponse:
    await _write(request, "close", by=user_of(request).name, now=request.app[CLOCK]())
    raise web.HTTPSeeOther(f"{PATH}?done=closed")


def next_time(text: str, now: datetime) -> datetime | None:
    """When the site's clock next shows `text` (`17:30`, `9:05`); None for what is no time."""
    hour, _colon, minute = text.partition(":")
    try:
        at = time(int(hour), int(minute or "0"))
    except ValueError:
        return None
    zone = current().zone
    local_now = now.astimezone(zone)
    day = local_now.date() if at > local_now.time() else local_now.date() + timedelta(days=1)
    return datetime.combine(day, at, zone).astimezone(now.tzinfo)


async def _write(request: web.Request, act: str, **how: Any) -> None:
    """Snooze or close; one that somebody closed meanwhile stays closed."""
    change = alerts.snooze if act == "snooze" else alerts.close
    alert_id = request.match_info["id"]
    async with request.app[ENGINE].begin() as conn:
        try:
            await change(conn, alert_id, **how)
        except NoSuchAlert:
            raise web.HTTPSeeOther(PATH) from None
        await audit.add(
            conn, actor=user_of(request).name, act=f"alert.{act}", subject=f"alert:{alert_id}",
            address=address_of(request), at=request.app[CLOCK](),
        )  # fmt: skip
        heard = await alerts.count_heard(conn, now=request.app[CLOCK]())
    request.app[BUS].publish("alerts", {"id": alert_id, "open": heard})


async def _view(request: web.Request) -> AlertsView:
    now, after = request.app[CLOCK](), request.query.get("after")
    async with request.app[ENGINE].connect() as conn:
        heard = await alerts.heard(conn, now=now)
        try:
            found = await alerts.page(conn, limit=ROWS, after=after)
        except BadCursor:
            found = await alerts.page(conn, limit=ROWS)
    rest = [alert for alert in found.rows if not alert.is_heard(now)]
    closed = [alert.closed_at for alert in rest if alert.closed_at]
    return AlertsView(
        heard=heard,
        rest=rest,
        older=f"{PATH}?after={found.next}" if found.next else None,
        newer=f"{PATH}?after={found.previous}" if found.previous else None,
        quiet_since=max(closed, default=None) if not heard else None,
    )
