"""Rollups that were counted anew beside those that are read: where they differ, and taking their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.reporting.keeping import SHADOW
from cxcall.store.reporting.slots import DAY, HOUR, QUARTER, SECONDS, SIXTEEN
from cxcall.store.reporting.tables import ROLLUPS, rollup_states

MOST = 50
"""Differences that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A rollup's row that is not what calls say. `columns`: what it has and what it should have, by column."""

    table: str
    grain: int
    slot: int
    key: tuple[str, ...]
    columns: dict[str, tuple[int, int]]


def named(difference: Difference, zone: tzinfo) -> str:
    """A difference in a line: which row of which time, and what is kept where something else should be."""
    what = ", ".join(f"{name} {has} instead of {right}" for name, (has, right) in difference.columns.items())
    key = " ".join(part for part in difference.key if part)
    return f"{difference.table} {_time(difference.grain, difference.slot, zone)} {key}: {what}"


def _time(grain: int, slot: int, zone: tzinfo) -> str:
    if grain == QUARTER:
        return f"{datetime.fromtimestamp(slot * SECONDS, zone):%Y-%m-%d %H:%M}"
    if grain == HOUR:
        return f"{date.fromordinal(slot // 24)} hour {slot % 24}"
    return f"{date.fromordinal(slot)}" if grain == DAY else f"16 days from {date.fromordinal(slot * 16)}"


async def differences(conn: AsyncConnection, whole_from: datetime, zone: tzinfo) -> tuple[Difference, ...]:
    """Rows that are wrong, missing or should not be there; the first MOST by table, grain and slot.

    `whole_from`: since when all spells of agents are still there; of their states nothing before is compared.
    """
    found: list[Difference] = []
    for table in ROLLUPS:
        for query in (_kept_wrong(table, whole_from, zone), _missing(table, whole_from, zone)):
            rows = await conn.execute(query.limit(MOST - len(found)))
            found += [_difference(table, row._mapping) for row in rows]
    return tuple(found)


async def replace(conn: AsyncConnection, whole_from: datetime, zone: tzinfo) -> None:
    """What was counted anew is what is read, but for states of days that can't be."""
    for table in ROLLUPS:
        its = table.c
        if table is rollup_states:
            await conn.execute(delete(table).where(its.grain >= SHADOW, not_(_whole(table, whole_from, zone, SHADOW))))
        await conn.execute(delete(table).where(its.grain < SHADOW, _whole(table, whole_from, zone)))
        await conn.execute(update(table).where(its.grain >= SHADOW).values(grain=its.grain - SHADOW))


def _whole(table: FromClause, whole_from: datetime, zone: tzinfo, above: int = 0) -> ColumnElement[bool]:
    """Slots that can be counted anew: of states only those whose spells are all there."""
    if table.description != rollup_states.name:
        return true()
    day = whole_from.astimezone(zone).toordinal()
    its = table.c
    return or_(
        and_(its.grain == QUARTER + above, its.slot >= int(whole_from.timestamp()) // SECONDS),
        and_(its.grain == DAY + above, its.slot >= day),
        and_(its.grain == SIXTEEN + above, its.slot >= day // 16),
    )


def _kept_wrong(table: Table, whole_from: datetime, zone: tzinfo) -> Select[Any]:
    """Rows that are read, beside those counted anew where they are not the same."""
    its, new = table.c, table.alias("new")
    sums = _sums(table)
    wrong = or_(*(func.coalesce(new.c[name], 0) != its[name] for name in sums))
    return (
        select(*its, *(func.coalesce(new.c[name], 0).label(f"right_{name}") for name in sums))
        .outerjoin_from(table, new, _same_row(table, its, new.c))
        .where(its.grain < SHADOW, wrong, _whole(table, whole_from, zone))
        .order_by(*table.primary_key.columns)
    )


def _missing(table: Table, whole_from: datetime, zone: tzinfo) -> Select[Any]:
    """Rows counted anew that nothing is kept of; a row of nothing is none."""
    old, its = table.alias("old"), table.c
    keys, sums = [column.name for column in table.primary_key.columns][1:], _sums(table)
    return (
        select(
            (its.grain - SHADOW).label("grain"),
            *(its[name] for name in keys),
            *(literal(0).label(name) for name in sums),
            *(its[name].label(f"right_{name}") for name in sums),
        )
        .outerjoin_from(table, old, _same_row(table, old.c, its))
        .where(its.grain >= SHADOW, old.c.slot.is_(None), or_(*(its[name] != 0 for name in sums)))
        .where(_whole(table, whole_from, zone, SHADOW))
        .order_by(*table.primary_key.columns)
    )


def _sums(table: Table) -> list[str]:
    return [column.name for column in table.c if not column.primary_key]


def _same_row(table: Table, old: Any, new: Any) -> ColumnElement[bool]:
    keys = [column.name for column in table.primary_key.columns][1:]
    return and_(new.grain == old.grain + SHADOW, *(new[name] == old[name] for name in keys))


def _difference(table: Table, row: Any) -> Difference:
    keys = [column.name for column in table.primary_key.columns][2:]
    sums = _sums(table)
    both = {name: (int(row[name]), int(row[f"right_{name}"])) for name in sums}
    return Difference(
        table=table.name,
        grain=row["grain"],
        slot=row["slot"],
        key=tuple(str(row[name]) for name in keys),
        columns={name: pair for name, pair in both.items() if pair[0] != pair[1]},
    )
