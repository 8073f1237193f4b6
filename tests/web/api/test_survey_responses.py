"""`/survey-responses`: filters, pages, one response, its sound in pieces, the export; agents get their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.call_centre import MARYAM, OMID, CallCentre, call_centre
from tests.support.survey_stage import SurveyStage, survey_stage
from tests.web.reading import Browser, browsing

ROOT = "/api/v1/survey-responses"
Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[SurveyStage]:
    async with call_centre(tmp_path) as centre:
        yield await survey_stage(centre)


@pytest.fixture
async def browser(stage: SurveyStage) -> AsyncIterator[Browser]:
    async with browsing(stage.centre) as browser:
        yield browser


@pytest.fixture
def ask(browser: Browser) -> Ask:
    async def json_of(name: str, path: str, status: int = 200) -> Any:
        response = await browser.get(name, ROOT + path)
        text = await response.text()
        assert response.status == status, text[:400]
        return json.loads(text)

    return json_of


async def _some(stage: SurveyStage) -> CallCentre:
    centre = stage.centre
    maryam = await stage.call(centre.ago(hours=1), number=MARYAM)
    await stage.asked(maryam, {"served": 2.0, "recommend": 3.0}, spoken=2.0, text="Slow.")
    await stage.asked(await stage.call(centre.ago(hours=2), queue="sales", at=OMID), {"served": 5.0})
    await stage.asked(await stage.call(centre.ago(hours=3)), end="hung_up")
    await stage.not_asked(await stage.call(centre.ago(hours=4)), "transferred")
    return centre


async def test_responses_are_listed_newest_first_with_their_answers(stage: SurveyStage, ask: Ask) -> None:
    await _some(stage)
    found = (await ask("leila", ""))["items"]
    assert [one["state"] for one in found] == ["finished", "finished", "offered"]
    first = found[0]
    assert (first["agent"], first["agent_name"], first["reason"]) == ("PJSIP/1001", "Sara Karimi", "ask")
    assert [(a["part"], a["measure"], a["value"]) for a in first["answers"]][:2] == [
        ("served", "csat", 2.0), ("recommend", "nps", 3.0),
    ]  # fmt: skip
    assert first["comments"][0]["text"] == "Slow."
    assert first == await ask("leila", "/" + first["id"])
    page = await ask("leila", "?limit=2")
    assert [one["id"] for one in (await ask("leila", f"?limit=2&after={page['next']}"))["items"]] == [found[2]["id"]]
    await ask("leila", "?after=nonsense", 422)
    await ask("leila", "/none", 404)


FILTERS = {
    "?queue=sales": 1, "?agent=PJSIP/1001": 2, "?state=not_asked&reason=transferred": 1, "?end=hung_up": 1,
    "?measure=csat&at_most=2": 1, "?part=recommend": 1, "?commented=true": 1, "?number=09123456789": 1,
    "?since=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z": 0, "?kind=later": 0,
}  # fmt: skip


async def test_filters_narrow_the_list(stage: SurveyStage, ask: Ask) -> None:
    await _some(stage)
    found = {query: len((await ask("leila", query))["items"]) for query in FILTERS}
    assert found == FILTERS


async def test_what_does_not_fit_is_named(ask: Ask) -> None:
    found = await ask("leila", "?measure=joy&state=asked&at_least=-4", 422)
    assert {error["parameter"] for error in found["errors"]} == {"measure", "state", "at_least"}


async def test_agents_get_their_own_responses_and_hear_their_own_comments(
    stage: SurveyStage, browser: Browser, ask: Ask
) -> None:
    await _some(stage)
    mine = (await ask("sara", ""))["items"]
    assert len(mine) == 2
    assert len((await ask("omid", ""))["items"]) == 1
    assert (await ask("newcomer", ""))["items"] == []
    assert (await ask("sara", "?agent=PJSIP/1002"))["items"] == []
    audio = mine[0]["comments"][0]["audio"]
    piece = await browser.get("sara", audio, headers={"Range": "bytes=0-3"})
    assert (piece.status, await piece.read()) == (206, b"RIFF")
    assert (await browser.get("omid", audio)).status == 404
    assert (await browser.get("sara", audio + "x")).status == 404
    await ask("omid", "/" + mine[0]["id"], 404)
    assert (await browser.get("sara", ROOT + "/export")).status == 403


async def test_the_export_is_that_of_the_page(stage: SurveyStage, browser: Browser) -> None:
    await _some(stage)
    text = await (await browser.get("leila", ROOT + "/export?queue=sales")).text()
    assert text.count("\r\n") == 2
    book = await browser.get("leila", ROOT + "/export?format=xlsx")
    assert (await book.read())[:2] == b"PK"
    assert book.headers["X-Total-Count"] == "3"
