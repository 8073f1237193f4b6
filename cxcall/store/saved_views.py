"""Views of a list that somebody keeps under a name: its filters, shared by role, one of them opened first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.people_tables import users
from cxcall.store.report_tables import default_views, saved_views
from cxcall.store.sharing import Reader, Shared, visible
from cxcall.store.upsert import insert_into

LONGEST_NAME = 60
LONGEST_QUERY = 4000
MOST = 100
"""Views one person may keep of a list."""

_v = saved_views.c


class NoSuchView(Exception):
    """There is no such view (any more)."""


class TooManyViews(Exception):
    """So many views are kept already that they could not be told apart; delete one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view. `list` is what of: `calls`; `query` the filters as the address of the list has them."""

    id: str
    version: int
    list: str
    name: str
    owner_id: str
    owner: str
    shared: Shared
    query: str
    made_at: datetime
    removed_at: datetime | None


_COLUMNS = (*_v, users.c.name.label("owner"))
_SOURCE = saved_views.join(users, users.c.id == _v.owner_id)


async def create(
    conn: AsyncConnection, list_: str, *, name: str, owner_id: str, query: str, shared: Shared = "nobody", now: datetime
) -> View:
    """A new view. Raises `TooManyViews`."""
    mine = select(_v.id).where(_v.owner_id == owner_id, _v.list == list_, _v.removed_at.is_(None)).limit(MOST)
    if len((await conn.execute(mine)).all()) >= MOST:
        raise TooManyViews(TooManyViews.__doc__)
    row = {
        "id": new_id(), "version": 1, "list": list_, "name": _name(name), "owner_id": owner_id, "shared": shared,
        "query": query[:LONGEST_QUERY], "made_at": now, "removed_at": None,
    }  # fmt: skip
    await conn.execute(saved_views.insert().values(row))
    made = await get(conn, str(row["id"]))
    assert made is not None  # noqa: S101 - just written
    return made


async def get(conn: AsyncConnection, view_id: str, reader: Reader | None = None) -> View | None:
    """A view by id; for a `reader` only one they may see."""
    query = select(*_COLUMNS).select_from(_SOURCE).where(_v.id == view_id, _v.removed_at.is_(None))
    if reader is not None:
        query = query.where(visible(_v.owner_id, _v.shared, reader))
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


async def listed(conn: AsyncConnection, list_: str, reader: Reader) -> list[View]:
    """The views of a list a reader may open: their own first, each part by name."""
    query = (
        select(*_COLUMNS)
        .select_from(_SOURCE)
        .where(_v.list == list_, _v.removed_at.is_(None), visible(_v.owner_id, _v.shared, reader))
        .order_by((_v.owner_id == reader.id).desc(), _v.name, _v.id)
    )
    return [_of_row(row) for row in await conn.execute(query)]


async def save(
    conn: AsyncConnection, view_id: str, *, owner_id: str, version: int, name: str, shared: Shared, query: str
) -> View:
    """Change an own view over `version`. Raises `Conflict`, `NoSuchView`."""
    values = {"name": _name(name), "shared": shared, "query": query[:LONGEST_QUERY], "version": version + 1}
    done = await conn.execute(update(saved_views).where(*_mine(view_id, owner_id, version)).values(values))
    if not done.rowcount:
        raise await _refusal(conn, view_id, owner_id)
    saved = await get(conn, view_id)
    assert saved is not None  # noqa: S101 - just written
    return saved


async def remove(conn: AsyncConnection, view_id: str, *, owner_id: str, version: int, now: datetime) -> None:
    """Take an own view away. Raises `Conflict`, `NoSuchView`."""
    values = {"removed_at": now, "version": version + 1}
    done = await conn.execute(update(saved_views).where(*_mine(view_id, owner_id, version)).values(values))
    if not done.rowcount:
        raise await _refusal(conn, view_id, owner_id)


async def restore(conn: AsyncConnection, view_id: str, *, owner_id: str) -> bool:
    """Bring back what its owner removed; False when there is nothing to."""
    there = (_v.id == view_id, _v.owner_id == owner_id, _v.removed_at.is_not(None))
    done = await conn.execute(update(saved_views).where(*there).values(removed_at=None, version=_v.version + 1))
    return done.rowcount > 0


async def default_of(conn: AsyncConnection, list_: str, reader: Reader) -> View | None:
    """The view a reader opens the list with; None: all of it, also where their default is not theirs to see."""
    of = (default_views.c.user_id == reader.id, default_views.c.list == list_)
    chosen = await conn.scalar(select(default_views.c.view_id).where(*of))
    return await get(conn, chosen, reader) if chosen else None


async def open_first(conn: AsyncConnection, list_: str, user_id: str, view_id: str | None) -> None:
    """Have a list open with this view for a person; None: with all of it."""
    if view_id is None:
        of = (default_views.c.user_id == user_id, default_views.c.list == list_)
        await conn.execute(delete(default_views).where(*of))
        return
    row = insert_into(conn, default_views).values(user_id=user_id, list=list_, view_id=view_id)
    await conn.execute(row.on_conflict_do_update(index_elements=["user_id", "list"], set_={"view_id": view_id}))


async def sweep(conn: AsyncConnection, *, before: datetime) -> int:
    """Throw away what was removed before then; returns how many."""
    return (await conn.execute(delete(saved_views).where(_v.removed_at < before))).rowcount


def _mine(view_id: str, owner_id: str, version: int) -> tuple[Any, ...]:
    return _v.id == view_id, _v.owner_id == owner_id, _v.version == version, _v.removed_at.is_(None)


async def _refusal(conn: AsyncConnection, view_id: str, owner_id: str) -> Exception:
    current = await get(conn, view_id)
    if current is None or current.owner_id != owner_id:
        return NoSuchView(NoSuchView.__doc__)
    return Conflict(Conflict.__doc__)


def _name(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST_NAME]


def _of_row(row: Row[Any]) -> View:
    return View(**row._mapping)
