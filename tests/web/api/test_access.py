"""Who is let in: tokens with scopes, sessions of our own pages only, roles."""

from __future__ import annotations

import re

import pytest

from cxcall.web.api import ENDPOINTS
from cxcall.web.api.endpoint import Endpoint
from cxcall.web.api.limits import FREE
from cxcall.web.api.scopes import Scope
from tests.store import make
from tests.web.api.conftest import EVERYTHING, Client, Site

GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.scope is not None]


def _path(endpoint: Endpoint) -> str:
    return re.sub(r"{\w+}", "none", endpoint.path)


def _id(endpoint: Endpoint) -> str:
    return endpoint.name


@pytest.mark.parametrize("endpoint", GUARDED, ids=_id)
async def test_without_login_every_operation_is_401(site: Site, endpoint: Endpoint) -> None:
    headers = {"Origin": site.address}
    for client in (site.client(headers=headers), site.client(headers={"Authorization": "Bearer cxcall_nonsense"})):
        answer = await client.ask(endpoint.method, _path(endpoint))
        if answer.status == 403 and endpoint.method != "GET":
            continue  # a browser without a session has no token for its forms either
        assert (answer.status, answer.kind) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("endpoint", [one for one in GUARDED if one.scope is not Scope.ANY], ids=_id)
async def test_a_token_without_the_scope_is_403(site: Site, endpoint: Endpoint) -> None:
    others = [scope for scope in EVERYTHING if scope != endpoint.scope]
    client = await site.by_token(await site.user("admin", "admin"), *others)
    answer = await client.ask(endpoint.method, _path(endpoint))
    assert (answer.status, answer.kind) == (403, "application/problem+json")


@pytest.mark.parametrize("endpoint", [one for one in GUARDED if one.roles], ids=_id)
async def test_an_agent_is_403_where_the_role_does_not_reach(site: Site, endpoint: Endpoint) -> None:
    client = await site.by_token(await site.user("sara", "agent", "PJSIP/1001"))
    assert (await client.ask(endpoint.method, _path(endpoint))).status == 403


async def test_a_revoked_token_stops_at_once(site: Site, admin: Client) -> None:
    made = await admin.post("/tokens", json={"name": "robot", "scopes": ["calls:read"]})
    robot = site.client(headers={"Authorization": f"Bearer {made.json['secret']}"})
    assert (await robot.get("/calls")).status == 200
    assert (await admin.delete(f"/tokens/{made.json['token']['id']}")).status == 204
    assert (await robot.get("/calls")).status == 401


async def test_a_token_ends_when_it_was_said_to(site: Site, admin: Client) -> None:
    made = await admin.post("/tokens", json={"name": "robot", "scopes": ["calls:read"], "expires_in_days": 1})
    robot = site.client(headers={"Authorization": f"Bearer {made.json['secret']}"})
    site.clock.forward(hours=23)
    assert (await robot.get("/calls")).status == 200
    site.clock.forward(hours=2)
    assert (await robot.get("/calls")).status == 401


async def test_tokens_of_a_disabled_user_stop(site: Site, admin: Client) -> None:
    owner = await site.user("sara", "agent", "PJSIP/1001")
    robot = await site.by_token(owner)
    assert (await robot.get("/me")).status == 200
    assert (await admin.patch(f"/users/{owner.id}", json={"version": 1, "disabled": True})).status == 200
    assert (await robot.get("/me")).status == 401


async def test_use_of_a_token_is_noted_at_most_once_a_minute(site: Site) -> None:
    client = await site.by_token(await site.user("admin", "admin"))

    async def used_at() -> str:
        await client.get("/me")
        return str((await client.get("/tokens")).json["items"][0]["used_at"])

    first = await used_at()
    site.clock.forward(seconds=30)
    assert await used_at() == first
    site.clock.forward(seconds=31)
    assert await used_at() > first


async def test_wrong_tokens_are_held_off_and_then_heard_again(site: Site) -> None:
    wrong = site.client(headers={"Authorization": "Bearer cxcall_wrong"})
    assert {(await wrong.get("/me")).status for _ in range(FREE)} == {401}
    answer = await wrong.get("/me")
    assert (answer.status, answer.kind) == (429, "application/problem+json")
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    site.clock.forward(seconds=61)
    assert (await wrong.get("/me")).status == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "bearer \x80", "Bearer a b c", "Token x"])
async def test_a_header_that_makes_no_sense_is_401(site: Site, header: str) -> None:
    client = site.client()
    assert (await client.get("/me", headers={"Authorization": header})).status == 401


async def test_a_session_of_our_pages_reads_and_writes(site: Site) -> None:
    owner = await site.user("boss", "supervisor")
    browser = await site.by_session(owner)
    assert (await browser.get("/me")).json["scopes"] is None
    page = await browser.get("//help/keys")
    csrf = page.body.decode().partition('name="csrf" content="')[2].partition('"')[0]
    headers = {"X-CSRF-Token": csrf, "Origin": site.address}
    answer = await browser.post("/customers", json={"name": "Reza"}, headers=headers)
    assert answer.status == 201


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"X-CSRF-Token": "wrong"}],
    ids=["no token", "other origin", "other site", "wrong token"],
)
async def test_another_site_can_change_nothing_with_our_session(site: Site, headers: dict[str, str]) -> None:
    browser = await site.by_session(await site.user("boss", "supervisor"))
    answer = await browser.post("/customers", json={"name": "Reza"}, headers=headers)
    assert (answer.status, answer.kind) == (403, "application/problem+json")
    assert (await browser.get("/customers")).json["items"] == []


async def test_me_says_who_and_what(site: Site) -> None:
    client = await site.by_token(await site.user("sara", "agent", "PJSIP/1001"), "calls:read")
    assert (await client.get("/me")).json | {"id": ""} == {
        "id": "",
        "name": "sara",
        "display_name": "Sara",
        "role": "agent",
        "extensions": ["PJSIP/1001"],
        "scopes": ["calls:read"],
    }


async def test_a_token_in_the_address_opens_nothing(site: Site) -> None:
    secret = await site.token(await site.user("admin", "admin"))
    assert (await site.client().get(f"/calls?access_token={secret}")).status == 401


async def test_a_call_record_is_not_kept_by_caches(site: Site, supervisor: Client) -> None:
    await site.store(make.queue_call(1))
    answer = await supervisor.get(f"/calls/{make.queue_call(1).id}")
    assert answer.headers["Cache-Control"] == "no-store"
