"""`/intents`: made, matched, changed and removed; what is wrong is told field by field."""

from __future__ import annotations

from cxcall.routing.rule import Condition, Rule, RuleSet, Then
from cxcall.store import rule_sets
from tests.web.api.conftest import NOW, Client, Site

TYRES = {
    "name": "tyres", "title": {"en": "Tyres", "fa": "لاستیک"}, "phrases": {"en": ["tyre*"], "fa": ["لاستیک"]},
    "examples": {"en": ["I need winter tyres"]}, "queue": "garage", "number": "805", "key": "7",
}  # fmt: skip


async def test_an_intent_is_made_matched_changed_and_removed(admin: Client) -> None:
    made = await admin.post("/intents", json=TYRES)
    assert made.status == 201, made.json
    assert made.json["version"] == 1
    path = f"/intents/{made.json['id']}"
    meant = await admin.post("/intents/match", json={"text": "my tyre is flat", "language": "en"})
    assert (meant.json["intent"], meant.json["verdict"]) == ("tyres", "sure")
    assert (await admin.post("/intents/match", json={"text": "the moon is green"})).json["verdict"] == "none"
    changed = await admin.patch(path, json={"version": 1, "enabled": False})
    assert (changed.status, changed.json["enabled"], changed.json["phrases"]["en"]) == (200, False, ["tyre*"])
    assert (await admin.post("/intents/match", json={"text": "my tyre is flat"})).json["verdict"] == "none"
    assert (await admin.patch(path, json={"version": 1, "key": ""})).status in (409, 412)
    assert [one["name"] for one in (await admin.get("/intents")).json["items"]] == ["tyres"]
    gone = await admin.delete(path, headers={"If-Match": '"2"'})
    assert gone.status == 204
    assert (await admin.get(path)).status == 404


async def test_what_is_wrong_is_told_and_what_a_rule_asks_for_stays(site: Site, admin: Client) -> None:
    made = await admin.post("/intents", json=TYRES)
    assert (await admin.post("/intents", json={**TYRES, "key": ""})).status == 409, "the name is taken"
    wrong = await admin.post("/intents", json={**TYRES, "name": "other", "title": {}, "phrases": {"en": ["?!"]}})
    assert wrong.status == 422
    assert {error["pointer"] for error in wrong.json["errors"]} == {"#/title", "#/phrases", "#/key"}
    assert (await admin.post("/intents", json={**TYRES, "name": "no blanks"})).status == 422
    asks = Rule(id="r", name="Tyres first", when=(Condition(fact="said.intent", op="is", value=("tyres",)),),
                then=Then(queue="garage"))  # fmt: skip
    async with site.engine.begin() as conn:
        await rule_sets.save_draft(conn, RuleSet(rules=(asks,)), version=0, by="x", now=NOW)
    path = f"/intents/{made.json['id']}"
    for answer in (
        await admin.delete(path, headers={"If-Match": '"1"'}),
        await admin.patch(path, json={"version": 1, "name": "wheels"}),
    ):
        assert answer.status == 409
        assert "Tyres first" in answer.json["detail"]
