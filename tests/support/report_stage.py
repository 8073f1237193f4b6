"""A week of calls for pages of reports: two queues, every weekday's hours, some callers who hang up."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.reports.facts import Counting
from cxcall.store import calls
from cxcall.store.calls import CallWrite
from tests.store.report_day import visitor
from tests.support.webapp import World

LOST_EVERY = 4
ZONE = ZoneInfo("Asia/Tehran")
"""Of the site."""


def days(world: World) -> str:
    """The week of `week_of_calls` and today, as an address says them."""
    today = world.clock().astimezone(ZONE).date()
    return f"from={today - timedelta(days=8)}&to={today}"


async def week_of_calls(engine: AsyncEngine, now: datetime) -> int:
    """Calls of the seven days before today, from nine to four; how many were written."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    records, n = [], 0
    for day in range(7, 0, -1):
        for hour in range(9, 16):
            for place in range((day * hour) % 5 + 1):
                at = midnight - timedelta(days=day) + timedelta(hours=hour, minutes=10 * place)
                lost = n % LOST_EVERY == 0
                queue = "billing" if n % 3 else "support"
                wait = 30.0 + n % 50 if lost else 5.0 + n % 40
                result = "abandoned" if lost else "answered"
                records.append(visitor(n, at=at, queue=queue, result=result, wait=wait, talk=0.0 if lost else 90.0))
                n += 1
    async with engine.begin() as conn:
        writes = [CallWrite(record=record, revision=1) for record in records]
        await calls.apply(conn, writes, region="IR", counting=Counting(zone=ZONE))
    return n
