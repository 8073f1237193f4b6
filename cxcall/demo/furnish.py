"""Puts the demo's floor into an empty database: people's skills and teams, hours, drafts of queues, alert rules."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.demo import floor
from cxcall.demo.floor import Ids
from cxcall.demo.staff import RECEPTION, SERVER
from cxcall.store import alert_rules, calendars, call_back_plans, prompts, queue_servers, queues, skills, teams, users

AUTHOR = "admin"
_LEADER = "laleh"


async def furnish(conn: AsyncConnection, *, language: str, now: datetime) -> None:
    """Write it all; the users of `staff` must be there. Asterisk is given the drafts when the demo runs."""
    people = {user.name: user.id for user in await users.everyone(conn)}
    ids = Ids(
        people=people,
        teams=await _teams(conn, people, language),
        skills=await _skills(conn, people, language),
        calendars={
            key: (await calendars.create(conn, calendar, by=AUTHOR, now=now)).id
            for key, calendar in floor.calendars(language).items()
        },
    )
    prompt = await prompts.create(conn, name=floor.PROMPT[language], texts=floor.PLEASE_WAIT)
    await queue_servers.save(conn, SERVER, mode="managed", by=AUTHOR, now=now)
    for definition in floor.definitions(ids, prompt.name):
        await queues.create(conn, SERVER, definition, by=AUTHOR, now=now)
    for queue, plan in floor.CALLS_BACK.items():
        await call_back_plans.save(conn, SERVER, queue.name, plan, by=AUTHOR, now=now)
    await queues.observe(conn, SERVER, [RECEPTION.name], now=now)
    await queues.save_look(conn, SERVER, RECEPTION.name, floor.RECEPTION_LOOK, version=1, by=AUTHOR, now=now)
    for rule in floor.rules(language, SERVER):
        await alert_rules.create(conn, msgspec.to_builtins(rule), by=AUTHOR, now=now)


async def _teams(conn: AsyncConnection, people: dict[str, str], language: str) -> dict[str, str]:
    found = {}
    for key, (name, members) in floor.TEAMS.items():
        whole = [people[login] for login in members]
        found[key] = (await teams.create(conn, name=name[language], leader_id=people[_LEADER], members=whole)).id
    return found


async def _skills(conn: AsyncConnection, people: dict[str, str], language: str) -> dict[str, str]:
    found = {key: (await skills.create(conn, name[language])).id for key, (name, _) in floor.SKILLS.items()}
    levels: dict[str, dict[str, int]] = {}
    for key, (_, who) in floor.SKILLS.items():
        for login, level in who.items():
            levels.setdefault(login, {})[found[key]] = level
    for login, of_login in levels.items():
        await skills.set_of_user(conn, people[login], of_login)
    return found
