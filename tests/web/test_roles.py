"""Each role opens its own pages; a forbidden address is a plain 403 page, for programs a problem."""

from __future__ import annotations

import re

import pytest
from aiohttp import web

from cxcall.web import access, navigation
from cxcall.web.access import Role
from tests.support.webapp import Browser, World

ADMINS_ONLY = ("/admin/users", "/admin/users/new", "/admin/users/0123abc")


@pytest.mark.parametrize("path", ADMINS_ONLY)
@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
async def test_pages_of_administrators_are_closed_to_others(world: World, role: Role, path: str) -> None:
    page = await (await world.browser(role)).get(path)
    assert (page.status, page.heading) == (403, "Not open to you")
    assert 'id="main"' in page.text, "in the frame, with the way back"
    assert page.headers["X-Request-Id"] in page.text


async def test_acts_of_administrators_are_closed_to_others(world: World, agent: Browser) -> None:
    for act in ("disable", "enable", "password", "sessions/end", "tokens"):
        assert (await agent.post(f"/admin/users/{world.people[Role.ADMIN].id}/{act}")).status == 403


@pytest.mark.parametrize("role", list(Role))
async def test_the_menu_names_exactly_the_pages_the_role_may_open(world: World, role: Role) -> None:
    browser = await world.browser(role)
    page = await browser.get("/settings")
    nav = page.text[page.text.index('<nav class="nav"') : page.text.index("</nav>")]
    linked = set(re.findall(r'<a href="(/[^"]+)"', nav))
    assert linked == {item.path for item in navigation.MENU if role in item.roles}
    for path in linked:
        assert (await browser.get(path)).status == 200, path


async def test_who_is_not_signed_in_is_sent_to_the_login_and_programs_are_told(guest: Browser) -> None:
    assert (await guest.get("/admin/users")).headers["Location"] == "/login?next=/admin/users"
    told = await guest.get("/admin/users", Accept="application/json")
    assert (told.status, told.headers["Content-Type"]) == (401, "application/problem+json")
    part = await guest.get("/settings", X_Fragment="1")
    assert part.status == 401


async def test_every_route_says_who_may_open_it(world: World) -> None:
    for route in world.app.router.routes():
        assert access.access_of(route.handler) is not None, route


def test_a_start_fails_when_a_route_does_not_say_who_may_open_it() -> None:
    async def forgotten(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/forgotten", forgotten)
    with pytest.raises(RuntimeError, match="/forgotten"):
        access.check_all_marked(app)


async def test_pages_open_without_login_are_the_few_that_must_be(world: World) -> None:
    open_pages = {
        route.resource.canonical
        for route in world.app.router.routes()
        if route.resource is not None and (mark := access.access_of(route.handler)) and mark.roles is None
    }
    assert {path for path in open_pages if not path.startswith("/api/")} == {
        "/static/{name}", "/login", "/preferences", "/ws", "/healthz", "/readyz", "/metrics",
        "/prompts/{sha}.wav", "/dialplan/route", "/dialplan/survey", "/wallboard/screen", "/wallboard/screen/now",
        "/dialplan/call-back", "/dialplan/reason",
    }  # fmt: skip
