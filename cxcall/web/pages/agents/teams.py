"""/admin/teams: who belongs together, and who leads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from cxcall.letters import tidy
from cxcall.store import teams, users
from cxcall.store.errors import Conflict
from cxcall.store.teams import NoSuchTeam, Team, TeamNameTaken
from cxcall.web import errors as error_pages
from cxcall.web import render
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.agents.shared import CONFLICT, LONGEST_NAME, NAME_MISSING, NAME_TAKEN, TEAMS, done, note
from cxcall.web.pages.desk_shift import floor_changed
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as text_of
from cxcall.web.removed import REMOVED
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsView:
    teams: Sequence[Team]
    names: Mapping[str, str]
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamView:
    """One team as it is or as it was typed; `team` None: a new one."""

    team: Team | None
    people: Sequence[users.User]
    name: str = ""
    leader: str = ""
    members: Sequence[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@routes.get(TEAMS)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        every, people = await teams.everything(conn), await users.everyone(conn)
    names = {user.id: user.display_name for user in people}
    view = TeamsView(teams=every, names=names, may_change=user_of(request).role is Role.ADMIN)
    return render.page(request, "agents/teams.html", view, done=done(request, TEAMS))


@routes.get(TEAMS + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    return await _show(request, None)


@routes.post(TEAMS + "/new")
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    return await _save(request, None)


@routes.get(TEAMS + "/{id:[0-9a-f]+}")
@needs(Role.ADMIN)
async def show_one(request: web.Request) -> web.Response:
    return await _show(request, await _found(request))


@routes.post(TEAMS + "/{id:[0-9a-f]+}")
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    return await _save(request, await _found(request))


@routes.post(TEAMS + "/{id:[0-9a-f]+}/remove")
@needs(Role.ADMIN)
async def remove(request: web.Request) -> web.StreamResponse:
    """Its people stay; queues that choose the team say so before they are applied again."""
    team = await _found(request)
    version = _version(await request.post(), team)
    try:
        async with request.app[ENGINE].begin() as conn:
            await teams.remove(conn, team.id, version=version)
            await note(request, conn, "team.remove", f"team:{team.id}", name=team.name)
    except Conflict:
        return await _show(request, await _found(request), error=CONFLICT, status=409)
    request.app[REMOVED].put(team.id, team)
    raise web.HTTPSeeOther(f"{TEAMS}?done=removed&who={team.id}")


@routes.post(TEAMS + "/{id:[0-9a-f]+}/restore")
@needs(Role.ADMIN)
async def restore(request: web.Request) -> web.StreamResponse:
    """A team that was removed, as it was, for the queues that still name it."""
    team = request.app[REMOVED].get(request.match_info["id"], Team)
    if team is None:
        raise web.HTTPNotFound
    try:
        async with request.app[ENGINE].begin() as conn:
            known = {user.id for user in await users.everyone(conn)}
            leader, members = team.leader_id, [one for one in team.members if one in known]
            await teams.create(
                conn, name=team.name, leader_id=leader if leader in known else None, members=members, team_id=team.id
            )
            await note(request, conn, "team.restore", f"team:{team.id}", name=team.name)
    except TeamNameTaken:
        return error_pages.answer(request, 409, _(NAME_TAKEN))
    request.app[REMOVED].back(team.id)
    raise web.HTTPSeeOther(f"{TEAMS}?done=restored")


async def _save(request: web.Request, team: Team | None) -> web.StreamResponse:
    form = await request.post()
    name, leader = tidy(text_of(form, "name")), text_of(form, "leader")
    members = [str(one) for one in form.getall("member", [])]
    typed = {"name": name, "leader": leader, "members": members}
    if not name or len(name) > LONGEST_NAME:
        return await _show(request, team, errors={"name": NAME_MISSING}, typed=typed, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            known = {user.id for user in await users.everyone(conn)}
            chosen = [one for one in members if one in known]
            head = leader if leader in known else ""
            if team is None:
                made = await teams.create(conn, name=name, leader_id=head or None, members=chosen)
            else:
                version = _version(form, team)
                made = await teams.change(conn, team.id, version=version, name=name, leader_id=head, members=chosen)
            act = "team.create" if team is None else "team.change"
            await note(request, conn, act, f"team:{made.id}", name=made.name)
    except TeamNameTaken:
        return await _show(request, team, errors={"name": NAME_TAKEN}, typed=typed, status=409)
    except (Conflict, NoSuchTeam):
        return await _show(request, await _found(request), error=CONFLICT, typed=typed, status=409)
    await floor_changed(request)
    raise web.HTTPSeeOther(f"{TEAMS}?done={'added' if team is None else 'saved'}")


async def _show(
    request: web.Request,
    team: Team | None,
    *,
    errors: Mapping[str, str] | None = None,
    error: str = "",
    typed: Mapping[str, object] | None = None,
    status: int = 200,
) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        people = [user for user in await users.everyone(conn) if not user.disabled]
    kept = {"name": team.name, "leader": team.leader_id or "", "members": team.members} if team else {}
    shown: dict[str, object] = {**kept, **(typed or {})}
    members = shown.get("members", ())
    view = TeamView(
        team=team,
        people=people,
        name=str(shown.get("name", "")),
        leader=str(shown.get("leader", "")),
        members=[str(one) for one in members] if isinstance(members, (list, tuple)) else (),
        errors=errors or {},
        error=_(error) if error else "",
    )
    return render.page(request, "agents/team.html", view, status=status)


async def _found(request: web.Request) -> Team:
    async with request.app[ENGINE].connect() as conn:
        team = await teams.get(conn, request.match_info["id"])
    if team is None:
        raise web.HTTPNotFound
    return team


def _version(form: Form, team: Team) -> int:
    text = text_of(form, "version")
    return int(text) if text.isdecimal() else team.version
