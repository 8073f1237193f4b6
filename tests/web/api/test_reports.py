"""Reports over HTTP: the figures, their meaning, as files, and what can't be asked."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from cxcall.reports.ready_made import READY_MADE
from cxcall.web.api import ENDPOINTS
from cxcall.web.api.openapi import document
from tests.store.report_day import fill
from tests.web.api.conftest import Client, Site

DAY = {"from": "2026-11-21", "to": "2026-11-21"}
DOC = document(ENDPOINTS)


@pytest.fixture
async def leila(site: Site) -> Client:
    """A supervisor's program, after the day counted by hand."""
    await fill(site.engine)
    site.clock.now = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    return await site.by_token(await site.user("leila", "supervisor"), "reports:read")


def fits(body: Any, operation: str) -> None:
    told = next(one for path in DOC["paths"].values() for one in path.values() if one["operationId"] == operation)
    schema = told["responses"]["200"]["content"]["application/json"]["schema"]
    OAS31Validator({**schema, "components": DOC["components"]}, format_checker=oas31_format_checker).validate(body)


async def test_all_reports_are_listed_with_the_meaning_of_their_figures(leila: Client) -> None:
    answer = await leila.get("/reports")
    assert [one["name"] for one in answer.json["items"]] == list(READY_MADE)
    assert answer.json["saved"] == []
    assert all(one["name"] and one["sentence"] for one in answer.json["measures"])
    fits(answer.json, "list_reports")


async def test_a_report_has_figures_with_their_n_and_the_total_of_the_whole(leila: Client) -> None:
    answer = await leila.get("/reports/queues", params=DAY)
    assert answer.status == 200, answer.json
    fits(answer.json, "get_report")
    support, sales = answer.json["lines"]
    assert support["keys"] == [{"row": "queue", "value": "support", "title": "support", "server": "lab"}]
    assert support["figures"]["abandon_rate"]["value"] == 0.25
    assert support["figures"]["abandon_rate"]["n"] == 4
    assert sales["figures"]["asa"]["value"] == 5.0
    assert answer.json["total"]["figures"]["offered"]["value"] == 6
    assert answer.json["days"]["first"] == "2026-11-21"


async def test_days_may_be_given_in_the_jalali_calendar_and_persian_digits(leila: Client) -> None:
    answer = await leila.get("/reports/queues", params={"from": "۱۴۰۵/۰۸/۳۰", "to": "1405-08-30"})
    assert answer.json["days"]["first"] == "2026-11-21"
    assert answer.json["total"]["figures"]["offered"]["value"] == 6


async def test_rows_figures_switch_and_comparison_are_chosen_in_the_address(leila: Client) -> None:
    answer = await leila.get(
        "/reports/queues",
        params={
            **DAY, "by": "hour", "measures": "abandon_rate,offered", "queue": "support", "short": "in",
            "compare": "before",
        },
    )  # fmt: skip
    assert answer.status == 200, answer.json
    assert answer.json["total"]["figures"]["abandon_rate"]["value"] == pytest.approx(0.4)
    assert list(answer.json["total"]["figures"]) == ["abandon_rate", "offered"]
    assert answer.json["before"]["first"] == "2026-11-20"
    compared = await leila.get(
        "/reports/queues", params={**DAY, "by": "total", "queue": "support", "compare": "queue:sales"}
    )
    assert compared.json["total"]["figures"]["offered"]["before"] == 1


async def test_what_cant_be_used_is_named_by_its_parameter(leila: Client) -> None:
    for asked, parameter in (
        ({"from": "2026-13-01", "to": "2026-11-21"}, "from"),
        ({"from": "2026-11-21"}, "to"),
        ({**DAY, "measures": "offered,nope"}, "measures"),
        ({**DAY, "by": "phase"}, "by"),
        ({**DAY, "by": "day,hour"}, "by"),
        ({**DAY, "short": "maybe"}, "short"),
        ({**DAY, "compare": "queue:sales"}, "compare"),
        ({"from": "2025-11-21", "to": "2026-11-21", "by": "interval"}, "from"),
        ({**DAY, "hour": "25"}, "hour"),
        ({**DAY, "agent": "Sara"}, "measures"),
        ({"when": "sometime"}, "when"),
    ):
        answer = await leila.get("/reports/queues", params=asked)
        assert answer.status == 422, asked
        assert parameter in {error["parameter"] for error in answer.json["errors"]}, answer.json
    assert (await leila.get("/reports/nope")).status == 404


async def test_a_csv_has_ids_as_headings_and_the_total_last(leila: Client) -> None:
    answer = await leila.get("/reports/queues", params={**DAY, "format": "csv"})
    assert answer.kind == "text/csv"
    assert answer.body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["queue"] for row in rows] == ["support", "sales", "total"]
    assert (rows[0]["abandon_rate"], rows[0]["abandon_rate.n"], rows[0]["asa"]) == ("0.25", "4", "20")


async def test_agents_read_their_own_figures_and_nobody_elses(site: Site, leila: Client) -> None:
    sara = await site.by_session(await site.user("sara", "agent", "PJSIP/1001"))
    own = await sara.get("/reports/agents", params=DAY)
    assert own.status == 200
    assert {line["keys"][0]["value"] for line in own.json["lines"]} <= {"Sara", "PJSIP/1001"}
    assert own.json["total"]["figures"]["handled"]["value"] == 4
    assert (await sara.get("/reports/agents", params={**DAY, "agent": "Omid"})).status == 403
    assert (await sara.get("/reports/queues", params=DAY)).status == 403
    everybody = await leila.get("/reports/agents", params=DAY)
    assert {line["keys"][0]["value"] for line in everybody.json["lines"]} == {"Sara"}


async def test_a_token_needs_its_scope(site: Site) -> None:
    program = await site.by_token(await site.user("omid", "supervisor"), "calls:read")
    assert (await program.get("/reports/queues", params=DAY)).status == 403


async def test_a_figure_opens_to_as_many_calls_as_it_counts(leila: Client) -> None:
    for measure in ("offered", "answered", "abandoned", "short_abandoned"):
        for key in (None, "support@lab", "support"):
            said = {**DAY, "measure": measure, "limit": "2"} | ({"key": key} if key else {})
            report = (await leila.get("/reports/queues", params={**DAY, "measures": measure})).json
            figure = (report["lines"][0] if key else report["total"])["figures"][measure]["value"]
            calls, after = [], None
            while True:
                page = await leila.get("/reports/queues/calls", params=said | ({"after": after} if after else {}))
                assert page.status == 200, page.json
                calls += page.json["items"]
                after = page.json["next"]
                if after is None:
                    break
            fits(page.json, "list_calls_behind")
            assert page.json["count"] == len(calls) == figure, (measure, key)
    assert (await leila.get("/reports/nope/calls", params={**DAY, "measure": "offered"})).status == 404
    wrong = await leila.get("/reports/queues/calls", params={**DAY, "measure": "offered", "key": "a|b"})
    assert (wrong.status, wrong.json["errors"][0]["parameter"]) == (422, "key")
    nowhere = await leila.get("/reports/queues/calls", params={**DAY, "measure": "offered", "after": "x"})
    assert nowhere.status == 422


async def test_pages_of_calls_lead_both_ways_and_all_of_them_are_a_file(leila: Client) -> None:
    said = {**DAY, "measure": "offered", "limit": "2"}
    first = (await leila.get("/reports/queues/calls", params=said)).json
    second = (await leila.get("/reports/queues/calls", params={**said, "after": first["next"]})).json
    again = (await leila.get("/reports/queues/calls", params={**said, "after": second["previous"]})).json
    assert (again["items"], first["previous"]) == (first["items"], None)
    assert first["items"] != second["items"]
    file = await leila.get("/reports/queues/calls", params={**said, "format": "csv"})
    assert file.kind == "text/csv"
    assert 'filename="queues-offered_2026-11-21_2026-11-21.csv"' in file.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert len(rows) == first["count"]
    assert [row["call_id"] for row in rows[:2]] == [one["call_id"] for one in first["items"]]
    assert rows[0]["started_at"] == first["items"][0]["started_at"]
    refused = await leila.get("/reports/queues/calls", params={**DAY, "measure": "login", "format": "csv"})
    assert (refused.status, refused.kind) == (422, "application/problem+json")
