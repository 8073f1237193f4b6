"""The people who use cxcall: who they are, what they may, which phones are theirs, how they like their pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key, tidy
from cxcall.store import sign_ins
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.people_tables import sessions, tokens, user_extensions, users

__all__ = [
    "Conflict",
    "LastAdmin",
    "NameTaken",
    "NoSuchUser",
    "User",
    "by_name",
    "change",
    "count",
    "create",
    "everyone",
    "get",
    "names_of_extensions",
    "password_hash",
    "rehash",
    "remove",
    "set_password_hash",
    "set_preferences",
    "with_extension",
]

RoleName = Literal["agent", "supervisor", "admin"]


class NameTaken(Exception):
    """This login name belongs to someone else."""


class LastAdmin(Exception):
    """This is the last administrator who can sign in; make another one first."""


class NoSuchUser(Exception):
    """There is no such user (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person. `preferences` are for pages to read: theme, digits, calendar, density, shortcuts."""

    id: str
    version: int
    name: str
    display_name: str
    role: RoleName
    language: str | None
    extensions: tuple[str, ...]
    disabled: bool
    preferences: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime


async def create(
    conn: AsyncConnection,
    *,
    name: str,
    role: RoleName,
    password_hash: str,
    display_name: str = "",
    extensions: Sequence[str] = (),
    language: str | None = None,
) -> User:
    """A new user; raises `NameTaken`. Names differ by more than capitals, digits' script or forms of a letter."""
    now = datetime.now(UTC)
    id_ = new_id()
    row = {
        "id": id_,
        "version": 1,
        "name": tidy(name),
        "name_key": search_key(name),
        "display_name": tidy(display_name) or tidy(name),
        "role": role,
        "language": language,
        "password_hash": password_hash,
        "disabled": False,
        "preferences": "{}",
        "created_at": now,
        "updated_at": now,
    }
    await _refuse_taken(conn, row["name_key"], id_)
    try:
        await conn.execute(users.insert(), row)
    except IntegrityError:
        raise NameTaken(NameTaken.__doc__) from None
    await _set_extensions(conn, id_, extensions)
    return await _existing(conn, id_)


async def get(conn: AsyncConnection, user_id: str) -> User | None:
    """A user by id, also a disabled one."""
    return await _one(conn, users.c.id == user_id)


async def by_name(conn: AsyncConnection, name: str) -> User | None:
    """A user by login name, however its letters are written."""
    return await _one(conn, users.c.name_key == search_key(name))


async def password_hash(conn: AsyncConnection, user_id: str) -> str | None:
    """What the password is checked against; None for an unknown or disabled user."""
    found: str | None = await conn.scalar(
        select(users.c.password_hash).where(users.c.id == user_id, users.c.disabled.is_(False))
    )
    return found


async def set_password_hash(
    conn: AsyncConnection, user_id: str, new_hash: str, *, keep_session: str | None = None
) -> None:
    """A new password; every session of the user ends but the one whose hash is `keep_session`."""
    await conn.execute(
        update(users).where(users.c.id == user_id).values(password_hash=new_hash, updated_at=datetime.now(UTC))
    )
    await conn.execute(
        delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id_hash != (keep_session or ""))
    )


async def rehash(conn: AsyncConnection, user_id: str, new_hash: str) -> None:
    """The same password under better parameters: nobody is signed out."""
    await conn.execute(update(users).where(users.c.id == user_id).values(password_hash=new_hash))


async def everyone(conn: AsyncConnection) -> list[User]:
    """All users by display name."""
    rows = (await conn.execute(select(users).order_by(users.c.display_name, users.c.id))).all()
    owned = await _extensions(conn, [row.id for row in rows])
    return [_user(row, owned.get(row.id, ())) for row in rows]


async def with_extension(conn: AsyncConnection, extension: str) -> list[User]:
    """Those whose phone this is (`PJSIP/1001`); shifts may share one. Disabled users have none."""
    owners = select(user_extensions.c.user_id).where(user_extensions.c.extension == extension)
    return [user for user in await _many(conn, users.c.id.in_(owners)) if not user.disabled]


async def names_of_extensions(conn: AsyncConnection) -> dict[str, str]:
    """Display name by extension, for pages that show who a phone belongs to."""
    query = select(user_extensions.c.extension, users.c.display_name).join(users).where(users.c.disabled.is_(False))
    return {row.extension: row.display_name for row in await conn.execute(query.order_by(users.c.created_at.desc()))}


async def change(conn: AsyncConnection, user_id: str, *, version: int | None = None, **changes: Any) -> User:
    """Change any of name, display_name, role, language, extensions, disabled; returns the user as it is now.

    With `version`, raises `Conflict` when someone else was faster. Raises `NameTaken`, `LastAdmin`, `NoSuchUser`.
    A disabled user is signed out everywhere, also of the phone they sit at.
    """
    unknown = set(changes) - {"name", "display_name", "role", "language", "extensions", "disabled"}
    if unknown:
        msg = f"a user has no {', '.join(sorted(unknown))}"
        raise TypeError(msg)
    user = await _existing(conn, user_id)
    loses_admin = changes.get("role", user.role) != "admin" or changes.get("disabled", user.disabled)
    if user.role == "admin" and not user.disabled and loses_admin:
        await _refuse_last_admin(conn, user_id)
    extensions = changes.pop("extensions", None)
    values = _tidied(changes)
    if "name_key" in values:
        await _refuse_taken(conn, values["name_key"], user_id)
    expected = user.version if version is None else version
    done = await conn.execute(
        update(users)
        .where(users.c.id == user_id, users.c.version == expected)
        .values(**values, version=expected + 1, updated_at=datetime.now(UTC))
    )
    if done.rowcount == 0:
        raise Conflict(Conflict.__doc__)
    if extensions is not None:
        await _set_extensions(conn, user_id, extensions)
    if values.get("disabled"):
        await conn.execute(delete(sessions).where(sessions.c.user_id == user_id))
        await sign_ins.sign_out(conn, user_id, now=datetime.now(UTC))
    return await _existing(conn, user_id)


async def set_preferences(conn: AsyncConnection, user_id: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Set some preferences (None removes one); the others stay. Returns all of them."""
    row = (await conn.execute(select(users.c.preferences).where(users.c.id == user_id).with_for_update())).first()
    if row is None:
        raise NoSuchUser(NoSuchUser.__doc__)
    merged = {**msgspec.json.decode(row.preferences), **changes}
    kept = {name: value for name, value in merged.items() if value is not None}
    await conn.execute(
        update(users).where(users.c.id == user_id).values(preferences=msgspec.json.encode(kept).decode())
    )
    return kept


async def remove(conn: AsyncConnection, user_id: str) -> None:
    """Remove a user with sessions and tokens; the log of acts keeps the name. Raises `LastAdmin`."""
    user = await _existing(conn, user_id)
    if user.role == "admin" and not user.disabled:
        await _refuse_last_admin(conn, user_id)
    for table in (sessions, tokens, user_extensions):
        await conn.execute(delete(table).where(table.c.user_id == user_id))
    await conn.execute(delete(users).where(users.c.id == user_id))


async def count(conn: AsyncConnection) -> int:
    """How many users there are: none means that `cxcall init` has not made the first one."""
    return await conn.scalar(select(func.count()).select_from(users)) or 0


def _tidied(changes: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(changes)
    for field in {"name", "display_name"} & set(values):
        values[field] = tidy(values[field])
    if "name" in values:
        values["name_key"] = search_key(values["name"])
    return values


async def _refuse_taken(conn: AsyncConnection, name_key: Any, user_id: str) -> None:
    if await conn.scalar(select(users.c.id).where(users.c.name_key == name_key, users.c.id != user_id)):
        raise NameTaken(NameTaken.__doc__)


async def _refuse_last_admin(conn: AsyncConnection, user_id: str) -> None:
    # All administrators are locked, so two of them can't take each other's rights at the same moment.
    admins = select(users.c.id).where(users.c.role == "admin", users.c.disabled.is_(False)).order_by(users.c.id)
    if set((await conn.scalars(admins.with_for_update())).all()) <= {user_id}:
        raise LastAdmin(LastAdmin.__doc__)


async def _set_extensions(conn: AsyncConnection, user_id: str, extensions: Iterable[str]) -> None:
    await conn.execute(delete(user_extensions).where(user_extensions.c.user_id == user_id))
    named = dict.fromkeys(extension.strip() for extension in extensions)
    rows = [{"user_id": user_id, "extension": extension, "n": n} for n, extension in enumerate(named) if extension]
    if rows:
        await conn.execute(user_extensions.insert(), rows)


async def _extensions(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = select(user_extensions).where(user_extensions.c.user_id.in_(ids)).order_by(user_extensions.c.n)
    owned: dict[str, tuple[str, ...]] = {}
    for row in await conn.execute(query):
        owned[row.user_id] = (*owned.get(row.user_id, ()), row.extension)
    return owned


async def _existing(conn: AsyncConnection, user_id: str) -> User:
    user = await get(conn, user_id)
    if user is None:
        raise NoSuchUser(NoSuchUser.__doc__)
    return user


async def _one(conn: AsyncConnection, where: Any) -> User | None:
    return next(iter(await _many(conn, where)), None)


async def _many(conn: AsyncConnection, where: Any) -> list[User]:
    rows = (await conn.execute(select(users).where(where).order_by(users.c.display_name, users.c.id))).all()
    owned = await _extensions(conn, [row.id for row in rows])
    return [_user(row, owned.get(row.id, ())) for row in rows]


def _user(row: Any, extensions: tuple[str, ...]) -> User:
    return User(
        id=row.id,
        version=row.version,
        name=row.name,
        display_name=row.display_name,
        role=row.role,
        language=row.language,
        extensions=extensions,
        disabled=row.disabled,
        preferences=msgspec.json.decode(row.preferences),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
