"""Secrets that let someone in: shown once, kept only as SHA-256. They are random enough to need no salt."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """256 bits of chance as a word for cookies and headers."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
