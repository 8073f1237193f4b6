"""Search over all that was said: marked words, filters in the address, whose talks, export, the search box."""

from __future__ import annotations

import csv
import io

import pytest

from tests.support.call_centre import CallCentre
from tests.support.talk_stage import CARD, TalkStage, talk_stage
from tests.web.reading import Browser

SEARCH = "/speech/search"


@pytest.fixture
async def talk(centre: CallCentre) -> TalkStage:
    return await talk_stage(centre)


async def test_found_turns_have_the_words_marked_and_open_at_their_second(browser: Browser, talk: TalkStage) -> None:
    page = await browser.page("leila", f"{SEARCH}?q=refund")
    assert [mark.text for mark in page.all(".saidlist mark")] == ["refund", "refund"]
    assert page.all(".saidlist a.at")[0].attributes["href"] == f"{talk.path}?t=10#turn-4"
    assert {chip.text for chip in page.all(".saidlist .chip")} >= {"Refund", "Churn risk"}
    opened = await browser.page("leila", f"{talk.path}?t=10")
    assert opened.all("li.now")
    assert "1 conversation, newest first" in page.text


async def test_a_phrase_is_words_next_to_each_other_and_a_speaker_is_whose_words(
    browser: Browser, talk: TalkStage
) -> None:
    async def found(query: str) -> int:
        return len((await browser.page("leila", f"{SEARCH}?{query}")).all(".saidlist .about"))

    assert await found("q=%22thinking+of+leaving%22") == 1
    assert await found("q=%22leaving+of+thinking%22") == 0
    assert await found("q=refund&speaker=agent") == 1
    assert await found("q=refund&speaker=customer") == 0
    assert await found("category=leaving") == 1
    assert await found("queue=sales") == 0
    assert await found("from=1405/01/01") == 1


async def test_when_nothing_fits_the_filter_that_removes_most_is_named(browser: Browser, talk: TalkStage) -> None:
    page = await browser.page("leila", f"{SEARCH}?q=refund&speaker=customer&queue=billing")
    assert "Without the filter Who said it there is 1 conversation." in page.text
    assert [chip.one("a.x").attributes["href"] for chip in page.all(".fchip.on")] == [
        f"{SEARCH}?speaker=customer&queue=billing", f"{SEARCH}?q=refund&queue=billing",
        f"{SEARCH}?q=refund&speaker=customer",
    ]  # fmt: skip
    wrong = await browser.text("leila", f"{SEARCH}?q=refund&from=soon")
    assert "From day: “ soon ” can't be read" in wrong
    assert "1 conversation" in wrong


async def test_without_any_talk_the_page_says_what_has_to_be_done(browser: Browser) -> None:
    page = await browser.page("leila", SEARCH)
    assert "Nothing was written down yet." in page.text
    assert page.one(".empty a.btn").attributes["href"] == "/admin/speech/queues"
    assert not (await browser.page("sara", SEARCH)).all(".empty a.btn")


async def test_agents_search_their_own_talks_only(browser: Browser, talk: TalkStage) -> None:
    for path in (f"{SEARCH}?q=refund", f"{SEARCH}?q=refund&agent=PJSIP/1002", "/search?q=refund"):
        assert bool("for one approval" in await browser.text("sara", path)) == ("1002" not in path)
        for stranger in ("omid", "newcomer"):
            assert "approval" not in await browser.text(stranger, path)
    export = await (await browser.get("omid", f"{SEARCH}/export?q=refund")).text()
    assert export.count("\n") == 1


async def test_hidden_numbers_are_neither_found_nor_shown(browser: Browser, talk: TalkStage) -> None:
    assert "Nobody said that." in await browser.text("leila", f"{SEARCH}?q=4111")
    page = await browser.page("leila", f"{SEARCH}?q=card")
    assert page.one(".saidlist .redact").text == "●●●●"
    assert CARD not in page.text


async def test_the_search_box_finds_what_was_said(browser: Browser, talk: TalkStage) -> None:
    page = await browser.page("leila", "/search?q=wonderful")
    links = [link.attributes["href"] for link in page.all(".found a")]
    assert f"{talk.path}?t=33#turn-8" in links
    assert f"{SEARCH}?q=wonderful" in links


async def test_the_export_has_a_line_for_each_turn(browser: Browser, talk: TalkStage) -> None:
    text = await (await browser.get("leila", f"{SEARCH}/export?q=refund&format=csv")).text()
    lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert lines[0][:3] == ["Call", "Started", "Queue"]
    assert [(line[0], line[7], line[8]) for line in lines[1:]] == [
        (str(talk.record.id), "10.5", "Agent"), (str(talk.record.id), "30", "Agent"),
    ]  # fmt: skip
    sheet = await browser.get("leila", f"{SEARCH}/export?q=refund&format=xlsx")
    assert (await sheet.read())[:2] == b"PK"
