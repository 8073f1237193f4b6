"""`/customers/{id}/rfm`: recency, frequency and value of a customer, as worked out last night (METRICS `rfm`)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from cxcall.customers.rfm import Bounds, Group, Seen, group, scores
from cxcall.store import rfm
from cxcall.web.api.customers import found_customer
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope

Score = Annotated[int, msgspec.Meta(ge=1, le=5, description="The fifth of all customers, 5 is best.")]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`on`: the site's day of the night, among so many `customers`. `last_contact` is a day, `days` and `contacts` are
    of the 365 days before; `value` is the site's own figure. `by_purchases`: values made the score of value, else
    contacts did."""

    group: Group
    recency: Score
    frequency: Score
    value_score: Score
    last_contact: str
    days: int
    contacts: int
    value: float | None
    on: str
    customers: int
    by_purchases: bool


class CustomerRfm(msgspec.Struct, frozen=True, kw_only=True):
    """`rfm` is null of a customer who was not in contact before last night."""

    customer_id: str
    rfm: Standing | None


async def get_rfm(asked: Asked[None, None]) -> CustomerRfm:
    """Worked out every night; a customer who came first today has none yet."""
    async with asked.engine.connect() as conn:
        customer = await found_customer(asked, conn)
        seen, bounds = await rfm.of_customer(conn, customer.id), await rfm.bounds(conn)
    return CustomerRfm(customer_id=customer.id, rfm=_standing(seen, bounds) if seen and bounds else None)


def _standing(seen: Seen, bounds: Bounds) -> Standing:
    found = scores(seen, bounds)
    return Standing(
        group=group(found), recency=found.recency, frequency=found.frequency, value_score=found.value,
        last_contact=seen.last.isoformat(), days=seen.days, contacts=seen.contacts, value=seen.value,
        on=bounds.on.isoformat(), customers=bounds.customers, by_purchases=bounds.by_purchases,
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/customers/{id}/rfm", handler=get_rfm, summary="Recency, frequency and value of a customer",
        tag="customers", scope=Scope.CUSTOMERS_READ, gives=CustomerRfm,
    ),
)  # fmt: skip
