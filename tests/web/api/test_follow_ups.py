"""Tasks, alerts and webhooks over HTTP: whose they are, what is refused, who is told."""

from __future__ import annotations

import msgspec
import pytest

from cxcall.bus import Message
from cxcall.customers.profile import Profile
from cxcall.store import alerts, customers, webhooks
from cxcall.store.alerts import NewAlert
from tests.web.api.conftest import Client, Site

DUE = "2026-11-21T09:00:00.000000Z"
WEBHOOK = {"name": "CRM", "url": "https://crm.example/hook", "events": ["task.created", "task.ended"]}


async def test_a_task_is_made_changed_ended_and_opened_again(site: Site, supervisor: Client) -> None:
    async with site.engine.begin() as conn:
        customer = await customers.create(conn, Profile(name="Maryam", numbers=("+989123456789",)), origin="person")
        await webhooks.create(
            conn, name="CRM", url="http://crm.local/", events=["task.created", "task.ended"], by="x", now=site.clock.now
        )
    made = await supervisor.post("/tasks", json={"title": "Ring back", "due_at": DUE, "customer_id": customer.id})
    assert (made.status, made.json["number"], made.json["state"]) == (201, "+989123456789", "open")
    path = made.headers["Location"].removeprefix("/api/v1")
    assert (await supervisor.get(path)).json == made.json
    sara = await site.user("sara2")
    changed = await supervisor.patch(path, json={"owner_id": sara.id, "version": 1})
    assert (changed.json["owner_name"], changed.json["version"]) == ("Sara2", 2)
    assert (await supervisor.patch(path, json={"title": "x"}, headers={"If-Match": '"1"'})).status == 412
    assert (await supervisor.patch(path, json={"title": "x"})).status == 428
    ended = await supervisor.post(path + "/end", json={"state": "done", "outcome": "settled", "version": 2})
    assert (ended.json["kept"], ended.json["ended_by"]) == (True, "boss")
    again = await supervisor.post(path + "/end", json={"state": "open", "version": 3})
    assert (again.json["state"], again.json["ended_at"]) == ("open", None)
    async with site.engine.connect() as conn:
        told = [msgspec.json.decode(row.body) for row in await webhooks.due(conn, now=site.clock.now)]
    assert sorted((body["event"], body["data"]["id"]) for body in told) == [
        ("task.created", made.json["id"]), ("task.ended", made.json["id"]),
    ]  # fmt: skip


async def test_agents_see_their_own_tasks_and_those_nobody_has(site: Site, supervisor: Client) -> None:
    sara, omid = await site.user("sara"), await site.user("omid")
    for title, owner in (("hers", sara.id), ("his", omid.id), ("free", None)):
        await supervisor.post("/tasks", json={"title": title, "due_at": DUE, "owner_id": owner})
    client = await site.by_token(sara)
    items = (await client.get("/tasks")).json["items"]
    assert {task["title"] for task in items} == {"hers", "free"}
    assert {task["title"] for task in (await client.get("/tasks?owner=me")).json["items"]} == {"hers"}
    assert {task["title"] for task in (await client.get("/tasks?owner=none")).json["items"]} == {"free"}
    assert (await client.get(f"/tasks?owner={omid.id}")).status == 403
    his = next(task for task in (await supervisor.get("/tasks")).json["items"] if task["title"] == "his")
    assert (await client.get(f"/tasks/{his['id']}")).status == 404
    assert (await client.post("/tasks", json={"title": "x", "due_at": DUE, "owner_id": omid.id})).status == 403
    assert (await client.post("/tasks", json={"title": "x", "due_at": DUE, "owner_id": sara.id})).status == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "   "}, "#/title"),
        ({"due_at": "tomorrow"}, "#/due_at"),
        ({"kind": "party"}, "#/kind"),
        ({"customer_id": "nobody"}, "#/customer_id"),
        ({"owner_id": "nobody"}, "#/owner_id"),
        ({"colour": "red"}, "#/colour"),
    ],
)
async def test_a_task_that_can_not_be_is_422(supervisor: Client, body: dict[str, object], pointer: str) -> None:
    answer = await supervisor.post("/tasks", json={"title": "t", "due_at": DUE, **body})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


async def test_tasks_are_paged_by_due_time(supervisor: Client) -> None:
    for hour in range(5):
        await supervisor.post("/tasks", json={"title": str(hour), "due_at": f"2026-11-21T0{hour}:00:00Z"})
    first = (await supervisor.get("/tasks?limit=3")).json
    rest = (await supervisor.get(f"/tasks?limit=3&after={first['next']}")).json
    assert [task["title"] for task in first["items"] + rest["items"]] == ["0", "1", "2", "3", "4"]
    assert (await supervisor.get("/tasks?after=nonsense")).status == 422
    before = await supervisor.get("/tasks?due_before=2026-11-21T02:00:00Z&state=open&kind=follow_up")
    assert len(before.json["items"]) == 2


async def test_the_owners_lists_hear_of_a_change(site: Site, supervisor: Client) -> None:
    heard: list[Message] = []
    sara = await site.user("sara")
    for channel in ("tasks", f"tasks:{sara.id}"):
        site.bus.subscribe(channel, heard.append)
    await supervisor.post("/tasks", json={"title": "t", "due_at": DUE, "owner_id": sara.id})
    assert sorted(message.channel for message in heard) == ["tasks", f"tasks:{sara.id}"]


async def test_an_alert_is_listed_snoozed_and_closed_by_those_who_oversee(
    site: Site, supervisor: Client, sara: Client
) -> None:
    async with site.engine.begin() as conn:
        alert = await alerts.raise_(
            conn, NewAlert(key="rule:1", title="Low score", link="/calls/1"), now=site.clock.now
        )
    assert (await sara.get("/alerts")).status == 403
    [item] = (await supervisor.get("/alerts")).json["items"]
    assert (item["title"], item["n"], item["state"]) == ("Low score", 1, "open")
    assert (await supervisor.post(f"/alerts/{alert.id}/snooze", json={"until": "2020-01-01T00:00:00Z"})).status == 422
    snoozed = await supervisor.post(f"/alerts/{alert.id}/snooze", json={"until": DUE})
    assert snoozed.json["state"] == "snoozed"
    closed = await supervisor.post(f"/alerts/{alert.id}/close")
    assert (closed.json["state"], closed.json["closed_by"]) == ("closed", "boss")
    assert (await supervisor.post(f"/alerts/{alert.id}/close")).status == 404
    assert (await supervisor.get("/alerts?state=open")).json["items"] == []


async def test_a_webhook_is_set_up_by_administrators_and_its_secret_shown_once(
    admin: Client, supervisor: Client
) -> None:
    assert (await supervisor.get("/webhooks")).status == 403
    made = await admin.post("/webhooks", json=WEBHOOK)
    assert made.status == 201
    hook, secret = made.json["webhook"], made.json["secret"]
    path = f"/webhooks/{hook['id']}"
    assert secret not in (await admin.get("/webhooks")).body.decode()
    renewed = await admin.post(path + "/secret")
    assert renewed.json["secret"] != secret
    off = await admin.patch(path, json={"enabled": False, "version": 2})
    assert off.json["enabled"] is False
    assert (await admin.post(path + "/test")).status == 409
    assert (await admin.patch(path, json={"enabled": True, "version": 1})).status == 409
    await admin.patch(path, json={"enabled": True, "version": 3})
    assert (await admin.post(path + "/test")).status == 204
    [delivery] = (await admin.get(path + "/deliveries")).json["items"]
    assert (delivery["event"], delivery["state"], delivery["tries"]) == ("test", "waiting", 0)
    assert (await admin.post(f"{path}/deliveries/{delivery['id']}/repeat")).status == 204
    assert (await admin.post(f"{path}/deliveries/none/repeat")).status == 404
    assert (await admin.delete(path)).status == 204
    assert (await admin.get(path)).status == 404


@pytest.mark.parametrize("url", ["crm.example", "ftp://crm.example/x", "http://", "http://a b/", "http://u:p@crm/"])
async def test_an_address_nothing_can_be_sent_to_is_422(admin: Client, url: str) -> None:
    answer = await admin.post("/webhooks", json={**WEBHOOK, "url": url})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/url")
