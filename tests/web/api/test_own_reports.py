"""`/reports/own`: made, read, changed and removed by who made them; what is wrong is told with its place."""

from __future__ import annotations

import pytest

from tests.web.api.conftest import Client

PATH = "/reports/own"
REPORT = {
    "name": "Billing", "period": "last_month", "shared": "supervisors",
    "definition": {"by": ["queue"], "measures": ["offered", "asa"], "narrowing": {"queues": ["billing"]}},
}  # fmt: skip


async def test_a_report_is_made_read_changed_and_removed(supervisor: Client, admin: Client, sara: Client) -> None:
    made = await supervisor.post(PATH, json=REPORT)
    assert made.status == 201, made.json
    path = f"{PATH}/{made.json['id']}"
    assert made.json["definition"]["measures"] == ["offered", "asa"]
    assert (made.json["owner"], made.json["version"]) != ("", 0)
    assert (await sara.get(PATH)).status == 403
    assert (await admin.get(path)).status == 404, "shared with supervisors"
    changed = await supervisor.patch(path, json={"version": 1, "shared": "overseers", "period": "yesterday"})
    assert (changed.status, changed.json["period"], changed.json["name"]) == (200, "yesterday", "Billing")
    assert [one["name"] for one in (await admin.get(PATH)).json["items"]] == ["Billing"]
    assert (await admin.patch(path, json={"version": 2, "name": "Mine"})).status == 403
    assert (await supervisor.patch(path, json={"version": 1, "name": "Late"})).status == 409
    assert (await supervisor.patch(path, json={"name": "Which"})).status == 428
    figures = await admin.get(path + "/figures")
    assert figures.status == 200, figures.json
    assert (await admin.get(path + "/figures", params={"period": "nonsense"})).status == 422
    assert (await supervisor.delete(path, headers={"If-Match": '"1"'})).status == 412
    assert (await supervisor.delete(path, headers={"If-Match": '"2"'})).status == 204
    assert (await supervisor.get(path)).status == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"definition": {"measures": ["offered", "made_up"]}}, "#/definition/measures/1"),
        ({"definition": {"by": ["day", "hour"]}}, "#/definition/by"),
        ({"definition": {"narrowing": {"hours": [99]}}}, "#/definition/narrowing"),
        ({"period": "2026-11-01"}, "#/period"),
    ],
)
async def test_a_report_that_could_not_be_made_is_refused(
    supervisor: Client, change: dict[str, object], pointer: str
) -> None:
    refused = await supervisor.post(PATH, json={**REPORT, **change})
    assert refused.status == 422
    assert pointer in {error["pointer"] for error in refused.json["errors"]}
    assert (await supervisor.get(PATH)).json["items"] == []
