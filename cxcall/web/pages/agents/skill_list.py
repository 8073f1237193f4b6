"""/admin/skills: what people are good at; who is, and how well, is said on their own pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.letters import tidy
from cxcall.store import skills
from cxcall.store.errors import Conflict
from cxcall.store.skills import NoSuchSkill, Skill, SkillNameTaken
from cxcall.web import render
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.agents.shared import CONFLICT, LONGEST_NAME, NAME_MISSING, NAME_TAKEN, SKILLS, done, note
from cxcall.web.pages.desk_shift import floor_changed
from cxcall.web.pages.forms import field
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillsView:
    """`people`: how many have each skill. `typed`: the name of a new one, when it could not be added."""

    skills: Sequence[Skill]
    people: Mapping[str, int]
    may_change: bool
    typed: str = ""
    error: str = ""


@routes.get(SKILLS)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    return await _show(request)


@routes.post(SKILLS)
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    name = tidy(field(await request.post(), "name"))
    if not name or len(name) > LONGEST_NAME:
        return await _show(request, typed=name, error=NAME_MISSING, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await skills.create(conn, name)
            await note(request, conn, "skill.create", f"skill:{made.id}", name=made.name)
    except SkillNameTaken:
        return await _show(request, typed=name, error=NAME_TAKEN, status=409)
    raise web.HTTPSeeOther(SKILLS + "?done=added")


@routes.post(SKILLS + "/{id:[0-9a-f]+}/{act:rename|remove}")
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    """Another name, or away with it: nobody has it any more."""
    form, id_, act = await request.post(), request.match_info["id"], request.match_info["act"]
    name, version = tidy(field(form, "name")), field(form, "version")
    if act == "rename" and (not name or len(name) > LONGEST_NAME):
        return await _show(request, error=NAME_MISSING, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            number = int(version) if version.isdecimal() else 0
            if act == "rename":
                await skills.rename(conn, id_, name, version=number)
            else:
                await skills.remove(conn, id_, version=number)
            await note(request, conn, f"skill.{act}", f"skill:{id_}", name=name)
    except SkillNameTaken:
        return await _show(request, error=NAME_TAKEN, status=409)
    except (Conflict, NoSuchSkill):
        return await _show(request, error=CONFLICT, status=409)
    await floor_changed(request)
    raise web.HTTPSeeOther(f"{SKILLS}?done={'saved' if act == 'rename' else 'removed'}")


async def _show(request: web.Request, *, typed: str = "", error: str = "", status: int = 200) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        every, levels = await skills.everything(conn), await skills.levels(conn)
    view = SkillsView(
        skills=every,
        people={skill.id: sum(skill.id in has for has in levels.values()) for skill in every},
        may_change=user_of(request).role is Role.ADMIN,
        typed=typed,
        error=_(error) if error else "",
    )
    return render.page(request, "agents/skills.html", view, status=status, done=done(request))
