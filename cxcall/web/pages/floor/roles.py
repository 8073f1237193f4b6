"""/admin/roles: what supervisors and administrators may do to calls and agents, each right apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.bus.monitoring import MODES
from cxcall.store import audit, users
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.render import ROLE_NAMES, Done, page
from cxcall.web.role_rights import MEANINGS, RIGHTS, Meaning, Right, put, rights_in
from cxcall.web.stepping_in import turn_out
from cxcall.web.words import gettext as _

PATH = "/admin/roles"
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesView:
    """`roles`: value and name of each column; `allowed`: the rights of each."""

    roles: Sequence[tuple[str, str]]
    rights: Sequence[Meaning]
    allowed: dict[str, frozenset[Right]]


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        allowed = {role.value: await rights_in(conn, role) for role in OVERSEERS}
    view = RolesView(roles=[(role.value, _(ROLE_NAMES[role])) for role in OVERSEERS], rights=MEANINGS, allowed=allowed)
    done = Done(text=_("Saved. It holds from now on.")) if request.query.get("done") == "saved" else None
    return page(request, "floor/roles.html", view, done=done)


@routes.post(PATH)
@needs(Role.ADMIN)
async def save(request: web.Request) -> web.StreamResponse:
    """Every right that is ticked, for every role; what changed is written down."""
    form = await request.post()
    less: set[str] = set()
    async with request.app[ENGINE].begin() as conn:
        for role in OVERSEERS:
            ticked = {str(each) for each in form.getall(role.value, [])}
            changed = await put(conn, role, (right for right in RIGHTS if right in ticked))
            if any(right in MODES and not on for right, on in changed):
                less.add(role.value)
            if changed:
                await audit.add(
                    conn,
                    actor=user_of(request).name,
                    act="roles.changed",
                    subject=f"role:{role.value}",
                    details=dict(changed),
                    address=address_of(request),
                    at=request.app[CLOCK](),
                )
        people = [user.id for user in await users.everyone(conn) if user.role in less] if less else []
    await turn_out(request, people)
    raise web.HTTPSeeOther(f"{PATH}?done=saved")
