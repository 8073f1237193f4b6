"""Tables of the people who use cxcall: users, their sessions and tokens, failed logins, the log of acts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, func

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

users = Table(
    "users",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", BYTES, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("language", Text),
    Column("password_hash", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("preferences", Text, nullable=False),
    moment("created_at", nullable=False),
    moment("updated_at", nullable=False),
)
Index("uq_users_name_key", users.c.name_key, unique=True)

shown_name = func.coalesce(func.nullif(users.c.display_name, ""), users.c.name)
"""What people call somebody."""

user_extensions = Table(
    "user_extensions",
    metadata,
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("extension", BYTES, primary_key=True),
    Column("n", Integer, nullable=False),
)
Index("ix_user_extensions_extension", user_extensions.c.extension)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", BYTES, primary_key=True),
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    moment("created_at", nullable=False),
    moment("seen_at", nullable=False),
    moment("expires_at", nullable=False),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
)
Index("ix_sessions_user", sessions.c.user_id, sessions.c.seen_at)
Index("ix_sessions_expires_at", sessions.c.expires_at)

tokens = Table(
    "tokens",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", BYTES, nullable=False),
    Column("scopes", Text, nullable=False),
    moment("created_at", nullable=False),
    moment("expires_at"),
    moment("used_at"),
    moment("revoked_at"),
)
Index("uq_tokens_secret_hash", tokens.c.secret_hash, unique=True)
Index("ix_tokens_user", tokens.c.user_id, tokens.c.created_at)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("subject", BYTES, primary_key=True),
    Column("failures", Integer, nullable=False),
    moment("failed_at", nullable=False),
    moment("locked_until"),
)
Index("ix_login_attempts_failed_at", login_attempts.c.failed_at)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    moment("at", nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", BYTES, nullable=False),
    Column("subject", BYTES, nullable=False),
    Column("details", Text, nullable=False),
    Column("address", Text, nullable=False),
)
Index("ix_audit_subject", audit.c.subject, audit.c.id)
Index("ix_audit_actor", audit.c.actor, audit.c.id)
