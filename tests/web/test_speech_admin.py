"""Speech of this machine: how it is, what is listened to, files to try and to keep; who may do what."""

from __future__ import annotations

import dataclasses
import time
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData

from cxcall.bus.speech import JOBS, RecordingAsk, RecordingState
from cxcall.speech.listening import Listening
from cxcall.store import audit, recordings, speech_jobs, speech_settings, speech_uploads, transcripts
from cxcall.store.recordings import NewRecording, Pause
from cxcall.web import sound_files
from tests.support.call_centre import MARYAM, SERVER, CallCentre, answered, past, ringing
from tests.support.sounds import tone, wav
from tests.support.speech_stage import MODEL, SpeechOfTest
from tests.web.reading import Browser

ADMIN, QUEUES, FILES, TRY = "/admin/speech", "/admin/speech/queues", "/speech/uploads", "/admin/speech/try"


@pytest.fixture
def speech(centre: CallCentre) -> SpeechOfTest:
    return SpeechOfTest(centre.commands, centre.engine, centre.now)


def _sound(name: str = "call.wav", data: bytes | None = None, **fields: str) -> FormData:
    form = FormData(fields)
    form.add_field("file", wav(tone(300, 1.0)) if data is None else data, filename=name, content_type="audio/wav")
    return form


async def test_figures_models_and_listening_are_told(browser: Browser, speech: SpeechOfTest) -> None:
    text = await browser.text("leila", ADMIN)
    for part in (
        "Calls heard now 2",
        "4 voices",
        "0.9 s",
        "19 of 20 within 1.6 s",
        "0.25 s",
        "412 MB",
        "MIT",
        "In memory",
    ):
        assert part in text, part
    assert not (await browser.page("leila", ADMIN)).all("#try")
    assert (await browser.page("admin", ADMIN)).all("#try")
    assert (await browser.get("sara", ADMIN)).status == 403
    speech.be(level="later", later=3)
    assert "3 calls are finished later" in await browser.text("leila", ADMIN + "/now")
    speech.tap = dataclasses.replace(speech.tap, servers={"lab": "Asterisk has no app_audiosocket."})
    assert "lab: Asterisk has no app_audiosocket. “cxcall doctor”" in await browser.text("leila", ADMIN + "/now")


async def test_a_missing_model_is_told_with_the_way_to_mend_it_without_a_network(
    browser: Browser, speech: SpeechOfTest
) -> None:
    speech.be(problem="no_language", language="fa")
    page = await browser.page("leila", ADMIN)
    assert "No model understands Persian" in page.text
    assert len(page.all("ol.mend li")) == 3
    assert page.one("ol.mend li").parent is not None
    assert "models/fa" in page.text
    speech.be(problem="failed", engines=(dataclasses.replace(MODEL, health="failed", problem="It is torn."),))
    assert "It is torn." in await browser.text("leila", ADMIN)


async def test_without_speech_in_this_process_the_page_says_how_to_start_it(browser: Browser) -> None:
    assert "Speech does not run in this process" in await browser.text("leila", ADMIN)
    answer = await browser.send("admin", TRY, form=_sound())
    assert answer.status == 503


async def test_a_failed_job_is_tried_again_by_administrators(centre: CallCentre, browser: Browser) -> None:
    async with centre.engine.begin() as conn:
        await speech_jobs.make(conn, "recording", "r1", now=centre.now)
        job = await speech_jobs.take(conn, now=centre.now)
        assert job is not None
        await speech_jobs.fail(conn, job, "The file is torn.", now=centre.now, for_good=True)
    told: list[Any] = []
    centre.bus.subscribe(JOBS, lambda message: told.append(message.data))
    assert "The file is torn." in await browser.text("leila", ADMIN)
    retry = f"{ADMIN}/jobs/{job.id}/retry"
    assert (await browser.send("leila", retry)).status == 403
    assert "It is tried again." in (await browser.post("admin", retry)).text
    async with centre.engine.connect() as conn:
        again = await speech_jobs.get(conn, job.id)
    assert again is not None
    assert (again.state, told) == ("waiting", [{"id": job.id}])


async def test_rules_of_a_queue_are_saved_told_explained_and_taken_back(
    centre: CallCentre, browser: Browser, speech: SpeechOfTest
) -> None:
    await centre.tell(*(past(MARYAM, centre.ago(hours=hours), talk=600) for hours in range(2, 30)))
    told: list[str] = []
    centre.bus.subscribe("speech-settings", lambda message: told.append(message.channel))
    fields = {
        "new": "1", "version": "0", "server": "", "queue": "billing", "live": "1", "live_share": "۵۰", "record": "1",
        "record_share": "100", "keep_days": "90", "tier.gold": "1", "consent": "asked",
    }  # fmt: skip
    done = await browser.post("admin", QUEUES, **fields)
    assert "Saved. It holds from the next call on." in done.text
    async with centre.engine.connect() as conn:
        kept = await speech_settings.get(conn, "", "billing")
    assert kept is not None
    assert kept.listening == Listening(
        live=True, live_share=50, tiers=("gold",), record=True, keep_days=90, consent="asked"
    )
    text = await browser.text("leila", QUEUES)
    assert "50 of 100 calls of customers of tier Gold are heard live" in text
    assert "About 2 calls a day would be heard live at most" in text
    assert "In a day of 8 hours that needs about 0.01 of a processor core." in text
    assert "only when the caller agreed" in text
    undone = await browser.post("admin", done.one(".toasts form").attributes["action"])
    assert "That is taken back." in undone.text
    async with centre.engine.connect() as conn:
        assert await speech_settings.get(conn, "", "billing") is None
        acts = [(entry.actor, entry.act) for entry in await audit.page(conn)]
    assert acts == [("admin", "speech.settings")] * 2
    assert told == ["speech-settings"] * 2


async def test_a_change_by_somebody_else_and_wrong_numbers_lose_nothing(centre: CallCentre, browser: Browser) -> None:
    rules = {"server": "", "queue": "", "live": "1", "live_share": "40", "record_share": "100", "keep_days": "0"}
    await browser.post("admin", QUEUES, version="0", **rules)
    late = await browser.send("admin", QUEUES, form=FormData({**rules, "version": "0", "live_share": "70"}))
    assert late.status == 409
    page = await late.text()
    assert "Somebody else changed these rules meanwhile" in page
    assert 'value="70"' in page
    wrong = await browser.send("admin", QUEUES, form=FormData({**rules, "version": "1", "live_share": "170"}))
    assert wrong.status == 422
    assert "Write a number from 0 to 100." in await wrong.text()
    assert (await browser.send("leila", QUEUES, form=FormData({**rules, "version": "1"}))).status == 403
    assert not (await browser.page("leila", QUEUES)).all("button[value=save]")
    await browser.post("admin", QUEUES, server="", queue="", version="1", do="remove")
    async with centre.engine.connect() as conn:
        assert await speech_settings.everything(conn) == []


async def test_a_file_is_tried_and_thrown_away_after_a_day(
    centre: CallCentre, browser: Browser, speech: SpeechOfTest
) -> None:
    page = await browser.post("admin", TRY)
    assert "Choose a sound file first." in page.text
    broken = await browser.send("admin", TRY, {"X-Fragment": "1"}, form=_sound(data=b"RIFF, not really"))
    assert (broken.status, (await broken.text())[:36]) == (422, "This file has no sound that can be r")
    speech.refuse = "There is no model for fa."
    assert "There is no model for fa." in await (await browser.send("admin", TRY, form=_sound())).text()
    speech.refuse = ""
    sent = await browser.send("admin", TRY, {"X-Fragment": "1"}, form=_sound(language="en", engine="whisper"))
    assert sent.status == 204
    path = sent.headers["X-Go"]
    assert (speech.tried[0].language, speech.tried[0].engine, speech.tried[0].by) == ("en", "whisper", "admin")
    assert "The text appears here as it is written down." in await browser.text("admin", path)
    await speech.write(path.rpartition("/")[2], "Nine and twenty.")
    assert "Nine and twenty." in await browser.text("admin", path + "/now")
    kept = list((centre.folder / "tries").iterdir())
    assert len(kept) == 1, "what was refused is not kept"
    assert await sound_files.sweep(centre.app, time.time() + 23 * 3600) == 0
    assert await sound_files.sweep(centre.app, time.time() + 25 * 3600) == 1
    assert (await browser.get("admin", path)).status == 404


async def test_a_file_is_kept_read_searched_deleted_and_taken_back(
    centre: CallCentre, browser: Browser, speech: SpeechOfTest
) -> None:
    page = await browser.send("leila", FILES, form=_sound("old-call.wav", language="en"), follow=True)
    assert "Its text appears below in a moment." in await page.text()
    async with centre.engine.connect() as conn:
        (upload,) = await speech_uploads.newest(conn)
    await speech.write(upload.id, "Where is my parcel?", done=False)
    assert "40%" in await browser.text("leila", f"{FILES}/now")
    async with centre.engine.begin() as conn:
        transcript = await transcripts.of_subject(conn, "upload", upload.id)
        assert transcript is not None
        await transcripts.finish(conn, transcript.id, now=centre.now)
    found = await browser.page("leila", "/speech/search?q=parcel")
    assert found.one(".saidlist .about a").attributes["href"] == f"{FILES}/{upload.id}#turn-1"
    assert (await browser.get("sara", FILES)).status == 403
    gone = await browser.post("leila", f"{FILES}/{upload.id}/delete")
    assert "can be taken back for a day" in gone.text
    assert "parcel" not in (await browser.page("leila", "/speech/search?q=parcel")).one("section.card").text
    assert (await browser.get("leila", f"{FILES}/{upload.id}")).status == 404
    await browser.post("leila", gone.one(".toasts form").attributes["action"])
    assert "old-call.wav" in (await browser.page("leila", FILES)).one("#files").text
    async with centre.engine.connect() as conn:
        job = await speech_jobs.of_subject(conn, "upload", upload.id)
    assert job is not None
    assert job.state == "waiting"


async def test_recording_is_seen_and_paused_by_who_talks_and_by_supervisors(
    centre: CallCentre, browser: Browser
) -> None:
    start = centre.ago(seconds=60)
    record = answered(ringing(MARYAM, start), start + timedelta(seconds=40))
    await centre.tell(record)
    state = RecordingState(call_id=record.id, recording=True)
    asked: list[tuple[str, RecordingAsk]] = []

    def serve(act: str) -> None:
        async def answer(ask: RecordingAsk) -> RecordingState:
            nonlocal state
            if act != "state":
                asked.append((act, ask))
                state = dataclasses.replace(state, paused=act == "pause", detail="agent" if act == "pause" else "")
            return state

        centre.commands.serve(f"recording:{act}", answer)

    for act in ("state", "pause", "resume"):
        serve(act)
    path = f"/live/{record.id}/recorder"
    assert (await browser.page("sara", path)).one("button").attributes["value"] == "pause"
    assert (await browser.get("omid", path)).status == 403
    async with centre.engine.begin() as conn:
        row = await recordings.begin(
            conn, NewRecording(server=SERVER, name="one", began_at=start, call_id=record.id), now=centre.now
        )
        await recordings.change(conn, row.id, now=centre.now, pauses=(Pause(since=50.0, until=None, why="agent"),))
    answer = await browser.send("sara", path, {"HX-Request": "true"}, act="pause")
    assert "Recording is paused" in await answer.text()
    assert (
        (await browser.page("sara", path))
        .one("cx-clock")
        .attributes["since"]
        .startswith((start + timedelta(seconds=50)).isoformat()[:19])
    )
    assert (await browser.send("leila", path, act="resume")).status == 303
    assert [(act, ask.by) for act, ask in asked] == [("pause", "sara"), ("resume", "leila")]
    async with centre.engine.connect() as conn:
        assert [entry.act for entry in await audit.page(conn)] == ["recording.resume", "recording.pause"]
