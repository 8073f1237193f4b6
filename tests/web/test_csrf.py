"""Nothing is changed by a request that another site made, or by a form that is not of this session."""

from __future__ import annotations

import pytest

from cxcall.web.access import Role
from tests.support.webapp import Browser, World


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_post_from_another_site_is_refused_even_with_a_token(agent: Browser, site: str) -> None:
    answer = await agent.post("/preferences", {"theme": "dark"}, Sec_Fetch_Site=site)
    assert answer.status == 403
    assert "This request came from another site" in answer.text
    assert 'data-theme="system"' in (await agent.get("/settings")).text


async def test_old_browsers_are_judged_by_their_origin(world: World, agent: Browser) -> None:
    token = await agent.token()
    url = world.server.make_url("/preferences")
    for origin, status in (
        ("https://evil.example", 403),
        ("null", 403),
        (str(world.server.make_url("")).rstrip("/"), 303),
    ):
        async with agent.client.session.post(
            url, data={"theme": "dark", "csrf": token}, headers={"Origin": origin}, allow_redirects=False
        ) as response:
            assert response.status == status, origin


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
async def test_a_form_without_the_right_token_changes_nothing(agent: Browser, token: str) -> None:
    answer = await agent.post("/preferences", {"theme": "dark"}, token=token)
    assert answer.status == 403
    assert "This form is too old" in answer.text


async def test_the_token_of_another_session_is_refused(world: World, agent: Browser, admin: Browser) -> None:
    path = f"/admin/users/{world.people[Role.AGENT].id}/disable"
    assert (await admin.post(path, token=await agent.token())).status == 403


async def test_scripts_send_the_token_as_a_header(world: World, agent: Browser) -> None:
    headers = {"X-CSRF-Token": await agent.token(), "Sec-Fetch-Site": "same-origin"}
    async with agent.client.session.post(
        world.server.make_url("/preferences"), json={}, headers=headers, allow_redirects=False
    ) as response:
        assert response.status == 303


async def test_the_login_form_is_protected_too(guest: Browser) -> None:
    assert (await guest.post("/login", {"name": "sara", "password": "x"}, token="0" * 64)).status == 403


async def test_nothing_changes_by_a_get(world: World, admin: Browser) -> None:
    assert (await admin.get("/logout")).status == 405
    assert (await admin.get(f"/admin/users/{world.people[Role.AGENT].id}/disable")).status == 405
