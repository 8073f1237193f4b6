"""What plans draw by themselves: each week once it is over, in short transactions beside the calls of the day."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.reports.period import CalendarName
from cxcall.store import audit
from cxcall.store.quality import drawing, plans
from cxcall.store.quality.plans import Plan

ACTOR = "system"


async def draw_due(engine: AsyncEngine, *, zone: tzinfo, calendar: CalendarName, now: datetime) -> int:
    """Let every plan draw the weeks it has not drawn yet; how many reviews are new.

    What is cut off between two plans goes on with the next call: a plan's reviews and the note that it drew them are
    written together.
    """
    async with engine.connect() as conn:
        kept = await plans.everything(conn)
    added = 0
    for plan in sorted(kept, key=lambda one: one.id):
        added += await _draw(engine, plan, zone=zone, calendar=calendar, now=now)
    return added


async def _draw(engine: AsyncEngine, plan: Plan, *, zone: tzinfo, calendar: CalendarName, now: datetime) -> int:
    span = drawing.due(plan, zone=zone, calendar=calendar, now=now)
    if span is None:
        return 0
    async with engine.connect() as conn:
        if not plan.paused and not await drawing.ready(conn, plan):
            return 0  # its weeks wait until its scorecard is published
        rows = await drawing.choose(conn, plan, span, zone=zone, calendar=calendar, now=now)
    async with engine.begin() as conn:
        added = await drawing.keep(conn, rows)
        await plans.drew(conn, plan.id, span.until)
        if added:
            details = {"reviews": added, "from": span.first.isoformat(), "to": span.last.isoformat()}
            await audit.add(conn, actor=ACTOR, act="quality.draw", subject=f"plan:{plan.id}", details=details, at=now)
    return added
