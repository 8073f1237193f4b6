"""A voice message on its page, in the search and on the page of its call: who hears it, and what is silent in it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile

from cxcall.customers.profile import Profile
from cxcall.store import audit, voicemail_files
from cxcall.web.keys import SETTINGS
from tests.support.call_centre import MARYAM, CallCentre, call_centre, past
from tests.support.talk_stage import CARD, turns_of
from tests.support.voicemail_stage import ID, LINES, PAGE, SOUND, leave
from tests.web.reading import Browser, browsing


async def loud(browser: Browser, name: str, start: float, end: float) -> float:
    answer = await browser.get(name, SOUND)
    assert answer.status == 200, await answer.text()
    assert answer.headers["Content-Type"] == "audio/flac"
    samples, rate = soundfile.read(io.BytesIO(await answer.read()))
    return float(np.abs(samples[int(start * rate) : int(end * rate)]).max())


async def test_a_message_is_found_by_its_words_and_opens_at_its_turn(centre: CallCentre, browser: Browser) -> None:
    await leave(centre)
    found = await browser.page("leila", "/speech/search?q=parcel")
    assert found.one(".saidlist .about").text.startswith("Voice mailbox")
    assert found.one(".saidlist a.at").attributes["href"] == f"{PAGE}#turn-1"
    page = await browser.page("leila", PAGE)
    assert page.one("h1").text == "Maryam H"
    assert page.one("#turn-1 p").text == LINES[0][3]
    assert "●●●●" in page.one("#turn-2 p").text
    assert CARD not in page.text
    assert "1001@default" in page.text
    assert page.one("audio").attributes["src"] == SOUND
    assert (await browser.get("leila", PAGE + "/now")).status == 200


async def test_hidden_numbers_are_silent_and_who_listened_is_written_down(centre: CallCentre, browser: Browser) -> None:
    await leave(centre)
    card = turns_of(LINES)[1].words[4:8]
    middle = card[0].start + 0.1, card[-1].end - 0.1
    assert await loud(browser, "admin", *middle) > 0.1
    assert await loud(browser, "leila", *middle) == 0.0
    assert await loud(browser, "leila", 0.6, 2.9) > 0.1
    piece = await browser.get("leila", SOUND, headers={"Range": "bytes=100-199"})
    assert piece.status == 206
    async with centre.engine.connect() as conn:
        told = await audit.page(conn, subject=f"voicemail:{ID}")
    assert [entry.actor for entry in told] == ["leila", "leila", "admin"], "not for every piece"


async def test_what_is_not_written_down_yet_is_heard_by_those_who_may_know_numbers(
    centre: CallCentre, browser: Browser
) -> None:
    await leave(centre, text=False)
    page = await browser.page("leila", PAGE)
    assert not page.all("audio")
    assert "once it has been written down" in page.text
    assert "Waiting" in page.one("#text").text
    assert (await browser.get("leila", SOUND)).status == 403
    assert (await browser.page("admin", PAGE)).all("audio")
    assert (await browser.get("admin", SOUND)).status == 200


async def test_the_page_of_the_call_has_the_message_for_those_who_hear_it(centre: CallCentre, browser: Browser) -> None:
    await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",)))
    call = past(MARYAM, centre.ago(minutes=10))
    await centre.tell(call)
    await leave(centre, call_id=call.id)
    page = await browser.page("leila", f"/calls/{call.id}")
    card = page.one("section[aria-labelledby=vm1]")
    assert card.one("audio").attributes["src"] == SOUND
    assert LINES[0][3] in card.text
    assert card.one("a.link").attributes["href"] == PAGE
    assert not (await browser.page("sara", f"/calls/{call.id}")).all("section[aria-labelledby=vm1]")
    opened = await browser.page("leila", PAGE)
    assert opened.one("h1").text == "Maryam Hosseini"
    assert f"/calls/{call.id}" in [link.attributes["href"] for link in opened.all(".act a.btn")]


async def test_agents_and_strangers_to_the_folder_get_nothing(centre: CallCentre, browser: Browser) -> None:
    await leave(centre)
    for path in (PAGE, PAGE + "/now", SOUND):
        assert (await browser.get("sara", path)).status == 403
    for wrong in ("none", "..%2f..%2fcxcall", ID + ".json"):
        assert (await browser.get("admin", f"/speech/voicemail/{wrong}")).status == 404
    voicemail_files.remove(centre.app[SETTINGS], ID)
    assert (await browser.get("admin", PAGE)).status == 404


async def test_the_page_is_persian_for_those_who_read_persian(tmp_path: Path) -> None:
    async with call_centre(tmp_path, language="fa") as centre, browsing(centre) as browser:
        await leave(centre)
        text = await browser.text("leila", PAGE)
    assert "پیام صوتی" in text
    assert "صندوق پیام" in text
