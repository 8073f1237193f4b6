"""Which days of contacts are counted although they are open, that is as they stood a while ago.

Each is kept twice by turns (`OPEN`): while one is counted anew, the other is read.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.period import midnight
from cxcall.store.reporting.kept_reading import OPEN
from cxcall.store.reporting.kept_tables import kept_slots
from cxcall.store.reporting.slots import Run

LAG = timedelta(hours=1)
"""Open days are counted as they stood so long ago: a call that began before and ends later forgets all of them."""
RENEWED = timedelta(minutes=30)
"""So old what is kept of open days becomes before they are counted anew."""
_its = kept_slots.c


async def due(
    conn: AsyncConnection, family: str, zone: tzinfo, *, began: datetime, settles: timedelta, now: datetime
) -> list[Run]:
    """Days that are open and were not counted lately, the newest first, each with the grain it is to be counted as.

    `began`: of the first row there is; `settles`: how long after a day it is open."""
    until = as_of(now) - settles
    where = (_its.family == family, _its.grain.in_(OPEN), _its.zone == str(zone), _its.done == 1)
    newest: dict[int, tuple[datetime, int]] = {}
    for row in await conn.execute(select(_its.slot, _its.until, _its.grain).where(*where)):
        newest[row.slot] = max(newest.get(row.slot, (row.until, row.grain)), (row.until, row.grain))
    first, last = max(_day(began, zone), _day(now - settles, zone)), _day(as_of(now), zone)
    found: list[Run] = []
    for day in range(last, first - 1, -1):
        kept_until, grain = newest.get(day, (until - RENEWED, OPEN[1]))
        if kept_until <= until - RENEWED:
            found.append(Run(OPEN[0] if grain == OPEN[1] else OPEN[1], day, day))
    return found


def as_of(now: datetime) -> datetime:
    return now - LAG


async def forget_settled(
    engine: AsyncEngine, family: str, table: Table, zone: tzinfo, *, settles: timedelta, now: datetime
) -> None:
    """Away with open days that are kept as settled ones."""
    its, settled = table.c, _day(now - settles, zone)
    stale = (_its.family == family, _its.grain.in_(OPEN), _its.slot < settled)
    async with engine.connect() as conn:
        if (await conn.execute(select(_its.slot).where(*stale).limit(1))).first() is None:
            return
    async with engine.begin() as conn:
        await conn.execute(delete(kept_slots).where(*stale))
        await conn.execute(delete(table).where(its.grain.in_(OPEN), its.slot < settled))


def end_of(day: int, moment: datetime, zone: tzinfo) -> datetime:
    """Until when a day is counted that is counted as of a moment."""
    return min(moment, midnight(date.fromordinal(day + 1), zone))


def _day(moment: datetime, zone: tzinfo) -> int:
    return moment.astimezone(zone).toordinal()
