"""Big screens: addresses with a secret that show the floor to whoever looks, until they are revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.floor_tables import screens
from cxcall.store.ids import new_id
from cxcall.store.secrets import hash_of, new_secret

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a screen was last looked at."""


class NoSuchScreen(Exception):
    """There is no such screen, or it was revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen but for its secret. `body`: what it shows (groups, seconds of each)."""

    id: str
    name: str
    body: Mapping[str, Any]
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    seen_at: datetime | None


async def make(
    conn: AsyncConnection, *, name: str, body: Mapping[str, Any], by: str, now: datetime
) -> tuple[Screen, str]:
    """A new screen and the secret of its address, which can't be had again."""
    secret = new_secret()
    row = {
        "id": new_id(), "name": name.strip(), "secret_hash": hash_of(secret), "body": _text(body), "made_at": now,
        "made_by": by, "revoked_at": None, "seen_at": None,
    }  # fmt: skip
    made = await conn.execute(screens.insert().values(row).returning(*screens.c))
    return _of_row(made.one()), secret


async def find(conn: AsyncConnection, secret: str) -> Screen | None:
    """The screen of an address; None when it is unknown or revoked."""
    there = (screens.c.secret_hash == hash_of(secret), screens.c.revoked_at.is_(None))
    row = (await conn.execute(select(screens).where(*there))).first()
    return _of_row(row) if row else None


async def get(conn: AsyncConnection, screen_id: str) -> Screen | None:
    """A screen by id, also a revoked one."""
    row = (await conn.execute(select(screens).where(screens.c.id == screen_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection) -> list[Screen]:
    """All screens, newest first, revoked ones too."""
    return [_of_row(row) for row in await conn.execute(select(screens).order_by(screens.c.id.desc()))]


async def change(
    conn: AsyncConnection, screen_id: str, *, name: str | None = None, body: Mapping[str, Any] | None = None
) -> Screen:
    """Change what is given; the address stays. Raises `NoSuchScreen`."""
    values: dict[str, Any] = {} if name is None else {"name": name.strip()}
    if body is not None:
        values["body"] = _text(body)
    there = (screens.c.id == screen_id, screens.c.revoked_at.is_(None))
    if values:
        await conn.execute(update(screens).where(*there).values(values))
    row = (await conn.execute(select(screens).where(*there))).first()
    if row is None:
        raise NoSuchScreen(NoSuchScreen.__doc__)
    return _of_row(row)


async def revoke(conn: AsyncConnection, screen_id: str, *, now: datetime) -> bool:
    """End a screen's address for good; False when there is none, or it ended before."""
    there = (screens.c.id == screen_id, screens.c.revoked_at.is_(None))
    return (await conn.execute(update(screens).where(*there).values(revoked_at=now))).rowcount > 0


async def seen(conn: AsyncConnection, screen_id: str, *, now: datetime) -> None:
    """Somebody looks at it; written at most once a minute."""
    long_ago = or_(screens.c.seen_at.is_(None), screens.c.seen_at <= now - SEEN_EVERY)
    await conn.execute(update(screens).where(screens.c.id == screen_id, long_ago).values(seen_at=now))


def _text(body: Mapping[str, Any]) -> str:
    return msgspec.json.encode(dict(body)).decode()


def _of_row(row: Row[Any]) -> Screen:
    values = {name: value for name, value in row._mapping.items() if name != "secret_hash"}
    return Screen(**{**values, "body": msgspec.json.decode(row.body)})
