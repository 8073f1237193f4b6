"""Rules for alerts and opening hours over HTTP: the same checks and sentences as the pages, changed over a version."""

from __future__ import annotations

from typing import Any

import msgspec

from cxcall.bus.floor import ALERT_RULES
from cxcall.bus.queues import Applied, RenewQueues
from cxcall.queues.alerting import FloorRule
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.hours import Calendar
from cxcall.store import alert_rules, calendars, queue_servers, queues
from tests.web.api.conftest import Client, Site

WEEK = [[{"since": "09:00", "to": "17:00"}], *([[]] * 6)]


async def test_a_rule_is_made_read_changed_and_removed(site: Site, supervisor: Client, sara: Client) -> None:
    told: list[Any] = []
    site.bus.subscribe(ALERT_RULES, told.append)
    body = {"name": " Long  pauses", "measure": "pause", "yellow": 0, "red": 300, "queues": ["lab:billing"], "calm": 0}
    made = await supervisor.post("/alert-rules", json=body)
    path = f"/alert-rules/{made.json['id']}"
    assert made.status == 201
    assert made.headers["Location"].endswith(path)
    async with site.engine.connect() as conn:
        (kept,) = await alert_rules.everything(conn)
    rule = FloorRule(name="Long pauses", measure="pause", yellow=0, red=300, queues=("lab:billing",), calm=0)
    assert msgspec.convert(kept.body, FloorRule) == rule
    assert (await supervisor.get(path)).json == (await supervisor.get("/alert-rules")).json["items"][0] == made.json
    off = await supervisor.patch(path, json={"enabled": False, "red": None}, headers={"If-Match": '"1"'})
    assert (off.json["enabled"], off.json["red"], off.json["yellow"], off.json["version"]) == (False, None, 0, 2)
    assert (await supervisor.patch(path, json={"red": 1, "version": 1})).status == 409
    assert (await supervisor.patch(path, json={"red": 1})).status == 428
    for refused in (await sara.get("/alert-rules"), await sara.get(path), await sara.post("/alert-rules", json=body)):
        assert refused.status == 403
    assert (await supervisor.delete(path, headers={"If-Match": '"1"'})).status == 412
    assert (await supervisor.delete(path, headers={"If-Match": '"2"'})).status == 204
    assert (await supervisor.get(path)).status == 404
    assert len(told) == 3


async def test_a_rule_that_can_not_be_is_refused_in_the_words_of_the_page(supervisor: Client) -> None:
    async def errors(**fields: Any) -> dict[str, str]:
        answer = await supervisor.post("/alert-rules", json={"name": "x", "measure": "sl", **fields})
        assert answer.status == 422
        return {error["pointer"]: error["detail"] for error in answer.json["errors"]}

    assert await errors() == {"#/yellow": "Give at least one limit, yellow or red."}
    assert await errors(yellow=60, red=80) == {"#/red": "Red must be worse than yellow."}
    assert await errors(red=180) == {"#/red": "Write a number between 0 and 100."}
    assert await errors(red=60, people=["nobody"]) == {"#/people": "There is no user nobody."}
    assert "#/measure" in await errors(measure="weather", red=1)


async def test_a_rule_of_a_newer_version_is_left_out_and_not_overwritten(site: Site, supervisor: Client) -> None:
    async with site.engine.begin() as conn:
        kept = await alert_rules.create(conn, {"name": "x", "measure": "weather"}, by="leila", now=site.clock())
    assert (await supervisor.get("/alert-rules")).json["items"] == []
    assert (await supervisor.patch(f"/alert-rules/{kept.id}", json={"version": 1, "red": 3})).status == 409


async def test_hours_are_made_changed_told_to_asterisk_and_removed(
    site: Site, admin: Client, supervisor: Client
) -> None:
    made = await admin.post("/calendars", json={"name": "Office", "week": WEEK, "holidays": [{"date": "01-01"}]})
    assert made.status == 201
    assert (made.json["zone"], made.json["waiting"]) == (site.settings.site.timezone, "stay")
    path = f"/calendars/{made.json['id']}"
    definition = QueueDefinition(name="billing", calendar=made.json["id"])
    async with site.engine.begin() as conn:
        await queue_servers.save(conn, "lab", mode="managed", by="leila", now=site.clock())
        await queues.create(conn, "lab", definition, by="leila", now=site.clock())
        await queues.applied(conn, "lab", [definition], by="leila", now=site.clock())
    away = await admin.patch(path, json={"version": 1, "waiting": "leave"})
    assert away.status == 200
    assert away.json["untold"] == [{"server": "lab", "why": "Nobody listens to this Asterisk now."}]
    asked: list[RenewQueues] = []

    async def renew(ask: RenewQueues) -> Applied:
        asked.append(ask)
        return Applied(outcome="applied", version=2, problem="", diff=(), seconds=0.1)

    site.commands.serve("queues:renew", renew)
    changed = await admin.patch(path, json={"holidays": []}, headers={"If-Match": '"2"'})
    assert (changed.json["untold"], changed.json["queues"], changed.json["waiting"]) == ([], ["lab:billing"], "leave")
    assert asked == [RenewQueues(server="lab", by="admin")]
    async with site.engine.connect() as conn:
        (kept,) = await calendars.everything(conn)
    wanted = {"name": "Office", "week": WEEK, "waiting": "leave", "zone": "UTC"}
    assert kept.calendar == msgspec.convert(wanted, Calendar)
    assert (await admin.delete(path, headers={"If-Match": '"3"'})).status == 409, "a queue goes by it"
    async with site.engine.begin() as conn:
        await queues.applied(conn, "lab", [QueueDefinition(name="billing")], by="leila", now=site.clock())
    assert (await supervisor.get(path)).json["queues"] == []
    assert (await supervisor.patch(path, json={"version": 3, "name": "Ours"})).status == 403
    assert (await admin.delete(path, headers={"If-Match": '"2"'})).status == 412
    assert (await admin.delete(path, headers={"If-Match": '"3"'})).status == 204
    assert (await supervisor.get("/calendars")).json["items"] == []


async def test_hours_that_can_not_be_are_refused_in_the_words_of_the_page(admin: Client) -> None:
    night = [[{"since": "09:00", "to": "17:00"}, {"since": "16:00", "to": "25:00"}], *([[]] * 6)]
    wrong = {"name": "Office", "week": night, "zone": "Asia/Nowhere", "holidays": [{"date": "1405-13-01"}]}
    refused = await admin.post("/calendars", json=wrong)
    assert refused.status == 422
    assert {error["pointer"] for error in refused.json["errors"]} == {
        "#/week/0/1/to", "#/zone", "#/holidays/0/date",
    }  # fmt: skip
    assert (await admin.post("/calendars", json={"name": "x", "week": [[]]})).status == 422
    await admin.post("/calendars", json={"name": "Office", "week": WEEK})
    taken = await admin.post("/calendars", json={"name": "office", "week": WEEK})
    assert (taken.status, taken.json["errors"][0]["pointer"]) == (409, "#/name")
