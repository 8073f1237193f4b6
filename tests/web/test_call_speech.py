"""What was said in a call, on its page and as its sound: rights, silence over hidden numbers, corrections, reasons."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from cxcall.media.recording.keeper import SHORT
from cxcall.settings import Recordings
from cxcall.speech.listening import Listening
from cxcall.speech.peaks import Block, Cut, Peaks, Shape, silence
from cxcall.speech.stream import RATE
from cxcall.store import audit, recordings, speech_jobs, speech_settings, transcripts, turns, understood
from cxcall.store.recordings import Pause
from cxcall.store.transcripts import Unheard
from cxcall.web import recording_sound
from cxcall.web.keys import SETTINGS
from cxcall.web.recording_sound import Copies, SoundGone
from cxcall.web.unread_recordings import UnhiddenFor
from tests.support.call_centre import MARYAM, OMID, CallCentre, past
from tests.support.talk_stage import CARD, LINES, TalkStage, spoken_call, talk_stage, turns_of
from tests.web.reading import Browser, Element


async def _sound(browser: Browser, name: str, talk: TalkStage) -> Block:
    response = await browser.get(name, f"{talk.path}/recording")
    assert response.status == 200, await response.text()
    with soundfile.SoundFile(io.BytesIO(await response.read())) as sound:
        assert sound.samplerate == RATE
        samples: Block = sound.read(dtype="float32", always_2d=True)
    return samples


def _loud(samples: Block, start: float, end: float, channel: int) -> float:
    return float(np.abs(samples[int(start * RATE) : int(end * RATE), channel]).max())


def _said(turn: Element) -> str:
    """The words of a turn, without the spaces that marks make in this reading of pages."""
    return turn.one("p").text.replace(" .", ".").replace(" ,", ",")


async def test_the_page_tells_what_was_said_found_and_counted(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre, gaps=[Unheard(since=36.4, until=37.6, why="lost")])
    async with centre.engine.begin() as conn:
        pauses = [Pause(since=12.9, until=16.9, why="card")]
        await recordings.change(conn, talk.recording, now=centre.now, pauses=pauses, problem=SHORT)
    page = await browser.page("leila", talk.path + "?t=10")
    said = [item for item in page.all(".script li") if "data-from" in item.attributes]
    assert [item.one("p").text for item in said][1] == LINES[1][3]
    assert [item.attributes["class"].split()[0] for item in said[:2]] == ["cust", "agent"]
    assert said[3].attributes["aria-current"] == "true", "the turn of second 10"
    assert said[4].one(".redact").text == "●●●●"
    assert CARD not in page.text
    assert [item.text for item in page.all(".script .sysline")] == [
        "Recording paused 0:04 : a card number was given",
        "On hold 0:10", "Not heard 0:36 – 0:37 : the connection to Asterisk was lost",
    ]  # fmt: skip
    assert "Negative" in said[2].one(".senti").text
    assert [mark.text for mark in said[5 + 1].all("mark")] == ["refund", "approved now"]
    assert "English, 94% confident" in page.one("#transcript").text
    assert [item.text for item in page.all(".topics li")] == ["Churn risk", "Refund", "Refund approved"]
    assert [item.text for item in page.all(".needs li")] == ["Anything else? not said", "Greeting said"]
    words = page.one("section[aria-labelledby=cv]").text
    for told in ("talk time", "Silence", "Talked over", "Hold 0:10", "words a minute"):
        assert told in words
    chips = page.one("cx-wave").one(".waves").text
    for told in ("1 negative peak", "Hold 0:10", "1 number hidden"):
        assert told in chips
    wave = page.one("cx-wave")
    assert float(wave.attributes["at"]) == 10.5
    assert page.all(".over .mood")
    assert page.all(".over rect.hold")
    assert page.all(".over rect.pause")
    assert "neither phone sent anything are missing" in page.text
    assert page.one("audio").attributes["src"].endswith("#t=10.5")


async def test_the_sound_comes_in_pieces_and_it_is_written_down_once_who_listened(
    centre: CallCentre, browser: Browser
) -> None:
    talk = await talk_stage(centre)
    path = (await browser.page("leila", talk.path)).one("audio").attributes["src"]
    part = await browser.get("leila", path, headers={"Range": "bytes=0-99"})
    assert (part.status, len(await part.read())) == (206, 100)
    assert part.headers["Content-Type"] == "audio/flac"
    assert part.headers["Cache-Control"].startswith("private")
    again = await browser.get("leila", path, headers={"Range": "bytes=0-"})
    assert again.status == 206
    rest = await browser.get("leila", path, headers={"Range": "bytes=100-199"})
    assert rest.status == 206
    file = await browser.get("leila", path + "&download=1")
    assert "attachment" in file.headers["Content-Disposition"]
    async with centre.engine.connect() as conn:
        told = await audit.page(conn, subject=f"call:{talk.record.id}")
    assert [entry.act for entry in told] == ["recording.downloaded", "recording.listened"], "an opening is told once"
    assert {entry.actor for entry in told} == {"leila"}


async def test_hidden_numbers_are_silent_for_all_but_administrators(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    clear, heard = await _sound(browser, "admin", talk), await _sound(browser, "leila", talk)
    assert _loud(clear, 13.8, 14.9, 0) > 0.1
    assert _loud(heard, 13.75, 14.9, 0) == 0.0, "the number"
    assert _loud(heard, 12.5, 12.7, 0) > 0.1, "the words before it"
    assert _loud(heard, 2.0, 4.0, 0) > 0.1
    assert _loud(heard, 10.5, 12.0, 1) > 0.1
    peaks = [
        msgspec.json.decode(await (await browser.get(name, f"{talk.path}/recording/peaks")).read(), type=Peaks)
        for name in ("admin", "leila")
    ]
    middle = int(14.2 / peaks[0].seconds * len(peaks[0].channels[0]))
    assert peaks[0].channels[0][middle] > 0.1
    assert peaks[1].channels[0][middle] == 0.0, "the picture does not show it either"
    kept = {path.name for path in recording_sound.copies_of(talk.file)}
    assert len(kept) == 3, kept  # the copy, and the peaks of the clear file; those of the copy begin with its name
    assert not list(talk.file.parent.glob("*.part"))


async def test_what_nobody_wrote_down_is_silent_for_those_too_and_the_page_says_so(
    centre: CallCentre, browser: Browser
) -> None:
    talk = await talk_stage(centre, gaps=[Unheard(since=23.0, until=26.0, why="lost")])
    async with centre.engine.begin() as conn:  # listened to from its tenth second, and not to its end
        recording = await recordings.get(conn, talk.recording)
        assert recording is not None
        earlier = recording.began_at - timedelta(seconds=10)
        await recordings.change(conn, talk.recording, now=centre.now, began_at=earlier)
    clear, heard = await _sound(browser, "admin", talk), await _sound(browser, "leila", talk)
    loud = [int(second) for second in range(int(recording.seconds)) if _loud(clear, second, second + 1, 0) > 0.1]
    silent = [second for second in loud if _loud(heard, second, second + 1, 0) == 0.0]
    assert silent == [second for second in loud if second < 10 or 33 <= second < 36]
    told = "What has not been written down of this recording is silent here"
    assert told in (await browser.page("leila", talk.path)).text
    assert told not in (await browser.page("admin", talk.path)).text


async def test_the_clear_sound_is_never_given_when_a_copy_fails(
    centre: CallCentre, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await talk_stage(centre)

    def broken(*_: object) -> bool:
        raise RuntimeError("no room on the disk")

    monkeypatch.setattr(recording_sound, "_silenced", broken)
    assert (await browser.get("leila", f"{talk.path}/recording")).status == 404
    assert (await browser.get("leila", f"{talk.path}/recording/peaks")).status == 404
    assert (await browser.get("admin", f"{talk.path}/recording")).status == 200


async def test_agents_hear_their_own_calls_where_the_site_lets_them(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    assert (await browser.get("sara", f"{talk.path}/recording")).status == 200
    assert (await browser.get("omid", f"{talk.path}/recording")).status == 403
    assert (await browser.get("omid", talk.path)).status == 403
    assert not (await browser.page("sara", talk.path)).all(".script .iconbtn"), "supervisors correct"
    assert (await browser.send("sara", f"{talk.path}/transcript/1", version="1", text="Hi")).status == 403
    silent = msgspec.structs.replace(centre.app[SETTINGS], recordings=Recordings(agents=False))
    centre.app._state[SETTINGS] = silent
    assert (await browser.get("sara", f"{talk.path}/recording")).status == 403
    page = await browser.page("sara", talk.path)
    assert not page.all("cx-wave")
    assert "Recordings are heard by supervisors here." in page.text
    assert page.all("#transcript")


async def test_a_correction_keeps_what_was_heard_and_changes_all_that_follows(
    centre: CallCentre, browser: Browser
) -> None:
    talk = await talk_stage(centre)
    form = await browser.page("leila", talk.path + "?edit=3")
    assert form.one("#fix-3").text == LINES[2][3]
    sent = {"version": "1", "text": "Somebody called me back and it was wonderful."}
    page = await browser.post("leila", f"{talk.path}/transcript/3", **sent)
    turn = page.one("#turn-3")
    assert _said(turn) == sent["text"]
    assert "Corrected by Leila Ahmadi" in turn.text
    assert LINES[2][3] in turn.one(".was").text, "what was heard"
    assert "Churn risk" not in [item.text for item in page.all(".topics li")]
    assert "Positive" in turn.one(".senti").text
    async with centre.engine.connect() as conn:
        found = {one.category_id for one in await understood.found(conn, talk.transcript)}
        acts = [entry.act for entry in await audit.page(conn, subject=f"call:{talk.record.id}")]
    assert "leaving" not in found
    assert acts == ["transcript.corrected"]
    late = await browser.post("leila", f"{talk.path}/transcript/3", version="1", text="Another one")
    assert "Somebody else corrected this turn" in late.one("#turn-3").text
    assert late.one("#fix-3").text == "Another one"
    version = late.one("#turn-3 input[name=version]").attributes["value"]
    page = await browser.post("leila", f"{talk.path}/transcript/3", version=version, text="x", undo="1")
    assert _said(page.one("#turn-3")) == LINES[2][3]
    assert not page.one("#turn-3").all(".was")
    assert "Churn risk" in [item.text for item in page.all(".topics li")]


async def test_how_a_turn_felt_can_be_said_and_the_calls_mood_follows(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    async with centre.engine.connect() as conn:
        before = await transcripts.get(conn, talk.transcript)
    page = await browser.post("leila", f"{talk.path}/transcript/8", version="1", text=LINES[7][3], feeling="-0.6")
    assert "Negative" in page.one("#turn-8 .senti").text
    async with centre.engine.connect() as conn:
        after = await transcripts.get(conn, talk.transcript)
        said = await turns.get(conn, talk.transcript, 8)
    assert before is not None
    assert after is not None
    assert (after.sentiment or 0) < (before.sentiment or 0)
    assert said is not None
    assert (said.felt, said.text) == (-0.6, said.heard)


async def test_hidden_numbers_stay_hidden_through_a_correction(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    assert CARD not in (await browser.page("leila", talk.path + "?edit=5")).one("#fix-5").text
    assert CARD in (await browser.page("admin", talk.path + "?edit=5")).one("#fix-5").text
    refused = await browser.post("leila", f"{talk.path}/transcript/5", version="1", text="My card number is secret.")
    assert "a number is hidden there" in refused.one("#turn-5 .err").text
    page = await browser.post("leila", f"{talk.path}/transcript/5", version="1", text="The card is ●●●●, use this one.")
    assert _said(page.one("#turn-5")) == "The card is ●●●●, use this one."
    assert "4111" not in page.text
    async with centre.engine.connect() as conn:
        said = await turns.get(conn, talk.transcript, 5)
    assert said is not None
    assert said.text == f"The card is {CARD}, use this one."
    heard = await _sound(browser, "leila", talk)
    assert _loud(heard, 12.6, 16.4, 0) == 0.0, "of a corrected turn nobody knows where its words stand"


async def test_the_transcript_is_taken_away_as_text_subtitles_and_data(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    text = await (await browser.get("leila", f"{talk.path}/transcript?format=text")).text()
    assert text.splitlines()[1] == f"0:04 Sara Karimi: {LINES[1][3]}"
    srt = await (await browser.get("leila", f"{talk.path}/transcript?format=srt")).text()
    assert srt.startswith("1\n00:00:02,000 --> 00:00:04,000\nMaryam Hosseini: Hello.")
    response = await browser.get("leila", f"{talk.path}/transcript?format=json")
    data = await response.json()
    assert "attachment" in response.headers["Content-Disposition"]
    assert [turn["speaker"] for turn in data["turns"]][:2] == ["customer", "agent"]
    assert data["turns"][0]["words"][0]["word"] == "Hello."
    assert (data["turns"][4]["words"], data["redacted"]) == ([], True)
    for taken in (text, srt, msgspec.json.encode(data).decode()):
        assert "4111" not in taken
    assert (await browser.get("leila", f"{talk.path}/transcript?hidden=shown")).status == 403
    clear = await (await browser.get("admin", f"{talk.path}/transcript?hidden=shown")).text()
    assert CARD in clear
    async with centre.engine.connect() as conn:
        told = await audit.page(conn, subject=f"call:{talk.record.id}")
    assert {(entry.act, entry.details["redacted"]) for entry in told} == {
        ("transcript.downloaded", True), ("transcript.downloaded", False),
    }  # fmt: skip


async def test_a_page_without_recording_or_text_says_why(centre: CallCentre, browser: Browser) -> None:
    call = past(MARYAM, centre.ago(hours=3), at=OMID)
    await centre.tell(call)

    async def told() -> str:
        return (await browser.page("leila", f"/calls/{call.id}")).one("#unheard").text

    assert "Calls of this queue are not recorded." in await told()
    assert "Calls of this queue are not written down." in await told()
    async with centre.engine.begin() as conn:
        rules = Listening(record=True, record_share=20, after=True)
        await speech_settings.save(conn, "", "billing", rules, by="admin", now=centre.now)
    assert "this one was not among them" in await told()
    async with centre.engine.begin() as conn:
        asks = Listening(record=True, consent="asked")
        await speech_settings.save(conn, "", "billing", asks, by="admin", now=centre.now, version=1)
    assert "not asked for consent" in await told()
    talk = await talk_stage(centre, text=False)
    async with centre.engine.begin() as conn:
        await recordings.gone(conn, talk.recording, now=centre.now)
    assert "The recording was deleted on" in (await browser.page("leila", talk.path)).one("#unheard").text


async def test_a_recording_is_transcribed_when_asked_and_the_page_shows_how_far_it_is(
    centre: CallCentre, browser: Browser
) -> None:
    talk = await talk_stage(centre, text=False)
    assert "Transcribe now" in (await browser.page("leila", talk.path)).one("#unheard").text
    assert "Transcribe now" not in (await browser.page("sara", talk.path)).text
    page = await browser.post("leila", f"{talk.path}/transcript")
    assert "0%" in page.one("#talk-progress").text
    async with centre.engine.begin() as conn:
        job = await speech_jobs.take(conn, now=centre.now + timedelta(days=1))
        assert job is not None
        assert (job.kind, job.subject) == ("recording", talk.recording)
        job = await speech_jobs.beat(conn, job, now=centre.now, progress=0.42)
    assert "42%" in await browser.text("leila", f"{talk.path}/transcript/progress")
    async with centre.engine.begin() as conn:
        await speech_jobs.fail(conn, job, "The model for fa is missing.", now=centre.now, for_good=True)
    assert (await browser.get("leila", f"{talk.path}/transcript/progress")).status == 204
    page = await browser.page("leila", talk.path)
    assert "The model for fa is missing." in page.one("#unheard .banner").text
    assert "Try again" in page.one("#unheard").text
    again = await browser.post("leila", f"{talk.path}/transcript")
    assert "0%" in again.one("#talk-progress").text


async def test_a_recording_that_left_its_folder_is_not_there(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    async with centre.engine.begin() as conn:
        await recordings.change(conn, talk.recording, now=centre.now, file="../cxcall.sqlite")
    assert (await browser.get("admin", f"{talk.path}/recording")).status == 404
    assert (await browser.get("admin", f"{talk.path}/recording?r=another")).status == 404
    assert (await browser.get("admin", "/calls/lab-9.9/recording")).status == 404


async def test_a_broken_file_has_no_shape(tmp_path: Path) -> None:
    file = tmp_path / "call.flac"
    file.write_bytes(b"not a sound")
    with pytest.raises(SoundGone):
        await Copies().shape(file)
    with pytest.raises(SoundGone):
        await Copies().heard(tmp_path / "none.flac", [Cut(channel=0, start=0, end=1)])
    assert [path.name for path in tmp_path.iterdir()] == ["call.flac"]


def test_peaks_and_silence_are_the_same_however_the_sound_is_cut_in_blocks() -> None:
    whole = np.random.default_rng(4).uniform(-1, 1, (10_007, 2)).astype(np.float32)
    cuts = [Cut(channel=1, start=0.25, end=0.5)]
    made = []
    for size in (10_007, 997, 1):
        shape = Shape(frames=len(whole), rate=RATE, channels=2, bins=300)
        blocks = [silence(whole[at : at + size], at, RATE, cuts) for at in range(0, len(whole), size)]
        for block in blocks:
            shape.feed(block)
        made.append((shape.peaks(), np.concatenate(blocks)))
    assert made[0][0] == made[1][0] == made[2][0]
    assert np.array_equal(made[0][1], made[1][1])
    assert np.array_equal(made[0][1], made[2][1])
    assert not made[0][1][2000:4000, 1].any()
    assert np.array_equal(made[0][1][:, 0], whole[:, 0])
    assert len(made[0][0].channels[0]) == 300


async def test_turns_are_named_by_who_said_them(centre: CallCentre, browser: Browser) -> None:
    call = spoken_call(centre, name=None)
    talk = await talk_stage(centre, record=call, lines=(*LINES[:2], ("unknown", 5.0, 6.0, "hello there")))
    page = await browser.page("leila", talk.path)
    assert [item.text for item in page.all(".script .sp")] == ["Customer", "Sara", "Speaker"]
    assert len(turns_of(LINES)) == len(LINES)


async def test_the_list_of_calls_shows_how_the_customer_felt(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre, sound=False)
    other = past(MARYAM, centre.ago(hours=3), at=OMID)
    await centre.tell(other)
    page = await browser.page("leila", "/calls")
    rows = {row.attributes["id"]: row for row in page.all("tbody tr")}
    assert rows[f"call-{talk.record.id}"].one(".senti").text in ("Positive", "Neutral", "Negative")
    assert not rows[f"call-{other.id}"].all(".senti")


async def test_a_recording_whose_text_is_on_its_way_is_heard_only_by_those_who_may_know_hidden_numbers(
    centre: CallCentre, browser: Browser
) -> None:
    talk = await talk_stage(centre, text=False)
    assert (await browser.get("leila", f"{talk.path}/recording")).status == 200, "nobody asked for a text"
    page = await browser.post("leila", f"{talk.path}/transcript")
    assert "can be heard once it has been written down" in page.one("#unheard").text
    assert "0%" in page.one("#talk-progress").text
    assert not page.all("cx-wave")
    assert not page.all("audio")
    for path in ("recording", "recording/peaks"):
        refused = await browser.get("leila", f"{talk.path}/{path}")
        assert refused.status == 409
        assert "once it has been written down" in await refused.text()
    assert (await browser.page("admin", talk.path)).all("cx-wave")
    assert _loud(await _sound(browser, "admin", talk), 13.8, 14.9, 0) > 0.1
    async with centre.engine.begin() as conn:
        job = await speech_jobs.take(conn, now=centre.now + timedelta(days=1))
        assert job is not None
        await speech_jobs.fail(conn, job, "It broke off.", now=centre.now)
    assert (await browser.get("leila", f"{talk.path}/recording")).status == 409, "it is tried again"
    async with centre.engine.begin() as conn:
        job = await speech_jobs.take(conn, now=centre.now + timedelta(days=1))
        assert job is not None
        await speech_jobs.done(conn, job, now=centre.now)
    await talk_stage(centre, sound=False, record=talk.record)
    assert _loud(await _sound(browser, "leila", talk), 13.75, 14.9, 0) == 0.0, "the number"
    assert (await browser.page("leila", talk.path)).all("cx-wave")


@pytest.mark.parametrize(
    ("unhidden_for", "who"),
    [("admin", "only administrators can"), ("supervisor", "only supervisors and"), ("nobody", "once it has been.")],
)
async def test_a_recording_that_could_not_be_written_down_says_who_can_hear_it(
    centre: CallCentre, browser: Browser, unhidden_for: UnhiddenFor, who: str
) -> None:
    settings = msgspec.structs.replace(centre.app[SETTINGS], recordings=Recordings(unhidden_for=unhidden_for))
    centre.app._state[SETTINGS] = settings
    talk = await talk_stage(centre, text=False)
    await browser.post("leila", f"{talk.path}/transcript")
    async with centre.engine.begin() as conn:
        job = await speech_jobs.take(conn, now=centre.now + timedelta(days=1))
        assert job is not None
        await speech_jobs.fail(conn, job, "It broke off.", now=centre.now, for_good=True)
    told = (await browser.page("sara", talk.path)).one("#unheard").text
    assert who in told
    statuses = {name: (await browser.get(name, f"{talk.path}/recording")).status for name in ("sara", "leila", "admin")}
    assert statuses == {
        "sara": 409,
        "leila": 200 if unhidden_for == "supervisor" else 409,
        "admin": 409 if unhidden_for == "nobody" else 200,
    }


async def test_the_gaps_of_a_live_text_are_read_before_its_recording_is_heard(
    centre: CallCentre, browser: Browser
) -> None:
    talk = await talk_stage(centre)
    assert (await browser.get("leila", f"{talk.path}/recording")).status == 200
    async with centre.engine.begin() as conn:
        await speech_jobs.make(conn, "recording", talk.recording, now=centre.now, transcript_id=talk.transcript)
    assert (await browser.get("leila", f"{talk.path}/recording")).status == 409
    page = await browser.page("leila", talk.path)
    assert page.all("#transcript")
    assert "once it has been written down" in page.one("#unheard").text
