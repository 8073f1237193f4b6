"""All ids a customer has gone by: their own and those of profiles merged into theirs."""

from __future__ import annotations

from sqlalchemy import Select, literal, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import String

from cxcall.store.tables import customers


def identities(customer_id: str) -> Select[tuple[str]]:
    """The ids, to be used as `column.in_(identities(id))`: rows tied to a merged profile need not move."""
    own: ColumnElement[str] = literal(customer_id, String)
    found = select(own.label("id")).cte("identities", recursive=True)
    found = found.union(select(customers.c.id).where(customers.c.merged_into == found.c.id))
    return select(found.c.id)
