"""Signing in and out: constant work for wrong names, limits by name and address, a new session at every login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.letters import search_key
from cxcall.store import attempts, audit, sessions, users
from cxcall.store.secrets import hash_of
from cxcall.web import passwords

IDLE = timedelta(hours=24)  # over 20 hours, so no warning before the end is owed (WCAG 2.2.1)
LONGEST = timedelta(days=7)
TOUCH_EVERY = timedelta(minutes=1)

log = structlog.get_logger("cxcall.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """From where somebody wants to sign in."""

    address: str
    browser: str
    now: datetime
    old_secret: str = ""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Signed in: `secret` is for the cookie."""

    user: users.User
    secret: str


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many failures; the next try counts after `until`."""

    until: datetime


class Wrong:
    """Name or password is not right; which of them, nobody is told."""


async def sign_in(engine: AsyncEngine, name: str, password: str, came: Came) -> Welcome | Locked | Wrong:
    """Check and start a session. The name's failure is counted before the check and forgotten when it was right,
    so that many tries at the same moment are counted too."""
    by_name, by_address = f"name:{search_key(name)}", f"address:{came.address}"
    async with engine.begin() as conn:
        locked = await attempts.locked_until(conn, [by_name, by_address], now=came.now)
        if locked is not None:
            return Locked(locked)
        await attempts.failed(conn, by_name, attempts.NAME_LIMIT, now=came.now)
        user = await users.by_name(conn, name)
        kept = await users.password_hash(conn, user.id) if user else None
    if not await passwords.matches(password, kept) or user is None or kept is None:
        return await _refused(engine, name, by_address, came)
    fresh = await passwords.hash_password(password) if passwords.outdated(kept) else None
    async with engine.begin() as conn:
        if await users.password_hash(conn, user.id) != kept:  # changed or disabled while we were checking
            return Wrong()
        await attempts.forget(conn, by_name)
        if fresh:
            await users.rehash(conn, user.id, fresh)
        if came.old_secret:
            await sessions.end(conn, hash_of(came.old_secret))
        secret = await sessions.start(
            conn, user.id, now=came.now, lifetime=IDLE, address=came.address, browser=came.browser
        )
        await audit.add(
            conn, actor=user.name, act="login", subject=f"user:{user.id}", address=came.address, at=came.now
        )
    return Welcome(user, secret)


async def _refused(engine: AsyncEngine, name: str, by_address: str, came: Came) -> Wrong:
    log.warning("login_refused", name=name[:80], address=came.address)
    async with engine.begin() as conn:
        await attempts.failed(conn, by_address, attempts.ADDRESS_LIMIT, now=came.now)
        await audit.add(conn, actor=name[:80], act="login.refused", address=came.address, at=came.now)
    return Wrong()


async def seen(engine: AsyncEngine, session: sessions.Session, now: datetime) -> None:
    """Keep a session alive: a day from now, never past a week from its start."""
    if now - session.seen_at < TOUCH_EVERY:
        return
    async with engine.begin() as conn:
        lifetime = min(IDLE, session.created_at + LONGEST - now)
        await sessions.touch(conn, session.id_hash, now=now, lifetime=lifetime)
