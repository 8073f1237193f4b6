"""Keeps the days of surveys and talks that are over, so that a year of them is read like a year of calls.

A day is counted in two steps: it is named as being counted, and some seconds later counted if it is still named, with
its name held. Whoever writes a row of that day takes the name away (`kept_tables`), and it is counted another time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Column, Select, Table, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.period import midnight
from cxcall.store.reporting import answers, speech
from cxcall.store.reporting.kept_reading import BLOCK
from cxcall.store.reporting.kept_tables import FUNNEL, SCORES, TALKS, kept_slots, rollup_answers, rollup_talks
from cxcall.store.reporting.ranges import Range
from cxcall.store.reporting.slots import DAY, SIXTEEN
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_responses
from cxcall.store.upsert import insert_into

AT_ONCE = 60
"""Days of a family that are counted before others have their turn for longer."""
SETTLE_S = 5.0
"""Seconds between naming and counting: a transaction that had written a row before the name was there has ended."""
PAUSE_S = 0.02
"""Seconds others have between two days."""

Counted = tuple[Select[tuple[object, ...]], tuple[str, ...], dict[str, str]]
"""Rows of a time, the sums that are taken of them, and columns that are the same in all of them."""
_its = kept_slots.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is kept of a family of figures. `first`: when its rows begin; `counts`: what its rows of a time add."""

    name: str
    table: Table
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    first: Column[Any]
    counts: Callable[[AsyncConnection, Sequence[Range]], tuple[Counted, ...]]


def _answers(conn: AsyncConnection, times: Sequence[Range]) -> tuple[Counted, ...]:
    return ((answers.scored(conn, times), SCORES, {}), (answers.offered(conn, times), FUNNEL, {}))


def _talks(conn: AsyncConnection, times: Sequence[Range]) -> tuple[Counted, ...]:
    whole = (speech.talks(conn, times), TALKS, {"category": ""})
    return (whole, (speech.talks(conn, times, by_category=True), TALKS, {}))


FAMILIES: tuple[Family, ...] = (
    Family(
        name="answers", table=rollup_answers, keys=("server", "queue", "agent", "survey"), sums=SCORES + FUNNEL,
        first=survey_responses.c.offered_at, counts=_answers,
    ),
    Family(
        name="speech", table=rollup_talks, keys=("server", "queue", "agent", "category"), sums=TALKS,
        first=transcripts.c.began_at, counts=_talks,
    ),
)  # fmt: skip


async def keep(
    engine: AsyncEngine,
    zone: tzinfo,
    *,
    now: datetime,
    at_once: int = AT_ONCE,
    settle_s: float = SETTLE_S,
    pause_s: float = PAUSE_S,
) -> int:
    """Count days that are over and not kept, the newest first, at most so many of each family; how many there were."""
    done = 0
    for family in FAMILIES:
        async with engine.connect() as conn:
            days = (await _missing(conn, family, zone, now))[:at_once]
        done += await _keep_all(engine, family, zone, DAY, days, (settle_s, pause_s))
        async with engine.connect() as conn:
            blocks = (await _whole_blocks(conn, family, zone))[:at_once]
        await _keep_all(engine, family, zone, SIXTEEN, blocks, (settle_s, pause_s))
    return done


async def _missing(conn: AsyncConnection, family: Family, zone: tzinfo, now: datetime) -> list[int]:
    """Days that are over and not kept, the newest first."""
    began: datetime | None = await conn.scalar(select(func.min(family.first)))
    if began is None:
        return []
    first, last = began.astimezone(zone).toordinal(), now.astimezone(zone).toordinal() - 1
    known = await _kept(conn, family, zone, DAY)
    return [day for day in range(last, first - 1, -1) if day not in known]


async def _whole_blocks(conn: AsyncConnection, family: Family, zone: tzinfo) -> list[int]:
    """Sixteen days that are all kept each, but not yet together."""
    days, known = await _kept(conn, family, zone, DAY), await _kept(conn, family, zone, SIXTEEN)
    blocks = {day // BLOCK for day in days} - known
    return sorted(block for block in blocks if all(block * BLOCK + n in days for n in range(BLOCK)))


async def _kept(conn: AsyncConnection, family: Family, zone: tzinfo, grain: int) -> set[int]:
    where = (_its.family == family.name, _its.grain == grain, _its.zone == str(zone), _its.done == 1)
    return set((await conn.scalars(select(_its.slot).where(*where))).all())


async def _keep_all(
    engine: AsyncEngine, family: Family, zone: tzinfo, grain: int, slots: Sequence[int], waits: tuple[float, float]
) -> int:
    if not slots:
        return 0
    rows = [{"family": family.name, "grain": grain, "slot": slot, "zone": str(zone), "done": 0} for slot in slots]
    async with engine.begin() as conn:
        naming = insert_into(conn, kept_slots)
        again = {"zone": naming.excluded.zone, "done": naming.excluded.done}
        await conn.execute(naming.on_conflict_do_update(index_elements=["family", "grain", "slot"], set_=again), rows)
    await asyncio.sleep(waits[0])
    done = 0
    for slot in slots:
        done += await _keep(engine, family, zone, grain, slot)
        await asyncio.sleep(waits[1])
    return done


async def _keep(engine: AsyncEngine, family: Family, zone: tzinfo, grain: int, slot: int) -> bool:
    """Count one slot; False when it changed since it was named."""
    named = (_its.family == family.name, _its.grain == grain, _its.slot == slot)
    async with engine.begin() as conn:
        if not (await conn.execute(select(kept_slots).where(*named).with_for_update())).first():
            return False
        its = family.table.c
        await conn.execute(delete(family.table).where(its.grain == grain, its.slot == slot))
        if grain == DAY:
            await _count_day(conn, family, zone, slot)
        else:
            await _count_block(conn, family, slot)
        await conn.execute(update(kept_slots).where(*named).values(done=1))
    return True


async def _count_day(conn: AsyncConnection, family: Family, zone: tzinfo, day: int) -> None:
    begin = date.fromordinal(day)
    times = ((midnight(begin, zone), midnight(begin + timedelta(days=1), zone)),)
    for rows, sums, same in family.counts(conn, times):
        found = rows.subquery("counted")
        keys = [literal(same[key]) if key in same else found.c[key] for key in family.keys]
        totals = [func.sum(found.c[name]) if name in sums else literal(0.0) for name in family.sums]
        query = select(literal(DAY), literal(day), *keys, *totals).where(literal(value=True))
        query = query.group_by(*(found.c[key] for key in family.keys if key not in same))
        insert = insert_into(conn, family.table)
        added = {name: family.table.c[name] + insert.excluded[name] for name in sums}
        names = ["grain", "slot", *family.keys, *family.sums]
        await conn.execute(
            insert.from_select(names, query).on_conflict_do_update(
                index_elements=["grain", "slot", *family.keys], set_=added
            )
        )


async def _count_block(conn: AsyncConnection, family: Family, block: int) -> None:
    its = family.table.c
    keys, totals = [its[key] for key in family.keys], [func.sum(its[name]) for name in family.sums]
    days = (its.grain == DAY, its.slot.between(block * BLOCK, block * BLOCK + BLOCK - 1))
    query = select(literal(SIXTEEN), literal(block), *keys, *totals).where(*days).group_by(*keys)
    names = ["grain", "slot", *family.keys, *family.sums]
    await conn.execute(insert_into(conn, family.table).from_select(names, query))
