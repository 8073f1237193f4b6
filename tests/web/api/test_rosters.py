"""`/api/v1/rosters`: read by time, replaced whole, refused with what is wrong."""

from __future__ import annotations

from typing import Any

from tests.web.api.conftest import Client, Site

WEEK = {"since": "2026-11-21T00:00:00Z", "until": "2026-11-28T00:00:00Z"}


def entry(agent: str, since: int, until: int, activity: str = "work") -> dict[str, Any]:
    begins, ends = (f"2026-11-21T{hour:02}:00:00.000000Z" for hour in (since, until))
    return {"agent": agent, "since": begins, "until": ends, "activity": activity}


async def test_a_roster_is_replaced_and_read(site: Site, supervisor: Client) -> None:
    sara = (await site.user("mina")).id
    items = [entry(sara, 4, 12), entry(sara, 8, 9, "lunch")]
    done = await supervisor.put("/rosters", json={**WEEK, "items": items})
    assert (done.status, done.json["added"], done.json["removed"]) == (200, 2, 0)
    listed = await supervisor.get("/rosters?since=2026-11-21T00:00:00Z&until=2026-11-22T00:00:00Z")
    assert listed.json["items"] == items
    again = await supervisor.put("/rosters", json={**WEEK, "items": [], "agents": [sara]})
    assert (again.json["added"], again.json["removed"]) == (0, 2)


async def test_what_is_wrong_is_named_and_nothing_is_changed(site: Site, supervisor: Client) -> None:
    sara = (await site.user("mina")).id
    for items, pointer in (
        ([entry("nobody", 4, 12)], "#/items/0/agent"),
        ([entry(sara, 12, 4)], "#/items/0/until"),
        ([entry(sara, 4, 12), entry(sara, 11, 13)], "#/items/1"),
    ):
        refused = await supervisor.put("/rosters", json={**WEEK, "items": items})
        assert refused.status == 422
        assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert (await supervisor.put("/rosters", json={**WEEK, "until": WEEK["since"], "items": []})).status == 422
    listed = await supervisor.get("/rosters?since=2026-11-21T00:00:00Z&until=2026-11-22T00:00:00Z")
    assert listed.json["items"] == []


async def test_agents_have_no_part_in_it(sara: Client) -> None:
    assert (await sara.get("/rosters?since=2026-11-21T00:00:00Z&until=2026-11-22T00:00:00Z")).status == 403
    assert (await sara.put("/rosters", json={**WEEK, "items": []})).status == 403
