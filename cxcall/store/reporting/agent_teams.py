"""Which teams agents belong to, by the names that records have of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.store.agent_tables import team_members, teams
from cxcall.store.people_tables import users


async def by_agent(conn: AsyncConnection) -> dict[str, tuple[Key, ...]]:
    """The teams of each agent. Queue members are named as people are shown; a record has no more of them."""
    query = (
        select(users.c.display_name, teams.c.id, teams.c.name)
        .join(team_members, team_members.c.user_id == users.c.id)
        .join(teams, teams.c.id == team_members.c.team_id)
        .order_by(teams.c.id)
    )
    found: dict[str, tuple[Key, ...]] = {}
    for agent, team, name in await conn.execute(query):
        key = Key(row="team", value=team, title=name)
        if key not in found.get(agent, ()):
            found[agent] = (*found.get(agent, ()), key)
    return found


async def agents_of(conn: AsyncConnection, team_ids: Iterable[str]) -> tuple[str, ...]:
    """Names of the agents of these teams."""
    query = (
        select(users.c.display_name)
        .join(team_members, team_members.c.user_id == users.c.id)
        .where(team_members.c.team_id.in_(sorted(set(team_ids))))
    )
    return tuple(sorted(set((await conn.scalars(query)).all())))
