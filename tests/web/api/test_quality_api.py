"""Reviews for programs: cards, plans, scoring, blind seconds, disputes, coaching, results; agents: their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from cxcall.quality.scorecard import Scorecard
from tests.store import make
from tests.support.quality_stage import CARD, GOOD, MISSED, publish_card
from tests.web.api.conftest import Client, Site

READ = {"when": "year"}
ROOT = "/quality"


def plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


ANSWERS = plain(GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A published scorecard, a call of Sara's, and who looks at it."""

    site: Site
    card: str
    call: str
    agent: str
    sara_id: str
    sara: Client
    omid: Client
    leila: Client
    admin: Client


@pytest.fixture
async def stage(site: Site) -> Stage:
    call = make.queue_call(1)
    leg = next(leg for leg in call.legs if leg.role == "agent" and leg.result == "answered")
    agent, phone = leg.agent, leg.channel.rpartition("-")[0]
    sara, omid = await site.user("sara", "agent", phone), await site.user("omid", "agent", "PJSIP/1999")
    await site.store(call)
    async with site.engine.begin() as conn:
        card = await publish_card(conn, site.clock.now)
    return Stage(
        site=site, card=card, call=call.id, agent=agent or "", sara_id=sara.id, sara=await site.by_token(sara),
        omid=await site.by_token(omid), leila=await site.by_token(await site.user("leila", "supervisor")),
        admin=await site.by_token(await site.user("boss", "admin")),
    )  # fmt: skip


async def review(stage: Stage) -> str:
    asked = {"call_id": stage.call, "agent": stage.agent, "scorecard_id": stage.card}
    made = await stage.leila.post(f"{ROOT}/reviews", json=asked)
    assert made.status == 201, made.json
    return f"{ROOT}/reviews/{made.json['id']}"


async def scored(stage: Stage, by: Client | None = None, answers: Any = ANSWERS) -> dict[str, Any]:
    who = by or stage.leila
    draft = (await who.post(await review(stage) + "/evaluation")).json
    path = f"{ROOT}/evaluations/{draft['id']}"
    done = await who.post(path + "/submit", json={"answers": answers, "comment": "Well", "version": draft["version"]})
    assert done.status == 200, done.json
    return {**done.json, "path": path}


async def test_a_scorecard_is_drafted_published_retired_and_taken_into_use_again(stage: Stage) -> None:
    leila, cards = stage.leila, f"{ROOT}/scorecards"
    made = await leila.post(cards, json={"draft": {"title": {"en": "New"}}})
    path = f"{cards}/{made.json['id']}"
    assert (made.status, made.json["published"]) == (201, None)
    assert [one["code"] for one in made.json["problems"]] == ["no_items"]
    refused = await leila.post(path + "/publish", json={"version": 1})
    assert (refused.status, refused.json["errors"][0]["detail"]) == (422, "A scorecard needs at least one item.")
    saved = await leila.patch(path, json={"version": 1, "draft": plain(CARD)})
    assert (saved.status, saved.json["problems"], saved.json["version"]) == (200, [], 2)
    assert (await leila.patch(path, json={"version": 1, "draft": plain(CARD)})).status == 409
    published = await leila.post(path + "/publish", json={}, headers={"If-Match": '"2"'})
    assert (published.status, published.json["published"]) == (200, 1)
    told = await leila.get(path + "/versions/1")
    assert msgspec.convert(told.json, Scorecard) == CARD
    for n in ("2", "x", "0", "9" * 30):
        assert (await leila.get(f"{path}/versions/{n}")).status == 404
    retired = await leila.post(path + "/retire", json={"version": 3})
    assert retired.json["retired_at"] is not None
    assert (await leila.post(path + "/restore", json={"version": 4})).json["retired_at"] is None
    assert {one["id"] for one in (await leila.get(cards)).json["items"]} >= {made.json["id"], stage.card}
    for got in (await stage.sara.get(cards), await stage.sara.post(cards, json={"draft": {"title": {}}})):
        assert got.status == 403


async def test_a_plan_is_kept_paused_and_draws(stage: Stage) -> None:
    leila, all_ = stage.leila, f"{ROOT}/plans"
    made = await leila.post(all_, json={"drawn": {"name": "Weekly", "scorecard_id": stage.card, "random": 2}})
    assert made.status == 201, made.json
    path = f"{all_}/{made.json['id']}"
    drawn = await leila.post(path + "/draw", json={"when": "year"})
    assert (drawn.status, drawn.json["added"]) == (200, 1), "the one call there is"
    assert (await leila.post(path + "/draw", json={"when": "year"})).json["added"] == 0
    assert (await leila.post(path + "/draw", json={"from": "x", "to": "y"})).status == 422
    waiting = (await leila.get(f"{ROOT}/reviews", params={"plan_id": made.json["id"]})).json["items"]
    assert [(one["call_id"], one["why"]) for one in waiting] == [(stage.call, "random")]
    paused = await leila.patch(path, json={"version": 1, "paused": True})
    assert (paused.status, paused.json["paused"]) == (200, True)
    assert (await leila.patch(path, json={"version": 1, "paused": False})).status == 409
    tag = {"If-Match": f'"{paused.json["version"]}"'}
    assert (await leila.delete(path, headers={"If-Match": '"1"'})).status == 412
    assert (await leila.delete(path, headers=tag)).status == 204
    assert (await leila.get(path)).status == 404
    assert len((await leila.get(f"{ROOT}/reviews")).json["items"]) == 1, "what it drew stays"
    assert (await stage.sara.get(all_)).status == 403


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": " "}, "name"), ({"random": -1}, "random"), ({"longest": 10**12}, "longest"),
        ({"double": 1.5}, "double"), ({"csat_to": 9}, "long_from"), ({"scorecard_id": "x"}, "scorecard_id"),
    ],
)  # fmt: skip
async def test_a_plan_that_could_draw_nothing_or_too_much_is_refused(
    stage: Stage, change: dict[str, Any], place: str
) -> None:
    drawn = {"name": "Weekly", "scorecard_id": stage.card, **change}
    refused = await stage.leila.post(f"{ROOT}/plans", json={"drawn": drawn})
    assert refused.status == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [f"#/drawn/{place}"]


async def test_a_call_is_scored_and_its_agent_reads_it_and_nobody_elses(stage: Stage) -> None:
    leila = stage.leila
    path = await review(stage)
    draft = await leila.post(path + "/evaluation")
    assert (draft.status, draft.json["state"]) == (200, "draft")
    one = f"{ROOT}/evaluations/{draft.json['id']}"
    kept = await leila.patch(one, json={"version": 1, "answers": {}, "comment": "so far"})
    assert (kept.json["comment"], kept.json["version"]) == ("so far", 2)
    assert (await leila.patch(one, json={"version": 1, "answers": {}})).status == 409
    left = await leila.post(one + "/submit", json={"version": 2, "answers": {}})
    assert left.status == 422
    assert {error["pointer"] for error in left.json["errors"]} == {f"#/answers/{id_}" for id_ in ANSWERS}
    bad = await leila.patch(one, json={"version": 2, "answers": {"nope": {"value": 1}}})
    assert (bad.status, bad.json["errors"][0]["pointer"]) == (422, "#/answers/nope")
    for who in (stage.sara, stage.admin):
        assert (await who.get(one)).status == 404, "a draft is its reviewer's"
    done = await leila.post(one + "/submit", json={"version": 2, "answers": ANSWERS, "comment": "Well"})
    assert (done.status, done.json["state"], done.json["corrected"]) == (200, "submitted", 0)
    assert (await leila.patch(one, json={"version": 3, "answers": {}})).status == 409, "no draft any more"
    assert (await stage.sara.get(one)).json["score"] == done.json["score"]
    assert [each["id"] for each in (await stage.sara.get(f"{ROOT}/evaluations")).json["items"]] == [draft.json["id"]]
    assert (await stage.omid.get(one)).status == 404
    assert (await stage.omid.get(one + "/history")).status == 404
    assert (await stage.omid.get(f"{ROOT}/evaluations")).json["items"] == []
    assert (await stage.omid.get(f"{ROOT}/evaluations", params={"call_id": stage.call})).json["items"] == []
    assert (await stage.omid.get(f"{ROOT}/evaluations", params={"agent_user_id": stage.sara_id})).status == 403
    theirs = await leila.get(f"{ROOT}/evaluations", params={"agent_user_id": stage.sara_id, "limit": "1"})
    assert len(theirs.json["items"]) == 1
    assert (await leila.get(f"{ROOT}/evaluations")).status == 422
    assert (await stage.admin.post(path + "/evaluation")).status == 409, "it is scored"


async def test_a_correction_keeps_what_was_said(stage: Stage) -> None:
    one = await scored(stage)
    body = {"answers": plain(MISSED), "why": "heard again", "version": one["version"]}
    corrected = await stage.admin.post(one["path"] + "/correct", json=body)
    assert (corrected.status, corrected.json["score"], corrected.json["corrected"]) == (200, 0.0, 1)
    assert (await stage.admin.post(one["path"] + "/correct", json=body)).status == 409
    assert (await stage.admin.post(one["path"] + "/correct", json={**body, "why": " "})).status == 422
    assert (await stage.sara.post(one["path"] + "/correct", json=body)).status == 403
    (former,) = (await stage.sara.get(one["path"] + "/history")).json["items"]
    assert (former["why"], former["score"], former["comment"]) == ("heard again", one["score"], "Well")


async def test_reviews_are_added_once_skipped_and_taken_back(stage: Stage) -> None:
    path = await review(stage)
    assert await review(stage) == path
    assert (await stage.leila.post(path + "/skip", json={"why": "wrong number"})).json["skipped_why"] == "wrong number"
    assert (await stage.leila.get(f"{ROOT}/reviews")).json["items"] == []
    assert (await stage.leila.post(path + "/unskip")).json["skipped_why"] is None
    assert len((await stage.leila.get(f"{ROOT}/reviews")).json["items"]) == 1
    for change, place in (({"agent": "nobody"}, "agent"), ({"call_id": "x"}, "agent"), ({"scorecard_id": "x"},
                           "scorecard_id")):  # fmt: skip
        asked = {"call_id": stage.call, "agent": stage.agent, "scorecard_id": stage.card, **change}
        refused = await stage.leila.post(f"{ROOT}/reviews", json=asked)
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, f"#/{place}")
    assert (await stage.leila.get(f"{ROOT}/reviews", params={"after": "x"})).status == 422
    for method, at in (("GET", f"{ROOT}/reviews"), ("GET", path), ("POST", path + "/evaluation")):
        assert (await stage.sara.ask(method, at)).status == 403


async def test_two_who_score_the_same_call_do_not_see_each_other(stage: Stage) -> None:
    drawn = {"name": "Twice", "scorecard_id": stage.card, "random": 1, "double": 1.0}
    plan = (await stage.leila.post(f"{ROOT}/plans", json={"drawn": drawn})).json["id"]
    assert (await stage.leila.post(f"{ROOT}/plans/{plan}/draw", json={"when": "year"})).json["added"] == 1
    (waits,) = (await stage.leila.get(f"{ROOT}/reviews")).json["items"]
    assert waits["wanted"] == 2
    at = f"{ROOT}/reviews/{waits['id']}/evaluation"
    first, second = (await stage.leila.post(at)).json, (await stage.admin.post(at)).json
    body = {"answers": ANSWERS, "version": 1}
    assert (await stage.leila.post(f"{ROOT}/evaluations/{first['id']}/submit", json=body)).status == 200
    assert (await stage.admin.get(f"{ROOT}/evaluations/{first['id']}")).status == 404
    of_call = await stage.admin.get(f"{ROOT}/evaluations", params={"call_id": stage.call})
    assert [one["id"] for one in of_call.json["items"]] == [second["id"]]
    of_agent = await stage.admin.get(f"{ROOT}/evaluations", params={"agent_user_id": stage.sara_id})
    assert of_agent.json["items"] == []
    assert (await stage.admin.get(f"{ROOT}/results", params=READ)).json["items"] == []
    mine = {"answers": plain(MISSED), "version": 1}
    assert (await stage.admin.post(f"{ROOT}/evaluations/{second['id']}/submit", json=mine)).status == 200
    assert (await stage.admin.get(f"{ROOT}/evaluations/{first['id']}")).status == 200
    agreed = await stage.admin.get(f"{ROOT}/agreement", params={**READ, "scorecard_id": stage.card})
    assert agreed.json["pairs"] == [{"first": first["id"], "second": second["id"]}]
    by_item = {one["item_id"]: one for one in agreed.json["items"]}
    assert set(by_item) == set(ANSWERS)
    assert {one["n"] for one in by_item.values()} <= {0, 1}
    assert (await stage.admin.get(f"{ROOT}/agreement", params={"scorecard_id": "x"})).status == 422


async def test_an_agent_disputes_and_a_supervisor_settles_it(stage: Stage) -> None:
    one = await scored(stage)
    path = one["path"] + "/disputes"
    assert (await stage.omid.post(path, json={"said": "No"})).status == 404
    assert (await stage.leila.post(path, json={"said": "No"})).status == 403
    opened = await stage.sara.post(path, json={"said": "I did greet"})
    assert (opened.status, opened.json["state"]) == (201, "open")
    assert (await stage.sara.post(path, json={"said": "Again"})).status == 409
    at = f"{ROOT}/disputes/{opened.json['id']}"
    assert (await stage.omid.get(at)).status == 404
    assert (await stage.omid.post(at + "/withdraw")).status == 404
    assert (await stage.sara.post(at + "/answer", json={"upheld": True, "said": "Yes"})).status == 403
    assert [each["id"] for each in (await stage.leila.get(f"{ROOT}/disputes")).json["items"]] == [opened.json["id"]]
    assert (await stage.omid.get(f"{ROOT}/disputes", params={"state": "all"})).json["items"] == []
    mine = {"evaluation_id": one["id"], "state": "all"}
    assert len((await stage.sara.get(f"{ROOT}/disputes", params=mine)).json["items"]) == 1
    assert (await stage.omid.get(f"{ROOT}/disputes", params=mine)).json["items"] == []
    settled = await stage.leila.post(at + "/answer", json={"upheld": True, "said": "You did"})
    assert (settled.json["state"], settled.json["answer"]) == ("upheld", "You did")
    assert (await stage.sara.post(at + "/withdraw")).status == 409
    assert (await stage.leila.post(at + "/answer", json={"upheld": False, "said": "No"})).status == 409
    assert (await stage.sara.get(one["path"])).json["score"] == one["score"], "a correction alone changes it"
    stage.site.clock.now += timedelta(days=15)
    assert (await stage.sara.post(path, json={"said": "Late"})).status == 422


async def test_coaching_is_given_practised_and_taken_back(stage: Stage) -> None:
    one, all_ = await scored(stage), f"{ROOT}/coaching"
    given = {"agent_user_id": stage.sara_id, "text": "Say the name", "due_on": "2026-12-01", "evaluation_id": one["id"]}
    made = await stage.leila.post(all_, json=given)
    assert (made.status, made.json["due_on"]) == (201, "2026-12-01")
    at = f"{all_}/{made.json['id']}"
    assert (await stage.sara.post(all_, json=given)).status == 403
    for change, place in (({"agent_user_id": "x"}, "agent_user_id"),):
        refused = await stage.leila.post(all_, json={**given, **change})
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, f"#/{place}")
    assert (await stage.leila.post(all_, json={**given, "evaluation_id": "x"})).status == 404
    assert (await stage.omid.get(at)).status == 404
    assert (await stage.omid.post(at + "/done", json={"version": 1})).status == 404
    assert (await stage.omid.get(all_)).json["items"] == []
    assert (await stage.omid.get(all_, params={"agent_user_id": stage.sara_id})).status == 403
    changed = await stage.leila.patch(at, json={"version": 1, "due_on": None})
    assert (changed.json["text"], changed.json["due_on"]) == ("Say the name", None)
    done = await stage.sara.post(at + "/done", json={"version": 2, "note": "Practised"})
    assert (done.status, done.json["done_note"]) == (200, "Practised")
    assert (await stage.sara.get(all_)).json["items"] == []
    assert len((await stage.sara.get(all_, params={"state": "all"})).json["items"]) == 1
    assert (await stage.sara.post(at + "/reopen", json={"version": 2})).status == 409
    assert (await stage.sara.post(at + "/reopen", json={"version": 3})).json["done_at"] is None
    assert (await stage.sara.delete(at, headers={"If-Match": '"4"'})).status == 403
    assert (await stage.leila.delete(at, headers={"If-Match": '"4"'})).status == 204
    assert (await stage.sara.get(at)).status == 404
    assert (await stage.leila.post(at + "/restore", json={"version": 5})).status == 200
    assert len((await stage.leila.get(all_)).json["items"]) == 1


async def test_results_open_the_evaluations_they_count(stage: Stage) -> None:
    one = await scored(stage)
    for by in ("agent", "queue", "scorecard", "week", "item"):
        told = await stage.leila.get(f"{ROOT}/results", params={**READ, "by": by})
        assert told.status == 200, told.json
        assert told.json["items"]
        for row in told.json["items"]:
            said = {**READ, "by": by, "key": row["key"]}
            behind = await stage.leila.get(f"{ROOT}/results/evaluations", params=said)
            assert [each["id"] for each in behind.json["items"]] == [one["id"]] * row["n"]
    none = await stage.leila.get(f"{ROOT}/results", params={**READ, "agent": "nobody"})
    assert none.json["items"] == []
    for said in ({"from": "2026-01-01"}, {"by": "phase"}, {"from": "1900-01-01", "to": "2299-01-01"}, {"when": "x"}):
        assert (await stage.leila.get(f"{ROOT}/results", params=said)).status == 422, said
    for path in ("results", "results/evaluations", f"agreement?scorecard_id={stage.card}"):
        assert (await stage.sara.get(f"{ROOT}/{path}")).status == 403


async def test_programs_need_the_scope_and_writing_its_own(stage: Stage) -> None:
    narrow = await stage.site.by_token(await stage.site.user("nima", "supervisor"), "reports:read")
    reader = await stage.site.by_token(await stage.site.user("mina", "supervisor"), "quality:read")
    for path in ("scorecards", "plans", "reviews", "disputes", "coaching", "results"):
        assert (await narrow.get(f"{ROOT}/{path}")).status == 403
        assert (await reader.get(f"{ROOT}/{path}")).status == 200
    assert (await reader.post(f"{ROOT}/scorecards", json={"draft": {"title": {"en": "X"}}})).status == 403
