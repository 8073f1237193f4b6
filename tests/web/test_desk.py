"""The desk over HTTP: what an agent sees from ring to wrap-up, and what the buttons ask of Asterisk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cxcall.bus import CommandRefused
from cxcall.bus.acts import BlindTransfer, Hangup, Mute, PauseMember
from cxcall.calls.record import CallRecord
from cxcall.customers.profile import Profile
from cxcall.store import customer_notes
from tests.support.call_centre import (
    MARYAM,
    OMID,
    SARA,
    CallCentre,
    answered,
    call_centre,
    ended,
    held,
    member,
    past,
    ringing,
)
from tests.web.reading import Browser, browsing

KNOWN = Profile(name="Maryam Hosseini", numbers=("+989123456789",), tier="gold", city="Tehran", tags=("vip",))


@asynccontextmanager
async def desk(
    folder: Path, *, language: str = "en", listening: bool = True
) -> AsyncIterator[tuple[CallCentre, Browser]]:
    async with call_centre(folder, language=language, listening=listening) as centre, browsing(centre) as browser:
        centre.members = [member()]
        yield centre, browser


async def test_a_ringing_call_shows_who_calls_how_often_and_why(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        customer = await centre.customer(KNOWN)
        async with centre.engine.begin() as conn:
            await customer_notes.add(conn, customer, centre.ids["leila"], "Prefers mornings")
        await centre.tell(past(MARYAM, centre.ago(days=2), at=OMID))
        await centre.tell(ringing(MARYAM, centre.ago(seconds=45)))
        text = await browser.text("sara", "/desk")
    for words in ("Incoming call", "billing", "Maryam Hosseini", "0912 345 6789", "Gold", "Second call this week",
                  "Omid Rahimi", "Prefers mornings", "Answer on your phone", "Pass to next", "Waited"):  # fmt: skip
        assert words in text, words


async def test_an_unknown_number_is_the_title_and_has_no_empty_facts(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.tell(ringing("02188341190", centre.ago(seconds=30)))
        page = await browser.page("sara", "/desk")
    assert "021 8834 1190" in page.one("#pop-name").text
    assert "First contact" in page.text
    assert "Last call" not in page.one(".facts").text
    assert "Last agent" not in page.text


async def test_an_anonymous_caller_is_named_so_and_has_no_customer(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        ring = ringing("", centre.ago(seconds=30))
        await centre.tell(ring)
        assert "Anonymous caller" in await browser.text("sara", "/desk")
        await centre.tell(answered(ring, centre.now))
        assert "The caller's number is withheld" in await browser.text("sara", "/desk")


async def test_an_answered_call_has_controls_and_a_note_and_a_hold_its_own_timer(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.customer(KNOWN)
        call = answered(ringing(MARYAM, centre.ago(seconds=100)), centre.ago(seconds=50))
        await centre.tell(call)
        page = await browser.page("sara", "/desk")
        assert all(page.all(selector) for selector in ("[data-keys=F8]", ".btn.stop", "#note-text"))
        assert "Talking" in page.text
        begin = centre.ago(seconds=10)
        await centre.tell(held(call, begin))
        page = await browser.page("sara", "/desk")
        assert "On hold" in page.one(".callcard").text
        assert begin.isoformat() in page.one(".callcard .chip cx-clock").attributes["since"]
        await centre.tell(held(call, begin, by=0))
        assert "They put you on hold" in await browser.text("sara", "/desk")


async def test_a_second_call_that_rings_during_a_call_is_listed(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.tell(answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40)))
        await centre.tell(ringing("02188341190", centre.ago(seconds=20), wait=10))
        page = await browser.page("sara", "/desk")
    assert "Also ringing" in page.one(".callcard.other").text
    assert "021 8834 1190" in page.one(".callcard.other").text


async def test_after_the_call_its_notes_stay_until_they_are_finished(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        call = ended(answered(ringing(MARYAM, centre.ago(seconds=300)), centre.ago(seconds=250)), centre.ago(seconds=5))
        await centre.tell(call)
        page = await browser.page("sara", "/desk")
        assert "Call ended" in page.text
        assert "4:05" in page.one(".timer").text
        page = await browser.post("sara", "/desk/finish", call=call.id, text="Refund promised", version="0")
        assert "Ready. The next call opens here." in page.text
        assert "Refund promised" in await browser.text("sara", f"/calls/{call.id}")


async def test_what_belongs_to_the_ended_call_carries_its_name_while_the_next_one_rings(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",)))
        await centre.tell(
            ended(answered(ringing(MARYAM, centre.ago(seconds=300)), centre.ago(seconds=250)), centre.ago(seconds=5)),
            ringing("02188341190", centre.ago(seconds=20), wait=10),
        )
        page = await browser.page("sara", "/desk")
    assert "021 8834 1190" in page.one("#pop-name").text
    assert page.one(".before").text.strip() == "From the call before, with Maryam Hosseini"
    for card in page.all(".desk.past .card > header"):
        if "Your day" not in card.text and "Recent contact" not in card.text:
            assert "Maryam Hosseini" in card.text
            assert "Call ended" in card.text


async def test_a_caller_who_keeps_the_number_back_is_called_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.tell(ringing("anonymous", centre.ago(seconds=20), wait=10, name="Anonymous"))
        page = await browser.page("sara", "/desk")
    assert page.one("#pop-name").text == "Anonymous caller"


async def test_a_note_is_saved_as_typed_and_comes_back_after_a_reload(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        call = answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40))
        await centre.tell(call)
        for text in ("Ch", "Charged", "Charged twice"):
            saved = await browser.send("sara", "/desk/note", {"X-Autosave": "1"}, call=call.id, text=text, version="0")
            assert saved.status == 204
        assert (await browser.page("sara", "/desk")).one("#note-text").text == "Charged twice"


async def test_nobody_writes_notes_on_calls_of_others(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        call = past(MARYAM, centre.ago(hours=1), at=OMID)
        await centre.tell(call)
        assert (await browser.send("sara", "/desk/note", call=call.id, text="x")).status == 403
        assert (await browser.send("sara", "/desk/note", call="lab-1.1", text="x")).status == 404


@pytest.mark.parametrize(
    ("form", "act"),
    [
        ({"act": "end"}, Hangup),
        ({"act": "mute"}, Mute),
        ({"act": "transfer", "to": "۱۰۰۲"}, BlindTransfer),
    ],
)
async def test_the_buttons_ask_asterisk_for_the_agents_own_channel(
    tmp_path: Path, form: Mapping[str, str], act: type
) -> None:
    async with desk(tmp_path) as (centre, browser):
        call = answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40))
        await centre.tell(call)
        page = await browser.post("sara", "/desk/act", call=call.id, **form)
    assert [type(done) for done in centre.acts] == [act]
    assert centre.acts[0].channel.startswith(f"{SARA}-")
    if act is BlindTransfer:
        assert centre.acts[0].exten == "1002"
    if act is Mute:
        assert "Unmute" in page.text


async def test_a_transfer_to_no_number_is_said_and_nothing_is_asked(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        call = answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40))
        await centre.tell(call)
        page = await browser.post("sara", "/desk/act", call=call.id, act="transfer", to="Omid; rm")
    assert "Write the extension to transfer to in digits" in page.text
    assert centre.acts == []


async def test_an_act_that_asterisk_refuses_is_told_in_a_sentence_in_persian_too(tmp_path: Path) -> None:
    async with desk(tmp_path, language="fa") as (centre, browser):
        call = answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40))
        await centre.tell(call)
        centre.refuse = CommandRefused("There is no number 1999 to transfer to.")
        page = await browser.post("sara", "/desk/act", call=call.id, act="transfer", to="1999")
    assert "برای انتقال وجود ندارد" in page.one("[role=alert]").text


async def test_an_act_on_a_call_that_is_over_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as (_centre, browser):
        page = await browser.post("sara", "/desk/act", call="lab-1.1", act="end")
    assert "This call has already ended." in page.text


async def test_passing_a_ringing_call_hangs_up_the_agents_phone_only(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        ring = ringing(MARYAM, centre.ago(seconds=45))
        await centre.tell(ring)
        await browser.post("sara", "/desk/act", call=ring.id, act="pass")
    assert centre.acts == [Hangup(channel=ring.legs[-1].channel)]


async def test_pause_and_ready_are_asked_for_in_all_queues(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await browser.post("sara", "/desk/state", state="lunch")
        centre.members = [member(paused=True, reason="lunch", paused_in=["billing", "general"])]
        page = await browser.page("sara", "/desk")
        assert "Lunch" in page.one(".statebtn").text
        assert "You are paused" in page.text
        await browser.post("sara", "/desk/state", state="ready")
    assert centre.acts == [
        PauseMember(interface=SARA, paused=True, reason="lunch"),
        PauseMember(interface=SARA, paused=False),
    ]


async def test_a_missed_offer_is_shown_with_its_reason_until_it_is_seen(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.tell(_not_taken(centre))
        page = await browser.page("sara", "/desk")
        assert "Missed, your phone rang for 0:15" in page.one(".missed").text
        key = page.one(".missed input[name=missed]").attributes["value"]
        centre.members = [member(paused=True, reason="Auto-Pause")]
        assert "Missed, you were set to Pause." in await browser.text("sara", "/desk")
        page = await browser.post("sara", "/desk/state", state="seen", missed=key)
        assert not page.all(".missed")


async def test_a_phone_that_is_gone_a_lost_asterisk_and_a_missing_queue_are_said(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        centre.members = [member(status="unavailable")]
        assert "Your phone is not registered" in await browser.text("sara", "/desk")
        centre.members = []
        assert "You are in no queue" in await browser.text("sara", "/desk")
        page = await browser.post("sara", "/desk/state", state="break")
        assert "there is nothing to pause" in page.text


async def test_without_a_listener_the_desk_says_that_calls_do_not_open(tmp_path: Path) -> None:
    async with desk(tmp_path, listening=False) as (_centre, browser):
        page = await browser.page("sara", "/desk")
    assert "cxcall is not connected to Asterisk" in page.one("[role=alert]").text
    assert "Offline" in page.one(".statebtn").text


async def test_somebody_without_a_phone_reads_who_gives_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as (_centre, browser):
        assert "An administrator gives you an extension" in await browser.text("newcomer", "/desk")


async def test_the_day_counts_the_agents_own_calls_since_midnight(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.tell(past(MARYAM, centre.now - timedelta(seconds=200), talk=60))
        await centre.tell(past("02188341190", centre.now - timedelta(days=3), talk=600))
        page = await browser.page("sara", "/desk")
    assert "1:00" in page.one("[data-key=day]").text


async def test_the_panel_is_two_parts_that_the_script_puts_in_place(tmp_path: Path) -> None:
    async with desk(tmp_path) as (centre, browser):
        await centre.tell(ringing(MARYAM, centre.ago(seconds=45), name="Maryam"))
        page = await browser.page("sara", "/desk/panel")
    assert page.one("#desk-state").attributes["data-title"].startswith("☎")
    assert page.all("#desk-panel #pop")


def _not_taken(centre: CallCentre) -> CallRecord:
    import dataclasses

    ring = ringing(MARYAM, centre.ago(seconds=80), wait=20)
    leg = ring.legs[-1]
    assert leg.rang_at is not None
    end = leg.rang_at + timedelta(seconds=15)
    return dataclasses.replace(
        ring, legs=(ring.legs[0], dataclasses.replace(leg, ended_at=end, result="no_answer", hangup_cause=19))
    )
