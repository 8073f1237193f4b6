"""Everybody who may answer in the queues of a server, as `queues.membership` takes them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.membership import People, Person
from cxcall.store import sign_ins, skills, teams, users


async def people(conn: AsyncConnection, server: str, *, dial: str = "PJSIP/") -> People:
    """People with their phones, skills and teams. A phone somebody else sits at now is not its owner's for that time.

    `dial`: how the server dials a phone of which only the number is known.
    """
    every_team = await teams.everything(conn)
    levels = await skills.levels(conn)
    seats: dict[str, list[str]] = {}
    taken = {}
    for seat in await sign_ins.open_ones(conn, server):
        seats.setdefault(seat.user_id, []).append(seat.interface)
        taken[seat.interface] = seat.user_id
    persons = {}
    for user in await users.everyone(conn):
        if user.disabled:
            continue
        own = [phone if "/" in phone else f"{dial}{phone}" for phone in user.extensions]
        free = [phone for phone in own if taken.get(phone, user.id) == user.id]
        persons[user.id] = Person(
            id=user.id,
            name=user.display_name,
            interfaces=tuple(dict.fromkeys((*seats.get(user.id, ()), *free))),
            skills=levels.get(user.id, {}),
            teams=frozenset(team.id for team in every_team if user.id in team.members),
        )
    return People(
        persons=persons,
        teams={team.id: team.name for team in every_team},
        skills={skill.id: skill.name for skill in await skills.everything(conn)},
    )
