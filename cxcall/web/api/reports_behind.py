"""`/reports/{name}/calls`: the calls behind a figure, as many as it was made of."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from cxcall.cells import BOM, harmless
from cxcall.reports.answer import Key
from cxcall.reports.checking import BadReport
from cxcall.reports.measures import find
from cxcall.store.paging import MOST_ROWS, BadCursor, Slice
from cxcall.store.reporting import behind
from cxcall.store.reporting.behind import BehindRow
from cxcall.web import report_files
from cxcall.web.access import OVERSEERS
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.reports import asked_for, attached, refused
from cxcall.web.api.reports_shapes import ReportQuery
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time, plain
from cxcall.web.keys import SETTINGS
from cxcall.web.pages.own_reports import typed
from cxcall.web.problems import Problem
from cxcall.web.report_making import clock_of
from cxcall.web.report_reading import Question, keys_of


class BehindQuery(ReportQuery, frozen=True, kw_only=True):
    """The calls behind the figure `measure`, of the row `key` (the values of its keys in order, `|`
    between them; a queue as `support@lab` where there are several servers), or
    of the total where none is given. `after`: `next` or `previous` of another page. `format` csv: all of them as a
    file, whatever `limit` and `after` say, with the names of the fields as headings."""

    measure: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    key: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    limit: Limit = 50
    after: After | None = None
    format: Literal["json", "csv"] = "json"


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
    """Calls behind a figure, the newest first; `count` is how many the figure was made of. `next` and `previous` lead
    to the pages around this one, null where there is none."""

    items: list[CallBehind]
    count: int
    next: str | None
    previous: str | None


async def list_calls_behind(asked: Asked[BehindQuery, None]) -> CallsBehind | web.StreamResponse:
    """Those of the row or of the total, counted as the figure is."""
    query = asked.query
    found, wanted = await asked_for(asked, asked.request.app[SETTINGS].site)
    about = _about(asked, wanted)
    if query.format == "csv":
        name = report_files.file_name(f"{found.stem}-{typed.stem(query.measure)}", wanted.span, "csv")
        return await _send(asked, name, about)
    try:
        async with asked.engine.connect() as conn:
            count = await behind.count_behind(conn, **about)
            page = await behind.calls_behind(conn, **about, limit=query.limit, after=query.after)
    except BadCursor as error:
        raise bad_cursor() from error
    return CallsBehind(items=[_call(row) for row in page.rows], count=count, next=page.next, previous=page.previous)


def _about(asked: Asked[BehindQuery, None], wanted: Question) -> dict[str, Any]:
    """What the store is asked. Raises Problem 422."""
    query, settings = asked.query, asked.request.app[SETTINGS]
    definition, clock = wanted.definition, clock_of(settings.site, wanted.calendar)
    measure = find(query.measure)
    if measure is None or measure.behind is None:
        error_ = {"detail": "There are no calls behind this figure.", "parameter": "measure"}
        raise Problem(422, "The calls can't be listed as they are asked for, see errors.", errors=[error_])
    servers = [server.name for server in settings.ami]
    try:
        keys: tuple[Key, ...] = () if query.key is None else keys_of(definition, query.key, servers)
    except BadReport as error:
        raise refused(error) from error
    return {
        "measure": query.measure, "span": wanted.span, "narrowing": definition.narrowing, "keys": keys,
        "short": definition.short, "zone": clock.zone, "calendar": clock.calendar,
    }  # fmt: skip


async def _send(asked: Asked[BehindQuery, None], name: str, about: dict[str, Any]) -> web.StreamResponse:
    """All of the list, sent while it is read. A connection at a time for each part: a slow reader holds none."""
    part = await _part(asked, about, None)
    response = web.StreamResponse(headers=attached(name))
    response.content_type, response.charset = report_files.CSV_TYPE, "utf-8"
    await response.prepare(asked.request)
    await response.write((BOM + _csv([CallBehind.__struct_fields__])).encode())
    while True:
        await response.write(_csv([_cells(_call(row)) for row in part.rows]).encode())
        if part.next is None:
            break
        part = await _part(asked, about, part.next)
    await response.write_eof()
    return response


async def _part(asked: Asked[BehindQuery, None], about: dict[str, Any], after: str | None) -> Slice[BehindRow]:
    async with asked.engine.connect() as conn:
        return await behind.calls_behind(conn, **about, limit=MOST_ROWS, after=after)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cells(one: CallBehind) -> list[str]:
    """Moments as the API writes them, seconds with a point."""
    values = (getattr(one, name) for name in CallBehind.__struct_fields__)
    return [harmless("" if value is None else str(plain(value))) for value in values]


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
        problems=(404, 409),
    ),
)  # fmt: skip
