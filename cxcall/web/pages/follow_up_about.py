"""Follow-ups as they stand on the page of a customer or a call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import tasks, users
from cxcall.store.tasks import Task, TaskFilter
from cxcall.web.access import SignedIn
from cxcall.web.pages.follow_up_view import Row, rows

SHOWN = 10


async def of_call(conn: AsyncConnection, user: SignedIn, call_id: str, now: datetime) -> list[Row]:
    """Those that came of a call, open and ended."""
    return await _rows(conn, user, await tasks.of_call(conn, call_id), now)


async def of_customer(conn: AsyncConnection, user: SignedIn, customer_id: str, now: datetime) -> list[Row]:
    """What is still owed to a customer, the earliest due first."""
    found = await tasks.page(conn, TaskFilter(customer_id=customer_id, state="open"), limit=SHOWN)
    return await _rows(conn, user, found.rows, now)


async def _rows(conn: AsyncConnection, user: SignedIn, found: Sequence[Task], now: datetime) -> list[Row]:
    """Agents see that something is owed also when it is another's to do; they can't open it."""
    people = {one.id: one for one in await users.everyone(conn)} if found else {}
    return rows(found, people, {}, user.id, now)
