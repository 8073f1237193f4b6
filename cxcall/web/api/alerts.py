"""`/alerts`: what supervisors shall look at now."""

from __future__ import annotations

from typing import Any

import msgspec

from cxcall.store import alerts
from cxcall.store.alerts import Alert, Level, NoSuchAlert, State
from cxcall.store.paging import BadCursor
from cxcall.web import keys
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

ROLES = tuple(sorted(OVERSEERS))


class AlertQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list."""

    limit: Limit = 50
    after: After | None = None
    state: State | None = None


class Snooze(msgspec.Struct, frozen=True, kw_only=True):
    """Be quiet about it until then."""

    until: Time


class ShownAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert; `n` is how often it was raised since it was opened, `link` the page to look at. Of a rule of the floor:
    `rule_id` and the queue it is about, `server:name`; else both are empty."""

    id: str
    key: str
    title: str
    params: dict[str, Any]
    link: str
    n: int
    raised_at: Time
    last_at: Time
    state: State
    snoozed_until: Time | None
    closed_at: Time | None
    closed_by: str
    level: Level
    rule_id: str
    queue: str


class AlertList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of alerts, newest first; `next` is null on the last one."""

    items: list[ShownAlert]
    next: str | None


async def list_alerts(asked: Asked[AlertQuery, None]) -> AlertList:
    query = asked.query
    try:
        async with asked.engine.connect() as conn:
            found = await alerts.page(conn, state=query.state, limit=query.limit, after=query.after)
    except BadCursor as error:
        raise bad_cursor() from error
    return AlertList(items=[_shown(alert) for alert in found.rows], next=found.next)


async def snooze_alert(asked: Asked[None, Snooze]) -> ShownAlert:
    """It is heard again at `until`, or counted on when it is raised again meanwhile."""
    if asked.body.until <= asked.now:
        errors = [{"detail": "This is over already.", "pointer": "#/until"}]
        raise Problem(422, "An alert is snoozed until a time to come.", errors=errors)
    return await _write(asked, "alert.snooze")


async def close_alert(asked: Asked[None, None]) -> ShownAlert:
    """Nobody has to look at it any more; when it is raised again, it is a new one."""
    return await _write(asked, "alert.close")


async def _write(asked: Asked[None, Any], act: str) -> ShownAlert:
    async with asked.engine.begin() as conn:
        try:
            if act == "alert.snooze":
                alert = await alerts.snooze(conn, asked.path["id"], until=asked.body.until)
            else:
                alert = await alerts.close(conn, asked.path["id"], by=asked.who.name, now=asked.now)
        except NoSuchAlert as error:
            raise Problem(404, str(error)) from error
        await note_act(asked, conn, act, f"alert:{alert.id}")
        heard = await alerts.count_heard(conn, now=asked.now)
    asked.request.app[keys.BUS].publish("alerts", {"id": alert.id, "open": heard})
    return _shown(alert)


def _shown(alert: Alert) -> ShownAlert:
    values = {name: getattr(alert, name) for name in ShownAlert.__struct_fields__}
    return ShownAlert(**{**values, "params": dict(alert.params)})


ENDPOINTS = (
    Endpoint(
        method="GET", path="/alerts", handler=list_alerts, summary="List alerts", tag="alerts",
        scope=Scope.TASKS_READ, roles=ROLES, query=AlertQuery, gives=AlertList,
    ),
    Endpoint(
        method="POST", path="/alerts/{id}/snooze", handler=snooze_alert, summary="Snooze an alert", tag="alerts",
        scope=Scope.TASKS_WRITE, roles=ROLES, body=Snooze, gives=ShownAlert,
    ),
    Endpoint(
        method="POST", path="/alerts/{id}/close", handler=close_alert, summary="Close an alert", tag="alerts",
        scope=Scope.TASKS_WRITE, roles=ROLES, gives=ShownAlert,
    ),
)  # fmt: skip
