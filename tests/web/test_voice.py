"""The voice of the customer over HTTP: figures equal to a data set made by hand, rights, export, comments in pieces."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

from cxcall.cells import BOM
from cxcall.customers.profile import Profile
from cxcall.store import survey_responses, tasks
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, call_centre
from tests.support.survey_stage import SurveyStage, survey_stage
from tests.web.reading import Browser, Element, browsing

SINCE = "/surveys?when=quarter"


async def _data(centre: CallCentre) -> SurveyStage:
    """37 answers about satisfaction (28 of them 4–5), 36 about recommending (20 promoters, 8 detractors), 43 calls."""
    stage = await survey_stage(centre)
    billing = [(5.0, 10.0)] * 16 + [(5.0, 8.0)] * 8 + [(2.0, 3.0)] * 8
    await stage.many(centre.ago(days=3), billing)
    await stage.many(centre.ago(days=2), [(5.0, 10.0)] * 4, queue="sales", at=OMID)
    for n, reason in enumerate(("caller_hung_up", "caller_hung_up", "caller_hung_up", "transferred")):
        await stage.not_asked(await stage.call(centre.ago(days=1, minutes=n)), reason)  # type: ignore[arg-type]  # words of Reason
    for n in range(2):
        await stage.asked(await stage.call(centre.ago(days=1, minutes=60 + n)), end="hung_up")
    await stage.asked(await stage.call(centre.ago(days=1, minutes=90)), {"served": 1.0}, end="hung_up")
    return stage


def _tile(page: Element, name: str) -> str:
    return next(tile.text for tile in page.all(".kpi") if tile.text.startswith(name))


async def test_the_figures_are_those_of_the_answers_given(centre: CallCentre, browser: Browser) -> None:
    await _data(centre)
    page = await browser.page("leila", SINCE)
    assert "76%" in _tile(page, "Satisfaction (CSAT)")
    assert "37 answers · mean 4.2" in _tile(page, "Satisfaction (CSAT)")
    assert "+33" in _tile(page, "Net promoter (NPS)")
    assert "at 95%" in _tile(page, "Net promoter (NPS)")
    assert "36 answers" in _tile(page, "Net promoter (NPS)")
    assert "none" in _tile(page, "Ease (CES)")
    assert "92% 36 finished of 39 calls asked" in _tile(page, "Response rate")
    assert "To call back 0 none overdue" in _tile(page, "To call back")
    assert [item.text for item in page.all(".legend.spread li")] == [
        "Promoters 9–10 20", "Passive 7–8 8", "Detractors 0–6 8",
    ]  # fmt: skip
    queues = [item.text for item in page.all(".hbars li")][:2]
    assert queues == ["billing 73% 33", "sales 100% 4"], "few answers come last"
    assert "pale" in page.all(".hbars li")[1].attributes["class"]
    assert page.one("cx-chart").attributes["goal"] == "40.0"
    assert sum(int(cell.text) for cell in page.all("cx-chart tbody a")) == 36
    steps = {item.all("bdi")[0].text: item.one(".v").text for item in page.all(".passage li")}
    assert steps == {
        "Calls in queues that ask": "100% 43", "Asked": "91% 39", "Began to answer": "86% 37", "How was it?": "86% 37",
        "Would you recommend us?": "84% 36", "Was it solved?": "0% 0", "Finished": "84% 36",
    }  # fmt: skip
    sara = next(row.text for row in page.all("section table tbody tr") if row.text.startswith("Sara"))
    assert sara == "Sara Karimi 73% 33 +25 32 39 90% 35 90% 35 8% 3 3% 1"


async def test_every_number_opens_as_many_calls_as_it_says(centre: CallCentre, browser: Browser) -> None:
    await _data(centre)
    page = await browser.page("leila", SINCE)
    opened = 0
    addresses = {
        (link.attributes["href"], link.text) for link in page.all("#voice a.open")
        if link.attributes["href"].startswith("/calls?") and link.text.isdecimal()
    }  # fmt: skip
    for address, number in sorted(addresses):
        if int(number) > 0:
            calls = await browser.page("leila", address)
            assert calls.one(".kpis .kpi b").text == number, address
            opened += 1
    assert opened > 15
    low = await browser.page("leila", "/calls?survey=low")
    assert low.one(".kpis .kpi b").text == "9"
    assert low.one(".fchip.on").text.startswith("Survey A bad answer")


async def test_a_filter_holds_for_every_figure_and_stands_in_the_address(centre: CallCentre, browser: Browser) -> None:
    await _data(centre)
    page = await browser.page("leila", f"{SINCE}&queue=sales")
    assert "100%" in _tile(page, "Satisfaction (CSAT)")
    assert "4 answers" in _tile(page, "Satisfaction (CSAT)")
    assert "few answers" in _tile(page, "Satisfaction (CSAT)")
    assert not page.all(".kpi .delta"), "too few to compare"
    assert page.one(".voice cx-refresh").attributes["src"] == "/surveys/body?when=quarter&queue=sales"
    one = await browser.page("leila", f"{SINCE}&agent=PJSIP/1001")
    assert "33 answers" in _tile(one, "Satisfaction (CSAT)")
    assert "Sara Karimi" in one.text


async def test_nothing_asked_is_said_with_what_to_do(centre: CallCentre, browser: Browser) -> None:
    assert "No caller was asked yet." in await browser.text("leila", "/surveys")
    await _data(centre)
    page = await browser.page("leila", "/surveys?from=2020-01-01&to=2020-01-02")
    assert "Nobody was asked in this time." in page.text
    assert not page.all(".kpis")
    wrong = await browser.page("leila", "/surveys?from=one-day")
    assert "one-day" in wrong.one("[role=alert]").text


async def test_agents_see_their_own_results_and_nothing_else(centre: CallCentre, browser: Browser) -> None:
    for path in ("/surveys", "/surveys/body", "/surveys/comments", "/surveys/export"):
        assert (await browser.get("sara", path)).status == 403, path
    assert "No answers yet this week." in await browser.text("sara", "/desk/results")
    await _data(centre)
    page = await browser.page("sara", "/desk/results")
    assert "33 answers" in _tile(page, "Satisfaction (CSAT)")
    csat = next(link for link in page.all(".kpi a") if "survey=csat" in link.attributes["href"])
    calls = await browser.page("sara", csat.attributes["href"])
    assert calls.one(".kpis .kpi b").text == "33"
    omid = await browser.page("omid", "/desk/results?when=week")
    assert "4 answers" in _tile(omid, "Satisfaction (CSAT)")
    assert "You have no phone yet" in await browser.text("newcomer", "/desk/results")


async def test_a_comment_is_played_in_pieces_by_those_who_may(centre: CallCentre, browser: Browser) -> None:
    stage = await survey_stage(centre)
    said = await stage.asked(await stage.call(centre.ago(hours=1)), {"served": 2.0}, spoken=3.0, text="Too long.")
    mute = await stage.asked(await stage.call(centre.ago(hours=2)), {"served": 5.0}, spoken=2.0)
    async with centre.engine.begin() as conn:
        owed = tasks.NewTask(
            kind="call_back", title="x", due_at=centre.ago(minutes=5), made_by="rule:1", response_id=said.id
        )
        await tasks.create(conn, owed, now=centre.now)
    page = await browser.page("leila", "/surveys/comments?when=week")
    first, second = page.all(".comments li")
    assert "Too long." in first.text
    assert "2 of 5" in first.text
    assert "Overdue" in first.text
    assert "Not transcribed: there is no speech model." in second.text
    assert len(first.all("svg rect")) == 30
    path = first.one("audio").attributes["src"]
    whole = await browser.get("leila", path)
    sound = await whole.read()
    assert (whole.status, whole.headers["Content-Type"], len(sound)) == (200, "audio/wav", 44 + 2 * 24000)
    piece = await browser.get("leila", path, headers={"Range": "bytes=44-143"})
    assert (piece.status, piece.headers["Content-Range"]) == (206, f"bytes 44-143/{len(sound)}")
    assert await piece.read() == sound[44:144]
    assert (await browser.get("sara", path)).status == 200, "about her own call"
    assert (await browser.get("omid", path)).status == 404
    assert (await browser.get("leila", f"/surveys/comments/{mute.id}/other")).status == 404
    assert (await browser.get("leila", f"/surveys/comments/{mute.id}/..%2F..%2Fcxcall.sqlite")).status == 404
    (centre.folder / "comments").rename(centre.folder / "gone")
    assert (await browser.get("leila", path)).status == 404
    assert (await browser.get("leila", "/surveys/comments?when=week")).status == 200


async def test_comments_are_read_in_pages(centre: CallCentre, browser: Browser) -> None:
    stage = await survey_stage(centre)
    for n in range(27):
        await stage.asked(await stage.call(centre.ago(hours=n)), spoken=0.1)
    page = await browser.page("leila", "/surveys/comments?when=quarter")
    assert page.one("h1").text == "Voice comments 27"
    assert len(page.all(".comments li")) == 25
    older = await browser.page("leila", page.one("a[rel=next]").attributes["href"])
    assert len(older.all(".comments li")) == 2
    assert older.all("a[rel=prev]")
    assert (await browser.get("leila", "/surveys/comments?after=nonsense")).status == 200


async def test_the_export_holds_every_answer_as_text_and_as_typed_cells(centre: CallCentre, browser: Browser) -> None:
    stage = await _data(centre)
    odd = await stage.call(centre.ago(hours=1), number="+982188341190")
    await stage.asked(odd, {"served": 4.0, "recommend": 7.0, "solved": 1.0}, spoken=2.0, text="=SUM(A1)")
    page = await browser.page("leila", SINCE)
    offered = [link.text for link in page.all(".pop-menu a") if "format=" in link.attributes["href"]]
    assert offered == ["40 responses as CSV", "40 responses as XLSX"]
    answer = await browser.get("leila", "/surveys/export?when=quarter&format=csv")
    assert answer.headers["X-Total-Count"] == "40"
    text = (await answer.read()).decode()
    assert text.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(rows) == 40
    assert rows[0]["Call"] == odd.id
    assert (rows[0]["CSAT"], rows[0]["NPS"], rows[0]["Was it solved?"]) == ("4", "7", "1")
    assert (rows[0]["Comment"], rows[0]["State"]) == ("'=SUM(A1)", "Finished")
    assert [row["CSAT"] for row in rows].count("") == 2
    book = await (await browser.get("leila", "/surveys/export?format=xlsx&when=quarter")).read()
    sheet = zipfile.ZipFile(io.BytesIO(book))
    cells = sheet.read("xl/worksheets/sheet1.xml").decode()
    assert len(re.findall(r"<row ", cells)) == 41
    assert "<f>" not in cells, "nothing is a formula"
    assert "=SUM(A1)" in cells
    assert re.search(r'<c r="B2" s="\d+"><v>\d+\.\d+</v></c>', cells), "a moment is a number with a format"


async def test_the_export_of_a_jalali_reader_has_the_jalali_day(tmp_path: Path) -> None:
    async with call_centre(tmp_path, language="fa") as centre, browsing(centre) as browser:
        stage = await survey_stage(centre)
        await stage.asked(await stage.call(centre.ago(minutes=30)), {"served": 4.0})
        text = (await (await browser.get("leila", "/surveys/export?when=quarter")).read()).decode()
    row = next(csv.DictReader(io.StringIO(text[1:])))
    assert re.fullmatch(r"14\d\d/\d\d/\d\d", row["روز شمسی"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", row["زمان پرسش"])


async def test_a_call_shows_what_came_of_its_survey(centre: CallCentre, browser: Browser) -> None:
    stage = await survey_stage(centre)
    record = await stage.call(centre.ago(hours=1))
    await stage.asked(record, {"served": 5.0, "recommend": 4.0, "solved": 0.0}, spoken=3.0, text="Fine.")
    card = (await browser.page("leila", f"/calls/{record.id}")).one(".answers")
    assert card.one("h2").text == "Survey after the call"
    assert [(t.text, d.text) for t, d in zip(card.all("dt"), card.all("dd"), strict=True)] == [
        ("How was it?", "5 of 5"), ("Would you recommend us?", "4 of 10"), ("Was it solved?", "No"),
    ]  # fmt: skip
    assert "Fine." in card.text
    assert "After the call · version 1" in card.text
    unasked = await stage.call(centre.ago(hours=2))
    await stage.not_asked(unasked, "caller_hung_up")
    assert "The caller hung up first" in (await browser.page("sara", f"/calls/{unasked.id}")).one(".answers").text
    plain = await stage.call(centre.ago(hours=3))
    assert not (await browser.page("leila", f"/calls/{plain.id}")).all(".answers")


async def test_a_customer_shows_the_last_score_and_the_surveys_of_the_history(
    centre: CallCentre, browser: Browser
) -> None:
    stage = await survey_stage(centre)
    id_ = await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",), tags=("no-survey",)))
    for days, csat in ((8, 2.0), (1, 5.0)):
        response = await stage.asked(await stage.call(centre.ago(days=days), number=MARYAM), {"served": csat})
        async with centre.engine.begin() as conn:
            await survey_responses.tie(conn, response.id, customer_id=id_)
    page = await browser.page("leila", f"/customers/{id_}")
    last = next(tile.text for tile in page.all(".kpi") if tile.text.startswith("Last survey"))
    assert last.startswith("Last survey 5 of 5")
    assert last.endswith("was 2 before")
    events = [item.text for item in page.all(".jl li") if "Survey" in item.text]
    assert ["5 of 5" in event for event in events] == [True, False]
    assert "Does not want to be asked" in page.one(".profile").text


async def test_a_survey_being_taken_stands_on_the_call_before_it_is_over(centre: CallCentre, browser: Browser) -> None:
    stage = await survey_stage(centre)
    record = await stage.call(centre.ago(minutes=5), at=SARA)
    await stage.asked(record, {"served": 3.0}, end="")
    card = (await browser.page("sara", f"/calls/{record.id}")).one(".answers")
    assert "Being asked now" in card.text
    assert "3 of 5" in card.text
