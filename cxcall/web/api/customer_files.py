"""`/customers/export`: all of them as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from aiohttp import web

from cxcall.customers.table_import import EXPORT_HEADER
from cxcall.store.customer_export import export_rows
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope

LINES_AT_ONCE = 200


async def export_customers(asked: Asked[None, None]) -> web.StreamResponse:
    """CSV in UTF-8 that an import reads again; several values of a field are separated by `; `."""
    async with asked.engine.begin() as conn:
        await note_act(asked, conn, "customer.export", "customers")
    response = web.StreamResponse(headers={"Content-Disposition": 'attachment; filename="customers.csv"'})
    response.content_type, response.charset = "text/csv", "utf-8"
    await response.prepare(asked.request)
    await response.write(_csv([EXPORT_HEADER]))
    some: list[list[str]] = []
    async with asked.engine.connect() as conn:
        async for row in export_rows(conn):
            some.append(row)
            if len(some) >= LINES_AT_ONCE:
                await response.write(_csv(some))
                some.clear()
    await response.write(_csv(some))
    await response.write_eof()
    return response


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


ENDPOINTS = (
    Endpoint(
        method="GET", path="/customers/export", handler=export_customers, summary="All customers as CSV",
        tag="customers", scope=Scope.CUSTOMERS_READ, roles=OVERSEERS, gives=str, gives_type="text/csv",
    ),
)  # fmt: skip
