"""Tables of queues as people set them up: how each server is kept, drafts and what was applied, versions, hours.

What a queue is lies in JSON (`cxcall.queues.definition`): a queue is read whole or not at all.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

queue_servers = Table(
    "queue_servers",
    metadata,
    Column("server", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("mode", BYTES, nullable=False),
    Column("file", Text, nullable=False),
    # Which of `queue_versions` Asterisk has; None before the first.
    Column("applied_version", Integer),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)

queues = Table(
    "queues",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("server", BYTES, nullable=False),
    Column("name", BYTES, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", BYTES, nullable=False),
    # A managed queue without a draft is to be removed.
    Column("draft", Text),
    Column("applied", Text),
    Column("look", Text, nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
Index("uq_queues_name", queues.c.server, queues.c.name, unique=True)

queue_versions = Table(
    "queue_versions",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("server", BYTES, nullable=False),
    Column("n", Integer, nullable=False),
    moment("made_at", nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("definitions", Text, nullable=False),
    Column("queues", Integer, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("problem", Text, nullable=False),
    Column("seconds", Float),
    # The older version this one brings back.
    Column("restores", Integer),
)
Index("uq_queue_versions_n", queue_versions.c.server, queue_versions.c.n, unique=True)

calendars = Table(
    "calendars",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name_key", BYTES, nullable=False),
    Column("body", Text, nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
Index("uq_calendars_name_key", calendars.c.name_key, unique=True)

closures = Table(
    "closures",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("server", BYTES, nullable=False),
    # "" closes all of the server's.
    Column("queue", BYTES, nullable=False),
    Column("body", Text, nullable=False),
    moment("since", nullable=False),
    moment("until"),
    moment("lifted_at"),
    Column("lifted_by", Text, nullable=False),
)
_STANDING = text("lifted_at IS NULL")
Index("uq_closures_standing", closures.c.server, closures.c.queue, unique=True, sqlite_where=_STANDING,
      postgresql_where=_STANDING)  # fmt: skip
Index("ix_closures_newest", closures.c.server, closures.c.since, closures.c.id)
