"""Tables of what somebody has to do: tasks, alerts to supervisors, and webhooks with their deliveries."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

_OPEN = text("state <> 'closed'")

tasks = Table(
    "tasks",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    # No foreign keys: a customer may be merged, a call merged into another, a user removed; the task stays.
    Column("customer_id", BYTES),
    Column("number", BYTES, nullable=False),
    Column("call_id", BYTES),
    Column("response_id", BYTES),
    Column("queue", Text, nullable=False),
    Column("owner_id", BYTES),
    moment("due_at", nullable=False),
    Column("promise", Text, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("outcome", Text, nullable=False),
    moment("made_at", nullable=False),
    Column("made_by", Text, nullable=False),
    moment("ended_at"),
    Column("ended_by", Text, nullable=False),
)
Index("ix_tasks_due", tasks.c.state, tasks.c.due_at, tasks.c.id)
Index("ix_tasks_owner", tasks.c.owner_id, tasks.c.state, tasks.c.due_at, tasks.c.id)
Index("ix_tasks_customer", tasks.c.customer_id, tasks.c.made_at)
Index("ix_tasks_call", tasks.c.call_id)
Index("ix_tasks_response", tasks.c.response_id)
Index("ix_tasks_ended", tasks.c.ended_at)

alerts = Table(
    "alerts",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("key", BYTES, nullable=False),
    Column("title", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("n", Integer, nullable=False),
    moment("raised_at", nullable=False),
    moment("last_at", nullable=False),
    Column("state", BYTES, nullable=False),
    moment("snoozed_until"),
    moment("closed_at"),
    Column("closed_by", Text, nullable=False),
    Column("level", BYTES, nullable=False, server_default="red"),
    # "" of an alert that no rule of the floor raised, or that is about no queue.
    Column("rule_id", BYTES, nullable=False, server_default=""),
    Column("queue", BYTES, nullable=False, server_default=""),
)
Index("uq_alerts_open", alerts.c.key, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_alerts_newest", alerts.c.last_at, alerts.c.id)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    moment("made_at", nullable=False),
    Column("made_by", Text, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("webhook_id", BYTES, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", BYTES, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("tries", Integer, nullable=False),
    moment("made_at", nullable=False),
    moment("next_at"),
    moment("sent_at"),
    Column("status", Integer),
    Column("answer", Text, nullable=False),
)
Index("ix_webhook_deliveries_due", webhook_deliveries.c.state, webhook_deliveries.c.next_at)
Index("ix_webhook_deliveries_newest", webhook_deliveries.c.webhook_id, webhook_deliveries.c.made_at)
