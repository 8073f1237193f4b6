"""/admin/users: who may sign in, and what an administrator can do about it."""

from __future__ import annotations

import re

from cxcall.store import audit, tokens, users
from cxcall.web.access import Role
from tests.support.webapp import PASSWORD, Browser, World


async def test_the_list_shows_everyone_and_is_filtered_in_the_address(admin: Browser) -> None:
    page = await admin.get("/admin/users")
    assert page.heading == "Users"
    for name in ("Sara Karimi", "Omid Rahimi", "Leila Ahmadi"):
        assert name in page.text
    found = await admin.get("/admin/users?q=pjsip/۱۰۰۱")
    assert "Sara Karimi" in found.text
    assert "Omid Rahimi" not in found.text
    assert "Omid Rahimi" not in (await admin.get("/admin/users?role=admin")).text


async def test_a_filter_that_nobody_fits_says_so_and_offers_all(admin: Browser) -> None:
    page = await admin.get("/admin/users?q=zzz")
    assert "No person fits." in page.text
    assert 'href="/admin/users">Show all' in page.text


async def test_a_new_person_gets_a_made_up_password_that_is_shown_once(world: World, admin: Browser) -> None:
    made = await admin.post("/admin/users", {"name": "mina", "role": "agent", "extensions": "PJSIP/1002، PJSIP/1003"})
    assert made.status == 201
    password = _secret(made.text)
    assert len(password) >= 16
    async with world.engine.connect() as conn:
        mina = await users.by_name(conn, "mina")
    assert mina is not None
    assert mina.extensions == ("PJSIP/1002", "PJSIP/1003")
    assert password not in (await admin.get(f"/admin/users/{mina.id}")).text
    assert (await world.guest().sign_in("mina", password)).status == 303


async def test_a_typed_password_is_taken_and_not_shown(world: World, admin: Browser) -> None:
    made = await admin.post(
        "/admin/users", {"name": "mina", "role": "supervisor", "password": "a long new password"}, follow=True
    )
    assert "mina can sign in now." in made.text
    assert "a long new password" not in made.text
    assert (await world.guest().sign_in("mina", "a long new password")).status == 303


async def test_what_is_wrong_with_a_form_is_said_at_its_field_and_what_was_typed_stays(admin: Browser) -> None:
    answer = await admin.post(
        "/admin/users", {"name": "", "display_name": "Mina", "role": "king", "extensions": "1001", "password": "zq7"}
    )
    assert answer.status == 422
    assert 'value="Mina"' in answer.text
    for sentence in (
        "Give a name to sign in with",
        "Choose a role.",
        "for example PJSIP/1001",
        "at least 10 characters",
    ):
        assert sentence in answer.text
    assert re.search(r'id="extensions"[^>]*aria-invalid="true"[^>]*aria-describedby="extensions-say"', answer.text)
    assert "zq7" not in answer.text, "a password is never sent back"


async def test_a_name_that_is_taken_is_refused(admin: Browser) -> None:
    answer = await admin.post("/admin/users", {"name": "SARA", "role": "agent"})
    assert answer.status == 409
    assert "Someone else signs in with this name." in answer.text


async def test_changes_are_saved_and_two_administrators_do_not_overwrite_each_other(
    world: World, admin: Browser
) -> None:
    sara = world.people[Role.AGENT]
    change = {
        "name": "sara",
        "display_name": "Sara K.",
        "role": "supervisor",
        "language": "fa",
        "extensions": "",
        "version": "1",
    }
    saved = await admin.post(f"/admin/users/{sara.id}", change)
    assert saved.headers["Location"] == f"/admin/users/{sara.id}?done=saved&who={sara.id}"
    assert "Saved." in (await admin.get(saved.headers["Location"])).text
    late = await admin.post(f"/admin/users/{sara.id}", change | {"display_name": "Sara Z."})
    assert late.status == 409
    assert "Someone else changed this person meanwhile." in late.text
    assert 'value="Sara Z."' in late.text
    async with world.engine.connect() as conn:
        now = await users.get(conn, sara.id)
    assert now is not None
    assert (now.display_name, now.role, now.language, now.extensions) == ("Sara K.", "supervisor", "fa", ())


async def test_disabling_signs_out_and_can_be_undone(world: World, admin: Browser, agent: Browser) -> None:
    sara = world.people[Role.AGENT]
    done = await admin.post(f"/admin/users/{sara.id}/disable", follow=True)
    assert "Sara Karimi can&#39;t sign in any more." in done.text
    assert f'action="/admin/users/{sara.id}/enable"' in done.text, "the undo"
    assert (await agent.get("/settings")).status == 302
    await admin.post(f"/admin/users/{sara.id}/enable")
    assert (await world.guest().sign_in("sara")).status == 303


async def test_the_last_administrator_stays_one(world: World, admin: Browser) -> None:
    leila = world.people[Role.ADMIN]
    assert "You can&#39;t disable yourself." in (await admin.post(f"/admin/users/{leila.id}/disable")).text
    demoted = await admin.post(f"/admin/users/{leila.id}", {"name": "leila", "role": "agent", "version": "1"})
    assert demoted.status == 409
    assert "the last administrator" in demoted.text


async def test_a_reset_password_is_shown_once_and_ends_every_session(
    world: World, admin: Browser, agent: Browser
) -> None:
    sara = world.people[Role.AGENT]
    reset = await admin.post(f"/admin/users/{sara.id}/password")
    assert (await agent.get("/settings")).status == 302
    assert (await world.guest().sign_in("sara", PASSWORD)).status == 422
    assert (await world.guest().sign_in("sara", _secret(reset.text))).status == 303


async def test_sessions_are_listed_and_ended(world: World, admin: Browser, agent: Browser) -> None:
    sara = world.people[Role.AGENT]
    other = await world.browser(Role.AGENT)
    page = await admin.get(f"/admin/users/{sara.id}")
    hashes = re.findall(r'name="session" value="(\w+)"', page.text)
    assert len(hashes) == 2
    await admin.post(f"/admin/users/{sara.id}/sessions/end", {"session": hashes[0]})
    assert {(await agent.get("/settings")).status, (await other.get("/settings")).status} == {200, 302}
    await admin.post(f"/admin/users/{sara.id}/sessions/end")
    assert {(await agent.get("/settings")).status, (await other.get("/settings")).status} == {302}


async def test_a_token_is_shown_once_works_within_its_scopes_and_is_revoked(world: World, admin: Browser) -> None:
    sara = world.people[Role.AGENT]
    made = await admin.post(
        f"/admin/users/{sara.id}/tokens", {"name": "wallboard", "scope": "calls:read", "lifetime": "90"}
    )
    assert made.status == 201
    secret = _secret(made.text)
    guest = world.guest()
    bearer = f"Bearer {secret}"
    assert (await guest.get("/api/v1/me", Authorization=bearer)).status == 200
    assert (await guest.get("/settings", Authorization=bearer)).status == 302, "tokens open no pages"
    async with world.engine.connect() as conn:
        (token,) = await tokens.of_user(conn, sara.id)
    assert secret not in (await admin.get(f"/admin/users/{sara.id}")).text
    await admin.post(f"/admin/users/{sara.id}/tokens/{token.id}/revoke")
    assert (await guest.get("/api/v1/me", Authorization=bearer)).status == 401


async def test_a_token_without_name_or_scope_is_refused_in_words(world: World, admin: Browser) -> None:
    path = f"/admin/users/{world.people[Role.AGENT].id}/tokens"
    assert "Choose at least one thing" in (await admin.post(path, {"name": "x"})).text
    assert "Give the token a name" in (await admin.post(path, {"name": " ", "scope": "calls:read"})).text
    assert (await admin.post(path, {"name": "x", "scope": "everything"})).status == 422


async def test_what_an_administrator_does_is_written_down_without_secrets(world: World, admin: Browser) -> None:
    made = await admin.post("/admin/users", {"name": "mina", "role": "agent"})
    async with world.engine.connect() as conn:
        entries = await audit.page(conn, actor="leila")
    assert [entry.act for entry in entries] == ["user.create"]
    assert _secret(made.text) not in str(entries)


async def test_a_person_who_is_gone_is_not_found(admin: Browser) -> None:
    assert (await admin.get("/admin/users/abc123")).status == 404
    assert (await admin.post("/admin/users/abc123/disable")).status == 404


def _secret(text: str) -> str:
    found = re.search(r'data-copy="([^"]+)">', text)
    assert found, "no secret on the page"
    return found[1]
