"""Who is signed in. The cookie's secret is not in the database, only its hash: a stolen copy opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.people_tables import sessions, users
from cxcall.store.secrets import hash_of, new_secret

_BROWSER_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in; `id_hash` names it in lists, where the secret is not known."""

    id_hash: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    browser: str


async def start(
    conn: AsyncConnection, user_id: str, *, now: datetime, lifetime: timedelta, address: str = "", browser: str = ""
) -> str:
    """A new session; returns the secret for the cookie, which can't be had again."""
    secret = new_secret()
    await conn.execute(
        sessions.insert().values(
            id_hash=hash_of(secret),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
            address=address,
            browser=browser[:_BROWSER_LENGTH],
        )
    )
    return secret


async def find(conn: AsyncConnection, secret: str, *, now: datetime) -> Session | None:
    """The session of a cookie, None when it is unknown, expired, or its user is disabled."""
    query = (
        select(sessions)
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.id_hash == hash_of(secret), sessions.c.expires_at > now, users.c.disabled.is_(False))
    )
    row = (await conn.execute(query)).first()
    return Session(**row._mapping) if row else None


async def touch(conn: AsyncConnection, id_hash: str, *, now: datetime, lifetime: timedelta) -> None:
    """Seen again: the session lives for `lifetime` from now. Call it at most once a minute per session."""
    await conn.execute(
        update(sessions).where(sessions.c.id_hash == id_hash).values(seen_at=now, expires_at=now + lifetime)
    )


async def of_user(conn: AsyncConnection, user_id: str, *, now: datetime) -> list[Session]:
    """Where a user is signed in, last seen first."""
    query = select(sessions).where(sessions.c.user_id == user_id, sessions.c.expires_at > now)
    return [Session(**row._mapping) for row in await conn.execute(query.order_by(sessions.c.seen_at.desc()))]


async def end(conn: AsyncConnection, id_hash: str, *, user_id: str | None = None) -> None:
    """Sign out one session; with `user_id` only if it is theirs."""
    theirs = (sessions.c.user_id == user_id,) if user_id else ()
    await conn.execute(delete(sessions).where(sessions.c.id_hash == id_hash, *theirs))


async def end_all(conn: AsyncConnection, user_id: str, *, keep: str = "") -> None:
    """Sign a user out everywhere but in the session whose hash is `keep`."""
    await conn.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id_hash != keep))


async def sweep(conn: AsyncConnection, *, now: datetime) -> int:
    """Remove expired sessions; returns how many."""
    done = await conn.execute(delete(sessions).where(sessions.c.expires_at <= now))
    return done.rowcount
