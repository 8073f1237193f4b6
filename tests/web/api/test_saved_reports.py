"""Reports people saved are read as the ready-made ones are, by their name or id."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from tests.store.report_day import fill
from tests.web.api.conftest import Client, Site

DAYS = "2026-11-21..2026-11-21"
REPORT = {
    "name": "Morgens, früh", "period": DAYS, "shared": "overseers",
    "definition": {"by": ["queue"], "measures": ["offered", "asa"], "narrowing": {"queues": ["support"]}},
}  # fmt: skip


@pytest.fixture
async def leila(site: Site) -> Client:
    """A supervisor's program, after the day counted by hand."""
    await fill(site.engine)
    site.clock.now = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    return await site.by_token(await site.user("leila", "supervisor"))


async def saved(client: Client, **changes: object) -> str:
    made = await client.post("/reports/own", json={**REPORT, **changes})
    assert made.status == 201, made.json
    return str(made.json["id"])


async def test_a_saved_report_is_read_by_name_and_by_id_over_its_own_days(leila: Client) -> None:
    id_ = await saved(leila)
    listed = (await leila.get("/reports")).json["saved"]
    assert [(one["id"], one["name"], one["owner"], one["period"]) for one in listed] == [
        (id_, REPORT["name"], "leila", DAYS)
    ]
    for word in (id_, f"own:{id_}", REPORT["name"]):
        answer = await leila.get(f"/reports/{word}")
        assert answer.status == 200, answer.json
        assert (answer.json["name"], answer.json["days"]["first"]) == (REPORT["name"], "2026-11-21")
        assert [line["keys"][0]["value"] for line in answer.json["lines"]] == ["support"]
        assert answer.json["total"]["figures"]["offered"]["value"] == 5


async def test_what_is_asked_for_goes_before_what_is_kept(leila: Client) -> None:
    id_ = await saved(leila)
    other = (await leila.get(f"/reports/{id_}", params={"when": "today", "by": "hour", "queue": "sales"})).json
    assert (other["days"]["first"], other["by"]) == ("2026-11-22", ["hour"])
    half = await leila.get(f"/reports/{id_}", params={"from": "2026-11-21"})
    assert (half.status, half.json["errors"][0]["parameter"]) == (422, "to")
    assert (await leila.get(f"/reports/{id_}", params={"measures": "nope"})).status == 422


async def test_its_file_and_its_calls_are_had_the_same_way(leila: Client) -> None:
    id_ = await saved(leila)
    file = await leila.get(f"/reports/{id_}", params={"format": "csv"})
    assert "Morgens" in file.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert [(row["queue"], row["offered"]) for row in rows] == [("support", "5"), ("total", "5")]
    behind = await leila.get(f"/reports/{REPORT['name']}/calls", params={"measure": "offered"})
    assert (behind.status, behind.json["count"], len(behind.json["items"])) == (200, 5, 5)


async def test_only_who_may_see_a_report_finds_it(site: Site, leila: Client, admin: Client, sara: Client) -> None:
    mine = await saved(leila, shared="nobody")
    for word in (mine, REPORT["name"]):
        assert (await admin.get(f"/reports/{word}")).status == 404
        assert (await sara.get(f"/reports/{word}")).status == 404
        assert (await sara.get(f"/reports/{word}/calls", params={"measure": "offered"})).status in (403, 404)
    assert (await sara.get("/reports")).json["saved"] == []
    narrow = await site.by_token(await site.user("omid", "supervisor"), "calls:read")
    assert (await narrow.get(f"/reports/{mine}")).status == 403


async def test_of_several_of_a_name_ones_own_is_meant_and_else_ids_are_told(leila: Client, admin: Client) -> None:
    theirs = [await saved(leila), await saved(leila, period="month")]
    both = await admin.get(f"/reports/{REPORT['name']}")
    assert both.status == 409
    assert all(id_ in both.json["detail"] for id_ in theirs)
    await saved(admin, period="2026-11-20..2026-11-20")
    one = await admin.get(f"/reports/{REPORT['name']}")
    assert (one.status, one.json["days"]["first"]) == (200, "2026-11-20")


async def test_a_report_called_like_a_ready_made_one_is_read_by_its_id(leila: Client) -> None:
    id_ = await saved(leila, name="queues")
    ready = (await leila.get("/reports/queues", params={"when": "today"})).json
    assert ready["measures"] != (await leila.get(f"/reports/{id_}")).json["measures"]
    assert (await leila.get(f"/reports/{id_}")).json["name"] == "queues"
