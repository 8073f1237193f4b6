"""Every change through the API is written down, in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import audit
from cxcall.web.api.endpoint import Asked
from cxcall.web.observe import address_of


async def note_act(
    asked: Asked[Any, Any], conn: AsyncConnection, act: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Note that whoever asks did `act` (`customer.merge`) to `subject` (`customer:ID`)."""
    await audit.add(
        conn,
        actor=asked.who.name,
        act=act,
        subject=subject,
        details=details,
        address=address_of(asked.request),
        at=asked.now,
    )
