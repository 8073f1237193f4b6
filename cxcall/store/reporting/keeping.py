"""How rollups are kept: for which zone, and how far a rebuild is that counts everything anew beside the service.

Who counts calls, and a rebuild, holds the row that says so for writing: one at a time. Who adds a spell of an agent
holds it for reading until their transaction ends: so a rebuild never looks between a spell and what it adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.period import midnight
from cxcall.store.bulk import rows_of
from cxcall.store.reporting.tables import rollup_keeping
from cxcall.store.schema import from_micros
from cxcall.store.upsert import insert_into

SHADOW = 10
"""Added to the grain of rows that a rebuild makes, until they take the place of those that are read."""

_ROW = 1
_SHARED = {
    "sqlite": "SELECT zone, calls_done, states_done, states_swept FROM rollup_keeping",
    "postgresql": "SELECT zone, calls_done, states_done, states_swept FROM rollup_keeping FOR SHARE",
}
"""Asked by each transaction that ends a spell. SQLite has one writer at a time anyway."""
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_its = rollup_keeping.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """See `rollup_keeping`."""

    zone: str = ""
    rebuilt_at: datetime | None = None
    rebuild_zone: str | None = None
    calls_done: str | None = None
    states_done: datetime | None = None
    states_swept: datetime | None = None

    def states_whole_from(self, zone: tzinfo) -> datetime:
        """From when on all spells are still there, at the edge of a slot of every grain."""
        if self.states_swept is None:
            return _ALWAYS
        after = self.states_swept.astimezone(zone).date() + timedelta(days=1)
        return midnight(date.fromordinal(-(-after.toordinal() // 16) * 16), zone)

    @property
    def under_way(self) -> bool:
        """Whether a rebuild counts now, or was left off."""
        return self.calls_done is not None


async def shared(conn: AsyncConnection, zone: str) -> Keeping:
    """How rollups are kept, held until the transaction ends against a rebuild and not against other writers.

    `zone`: whose days who asks counts in; the first one settles it.
    """
    found = await rows_of(conn, _SHARED[conn.dialect.name])
    if not found:
        await _make(conn, zone)
        found = await rows_of(conn, _SHARED[conn.dialect.name])
    kept_zone, calls_done, *moments = found[0]
    states_done, states_swept = (from_micros(at) if isinstance(at, int) else at for at in moments)
    return Keeping(zone=kept_zone, calls_done=calls_done, states_done=states_done, states_swept=states_swept)


async def held(conn: AsyncConnection, zone: str) -> Keeping:
    """The same for who counts calls or rebuilds: nobody else adds to rollups until the transaction ends."""
    ask = select(rollup_keeping).with_for_update()
    row = (await conn.execute(ask)).first()
    if row is None:
        await _make(conn, zone)
        row = (await conn.execute(ask)).one()
    return _of_row(row)


async def now(conn: AsyncConnection) -> Keeping | None:
    """How rollups are kept, held for nothing; None before the first call."""
    row = (await conn.execute(select(rollup_keeping))).first()
    return _of_row(row) if row else None


async def change(conn: AsyncConnection, **values: Any) -> None:
    """Note something of the row; `held` comes before."""
    await conn.execute(update(rollup_keeping).values(values))


async def swept(conn: AsyncConnection, before: datetime) -> None:
    """Spells of agents that were over before a moment are forgotten."""
    await _make(conn, "")
    row = (await conn.execute(select(rollup_keeping).with_for_update())).one()
    if row.states_swept is None or row.states_swept < before:
        await change(conn, states_swept=before)


async def complete(conn: AsyncConnection, zone: str) -> bool:
    """Whether rollups and notes of calls (`due`) tell all, by the days of `zone`; else they have to be rebuilt."""
    kept = await now(conn)
    return kept is None or (kept.zone == zone and not kept.under_way)


async def _make(conn: AsyncConnection, zone: str) -> None:
    await conn.execute(insert_into(conn, rollup_keeping).values(id=_ROW, zone=zone).on_conflict_do_nothing())


def _of_row(row: Any) -> Keeping:
    return Keeping(**{name: value for name, value in row._mapping.items() if name != "id"})
