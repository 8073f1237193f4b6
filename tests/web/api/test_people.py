"""Users, tokens and the audit trail over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from cxcall.bus.floor import AgentLogOut
from cxcall.queues.definition import QueueDefinition
from cxcall.store import queues, sign_ins
from tests.web.api.conftest import Client, Site

PASSWORD = "a long password 1"


async def test_a_user_is_made_listed_changed_and_disabled(site: Site, admin: Client) -> None:
    made = await admin.post(
        "/users",
        json={
            "name": "sara",
            "role": "agent",
            "password": PASSWORD,
            "display_name": "سارا احمدی",
            "extensions": ["PJSIP/1001"],
            "language": "fa",
        },
    )
    assert made.status == 201
    assert made.json["display_name"] == "سارا احمدی"
    path = made.headers["Location"].removeprefix("/api/v1")
    assert (await admin.get(path)).json == made.json
    changed = await admin.patch(path, json={"role": "supervisor", "extensions": []}, headers={"If-Match": '"1"'})
    assert (changed.json["role"], changed.json["extensions"], changed.json["version"]) == ("supervisor", [], 2)
    disabled = await admin.patch(path, json={"version": 2, "disabled": True})
    assert disabled.json["disabled"] is True
    assert [user["name"] for user in (await admin.get("/users")).json["items"]] == ["admin", "sara"]


async def test_nothing_secret_is_in_a_user(admin: Client) -> None:
    made = await admin.post("/users", json={"name": "sara", "role": "agent", "password": PASSWORD})
    assert PASSWORD not in made.body.decode()
    assert "argon2" not in (await admin.get("/users")).body.decode()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"password": "short"}, "#/password"),
        ({"password": "saraahmadi", "name": "saraahmadi"}, "#/password"),
        ({"role": "owner"}, "#/role"),
        ({"name": "   "}, "#/name"),
        ({"extensions": ["1001"]}, "#/extensions/0"),
        ({"extensions": ["PJSIP/1001\r\nAction: Originate"]}, "#/extensions/0"),
        ({"language": "de"}, "#/language"),
        ({"disabled": True}, "#/disabled"),
    ],
)
async def test_a_user_that_can_not_be_is_422(admin: Client, body: dict[str, object], pointer: str) -> None:
    answer = await admin.post("/users", json={"name": "sara", "role": "agent", "password": PASSWORD, **body})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


async def test_a_name_is_given_once_however_it_is_written(admin: Client) -> None:
    assert (await admin.post("/users", json={"name": "Ali", "role": "agent", "password": PASSWORD})).status == 201
    answer = await admin.post("/users", json={"name": "ALI", "role": "agent", "password": PASSWORD})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (409, "#/name")


async def test_the_last_administrator_stays_one(admin: Client) -> None:
    me = (await admin.get("/me")).json["id"]
    for change in ({"role": "agent"}, {"disabled": True}):
        assert (await admin.patch(f"/users/{me}", json={"version": 1, **change})).status == 409
    assert (await admin.get("/me")).json["role"] == "admin"


async def test_a_change_over_an_older_version_is_refused(site: Site, admin: Client) -> None:
    user = await site.user("sara")
    assert (await admin.patch(f"/users/{user.id}", json={"version": 1, "display_name": "S"})).status == 200
    assert (await admin.patch(f"/users/{user.id}", json={"version": 1, "display_name": "T"})).status == 409
    assert (await admin.patch(f"/users/{user.id}", json={"display_name": "T"})).status == 428
    assert (await admin.patch("/users/none", json={"version": 1, "display_name": "T"})).status == 404


async def test_users_come_in_pages(site: Site, admin: Client) -> None:
    for name in ("a", "b", "c"):
        await site.user(name)
    first = await admin.get("/users?limit=3")
    second = await admin.get(f"/users?limit=3&after={first.json['next']}")
    assert [len(first.json["items"]), len(second.json["items"])] == [3, 1]
    assert second.json["next"] is None
    assert (await admin.get("/users?after=gone")).status == 422


async def test_the_secret_of_a_token_is_shown_once(admin: Client) -> None:
    made = await admin.post("/tokens", json={"name": "robot", "scopes": ["calls:read", "customers:read"]})
    assert made.status == 201
    assert made.json["secret"].startswith("cxcall_")
    assert made.json["token"]["scopes"] == ["calls:read", "customers:read"]
    listed = await admin.get("/tokens")
    assert made.json["token"]["id"] in {item["id"] for item in listed.json["items"]}
    assert made.json["secret"] not in listed.body.decode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x", "scopes": []}, 422),
        ({"name": "x", "scopes": ["everything"]}, 422),
        ({"name": " ", "scopes": ["calls:read"]}, 422),
        ({"name": "x", "scopes": ["calls:read"], "expires_in_days": 0}, 422),
        ({"name": "x", "scopes": ["users:admin"]}, 403),
        ({"name": "x", "scopes": ["metrics:read"]}, 403),
    ],
)
async def test_a_token_that_can_not_be_is_refused(sara: Client, body: dict[str, object], status: int) -> None:
    assert (await sara.post("/tokens", json=body)).status == status


async def test_a_token_hands_on_no_more_than_it_has(site: Site) -> None:
    narrow = await site.by_token(await site.user("admin", "admin"), "tokens:write", "calls:read")
    assert (await narrow.post("/tokens", json={"name": "x", "scopes": ["calls:read"]})).status == 201
    assert (await narrow.post("/tokens", json={"name": "x", "scopes": ["users:admin"]})).status == 403


async def test_tokens_of_others_are_for_administrators(site: Site, admin: Client, sara: Client) -> None:
    mine = (await sara.get("/tokens")).json["items"][0]
    theirs = (await admin.get("/tokens")).json["items"][0]
    assert (await sara.get(f"/tokens?user_id={theirs['user_id']}")).status == 403
    assert (await sara.delete(f"/tokens/{theirs['id']}")).status == 404
    assert (await admin.get(f"/tokens?user_id={mine['user_id']}")).json["items"][0]["id"] == mine["id"]
    assert (await admin.delete(f"/tokens/{mine['id']}")).status == 204
    assert (await sara.get("/me")).status == 401


async def test_revoking_twice_is_no_error_and_an_unknown_token_is_404(site: Site, admin: Client) -> None:
    made = await admin.post("/tokens", json={"name": "robot", "scopes": ["calls:read"]})
    for _ in range(2):
        assert (await admin.delete(f"/tokens/{made.json['token']['id']}")).status == 204
    assert (await admin.delete("/tokens/none")).status == 404


async def test_a_person_has_a_bounded_number_of_live_tokens(admin: Client) -> None:
    for _ in range(49):
        assert (await admin.post("/tokens", json={"name": "x", "scopes": ["calls:read"]})).status == 201
    assert (await admin.post("/tokens", json={"name": "x", "scopes": ["calls:read"]})).status == 409


async def test_every_change_is_written_down_with_who_and_from_where(admin: Client) -> None:
    made = await admin.post("/customers", json={"name": "Reza"})
    await admin.patch(f"/customers/{made.json['id']}", json={"version": 1, "city": "Qom"})
    await admin.post("/tokens", json={"name": "robot", "scopes": ["calls:read"]})
    acts = (await admin.get("/audit")).json["items"]
    assert [act["act"] for act in acts] == ["token.create", "customer.change", "customer.create"]
    assert {act["actor"] for act in acts} == {"admin"}
    assert {act["address"] for act in acts} == {"127.0.0.1"}
    assert acts[1]["details"] == {"changed": ["city"]}
    assert "cxcall_" not in str(acts)


async def test_the_audit_trail_comes_in_pages_and_by_subject(admin: Client) -> None:
    ids = [(await admin.post("/customers", json={"name": f"C{n}"})).json["id"] for n in range(3)]
    first = await admin.get("/audit?limit=2")
    second = await admin.get(f"/audit?limit=2&after={first.json['next']}")
    assert [act["subject"] for act in (*first.json["items"], *second.json["items"])] == [
        f"customer:{id_}" for id_ in reversed(ids)
    ]
    assert second.json["next"] is None
    assert len((await admin.get(f"/audit?subject=customer:{ids[0]}")).json["items"]) == 1
    assert (await admin.get("/audit?actor=nobody")).json["items"] == []
    assert (await admin.get("/audit?after=99999999999999999999")).status == 422


async def test_who_is_disabled_gets_up_is_no_longer_rung_and_hears_nobody(site: Site, admin: Client) -> None:
    omid = await site.user("omid", "agent", "PJSIP/1002")
    async with site.engine.begin() as conn:
        await sign_ins.sign_in(conn, omid.id, "lab", "PJSIP/1009", now=site.clock())
        mine = QueueDefinition(name="vip")
        await queues.create(conn, "lab", mine, by="leila", now=site.clock())
        await queues.applied(conn, "lab", [mine], by="leila", now=site.clock())
    seat = {
        "interface": "PJSIP/1009", "device": "PJSIP/1009", "name": "Omid", "status": "free", "since": None,
        "queues": ["general", "vip", "hand-made", "left"], "paused": False, "paused_in": [], "reason": "",
        "pauses": [["left", "logged off"]], "static_in": ["vip", "hand-made", "left"],
    }  # fmt: skip
    asked: list[Any] = []
    answers = {"members:lab": [seat, {**seat, "interface": "PJSIP/1002", "device": "PJSIP/1002"}], "monitor:of": "x"}

    def serve(name: str) -> None:
        async def told(what: Any) -> Any:
            asked.append((name, what))
            return answers.get(name)

        site.commands.serve(name, told)

    for name in ("members:lab", "monitor:of", "monitor:stop", "agents:log_out", "agents:reload"):
        serve(name)
    done = await admin.patch(f"/users/{omid.id}", json={"version": 1, "disabled": True})
    assert done.json["disabled"] is True
    assert [what for name, what in asked if name == "agents:log_out"] == [
        AgentLogOut(server="lab", device="PJSIP/1009", queue="general"),
        AgentLogOut(server="lab", device="PJSIP/1009", queue="vip"),
    ], "not the members that a file of somebody else names, and not the phone they do not sit at"
    assert ("monitor:stop", omid.id) in asked
    assert ("agents:reload", None) in asked
    async with site.engine.connect() as conn:
        assert await sign_ins.of_user(conn, omid.id) is None
    asked.clear()
    await admin.patch(f"/users/{omid.id}", json={"version": 2, "display_name": "Omid R."})
    assert asked == [], "who is out already is not turned out again"
