"""Calls as CSV that spreadsheets open right: UTF-8 with its mark, one line a call, sent while it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, Sequence

from aiohttp import web

from cxcall.cells import BOM, harmless
from cxcall.store.calls import CallRow
from cxcall.web.pages.labels import DIRECTIONS, ENDED_BY, OUTCOMES
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

HEADER = (
    N_("Call"), N_("Started"), N_("Answered at"), N_("Ended at"), N_("Direction"), N_("Customer"), N_("Number"),
    N_("Dialled"), N_("Queue"), N_("Agent"), N_("Wait in seconds"), N_("Talk in seconds"), N_("Outcome"),
    N_("Ended by"),
)  # fmt: skip


async def send(request: web.Request, chunks: AsyncIterable[Sequence[CallRow]]) -> web.StreamResponse:
    """Answer with all rows of `chunks`; times on the site's clock, numbers and dates in Latin digits."""
    name = f"calls-{current().local(current().now):%Y-%m-%d}.csv"
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    response.content_type = "text/csv"
    response.charset = "utf-8"
    await response.prepare(request)
    await response.write(head().encode())
    async for rows in chunks:
        if rows:
            await response.write(lines_of(rows).encode())
    await response.write_eof()
    return response


def head() -> str:
    """The mark of the encoding and the line of headings."""
    return BOM + _lines([[_(word) for word in HEADER]])


def lines_of(rows: Sequence[CallRow]) -> str:
    """A line a call."""
    return _lines([_cells(row) for row in rows])


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def _cells(row: CallRow) -> list[str]:
    outbound = row.direction == "outbound"
    times = (row.started_at, row.answered_at, row.ended_at)
    started, answered, ended = (f"{current().local(time):%Y-%m-%d %H:%M:%S}" if time else "" for time in times)
    return [
        row.id,
        started,
        answered,
        ended,
        _(DIRECTIONS[row.direction].text),
        row.customer_name or ("" if outbound else row.caller_name) or "",
        (row.party_number if outbound else row.caller_number) or "",
        row.called or "",
        row.queue or "",
        row.agent or "",
        "" if row.wait is None else f"{row.wait:.1f}",
        f"{row.talk:.1f}",
        _(OUTCOMES[row.outcome].text),
        _(ENDED_BY[row.ended_by]),
    ]
