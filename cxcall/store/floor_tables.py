"""Tables of the floor: rules that raise alerts, big screens, who may step in, messages to agents."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)

screens = Table(
    "screens",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", BYTES, nullable=False),
    Column("body", Text, nullable=False),
    moment("made_at", nullable=False),
    Column("made_by", Text, nullable=False),
    moment("revoked_at"),
    moment("seen_at"),
)
Index("uq_screens_secret_hash", screens.c.secret_hash, unique=True)

role_rights = Table(
    "role_rights",
    metadata,
    Column("role", BYTES, primary_key=True),
    Column("right", BYTES, primary_key=True),
    Column("allowed", Boolean, nullable=False),
)

floor_messages = Table(
    "floor_messages",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("to_user", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("from_name", Text, nullable=False),
    Column("text", Text, nullable=False),
    moment("at", nullable=False),
    moment("read_at"),
)
_UNREAD = text("read_at IS NULL")
Index("ix_floor_messages_unread", floor_messages.c.to_user, floor_messages.c.at, floor_messages.c.id,
      sqlite_where=_UNREAD, postgresql_where=_UNREAD)  # fmt: skip
Index("ix_floor_messages_newest", floor_messages.c.at, floor_messages.c.id)
