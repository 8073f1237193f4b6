"""/settings: how one's pages look, the password, sessions and tokens of one's own."""

from __future__ import annotations

import re

import pytest

from cxcall.web.access import Role
from tests.support.webapp import PASSWORD, Browser, World


async def test_every_choice_is_kept_and_shown_again(agent: Browser) -> None:
    chosen = [
        ("language", "fa"),
        ("digits", "latin"),
        ("calendar", "gregorian"),
        ("theme", "dark"),
        ("density", "compact"),
    ]
    chosen += [("sound", "off"), ("shortcuts", "off"), ("shortcuts", "on"), ("next", "/settings?done=saved")]
    answer = await agent.post("/preferences", chosen)
    assert answer.headers["Location"] == "/settings?done=saved"
    page = (await agent.get("/settings")).text
    assert '<html lang="fa" dir="rtl" data-theme="dark" data-density="compact">' in page
    for value in ("fa", "latin", "gregorian", "dark", "compact"):
        assert f'value="{value}"' in page
        assert re.search(rf'value="{value}"[^>]* selected', page), value
    assert re.search(r'name="shortcuts" value="on" checked', page)
    assert not re.search(r'name="sound" value="on" checked', page)
    assert " data-shortcuts" in page


async def test_a_choice_that_does_not_exist_changes_nothing(agent: Browser) -> None:
    await agent.post("/preferences", {"theme": "pink", "language": "xx", "digits": "roman"})
    assert '<html lang="en" dir="ltr" data-theme="system"' in (await agent.get("/settings")).text


async def test_a_choice_is_taken_back(agent: Browser) -> None:
    await agent.post("/preferences", {"digits": "persian"})
    assert '<meta name="digits" content="persian">' in (await agent.get("/settings")).text
    await agent.post("/preferences", {"digits": ""})
    assert '<meta name="digits" content="latin">' in (await agent.get("/settings")).text


async def test_the_theme_button_of_the_page_gets_no_page_back(agent: Browser) -> None:
    assert (await agent.post("/preferences", {"theme": "dark"}, X_Fragment="1")).status == 204


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"old": "wrong", "new": "a brand new one", "again": "a brand new one"}, "This is not your password."),
        ({"old": PASSWORD, "new": "zq7", "again": "zq7"}, "at least 10 characters"),
        (
            {"old": PASSWORD, "new": "a brand new one", "again": "another new one"},
            "The two passwords are not the same.",
        ),
    ],
)
async def test_a_password_is_not_changed_when_something_is_wrong(
    agent: Browser, form: dict[str, str], sentence: str
) -> None:
    answer = await agent.post("/settings/password", form)
    assert answer.status == 422
    assert sentence in answer.text
    assert form["new"] not in answer.text


async def test_a_new_password_counts_at_once_and_other_sessions_end(world: World, agent: Browser) -> None:
    elsewhere = await world.browser(Role.AGENT)
    form = {"old": PASSWORD, "new": "a brand new one", "again": "a brand new one"}
    assert (await agent.post("/settings/password", form)).headers["Location"] == "/settings?done=password"
    assert (await agent.get("/settings")).status == 200
    assert (await elsewhere.get("/settings")).status == 302
    assert (await world.guest().sign_in("sara", PASSWORD)).status == 422
    assert (await world.guest().sign_in("sara", "a brand new one")).status == 303


async def test_guessing_the_old_password_is_limited(agent: Browser) -> None:
    form = {"old": "wrong", "new": "a brand new one", "again": "a brand new one"}
    for _ in range(5):
        await agent.post("/settings/password", form)
    assert (await agent.post("/settings/password", form | {"old": PASSWORD})).status == 429


async def test_one_signs_out_everywhere_else_and_stays_signed_in_here(world: World, agent: Browser) -> None:
    elsewhere = await world.browser(Role.AGENT)
    assert "Sign out everywhere else" in (await agent.get("/settings")).text
    await agent.post("/settings/sessions/end")
    assert (await agent.get("/settings")).status == 200
    assert (await elsewhere.get("/settings")).status == 302


async def test_nobody_ends_the_session_of_another_person(world: World, agent: Browser, admin: Browser) -> None:
    page = (await admin.get(f"/admin/users/{world.people[Role.SUPERVISOR].id}")).text
    supervisor = await world.browser(Role.SUPERVISOR)
    page = (await admin.get(f"/admin/users/{world.people[Role.SUPERVISOR].id}")).text
    (session,) = re.findall(r'name="session" value="(\w+)"', page)
    await agent.post("/settings/sessions/end", {"session": session})
    assert (await supervisor.get("/settings")).status == 200


async def test_an_own_token_is_made_shown_once_and_revoked(world: World, agent: Browser) -> None:
    made = await agent.post("/settings/tokens", {"name": "my script", "scope": "calls:read", "lifetime": "never"})
    assert made.status == 201
    assert "It is shown only now." in made.text
    page = (await agent.get("/settings")).text
    assert "my script" in page
    assert "It is shown only now." not in page
    revoke = re.search(r'action="(/settings/tokens/\w+/revoke)"', page)
    assert revoke
    await agent.post(revoke[1])
    assert "my script" not in (await agent.get("/settings")).text
