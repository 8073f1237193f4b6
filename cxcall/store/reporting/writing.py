"""Adds to rollups what ended calls and spells of agents contribute, and takes away what they did before.

All that a transaction adds is summed first, row by row of the rollups, and written in the order of their keys: two
writers at the same rows wait for each other and never in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Insert, Table, case
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.facts import Contributions
from cxcall.store.bulk import BulkWrite, write_together
from cxcall.store.reporting.keeping import SHADOW
from cxcall.store.reporting.tables import (
    ROLLUPS,
    rollup_agents,
    rollup_calls,
    rollup_queues,
    rollup_transfers,
    rollup_waits,
)
from cxcall.store.upsert import insert_into

Slot = tuple[Any, ...]
"""The key of a rollup's row, in the order of its key columns."""

MOST = "wait_max"
"""The one column that is not a sum."""

_PARTS: tuple[tuple[str, Table], ...] = (
    ("queues", rollup_queues),
    ("waits", rollup_waits),
    ("agents", rollup_agents),
    ("calls", rollup_calls),
    ("transfers", rollup_transfers),
)
LIVE = (0,)
SHADOWS = (SHADOW,)
BOTH = (0, SHADOW)
"""What is added to the grain of rows."""
_MILLIONTH = 1_000_000


class Additions:
    """What is to be added, by table, row and column."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Slot, dict[str, int]]] = {table.name: {} for table in ROLLUPS}

    def add(self, found: Contributions, *, times: int = 1, to: tuple[int, ...] = LIVE) -> None:
        """What a call contributes; `times` −1 takes it away again. `to`: what is read, what is rebuilt, or both."""
        for name, table in _PARTS:
            for key, sums in getattr(found, name).items():
                for above in to:
                    self._put(table.name, (key[0] + above, *key[1:]) if above else key, sums, times)

    def put(
        self, table: Table, key: Slot, sums: Mapping[str, float], *, times: int = 1, to: tuple[int, ...] = LIVE
    ) -> None:
        """The same of one row; times are told in seconds."""
        for above in to:
            self._put(table.name, (key[0] + above, *key[1:]) if above else key, sums, times)

    def rows(self, table: Table) -> Mapping[Slot, Mapping[str, int]]:
        """What is to be added to a table, by key: numbers and microseconds."""
        return self._rows.get(table.name, {})

    async def write(self, conn: AsyncConnection) -> None:
        """Add all of it; rows of which nothing is left to add are not touched."""
        writes: list[tuple[BulkWrite, list[dict[str, Any]]]] = []
        for table in ROLLUPS:
            rows = self._rows.get(table.name)
            if rows:
                keys, nothing = _columns[table.name]
                some = sorted(key for key, sums in rows.items() if any(sums.values()))
                made = [{**nothing, **dict(zip(keys, key, strict=True)), **rows[key]} for key in some]
                writes.append((_writes[table.name], made))
        await write_together(conn, writes)

    def _put(self, table: str, key: Slot, sums: Mapping[str, float], times: int) -> None:
        """Whole numbers: most slots hear of one call only, and have its sums as they are."""
        rows, units = self._rows[table], _units[table]
        whole = {name: round(amount * units[name]) for name, amount in sums.items()}
        row = rows.get(key)
        if row is None:
            if times > 0:
                rows[key] = whole
                return
            row = rows[key] = {}
        for name, number in whole.items():
            if name == MOST:
                row[name] = max(row.get(name, 0), number) if times > 0 else row.get(name, 0)
            else:
                row[name] = row.get(name, 0) + times * number


def _adding(table: Table) -> BulkWrite:
    """An insert that adds to the row that is there."""

    def build(conn: AsyncConnection) -> Insert:
        insert = insert_into(conn, table)
        new = insert.excluded
        sums: dict[str, Any] = {}
        for column in table.c:
            if column.name == MOST:
                sums[column.name] = case((new[MOST] > column, new[MOST]), else_=column)
            elif not column.primary_key:
                sums[column.name] = column + new[column.name]
        return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns.keys()), set_=sums)

    return BulkWrite(build)


_columns: dict[str, tuple[tuple[str, ...], dict[str, int]]] = {
    table.name: (
        tuple(table.primary_key.columns.keys()),
        {column.name: 0 for column in table.c if not column.primary_key},
    )
    for table in ROLLUPS
}
_units: dict[str, dict[str, int]] = {
    table.name: {column.name: _MILLIONTH if isinstance(column.type, BigInteger) else 1 for column in table.c}
    for table in ROLLUPS
}
_writes: dict[str, BulkWrite] = {table.name: _adding(table) for table in ROLLUPS}
