"""Ids we make ourselves: sortable by the time they were made, not to be guessed."""

from __future__ import annotations

import secrets
import time


def new_id() -> str:
    """26 hexadecimal digits: milliseconds since 1970, then chance."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(7)}"
