"""Whose a phone was at a moment, for many calls at once: who had signed in there, else who was given the phone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.agent_tables import agent_sign_ins
from cxcall.store.people_tables import user_extensions, users


@dataclass(frozen=True, slots=True)
class Owners:
    """`at` tells the user's id."""

    _signed_in: dict[tuple[str, str], list[tuple[datetime, datetime | None, str]]]
    _given: dict[str, str]

    def at(self, server: str, phone: str, moment: datetime) -> str | None:
        """None: nobody's we know."""
        for since, until, user_id in self._signed_in.get((server, phone), ()):
            if since <= moment and (until is None or moment < until):
                return user_id
        return self._given.get(phone)


async def owners(conn: AsyncConnection, since: datetime, until: datetime) -> Owners:
    """Whose phones were in a period."""
    its = agent_sign_ins.c
    rows = await conn.execute(
        select(its.server, its.interface, its.since, its.until, its.user_id)
        .where(its.since < until, or_(its.until.is_(None), its.until > since))
        .order_by(its.since.desc())
    )
    signed_in: dict[tuple[str, str], list[tuple[datetime, datetime | None, str]]] = defaultdict(list)
    for row in rows:
        signed_in[row.server, row.interface].append((row.since, row.until, row.user_id))
    given = await conn.execute(
        select(user_extensions.c.extension, user_extensions.c.user_id)
        .join(users)
        .order_by(user_extensions.c.n.desc(), users.c.created_at.desc(), users.c.id.desc())
    )
    return Owners(dict(signed_in), {row.extension: row.user_id for row in given})
