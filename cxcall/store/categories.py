"""Categories as people edit them; what spotting reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import sort_key
from cxcall.speech.category import Category, Texts
from cxcall.store.category_tables import categories
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.upsert import insert_into


class NoSuchCategory(Exception):
    """There is no such category (any more)."""


class CategoryNameTaken(Exception):
    """Another category has this name; choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCategory:
    """A category. `version` counts its changes, 1 = none yet; `updated_by` is a login name, "" for a ready-made one."""

    id: str
    version: int
    category: Category
    created_at: datetime
    updated_at: datetime
    updated_by: str


async def create(conn: AsyncConnection, category: Category, *, by: str, now: datetime) -> KeptCategory:
    """A new category; an empty `category.id` gets one. Raises `CategoryNameTaken`."""
    made = msgspec.structs.replace(category, id=category.id or new_id())
    await _refuse_taken(conn, made)
    row = {"id": made.id, "version": 1, "created_at": now, "updated_at": now, "updated_by": by, **_columns(made)}
    try:
        await conn.execute(categories.insert().values(row))
    except IntegrityError:
        raise CategoryNameTaken(CategoryNameTaken.__doc__) from None
    return KeptCategory(id=made.id, version=1, category=made, created_at=now, updated_at=now, updated_by=by)


async def seed(conn: AsyncConnection, ready: Sequence[Category], *, now: datetime) -> int:
    """Add ready-made categories that are not there yet, by id and by name; how many were added."""
    added = 0
    for category in ready:
        row = {"id": category.id, "version": 1, "created_at": now, "updated_at": now, "updated_by": ""}
        insert = insert_into(conn, categories).values(row | _columns(category)).on_conflict_do_nothing()
        added += (await conn.execute(insert)).rowcount
    return added


async def get(conn: AsyncConnection, category_id: str) -> KeptCategory | None:
    """A category by id."""
    row = (await conn.execute(select(categories).where(categories.c.id == category_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection) -> list[KeptCategory]:
    """All categories by name, those that are off too; a site has some dozens."""
    return [_of_row(row) for row in await conn.execute(select(categories).order_by(categories.c.name_key))]


async def enabled(conn: AsyncConnection) -> tuple[Category, ...]:
    """What is looked for in talks."""
    query = select(categories).where(categories.c.enabled).order_by(categories.c.name_key)
    return tuple([_of_row(row).category for row in await conn.execute(query)])


async def save(conn: AsyncConnection, category: Category, *, version: int, by: str, now: datetime) -> KeptCategory:
    """Save `category` over `version`. Raises `Conflict` (with the category now), `NoSuchCategory`,
    `CategoryNameTaken`."""
    await _refuse_taken(conn, category)
    over = (categories.c.id == category.id, categories.c.version == version)
    values = {"version": version + 1, "updated_at": now, "updated_by": by, **_columns(category)}
    row = (await conn.execute(update(categories).where(*over).values(values).returning(categories))).first()
    if row is not None:
        return _of_row(row)
    current = await get(conn, category.id)
    raise NoSuchCategory(NoSuchCategory.__doc__) if current is None else Conflict(current)


async def remove(conn: AsyncConnection, category_id: str, *, version: int) -> None:
    """Remove a category; what it found in the past stays. Raises `Conflict`, `NoSuchCategory`."""
    over = (categories.c.id == category_id, categories.c.version == version)
    if (await conn.execute(delete(categories).where(*over))).rowcount:
        return
    current = await get(conn, category_id)
    raise NoSuchCategory(NoSuchCategory.__doc__) if current is None else Conflict(current)


async def names(conn: AsyncConnection) -> dict[str, Texts]:
    """What each category is called, by id."""
    return {kept.id: kept.category.name for kept in await everything(conn)}


def name_key(name: Texts) -> str:
    """What two categories may not share: the names in both languages, as they are compared."""
    return sort_key(" ".join(name[language] for language in sorted(name)))


async def _refuse_taken(conn: AsyncConnection, category: Category) -> None:
    same = (categories.c.name_key == name_key(category.name), categories.c.id != category.id)
    if await conn.scalar(select(categories.c.id).where(*same)) is not None:
        raise CategoryNameTaken(CategoryNameTaken.__doc__)


def _columns(category: Category) -> dict[str, Any]:
    return {
        "name_key": name_key(category.name),
        "body": msgspec.json.encode(category).decode(),
        "enabled": category.enabled,
    }


def _of_row(row: Row[Any]) -> KeptCategory:
    return KeptCategory(
        id=row.id, version=row.version, category=msgspec.json.decode(row.body, type=Category),
        created_at=row.created_at, updated_at=row.updated_at, updated_by=row.updated_by,
    )  # fmt: skip
