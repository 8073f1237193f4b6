"""Teams: who belongs to which, and who leads it. A person may be in several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import sort_key, tidy
from cxcall.store.agent_tables import team_members, teams
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.people_tables import users


class NoSuchTeam(Exception):
    """There is no such team (any more)."""


class TeamNameTaken(Exception):
    """Another team has this name; choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team; `members` are user ids in order of their names."""

    id: str
    version: int
    name: str
    leader_id: str | None
    members: tuple[str, ...]


async def create(
    conn: AsyncConnection,
    *,
    name: str,
    leader_id: str | None = None,
    members: Iterable[str] = (),
    team_id: str = "",
) -> Team:
    """A new team; with `team_id` one that was removed, again. Raises `TeamNameTaken`."""
    id_ = team_id or new_id()
    await _refuse_taken(conn, id_, name)
    try:
        await conn.execute(teams.insert().values(id=id_, version=1, leader_id=leader_id or None, **_named(name)))
    except IntegrityError:
        raise TeamNameTaken(TeamNameTaken.__doc__) from None
    await _set_members(conn, id_, members)
    return await _there(conn, id_)


async def get(conn: AsyncConnection, team_id: str) -> Team | None:
    """A team by id."""
    return next(iter(await _many(conn, teams.c.id == team_id)), None)


async def everything(conn: AsyncConnection) -> list[Team]:
    """All teams by name."""
    return await _many(conn)


async def of_user(conn: AsyncConnection, user_id: str) -> list[Team]:
    """The teams a person belongs to."""
    mine = select(team_members.c.team_id).where(team_members.c.user_id == user_id)
    return await _many(conn, teams.c.id.in_(mine))


async def change(
    conn: AsyncConnection,
    team_id: str,
    *,
    version: int,
    name: str | None = None,
    leader_id: str | None = None,
    members: Iterable[str] | None = None,
) -> Team:
    """Change what is given; a leader "" is nobody. Raises `Conflict` (with the team now), `NoSuchTeam`,
    `TeamNameTaken`."""
    values: dict[str, Any] = {}
    if name is not None:
        await _refuse_taken(conn, team_id, name)
        values |= _named(name)
    if leader_id is not None:
        values["leader_id"] = leader_id or None
    over = (teams.c.id == team_id, teams.c.version == version)
    if not (await conn.execute(update(teams).where(*over).values(version=version + 1, **values))).rowcount:
        raise Conflict(await _there(conn, team_id))
    if members is not None:
        await _set_members(conn, team_id, members)
    return await _there(conn, team_id)


async def remove(conn: AsyncConnection, team_id: str, *, version: int) -> None:
    """Remove a team; its people stay. Raises `Conflict`, `NoSuchTeam`."""
    over = (teams.c.id == team_id, teams.c.version == version)
    if not (await conn.execute(delete(teams).where(*over))).rowcount:
        raise Conflict(await _there(conn, team_id))


async def _set_members(conn: AsyncConnection, team_id: str, members: Iterable[str]) -> None:
    await conn.execute(delete(team_members).where(team_members.c.team_id == team_id))
    rows = [{"team_id": team_id, "user_id": user_id} for user_id in dict.fromkeys(members)]
    if rows:
        await conn.execute(team_members.insert(), rows)


async def _many(conn: AsyncConnection, *where: Any) -> list[Team]:
    rows = (await conn.execute(select(teams).where(*where).order_by(teams.c.name_key))).all()
    members = await _members(conn, [row.id for row in rows])
    return [
        Team(id=row.id, version=row.version, name=row.name, leader_id=row.leader_id, members=members.get(row.id, ()))
        for row in rows
    ]


async def _members(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = select(team_members).join(users).where(team_members.c.team_id.in_(ids))
    found: dict[str, tuple[str, ...]] = {}
    for row in await conn.execute(query.order_by(users.c.display_name, users.c.id)):
        found[row.team_id] = (*found.get(row.team_id, ()), row.user_id)
    return found


async def _there(conn: AsyncConnection, team_id: str) -> Team:
    team = await get(conn, team_id)
    if team is None:
        raise NoSuchTeam(NoSuchTeam.__doc__)
    return team


async def _refuse_taken(conn: AsyncConnection, team_id: str, name: str) -> None:
    same = (teams.c.name_key == sort_key(tidy(name)), teams.c.id != team_id)
    if await conn.scalar(select(teams.c.id).where(*same)) is not None:
        raise TeamNameTaken(TeamNameTaken.__doc__)


def _named(name: str) -> dict[str, str]:
    return {"name": tidy(name), "name_key": sort_key(tidy(name))}
