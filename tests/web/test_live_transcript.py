"""Live transcripts over HTTP: the words so far without a script, why there are none, hints, rights, the list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxcall.bus import CommandRefused
from cxcall.bus.acts import AttendedTransfer
from cxcall.bus.speech import HintCheck, ShownHint, TapState
from cxcall.customers.profile import Profile
from cxcall.store import alerts, audit, hints
from cxcall.store.alerts import NewAlert
from cxcall.store.hints import NewHint
from cxcall.store.transcripts import Unheard
from tests.support.call_centre import MARYAM, SARA, CallCentre, answered, call_centre, ended, held, member, ringing
from tests.support.talk import TalkOfTest, ago
from tests.web.reading import Browser, browsing

LEAVING = ShownHint(
    id="leaving", kind="category", at=31, quote_at=31, hot=True, article_id="guide", quote="thinking of leaving",
    title={"en": "Customer may leave", "fa": "احتمال لغو"}, reason={"en": "Second call on this.", "fa": "تماس دوم"},
    action={"en": "Offer made", "fa": "پیشنهاد دادم"},
)  # fmt: skip
CHECKS = (
    HintCheck(category_id="identity", name={"en": "Identity confirmed", "fa": "تأیید هویت"}, said=True),
    HintCheck(category_id="else", name={"en": "Anything else", "fa": "کمک دیگر"}, said=False),
)


@asynccontextmanager
async def talking(folder: Path, *, language: str = "en") -> AsyncIterator[tuple[CallCentre, Browser, TalkOfTest]]:
    """Sara talks with Maryam, answered a minute ago."""
    async with call_centre(folder, language=language) as centre, browsing(centre) as browser:
        centre.members = [member()]
        await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",)))
        record = answered(ringing(MARYAM, centre.ago(seconds=100)), centre.ago(seconds=60))
        await centre.tell(record)
        yield centre, browser, TalkOfTest(centre, record, language)


async def test_the_words_so_far_are_read_without_a_script(tmp_path: Path) -> None:
    async with talking(tmp_path) as (centre, browser, talk):
        await talk.begin([Unheard(since=31, until=45, why="not_running"), Unheard(since=5, until=7, why="held")])
        await talk.say("customer", 9, "Hello, nobody called me back", sentiment=-0.7, marks=[(7, 28, "bad")])
        await talk.say("agent", 18, "I am sorry, Ms Hosseini")
        await talk.say("customer", 25, "Card ends in ●●●●", sentiment=0.0, marks=[(13, 17, "hidden")])
        await centre.tell(held(talk.record, ago(talk.record, 20), ago(talk.record, 24)))
        talk.saying("customer", 50, "Oh that is")
        talk.state(-0.3, "improving", [-0.7, -0.1], topics=[("Refund", "بازگشت وجه", "neutral")])
        page = await browser.page("sara", "/desk")
        turns = page.one("cx-transcript .turns")
        assert [row.attributes.get("data-n") for row in turns.all("li.turn")] == ["1", "2", "3", None]
        assert "Answered" in turns.all("li.sysline")[0].text
        assert "On hold 0:20 – 0:24" in turns.text
        assert "Not heard 0:31 – 0:45 : cxcall was restarted" in turns.text
        assert "5" not in turns.all("li.sysline")[0].attributes.get("data-start", "")
        angry = turns.all("li.cust")[0]
        assert "Maryam Hosseini 0:09" in angry.text
        assert "Negative" in angry.text
        assert "bad-edge" in angry.one("p").attributes["class"]
        assert angry.one("mark.bad").text == "nobody called me back"
        assert "Sara Karimi (you)" in turns.one("li.agent").text
        assert not turns.one("li.agent").all(".senti")
        assert turns.one(".redact").attributes["aria-label"] == "hidden number"
        assert turns.one("li.partial p").text == "Oh that is"
        assert "Improving" in page.one("#talk-mood").text
        assert page.all("#talk-mood .moodline")
        assert "Refund" in page.one("#talk-facts").text
        assert "You 41% 59% customer" in page.one("#talk-facts").text


async def test_turns_told_a_moment_ago_are_there_before_they_are_written(tmp_path: Path) -> None:
    async with talking(tmp_path) as (_centre, browser, talk):
        await talk.begin()
        await talk.say("customer", 9, "Hello there")
        await talk.say("agent", 12, "Good morning", keep=False)
        page = await browser.page("sara", f"/live/{talk.record.id}/turns")
        assert [row.one("p").text for row in page.all("li.turn")] == ["Hello there", "Good morning"]


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("off", "Live text is off for this queue."),
        ("refused", "Asterisk did not let this call be heard."),
        ("no_model", "There is no speech model for this language."),
        ("share", "Only a share of this queue's calls is heard"),
        ("overload", "This call is transcribed after it ends."),
    ],
)
async def test_a_call_that_is_not_heard_says_why_and_the_notes_have_the_room(
    tmp_path: Path, why: str, sentence: str
) -> None:
    async with talking(tmp_path) as (_centre, browser, talk):
        talk.tap = TapState(call_id=talk.record.id, heard=False, why=why)  # type: ignore[arg-type]  # a word of Why
        page = await browser.page("sara", "/desk")
        assert sentence in page.one("cx-transcript.unheard").text
        assert page.all(".desk.quiet")
        assert page.all("#note-text")
        assert not page.all("#talk-hints")


async def test_without_speech_on_this_server_the_desk_says_so(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.tell(answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40)))
        assert "Live text does not run on this server." in await browser.text("sara", "/desk")


async def test_hints_say_why_and_are_used_or_dismissed(tmp_path: Path) -> None:
    async with talking(tmp_path) as (_centre, browser, talk):
        await talk.begin()
        other = ShownHint(id="other", kind="feeling", at=40, title={"en": "Say sorry", "fa": "عذر بخواهید"})
        talk.state(-0.5, "worsening", [-0.5], hints=[other, LEAVING])
        card = (await browser.page("sara", "/desk")).all(".hint-card")[1]
        assert all(words in card.text for words in ("Customer may leave", "0:31", "Second call on this.", "Offer made"))
        assert card.one("q").text == "thinking of leaving"
        assert card.one("a").attributes["href"] == "/knowledge/guide"
        page = await browser.post("sara", "/desk/hint", call=talk.record.id, hint="leaving", outcome="used")
        assert [one.text for one in page.all(".hint-card h3 .grow")] == ["Say sorry"]
        assert [(done.hint_id, done.outcome, done.by) for done in talk.decided] == [("leaving", "used", "sara")]
        page = await browser.post("sara", "/desk/hint", call=talk.record.id, hint="leaving", outcome="dismissed")
        assert "This hint is gone already." in page.text
        assert (await browser.send("omid", "/desk/hint", call=talk.record.id, hint="x", outcome="used")).status == 403


async def test_a_transfer_that_a_hint_offers_is_one_click_and_the_hint_is_used(tmp_path: Path) -> None:
    async with talking(tmp_path) as (centre, browser, talk):
        await talk.begin()
        offer = ShownHint(id="buy", kind="intent", at=20, title={"en": "Transfer to sales"}, transfer="805")
        talk.state(0.0, "steady", [0.0], hints=[offer])
        card = (await browser.page("sara", "/desk")).one(".hint-card")
        assert "Talk first, then transfer" in card.text
        fields = {one.attributes["name"]: one.attributes["value"] for one in card.all("form[action='/desk/act'] input")}
        assert (fields["to"], fields["hint"]) == ("805", "buy")
        form = {name: fields[name] for name in ("call", "to", "hint")}
        page = await browser.post("sara", "/desk/act", act="consult", **form)
        (act,) = centre.acts
        assert isinstance(act, AttendedTransfer)
        assert (act.exten, act.channel.startswith(SARA)) == ("805", True)
        assert [(done.hint_id, done.outcome) for done in talk.decided] == [("buy", "used")]
        assert not page.all(".hint-card")


async def test_what_has_to_be_said_is_heard_or_ticked_by_hand(tmp_path: Path) -> None:
    async with talking(tmp_path) as (_centre, browser, talk):
        await talk.begin()
        talk.state(0.0, "steady", [0.0], checks=CHECKS)
        boxes = (await browser.page("sara", "/desk")).all(".needs input[type=checkbox]")
        assert [("checked" in box.attributes, "disabled" in box.attributes) for box in boxes] == [
            (True, True),
            (False, False),
        ]
        page = await browser.post("sara", "/desk/said", call=talk.record.id, said="else")
        boxes = page.all(".needs input[type=checkbox]")
        assert ["checked" in box.attributes for box in boxes] == [True, True]
        assert "disabled" not in boxes[1].attributes
        page = await browser.page("leila", f"/live/{talk.record.id}")
        assert [row.text for row in page.all("ul.needs li")] == ["Identity confirmed said", "Anything else not yet"]


async def test_a_supervisor_has_a_call_written_down_and_it_is_logged(tmp_path: Path) -> None:
    async with talking(tmp_path) as (centre, browser, talk):
        talk.tap = TapState(call_id=talk.record.id, heard=False, why="off")
        page = await browser.page("leila", f"/live/{talk.record.id}")
        assert "Live text is off for this queue." in page.text
        assert page.all("button[value=start]")
        page = await browser.post("leila", f"/live/{talk.record.id}/words", act="start")
        assert [(act, ask.by) for act, ask in talk.taps] == [("start", centre.ids["leila"])]
        assert page.all("button[value=stop]")
        await browser.post("leila", f"/live/{talk.record.id}/words", act="stop")
        async with centre.engine.connect() as conn:
            acts = [entry.act for entry in await audit.page(conn, subject=f"call:{talk.record.id}")]
        assert acts == ["call.words_stop", "call.words_start"]
        talk.tap = TapState(call_id=talk.record.id, heard=False, why="refused")
        assert not (await browser.page("leila", f"/live/{talk.record.id}")).all("button[value=start]")
        talk.refuse = CommandRefused("The caller said no.")
        page = await browser.post("leila", f"/live/{talk.record.id}/words", act="start")
        assert "The caller said no." in page.one(".banner[role=alert]").text
        assert (await browser.send("sara", f"/live/{talk.record.id}/words", act="start")).status == 403


async def test_agents_read_their_own_calls_and_a_call_that_is_over_leads_to_its_page(tmp_path: Path) -> None:
    async with talking(tmp_path) as (centre, browser, talk):
        await talk.begin()
        await talk.say("customer", 9, "Hello there")
        path = f"/live/{talk.record.id}"
        for part in ("", "/body", "/turns", "/parts"):
            assert (await browser.get("omid", path + part)).status == 403
            assert (await browser.get("sara", path + part)).status == 200
            assert (await browser.get("leila", "/live/lab-1.1" + part)).status == 404
        assert not (await browser.page("sara", path)).all("button[value=start]")
        await centre.tell(ended(talk.record, centre.now))
        talk.live = None
        page = await browser.page("leila", path)
        assert "This call is over." in page.text
        assert page.one(".live-head a.btn").attributes["href"] == f"/calls/{talk.record.id}"
        assert "Hello there" in page.one(".turns").text
        assert "Hello there" in (await browser.page("sara", "/desk")).one(".turns").text


async def test_the_list_shows_moods_and_topics_and_first_who_may_need_somebody(tmp_path: Path) -> None:
    async with talking(tmp_path) as (centre, browser, talk):
        page = await browser.page("leila", "/live")
        assert "Mood" not in [head.text for head in page.all("th")]
        await talk.begin()
        talk.state(-0.7, "worsening", [-0.1, -0.7], topics=[("Refund", "بازگشت وجه", "bad")])
        async with centre.engine.begin() as conn:
            new = NewAlert(key=f"speech:{talk.record.id}", title="Leaving", link=f"/live/{talk.record.id}")
            await alerts.raise_(conn, new, now=datetime.now(UTC))
        page = await browser.page("leila", "/live")
        need = page.one(".needing li")
        assert need.one("a").attributes["href"] == f"/live/{talk.record.id}"
        assert "Leaving . The customer is upset and it gets worse." in need.text
        row = page.one("tbody tr").text
        assert "Worsening" in row
        assert "Refund" in row
        assert page.one("cx-refresh[src=/live/table]").attributes["channel"] == "calls speech"


async def test_in_persian_the_words_the_times_and_the_moods_are_persian(tmp_path: Path) -> None:
    async with talking(tmp_path, language="fa") as (_centre, browser, talk):
        await talk.begin()
        await talk.say("customer", 9, "کسی به من زنگ نزد", sentiment=-0.7)
        talk.state(-0.3, "worsening", [-0.1, -0.7], topics=[("Refund", "بازگشت وجه", "neutral")], hints=[LEAVING])
        page = await browser.page("sara", "/desk")
        text = page.one(".talkcard").text
        for words in ("متن زندهٔ گفت‌وگو", "۰:۰۹", "منفی", "رو به بدتر شدن", "بازگشت وجه", "فارسی"):
            assert words in text, words
        assert "احتمال لغو" in page.one("#talk-hints").text


async def test_hints_over_the_api_are_listed_and_decided_once(tmp_path: Path) -> None:
    async with talking(tmp_path) as (centre, browser, talk):
        await talk.begin()
        async with centre.engine.begin() as conn:
            for name in ("one", "two"):
                new = NewHint(
                    id=name, transcript_id=talk.id, call_id=talk.record.id, kind="category", at=31, title=name,
                    category_id="leaving", shown_to=SARA,
                )  # fmt: skip
                await hints.show(conn, new, now=datetime.now(UTC))
        listed = await (await browser.get("sara", f"/api/v1/calls/{talk.record.id}/hints")).json()
        assert [(hint["id"], hint["outcome"]) for hint in listed["items"]] == [("one", "shown"), ("two", "shown")]
        assert (await browser.get("omid", f"/api/v1/calls/{talk.record.id}/hints")).status == 404
        for status in (200, 409):
            answer = await browser.tell("sara", "/api/v1/hints/one", {"outcome": "dismissed"})
            assert answer.status == status, await answer.text()
        async with centre.engine.connect() as conn:
            kept = {hint.id: (hint.outcome, hint.by) for hint in await hints.of_call(conn, talk.record.id)}
        assert kept == {"one": ("dismissed", "sara"), "two": ("shown", "")}
