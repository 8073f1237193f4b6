"""Staffing for programs: agents a load needs, a day to come with the error of forecasts, who kept to the roster."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cxcall.staffing import erlang
from cxcall.staffing.erlang import Goal, Load
from tests.support.staffing_stage import QUEUE, Stage, staged
from tests.web.api.conftest import Client, Site

LOAD = {"calls": "30", "handle": "300"}
DAY = {"queue": QUEUE, "day": "2026-11-22"}


@pytest.fixture
async def stage(site: Site) -> Stage:
    return await staged(site.engine, site.clock.now)


async def test_agents_a_load_needs_by_both_formulas(supervisor: Client) -> None:
    by_c = await supervisor.get("/staffing/erlang", params=LOAD)
    assert by_c.status == 200, by_c.json
    load = Load(calls=30, handle=300)
    assert (by_c.json["formula"], by_c.json["erlangs"]) == ("erlang_c", 10.0)
    assert by_c.json["needed"]["agents"] == erlang.agents_needed(load, Goal()) == 14
    assert by_c.json["needed"]["service"] >= 0.8
    said = {**LOAD, "patience": "60", "abandoned": "0.05", "shrinkage": "0.3", "agents": "8"}
    by_a = (await supervisor.get("/staffing/erlang", params=said)).json
    assert by_a["formula"] == "erlang_a"
    assert by_a["needed"]["agents"] == erlang.agents_needed(load, Goal(abandoned=0.05), 60)
    assert by_a["to_roster"] == erlang.scheduled(by_a["needed"]["agents"], 0.3)
    assert (by_a["with_agents"]["agents"], by_a["with_agents"]["abandoned"] > 0.1) == (8, True)


async def test_a_line_that_grows_without_end_has_no_mean_wait(supervisor: Client) -> None:
    found = (await supervisor.get("/staffing/erlang", params={**LOAD, "agents": "5"})).json
    assert (found["with_agents"]["asa"], found["with_agents"]["service"]) == (None, 0.0)
    quiet = (await supervisor.get("/staffing/erlang", params={"calls": "0", "handle": "0"})).json
    assert (quiet["needed"]["agents"], quiet["reached"]) == (0, True)


@pytest.mark.parametrize(
    ("said", "parameter"),
    [
        ({"calls": "many", "handle": "300"}, "calls"),
        ({"handle": "300"}, "calls"),
        ({**LOAD, "answered": "1"}, "answered"),
        ({**LOAD, "answered": "80"}, "answered"),
        ({**LOAD, "patience": "0"}, "patience"),
        ({**LOAD, "calls": "nan"}, "calls"),
        ({**LOAD, "calls": "inf"}, "calls"),
        ({**LOAD, "shrinkage": "1"}, "shrinkage"),
        ({"calls": "100000", "handle": "36000"}, "#"),
    ],
)
async def test_a_load_that_is_none_is_refused(supervisor: Client, said: dict[str, str], parameter: str) -> None:
    refused = await supervisor.get("/staffing/erlang", params=said)
    assert refused.status == 422, refused.json
    assert [error["parameter"] for error in refused.json["errors"]] == [parameter]


async def test_a_day_to_come_has_its_error_and_who_is_rostered(supervisor: Client, stage: Stage) -> None:
    found = await supervisor.get("/staffing/forecast", params=DAY)
    assert found.status == 200, found.json
    (day,) = found.json["days"]
    assert (day["day"], day["known"], found.json["queues"]) == ("2026-11-22", True, [QUEUE])
    assert day["calls"] == pytest.approx(sum(one["calls"] for one in day["intervals"]))
    busy = max(day["intervals"], key=lambda one: one["calls"])
    assert busy["low"] <= busy["calls"] <= busy["high"]
    assert 0 < busy["erlang_a"] <= busy["to_roster"]
    assert found.json["error"]["n"] >= found.json["error"]["inside"] > 0
    assert found.json["goal"]["within"] == 15, "the queue's own"
    assert found.json["roster"] in ("everybody", "queues")
    assert busy["with_them"]["agents"] == int(busy["rostered"])


async def test_what_if_is_asked_in_parts_of_one(supervisor: Client, stage: Stage) -> None:
    async def hours(**said: str) -> float:
        answer = await supervisor.get("/staffing/forecast", params={**DAY, **said})
        assert answer.status == 200, answer.json
        return float(answer.json["days"][0]["hours"])

    usual = await hours()
    assert await hours(volume="1.5") > usual
    assert await hours(handle="0.5") < usual
    assert await hours(shrinkage="0.3") > usual
    week = (await supervisor.get("/staffing/forecast", params={**DAY, "view": "week", "agents": "3"})).json
    assert len(week["days"]) == 7
    with_them = [one["with_them"] for day in week["days"] for one in day["intervals"]]
    assert {one["agents"] for one in with_them} == {3}
    jalali = (await supervisor.get("/staffing/forecast", params={**DAY, "day": "1405/09/01"})).json
    assert jalali["days"][0]["day"] == "2026-11-22"


async def test_days_and_shares_that_are_none_are_refused(supervisor: Client) -> None:
    for said, parameter in (
        ({"day": "tomorrow"}, "day"), ({"day": "0001-01-01"}, "day"), ({"answered": "80"}, "answered"),
        ({"view": "month"}, "view"), ({"volume": "-1"}, "volume"), ({"agents": "2.5"}, "agents"),
    ):  # fmt: skip
        refused = await supervisor.get("/staffing/forecast", params=said)
        assert refused.status == 422, said
        assert refused.json["errors"][0]["parameter"] == parameter
    empty = await supervisor.get("/staffing/forecast")
    assert (empty.status, empty.json["error"], empty.json["days"][0]["known"]) == (200, None, False)


async def test_who_kept_to_the_roster(site: Site, supervisor: Client, stage: Stage) -> None:
    day = (site.clock.now - timedelta(days=1)).date().isoformat()
    listed = await supervisor.get("/staffing/adherence", params={"from": day, "to": day})
    assert listed.status == 200, listed.json
    one = listed.json["items"][0]
    assert 0 <= one["adhered"] <= one["scheduled"]
    whole = sum(each["adhered"] for each in listed.json["items"]) / sum(
        each["scheduled"] for each in listed.json["items"]
    )
    assert listed.json["share"] == pytest.approx(whole)
    alone = await supervisor.get(f"/staffing/adherence/{one['agent']}", params={"from": day, "to": day})
    assert alone.json["whole"] == one
    assert {piece["planned"] for piece in alone.json["pieces"]} >= {"work"}
    assert (await supervisor.get("/staffing/adherence/nobody")).status == 404
    for said in ({"from": day}, {"from": "2026-01-01", "to": day}, {"from": day, "to": "2020-01-01"}, {"to": "x"}):
        assert (await supervisor.get("/staffing/adherence", params=said)).status == 422, said


async def test_staffing_is_for_overseers_with_the_right_scope(site: Site, sara: Client) -> None:
    narrow = await site.by_token(await site.user("nima", "supervisor"), "reports:read")
    for path in ("/staffing/erlang?calls=1&handle=1", "/staffing/forecast", "/staffing/adherence"):
        assert (await sara.get(path)).status == 403
        assert (await narrow.get(path)).status == 403
