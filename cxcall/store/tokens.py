"""API tokens: made and revoked by a user, each with its own rights, never kept readable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.people_tables import tokens, users
from cxcall.store.secrets import hash_of, new_secret

PREFIX = "cxcall_"
"""What a token begins with, so that one in a log or a repository is recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token as its owner sees it: everything but the secret."""

    id: str
    user_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


async def make(
    conn: AsyncConnection,
    user_id: str,
    *,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """A new token and its secret, which can't be had again."""
    secret = PREFIX + new_secret()
    row = {
        "id": new_id(),
        "user_id": user_id,
        "name": name.strip(),
        "secret_hash": hash_of(secret),
        "scopes": msgspec.json.encode(sorted(set(scopes))).decode(),
        "created_at": now,
        "expires_at": expires_at,
        "used_at": None,
        "revoked_at": None,
    }
    await conn.execute(tokens.insert(), row)
    made = (await conn.execute(select(tokens).where(tokens.c.id == row["id"]))).one()
    return _token(made), secret


async def find(conn: AsyncConnection, secret: str, *, now: datetime) -> Token | None:
    """The token of a request, None when it is unknown, revoked, expired, or its user is disabled."""
    query = (
        select(tokens)
        .join(users, users.c.id == tokens.c.user_id)
        .where(
            tokens.c.secret_hash == hash_of(secret),
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
            users.c.disabled.is_(False),
        )
    )
    row = (await conn.execute(query)).first()
    return _token(row) if row else None


async def get(conn: AsyncConnection, token_id: str) -> Token | None:
    """A token by id, whoever's it is and also a revoked one."""
    row = (await conn.execute(select(tokens).where(tokens.c.id == token_id))).first()
    return _token(row) if row else None


async def used(conn: AsyncConnection, token_id: str, *, now: datetime) -> None:
    """Note the use of a token. Call it at most once a minute per token."""
    await conn.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=now))


async def of_user(conn: AsyncConnection, user_id: str) -> list[Token]:
    """A user's tokens, newest first, revoked ones too."""
    query = select(tokens).where(tokens.c.user_id == user_id).order_by(tokens.c.created_at.desc(), tokens.c.id.desc())
    return [_token(row) for row in await conn.execute(query)]


async def revoke(conn: AsyncConnection, token_id: str, *, user_id: str, now: datetime) -> bool:
    """End a user's token for good; False when it is not theirs or was revoked before."""
    done = await conn.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.user_id == user_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount > 0


def _token(row: Row[tuple[object, ...]]) -> Token:
    fields = {name: value for name, value in row._mapping.items() if name != "secret_hash"}
    return Token(**{**fields, "scopes": tuple(msgspec.json.decode(fields["scopes"]))})
