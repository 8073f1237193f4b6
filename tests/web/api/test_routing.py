"""`/routing` over HTTP: rules drafted, checked, published, brought back, and decisions tried with their reasons."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from cxcall.customers.profile import Profile
from cxcall.routing.decide import decide
from cxcall.routing.facts import Caller, Facts
from cxcall.routing.rule import RuleSet
from cxcall.store import customers, queues, routing_decisions, rule_sets
from cxcall.store.routing_decisions import NewDecision
from tests.store import make
from tests.support.routing_stage import GOLD as GOLD_RULE
from tests.support.routing_stage import NIGHT
from tests.web.api.conftest import Client, Site

RULES = "/routing/rules"
GOLD = {
    "name": "Gold first",
    "when": [{"fact": "customer.tier", "op": "is", "value": ["gold"]}],
    "then": {"queue": "vip", "priority": 5},
    "expires": "2027-03-20",
}


async def test_rules_are_drafted_checked_published_and_brought_back(site: Site, admin: Client, sara: Client) -> None:
    async with site.engine.begin() as conn:
        await queues.observe(conn, "lab", ("vip", "billing"), now=site.clock())
    assert (await sara.get(RULES)).status == 403
    empty = (await admin.get(RULES)).json
    assert (empty["items"], empty["next"], empty["version"], empty["published"]) == ([], None, 0, 0)
    made = await admin.post(RULES, json=GOLD)
    rule = made.json
    assert (made.status, made.headers["Location"], rule["place"]) == (201, f"/api/v1{RULES}/{rule['id']}", 1)
    first = await admin.post(RULES, json={"name": "Loop", "then": {"queue": "nowhere"}, "place": 1})
    listed = (await admin.get(f"{RULES}?of=draft&limit=1")).json
    assert [one["id"] for one in listed["items"]] == [first.json["id"]]
    rest = (await admin.get(f"{RULES}?of=draft&after={listed['next']}")).json
    assert (rest["items"], rest["next"]) == ([rule | {"place": 2}], None)
    assert (await admin.get(f"{RULES}?after=none")).status == 422
    assert [one["code"] for one in (await admin.get(f"{RULES}/problems")).json["items"]][:1] == ["unknown_queue"]
    refused = await admin.post(f"{RULES}/publish", json={})
    assert (refused.status, refused.json["errors"][0]["detail"]) == (422, "There is no queue “nowhere”.")
    assert (await admin.delete(f"{RULES}/{first.json['id']}")).status == 204
    one = await admin.get(f"{RULES}/{rule['id']}")
    tag = one.headers["ETag"]
    changed = await admin.put(f"{RULES}/{rule['id']}", json=GOLD | {"name": "Gold"}, headers={"If-Match": tag})
    assert (changed.status, changed.json["name"], changed.json["expires"]) == (200, "Gold", "2027-03-20")
    assert (await admin.put(f"{RULES}/{rule['id']}", json=GOLD, headers={"If-Match": tag})).status == 412
    assert (await admin.put(f"{RULES}/{rule['id']}", json=GOLD | {"expires": "soon"})).status == 422
    assert (await admin.put(f"{RULES}/none", json=GOLD)).status == 404
    published = await admin.post(f"{RULES}/publish", json={"note": "gold", "base": 0})
    assert (published.status, published.json["n"], published.json["rules"]) == (200, 1, 1)
    assert (await admin.post(f"{RULES}/publish", json={"base": 0})).status == 409
    version = (await admin.get(RULES)).json["version"]
    whole = {"rules": [], "version": version}
    assert (await admin.put(RULES, json=whole)).json["items"] == []
    assert (await admin.put(RULES, json=whole)).status == 409
    assert (await admin.put(RULES, json={"rules": []})).status == 428
    await admin.post(f"{RULES}/publish", json={})
    back = await admin.post(f"{RULES}/versions/1/restore")
    assert (back.json["n"], back.json["restores"]) == (3, 1)
    assert (await admin.post(f"{RULES}/versions/9/restore")).status == 404
    page = (await admin.get(f"{RULES}/versions?limit=2")).json
    assert [one["n"] for one in page["items"]] == [3, 2]
    assert [one["n"] for one in (await admin.get(f"{RULES}/versions?after={page['next']}")).json["items"]] == [1]
    assert (await admin.get(f"{RULES}/versions?after=x")).status == 422


async def test_a_decision_is_tried_with_its_reasons(site: Site, admin: Client, supervisor: Client) -> None:
    async with site.engine.begin() as conn:
        await queues.observe(conn, "lab", ("vip", "billing"), now=site.clock())
        known = await customers.create(conn, Profile(name="Mina", numbers=("+989121234567",), tier="gold"))
    await admin.post(RULES, json=GOLD)
    asked = {"number": "0912 123 4567", "queue": "billing"}
    default = (await admin.post("/routing/decide", json=asked)).json
    assert (default["decision"]["result"]["queue"], default["floor"]) == ("billing", False)
    drafted = (
        await admin.post("/routing/decide", json=asked | {"rules": "draft", "said": "my bill", "keys": "1"})
    ).json
    result, (gold, *_) = drafted["decision"]["result"], drafted["story"]
    assert (result["queue"], result["priority"], drafted["customer_id"]) == ("vip", 5, known.id)
    assert (gold["rule_name"], gold["because"]) == ("Gold first", ["the customer’s tier is gold"])
    assert gold["does"] == ["To the queue “vip”.", "Priority 5."]
    assert (await supervisor.post("/routing/decide", json=asked)).status == 403


async def test_why_a_call_went_where_it_went_and_what_a_rule_held_for_are_told(
    site: Site, admin: Client, supervisor: Client, sara: Client
) -> None:
    record, other = make.queue_call(1), make.queue_call(2)
    await site.store(record, other)
    at = site.clock().astimezone(ZoneInfo("Asia/Tehran"))
    facts = Facts(at=at, server=record.server, call="1.1", queue="billing", customer=Caller(id="c1", tier="gold"))
    made = decide(RuleSet(rules=(GOLD_RULE, NIGHT)), facts, version=1)
    async with site.engine.begin() as conn:
        await rule_sets.publish(conn, RuleSet(rules=(GOLD_RULE, NIGHT)), base=0, by="leila", now=site.clock())
        channel = record.legs[0].unique_id or ""
        new = NewDecision(decision=made, server=record.server, unique_id=channel, call_id=record.id, asked="billing")
        await routing_decisions.add(conn, [new])
    (why,) = (await supervisor.get(f"/calls/{record.id}/routing")).json["items"]
    assert (why["asked"], why["queue"], why["version"]) == ("billing", "vip", 1)
    assert why["story"][0]["does"] == ["To the queue “vip”.", "Priority 5."]
    assert (await supervisor.get(f"/calls/{other.id}/routing")).json == {"items": []}
    assert (await supervisor.get("/calls/none/routing")).status == 404
    counts = (await admin.get(f"{RULES}/counts?days=7")).json["items"]
    assert [(one["rule"], one["calls"], one["last"]) for one in counts] == [
        ("gold", 1, at.date().isoformat()), ("night", 0, None)
    ]  # fmt: skip
    held = (await admin.get(f"{RULES}/gold/calls")).json
    assert ([one["call_id"] for one in held["items"]], held["next"]) == ([record.id], None)
    assert (await admin.get(f"{RULES}/gold/calls?after=x")).status == 422
    assert (await sara.get(f"{RULES}/counts")).status == 403
