"""/admin/prompts: what callers hear, what is missing, and every way to make and to take back a sound."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData

from cxcall.bus import CommandRefused
from cxcall.prompts import levels, made, reading, speak
from cxcall.settings import Data, Prompts, Settings, Site
from cxcall.store import audit, prompt_files, prompts
from cxcall.web.access import Role
from cxcall.web.keys import SETTINGS
from cxcall.web.words import catalogue
from tests.support import speech
from tests.support.sounds import opened, tone, wav
from tests.support.webapp import Browser, World, start_world

PATH = "/admin/prompts"
SILENT = "There is only silence in this sound. Check the microphone and record again."


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    settings = Settings(
        site=Site(timezone="Asia/Tehran"), data=Data(dir=str(tmp_path)), prompts=Prompts(espeak=speech.espeak())
    )
    world = await start_world(tmp_path, template, settings=settings)
    yield world
    await world.close()


async def add(browser: Browser, name: str = "Thanks", fa: str = "متشکریم", en: str = "Thank you") -> str:
    answer = await browser.post(PATH, {"name": name, "fa": fa, "en": en})
    assert answer.status == 303, answer.text
    return answer.headers["Location"].partition("?")[0]


async def stored(world: World, path: str) -> prompts.Prompt:
    async with world.engine.connect() as conn:
        prompt = await prompts.get(conn, path.rpartition("/")[2])
    assert prompt is not None
    return prompt


async def send(browser: Browser, path: str, data: bytes, source: str = "", **headers: str) -> tuple[int, str, str]:
    """Send a file as the page's form does: status, where it leads, what it says."""
    form = FormData()
    form.add_field("csrf", await browser.token())
    form.add_field("source", source)
    form.add_field("file", data, filename="said.wav", content_type="audio/wav")
    sent = {"Sec-Fetch-Site": "same-origin", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with browser.client.post(path, data=form, allow_redirects=False, headers=sent) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


async def test_an_empty_list_says_what_prompts_are_for(admin: Browser, supervisor: Browser) -> None:
    assert "No prompts yet." in (await admin.get(PATH)).text
    page = await supervisor.get(PATH)
    assert "No prompts yet." in page.text
    assert "Add a prompt" not in page.text


async def test_a_text_becomes_speech_that_is_heard_first_then_put_to_use_and_taken_back(
    world: World, admin: Browser
) -> None:
    path = await add(admin)
    said = await admin.post(f"{path}/fa/text", {"before": "متشکریم", "text": "سپاسگزاریم", "do": "speak"}, follow=True)
    assert "Listen to the new one, then put it to use." in said.text
    assert "New, not in use yet" in said.text
    prompt = await stored(world, path)
    draft = prompt.variant("fa").draft
    assert draft is not None
    assert (prompt.texts["fa"], draft.engine, draft.by) == ("سپاسگزاریم", "espeak-ng", "leila")
    assert prompt.variant("fa").sound is None
    kept = await admin.post(f"{path}/fa/keep", follow=True)
    assert "Callers hear the new one from now on." in kept.text
    assert f'action="{path}/fa/undo"' in kept.text
    assert (await stored(world, path)).variant("fa").sound == draft
    removed = await admin.post(f"{path}/fa/remove", follow=True)
    assert "Nothing yet: callers hear silence here." in removed.text
    await admin.post(f"{path}/fa/undo")
    assert (await stored(world, path)).variant("fa").sound == draft
    async with world.engine.connect() as conn:
        acts = [entry.act for entry in await audit.page(conn, subject=f"prompt:{prompt.id}")]
    assert acts == ["prompt.undo", "prompt.remove", "prompt.keep", "prompt.draft", "prompt.text", "prompt.create"]


async def test_the_sound_is_served_without_a_login_as_asterisk_wants_it(
    world: World, admin: Browser, guest: Browser
) -> None:
    path = await add(admin)
    assert (await send(admin, f"{path}/en/sound", wav(tone())))[0] == 303
    draft = (await stored(world, path)).variant("en").draft
    assert draft is not None
    page = await admin.get(path)
    assert f'src="/prompts/{draft.sha}.wav"' in page.text
    async with guest.client.get(f"/prompts/{draft.sha}.wav") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "audio/wav"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
        assert opened(await answer.read())[1] == 8_000
    for missing in (
        f"/prompts/{'0' * 64}.wav",
        "/prompts/x.wav",
        "/prompts/..%2Fcxcall.sqlite",
        f"/prompts/{draft.sha}",
    ):
        assert (await guest.get(missing)).status == 404


async def test_a_file_and_a_recording_become_the_new_sound(world: World, admin: Browser) -> None:
    path = await add(admin)
    for source, expected in (("", "upload"), ("browser", "browser")):
        status, where, _ = await send(admin, f"{path}/fa/sound", wav(tone(seconds=2)), source)
        assert (status, where) == (303, f"{path}?done=made&who=fa#fa")
        draft = (await stored(world, path)).variant("fa").draft
        assert draft is not None
        assert (draft.source, round(draft.seconds)) == (expected, 2)
    assert "Recorded in the browser" in (await admin.get(path)).text
    await admin.post(f"{path}/fa/drop")
    assert (await stored(world, path)).variant("fa").draft is None


async def test_what_is_no_sound_is_said_at_its_language_and_in_a_sentence_to_the_recorder(
    world: World, admin: Browser
) -> None:
    path = await add(admin)
    status, _, text = await send(admin, f"{path}/fa/sound", b"no sound at all")
    assert status == 422
    assert 'id="fa-err"' in text
    assert "This file is no sound that can be read." in text
    await world.prefer(Role.ADMIN, language="fa")
    status, _, text = await send(admin, f"{path}/fa/sound", wav(tone() * 0), "browser", X_Fragment="1")
    assert (status, text) == (422, catalogue("fa")[(None, SILENT)][0])
    empty = await admin.post(f"{path}/fa/sound", {"file": ""})
    assert empty.status == 422


async def test_a_text_that_can_not_be_said_stays_as_typed_with_the_reason(
    world: World, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await add(admin)
    monkeypatch.setattr(prompt_files, "engines", lambda _: speak.Engines(espeak="/nonexistent"))
    said = await admin.post(f"{path}/en/text", {"before": "Thank you", "text": "Goodbye", "do": "speak"})
    assert said.status == 422
    assert "No speech engine is installed." in said.text
    assert ">Goodbye</textarea>" in said.text
    assert (await stored(world, path)).texts["en"] == "Goodbye"
    assert "No speech engine is installed here." in (await admin.get(PATH)).text


async def test_a_text_that_someone_else_changed_meanwhile_is_not_overwritten_unseen(
    world: World, admin: Browser
) -> None:
    path = await add(admin)
    await admin.post(f"{path}/en/text", {"before": "Thank you", "text": "Many thanks", "do": "save"})
    late = await admin.post(f"{path}/en/text", {"before": "Thank you", "text": "Thanks a lot", "do": "save"})
    assert late.status == 409
    assert ">Thanks a lot</textarea>" in late.text
    assert "Someone else changed this text meanwhile." in late.text
    again = await admin.post(f"{path}/en/text", {"before": "Many thanks", "text": "Thanks a lot", "do": "save"})
    assert again.status == 303
    assert (await stored(world, path)).texts["en"] == "Thanks a lot"


async def test_the_list_names_what_is_missing_and_filters_by_it(world: World, admin: Browser) -> None:
    whole, half = await add(admin, "Whole"), await add(admin, "Half")
    for path, language in ((whole, "fa"), (whole, "en"), (half, "fa")):
        await send(admin, f"{path}/{language}/sound", wav(tone()))
        await admin.post(f"{path}/{language}/keep")
    page = (await admin.get(PATH)).text
    assert "1</bdi> prompt lacks a language" in page
    assert page.count('<span class="chip bad">') == 1, "English is this site's own language"
    only = (await admin.get(f"{PATH}?problems=1")).text
    assert "Half" in only
    assert "Whole" not in only
    assert "Whole" in (await admin.get(f"{PATH}?q=whole")).text
    assert "No prompt fits." in (await admin.get(f"{PATH}?q=zzz")).text
    await send(admin, f"{half}/en/sound", wav(tone()))
    assert "New one waits" in (await admin.get(PATH)).text
    await admin.post(f"{half}/en/keep")
    assert "Every prompt is there in every language." in (await admin.get(f"{PATH}?problems=1")).text


async def test_a_sound_whose_file_is_gone_is_shown_as_a_problem(world: World, admin: Browser) -> None:
    path = await add(admin)
    await send(admin, f"{path}/en/sound", wav(tone()))
    await admin.post(f"{path}/en/keep")
    assert "Its file is gone" not in (await admin.get(PATH)).text
    for file in prompt_files.folder(world.app[SETTINGS]).glob("??/*"):
        file.unlink()
    for page in (PATH, f"{PATH}?problems=1", path):
        assert "Its file is gone" in (await admin.get(page)).text


async def test_a_prompt_is_renamed_deleted_and_brought_back(world: World, admin: Browser) -> None:
    first, second = await add(admin, "First"), await add(admin, "Second")
    taken = await admin.post(first, {"name": "SECOND", "version": "1"})
    assert (taken.status, "Another prompt has this name." in taken.text) == (409, True)
    assert (await admin.post(first, {"name": " ", "version": "1"})).status == 422
    assert (await admin.post(first, {"name": "New", "version": "1"})).status == 303
    late = await admin.post(first, {"name": "Newer", "version": "1"})
    assert (late.status, "Someone else changed this prompt meanwhile." in late.text) == (409, True)
    gone = await admin.post(f"{second}/delete", follow=True)
    assert "The prompt was deleted." in gone.text
    assert f'action="{second}/restore"' in gone.text
    assert (await admin.get(second)).status == 404
    assert (await admin.post(f"{second}/fa/keep")).status == 404
    back = await admin.post(f"{second}/restore", follow=True)
    assert back.heading == "Second"
    assert (await admin.post(f"{PATH}/{'0' * 26}/restore")).status == 404
    assert (await admin.post(PATH, {"name": "new"})).status == 409
    assert (await admin.post(PATH, {"name": ""})).status == 422


async def test_supervisors_listen_and_change_nothing_and_agents_stay_out(
    world: World, admin: Browser, supervisor: Browser, agent: Browser
) -> None:
    path = await add(admin)
    await send(admin, f"{path}/fa/sound", wav(tone()))
    await admin.post(f"{path}/fa/keep")
    page = await supervisor.get(path)
    assert page.status == 200
    assert "<audio" in page.text
    assert "<form method" not in page.text[page.text.index('id="main"') :].partition('id="toasts"')[0]
    for browser, paths in (
        (supervisor, (f"{path}/fa/remove", f"{path}/delete", PATH)),
        (agent, (f"{path}/fa/remove",)),
    ):
        for act in paths:
            assert (await browser.post(act, {"name": "x"})).status == 403
    for closed in (PATH, path):
        assert (await agent.get(closed)).status == 403


async def test_only_this_page_may_ask_for_the_microphone(admin: Browser) -> None:
    path = await add(admin)
    assert (await admin.get(path)).headers["Permissions-Policy"] == "microphone=(self)"
    assert "microphone=()" in (await admin.get(PATH)).headers["Permissions-Policy"]


async def test_a_phone_is_rung_and_its_recording_is_followed(world: World, admin: Browser) -> None:
    path = await add(admin)
    asked: list[dict[str, str]] = []

    async def record(act: dict[str, str]) -> dict[str, str]:
        asked.append(act)
        return {"token": "t1"}

    async def state(act: dict[str, str]) -> dict[str, object]:
        if act["token"] != "t1":
            raise CommandRefused("no such recording")
        return {"state": "ringing", "seconds": 0.0, "error": ""}

    unheard = await admin.post(f"{path}/fa/phone", {"phone": "1001"})
    assert (unheard.status, "Recording by phone does not run here" in unheard.text) == (503, True)
    world.commands.serve("prompt:record", record)
    world.commands.serve("prompt:record-state", state)
    rung = await admin.post(f"{path}/fa/phone", {"phone": "۱۰۰۱"}, follow=True)
    assert "Your phone rings." in rung.text
    assert f'<cx-refresh src="{path}/fa?phone=t1" poll-s="2">' in rung.text
    assert asked == [
        {"server": "", "extension": "1001", "prompt_id": path.rpartition("/")[2], "language": "fa", "by": "leila"}
    ]
    assert "Your phone rings." in (await admin.get(f"{path}/fa?phone=t1")).text
    assert "Your phone rings." not in (await admin.get(f"{path}/fa?phone=gone")).text
    assert (await admin.post(f"{path}/fa/phone", {"phone": ""})).status == 422


async def test_prompts_are_found_by_the_search_of_every_page(
    supervisor: Browser, admin: Browser, agent: Browser
) -> None:
    path = await add(admin, "Goodbye")
    for text in ("goodb", "متشکر"):
        assert path in (await supervisor.get(f"/search?q={text}")).text
        assert path not in (await agent.get(f"/search?q={text}")).text


def test_every_sentence_about_a_sound_is_translated() -> None:
    said = re.compile(r'(?:BadSound|CannotSpeak)\(\s*"([^"]+)"|^_UNREADABLE = "([^"]+)"', re.MULTILINE)
    sources = [Path(str(module.__file__)).read_text("utf-8") for module in (levels, made, reading, speak)]
    sentences = {one or other for source in sources for one, other in said.findall(source)}
    assert len(sentences) > 10
    assert {sentence for sentence in sentences if (None, sentence) not in catalogue("fa")} == set()


def test_the_engines_are_those_of_the_settings() -> None:
    engines = prompt_files.engines(Settings(prompts=Prompts(espeak="a", piper="b", voices="c")))
    assert engines == speak.Engines(espeak="a", piper="b", voices="c")
