"""Live text on a real Asterisk: two phones talk, and their words are on the pages, from SIP to the browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from cxcall.demo.phone import Call, Policy, tone
from cxcall.demo.phone.sound import SILENCE
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.speech.category import Category, Hint, Rule, Term
from cxcall.speech.listening import Listening
from cxcall.store import categories, speech_settings
from cxcall.store.engine import open_engine
from tests.asterisk.conftest import Phones, connect_phones, no_calls
from tests.asterisk.site import SALES, SUPPORT, ami_of
from tests.asterisk.test_survey_whole import signed_in
from tests.support.chromium import ARGS, EXECUTABLE
from tests.support.schema import new_database
from tests.support.serving import Serving
from tests.support.spoken import Prompt, prompt, prompts, word_errors
from tests.support.talking import Heard, Listener, Script, delays, errors, hold_talk, say_prompt, script, strays

RING = ("1001", "1002", "1003")
APOLOGY = Category(
    id="apology",
    name={"en": "Sorry"},
    rules=(Rule(says=Term(phrases=("sorry",), speaker="agent")),),
    hint=Hint(title={"en": "Say what happens next"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    switch: Switch
    phones: Phones
    cxcall: Serving
    http: aiohttp.ClientSession


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """Asterisk and `cxcall serve` with the packaged English model; every queue is heard, `support` recorded too."""
    folder = tmp_path_factory.mktemp("live")
    async with AsyncExitStack() as running:
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, Site(name="lab")))
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
    await engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def at(place: Place) -> AsyncIterator[Place]:
    for phone in place.phones.inside.values():
        phone.policy = Policy.RING
    await place.phones.forget_rings()
    yield place
    for phone in (*place.phones.inside.values(), place.phones.outside):
        for call in phone.calls:
            await call.hang_up()
    await no_calls(place.switch)


async def talk(at: Place, number: str, to: str = SUPPORT, *ring: str) -> tuple[Call, Call, str]:
    """Caller, agent, and the call's id, while they are in conversation."""
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


async def one_call(at: Place, number: str, said: list[Prompt], **how: Any) -> tuple[Script, Heard, float, str]:
    """A whole call in which `said` is said: what was said and heard, when it began, and its id."""
    call, taken, call_id = await talk(at, number)
    scripted = script(said, **how)
    async with Listener(at.cxcall, at.http, call_id) as heard:
        began = await hold_talk(call, taken, scripted)
        await taken.hang_up()
        await call.ended()
        async with asyncio.timeout(60):
            while "over" not in heard.kinds():
                await asyncio.sleep(0.1)
    return scripted, heard, began, call_id


async def test_three_calls_at_once_are_written_down_by_the_right_speaker(at: Place) -> None:
    sixty = prompts(60)
    beds = (None, None, -50.0)
    talks = await asyncio.gather(
        *(one_call(at, f"0912222000{n}", sixty[n : n + 18 : 3], bed=bed) for n, bed in enumerate(beds))
    )
    wrong = [errors(scripted, heard, side) for scripted, heard, *_ in talks for side in ("customer", "agent")]
    wer = sum(bad for bad, _ in wrong) / sum(words for _, words in wrong)
    late = []
    for scripted, heard, began, call_id in talks:
        assert strays(scripted, heard) == []
        found = await transcript(at, call_id)
        whole = [turn["text"] for turn in found["turns"]]
        assert len(whole) == len(heard.turns()), "what was told live is what is kept"
        start = datetime.fromisoformat(found["began_at"]).timestamp()
        late += delays(scripted, heard, began, start)
    late.sort()
    print(f"WER {wer:.3f} of {sum(w for _, w in wrong)} words; {wrong}")
    print(f"text after {late[len(late) // 2]:.2f} s p50, {late[int(len(late) * 0.95)]:.2f} s p95, n={len(late)}")
    assert wer <= 0.10


async def test_a_phone_that_sends_nothing_in_silence_a_hold_and_a_transfer(at: Place) -> None:
    call, taken, call_id = await talk(at, "09122220010")
    number = taken.number
    async with Listener(at.cxcall, at.http, call_id) as heard:
        for who, name in ((taken, "queue-thankyou"), (call, "demo-nomatch"), (taken, "conf-getpin")):
            await say_prompt(who, name)
        await taken.hold()
        call.say(tone(440))
        await asyncio.sleep(3)
        call.say(None)
        await taken.unhold()
        await asyncio.sleep(1.0)
        await say_prompt(taken, "vm-advopts")
        target = next(each for each in RING if each != number)
        await taken.transfer(target)
        other = await at.phones.first_ringing(target)
        await other.answer()
        await asyncio.sleep(0.5)
        await say_prompt(other, "dir-nomatch")
        await say_prompt(call, "tt-somethingwrong")
        await other.hang_up()
        await call.ended()
        async with asyncio.timeout(60):
            while "over" not in heard.kinds():
                await asyncio.sleep(0.1)
    kept = await transcript(at, call_id)
    by_agent = [turn for turn in kept["turns"] if turn["speaker"] == "agent"]
    agent = " ".join(turn["text"] for turn in by_agent)
    customer = " ".join(turn["text"] for turn in kept["turns"] if turn["speaker"] == "customer")
    said_by_agents = " ".join(
        prompt(name).text for name in ("queue-thankyou", "conf-getpin", "vm-advopts", "dir-nomatch")
    )
    said_by_customer = " ".join(prompt(name).text for name in ("demo-nomatch", "tt-somethingwrong"))
    wrong = [word_errors(said_by_agents, agent), word_errors(said_by_customer, customer)]
    print([(t["start"], t["end"], t["speaker"], t["text"]) for t in kept["turns"]])
    print(wrong, agent, "|", customer)
    assert sum(bad for bad, _ in wrong) / sum(words for _, words in wrong) <= 0.2
    assert len({turn["agent"] for turn in by_agent}) == 2, "each agent's words are their own"
    assert "held" in heard.kinds()


async def test_cxcall_killed_in_mid_call_goes_on_listening_and_fills_what_it_missed(at: Place) -> None:
    call, taken, call_id = await talk(at, "09122220020")
    for side in (call, taken):
        side.say(SILENCE * 160)  # where neither phone sends anything Asterisk records nothing, and times don't fit
    await say_prompt(taken, "queue-thankyou")
    async with asyncio.timeout(40):
        while not (await transcript(at, call_id, done=False))["turns"]:
            await asyncio.sleep(0.2)
    await at.cxcall.kill()
    await say_prompt(call, "demo-nomatch")
    await at.cxcall.start()
    await at.cxcall.connected()
    await asyncio.sleep(3)
    await say_prompt(taken, "dir-nomatch")
    await taken.hang_up()
    await call.ended()
    async with asyncio.timeout(60):
        while True:
            kept = await transcript(at, call_id)
            if not any(gap["why"] == "not_running" for gap in kept["gaps"]):
                break
            await asyncio.sleep(0.3)
    text = " ".join(turn["text"] for turn in sorted(kept["turns"], key=lambda turn: turn["start"]))
    said = " ".join(prompt(name).text for name in ("queue-thankyou", "demo-nomatch", "dir-nomatch"))
    print(kept["gaps"], [(t["n"], t["start"], t["end"], t["speaker"], t["text"]) for t in kept["turns"]])
    bad, words = word_errors(said, text)
    assert bad / words <= 0.25, (said, text)
    assert [turn["speaker"] for turn in kept["turns"]] == ["agent", "customer", "agent"]


async def test_the_agent_and_the_supervisor_read_along_and_play_it_afterwards(at: Place) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGS)
        desk = await signed_in(browser, at.cxcall.address, "sara")
        await desk.goto(at.cxcall.address + "/desk")
        call, taken, call_id = await talk(at, "09122220030", SALES, "1004")
        floor = await signed_in(browser, at.cxcall.address, "admin")
        await floor.goto(f"{at.cxcall.address}/live/{call_id}")
        began = time.monotonic()
        scripted = script([prompt("tt-somethingwrong"), prompt("demo-nomatch"), prompt("dir-nomatch")])
        await hold_talk(call, taken, scripted)
        for page in (desk, floor):
            log = page.locator("[role=log]")
            await expect(log).to_contain_text("wrong", timeout=30_000)
            await expect(page.locator("[role=log] li").filter(has_text="wrong").first).to_be_visible()
        print(f"read after {time.monotonic() - began:.1f} s of a talk of {scripted.seconds:.1f} s")
        await taken.hang_up()
        await call.ended()
        await transcript(at, call_id)
        await floor.goto(f"{at.cxcall.address}/calls/{call_id}")
        await expect(floor.locator("main")).to_contain_text("wrong", timeout=30_000)
        await browser.close()
