"""What a token may be used for; the role of its owner still bounds it."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """One right of a token. `ANY` is not given: it stands for a token with whatever scopes."""

    ANY = "any"
    CALLS_READ = "calls:read"
    CALLS_WRITE = "calls:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    USERS_ADMIN = "users:admin"
    TOKENS_WRITE = "tokens:write"
    AUDIT_READ = "audit:read"
    METRICS_READ = "metrics:read"


SCOPES: dict[Scope, str] = {
    Scope.CALLS_READ: "reads calls and their notes",
    Scope.CALLS_WRITE: "writes call notes",
    Scope.CUSTOMERS_READ: "reads customers and their history",
    Scope.CUSTOMERS_WRITE: "creates, changes, merges and imports customers",
    Scope.USERS_ADMIN: "lists and changes users (administrators)",
    Scope.TOKENS_WRITE: "lists, makes and revokes tokens",
    Scope.AUDIT_READ: "reads the audit trail (administrators)",
    Scope.METRICS_READ: "reads /metrics",
}
"""Every scope a token can be given, in words."""
