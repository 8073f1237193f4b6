"""Reports sent at set times: made, changed by version, paused, run, their log, removed and brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxcall.store import report_schedules
from tests.web.api.conftest import Client, Site

PATH = "/reports/schedules"
PLAN: dict[str, Any] = {
    "report": "queues", "period": "last_week", "formats": ["csv"], "mail": ["boss@example.com"],
    "timetable": {"every": "week", "at": "07:30", "weekdays": [5]},
}  # fmt: skip
SCHEDULE = {"name": "Every week", "plan": PLAN}


async def made(client: Client, **changes: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json={**SCHEDULE, **changes})
    assert answer.status == 201, answer.json
    return dict(answer.json)


async def test_a_schedule_is_made_changed_paused_and_removed(supervisor: Client, admin: Client, sara: Client) -> None:
    one = await made(supervisor)
    path = f"{PATH}/{one['id']}"
    assert one["plan"]["timetable"]["weekdays"] == [5]
    assert (one["enabled"], one["last_run"], one["next_at"] is not None) == (True, None, True)
    assert (await sara.get(PATH)).status == 403
    assert [each["id"] for each in (await admin.get(PATH)).json["items"]] == [one["id"]]
    paused = await supervisor.patch(path, json={"version": 1, "enabled": False})
    assert (paused.status, paused.json["enabled"], paused.json["next_at"]) == (200, False, None)
    assert (await supervisor.patch(path, json={"version": 1, "name": "Late"})).status == 409
    assert (await supervisor.patch(path, json={"name": "Which"})).status == 428
    version = paused.json["version"]
    by_admin = await admin.patch(path, json={"name": "By the boss"}, headers={"If-Match": f'"{version}"'})
    assert (by_admin.status, by_admin.json["name"], by_admin.json["enabled"]) == (200, "By the boss", False)
    resumed = await supervisor.patch(path, json={"version": by_admin.json["version"], "enabled": True})
    assert resumed.json["next_at"] is not None
    assert (await supervisor.delete(path, headers={"If-Match": '"1"'})).status == 412
    tag = {"If-Match": f'"{resumed.json["version"]}"'}
    assert (await supervisor.delete(path, headers=tag)).status == 204
    assert (await supervisor.get(path)).status == 404
    back = await supervisor.post(path + "/restore")
    assert (back.status, back.json["name"]) == (200, "By the boss")
    assert (await supervisor.post(path + "/restore")).status == 404


async def test_only_its_maker_and_administrators_touch_a_schedule(
    site: Site, supervisor: Client, admin: Client
) -> None:
    one = await made(admin)
    path = f"{PATH}/{one['id']}"
    assert (await supervisor.get(path)).status == 200
    assert (await supervisor.patch(path, json={"version": 1, "name": "Mine"})).status == 403
    assert (await supervisor.delete(path, headers={"If-Match": '"1"'})).status == 403
    assert (await supervisor.post(path + "/runs")).status == 403
    assert (await admin.delete(path, headers={"If-Match": '"1"'})).status == 204
    assert (await supervisor.post(path + "/restore")).status == 403
    assert (await supervisor.get(path)).status == 404, "and it stayed away"
    reader = await site.by_token(await site.user("nima", "supervisor"), "reports:read")
    assert (await reader.post(PATH, json=SCHEDULE)).status == 403
    assert (await reader.get(PATH)).status == 200


async def test_a_run_is_asked_for_and_told_in_the_log_and_tried_again(site: Site, supervisor: Client) -> None:
    one = await made(supervisor, enabled=False)
    path = f"{PATH}/{one['id']}"
    told: list[object] = []
    stop = site.bus.subscribe("report_schedules", told.append)
    run = await supervisor.post(path + "/runs")
    assert (run.status, run.json["state"], run.json["asked"]) == (202, "waiting", True)
    assert len(told) == 1
    stop()
    again = f"{path}/runs/{run.json['id']}/again"
    assert (await supervisor.post(again)).status == 409
    async with site.engine.begin() as conn:
        ((taken, _),) = await report_schedules.take(conn, now=site.clock.now, limit=1)
        await report_schedules.fail(conn, taken, "mail", "no such host", now=site.clock.now, for_good=True)
    log = await supervisor.get(path + "/runs")
    assert [(each["state"], each["problem"], each["said"]) for each in log.json["items"]] == [
        ("failed", "mail", "no such host")
    ]
    assert (await supervisor.get(path)).json["last_run"]["state"] == "failed"
    assert (await supervisor.post(again)).json["state"] == "waiting"
    other = await made(supervisor, name="Another")
    wrong = f"{PATH}/{other['id']}/runs/{run.json['id']}/again"
    assert (await supervisor.post(wrong)).status == 404


async def test_the_log_is_read_page_by_page(site: Site, supervisor: Client) -> None:
    one = await made(supervisor)
    for _ in range(5):
        assert (await supervisor.post(f"{PATH}/{one['id']}/runs")).status == 202
        site.clock.now += timedelta(minutes=1)
    seen: list[str] = []
    after: str | None = None
    while True:
        said = {"limit": "2", **({"after": after} if after else {})}
        page = (await supervisor.get(f"{PATH}/{one['id']}/runs", params=said)).json
        seen += [each["due_at"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert (len(seen), seen) == (5, sorted(seen, reverse=True))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"report": "nope"}, "#/plan/report"),
        ({"report": "own:0123456789abcdef0123456789"}, "#/plan/report"),
        ({"formats": []}, "#/plan/formats"),
        ({"period": "2026-11-01..2026-11-30"}, "#/plan/period"),
        ({"period": ""}, "#/plan/period"),
        ({"mail": []}, "#/plan/mail"),
        ({"mail": ["nobody"]}, "#/plan/mail"),
        ({"mail": [f"a{n}@example.com" for n in range(51)]}, "#/plan/mail"),
        ({"mail": ["a@example.com"] * 5000}, "#/plan"),
        ({"folder": "../../etc"}, "#/plan/folder"),
        ({"timetable": {"at": "25:00"}}, "#/plan/timetable/at"),
        ({"timetable": {"every": "week", "weekdays": []}}, "#/plan/timetable/weekdays"),
        ({"timetable": {"weekdays": [7]}}, "#/plan/timetable/weekdays"),
        ({"timetable": {"every": "month", "day": 32}}, "#/plan/timetable/day"),
        ({"timetable": {"day": 10**30}}, "#/plan/timetable/day"),
        ({"timetable": {"every": "hour"}}, "#/plan/timetable/every"),
    ],
)
async def test_what_could_not_be_sent_is_refused_with_its_place(
    supervisor: Client, change: dict[str, Any], pointer: str
) -> None:
    refused = await supervisor.post(PATH, json={**SCHEDULE, "plan": {**PLAN, **change}})
    assert refused.status == 422
    assert pointer in {error["pointer"] for error in refused.json["errors"]}, refused.json
    assert all(error["detail"] for error in refused.json["errors"])
    assert (await supervisor.get(PATH)).json["items"] == []


async def test_an_own_report_is_sent_when_its_maker_may_see_it(supervisor: Client, admin: Client) -> None:
    own = await supervisor.post(
        "/reports/own", json={"name": "Mine", "definition": {"measures": ["offered"]}, "shared": "nobody"}
    )
    plan = {**PLAN, "report": f"own:{own.json['id']}", "period": ""}
    one = await made(supervisor, plan=plan)
    refused = await admin.post(PATH, json={**SCHEDULE, "plan": plan})
    assert refused.status == 422
    kept = await admin.patch(
        f"{PATH}/{one['id']}", json={"version": 1, "plan": {**plan, "mail": ["other@example.com"]}}
    )
    assert (kept.status, kept.json["plan"]["mail"]) == (200, ["other@example.com"]), "it is not chosen anew"
