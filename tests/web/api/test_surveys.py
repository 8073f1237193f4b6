"""Surveys over HTTP: drafts, problems, versions that never change, when queues ask, who is never asked."""

from __future__ import annotations

from typing import Any

import pytest

from cxcall.customers.profile import Profile
from cxcall.prompts.made import Made
from cxcall.store import customers, prompts, surveys
from cxcall.surveys.script import Script
from tests.web.api.conftest import Client, Site

DRAFT: dict[str, Any] = {
    "languages": ["en"],
    "opt_out_key": "",
    "parts": [
        {
            "type": "question", "id": "csat", "kind": "scale", "measure": "csat", "prompt": "PROMPT",
            "title": {"en": "How was it?"},
            "keys": [{"key": str(n), "value": n, "label": {"en": str(n)}} for n in range(1, 6)],
        },
        {"type": "thank", "id": "bye", "prompt": "PROMPT"},
    ],
}  # fmt: skip
ASKING = {"survey_id": "SURVEY", "share": 50, "hours": [{"days": [5, 6, 0], "since": 480, "until": 1020}]}


async def heard_prompt(site: Site) -> str:
    """A prompt that can be heard in English."""
    async with site.engine.begin() as conn:
        prompt = await prompts.create(conn, name="Question")
        sound = Made(sha="0" * 64, seconds=1.0, loudness=-20.0, wav=b"", wav16=b"")
        await prompts.set_variant(conn, prompt.id, "en", sound, source="upload", by="x")
    return prompt.id


def draft_with(prompt: str) -> dict[str, Any]:
    return {**DRAFT, "parts": [{**one, "prompt": prompt} for one in DRAFT["parts"]]}


async def test_a_survey_is_made_checked_published_and_its_version_never_changes(site: Site, admin: Client) -> None:
    draft = draft_with(await heard_prompt(site))
    made = await admin.post("/surveys", json={"name": "After the call", "draft": draft})
    assert (made.status, made.json["published"]) == (201, None)
    path = made.headers["Location"].removeprefix("/api/v1")
    checked = (await admin.get(path + "/problems")).json
    assert checked["can_publish"] is True, checked
    published = await admin.post(path + "/publish", json={"version": 1})
    assert (published.status, published.json["published"]) == (200, 1)
    renamed = [{**draft["parts"][0], "title": {"en": "Changed"}}, draft["parts"][1]]
    changed = await admin.patch(path, json={"draft": {**draft, "parts": renamed}, "version": 2})
    assert changed.json["draft"]["parts"][0]["title"] == {"en": "Changed"}
    assert [one["type"] for one in changed.json["draft"]["parts"]] == ["question", "thank"]
    told_again = {"draft": changed.json["draft"], "version": 3}
    assert (await admin.patch(path, json=told_again)).json["draft"] == changed.json["draft"]
    assert (await admin.get(path + "/versions/1")).json["parts"][0]["title"] == {"en": "How was it?"}
    assert (await admin.post(path + "/publish", headers={"If-Match": '"4"'}, json={})).json["published"] == 2
    assert [one["n"] for one in (await admin.get(path + "/versions")).json["items"]] == [2, 1]
    assert (await admin.get(path + "/versions/9")).status == 404


async def test_a_draft_with_errors_is_kept_but_not_published(admin: Client) -> None:
    made = await admin.post("/surveys", json={"name": "Half done", "draft": {"parts": DRAFT["parts"]}})
    path = made.headers["Location"].removeprefix("/api/v1")
    checked = (await admin.get(path + "/problems")).json
    assert checked["can_publish"] is False
    assert {problem["severity"] for problem in checked["problems"]} >= {"error"}
    refused = await admin.post(path + "/publish", json={"version": 1})
    assert (refused.status, refused.json["errors"][0]["pointer"].startswith("#/draft/")) == (422, True)


async def test_two_at_once_and_names_twice_are_refused(admin: Client) -> None:
    made = await admin.post("/surveys", json={"name": "One"})
    path = made.headers["Location"].removeprefix("/api/v1")
    assert (await admin.post("/surveys", json={"name": "one"})).status == 409
    assert (await admin.patch(path, json={"goal_nps": 40, "version": 1})).json["goal_nps"] == 40
    assert (await admin.patch(path, json={"name": "Two", "version": 1})).status == 409
    assert (await admin.patch(path, json={"name": "Two"})).status == 428
    assert (await admin.post(path + "/archive", json={"version": 2})).json["state"] == "archived"
    assert (await admin.get("/surveys")).json["items"] == []
    assert [one["name"] for one in (await admin.get("/surveys?state=archived")).json["items"]] == ["One"]
    assert (await admin.post(path + "/restore", json={"version": 3})).json["state"] == "active"


@pytest.mark.parametrize(
    "body",
    [
        {"name": " "},
        {"name": "x", "draft": {"parts": [{"type": "dance", "id": "a"}]}},
        {"name": "x", "draft": {"colour": "red"}},
        {"name": "x", "goal_nps": 101},
        {"name": "x", "rules": [{"id": "r", "then": [{"do": "shout"}]}]},
    ],
)
async def test_what_is_no_survey_is_422(admin: Client, body: dict[str, Any]) -> None:
    assert (await admin.post("/surveys", json=body)).status == 422


async def test_supervisors_read_surveys_and_do_not_change_them(supervisor: Client, sara: Client) -> None:
    assert (await supervisor.get("/surveys")).status == 200
    assert (await supervisor.post("/surveys", json={"name": "x"})).status == 403
    assert (await supervisor.get("/survey-opt-outs")).status == 200
    assert (await sara.get("/surveys")).status == 403


async def test_a_queue_asks_says_how_and_asks_no_more(site: Site, admin: Client) -> None:
    async with site.engine.begin() as conn:
        survey = await surveys.create(conn, name="x", draft=Script(), by="x", now=site.clock.now)
    asking = {**ASKING, "survey_id": survey.id}
    saved = await admin.put("/survey-askings", json={"queue": "support", "asking": asking})
    assert (saved.status, saved.json["version"], saved.json["asking"]["share"]) == (200, 1, 50)
    assert (await admin.put("/survey-askings", json={"queue": "support", "asking": asking})).status == 409
    again = {"queue": "support", "asking": {**asking, "share": 101}, "version": 1}
    refused = await admin.put("/survey-askings", json=again)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "#/asking/share")
    other = await admin.put("/survey-askings", json={"queue": "sales", "asking": {**asking, "survey_id": "none"}})
    assert other.status == 422
    assert [one["queue"] for one in (await admin.get("/survey-askings")).json["items"]] == ["support"]
    assert (await admin.delete("/survey-askings?queue=support")).status == 204
    assert (await admin.delete("/survey-askings?queue=support")).status == 404


async def test_a_number_is_never_asked_until_it_may_be_again(site: Site, admin: Client) -> None:
    async with site.engine.begin() as conn:
        await customers.create(conn, Profile(name="Maryam", numbers=("+989123456789",)))
    assert (await admin.post("/survey-opt-outs", json={"number": "0912 345 6789"})).status == 204
    [one] = (await admin.get("/survey-opt-outs")).json["items"]
    assert (one["number"], one["how"], one["customer_name"]) == ("+989123456789", "person", "Maryam")
    assert (await admin.post("/survey-opt-outs", json={"number": "hello"})).status == 422
    assert (await admin.delete("/survey-opt-outs/09123456789")).status == 204
    assert (await admin.delete("/survey-opt-outs/09123456789")).status == 404
