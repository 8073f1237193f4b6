"""`/teams` and `/skills`: what agents belong to, and what they are good at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from cxcall.letters import tidy
from cxcall.store import skills, teams, users
from cxcall.store.errors import Conflict
from cxcall.store.skills import NoSuchSkill, Skill, SkillNameTaken
from cxcall.store.teams import NoSuchTeam, Team, TeamNameTaken
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.problems import Problem

Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


class NewSkill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something people are good at, such as a language."""

    name: Name


class SkillChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    version: Version = msgspec.UNSET


class ShownSkill(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: int
    name: str


class SkillList(msgspec.Struct, frozen=True, kw_only=True):
    """All skills by name."""

    items: list[ShownSkill]


class NewTeam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People who belong together: `leader` and `members` are ids of users."""

    name: Name
    leader: str | None = None
    members: list[str] = []


class TeamChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays. `leader` null: nobody."""

    version: Version = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    leader: str | msgspec.UnsetType | None = msgspec.UNSET
    members: list[str] | msgspec.UnsetType = msgspec.UNSET


class ShownTeam(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: int
    name: str
    leader: str | None
    members: list[str]


class TeamList(msgspec.Struct, frozen=True, kw_only=True):
    """All teams by name."""

    items: list[ShownTeam]


async def list_skills(asked: Asked[None, None]) -> SkillList:
    async with asked.engine.connect() as conn:
        return SkillList(items=[_skill(skill) for skill in await skills.everything(conn)])


async def create_skill(asked: Asked[None, NewSkill]) -> Answer:
    async with asked.engine.begin() as conn:
        try:
            made = await skills.create(conn, tidy(asked.body.name))
        except SkillNameTaken as error:
            raise taken("name", error) from error
        await note_act(asked, conn, "skill.create", f"skill:{made.id}", {"name": made.name})
    return answer(_skill(made), made.version, f"skills/{made.id}")


async def change_skill(asked: Asked[None, SkillChange]) -> Answer:
    version = expected_version(asked.request, asked.body.version)
    async with asked.engine.begin() as conn:
        try:
            kept = await skills.rename(conn, asked.path["id"], tidy(asked.body.name), version=version.number)
        except SkillNameTaken as error:
            raise taken("name", error) from error
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchSkill as error:
            raise Problem(404, "There is no such skill.") from error
        await note_act(asked, conn, "skill.rename", f"skill:{kept.id}", {"name": kept.name})
    return answer(_skill(kept), kept.version)


async def delete_skill(asked: Asked[None, None]) -> Answer:
    """Nobody has it any more."""
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        try:
            await skills.remove(conn, asked.path["id"], version=version.number)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchSkill as error:
            raise Problem(404, "There is no such skill.") from error
        await note_act(asked, conn, "skill.remove", f"skill:{asked.path['id']}")
    return Answer(status=204)


async def list_teams(asked: Asked[None, None]) -> TeamList:
    async with asked.engine.connect() as conn:
        return TeamList(items=[_team(team) for team in await teams.everything(conn)])


async def create_team(asked: Asked[None, NewTeam]) -> Answer:
    body = asked.body
    async with asked.engine.begin() as conn:
        await _refuse_strangers(conn, [*body.members, *([body.leader] if body.leader else [])])
        try:
            made = await teams.create(conn, name=tidy(body.name), leader_id=body.leader, members=body.members)
        except TeamNameTaken as error:
            raise taken("name", error) from error
        await note_act(asked, conn, "team.create", f"team:{made.id}", {"name": made.name})
    return answer(_team(made), made.version, f"teams/{made.id}")


async def change_team(asked: Asked[None, TeamChange]) -> Answer:
    version, body = expected_version(asked.request, asked.body.version), asked.body
    given: dict[str, Any] = {}
    if body.name is not msgspec.UNSET:
        given["name"] = tidy(body.name)
    if body.leader is not msgspec.UNSET:
        given["leader_id"] = body.leader or ""
    if body.members is not msgspec.UNSET:
        given["members"] = body.members
    async with asked.engine.begin() as conn:
        leader = [given["leader_id"]] if given.get("leader_id") else []
        await _refuse_strangers(conn, [*given.get("members", []), *leader])
        try:
            kept = await teams.change(conn, asked.path["id"], version=version.number, **given)
        except TeamNameTaken as error:
            raise taken("name", error) from error
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchTeam as error:
            raise Problem(404, "There is no such team.") from error
        await note_act(asked, conn, "team.change", f"team:{kept.id}", {"changed": sorted(given)})
    return answer(_team(kept), kept.version)


async def delete_team(asked: Asked[None, None]) -> Answer:
    """Its people stay."""
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        try:
            await teams.remove(conn, asked.path["id"], version=version.number)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchTeam as error:
            raise Problem(404, "There is no such team.") from error
        await note_act(asked, conn, "team.remove", f"team:{asked.path['id']}")
    return Answer(status=204)


async def _refuse_strangers(conn: Any, ids: list[str]) -> None:
    known = {user.id for user in await users.everyone(conn)}
    if wrong := [id_ for id_ in ids if id_ not in known]:
        errors = [{"detail": f"There is no user {id_}.", "pointer": "#/members"} for id_ in wrong]
        raise Problem(422, "Some of these people do not exist.", errors=errors)


def _skill(skill: Skill) -> ShownSkill:
    return ShownSkill(id=skill.id, version=skill.version, name=skill.name)


def _team(team: Team) -> ShownTeam:
    return ShownTeam(
        id=team.id, version=team.version, name=team.name, leader=team.leader_id, members=list(team.members)
    )


def taken(field: str, error: Exception) -> Problem:
    return Problem(409, str(error), errors=[{"detail": str(error), "pointer": f"#/{field}"}])


def answer(value: Any, version: int, made: str = "") -> Answer:
    headers: Mapping[str, str] = {"Location": f"{ROOT}/{made}"} if made else {}
    return Answer(value=value, headers={"ETag": etag(version), **headers})


def endpoints(
    path: str, one: str, shown: type, handlers: Mapping[str, Any], bodies: Mapping[str, Any]
) -> list[Endpoint]:
    """The operations of one list: read by overseers, changed by administrators."""
    read: dict[str, Any] = {"tag": "agents", "scope": Scope.AGENTS_READ, "roles": tuple(OVERSEERS)}
    write: dict[str, Any] = {"tag": "agents", "scope": Scope.AGENTS_WRITE, "roles": (Role.ADMIN,)}
    found = [
        Endpoint(method="GET", path=path, handler=handlers["list"], summary=f"List {one}s", gives=bodies["list"],
                 **read),
        Endpoint(method="POST", path=path, handler=handlers["create"], summary=f"Add a {one}", body=bodies["create"],
                 gives=shown, status=201, problems=(409,), gives_headers=("Location", "ETag"), **write),
        Endpoint(method="PATCH", path=path + "/{id}", handler=handlers["change"], summary=f"Change a {one}",
                 body=bodies["change"], gives=shown, problems=(409, 412, 428), headers=("If-Match",),
                 gives_headers=("ETag",), **write),
    ]  # fmt: skip
    if "delete" in handlers:
        found.append(
            Endpoint(method="DELETE", path=path + "/{id}", handler=handlers["delete"], summary=f"Remove a {one}",
                     status=204, problems=(412, 428), headers=("If-Match",), **write)
        )  # fmt: skip
    return found


ENDPOINTS: tuple[Endpoint, ...] = (
    *endpoints(
        "/teams", "team", ShownTeam,
        {"list": list_teams, "create": create_team, "change": change_team, "delete": delete_team},
        {"list": TeamList, "create": NewTeam, "change": TeamChange},
    ),
    *endpoints(
        "/skills", "skill", ShownSkill,
        {"list": list_skills, "create": create_skill, "change": change_skill, "delete": delete_skill},
        {"list": SkillList, "create": NewSkill, "change": SkillChange},
    ),
)  # fmt: skip
