"""`/customers/merge` and `/customers/export`: two profiles made one, and all of them as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated

import msgspec
from aiohttp import web

from cxcall.customers.table_import import EXPORT_HEADER
from cxcall.store import customer_merges, customers
from cxcall.store.customer_export import export_rows
from cxcall.store.customer_merges import CannotMerge
from cxcall.store.customers import NoSuchCustomer
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.customers import ShownCustomer, shown, told
from cxcall.web.api.endpoint import Answer, Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag
from cxcall.web.problems import Problem

CustomerId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
LINES_AT_ONCE = 200


class CustomerMerge(msgspec.Struct, frozen=True, kw_only=True):
    """Make the customer `gone` part of the customer `kept`."""

    kept: CustomerId
    gone: CustomerId


async def merge_customers(asked: Asked[None, CustomerMerge]) -> Answer:
    """Numbers, calls and notes move, gaps of the profile are filled; the old id leads to the one that stays."""
    body = asked.body
    async with asked.engine.begin() as conn:
        try:
            done = await customer_merges.merge(conn, body.kept, body.gone, by=asked.who.name)
        except NoSuchCustomer as error:
            raise Problem(422, "There is no customer of one of these ids.") from error
        except CannotMerge as error:
            raise Problem(409, str(error)) from error
        customer = await customers.get(conn, done.kept)
        await note_act(asked, conn, "customer.merge", f"customer:{done.kept}", {"gone": done.gone, "merge": done.id})
    for customer_id in (done.kept, done.gone):
        told(asked, customer_id)
    if customer is None:
        raise Problem(404, str(NoSuchCustomer.__doc__))
    return Answer(value=shown(customer), headers={"ETag": etag(customer.version)})


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
        method="POST", path="/customers/merge", handler=merge_customers, summary="Make two customers one",
        tag="customers", scope=Scope.CUSTOMERS_WRITE, roles=OVERSEERS, body=CustomerMerge, gives=ShownCustomer,
        problems=(409,), gives_headers=("ETag",),
    ),
    Endpoint(
        method="GET", path="/customers/export", handler=export_customers, summary="All customers as CSV",
        tag="customers", scope=Scope.CUSTOMERS_READ, roles=OVERSEERS, gives=str, gives_type="text/csv",
    ),
)  # fmt: skip
