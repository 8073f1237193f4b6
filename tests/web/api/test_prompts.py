"""Prompts over HTTP: added, spoken, sent in, heard, taken back; what is refused, and why."""

from __future__ import annotations

import pytest

from cxcall.prompts.speak import Engines
from cxcall.settings import Prompts, Settings
from cxcall.store import audit, prompt_files
from cxcall.store.surveys import create as create_survey
from cxcall.surveys import script
from tests.support import speech
from tests.support.sounds import opened, tone, wav
from tests.web.api.conftest import Client, Site

AUDIO = {"Content-Type": "audio/wav"}


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site has a speech engine."""
    engines = prompt_files.engines(Settings(prompts=Prompts(espeak=speech.espeak())))
    monkeypatch.setattr(prompt_files, "engines", lambda _: engines)


async def add(admin: Client, name: str = "Thanks", **texts: str) -> str:
    answer = await admin.post("/prompts", json={"name": name, "texts": texts})
    assert answer.status == 201, answer.json
    return str(answer.headers["Location"]).removeprefix("/api/v1")


@pytest.mark.usefixtures("spoken")
async def test_a_prompt_is_added_spoken_heard_replaced_and_taken_back(site: Site, admin: Client) -> None:
    path = await add(admin, fa="متشکریم")
    assert (await admin.get(path)).json["missing"] == ["fa", "en"]
    said = await admin.post(f"{path}/sounds/fa/speech", json={})
    first = said.json["languages"]["fa"]["sound"]
    assert (said.json["missing"], first["engine"], first["text"]) == (["en"], "espeak-ng", "متشکریم")
    heard = await site.client().get(f"/{first['url']}")
    assert (heard.status, heard.kind, opened(heard.body)[1]) == (200, "audio/wav", 8_000)
    sent = await admin.post(f"{path}/sounds/fa?draft=true", data=wav(tone()), headers=AUDIO)
    farsi = sent.json["languages"]["fa"]
    assert (farsi["sound"], farsi["draft"]["source"], farsi["previous"]) == (first, "upload", None)
    kept = (await admin.post(f"{path}/sounds/fa/keep")).json["languages"]["fa"]
    assert (kept["sound"], kept["previous"]) == (farsi["draft"], first)
    assert (await admin.post(f"{path}/sounds/fa/undo")).json["languages"]["fa"]["sound"] == first
    gone = (await admin.ask("DELETE", f"{path}/sounds/fa")).json
    assert (gone["missing"], gone["languages"]["fa"]["previous"]) == (["fa", "en"], first)
    async with site.engine.connect() as conn:
        acts = [entry.act for entry in await audit.page(conn, subject=f"prompt:{gone['id']}")]
    assert acts[0] == "prompt.remove"
    assert acts[-1] == "prompt.create"


async def test_texts_and_names_are_changed_with_their_version(admin: Client) -> None:
    path, other = await add(admin), await add(admin, "Other")
    changed = await admin.put(f"{path}/texts/en", json={"text": "Thank you"})
    assert changed.json["languages"]["en"]["text"] == "Thank you"
    assert (await admin.patch(path, json={"name": "New"})).status == 428
    assert (await admin.patch(path, json={"name": "New", "version": 1})).status == 409
    assert (await admin.patch(path, json={"name": "OTHER", "version": 2})).json["detail"] == "This name is taken."
    renamed = await admin.patch(path, json={"name": "New"}, headers={"If-Match": changed.headers["ETag"]})
    assert (renamed.json["name"], renamed.json["version"]) == ("New", 3)
    assert [item["name"] for item in (await admin.get("/prompts")).json["items"]] == ["New", "Other"]
    assert (await admin.ask("DELETE", other)).status == 204
    assert (await admin.get(other)).status == 404


async def test_a_prompt_that_a_survey_plays_is_not_deleted(site: Site, admin: Client) -> None:
    path = await add(admin)
    said = script.Script(languages=("en",), parts=(script.Say(id="hello", prompt=path.rpartition("/")[2]),))
    async with site.engine.begin() as conn:
        await create_survey(conn, name="After a call", draft=said, by="boss", now=site.clock.now)
    refused = await admin.ask("DELETE", path)
    assert (refused.status, refused.json["surveys"]) == (409, ["After a call"])


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"no sound", "audio/wav", 422), (b"", "application/octet-stream", 422), (wav(tone()), "text/plain", 415),
        (wav(tone(level=0.0001)), "audio/wav", 422), (wav(tone()), "application/octet-stream", 200),
    ],
)  # fmt: skip
async def test_only_sounds_are_taken(admin: Client, data: bytes, kind: str, status: int) -> None:
    path = await add(admin)
    answer = await admin.post(f"{path}/sounds/en", data=data, headers={"Content-Type": kind})
    assert answer.status == status


async def test_what_can_not_be_is_said_why(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await add(admin)
    for wrong in (f"{path}/sounds/de", "/prompts/0/sounds/fa"):
        assert (await admin.post(wrong, data=wav(tone()), headers=AUDIO)).status == 404
    assert (await admin.post(f"{path}/sounds/fa/speech", json={})).json["detail"] == "Write the text first."
    monkeypatch.setattr(prompt_files, "engines", lambda _: Engines(espeak="/nonexistent"))
    said = await admin.post(f"{path}/sounds/fa/speech", json={"text": "سلام"})
    assert (said.status, "No speech engine is installed" in said.json["detail"]) == (422, True)
    assert (await admin.post("/prompts", json={"name": "x", "texts": {"de": "Danke"}})).status == 422


async def test_supervisors_read_and_agents_do_not(admin: Client, supervisor: Client, sara: Client) -> None:
    path = await add(admin)
    assert (await supervisor.get(path)).status == 200
    assert (await supervisor.put(f"{path}/texts/en", json={"text": "x"})).status == 403
    assert (await sara.get("/prompts")).status == 403
