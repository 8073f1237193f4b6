"""Prompts at the caller's ear: from the disk both share, over the network, and when nobody serves them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from cxcall.demo.phone import Call
from cxcall.demo.phone.sound import strength
from cxcall.demo.switch import Site
from cxcall.demo.switch.ports import free_port
from cxcall.settings import Ami, Data, Prompts, Settings
from cxcall.store import prompt_files
from cxcall.web import keys
from cxcall.web import prompt_files as pages
from tests.asterisk.conftest import StartSwitch, connect_phones
from tests.support.sounds import tone, wav

DISK, SERVED, AFTER = 440.0, 800.0, 1_000.0
"""Hertz of the prompt on disk, of the one over the network, and of Asterisk's own beep that ends each test call."""

DIALPLAN = """
[from-trunk]
exten => 0219700,1,Answer()
 same => n,Playback({disk})
 same => n,Goto(end,1)
exten => 0219701,1,Answer()
 same => n,Playback({served})
 same => n,Goto(end,1)
exten => 0219702,1,Answer()
 same => n,Playback({refused})
 same => n,Goto(end,1)
exten => 0219703,1,Answer()
 same => n,Playback({stuck})
 same => n,Goto(end,1)
exten => end,1,Playback(beep)
 same => n,Playback(beep)
 same => n,Wait(30)
"""


HEARD: tuple[tuple[str, list[float]], ...] = (
    ("0219700", [DISK]),
    ("0219701", [SERVED]),
    ("0219702", []),  # refused
    ("0219703", []),  # takes the connection and never answers: two tries of 2 s, and not of 180
    ("0219701", [SERVED]),
)


async def never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until Asterisk has given up
    writer.close()


async def heard(call: Call, *tones: float) -> list[float]:
    """Which of `tones` were heard before Asterisk's beep."""
    found: set[float] = set()
    async with asyncio.timeout(30):
        while AFTER not in found:
            await asyncio.sleep(0.05)
            piece = call.heard.last(0.1)
            found |= {hertz for hertz in (*tones, AFTER) if strength(piece, hertz) > 800}
    return [hertz for hertz in tones if hertz in found]


async def test_callers_hear_prompts_from_the_disk_and_over_the_network_and_go_on_without_them(
    start_switch: StartSwitch, tmp_path: Path
) -> None:
    here = Settings(data=Data(dir=str(tmp_path)), ami=(Ami(name="here"), Ami(name="there", host="192.0.2.1")))
    on_disk = await prompt_files.make_and_keep(here, wav(tone(DISK, 1.5)))
    over_network = await prompt_files.make_and_keep(here, wav(tone(SERVED, 1.5)))
    asked: list[str] = []

    @web.middleware
    async def note(request: web.Request, handler: object) -> web.StreamResponse:
        asked.append(request.path)
        return await pages.sound(request)

    app = web.Application(middlewares=[note])
    app[keys.SETTINGS] = here
    app.add_routes(pages.routes)
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(TestServer(app))
        served = Settings(ami=here.ami, prompts=Prompts(url=f"http://127.0.0.1:{server.port}"))
        refused = Settings(ami=here.ami, prompts=Prompts(url=f"http://127.0.0.1:{free_port()}/"))
        silent = await running.enter_async_context(await asyncio.start_server(never_answers, "127.0.0.1", 0))
        stuck = Settings(ami=here.ami, prompts=Prompts(url=f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"))
        dialplan = DIALPLAN.format(
            disk=prompt_files.address(here, "here", on_disk.sha),
            served=prompt_files.address(served, "there", over_network.sha),
            refused=prompt_files.address(refused, "there", over_network.sha),
            stuck=prompt_files.address(stuck, "there", over_network.sha),
        )
        switch = await start_switch(Site(additions={"extensions.conf": dialplan}))
        phones = await connect_phones(switch, running)
        phones.outside.listen = True
        for number, expected in HEARD:
            call = phones.outside.call(number)
            await call.answered()
            assert await heard(call, DISK, SERVED) == expected, number
            await call.hang_up()
        assert asked == [f"/prompts/{over_network.sha}.wav"], "fetched once, kept for the next call"
        assert "http_media_cache" in await switch.cli("module show like http_media_cache")
