"""Who hears of a task: the lists that show it, its owner's and its former owner's, and the webhooks that take it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import Bus
from cxcall.store import webhooks
from cxcall.store.tasks import Task
from cxcall.web.api.wire import plain


def publish(bus: Bus, *versions: Task) -> None:
    """Let the lists fetch a task anew, once its change is committed; `versions` are before and after."""
    bus.publish("tasks", {"id": versions[0].id})
    bus.publish("webhooks", {})
    for owner in {task.owner_id for task in versions if task.owner_id}:
        bus.publish(f"tasks:{owner}", {"id": versions[0].id})


async def tell(conn: AsyncConnection, event: webhooks.Event, shown: object, now: datetime) -> None:
    """Have a task, as the API shows it, told to the webhooks that take `event`."""
    await webhooks.enqueue(conn, event, plain(shown), now=now)
