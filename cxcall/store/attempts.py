"""Failed logins, counted by name and by address, in the database so that a restart forgets nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.people_tables import login_attempts
from cxcall.store.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """After `free` failures in a row every further one locks: `first`, then twice as long, at most `longest`.

    Failures count as one row as long as no more than `within` lies between two of them.
    """

    free: int = 5
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)
    within: timedelta = timedelta(hours=1)

    def lock(self, failures: int, now: datetime) -> datetime | None:
        """Until when the given number of failures locks, None when it does not."""
        if failures < self.free:
            return None
        doubled: int = 1 << min(failures - self.free, 16)
        return now + min(self.first * doubled, self.longest)


NAME_LIMIT = Limit()
ADDRESS_LIMIT = Limit(free=30)
"""Many people can sit behind one address."""


async def locked_until(conn: AsyncConnection, subjects: Iterable[str], *, now: datetime) -> datetime | None:
    """The latest end of the locks on `subjects` (`name:sara`, `address:192.0.2.7`), None when none is locked."""
    until: datetime | None = await conn.scalar(
        select(func.max(login_attempts.c.locked_until)).where(
            login_attempts.c.subject.in_(sorted(set(subjects))), login_attempts.c.locked_until > now
        )
    )
    return until


async def failed(conn: AsyncConnection, subject: str, limit: Limit, *, now: datetime) -> datetime | None:
    """Count a failure; returns until when `subject` is locked now, None when it is not."""
    insert = insert_into(conn, login_attempts).values(subject=subject, failures=1, failed_at=now, locked_until=None)
    recent = login_attempts.c.failed_at > now - limit.within
    counted = await conn.execute(
        insert.on_conflict_do_update(
            index_elements=["subject"],
            set_={"failures": case((recent, login_attempts.c.failures + 1), else_=1), "failed_at": now},
        ).returning(login_attempts.c.failures)
    )
    until = limit.lock(counted.scalar_one(), now)
    await conn.execute(login_attempts.update().where(login_attempts.c.subject == subject).values(locked_until=until))
    return until


async def forget(conn: AsyncConnection, subject: str) -> None:
    """A login worked: the count begins again."""
    await conn.execute(delete(login_attempts).where(login_attempts.c.subject == subject))


async def sweep(conn: AsyncConnection, *, before: datetime) -> None:
    """Remove counts that ended long ago."""
    await conn.execute(delete(login_attempts).where(login_attempts.c.failed_at < before))
