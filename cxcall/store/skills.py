"""Skills and how well each person has them: 1 a little … 5 very well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import sort_key, tidy
from cxcall.store.agent_tables import skills, user_skills
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id

LEVELS = range(1, 6)


class NoSuchSkill(Exception):
    """There is no such skill (any more)."""


class SkillNameTaken(Exception):
    """Another skill has this name; choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Something people can do more or less well: a language, a product."""

    id: str
    version: int
    name: str


async def create(conn: AsyncConnection, name: str) -> Skill:
    """A new skill. Raises `SkillNameTaken`."""
    skill = Skill(id=new_id(), version=1, name=tidy(name))
    await _refuse_taken(conn, skill.id, skill.name)
    try:
        await conn.execute(skills.insert().values(id=skill.id, version=1, **_named(skill.name)))
    except IntegrityError:
        raise SkillNameTaken(SkillNameTaken.__doc__) from None
    return skill


async def get(conn: AsyncConnection, skill_id: str) -> Skill | None:
    """A skill by id."""
    row = (await conn.execute(select(skills).where(skills.c.id == skill_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection) -> list[Skill]:
    """All skills by name."""
    return [_of_row(row) for row in await conn.execute(select(skills).order_by(skills.c.name_key))]


async def rename(conn: AsyncConnection, skill_id: str, name: str, *, version: int) -> Skill:
    """Call a skill otherwise. Raises `Conflict` (with the skill now), `NoSuchSkill`, `SkillNameTaken`."""
    await _refuse_taken(conn, skill_id, tidy(name))
    over = (skills.c.id == skill_id, skills.c.version == version)
    change = update(skills).where(*over).values(version=version + 1, **_named(tidy(name)))
    row = (await conn.execute(change.returning(*skills.c))).first()
    if row is None:
        raise await _refusal(conn, skill_id)
    return _of_row(row)


async def remove(conn: AsyncConnection, skill_id: str, *, version: int) -> None:
    """Remove a skill from everybody. Raises `Conflict`, `NoSuchSkill`."""
    over = (skills.c.id == skill_id, skills.c.version == version)
    if not (await conn.execute(delete(skills).where(*over))).rowcount:
        raise await _refusal(conn, skill_id)


async def levels(conn: AsyncConnection) -> dict[str, dict[str, int]]:
    """How well everybody has what: by user, then by skill."""
    found: dict[str, dict[str, int]] = {}
    for row in await conn.execute(select(user_skills)):
        found.setdefault(row.user_id, {})[row.skill_id] = row.level
    return found


async def of_user(conn: AsyncConnection, user_id: str) -> dict[str, int]:
    """How well one person has what, by skill."""
    query = select(user_skills.c.skill_id, user_skills.c.level).where(user_skills.c.user_id == user_id)
    return {row.skill_id: row.level for row in await conn.execute(query)}


async def set_of_user(conn: AsyncConnection, user_id: str, levels: Mapping[str, int]) -> None:
    """Give a person these skills and no others. Raises ValueError for a level that is none, `NoSuchSkill`."""
    wrong = [level for level in levels.values() if level not in LEVELS]
    if wrong:
        msg = f"a level is 1 to 5, not {wrong[0]}"
        raise ValueError(msg)
    known = set((await conn.scalars(select(skills.c.id).where(skills.c.id.in_(levels)))).all())
    if known != set(levels):
        raise NoSuchSkill(NoSuchSkill.__doc__)
    await conn.execute(delete(user_skills).where(user_skills.c.user_id == user_id))
    rows = [{"user_id": user_id, "skill_id": skill_id, "level": level} for skill_id, level in levels.items()]
    if rows:
        await conn.execute(user_skills.insert(), rows)


def _named(name: str) -> dict[str, str]:
    return {"name": name, "name_key": sort_key(name)}


async def _refuse_taken(conn: AsyncConnection, skill_id: str, name: str) -> None:
    same = (skills.c.name_key == sort_key(name), skills.c.id != skill_id)
    if await conn.scalar(select(skills.c.id).where(*same)) is not None:
        raise SkillNameTaken(SkillNameTaken.__doc__)


async def _refusal(conn: AsyncConnection, skill_id: str) -> Exception:
    current = await get(conn, skill_id)
    return NoSuchSkill(NoSuchSkill.__doc__) if current is None else Conflict(current)


def _of_row(row: Row[Any]) -> Skill:
    return Skill(id=row.id, version=row.version, name=row.name)
