"""`/customers/merge`, `/customers/{id}/merges`: two profiles made one, and that taken back."""

from __future__ import annotations

from typing import Annotated

import msgspec

from cxcall.store import customer_merges, customers
from cxcall.store.customer_merges import CannotMerge, Merge
from cxcall.store.customers import NoSuchCustomer
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.customers import ShownCustomer, found_customer, shown, told
from cxcall.web.api.endpoint import Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

CustomerId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class CustomerMerge(msgspec.Struct, frozen=True, kw_only=True):
    """Make the customer `gone` part of the customer `kept`."""

    kept: CustomerId
    gone: CustomerId


class ShownMerge(msgspec.Struct, frozen=True, kw_only=True):
    """A merge that can be taken back: `gone` became part of `kept`. `by` is a login name."""

    id: str
    kept: str
    gone: str
    by: str
    merged_at: Time


class MergeList(msgspec.Struct, frozen=True, kw_only=True):
    """Merges into a customer that can be taken back, newest first; `next` is null on the last page."""

    items: list[ShownMerge]
    next: str | None


class Unmerged(msgspec.Struct, frozen=True, kw_only=True):
    """Both customers again. `stays`: fields of `kept` that people changed since and that are left as they are."""

    kept: ShownCustomer
    gone: ShownCustomer
    stays: list[str]


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


async def list_customer_merges(asked: Asked[PageQuery, None]) -> MergeList:
    async with asked.engine.connect() as conn:
        customer = await found_customer(asked, conn)
        found = await customer_merges.of_customer(conn, customer.id)
    page, following = part(found, asked.query, lambda merge: merge.id)
    return MergeList(items=[_shown(merge) for merge in page], next=following)


async def undo_customer_merge(asked: Asked[None, None]) -> Unmerged:
    """Each has its numbers, calls and notes again; calls since then go by their number.

    409 when the one that was kept has itself been merged since: take that back first.
    """
    async with asked.engine.begin() as conn:
        into = await customer_merges.of_customer(conn, asked.path["id"])
        if asked.path["merge"] not in {merge.id for merge in into}:
            raise Problem(404, "There is no such merge into this customer, or it was taken back already.")
        try:
            kept, gone, stays = await customer_merges.undo_merge(conn, asked.path["merge"])
        except CannotMerge as error:
            raise Problem(409, str(error)) from error
        await note_act(asked, conn, "customer.unmerge", f"customer:{kept.id}", {"gone": gone.id})
    for one in (kept, gone):
        told(asked, one.id)
    return Unmerged(kept=shown(kept), gone=shown(gone), stays=list(stays))


def _shown(merge: Merge) -> ShownMerge:
    return ShownMerge(id=merge.id, kept=merge.kept, gone=merge.gone, by=merge.by, merged_at=merge.merged_at)


ENDPOINTS = (
    Endpoint(
        method="POST", path="/customers/merge", handler=merge_customers, summary="Make two customers one",
        tag="customers", scope=Scope.CUSTOMERS_WRITE, roles=OVERSEERS, body=CustomerMerge, gives=ShownCustomer,
        problems=(409,), gives_headers=("ETag",),
    ),
    Endpoint(
        method="GET", path="/customers/{id}/merges", handler=list_customer_merges,
        summary="Merges that can be taken back", tag="customers", scope=Scope.CUSTOMERS_READ, roles=OVERSEERS,
        query=PageQuery, gives=MergeList,
    ),
    Endpoint(
        method="POST", path="/customers/{id}/merges/{merge}/undo", handler=undo_customer_merge,
        summary="Take a merge back", tag="customers", scope=Scope.CUSTOMERS_WRITE, roles=OVERSEERS, gives=Unmerged,
        problems=(409,),
    ),
)  # fmt: skip
