"""Categories, articles and figures of speech over the API: versions, problems, trials, rights."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cxcall.store import tokens
from tests.support.call_centre import CallCentre
from tests.support.talk_history import HAPPY, Told, talk_history
from tests.web.reading import Browser

ROOT = "/api/v1"
RULE = {"says": {"phrases": ["parcel*"], "speaker": "customer"}}


class Client:
    """Asks as one person with a token."""

    def __init__(self, browser: Browser, token: str) -> None:
        self._browser, self._token = browser, token

    async def ask(
        self, method: str, path: str, status: int, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        heads = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        async with self._browser.client.request(method, ROOT + path, json=body, headers=heads) as answer:
            assert answer.status == status, await answer.text()
            return None if status == 204 else await answer.json()


async def _client(browser: Browser, name: str, *scopes: str) -> Client:
    async with browser.centre.engine.begin() as conn:
        owner = browser.centre.ids[name]
        secret = (await tokens.make(conn, owner, name="test", scopes=scopes, now=datetime.now(UTC)))[1]
    return Client(browser, secret)


async def test_a_category_is_made_changed_by_version_and_removed(centre: CallCentre, browser: Browser) -> None:
    leila = await _client(browser, "leila", "speech:read", "speech:write")
    wrong = await leila.ask("POST", "/speech/categories", 422, {"name": {"en": "Parcels"}})
    assert wrong["errors"] == [{"detail": "Nothing is looked for yet. Add a rule.", "pointer": "#/rules"}]
    made = await leila.ask("POST", "/speech/categories", 201, {"name": {"en": "Parcels"}, "rules": [RULE]})
    path = f"/speech/categories/{made['id']}"
    await leila.ask("POST", "/speech/categories", 409, {"name": {"en": "parcels"}, "rules": [RULE]})
    changed = await leila.ask("PATCH", path, 200, {"tone": "bad"}, {"If-Match": '"1"'})
    assert (changed["version"], changed["tone"], changed["rules"][0]["says"]["phrases"]) == (2, "bad", ["parcel*"])
    await leila.ask("PATCH", path, 409, {"tone": "good", "version": 1})
    await leila.ask("PATCH", path, 428, {"tone": "good"})
    await leila.ask("PATCH", path, 422, {"rules": [], "version": 2})
    assert [one["id"] for one in (await leila.ask("GET", "/speech/categories", 200))["items"]] == [made["id"]]
    await leila.ask("DELETE", path, 412, headers={"If-Match": '"1"'})
    await leila.ask("DELETE", path, 204, headers={"If-Match": '"2"'})
    await leila.ask("GET", path, 404)


async def test_a_category_is_tried_on_the_newest_calls_and_a_sentence(centre: CallCentre, browser: Browser) -> None:
    await talk_history(centre, [Told(n=3, at=centre.ago(days=2)), Told(n=2, at=centre.ago(days=1), lines=HAPPY)])
    leila = await _client(browser, "leila", "speech:read")
    category = {"name": {"en": "Parcels"}, "rules": [RULE]}
    found = await leila.ask("POST", "/speech/categories/test", 200, {"category": category, "sentence": "My parcels?"})
    assert (found["calls"], found["looked"], found["found"], found["sentence"]) == (5, 5, 2, [[3, 10]])
    assert "parcel is late" in found["examples"][0]["quote"]
    empty = {"name": {}, "rules": [{"says": {"phrases": ["*"]}}]}
    wrong = await leila.ask("POST", "/speech/categories/test", 200, {"category": empty})
    assert {one["severity"] for one in wrong["problems"]} == {"error"}
    assert wrong["looked"] == 0
    await leila.ask("POST", "/speech/categories", 403, category)


async def test_figures_count_the_calls_of_a_period(centre: CallCentre, browser: Browser) -> None:
    await talk_history(centre, [Told(n=3, at=centre.ago(days=2)), Told(n=2, at=centre.ago(days=1), lines=HAPPY)])
    leila = await _client(browser, "leila", "speech:read")
    since, until = (moment.isoformat().replace("+00:00", "Z") for moment in (centre.ago(days=3), centre.now))
    told = await leila.ask("GET", f"/speech/figures?since={since}&until={until}", 200)
    assert (told["heard"], told["answered"], told["negative"], told["positive"]) == (5, 5, 3, 2)
    assert {one["category"]: one["calls"] for one in told["categories"]}["refund"] == 3
    closing = next(one for one in told["required"] if one["said"] == 2)
    assert closing["n"] == 5
    assert 0 < told["talk_share"] < 1
    await leila.ask("GET", f"/speech/figures?since={until}&until={since}", 422)
    sara = await _client(browser, "sara", "speech:read")
    await sara.ask("GET", f"/speech/figures?since={since}&until={until}", 403)


async def test_articles_are_written_by_supervisors_and_found_by_agents(centre: CallCentre, browser: Browser) -> None:
    leila = await _client(browser, "leila", "speech:read", "speech:write")
    sara = await _client(browser, "sara", "speech:read", "speech:write")
    article = {"title": "Refunds", "body": "Within 14 days", "phrases": ["money back"]}
    await leila.ask("POST", "/articles", 422, {**article, "phrases": ["!"]})
    made = await leila.ask("POST", "/articles", 201, article)
    await leila.ask("POST", "/articles", 201, {**article, "title": "Draft", "enabled": False})
    found = await sara.ask("GET", "/articles?q=day", 200)
    assert [one["title"] for one in found["items"]] == ["Refunds"]
    assert len((await leila.ask("GET", "/articles?q=money", 200))["items"]) == 2
    changed = await leila.ask("PATCH", f"/articles/{made['id']}", 200, {"body": "Within 30 days", "version": 1})
    assert (changed["body"], changed["phrases"], changed["version"]) == ("Within 30 days", ["money back"], 2)
    await leila.ask("PATCH", f"/articles/{made['id']}", 412, {"body": "x"}, {"If-Match": '"1"'})
    await sara.ask("POST", "/articles", 403, article)
    await leila.ask("DELETE", f"/articles/{made['id']}", 204, headers={"If-Match": '"2"'})
    await sara.ask("GET", f"/articles/{made['id']}", 404)
