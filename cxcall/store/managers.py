"""Account managers: users who look after customers, by the names people write them with."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key
from cxcall.store.people_tables import users


async def by_name(conn: AsyncConnection) -> dict[str, str]:
    """User id by login name, by a display name only one has, and by itself; keys are folded by `search_key`."""
    people = (await conn.execute(select(users.c.id, users.c.name, users.c.display_name))).all()
    shown: dict[str, list[str]] = {}
    for person in people:
        shown.setdefault(search_key(person.display_name), []).append(person.id)
    names = {name: ids[0] for name, ids in shown.items() if len(ids) == 1}
    names |= {search_key(person.name): person.id for person in people}
    return names | {person.id: person.id for person in people}


async def shown(conn: AsyncConnection, also: str | None = None) -> dict[str, str]:
    """Display names of those who may look after a customer, by user id: who can sign in, and `also` who does now."""
    query = select(users.c.id, users.c.display_name).where(or_(users.c.disabled.is_(False), users.c.id == (also or "")))
    return {row.id: row.display_name for row in await conn.execute(query.order_by(users.c.display_name, users.c.id))}
