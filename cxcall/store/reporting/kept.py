"""Keeps days that are over, so that a year of surveys, talks and contacts is read like a year of calls.

A day is named as being counted, some seconds later it is counted, and what was counted is written if the day still has
that name. Whoever writes a row of that day takes the name away (`kept_tables`), and it is counted another time. Nobody
waits while it is counted.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Column, Select, Table, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.reports.period import midnight
from cxcall.store.reporting import answers, gaps, resolution, speech
from cxcall.store.reporting.kept_reading import BLOCK
from cxcall.store.reporting.kept_tables import (
    FUNNEL,
    GAPS,
    RESOLVED,
    SCORES,
    TALKS,
    kept_slots,
    rollup_answers,
    rollup_gaps,
    rollup_resolution,
    rollup_talks,
)
from cxcall.store.reporting.ranges import Range
from cxcall.store.reporting.slots import DAY, SIXTEEN
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_responses
from cxcall.store.tables import calls
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
    """What is kept of a family of figures. `first`: when its rows begin; `counts`: what its rows of a time add, in days
    of a zone; `settles`: how long after a day other rows still tell of it."""

    name: str
    table: Table
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    first: Column[Any]
    counts: Callable[[AsyncConnection, Sequence[Range], tzinfo], tuple[Counted, ...]]
    settles: timedelta = timedelta(0)


def _answers(conn: AsyncConnection, times: Sequence[Range], _: tzinfo) -> tuple[Counted, ...]:
    return ((answers.scored(conn, times), SCORES, {}), (answers.offered(conn, times), FUNNEL, {}))


def _talks(conn: AsyncConnection, times: Sequence[Range], _: tzinfo) -> tuple[Counted, ...]:
    whole = (speech.talks(conn, times), TALKS, {"category": ""})
    return (whole, (speech.talks(conn, times, by_category=True), TALKS, {}))


def _resolution(conn: AsyncConnection, times: Sequence[Range], _: tzinfo) -> tuple[Counted, ...]:
    return ((resolution.resolved(conn, times), RESOLVED, {}),)


def _gaps(conn: AsyncConnection, times: Sequence[Range], zone: tzinfo) -> tuple[Counted, ...]:
    whole = {"server": "", "queue": ""}
    return (
        *((gaps.since(conn, times, zone, n), (name,), whole) for n, name in enumerate(GAPS)),
        *((gaps.since(conn, times, zone, n, same_queue=True), (name,), {}) for n, name in enumerate(GAPS)),
    )


FAMILIES: tuple[Family, ...] = (
    Family(
        name="answers", table=rollup_answers, keys=("server", "queue", "agent", "survey"), sums=SCORES + FUNNEL,
        first=survey_responses.c.offered_at, counts=_answers,
    ),
    Family(
        name="speech", table=rollup_talks, keys=("server", "queue", "agent", "category"), sums=TALKS,
        first=transcripts.c.began_at, counts=_talks,
    ),
    Family(
        name="resolution", table=rollup_resolution, keys=("server", "queue", "agent"), sums=RESOLVED,
        first=calls.c.started_at, counts=_resolution, settles=REPEAT_WINDOW,
    ),
    Family(
        name="customers", table=rollup_gaps, keys=("server", "queue", "before"), sums=GAPS,
        first=calls.c.started_at, counts=_gaps,
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
    engine: AsyncEngine, family: Family, zone: tzinfo, grain: int, slots: Sequence[int], waits: tuple[float, float]
) -> int:
    if not slots:
        return 0
    name = secrets.token_hex(8)
    rows = [_row(family, zone, grain, slot) | {"name": name} for slot in slots]
    async with engine.begin() as conn:
        naming = insert_into(conn, kept_slots)
        again = {key: naming.excluded[key] for key in ("zone", "since", "until", "done", "name")}
        await conn.execute(naming.on_conflict_do_update(index_elements=["family", "grain", "slot"], set_=again), rows)
    await asyncio.sleep(waits[0])
    done = 0
    for slot in slots:
        done += await _keep(engine, family, zone, (grain, slot, name))
        await asyncio.sleep(waits[1])
    return done


def _row(family: Family, zone: tzinfo, grain: int, slot: int) -> dict[str, object]:
    days = 1 if grain == DAY else BLOCK
    since, until = (midnight(date.fromordinal(day), zone) for day in (slot * days, (slot + 1) * days))
    return {
        "family": family.name, "grain": grain, "slot": slot, "zone": str(zone), "since": since, "until": until,
        "done": 0,
    }  # fmt: skip


async def _keep(engine: AsyncEngine, family: Family, zone: tzinfo, slot: tuple[int, int, str]) -> bool:
    """Count one slot; False when it changed since it was named, or somebody else counts it."""
    grain, at, name = slot
    async with engine.connect() as conn:
        if grain == DAY:
            rows = await _of_day(conn, family, zone, at)
        elif _days(at) <= await _kept(conn, family, zone, DAY):
            rows = await _of_block(conn, family, at)
        else:
            return False
    named = (_its.family == family.name, _its.grain == grain, _its.slot == at, _its.name == name)
    async with engine.begin() as conn:
        if not (await conn.execute(select(kept_slots).where(*named).with_for_update())).first():
            return False
        its = family.table.c
        await conn.execute(delete(family.table).where(its.grain == grain, its.slot == at))
        if rows:
            await conn.execute(insert(family.table), [{"grain": grain, "slot": at, **row} for row in rows])
        await conn.execute(update(kept_slots).where(*named).values(done=1))
    return True


async def _of_day(conn: AsyncConnection, family: Family, zone: tzinfo, day: int) -> list[dict[str, Any]]:
    begin = date.fromordinal(day)
    times = ((midnight(begin, zone), midnight(begin + timedelta(days=1), zone)),)
    sums: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: dict.fromkeys(family.sums, 0.0))
    for rows, names, same in family.counts(conn, times, zone):
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
