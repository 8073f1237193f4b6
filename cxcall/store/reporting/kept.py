"""Keeps days that are over, so that a year of surveys, talks and contacts is read like a year of calls.

A day is named as being counted, some seconds later it is counted, and what was counted is written if the day still has
that name. Whoever writes a row of that day takes the name away (`kept_tables`), and it is counted another time. Nobody
waits while it is counted.

Days that are not settled because other rows may still tell of them are kept as they stood a while ago (`kept_open`),
and counted anew from time to time; what came since is read from rows.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.period import midnight
from cxcall.store.reporting import kept_open
from cxcall.store.reporting.kept_families import FAMILIES, Counted, Family
from cxcall.store.reporting.kept_reading import BLOCK, BRIEF
from cxcall.store.reporting.kept_tables import kept_slots
from cxcall.store.reporting.slots import DAY, SIXTEEN
from cxcall.store.upsert import insert_into

AT_ONCE = 60
"""Days of a family that are counted before others have their turn for longer."""
SETTLE_S = 5.0
"""Seconds between naming and counting: a transaction that had written a row before the name was there has ended."""
PAUSE_S = 0.02
"""Seconds others have between two days."""

_its = kept_slots.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What is counted under one name: `at` is its number among those of its grain."""

    grain: int
    at: int
    since: datetime
    until: datetime


async def keep(
    engine: AsyncEngine,
    zone: tzinfo,
    *,
    now: datetime,
    at_once: int = AT_ONCE,
    settle_s: float = SETTLE_S,
    pause_s: float = PAUSE_S,
) -> int:
    """Count days that are over and not kept, the newest first, at most so many of each family; how many there were.

    Open days too, which are not among those that are told of.
    """
    done, waits = 0, (settle_s, pause_s)
    for family in FAMILIES:
        async with engine.connect() as conn:
            days = (await _missing(conn, family, zone, now))[:at_once]
        done += await _keep_all(engine, family, zone, [_slot(zone, DAY, day) for day in days], waits)
        async with engine.connect() as conn:
            blocks = (await _whole_blocks(conn, family, zone))[:at_once]
        await _keep_all(engine, family, zone, [_slot(zone, SIXTEEN, block) for block in blocks], waits)
        async with engine.connect() as conn:
            brief = (await _not_brief(conn, family, zone))[:at_once]
        await _keep_all(engine, family, zone, brief, waits)
        await _keep_open(engine, family, zone, now, waits)
    return done


async def _not_brief(conn: AsyncConnection, family: Family, zone: tzinfo) -> list[Slot]:
    """What is kept by agent, but not yet whatever the agent."""
    if "agent" not in family.keys:
        return []
    missing = [
        (grain, at)
        for grain in (SIXTEEN, DAY)
        for at in await _kept(conn, family, zone, grain) - await _kept(conn, family, zone, grain + BRIEF)
    ]
    return [_slot(zone, grain + BRIEF, at) for grain, at in sorted(missing, reverse=True)]


async def _keep_open(
    engine: AsyncEngine, family: Family, zone: tzinfo, now: datetime, waits: tuple[float, float]
) -> None:
    if family.stood is None:
        return
    settles = family.settles
    await kept_open.forget_settled(engine, family.name, family.table, zone, settles=settles, now=now)
    async with engine.connect() as conn:
        began: datetime | None = await conn.scalar(select(func.min(family.first)))
        if began is None:
            return
        runs = await kept_open.due(conn, family.name, zone, began=began, settles=settles, now=now)
    until = kept_open.as_of(now) - settles
    slots = [
        Slot(grain=run.grain, at=run.first, since=midnight(date.fromordinal(run.first), zone), until=until)
        for run in runs
    ]
    await _keep_all(engine, family, zone, slots, waits)


async def _missing(conn: AsyncConnection, family: Family, zone: tzinfo, now: datetime) -> list[int]:
    """Days that are over and not kept, the newest first."""
    began: datetime | None = await conn.scalar(select(func.min(family.first)))
    if began is None:
        return []
    first, last = began.astimezone(zone).toordinal(), (now - family.settles).astimezone(zone).toordinal() - 1
    known = await _kept(conn, family, zone, DAY)
    return [day for day in range(last, first - 1, -1) if day not in known]


async def _whole_blocks(conn: AsyncConnection, family: Family, zone: tzinfo) -> list[int]:
    """Sixteen days that are all kept each, but not yet together."""
    days, known = await _kept(conn, family, zone, DAY), await _kept(conn, family, zone, SIXTEEN)
    blocks = {day // BLOCK for day in days} - known
    return sorted(block for block in blocks if _days(block) <= days)


def _days(block: int) -> set[int]:
    return set(range(block * BLOCK, (block + 1) * BLOCK))


async def _kept(conn: AsyncConnection, family: Family, zone: tzinfo, grain: int) -> set[int]:
    where = (_its.family == family.name, _its.grain == grain, _its.zone == str(zone), _its.done == 1)
    return set((await conn.scalars(select(_its.slot).where(*where))).all())


async def _keep_all(
    engine: AsyncEngine, family: Family, zone: tzinfo, slots: Sequence[Slot], waits: tuple[float, float]
) -> int:
    if not slots:
        return 0
    name = secrets.token_hex(8)
    rows = [_row(family, zone, slot) | {"name": name} for slot in slots]
    async with engine.begin() as conn:
        naming = insert_into(conn, kept_slots)
        again = {key: naming.excluded[key] for key in ("zone", "since", "until", "done", "name")}
        await conn.execute(naming.on_conflict_do_update(index_elements=["family", "grain", "slot"], set_=again), rows)
    await asyncio.sleep(waits[0])
    done = 0
    for slot in slots:
        done += await _keep(engine, family, zone, slot, name)
        await asyncio.sleep(waits[1])
    return done


def _slot(zone: tzinfo, grain: int, at: int) -> Slot:
    days = 1 if grain % BRIEF == DAY else BLOCK
    since, until = (midnight(date.fromordinal(day), zone) for day in (at * days, (at + 1) * days))
    return Slot(grain=grain, at=at, since=since, until=until)


def _row(family: Family, zone: tzinfo, slot: Slot) -> dict[str, object]:
    return {
        "family": family.name, "grain": slot.grain, "slot": slot.at, "zone": str(zone), "since": slot.since,
        "until": slot.until, "done": 0,
    }  # fmt: skip


async def _keep(engine: AsyncEngine, family: Family, zone: tzinfo, slot: Slot, name: str) -> bool:
    """Count one slot; False when it changed since it was named, or somebody else counts it."""
    async with engine.connect() as conn:
        rows = await _count(conn, family, zone, slot)
    if rows is None:
        return False
    named = (_its.family == family.name, _its.grain == slot.grain, _its.slot == slot.at, _its.name == name)
    async with engine.begin() as conn:
        if not (await conn.execute(select(kept_slots).where(*named).with_for_update())).first():
            return False
        its = family.table.c
        await conn.execute(delete(family.table).where(its.grain == slot.grain, its.slot == slot.at))
        if rows:
            await conn.execute(insert(family.table), [{"grain": slot.grain, "slot": slot.at, **row} for row in rows])
        await conn.execute(update(kept_slots).where(*named).values(done=1))
    return True


async def _count(conn: AsyncConnection, family: Family, zone: tzinfo, slot: Slot) -> list[dict[str, Any]] | None:
    """The rows of a slot; None of what is made of days that are not all kept."""
    if slot.grain == DAY:
        return await _summed(conn, family, family.counts(conn, ((slot.since, slot.until),), zone))
    if slot.grain == SIXTEEN:
        kept_days = await _kept(conn, family, zone, DAY)
        return await _of_block(conn, family, slot.at) if _days(slot.at) <= kept_days else None
    if slot.grain > BRIEF:
        return await _in_brief(conn, family, zone, slot.grain - BRIEF, slot.at)
    if family.stood is None:
        return None
    as_of = slot.until + family.settles
    times = ((slot.since, kept_open.end_of(slot.at, as_of, zone)),)
    return await _summed(conn, family, family.stood(conn, times, as_of))


async def _summed(conn: AsyncConnection, family: Family, several: Sequence[Counted]) -> list[dict[str, Any]]:
    sums: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: dict.fromkeys(family.sums, 0.0))
    for rows, names, same in several:
        found = rows.subquery("counted")
        keys = [(literal(same[key]) if key in same else found.c[key]).label(key) for key in family.keys]
        query = select(*keys, *(func.sum(found.c[name]).label(name) for name in names))
        query = query.group_by(*(found.c[key] for key in family.keys if key not in same))
        for row in (await conn.execute(query)).mappings():
            if row[names[0]] is not None:
                sums[tuple(row[key] for key in family.keys)] |= {name: float(row[name]) for name in names}
    return [{**dict(zip(family.keys, keys, strict=True)), **totals} for keys, totals in sums.items()]


async def _of_block(conn: AsyncConnection, family: Family, block: int) -> list[dict[str, Any]]:
    its = family.table.c
    keys, totals = [its[key] for key in family.keys], [func.sum(its[name]).label(name) for name in family.sums]
    days = (its.grain == DAY, its.slot.between(block * BLOCK, block * BLOCK + BLOCK - 1))
    query = select(*keys, *totals).where(*days).group_by(*keys)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def _in_brief(
    conn: AsyncConnection, family: Family, zone: tzinfo, grain: int, at: int
) -> list[dict[str, Any]] | None:
    """The rows of a slot whatever the agent."""
    if at not in await _kept(conn, family, zone, grain):
        return None
    its = family.table.c
    keys = [its[key] for key in family.keys if key != "agent"]
    totals = [func.sum(its[name]).label(name) for name in family.sums]
    query = select(*keys, literal("").label("agent"), *totals).where(its.grain == grain, its.slot == at).group_by(*keys)
    return [dict(row) for row in (await conn.execute(query)).mappings()]
