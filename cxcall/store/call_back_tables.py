"""Tables of call-backs that keep their place: the plan of each queue, and every caller who was promised one."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

call_backs = Table(
    "call_backs",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("server", BYTES, nullable=False),
    Column("queue", BYTES, nullable=False),
    # E.164, else as it was dialled.
    Column("number", BYTES, nullable=False),
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="SET NULL")),
    Column("state", BYTES, nullable=False),
    Column("reason", BYTES, nullable=False),
    Column("tries", Integer, nullable=False),
    # When the caller joined the queue: the place that is kept.
    moment("joined_at", nullable=False),
    moment("made_at", nullable=False),
    # Not tried before.
    moment("next_at", nullable=False),
    moment("ended_at"),
    # The call in which it was asked for, and that of the newest try. No foreign keys: the writer may be behind.
    Column("first_call", BYTES, nullable=False),
    Column("last_call", BYTES),
    Column("task_id", BYTES),
    # JSON of routing.call_back.CallBack.
    Column("body", Text, nullable=False),
)
_OPEN = text("ended_at IS NULL")
_OPEN_CUSTOMER = text("ended_at IS NULL AND customer_id IS NOT NULL")
_b = call_backs.c
# One for each customer, however many numbers they have.
Index("uq_call_backs_open_number", _b.number, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("uq_call_backs_open_customer", _b.customer_id, unique=True, sqlite_where=_OPEN_CUSTOMER,
      postgresql_where=_OPEN_CUSTOMER)  # fmt: skip
Index("ix_call_backs_open", _b.server, _b.queue, _b.joined_at, _b.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_call_backs_newest", _b.made_at, _b.id)
Index("ix_call_backs_first_call", _b.first_call)
Index("ix_call_backs_last_call", _b.last_call)
Index("ix_call_backs_customer", _b.customer_id, _b.made_at)

call_back_plans = Table(
    "call_back_plans",
    metadata,
    Column("server", BYTES, primary_key=True),
    Column("queue", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    # JSON of routing.call_back_plan.CallBackPlan.
    Column("body", Text, nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
