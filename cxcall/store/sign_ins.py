"""Who sits at which phone: people sign in to any (hot desk), and the phones given to a person are theirs until somebody
else sits there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.agent_tables import agent_sign_ins
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.people_tables import user_extensions, users
from cxcall.store.upsert import insert_into

MOST_HELD = 100
"""Sign-ins of one person that are looked at to tell whose a call was."""
_OPEN = text("until IS NULL")
_its = agent_sign_ins.c


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A person at a phone (`PJSIP/1001`) of a server; `until` is None while they sit there."""

    id: str
    user_id: str
    server: str
    interface: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A phone while it was somebody's: `since` ≤ t < `until`, None: always, and still. `server` "": on every one."""

    phone: str
    server: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, server: str, at: datetime) -> bool:
        """Whether it was theirs at a moment."""
        here = self.server in ("", server)
        return here and (self.since is None or self.since <= at) and (self.until is None or at < self.until)


async def sign_in(conn: AsyncConnection, user_id: str, server: str, interface: str, *, now: datetime) -> SignIn:
    """This person sits at this phone now, no longer at another one, and whoever sat here no longer does.

    Doing it again changes nothing. Raises `Conflict` when two do it at the same moment.
    """
    there = await of_user(conn, user_id)
    if there is not None and (there.server, there.interface) == (server, interface):
        return there
    await conn.execute(
        update(agent_sign_ins).where(_OPEN, or_(_its.user_id == user_id, _at(server, interface))).values(until=now)
    )
    row = {"id": new_id(), "user_id": user_id, "server": server, "interface": interface, "since": now, "until": None}
    insert = insert_into(conn, agent_sign_ins).values(row).on_conflict_do_nothing().returning(*_its)
    made = (await conn.execute(insert)).first()
    if made is None:
        raise Conflict(Conflict.__doc__)
    return _of_row(made)


async def sign_out(conn: AsyncConnection, user_id: str, *, now: datetime) -> SignIn | None:
    """This person gets up; None when they sat nowhere."""
    query = update(agent_sign_ins).where(_OPEN, _its.user_id == user_id).values(until=now).returning(*_its)
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


async def of_user(conn: AsyncConnection, user_id: str) -> SignIn | None:
    """Where a person sits now."""
    return await _one(conn, select(agent_sign_ins).where(_OPEN, _its.user_id == user_id))


async def at(conn: AsyncConnection, server: str, interface: str) -> SignIn | None:
    """Who sits at a phone now."""
    return await _one(conn, select(agent_sign_ins).where(_OPEN, _at(server, interface)))


async def open_ones(conn: AsyncConnection, server: str | None = None) -> list[SignIn]:
    """Everybody who sits somewhere now, of one server or of all."""
    query = select(agent_sign_ins).where(_OPEN).order_by(_its.server, _its.interface)
    if server is not None:
        query = query.where(_its.server == server)
    return [_of_row(row) for row in await conn.execute(query)]


async def history(conn: AsyncConnection, user_id: str, *, limit: int = 50) -> list[SignIn]:
    """Where a person sat, newest first."""
    query = select(agent_sign_ins).where(_its.user_id == user_id).order_by(_its.since.desc(), _its.id.desc())
    return [_of_row(row) for row in await conn.execute(query.limit(limit))]


async def who_sat(conn: AsyncConnection, server: str, interface: str, at: datetime) -> str | None:
    """The id of who had signed in to a phone at a moment; None: nobody, so it was the one's whose phone it is."""
    then = (_its.since <= at, or_(_its.until.is_(None), _its.until > at))
    query = select(_its.user_id).where(_its.interface == interface, _its.server == server, *then)
    return await conn.scalar(query.order_by(_its.since.desc()).limit(1))


async def held(conn: AsyncConnection, user_id: str, own: Collection[str]) -> tuple[Held, ...]:
    """When which phones were a person's: those they signed in to, and their `own` while nobody else sat there.

    () where no sign-in ever touched them: their own phones are theirs, always. Of very many the newest count.
    """
    newest = select(agent_sign_ins).order_by(_its.since.desc(), _its.id.desc()).limit(MOST_HELD)
    mine = [_of_row(row) for row in await conn.execute(newest.where(_its.user_id == user_id))]
    others = newest.where(_its.interface.in_(own), _its.user_id != user_id)
    lent = [_of_row(row) for row in await conn.execute(others)] if own else []
    if not mine and not lent:
        return ()
    sat = tuple(Held(phone=one.interface, server=one.server, since=one.since, until=one.until) for one in mine)
    return sat + tuple(free for phone in own for free in _free(phone, [one for one in lent if one.interface == phone]))


def _free(phone: str, lent: Iterable[SignIn]) -> Iterator[Held]:
    """What is left of a phone's time when others sat there."""
    since: datetime | None = None
    for one in sorted(lent, key=lambda each: each.since):
        if since is None or since < one.since:
            yield Held(phone=phone, since=since, until=one.since)
        if one.until is None:
            return
        since = one.until if since is None else max(since, one.until)
    yield Held(phone=phone, since=since)


async def owners(conn: AsyncConnection, server: str) -> dict[str, str]:
    """Whose each phone of a server is: who sits there, else who was given it and sits nowhere else.

    Of several who were given the same phone the one who was given it first among their own has it, then the elder user.
    """
    sitting = await open_ones(conn)
    away = {each.user_id for each in sitting}
    query = (
        select(user_extensions.c.extension, user_extensions.c.user_id)
        .join(users)
        .where(users.c.disabled.is_(False))
        .order_by(user_extensions.c.n.desc(), users.c.created_at.desc(), users.c.id.desc())
    )
    given = {row.extension: row.user_id for row in await conn.execute(query) if row.user_id not in away}
    return given | {each.interface: each.user_id for each in sitting if each.server == server}


async def phones(conn: AsyncConnection, user_id: str, server: str) -> tuple[str, ...]:
    """A person's phones on a server: the one they sit at, else those given to them where nobody else sits."""
    there = await of_user(conn, user_id)
    if there is not None:
        return (there.interface,) if there.server == server else ()
    given = user_extensions.c
    taken = exists().where(_OPEN, _its.server == server, _its.interface == given.extension)
    free = select(given.extension).where(given.user_id == user_id, ~taken).order_by(given.n)
    return tuple((await conn.scalars(free)).all())


def _at(server: str, interface: str) -> ColumnElement[bool]:
    return (_its.server == server) & (_its.interface == interface)


async def _one(conn: AsyncConnection, query: Select[Any]) -> SignIn | None:
    row = (await conn.execute(query)).first()
    return _of_row(row) if row else None


def _of_row(row: Row[Any]) -> SignIn:
    return SignIn(**row._mapping)
