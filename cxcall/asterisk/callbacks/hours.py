"""When people may be called back, and how: each queue's plan, its hours, and what is closed now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.hours import Calendar, Closure
from cxcall.queues.opening import Closed, applying, state_at
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.store import calendars, call_back_plans, closures, queues

Place = tuple[str, str]
"""A queue: server and name."""

AGAIN = timedelta(minutes=15)
"""What was closed by hand, with no end said, is looked at again then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What people set about call-backs. A queue without a plan calls nobody back that is not promised yet."""

    plans: Mapping[Place, CallBackPlan] = field(default_factory=dict)
    hours: Mapping[str, Calendar] = field(default_factory=dict)
    of_queue: Mapping[Place, str] = field(default_factory=dict)
    closed: Mapping[str, tuple[Closure, ...]] = field(default_factory=dict)

    def plan(self, place: Place) -> CallBackPlan:
        """The plan of a queue; promises outlive it."""
        return self.plans.get(place) or CallBackPlan(enabled=False)

    def opens(self, place: Place, at: datetime) -> datetime | None:
        """When somebody may be called: `at` itself, a later moment, or None, never."""
        server, queue = place
        calendar = self.hours.get(self.plan(place).calendar or self.of_queue.get(place, ""))
        state = state_at(calendar, applying(self.closed.get(server, ()), queue), at.timestamp())
        if not isinstance(state, Closed):
            return at
        if state.opens is not None:
            return datetime.fromtimestamp(state.opens, UTC)
        return at + AGAIN if state.why == "closure" else None


async def read(conn: AsyncConnection, now: datetime) -> Rules:
    """The rules that hold now."""
    closed: dict[str, tuple[Closure, ...]] = {}
    for kept in await closures.standing(conn, now=now):
        closed[kept.server] = (*closed.get(kept.server, ()), kept.closure)
    return Rules(
        plans={(one.server, one.queue): one.plan for one in await call_back_plans.everything(conn)},
        hours={one.id: one.calendar for one in await calendars.everything(conn)},
        of_queue={
            (one.server, one.name): one.applied.calendar
            for one in await queues.everything(conn)
            if one.applied is not None
        },
        closed=closed,
    )
