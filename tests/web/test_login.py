"""Signing in and out: right, wrong, too often, and what a session is worth afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cxcall.store import users
from cxcall.web.access import Role
from cxcall.web.pages.login import local
from tests.support.webapp import PASSWORD, Browser, World


async def test_a_person_signs_in_and_lands_on_the_page_of_their_role(world: World) -> None:
    for name, home in (("sara", "/desk"), ("omid", "/wallboard"), ("leila", "/admin/asterisk")):
        browser = world.guest()
        answer = await browser.sign_in(name)
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert (await browser.get("/")).headers["Location"] == home


async def test_capitals_and_letter_forms_of_the_name_do_not_matter(guest: Browser) -> None:
    assert (await guest.sign_in(" SARA ")).status == 303


async def test_after_login_one_comes_to_the_page_one_wanted(guest: Browser) -> None:
    wanted = await guest.get("/settings")
    assert wanted.headers["Location"] == "/login?next=/settings"
    page = await guest.get(wanted.headers["Location"])
    assert '<input type="hidden" name="next" value="/settings">' in page.text
    assert (await guest.sign_in("sara", next="/settings")).headers["Location"] == "/settings"


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x", ""]
)
def test_login_never_sends_to_another_site(evil: str) -> None:
    assert local(evil) == "/"


async def test_a_wrong_password_and_an_unknown_name_look_the_same(world: World) -> None:
    wrong = await world.guest().sign_in("sara", "not this one")
    unknown = await world.guest().sign_in("nobody", "not this one")
    assert wrong.status == unknown.status == 422
    assert "Name or password is not right." in wrong.text
    assert 'value="sara"' in wrong.text, "the name stays in the field"
    strip = wrong.text.replace("sara", "nobody")
    assert [line for line in strip.splitlines() if "csrf" not in line and "clock" not in line] == [
        line for line in unknown.text.splitlines() if "csrf" not in line and "clock" not in line
    ]


async def test_the_fifth_wrong_try_locks_the_name_and_says_for_how_long(world: World, guest: Browser) -> None:
    for _ in range(5):
        assert (await guest.sign_in("sara", "wrong")).status == 422
    locked = await guest.sign_in("sara")
    assert locked.status == 429
    assert locked.headers["Retry-After"] == "30"
    assert "0:30" in locked.text
    assert (await world.guest().sign_in("omid")).status == 303, "others are not locked"
    world.clock.forward(timedelta(seconds=31))
    assert (await guest.sign_in("sara")).status == 303


async def test_a_name_that_does_not_exist_is_locked_like_one_that_does(guest: Browser) -> None:
    for _ in range(5):
        await guest.sign_in("nobody", "wrong")
    assert (await guest.sign_in("nobody", "wrong")).status == 429


async def test_many_wrong_tries_from_one_address_lock_it_for_every_name(world: World, guest: Browser) -> None:
    for n in range(30):
        await guest.sign_in(f"name{n}", "wrong")
    assert (await guest.sign_in("sara")).status == 429


async def test_a_right_password_forgets_the_failures_before_it(guest: Browser, world: World) -> None:
    for _ in range(4):
        await guest.sign_in("sara", "wrong")
    assert (await guest.sign_in("sara")).status == 303
    again = world.guest()
    for _ in range(4):
        assert (await again.sign_in("sara", "wrong")).status == 422


async def test_a_disabled_person_can_not_sign_in_and_is_signed_out_at_once(world: World, agent: Browser) -> None:
    assert (await agent.get("/settings")).status == 200
    async with world.engine.begin() as conn:
        await users.change(conn, world.people[Role.AGENT].id, disabled=True)
    assert (await agent.get("/settings")).status == 302
    assert (await world.guest().sign_in("sara")).status == 422


async def test_the_session_changes_at_login_and_the_old_one_is_dead(world: World) -> None:
    first = world.guest()
    await first.sign_in("sara")
    old = _cookie(first)
    await first.client.session.get(world.server.make_url("/settings"))
    await first.post("/login", {"name": "sara", "password": PASSWORD})
    assert _cookie(first) != old
    stolen = world.guest()
    stolen.client.session.cookie_jar.update_cookies({"cxcall_session": old}, world.server.make_url("/"))
    assert (await stolen.get("/settings")).status == 302


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(guest: Browser) -> None:
    answer = await guest.sign_in("sara")
    cookie = next(value for name, value in answer.headers.items() if name == "Set-Cookie" and "session" in value)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie, "plain http in this test"


async def test_signing_out_ends_the_session_for_good(world: World, agent: Browser) -> None:
    secret = _cookie(agent)
    assert (await agent.post("/logout")).headers["Location"] == "/login"
    back = world.guest()
    back.client.session.cookie_jar.update_cookies({"cxcall_session": secret}, world.server.make_url("/"))
    assert (await back.get("/settings")).status == 302


async def test_a_session_ends_after_a_day_without_use_and_after_a_week_with_it(world: World, agent: Browser) -> None:
    for _ in range(9):
        assert (await agent.get("/settings")).status == 200
        world.clock.forward(timedelta(hours=18))
    assert (await agent.get("/settings")).status == 200, "6 days 18 hours after sign-in, seen every 18 hours"
    world.clock.forward(timedelta(hours=7))
    assert (await agent.get("/settings")).status == 302, "over a week"
    idle = await world.browser(Role.ADMIN)
    world.clock.forward(timedelta(hours=25))
    assert (await idle.get("/settings")).status == 302


async def test_a_made_up_cookie_opens_nothing(world: World) -> None:
    guest = world.guest()
    for value in ("x", "\x7f" * 10, "a" * 4000):
        guest.client.session.cookie_jar.update_cookies({"cxcall_session": value}, world.server.make_url("/"))
        assert (await guest.get("/settings")).status == 302


async def test_language_and_theme_are_chosen_before_login_without_scripts_and_kept_after_it(guest: Browser) -> None:
    switched = await guest.post("/preferences", {"language": "fa", "next": "/login"})
    assert switched.headers["Location"] == "/login"
    await guest.post("/preferences", {"theme": "dark", "next": "/login"})
    page = await guest.get("/login")
    assert '<html lang="fa" dir="rtl" data-theme="dark"' in page.text
    await guest.sign_in("sara")
    assert '<html lang="fa" dir="rtl" data-theme="dark"' in (await guest.get("/settings")).text


def _cookie(browser: Browser) -> str:
    return next(cookie.value for cookie in browser.client.session.cookie_jar if cookie.key == "cxcall_session")
