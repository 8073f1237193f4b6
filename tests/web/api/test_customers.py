"""Customers over HTTP: made, found, changed by version, merged, exported."""

from __future__ import annotations

import csv
import io

import pytest

from cxcall.bus import Message
from tests.store import make
from tests.web.api.conftest import Answer, Client, Site


async def _make(client: Client, **profile: object) -> Answer:
    answer = await client.post("/customers", json=profile)
    assert answer.status == 201, answer.body
    return answer


async def _names(client: Client, query: str = "") -> list[str]:
    return [item["name"] for item in (await client.get(f"/customers{query}")).json["items"]]


async def test_a_customer_is_made_with_folded_numbers_and_found_at_its_location(supervisor: Client) -> None:
    made = await _make(
        supervisor,
        name="  مريم  رضايي ",
        numbers=["۰۹۱۲ ۳۴۵ ۶۷۸۹", "0098 21 8834 1190", "+989123456789"],
        emails=["Maryam@Example.org"],
        tier="gold",
        language="fa",
        tags=["VIP"],
        city="شیراز",
    )
    assert made.json["name"] == "مریم رضایی"
    assert made.json["numbers"] == ["+989123456789", "+982188341190"]
    assert made.json["emails"] == ["maryam@example.org"]
    assert (made.json["version"], made.json["origin"], made.json["first_contact"]) == (1, "person", False)
    assert made.headers["ETag"] == '"1"'
    again = await supervisor.get(made.headers["Location"].removeprefix("/api/v1"))
    assert again.json == made.json


async def test_a_number_of_another_customer_is_409_and_says_whose(supervisor: Client) -> None:
    first = await _make(supervisor, name="Reza", numbers=["09123456789"])
    answer = await supervisor.post("/customers", json={"name": "Other", "numbers": ["+989123456789"]})
    assert (answer.status, answer.json["customer_id"]) == (409, first.json["id"])
    assert answer.json["errors"][0]["pointer"] == "#/numbers"
    assert await _names(supervisor) == ["Reza"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Ali", "Reza", "زهرا کریمی"]),
        ("?text=rez", ["Reza"]),
        ("?text=زهرا", ["زهرا کریمی"]),
        ("?text=كريمي", ["زهرا کریمی"]),
        ("?text=۰۹۱۲", ["Reza"]),
        ("?text=6789", ["Reza"]),
        ("?tier=gold", ["زهرا کریمی"]),
        ("?tag=vip", ["Ali"]),
        ("?text=nobody", []),
        ("?order=newest", ["زهرا کریمی", "Reza", "Ali"]),
        ("?first_contact=true", []),
    ],
)
async def test_customers_are_found(supervisor: Client, query: str, found: list[str]) -> None:
    await _make(supervisor, name="Ali", tags=["vip"])
    await _make(supervisor, name="Reza", numbers=["09123456789"])
    await _make(supervisor, name="زهرا کریمی", tier="gold")
    assert await _names(supervisor, query) == found


async def test_pages_of_customers_join_up(supervisor: Client) -> None:
    for n in range(7):
        await _make(supervisor, name=f"Customer {n}")
    seen: list[str] = []
    after = ""
    while True:
        answer = await supervisor.get(f"/customers?limit=3{after}")
        seen += [item["name"] for item in answer.json["items"]]
        if answer.json["next"] is None:
            break
        after = "&after=" + answer.json["next"]
    assert seen == [f"Customer {n}" for n in range(7)]


async def test_a_change_keeps_what_it_does_not_name(supervisor: Client) -> None:
    made = await _make(supervisor, name="Reza", numbers=["09123456789"], city="Yazd", tier="gold", tags=["a", "b"])
    path = f"/customers/{made.json['id']}"
    changed = await supervisor.patch(
        path, json={"city": None, "tags": ["c"], "tier": None}, headers={"If-Match": '"1"'}
    )
    assert changed.status == 200
    assert (changed.json["name"], changed.json["numbers"]) == ("Reza", ["+989123456789"])
    assert (changed.json["city"], changed.json["tags"], changed.json["tier"]) == ("", ["c"], None)
    assert (changed.json["version"], changed.headers["ETag"]) == (2, '"2"')


async def test_who_looks_after_a_customer_is_named_by_login_and_told_by_id(supervisor: Client) -> None:
    made = await _make(supervisor, name="Reza", value=-3.5, manager="boss")
    path, boss = f"/customers/{made.json['id']}", made.json["manager"]
    assert (made.json["value"], boss != "boss") == (-3.5, True)
    changed = await supervisor.patch(path, json={"version": 1, "city": "Yazd"})
    assert (changed.json["value"], changed.json["manager"]) == (-3.5, boss)
    emptied = await supervisor.patch(path, json={"version": 2, "value": None, "manager": None})
    assert (emptied.json["value"], emptied.json["manager"]) == (None, None)
    refused = await supervisor.patch(path, json={"version": 3, "manager": "nobody"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "#/manager")


async def test_a_change_over_an_older_version_is_refused(supervisor: Client) -> None:
    made = await _make(supervisor, name="Reza")
    path = f"/customers/{made.json['id']}"
    assert (await supervisor.patch(path, json={"version": 1, "city": "Yazd"})).status == 200
    assert (await supervisor.patch(path, json={"version": 1, "city": "Qom"})).status == 409
    assert (await supervisor.patch(path, json={"city": "Qom"}, headers={"If-Match": '"1"'})).status == 412
    assert (await supervisor.patch(path, json={"city": "Qom"}, headers={"If-Match": "*"})).status == 412
    assert (await supervisor.patch(path, json={"city": "Qom"})).status == 428
    assert (await supervisor.get(path)).json["city"] == "Yazd"


async def test_a_change_that_leaves_neither_name_nor_number_is_422(supervisor: Client) -> None:
    made = await _make(supervisor, name="Reza")
    answer = await supervisor.patch(f"/customers/{made.json['id']}", json={"version": 1, "name": None})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/name")


async def test_a_changed_customer_is_told_to_the_pages_that_show_it(site: Site, supervisor: Client) -> None:
    made = await _make(supervisor, name="Reza")
    told: list[Message] = []
    site.bus.subscribe(f"customer:{made.json['id']}", told.append)
    await supervisor.patch(f"/customers/{made.json['id']}", json={"version": 1, "city": "Yazd"})
    assert [message.data for message in told] == [{"id": made.json["id"]}]


@pytest.mark.parametrize("customer_id", ["none", "%00", "مشتری", "0" * 26])
async def test_an_unknown_customer_is_404(supervisor: Client, customer_id: str) -> None:
    for path in (f"/customers/{customer_id}", f"/customers/{customer_id}/calls"):
        assert (await supervisor.get(path)).status == 404
    assert (await supervisor.patch(f"/customers/{customer_id}", json={"version": 1, "city": "Qom"})).status == 404


async def test_a_caller_nobody_knows_is_a_first_contact_with_its_calls(
    site: Site, supervisor: Client, omid: Client
) -> None:
    await site.store(make.queue_call(1), make.queue_call(2, number="09351112233"))
    (customer,) = (await supervisor.get("/customers?text=09351112233&first_contact=true")).json["items"]
    assert (customer["calls"], customer["last_call_at"]) == (1, "2026-11-21T06:30:00.123456Z")
    path = f"/customers/{customer['id']}/calls"
    assert [item["id"] for item in (await supervisor.get(path)).json["items"]] == [make.queue_call(2).id]
    assert (await omid.get(path)).json["items"] == []


async def test_two_customers_become_one_and_the_old_id_leads_to_it(
    site: Site, supervisor: Client, sara: Client
) -> None:
    await site.store(make.queue_call(1, number="09351112233"))
    kept = await _make(supervisor, name="Reza", numbers=["09123456789"])
    gone = (await supervisor.get("/customers?text=09351112233")).json["items"][0]["id"]
    body = {"kept": kept.json["id"], "gone": gone}
    assert (await sara.post("/customers/merge", json=body)).status == 403
    merged = await supervisor.post("/customers/merge", json=body)
    assert merged.status == 200
    assert merged.json["numbers"] == ["+989123456789", "+989351112233"]
    assert (await supervisor.get(f"/customers/{gone}")).json["id"] == kept.json["id"]
    assert len((await supervisor.get(f"/customers/{kept.json['id']}/calls")).json["items"]) == 1
    assert (await supervisor.post("/customers/merge", json=body)).status == 409
    unknown = {"kept": kept.json["id"], "gone": "none"}
    assert (await supervisor.post("/customers/merge", json=unknown)).status == 422


async def test_the_export_is_a_table_without_formulas(supervisor: Client, sara: Client) -> None:
    await _make(supervisor, name="=1+1", numbers=["09123456789", "02188341190"], tags=["a", "b"])
    await _make(supervisor, name="زهرا، کریمی", emails=["z@example.org"], value=1250.5, manager="boss")
    answer = await supervisor.get("/customers/export")
    assert (answer.status, answer.kind) == (200, "text/csv")
    header, *rows = csv.reader(io.StringIO(answer.body.decode()))
    assert header == ["name", "numbers", "emails", "company", "city", "tier", "language", "tags", "value", "manager"]
    assert [row[0] for row in rows] == ["'=1+1", "زهرا، کریمی"]
    assert rows[0][1] == "+989123456789; +982188341190"
    assert rows[1][-2:] == ["1250.5", "boss"]
    assert (await sara.get("/customers/export")).status == 403
