"""Speech analytics over HTTP: figures equal to talks made by hand and their lists, the editor of categories, past calls
counted anew, the knowledge base, rights."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zipfile
from collections.abc import Mapping

import pytest
from aiohttp import ClientResponse, FormData
from multidict import MultiDict

from cxcall.cells import BOM
from cxcall.speech.category import Category, Rule, Term
from cxcall.speech.templates import ready_made
from cxcall.store import articles, categories, category_talks
from cxcall.web.pages.speech import category_sample
from cxcall.web.pages.speech.article_text import beginning, blocks
from cxcall.web.pages.speech.category_form import of_form, read, written_of
from cxcall.web.pages.speech.figures_news import Share, changed
from tests.support.call_centre import OMID, SARA, CallCentre, past
from tests.support.talk_history import HAPPY, Told, talk_history
from tests.web.reading import Browser, Element

WHEN = "/speech?when=quarter"


async def _told(centre: CallCentre) -> None:
    """7 angry talks of billing, 4 happy ones of sales this week; 2 angry ones a long time ago."""
    await talk_history(centre, [
        Told(n=7, at=centre.ago(days=2)),
        Told(n=4, at=centre.ago(days=3), lines=HAPPY, queue="sales", agent=OMID),
        Told(n=2, at=centre.ago(days=120)),
    ])  # fmt: skip


def _row(page: Element, name: str) -> Element:
    """The row of a category in the table below the chart."""
    return next(row for row in page.one("form.card").all("tr") if name in row.text)


async def _count(browser: Browser, link: str) -> int:
    """How many calls the list behind a figure says it has; it must show as many."""
    page = await browser.page("leila", link)
    said = int(page.one("h1 .badge").text)
    assert len(page.all("tbody tr")) == said
    return said


async def _post(
    browser: Browser, name: str, path: str, fields: Mapping[str, str], *, follow: bool = False
) -> ClientResponse:
    """A form with the token of the person's session."""
    return await browser.send(name, path, form=FormData(MultiDict(fields)), follow=follow)


async def test_every_figure_opens_to_as_many_calls_as_it_counts(centre: CallCentre, browser: Browser) -> None:
    await _told(centre)
    page = await browser.page("leila", WHEN)
    tiles = {tile.one("span").text: tile for tile in page.all(".kpi")}
    assert tiles["Calls heard"].one("b").text == "11"
    assert "11 answered" in tiles["Calls heard"].text
    assert tiles["Negative calls"].text.startswith("Negative calls 64%")
    assert "7 of 11 calls" in tiles["Negative calls"].text
    links = [link for link in page.all("#main a") if link.attributes["href"].startswith("/speech/calls?")]
    numbers = {(link.attributes["href"], link.text.split()[0]) for link in links if re.match(r"\d+( \w+)?$", link.text)}
    assert len(numbers) > 20
    for href, number in sorted(numbers):
        assert await _count(browser, href) == int(number), href
    refund = _row(page, "Refund").all("td")
    assert [cell.text for cell in refund[2:4]] == ["7", "63.6%"]
    talks = await browser.page("leila", _row(page, "Refund").one("td.n a").attributes["href"])
    assert "money back" in talks.one("q").text
    assert re.search(r"/calls/[^?]+\?t=\d+$", talks.one("tbody a").attributes["href"])


async def test_the_share_that_was_heard_is_of_the_calls_the_agent_answered(
    centre: CallCentre, browser: Browser
) -> None:
    await _told(centre)
    await centre.tell(past("+989121110000", centre.ago(days=1)))
    tile = (await browser.page("leila", f"{WHEN}&agent={SARA}")).one(".kpi")
    assert tile.text == "Calls heard 7 88% of calls answered 8 answered"
    link = tile.one("a.link").attributes["href"]
    assert len((await browser.page("leila", link)).all("tbody tr")) == 8


async def test_what_had_to_be_said_is_told_by_queue_and_by_agent(centre: CallCentre, browser: Browser) -> None:
    await _told(centre)
    page = await browser.page("leila", WHEN)
    table = next(section for section in page.all("section") if section.attributes.get("aria-labelledby") == "req")
    heads = [cell.text for cell in table.all("thead th")]
    place = next(n for n, name in enumerate(heads) if name.startswith("Anything else"))
    rows = {row.one("th").text: row for row in table.all("tbody tr")}
    assert rows["All calls"].all("td")[place - 1].text == "4 / 7 36%"
    assert rows["Queue sales"].all("td")[place - 1].text == "4 / 0 100%"
    agent = next(row for name, row in rows.items() if name == "Agent Sara Karimi")
    missing = agent.all("td")[place - 1].all("a")[1]
    assert (missing.text, await _count(browser, missing.attributes["href"])) == ("7", 7)


async def test_the_chart_shows_what_was_chosen_and_filters_stay(centre: CallCentre, browser: Browser) -> None:
    await _told(centre)
    page = await browser.page("leila", "/speech?when=quarter&queue=sales&show=delivery_late&show=praise")
    assert "4" in page.one(".kpi b").text
    kept = {field.attributes["name"]: field.attributes["value"] for field in page.all("form input[type=hidden]")}
    assert (kept["when"], kept["queue"]) == ("quarter", "sales")
    ticked = [box.attributes["value"] for box in page.all("input[name=show]") if "checked" in box.attributes]
    drawn = [head.text for head in page.all("cx-chart th[data-series=line]")]
    assert len(drawn) == len(ticked) == 2
    assert "too few for a trend" in page.one("cx-chart").attributes["finding"]


async def test_the_table_leaves_as_csv_and_as_xlsx(centre: CallCentre, browser: Browser) -> None:
    await _told(centre)
    answer = await browser.get("leila", "/speech/export?when=quarter&format=csv")
    text = (await answer.read()).decode()
    assert text.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))
    refund = next(row for row in rows if row["Category"] == "Refund")
    assert (refund["Calls"], refund["Calls heard"], refund["Negative"]) == ("7", "11", "7")
    sheet = await browser.get("leila", "/speech/export?when=quarter&format=xlsx")
    assert "Refund" in zipfile.ZipFile(io.BytesIO(await sheet.read())).read("xl/sharedStrings.xml").decode()


async def test_nothing_heard_says_why_and_what_to_do(centre: CallCentre, browser: Browser) -> None:
    page = await browser.page("leila", "/speech")
    assert "No call was heard yet." in page.one(".empty").text
    await _told(centre)
    assert "No call was heard in this time." in (await browser.page("leila", "/speech?when=today")).one(".empty").text
    assert "No calls." in (await browser.page("leila", "/speech/calls?when=today")).text
    for path in ("/speech", "/speech/calls", "/speech/categories", "/speech/export", "/knowledge/new"):
        assert (await browser.get("sara", path)).status == 403


def test_only_what_chance_does_not_explain_is_new() -> None:
    steady = Share(key="a", n=22, of=100, before_n=18, before_of=100)
    risen = Share(key="b", n=40, of=100, before_n=10, before_of=100)
    fallen = Share(key="c", n=0, of=400, before_n=60, before_of=400)
    few = Share(key="d", n=4, of=6, before_n=0, before_of=6)
    gone = Share(key="e", n=0, of=0, before_n=50, before_of=100)
    assert [one.key for one in changed([steady, risen, fallen, few, gone])] == ["b", "c"]
    assert changed([]) == []


@pytest.mark.parametrize("category", ready_made(), ids=lambda one: one.id)
def test_a_category_goes_through_its_form_unchanged(category: Category) -> None:
    written = written_of(category)
    pairs = [*written.fields.items(), *(("queue", queue) for queue in written.queues)]
    again, errors = read(category, of_form(pairs))
    assert (again, errors) == (category, {})


async def _fields(browser: Browser, path: str) -> MultiDict[str]:
    """The editor's form as a browser would send it."""
    form = (await browser.page("leila", path)).one("form.cateditor")
    fields: MultiDict[str] = MultiDict()
    for one in form.all("input"):
        if one.attributes.get("type") != "checkbox" or "checked" in one.attributes:
            fields.add(one.attributes["name"], one.attributes.get("value", ""))
    for one in form.all("textarea"):
        fields.add(one.attributes["name"], "".join(part for part in one.inside if isinstance(part, str)))
    for one in form.all("select"):
        chosen = [option for option in one.all("option") if "selected" in option.attributes]
        fields.add(one.attributes["name"], (chosen or one.all("option"))[0].attributes["value"])
    return fields


async def test_a_category_is_made_tried_changed_and_taken_back(centre: CallCentre, browser: Browser) -> None:
    await _told(centre)
    fields = await _fields(browser, "/speech/categories/new")
    fields.update({"name.en": "Parcels", "rules.0.says.phrases": "parcel*\n*"})
    wrong = await _post(browser, "leila", "/speech/categories/new", {**fields, "do": "save"}, follow=True)
    assert wrong.status == 422
    assert 'aria-invalid="true"' in await wrong.text()
    fields["rules.0.says.phrases"] = "parcel*"
    found = await _post(
        browser, "leila", "/speech/categories/new/found", {**fields, "sentence": "two parcels, please"}, follow=True
    )
    text = await found.text()
    assert "<mark>parcels</mark>" in text
    assert "of the newest" in text
    assert len(re.findall(r"/calls/[^?]+\?t=\d", text)) == 4
    more = await _post(browser, "leila", "/speech/categories/new", {**fields, "do": "add-rule"}, follow=True)
    assert 'name="rules.1.says.phrases"' in await more.text()
    made = await _post(browser, "leila", "/speech/categories/new", {**fields, "do": "save"})
    path = made.headers["Location"].partition("?")[0]
    id_ = path.rpartition("/")[2]
    again = await _fields(browser, path)
    again["rules.0.says.phrases"] = "refund"
    compared = await (await _post(browser, "leila", f"{path}/found", again)).text()
    assert "Found before:" in compared
    assert "+9 −4" in compared
    assert "Not found any more" in compared
    saved = await _post(browser, "leila", path, {**again, "do": "save"})
    assert saved.headers["Location"] == f"{path}?done=saved"
    late = await _post(browser, "leila", path, {**again, "do": "save"}, follow=True)
    assert late.status == 409
    assert "Somebody else changed this category" in await late.text()
    await _post(browser, "leila", f"{path}/undo", {})
    async with centre.engine.connect() as conn:
        kept = await categories.get(conn, id_)
    assert kept is not None
    assert kept.category.rules[0].says.phrases == ("parcel*",)


async def test_categories_are_put_away_copied_and_added_ready_made(centre: CallCentre, browser: Browser) -> None:
    page = await browser.page("leila", "/speech/categories")
    assert "No categories yet." in page.text
    await _post(browser, "leila", "/speech/categories/ready", {"id": "refund"}, follow=True)
    await _post(browser, "leila", "/speech/categories/ready", {"id": ""}, follow=True)
    page = await browser.page("leila", "/speech/categories")
    assert len(page.all("tbody tr")) == len(ready_made())
    await _post(browser, "leila", "/speech/categories/refund/duplicate", {}, follow=True)
    await _post(browser, "leila", "/speech/categories/refund/archive", {}, follow=True)
    page = await browser.page("leila", "/speech/categories")
    names = [row.one("a").text for row in page.all("tbody tr")]
    assert "Refund 2" in names
    assert "Refund" not in names
    archive = await browser.page("leila", "/speech/categories?archived=1&done=archived&who=refund")
    assert [row.one("a").text for row in archive.all("tbody tr")] == ["Refund"]
    assert archive.one(".toast form").attributes["action"] == "/speech/categories/refund/undo"
    await _post(browser, "leila", "/speech/categories/refund/undo", {}, follow=True)
    assert "Refund" in [
        row.one("a").text for row in (await browser.page("leila", "/speech/categories")).all("tbody tr")
    ]


async def test_past_calls_are_counted_anew(centre: CallCentre, browser: Browser) -> None:
    await _told(centre)
    new = Category(id="sorry", name={"en": "Sorry"}, rules=(Rule(says=Term(phrases=("sorry",), speaker="agent")),))
    async with centre.engine.begin() as conn:
        await categories.create(conn, new, by="leila", now=centre.now)
    await _post(browser, "leila", "/speech/categories/recount", {"days": "30"}, follow=True)
    async with asyncio.timeout(60):
        while "Done: 11 calls" not in (text := (await browser.page("leila", "/speech/categories")).text):
            await asyncio.sleep(0.1)
    assert "stopped" not in text
    page = await browser.page("leila", WHEN)
    assert _row(page, "Sorry").all("td")[2].text == "7"


async def test_a_look_that_takes_too_long_says_how_far_it_came(
    centre: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _told(centre)
    async with centre.engine.connect() as conn:
        talks = await category_talks.sample(conn)
    monkeypatch.setattr(category_sample, "LOOK_S", -1.0)
    found = category_sample._look(talks, None, ready_made()[0])
    assert (found.looked, found.of, found.whole) == (0, 13, False)


def test_marks_lie_where_they_were_found() -> None:
    assert category_sample.segments("abcdef", [(3, 5), (1, 2), (4, 6)]) == [
        ("a", False), ("b", True), ("c", False), ("de", True), ("f", True)
    ]  # fmt: skip
    assert category_sample.segments("", []) == []


def test_an_article_has_headings_lists_and_paragraphs_and_nothing_else() -> None:
    text = "# Refunds\nWithin 14 days.\nAlways.\n\n- one\n- two\n1. first\n۲. second\n## More\n<b>plain</b>"
    assert [(block.kind, list(block.lines)) for block in blocks(text)] == [
        ("h2", ["Refunds"]), ("p", ["Within 14 days.", "Always."]), ("ul", ["one", "two"]),
        ("ol", ["first", "second"]), ("h3", ["More"]), ("p", ["<b>plain</b>"]),
    ]  # fmt: skip
    assert beginning(text) == "Within 14 days. Always. one two first second <b>plain</b>"
    assert beginning("word " * 100).endswith("word…")


async def test_articles_are_written_found_changed_deleted_and_brought_back(
    centre: CallCentre, browser: Browser
) -> None:
    assert "A supervisor writes them." in (await browser.page("sara", "/knowledge")).text
    fields = {"title": "Refunds", "body": "Within 14 days <script>", "phrases": "money back\nrefund*", "enabled": "1"}
    assert (await _post(browser, "leila", "/knowledge", {**fields, "title": ""}, follow=True)).status == 422
    assert (await _post(browser, "leila", "/knowledge", {**fields, "phrases": "!!"}, follow=True)).status == 422
    made = await _post(browser, "leila", "/knowledge", fields)
    path = made.headers["Location"].partition("?")[0]
    page = await browser.page("sara", "/knowledge?q=day")
    assert page.one(".articles a").attributes["href"] == path
    read_ = await browser.page("sara", path)
    assert "<script>" in read_.one("article").text
    assert not read_.all("a[href=" + path + "/edit]")
    changed_ = await _post(browser, "leila", path, {**fields, "body": "Within 30 days", "version": "1"}, follow=True)
    assert changed_.status == 200
    late = await _post(browser, "leila", path, {**fields, "body": "Other", "version": "1"}, follow=True)
    assert late.status == 409
    assert "Other" in await late.text()
    gone = await _post(browser, "leila", f"{path}/remove", {"version": "2"})
    page = await browser.page("leila", gone.headers["Location"])
    await _post(browser, "leila", page.one(".toast form").attributes["action"], {}, follow=True)
    async with centre.engine.connect() as conn:
        found = await articles.everything(conn)
    assert [(one.body, f"/knowledge/{one.id}") for one in found] == [("Within 30 days", path)]
    assert (await _post(browser, "sara", path, fields, follow=True)).status == 403
