"""Adds to rollups what ended calls and spells of agents contribute, and takes away what they did before.

All that a transaction adds is summed first, row by row of the rollups, and written in the order of their keys: two
writers at the same rows wait for each other and never in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from operator import add
from typing import Any

from sqlalchemy import BigInteger, Table, case
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.facts import Contributions, slots_at
from cxcall.store.bulk import BulkWrite, write_together
from cxcall.store.reporting.keeping import SHADOW
from cxcall.store.reporting.slots import DAY, HOUR, QUARTER, SIXTEEN
from cxcall.store.reporting.tables import (
    ROLLUPS,
    rollup_agents,
    rollup_calls,
    rollup_queues,
    rollup_states,
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
_GRAINS: Mapping[str, tuple[int, ...]] = {
    rollup_queues.name: (QUARTER, HOUR, DAY, SIXTEEN),
    rollup_transfers.name: (DAY, SIXTEEN),
    **{table.name: (QUARTER, DAY, SIXTEEN) for table in (rollup_waits, rollup_agents, rollup_calls, rollup_states)},
}
"""Slots each rollup has."""
LIVE = (0,)
SHADOWS = (SHADOW,)
BOTH = (0, SHADOW)
"""What is added to the grain of rows."""
_MILLIONTH = 1_000_000

_Rows = dict[Slot, list[int]]
"""Numbers and microseconds in the order of a rollup's other columns."""


class Additions:
    """What is to be added, by table and row; longer slots of `zone` get what their quarters do."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._quarters: dict[tuple[str, int], _Rows] = {}

    def add(self, found: Contributions, *, times: int = 1, to: tuple[int, ...] = LIVE) -> None:
        """What a call contributes; `times` −1 takes it away again. `to`: what is read, what is rebuilt, or both."""
        for name, table in _PARTS:
            if booked := getattr(found, name):
                for above in to:
                    rows = self._quarters.setdefault((table.name, above), {})
                    for key, sums in booked.items():
                        _sum_up(rows, _places[table.name], key, sums, times)

    def put(
        self, table: Table, key: Slot, sums: Mapping[str, float], *, times: int = 1, to: tuple[int, ...] = LIVE
    ) -> None:
        """The same of one row of a quarter of an hour; times are told in seconds."""
        for above in to:
            _sum_up(self._quarters.setdefault((table.name, above), {}), _places[table.name], key, sums, times)

    def rows(self, table: Table) -> dict[Slot, list[int]]:
        """What is to be added to the rows of a table, in slots of every size, without rows of nothing."""
        found: dict[Slot, list[int]] = {}
        most = _places[table.name].get(MOST, (-1, 0))[0]
        grains = _GRAINS[table.name]
        for above in BOTH:
            for (quarter, *rest), sums in self._quarters.get((table.name, above), {}).items():
                slots = slots_at(quarter, self._zone)
                for grain in grains:
                    key = (grain + above, slots[grain], *rest)
                    row = found.get(key)
                    if row is None:
                        found[key] = sums.copy()
                        continue
                    longest = max(row[most], sums[most]) if most >= 0 else 0
                    row[:] = map(add, row, sums)
                    if most >= 0:
                        row[most] = longest
        return {key: row for key, row in found.items() if any(row)}

    async def write(self, conn: AsyncConnection) -> None:
        """Add all of it; rows of which nothing is left to add are not touched."""
        made = {table.name: self.rows(table) for table in ROLLUPS}
        writes: list[tuple[BulkWrite, Any]] = [
            (_adding[name], [(*key, *rows[key]) for key in sorted(rows)]) for name, rows in made.items()
        ]
        await write_together(conn, writes)


def _sum_up(
    rows: _Rows, places: Mapping[str, tuple[int, int]], key: Slot, sums: Mapping[str, float], times: int
) -> None:
    row = rows.get(key)
    if row is None:
        row = rows[key] = [0] * len(places)
    for column, amount in sums.items():
        place, unit = places[column]
        number = round(amount * unit)
        if column != MOST:
            row[place] += times * number
        elif times > 0 and number > row[place]:
            row[place] = number


class _Adding(BulkWrite):
    """Adds rows to one table that are told as tuples, in the order of its columns."""

    def __init__(self, table: Table) -> None:
        super().__init__(lambda conn: adds(insert_into(conn, table), table))

    def prepared(self, conn: AsyncConnection, rows: Sequence[Any]) -> tuple[str, list[tuple[Any, ...]]]:
        sql, _ = super().prepared(conn, ())
        return sql, list(rows)


def adds(insert: postgresql.Insert, table: Table) -> postgresql.Insert:
    """The insert, adding to the rows that are there."""
    new = insert.excluded
    sums: dict[str, Any] = {}
    for column in table.c:
        if column.name == MOST:
            sums[column.name] = case((new[MOST] > column, new[MOST]), else_=column)
        elif not column.primary_key:
            sums[column.name] = column + new[column.name]
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns.keys()), set_=sums)


_places: dict[str, dict[str, tuple[int, int]]] = {
    table.name: {
        column.name: (place, _MILLIONTH if isinstance(column.type, BigInteger) else 1)
        for place, column in enumerate(column for column in table.c if not column.primary_key)
    }
    for table in ROLLUPS
}
"""Where a sum stands in a row, and how many of it are one of what calls contribute."""
_adding: dict[str, BulkWrite] = {table.name: _Adding(table) for table in ROLLUPS}
