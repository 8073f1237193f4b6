"""Views of the list of calls: kept, shared, opened first, read as lists, removed and brought back."""

from __future__ import annotations

import pytest

from tests.store import make
from tests.web.api.conftest import Client, Site

PATH = "/views"
VIEW = {"name": "Support", "query": "queue=support&when=week"}


async def test_a_view_is_made_changed_and_removed(supervisor: Client) -> None:
    made = await supervisor.post(PATH, json=VIEW)
    assert made.status == 201, made.json
    path = f"{PATH}/{made.json['id']}"
    assert (made.json["query"], made.json["first"]) == ("when=week&queue=support", False), "always written alike"
    assert made.headers["Location"].endswith(path)
    changed = await supervisor.patch(path, json={"version": 1, "query": "agent=Sara", "shared": "everyone"})
    assert (changed.json["name"], changed.json["query"], changed.json["version"]) == ("Support", "agent=Sara", 2)
    assert (await supervisor.patch(path, json={"version": 1, "name": "Late"})).status == 409
    assert (await supervisor.patch(path, json={"name": "Which"})).status == 428
    assert (await supervisor.delete(path, headers={"If-Match": '"1"'})).status == 412
    assert (await supervisor.delete(path, headers={"If-Match": '"2"'})).status == 204
    assert (await supervisor.get(path)).status == 404
    assert (await supervisor.post(path + "/restore")).status == 200
    assert [one["name"] for one in (await supervisor.get(PATH)).json["items"]] == ["Support"]


async def test_agents_keep_views_for_themselves_and_see_what_is_for_everyone(
    supervisor: Client, admin: Client, sara: Client
) -> None:
    own = await sara.post(PATH, json=VIEW)
    assert own.status == 201
    assert (await sara.post(PATH, json={**VIEW, "shared": "everyone"})).status == 403
    assert (await sara.patch(f"{PATH}/{own.json['id']}", json={"version": 1, "shared": "overseers"})).status == 403
    assert (await supervisor.get(f"{PATH}/{own.json['id']}")).status == 404
    shared = (await supervisor.post(PATH, json={**VIEW, "name": "All of us", "shared": "everyone"})).json["id"]
    assert [one["name"] for one in (await sara.get(PATH)).json["items"]] == ["Support", "All of us"]
    assert (await sara.patch(f"{PATH}/{shared}", json={"version": 1, "name": "Ours"})).status == 403
    assert (await sara.delete(f"{PATH}/{shared}", headers={"If-Match": '"1"'})).status == 403
    assert (await admin.get(f"{PATH}/{shared}")).status == 200


async def test_the_list_opens_with_a_view_until_it_shall_not(supervisor: Client) -> None:
    ids = [(await supervisor.post(PATH, json={**VIEW, "name": name})).json["id"] for name in ("A", "B")]
    for id_ in ids:
        assert (await supervisor.put(f"{PATH}/{id_}/first")).json["first"] is True
    assert [one["first"] for one in (await supervisor.get(PATH)).json["items"]] == [False, True]
    assert (await supervisor.delete(f"{PATH}/{ids[0]}/first")).status == 204, "it is not the one"
    assert (await supervisor.get(f"{PATH}/{ids[1]}")).json["first"] is True
    assert (await supervisor.delete(f"{PATH}/{ids[1]}/first")).status == 204
    assert not any(one["first"] for one in (await supervisor.get(PATH)).json["items"])


async def test_a_view_lists_its_calls_for_who_reads_it(site: Site, supervisor: Client, sara: Client) -> None:
    await site.store(make.queue_call(1), make.ringing(make.queue_call(2)), make.queue_call(3))
    outcome = make.queue_call(1).outcome
    view = await supervisor.post(PATH, json={"name": "Done", "query": f"outcome={outcome}", "shared": "everyone"})
    path = f"{PATH}/{view.json['id']}/calls"
    listed = await supervisor.get(path, params={"limit": "1"})
    assert (len(listed.json["items"]), listed.json["next"] is not None) == (1, True)
    rest = await supervisor.get(path, params={"limit": "9", "after": listed.json["next"]})
    assert len({one["id"] for one in (*listed.json["items"], *rest.json["items"])}) == 2
    theirs = {one["id"] for one in (await sara.get("/calls")).json["items"]}
    assert {one["id"] for one in (await sara.get(path)).json["items"]} <= theirs
    assert (await supervisor.get(path, params={"after": "x"})).status == 422


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("colour=red", "There is no filter colour."),
        ("outcome=great", "outcome can't be great."),
        ("from=2026-13-99", "from can't be 2026-13-99."),
        ("survey=nonsense", "survey can't be nonsense."),
        ("queue=", "Name at least one filter"),
        ("&".join(f"q{n}=1" for n in range(60)), "It is no query of an address."),
    ],
)
async def test_what_the_list_cant_be_asked_is_refused(supervisor: Client, query: str, sentence: str) -> None:
    refused = await supervisor.post(PATH, json={"name": "Odd", "query": query})
    assert refused.status == 422
    assert refused.json["errors"][0]["detail"].startswith(sentence), refused.json
    assert refused.json["errors"][0]["pointer"] == "#/query"


async def test_a_person_keeps_a_hundred_views_and_no_more(site: Site, supervisor: Client) -> None:
    for n in range(100):
        assert (await supervisor.post(PATH, json={**VIEW, "name": f"View {n}"})).status == 201
    refused = await supervisor.post(PATH, json=VIEW)
    assert (refused.status, "delete one first" in refused.json["detail"]) == (409, True)
    page = (await supervisor.get(PATH, params={"limit": "60"})).json
    rest = (await supervisor.get(PATH, params={"limit": "60", "after": page["next"]})).json
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (60, 40, None)
