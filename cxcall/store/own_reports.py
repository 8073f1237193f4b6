"""Reports people put together: a definition with a name and a period, kept for its owner and who it is shared with.

What was removed comes back by `restore` until `sweep` throws it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.definition import Definition
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.people_tables import shown_name, users
from cxcall.store.report_tables import own_reports
from cxcall.store.sharing import Reader, Shared, visible

LONGEST_NAME = 100
MOST_ALIKE = 20
"""Reports of the same name that are told apart."""
_r = own_reports.c


class NoSuchReport(Exception):
    """There is no such report (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReport:
    """A report somebody made. `version` counts its changes, 1: none yet. `period`: a quick name (`last_month`), or
    days as `2026-11-01..2026-11-30`. `owner`: their user name, `owner_name` what people call them."""

    id: str
    version: int
    name: str
    owner_id: str
    owner: str
    owner_name: str
    shared: Shared
    definition: Definition
    period: str
    made_at: datetime
    updated_at: datetime
    updated_by: str
    removed_at: datetime | None


_COLUMNS = (*_r, users.c.name.label("owner"), shown_name.label("owner_name"))
_SOURCE = own_reports.join(users, users.c.id == _r.owner_id)


async def create(
    conn: AsyncConnection,
    *,
    name: str,
    owner_id: str,
    definition: Definition,
    period: str,
    shared: Shared = "nobody",
    by: str,
    now: datetime,
) -> OwnReport:
    """A new report of `owner_id`."""
    row = {
        "id": new_id(), "version": 1, "owner_id": owner_id, "made_at": now, "removed_at": None,
        **_values(name=name, shared=shared, definition=definition, period=period, by=by, now=now),
    }  # fmt: skip
    await conn.execute(own_reports.insert().values(row))
    made = await get(conn, str(row["id"]))
    assert made is not None  # noqa: S101 - just written
    return made


async def get(conn: AsyncConnection, report_id: str, reader: Reader | None = None) -> OwnReport | None:
    """A report by id; for a `reader` only one they may see."""
    query = select(*_COLUMNS).select_from(_SOURCE).where(_r.id == report_id, _r.removed_at.is_(None))
    if reader is not None:
        query = query.where(visible(_r.owner_id, _r.shared, reader))
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


async def named(conn: AsyncConnection, word: str, reader: Reader | None = None) -> list[OwnReport]:
    """The report of this id, else those of this name, of those a reader may see (None: of all); a few at most."""
    by_id = await get(conn, word, reader)
    if by_id is not None:
        return [by_id]
    own_first = [] if reader is None else [(_r.owner_id == reader.id).desc()]
    query = _kept(reader).where(_r.name == word.strip()).order_by(*own_first, _r.id).limit(MOST_ALIKE)
    return [_of_row(row) for row in await conn.execute(query)]


async def listed(conn: AsyncConnection, reader: Reader | None) -> list[OwnReport]:
    """What a reader may open (None: all there are), by name."""
    return [_of_row(row) for row in await conn.execute(_kept(reader).order_by(_r.name, _r.id))]


def _kept(reader: Reader | None) -> Select[Any]:
    query = select(*_COLUMNS).select_from(_SOURCE).where(_r.removed_at.is_(None))
    return query if reader is None else query.where(visible(_r.owner_id, _r.shared, reader))


async def save(
    conn: AsyncConnection,
    report_id: str,
    *,
    version: int,
    name: str,
    shared: Shared,
    definition: Definition,
    period: str,
    by: str,
    now: datetime,
) -> OwnReport:
    """Save over `version`. Raises `Conflict`, `NoSuchReport`."""
    values = _values(name=name, shared=shared, definition=definition, period=period, by=by, now=now)
    there = (_r.id == report_id, _r.version == version, _r.removed_at.is_(None))
    done = await conn.execute(update(own_reports).where(*there).values(**values, version=version + 1))
    if not done.rowcount:
        raise await _refusal(conn, report_id)
    saved = await get(conn, report_id)
    assert saved is not None  # noqa: S101 - just written
    return saved


async def remove(conn: AsyncConnection, report_id: str, *, version: int, now: datetime) -> None:
    """Take a report out of the lists. Raises `Conflict`, `NoSuchReport`."""
    there = (_r.id == report_id, _r.version == version, _r.removed_at.is_(None))
    done = await conn.execute(update(own_reports).where(*there).values(removed_at=now, version=version + 1))
    if not done.rowcount:
        raise await _refusal(conn, report_id)


async def restore(conn: AsyncConnection, report_id: str, *, owner_id: str) -> bool:
    """Bring back what its owner removed, under the id others name it by; False when there is nothing to."""
    there = (_r.id == report_id, _r.owner_id == owner_id, _r.removed_at.is_not(None))
    done = await conn.execute(update(own_reports).where(*there).values(removed_at=None, version=_r.version + 1))
    return done.rowcount > 0


async def sweep(conn: AsyncConnection, *, before: datetime) -> int:
    """Throw away what was removed before then; returns how many."""
    return (await conn.execute(delete(own_reports).where(_r.removed_at < before))).rowcount


async def _refusal(conn: AsyncConnection, report_id: str) -> Exception:
    current = await get(conn, report_id)
    return NoSuchReport(NoSuchReport.__doc__) if current is None else Conflict(Conflict.__doc__)


def _values(
    *, name: str, shared: Shared, definition: Definition, period: str, by: str, now: datetime
) -> dict[str, Any]:
    return {
        "name": name.replace("\0", "").strip()[:LONGEST_NAME], "shared": shared, "period": period,
        "definition": msgspec.json.encode(definition).decode(), "updated_at": now, "updated_by": by,
    }  # fmt: skip


def _of_row(row: Row[Any]) -> OwnReport:
    return OwnReport(**{**row._mapping, "definition": msgspec.json.decode(row.definition, type=Definition)})
