"""Who did what and when: rows are added and read, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.paging import MOST_ROWS
from cxcall.store.people_tables import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act: `actor` is a login name (or `system`), `act` a word such as `customer.merge`, `subject` what it
    was done to (`customer:ID`)."""

    id: int
    at: datetime
    actor: str
    act: str
    subject: str
    details: Mapping[str, Any]
    address: str


async def add(
    conn: AsyncConnection,
    *,
    actor: str,
    act: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    address: str = "",
    at: datetime | None = None,
) -> None:
    """Write down an act, in the transaction that does it. Secrets and passwords never belong into `details`."""
    await conn.execute(
        audit.insert().values(
            at=at or datetime.now(UTC),
            actor=actor,
            act=act,
            subject=subject,
            details=msgspec.json.encode(details or {}).decode(),
            address=address,
        )
    )


async def page(
    conn: AsyncConnection,
    *,
    limit: int = 50,
    before: int | None = None,
    subject: str | None = None,
    actor: str | None = None,
) -> list[Entry]:
    """Acts, newest first, older than the entry `before`; of one subject or one actor if asked."""
    query = select(audit).order_by(audit.c.id.desc()).limit(max(1, min(limit, MOST_ROWS)))
    if before is not None:
        query = query.where(audit.c.id < before)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    return [Entry(**{**row._mapping, "details": msgspec.json.decode(row.details)}) for row in await conn.execute(query)]
