"""Recency, frequency and value (`customers.rfm`): what was seen of each customer last night, and the bounds."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, Table, Text

from cxcall.store.schema import metadata
from cxcall.store.tables import BYTES

# Of customers who were ever in contact. Days are ordinals of the site's days.
rfm_customers = Table(
    "rfm_customers",
    metadata,
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    # When it was looked at.
    Column("day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    # Of the last 365.
    Column("days", Integer, nullable=False),
    Column("contacts", Integer, nullable=False),
    # The site's own figure.
    Column("value", Float),
    sqlite_with_rowid=False,
)

# One row.
rfm_bounds = Table(
    "rfm_bounds",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # `rfm.Bounds` as JSON.
    Column("bounds", Text, nullable=False),
    # How many customers were in each group, as JSON.
    Column("groups", Text, nullable=False),
)
