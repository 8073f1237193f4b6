"""A site whose phones speak English and whose calls are written down: Asterisk, `cxcall serve`, Whisper."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from cxcall.demo.phone import Call
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.speech.category import Category, Hint, Rule, Term
from cxcall.speech.intents import Intent, body_of
from cxcall.speech.listening import Listening
from cxcall.store import categories, intents, speech_settings
from cxcall.store.engine import open_engine
from tests.asterisk.conftest import Phones, connect_phones
from tests.asterisk.site import SUPPORT, ami_of
from tests.support.lines import jittery
from tests.support.schema import new_database
from tests.support.serving import Serving
from tests.support.spoken import Prompt
from tests.support.talking import Heard, Listener, Script, hold_talk, script

BUFFERED = "02191000720"
"""Leads into the queue `support` too, over a jitter buffer on the caller's channel."""

DIALPLAN = f"""[from-trunk](+)
exten => {BUFFERED},1,Set(CXCALL_JITTER=adaptive)
 same => n,Goto(cxcall-queue,support,1)
"""

RING = ("1001", "1002", "1003")
APOLOGY = Category(
    id="apology",
    name={"en": "Sorry"},
    rules=(Rule(says=Term(phrases=("sorry",), speaker="agent")),),
    hint=Hint(title={"en": "Say what happens next"}),
)


REPAIRS = Intent(name="repairs", title={"en": "Repairs"}, phrases={"en": ("wrong",)}, queue="repairs", number="1005")
"""What a customer says in `tt-somethingwrong`, as far as it is always heard; 1005 is a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    switch: Switch
    phones: Phones
    cxcall: Serving
    http: aiohttp.ClientSession
    one_rings: asyncio.Lock = field(default_factory=asyncio.Lock)


@asynccontextmanager
async def speaking(folder: Path, tree: Tree) -> AsyncIterator[Place]:
    """Every queue is heard with the packaged English model, `support` recorded too, until the end of the context."""
    site = Site(name="lab", additions={"extensions.conf": DIALPLAN})
    async with AsyncExitStack() as running:
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, site))
        running.push_async_callback(switch.kill)
        speech = {"CXCALL_SPEECH__ENGINE": "whisper", "CXCALL_SPEECH__LANGUAGE": "en"}
        cxcall = Serving(folder, {**ami_of(switch), **speech})
        await prepare(folder / "data")
        await cxcall.add_user("admin", "admin")
        await cxcall.add_user("sara", "agent", "PJSIP/1004", display_name="Sara")
        await cxcall.start()
        running.push_async_callback(cxcall.stop)
        await cxcall.connected()
        phones = await connect_phones(switch, running)
        await cxcall.calls()  # signed in, before several ask at once
        http = await cxcall.sign_in("admin")
        running.push_async_callback(http.close)
        yield Place(switch=switch, phones=phones, cxcall=cxcall, http=http)


async def prepare(folder: Path) -> None:
    folder.mkdir()
    engine = open_engine(new_database(folder / "cxcall.sqlite"))
    now = datetime.now(UTC)
    async with engine.begin() as conn:
        everyone = Listening(live=True)
        await speech_settings.save(conn, "", "", everyone, by="test", now=now)
        await speech_settings.save(conn, "", "support", Listening(live=True, record=True), by="test", now=now)
        await categories.create(conn, APOLOGY, by="test", now=now)
        await intents.create(conn, REPAIRS.name, body_of(REPAIRS), by="test", now=now)
    await engine.dispose()


async def talk(at: Place, number: str, to: str = SUPPORT, *ring: str) -> tuple[Call, Call, str]:
    """Caller, agent, and the call's id, while they are in conversation."""
    async with at.one_rings:  # who rings is rung for this caller
        call = at.phones.outside.call(to, from_number=number)
        taken = await at.phones.first_ringing(*(ring or RING))
        await taken.answer()
        await call.answered()
    record = await at.cxcall.call(lambda each: each["caller"]["number"] == number)
    return call, taken, record["id"]


async def transcript(at: Place, call_id: str, *, done: bool = True) -> dict[str, Any]:
    """The transcript, once it is complete."""
    async with asyncio.timeout(60):
        while True:
            async with at.http.get(f"/api/v1/calls/{call_id}/transcript") as answer:
                found: dict[str, Any] = await answer.json()
                if answer.status == 200 and (not done or found["state"] == "done"):
                    return found
            await asyncio.sleep(0.2)


async def one_call(
    at: Place, number: str, said: list[Prompt], *, jitter: bool = False, **how: Any
) -> tuple[Script, Heard, float, str]:
    """A whole call in which `said` is said: what was said and heard, when it began, and its id.

    `jitter`: both phones' packets come late by up to 60 ms, the caller's in disorder too, for which there is a buffer.
    """
    call, taken, call_id = await talk(at, number, BUFFERED if jitter else SUPPORT)
    if jitter:
        jittery(call, overtaken=0.05, seed=1)
        jittery(taken, seed=2)
    scripted = script(said, **how)
    async with Listener(at.cxcall, at.http, call_id) as heard:
        began = await hold_talk(call, taken, scripted)
        await taken.hang_up()
        await call.ended()
        async with asyncio.timeout(60):
            while "over" not in heard.kinds():
                await asyncio.sleep(0.1)
    return scripted, heard, began, call_id
