"""A caller leaves a message on a real Asterisk: it becomes text and belongs to its call."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cxcall.demo.switch import Site, Switch, Tree
from tests.asterisk.conftest import connect_phones
from tests.asterisk.site import ami_of
from tests.support.serving import Serving
from tests.support.spoken import prompt, samples, word_errors
from tests.support.talking import to_ulaw
from tests.web.reading import read

NUMBER, CALLER = "02191000900", "09121234567"
SITE = Site(
    name="lab",
    additions={
        "modules.conf": "load = app_voicemail.so\n",
        "voicemail.conf": "[general]\nformat = wav\nminsecs = 1\n[default]\n1001 => 1234,Sara\n",
        "extensions.conf": f"[from-trunk](+)\nexten => {NUMBER},1,Answer()\n"
        " same => n,VoiceMail(1001@default,s)\n same => n,Hangup()\n",
    },
)


async def found(http: aiohttp.ClientSession, words: str) -> list[dict[str, Any]]:
    """What the search has of these words."""
    async with http.get("/api/v1/transcripts/search", params={"q": words}) as answer:
        assert answer.status == 200, await answer.text()
        items: list[dict[str, Any]] = (await answer.json())["items"]
        return items


async def page(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        text = await answer.text()
        assert answer.status == 200, text[:500]
        return text


@pytest.mark.timeout(240)
async def test_a_message_that_a_caller_leaves_becomes_text_on_the_page_of_the_call(tree: Tree, tmp_path: Path) -> None:
    said = prompt("demo-nomatch")
    spool = tmp_path / "switch/spool/voicemail"
    async with AsyncExitStack() as running:
        switch = await running.enter_async_context(Switch.start(tmp_path / "switch", tree, SITE))
        running.push_async_callback(switch.kill)
        assert "app_voicemail.so" in await switch.cli("module show like app_voicemail.so")
        speech = {
            "CXCALL_SPEECH__ENGINE": "whisper", "CXCALL_SPEECH__LANGUAGE": "en", "CXCALL_VOICEMAIL__DIR": str(spool)
        }  # fmt: skip
        cxcall = Serving(tmp_path, {**ami_of(switch), **speech})
        await cxcall.add_user("admin", "admin")
        await cxcall.start()
        running.push_async_callback(cxcall.stop)
        await cxcall.connected()
        http = await cxcall.sign_in("admin")
        running.push_async_callback(http.close)
        phones = await connect_phones(switch, running)

        call = phones.outside.call(NUMBER, from_number=CALLER)
        await call.answered()
        async with asyncio.timeout(40):
            while not list(spool.glob("default/1001/tmp/*")):  # it is recording
                await asyncio.sleep(0.05)
        call.say_once(to_ulaw(samples(said)))
        await asyncio.sleep(len(samples(said)) / 8_000 + 1.0)
        await call.hang_up()
        async with asyncio.timeout(40):
            while not list(spool.glob("default/1001/INBOX/msg0000.txt")):
                await asyncio.sleep(0.1)
        record = await cxcall.call(lambda each: each["outcome"] == "voicemail" and each["ended_at"] is not None)

        async with asyncio.timeout(120):
            while not (items := await found(http, "matches")):
                await asyncio.sleep(0.5)
        (item,) = items
        text = " ".join(turn["text"] for turn in item["turns"])
        assert (item["kind"], item["call_id"], item["number"]) == ("voicemail", record["id"], "+989121234567")
        card = read(await page(http, f"/calls/{record['id']}")).one("section[aria-labelledby=vm1]")
        assert word_errors(said.text, text)[0] <= 3, text
        async with http.get(card.one("audio").attributes["src"]) as sound:
            assert (sound.status, (await sound.read())[:4]) == (200, b"fLaC")
