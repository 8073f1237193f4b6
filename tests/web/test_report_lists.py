"""/reports/abandoned and /reports/recalls: who gave up waiting and who was reached again; the same count in files."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import ClientResponse, FormData

from cxcall.calls.record import Transfer
from cxcall.store import tasks
from cxcall.store.tasks import TaskFilter
from cxcall.web import presentation
from cxcall.web.pages.report_lists import abandoned, passed_map
from cxcall.web.pages.report_lists.passed_map import to_shown, to_title
from cxcall.web.presentation import Presentation
from tests.support.call_centre import MARYAM, SARA, CallCentre, call_centre, ended, past, ringing
from tests.support.report_lists_stage import busy_week
from tests.support.survey_stage import survey_stage
from tests.support.talk_stage import talk_stage
from tests.web.reading import Browser, Element, browsing


async def _some(centre: CallCentre) -> None:
    """Maryam gave up and called again; another caller gave up and was not reached."""
    await centre.tell(
        ended(ringing(MARYAM, centre.ago(minutes=9), queue="sales"), centre.ago(minutes=8)),
        ended(ringing("02188341190", centre.ago(minutes=7), queue="sales"), centre.ago(minutes=6)),
        past(MARYAM, centre.ago(minutes=5), at=SARA, talk=60),
    )


async def _whole(centre: CallCentre) -> str:
    """A period that holds the calls also just after midnight."""
    first, last = centre.ago(minutes=60 * 24), centre.now
    return f"?from={first:%Y-%m-%d}&to={last.date().replace(year=last.year + 1):%Y-%m-%d}"


async def test_the_list_tells_who_was_reached_again_and_filters_stand_in_the_address(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        period = await _whole(centre)
        page = await browser.page("leila", "/reports/abandoned" + period)
        assert [kpi.one("b").text for kpi in page.all(".kpi")] == ["2", "0", "1", "1"]
        rows = [row.text for row in page.all("tbody tr")]
        assert len(rows) == 2
        assert "Not reached yet" in rows[0]
        assert "Follow up" in rows[0]
        assert "Called again" in rows[1]
        assert len((await browser.page("leila", f"/reports/abandoned{period}&reached=open")).all("tbody tr")) == 1
        assert len((await browser.page("leila", f"/reports/recalls{period}&reached=again")).all("tbody tr")) == 1
        empty = await browser.page("leila", f"/reports/abandoned{period}&queue=billing")
        assert "None in this list." in empty.text


async def test_the_file_has_the_rows_of_the_list(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        answer = await browser.get("leila", "/reports/abandoned/export.csv" + await _whole(centre))
        rows = list(csv.reader(io.StringIO((await answer.text()).removeprefix("\ufeff"))))
        assert len(rows) == 1 + 2 + 1
        assert [row[5] for row in rows[1:3]] == ["Not reached yet", "Called again"]
        sheet = await browser.get("leila", "/reports/abandoned/export.xlsx" + await _whole(centre))
        assert (await sheet.read()).startswith(b"PK")


async def test_a_period_that_cannot_be_read_is_told_and_agents_do_not_see_the_list(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        answer = await browser.get("leila", "/reports/abandoned?from=soon&to=later")
        assert answer.status == 422
        assert "is no date" in await answer.text()
        assert (await browser.get("sara", "/reports/abandoned")).status == 403


async def test_one_click_makes_a_call_back_and_another_takes_it_back(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        address = f"/reports/abandoned{await _whole(centre)}&reached=open"
        page = await browser.page("leila", address)
        form = page.one("td form")
        assert len(page.all("td form")) == 1
        answer = await _sent(browser, "leila", form.attributes["action"], _fields(form))
        assert answer.status == 200
        page = await browser.page("leila", str(answer.url.relative()))
        assert "A call-back is owed within an hour" in page.one(".toast").text
        assert "Owed by" in page.one("tbody tr").text
        async with centre.engine.connect() as conn:
            owed = (await tasks.page(conn, TaskFilter(state="open"))).rows
        assert [(task.kind, task.owner_id, task.number) for task in owed] == [("call_back", None, "02188341190")]
        # Clicked again, by who still has the page from before: one is enough.
        again = await _sent(browser, "leila", form.attributes["action"], _fields(form))
        assert "Somebody is to call back already." in await again.text()
        undo = page.one(".toast form").attributes["action"]
        back = await _sent(browser, "leila", undo, {})
        assert "reached=open" in str(back.url)
        assert "The follow-up was taken back." in await back.text()
        async with centre.engine.connect() as conn:
            assert [task.state for task in (await tasks.page(conn, TaskFilter())).rows] == ["cancelled"]


async def test_two_who_click_at_once_make_one_call_back(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        form = (await browser.page("leila", f"/reports/abandoned{await _whole(centre)}&reached=open")).one("td form")
        clicks = (_sent(browser, "leila", form.attributes["action"], _fields(form)) for _ in range(3))
        assert [answer.status for answer in await asyncio.gather(*clicks)] == [200, 200, 200]
        async with centre.engine.connect() as conn:
            assert len((await tasks.page(conn, TaskFilter())).rows) == 1


async def test_what_somebody_made_of_a_call_back_is_not_taken_away(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        form = (await browser.page("leila", f"/reports/abandoned{await _whole(centre)}&reached=open")).one("td form")
        await _sent(browser, "leila", form.attributes["action"], _fields(form))
        async with centre.engine.begin() as conn:
            task = (await tasks.page(conn, TaskFilter())).rows[0]
            await tasks.change(conn, task.id, version=1, title="I am on it")
        back = await _sent(browser, "leila", f"/reports/abandoned/follow-up/{task.id}/undo", {})
        assert "so it stays" in await back.text()
        unknown = {"call_id": "lab-none", "here": "https://elsewhere.example/"}
        assert (await _sent(browser, "leila", "/reports/abandoned/follow-up", unknown)).status == 404
        assert (await _sent(browser, "sara", "/reports/abandoned/follow-up", _fields(form))).status == 403
        answer = await _sent(
            browser,
            "leila",
            "/reports/abandoned/follow-up",
            {**_fields(form), "here": "https://elsewhere.example/?x=1"},
        )
        assert answer.url.path == "/reports/abandoned"


async def test_a_list_too_long_for_a_file_says_so_and_offers_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abandoned, "MOST_EXPORTED", 1)
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        address = "/reports/abandoned" + await _whole(centre)
        page = await browser.page("leila", address)
        form = page.one(".banner form")
        assert form.attributes["action"] == "/calls/exports"
        assert "outcome=abandoned" in _fields(form)["query"]
        assert not (await browser.page("leila", address + "&reached=open")).all(".banner form")
        job = await _sent(browser, "leila", "/calls/exports", _fields(form))
        assert "written in the background" in await job.text()
        answer = await browser.get("leila", address.replace("abandoned?", "abandoned/export.csv?"))
        assert len((await answer.text()).splitlines()) == 1 + 1 + 1


async def test_customers_who_called_again_open_the_calls_counted(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        period = await _whole(centre)
        page = await browser.page("leila", "/reports/repeat" + period)
        assert [kpi.one("b").text for kpi in page.all(".kpi")][:2] == ["1", "2"]
        row = page.one("tbody tr")
        contacts = row.one("a.open")
        assert contacts.text.startswith("2")
        calls = await browser.page("leila", contacts.attributes["href"])
        assert "2 counted" in calls.text
        assert len(calls.all("tbody tr")) == 2
        figures = await browser.page("leila", page.one(".act a").attributes["href"])
        assert figures.all("tfoot")
        empty = await browser.page("leila", f"/reports/repeat{period}&queue=nowhere")
        assert "Nobody called twice in this time." in empty.text
        answer = await browser.get("leila", f"/reports/repeat/export.csv{period}")
        assert len(list(csv.reader(io.StringIO(await answer.text())))) == 1 + 1 + 1
        assert (await (await browser.get("leila", f"/reports/repeat/export.xlsx{period}")).read()).startswith(b"PK")
        assert "0 counted" in (await browser.page("leila", f"/reports/fcr/again{period}")).text
        for path in ("/reports/repeat/calls", "/reports/repeat/calls?customer=x&from=soon"):
            assert (await browser.get("leila", path)).status == 404
        assert (await browser.get("leila", f"/reports/repeat{period}&after=nonsense")).status == 200
        for path in ("/reports/repeat", "/reports/transfers", "/reports/fcr/again", "/reports/transfers/calls"):
            assert (await browser.get("sara", path)).status == 403


async def _passed(centre: CallCentre) -> None:
    """Two callers of sales passed on to 1007, one of them also to 1009."""
    several = []
    for n, targets in enumerate((("1007",), ("1007", "1009"))):
        call = past(f"0912000000{n}", centre.ago(minutes=30 + n), at=SARA, talk=60)
        moment = call.talks[0].from_
        by = next(leg.channel for leg in call.legs if leg.agent)
        passed = tuple(Transfer(kind="blind", at=moment, by=by, to=to) for to in targets)
        several.append(replace(call, transfers=passed))
    await centre.tell(*several)


async def test_the_map_of_transfers_opens_the_calls_of_each_cell(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _passed(centre)
        period = await _whole(centre)
        page = await browser.page("leila", "/reports/transfers" + period)
        assert [cell.text for cell in page.all("thead th")][1:] == ["1007", "1009", "Total"]
        cells = page.all("table.heat td a")
        assert [cell.one("bdi").text for cell in cells] == ["2", "1", "3", "2", "1", "3"]
        for cell in cells:
            calls = await browser.page("leila", cell.attributes["href"])
            n = cell.one("bdi").text
            assert calls.one(".phead b").text == f"{n} counted"
            assert len(calls.all("tbody tr")) == int(n)
        by_agent = await browser.page("leila", f"/reports/transfers{period}&rows=agent")
        assert by_agent.one("tbody th").text == "Sara Karimi"
        none = await browser.page("leila", f"/reports/transfers{period}&kind=park")
        assert "Nobody was passed on in this time." in none.text
        figures = await browser.page("leila", page.one(".act a").attributes["href"])
        assert "Blind" in figures.text
        answer = await browser.get("leila", f"/reports/transfers/export.csv{period}")
        rows = list(csv.reader(io.StringIO((await answer.text()).removeprefix("\ufeff"))))
        assert [(row[1], row[3]) for row in rows] == [("To", "Transfers"), ("1007", "2"), ("1009", "1"), ("", "3")]
        assert (await (await browser.get("leila", f"/reports/transfers/export.xlsx{period}")).read()).startswith(b"PK")
        for path in ("/reports/transfers/calls?from=soon", "/reports/transfers?from=soon"):
            assert (await browser.get("leila", path)).status in (404, 200)
        assert (await browser.get("leila", f"/reports/transfers/calls{period}&after=nonsense")).status == 200


async def test_rare_targets_have_no_column_until_they_are_asked_for(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        call = past(MARYAM, centre.ago(minutes=30), at=SARA, talk=60)
        by = next(leg.channel for leg in call.legs if leg.agent)
        passed = tuple(Transfer(kind="blind", at=call.talks[0].from_, by=by, to=f"20{n:02}") for n in range(14))
        await centre.tell(replace(call, transfers=passed))
        page = await browser.page("leila", "/reports/transfers" + await _whole(centre))
        assert len(page.all("thead th")) == 1 + passed_map.MOST_COLUMNS + 1
        more = page.one(".card header a")
        assert more.text == "Show 4 more targets"
        assert len((await browser.page("leila", more.attributes["href"])).all("thead th")) == 1 + 14 + 1


async def _sent(browser: Browser, name: str, path: str, fields: dict[str, str]) -> ClientResponse:
    return await browser.send(name, path, form=FormData(fields), follow=True)


def _fields(form: Element) -> dict[str, str]:
    return {one.attributes["name"]: one.attributes.get("value", "") for one in form.all("input")}


def test_extensions_on_the_map_have_the_readers_digits_and_in_files_those_of_programs() -> None:
    before = presentation.current()
    presentation.use(Presentation(language="fa", digits="persian"))
    assert (to_shown("1007"), to_title("1007")) == ("۱۰۰۷", "1007")
    assert to_shown("Sara 2") == "Sara 2", "a name is as it was given"
    presentation.use(before)


async def test_figures_of_contacts_and_transfers_open_lists_that_hold_as_many(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        await _passed(centre)
        period = await _whole(centre)
        figures = await browser.page("leila", f"/reports/repeat{period}&by=queue&measures=repeat")
        links = figures.one("tfoot").all("a.open")
        assert [link.text for link in links] == ["1"]
        assert len((await browser.page("leila", links[0].attributes["href"])).all("tbody tr")) == 1
        kinds = await browser.page("leila", f"/reports/transfers{period}&by=transfer_kind")
        links = kinds.all("a.open")
        assert [link.text for link in links] == ["3", "3"]
        for link in links:
            assert "3 counted" in (await browser.page("leila", link.attributes["href"])).text
        narrowed = await browser.page("leila", f"/reports/transfers{period}&by=transfer_kind&server=lab")
        assert not narrowed.all("a.open"), "the list can't be narrowed to a server"


@pytest.mark.parametrize("by", ["queue", "survey", "agent", "day", "total"])
async def test_figures_of_surveys_open_the_calls_they_count(tmp_path: Path, by: str) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        stage = await survey_stage(centre)
        await stage.many(centre.ago(minutes=60), [(5, 10), (4, 6), (2, 0), (5, 9)])
        await stage.asked(await stage.call(centre.ago(minutes=20)), end="hung_up")
        measures = "csat,csat_mean,nps,survey_offered,survey_started,survey_finished,response_rate"
        page = await browser.page("leila", f"/reports/surveys{await _whole(centre)}&by={by}&measures={measures}")
        links = page.all("a.open")
        assert len(links) >= 7
        wanted = {"csat:4-5": 3, "csat": 4, "nps": 4, "asked": 5, "begun": 4, "finished": 4}
        for link in links:
            address = link.attributes["href"]
            which = parse_qs(urlsplit(address).query)["survey"][0]
            rows = (await browser.page("leila", address)).all("main tbody tr")
            assert len(rows) == wanted[which], address


@pytest.mark.parametrize("by", ["queue", "category", "total"])
async def test_figures_of_speech_open_the_talks_they_count(tmp_path: Path, by: str) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await talk_stage(centre, sound=False)
        page = await browser.page("leila", f"/reports/sentiment{await _whole(centre)}&by={by}&measures=talks,sentiment")
        links = page.all("a.open")
        assert links
        for link in links:
            assert link.attributes["href"].startswith("/speech/calls?")
            assert len((await browser.page("leila", link.attributes["href"])).all("main tbody tr")) == 1


async def test_menu_choices_over_the_api_and_as_a_file_add_up(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await busy_week(centre.engine, centre.now)
        period = f"?from={centre.ago(days=9):%Y-%m-%d}&to={centre.now:%Y-%m-%d}"
        told = await (await browser.get("leila", f"/api/v1/reports/menu{period}")).json()
        rows = {row["keys"][0]["value"]: row["figures"]["calls"]["value"] for row in told["lines"]}
        assert set(rows) == {"refund", "delivery", "new-order", "?", "-"}
        assert sum(rows.values()) == told["total"]["figures"]["calls"]["value"]
        for key, n in rows.items():
            address = f"/api/v1/reports/menu/calls{period}&measure=calls&key={quote(key)}&limit=100"
            calls = await (await browser.get("leila", address)).json()
            assert (len(calls["items"]), calls["count"]) == (n, n)
        whole = await (await browser.get("leila", f"/reports/menu/export{period}&format=csv")).text()
        assert {"Refund", "Not asked", "Not understood"} <= {line.split(",")[0] for line in whole.splitlines()} | {
            line.split(",")[1] for line in whole.splitlines() if "," in line
        }
