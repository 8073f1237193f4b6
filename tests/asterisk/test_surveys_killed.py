"""`cxcall serve` dies in the middle of a survey: the caller is thanked, what was answered is kept, it goes on later."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from cxcall import service
from cxcall.demo.phone import tone as mu_law
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.settings import load
from tests.asterisk.conftest import connect_phones, hears_thanks
from tests.asterisk.site import ami_of
from tests.asterisk.surveys import DIALPLAN, NUMBERS, QUEUES, VOICE, fill, hears, hurried, of_number
from tests.support.serving import Serving


async def test_cxcall_is_killed_or_stopped_in_the_middle_and_the_caller_is_thanked(tree: Tree, tmp_path: Path) -> None:
    cxcall = Serving(tmp_path, {})
    async with AsyncExitStack() as running:
        site = Site(
            name="lab",
            web=f"127.0.0.1:{cxcall.port}",
            agi=f"127.0.0.1:{cxcall.agi_port}",
            additions={"queues.conf": QUEUES, "extensions.conf": DIALPLAN},
        )
        switch = await running.enter_async_context(Switch.start(tmp_path / "switch", tree, site))
        phones = await connect_phones(switch, running)
        cxcall.environ.update(ami_of(switch))
        settings = load(None, cxcall.environ)
        engine = await running.enter_async_context(service.database(settings))
        await fill(engine, settings)
        await cxcall.add_user("admin", "admin", display_name="Admin")
        await cxcall.start()
        running.push_async_callback(cxcall.stop)
        await cxcall.connected()
        phones.outside.listen, phones.outside.sound = True, mu_law(VOICE)
        for agent in ("1001", "1002"):
            hurried(phones[agent])

        call = phones.outside.call(NUMBERS["full"], from_number="09121100081")
        await hears(call, "csat", 30)
        call.press("5")
        await hears(call, "nps")
        await asyncio.sleep(0.3)
        await cxcall.kill()
        killed = time.monotonic()
        await hears_thanks(call)
        assert time.monotonic() - killed < 10
        await call.ended()

        missed = phones.outside.call(NUMBERS["full"], from_number="09121100082")
        await missed.answered()
        await missed.ended()

        await cxcall.start()
        await cxcall.connected()
        row = await of_number(engine, "+989121100081", lambda row: row.response.end == "lost")
        assert [(answer.part, answer.value) for answer in row.answers] == [("csat", 5.0)]
        call = phones.outside.call(NUMBERS["full"], from_number="09121100083")
        await hears(call, "csat", 30)
        await call.hang_up()
        row = await of_number(engine, "+989121100083", lambda row: bool(row.response.end))
        assert row.response.end == "hung_up"

        call = phones.outside.call(NUMBERS["full"], from_number="09121100084")
        await hears(call, "csat", 30)
        stopping = asyncio.create_task(cxcall.stop())
        await hears_thanks(call)
        await call.ended()
        await stopping
        row = await of_number(engine, "+989121100084", lambda row: bool(row.response.end))
        assert row.response.end == "lost"
