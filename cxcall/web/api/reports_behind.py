"""`/reports/{name}/calls`: the calls behind a figure, as many as it was made of."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cxcall.reports.answer import Key
from cxcall.reports.checking import BadReport
from cxcall.reports.measures import find
from cxcall.store.paging import BadCursor
from cxcall.store.reporting import behind
from cxcall.web.access import OVERSEERS
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.reports import question_of, refused
from cxcall.web.api.reports_shapes import ReportQuery
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.keys import SETTINGS
from cxcall.web.problems import Problem
from cxcall.web.report_making import clock_of
from cxcall.web.report_reading import keys_of


class BehindQuery(ReportQuery, frozen=True, kw_only=True):
    """The calls behind the figure `measure`, of the row `key` (the values of its keys in order, `|`
    between them; a queue as `support@lab` where there are several servers), or
    of the total where none is given."""

    measure: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    key: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    limit: Limit = 50
    after: After | None = None


class CallBehind(msgspec.Struct, frozen=True, kw_only=True):
    """A call that counts in a figure; with `visit`, its n-th visit of a queue. Seconds."""

    call_id: str
    server: str
    visit: int
    started_at: Time
    joined_at: Time | None
    queue: str
    agent: str
    number: str
    customer_id: str | None
    customer: str
    result: str
    wait: float | None
    talk: float | None


class CallsBehind(msgspec.Struct, frozen=True, kw_only=True):
    """Calls behind a figure, the newest first; `count` is how many the figure was made of."""

    items: list[CallBehind]
    count: int
    next: str | None


async def list_calls_behind(asked: Asked[BehindQuery, None]) -> CallsBehind:
    """Those of the row or of the total, counted as the figure is."""
    query, site = asked.query, asked.request.app[SETTINGS].site
    wanted = question_of(asked, asked.path["name"], site)
    servers = [server.name for server in asked.request.app[SETTINGS].ami]
    definition, clock = wanted.definition, clock_of(site, wanted.calendar)
    measure = find(query.measure)
    if measure is None or measure.behind is None:
        error_ = {"detail": "There are no calls behind this figure.", "parameter": "measure"}
        raise Problem(422, "The calls can't be listed as they are asked for, see errors.", errors=[error_])
    try:
        keys: tuple[Key, ...] = () if query.key is None else keys_of(definition, query.key, servers)
    except BadReport as error:
        raise refused(error) from error
    about: dict[str, Any] = {
        "measure": query.measure, "span": wanted.span, "narrowing": definition.narrowing, "keys": keys,
        "short": definition.short, "zone": clock.zone, "calendar": clock.calendar,
    }  # fmt: skip
    try:
        async with asked.engine.connect() as conn:
            count = await behind.count_behind(conn, **about)
            found = await behind.calls_behind(conn, **about, limit=query.limit, after=query.after)
    except BadCursor as error:
        raise bad_cursor() from error
    return CallsBehind(items=[_call(row) for row in found.rows], count=count, next=found.next)


def _call(row: behind.BehindRow) -> CallBehind:
    return CallBehind(
        call_id=row.call_id, server=row.server, visit=row.n, started_at=row.started_at, joined_at=row.joined_at,
        queue=row.queue or "", agent=row.agent or "", number=row.number or "", customer_id=row.customer_id,
        customer=row.customer or "", result=row.result or "", wait=row.wait, talk=row.talk,
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/reports/{name}/calls", handler=list_calls_behind, summary="The calls behind a figure",
        tag="reports", scope=Scope.REPORTS_READ, roles=tuple(OVERSEERS), query=BehindQuery, gives=CallsBehind,
    ),
)  # fmt: skip
