"""Makes all rollups anew from calls and spells, beside a service that goes on writing.

The new rows are counted some thousand calls a transaction and lie beside those that are read (`keeping.SHADOW`). Who
ends or corrects a call that has been counted anew adds to both, so that in the end they can be compared to the row
(`check`) or take the place of the old ones, at one moment. What is left off is gone on with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.period import midnight
from cxcall.store.agent_tables import agent_states
from cxcall.store.reporting import comparing, due, keeping, records, spells
from cxcall.store.reporting.comparing import Difference
from cxcall.store.reporting.keeping import SHADOW, Keeping
from cxcall.store.reporting.tables import ROLLUPS
from cxcall.store.reporting.writing import SHADOWS, Additions
from cxcall.store.tables import calls

SLICE = 2000
"""Calls a transaction."""

PAUSE_S = 0.05
"""Seconds others have between two transactions when it goes gently."""

DAYS = 2
"""Days of agents' states a transaction."""

ALL_CALLS = "\U0010ffff"
"""Above every id."""
ALL_TIME = datetime(9999, 1, 1, tzinfo=UTC)

Progress = Callable[[str, int, int], None]
"""Called with what is counted (`calls`, `days`), how many of it are done, and how many there will be."""


class RebuildUnderWay(Exception):
    """Rollups are being rebuilt now; check them when that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """How many calls were counted; where rollups differed, which only a check tells (at most `comparing.MOST`)."""

    calls: int
    differences: tuple[Difference, ...] = ()


async def rebuild(
    engine: AsyncEngine,
    zone: tzinfo,
    *,
    check: bool = False,
    gently: bool = False,
    progress: Progress = lambda *_: None,
) -> Rebuilt:
    """Count everything anew; `check` only compares and changes nothing that is read. Raises `RebuildUnderWay`.

    `gently`: a little at a time, for who serves calls and pages meanwhile. Two that rebuild at once share the work. No
    service may run with another zone than `zone`.
    """
    await due.count(engine, zone)
    async with engine.begin() as conn:
        await _begin(conn, zone, check=check)
    counted = await _count_calls(engine, zone, progress, SLICE // 20 if gently else SLICE, PAUSE_S if gently else 0.0)
    await _count_states(engine, zone, progress)
    async with engine.begin() as conn:
        return Rebuilt(calls=counted, differences=await _finish(conn, zone, check=check))


async def _begin(conn: AsyncConnection, zone: tzinfo, *, check: bool) -> None:
    kept = await keeping.held(conn, str(zone))
    if kept.under_way and check:
        raise RebuildUnderWay(RebuildUnderWay.__doc__)
    if kept.under_way and kept.rebuild_zone == str(zone):
        return
    await _drop_shadow(conn)
    begin = await _states_from(conn, kept, zone)
    await keeping.change(conn, calls_done="", states_done=begin, rebuild_zone=str(zone))


async def _count_calls(engine: AsyncEngine, zone: tzinfo, progress: Progress, at_once: int, pause: float) -> int:
    async with engine.connect() as conn:
        every = await conn.scalar(select(func.count()).select_from(calls).where(calls.c.ended_at.is_not(None))) or 0
    done, more = 0, True
    while more:
        async with engine.begin() as conn:
            some = await _slice_of_calls(conn, zone, max(1, at_once))
        done, more = done + some, some > 0
        progress("calls", min(done, every), every)
        await asyncio.sleep(pause)
    return done


async def _slice_of_calls(conn: AsyncConnection, zone: tzinfo, at_once: int) -> int:
    """Count the next calls; how many, 0: they all are. Those that are noted (`due`) are counted as they were."""
    kept = await keeping.held(conn, str(zone))
    if kept.calls_done is None or kept.calls_done == ALL_CALLS:
        return 0
    found = await records.of_records(conn, records.following(kept.calls_done, at_once), zone)
    last = max(found) if found else ALL_CALLS
    additions = Additions(zone)
    for each in (found | await due.had_added(conn, kept.calls_done, last)).values():
        if each is not None:
            additions.add(each, to=SHADOWS)
    await additions.write(conn)
    await keeping.change(conn, calls_done=last)
    return len(found)


async def _count_states(engine: AsyncEngine, zone: tzinfo, progress: Progress) -> None:
    async with engine.connect() as conn:
        last = await conn.scalar(select(func.max(agent_states.c.until)))
        kept = await keeping.now(conn)
    if kept is None or kept.states_done is None:
        return
    first = kept.states_done.astimezone(zone).date()
    every = max(0, (last.astimezone(zone).date() - first).days + 1) if last is not None else 0
    done: date | None = first
    while done is not None:
        async with engine.begin() as conn:
            done = await _slice_of_states(conn, zone, last)
        progress("days", every if done is None else min(every, (done - first).days), every)


async def _slice_of_states(conn: AsyncConnection, zone: tzinfo, last: datetime | None) -> date | None:
    """Count the next days; up to which, None: all."""
    kept = await keeping.held(conn, str(zone))
    if kept.states_done is None or kept.states_done == ALL_TIME:
        return None
    if last is None or kept.states_done > last:
        # What ended meanwhile, and whatever ends from now on, adds to both.
        await spells.recount(conn, kept.states_done, ALL_TIME, zone)
        await keeping.change(conn, states_done=ALL_TIME)
        return None
    day = kept.states_done.astimezone(zone).date() + timedelta(days=DAYS)
    await spells.recount(conn, kept.states_done, midnight(day, zone), zone)
    await keeping.change(conn, states_done=midnight(day, zone))
    return day


async def _states_from(conn: AsyncConnection, kept: Keeping, zone: tzinfo) -> datetime:
    """From when on states can be counted anew."""
    first = await conn.scalar(select(func.min(agent_states.c.since)))
    whole = kept.states_whole_from(zone)
    return whole if first is None else max(whole, midnight(first.astimezone(zone).date(), zone))


async def _finish(conn: AsyncConnection, zone: tzinfo, *, check: bool) -> tuple[Difference, ...]:
    kept = await keeping.held(conn, str(zone))
    if not kept.under_way:  # another one who rebuilt has done it
        return ()
    await due.count_within(conn, zone)
    differences: tuple[Difference, ...] = ()
    whole_from = kept.states_whole_from(zone)
    if check:
        differences = await comparing.differences(conn, whole_from, zone)
        await _drop_shadow(conn)
        await keeping.change(conn, calls_done=None, states_done=None, rebuild_zone=None)
    else:
        await comparing.replace(conn, whole_from, zone)
        await keeping.change(
            conn, calls_done=None, states_done=None, rebuild_zone=None, zone=str(zone), rebuilt_at=datetime.now(UTC)
        )
    return differences


async def _drop_shadow(conn: AsyncConnection) -> None:
    for table in ROLLUPS:
        await conn.execute(delete(table).where(table.c.grain >= SHADOW))
