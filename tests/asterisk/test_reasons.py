"""Callers who say why they call, on a real Asterisk with recorded English: where they land, and how soon, whatever is
said and whatever becomes of cxcall."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import select

from cxcall.demo.phone import Call, Policy
from cxcall.demo.phone.sound import RATE, decode
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.routing.rule import Condition, Rule, RuleSet, Then
from cxcall.settings import load
from cxcall.speech.intents import Intent, body_of
from cxcall.speech.listening import Listening
from cxcall.store import intents, prompt_files, prompts, reasons, rule_sets, speech_settings
from cxcall.store.engine import open_engine
from cxcall.store.reason_tables import call_reasons
from cxcall.store.reasons import Reason
from tests.asterisk.conftest import Phones, connect_phones, hears_thanks, no_calls
from tests.asterisk.site import ami_of
from tests.support.schema import new_database
from tests.support.serving import Serving
from tests.support.spoken import prompt, samples
from tests.support.talking import to_ulaw

pytestmark = pytest.mark.timeout(400)

SAY_WHY, WITH_KEYS, KEYS_ONLY = "02191000730", "02191000731", "02191000732"
DIALPLAN = f"""[globals](+)
CXCALL_REASON_PROMPT =
[from-trunk](+)
exten => {SAY_WHY},1,Gosub(cxcall-reason,s,1(support))
 same => n,Gosub(cxcall-route,s,1(support))
 same => n,Goto(cxcall-queue,${{CX_QUEUE}},1)
exten => {WITH_KEYS},1,Set(CXCALL_REASON_MENU=auth-thankyou)
 same => n,Goto({SAY_WHY},1)
exten => {KEYS_ONLY},1,Set(CX_CONSENT=no)
 same => n,Goto({WITH_KEYS},1)
"""
SUPPORT, SALES = ("1001", "1002", "1003"), ("1004", "1005")
WITHIN_S = 5.0

PHONES = Intent(
    name="phones", title={"en": "Telephones"}, phrases={"en": ("phone system", "weasels have eaten")}, key="1"
)
LOCKED = Intent(name="locked", title={"en": "Locked out"}, phrases={"en": ("is now locked",)})
MEETING = Intent(name="meeting", title={"en": "Meetings"}, phrases={"en": ("is now locked",)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    switch: Switch
    phones: Phones
    cxcall: Serving

    async def said(self, number: str, how: str) -> Reason:
        """What is kept of what the caller of `number` said, once it is so."""
        record = await self.cxcall.call(lambda each: each["caller"]["number"] == number)
        engine = open_engine(f"sqlite:///{self.cxcall.folder / 'data/cxcall.sqlite'}")
        try:
            async with asyncio.timeout(40):
                while True:
                    async with engine.connect() as conn:
                        one = await reasons.of_call(conn, record["id"])
                    if one is not None and one.how == how:
                        return one
                    await asyncio.sleep(0.1)
        finally:
            await engine.dispose()

    async def kept_since(self, since: datetime, count: int) -> list[Reason]:
        """What is kept of so many callers who were asked since then, once it is."""
        query = select(call_reasons).where(call_reasons.c.at >= since)
        engine = open_engine(f"sqlite:///{self.cxcall.folder / 'data/cxcall.sqlite'}")
        try:
            async with asyncio.timeout(60):
                while True:
                    async with engine.connect() as conn:
                        found = [Reason(**row._mapping) for row in await conn.execute(query)]
                    if len(found) >= count:
                        return found
                    await asyncio.sleep(0.1)
        finally:
            await engine.dispose()


async def prepare(cxcall: Serving) -> None:
    """Three intents, of which two can't be told apart; a rule that sends two of them to `sales`."""
    (cxcall.folder / "data").mkdir()
    engine = open_engine(new_database(cxcall.folder / "data/cxcall.sqlite"))
    now = datetime.now(UTC)
    made = await prompt_files.make_and_keep(load(None, cxcall.environ), prompt("conf-locked").path.read_bytes())
    rules = tuple(
        Rule(
            id=name, name=name, when=(Condition(fact="said.intent", op="is", value=(name,)),), then=Then(queue="sales")
        )
        for name in ("phones", "locked", "meeting")
    )
    nine = Condition(fact="said.keys", op="is", value=("9",))
    rules += (Rule(id="nine", name="nine", when=(nine,), then=Then(queue="sales")),)
    async with engine.begin() as conn:
        question = await prompts.create(conn, name="Is it about the lock")
        await prompts.set_variant(conn, question.id, "en", made, source="upload", by="test")
        for intent in (PHONES, LOCKED, MEETING):
            body = {**body_of(intent), "prompt": "" if intent is PHONES else question.id}
            await intents.create(conn, intent.name, body, by="test", now=now)
        await rule_sets.publish(conn, RuleSet(rules=rules), base=0, by="test", now=now)
        await speech_settings.save(conn, "", "reception", Listening(live=True), by="test", now=now)  # loads the model
    await engine.dispose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("reasons")
    cxcall = Serving(folder, {"CXCALL_SPEECH__ENGINE": "whisper", "CXCALL_SPEECH__LANGUAGE": "en"})
    site = Site(
        name="lab", web=f"127.0.0.1:{cxcall.port}", audio=f"127.0.0.1:{cxcall.environ['CXCALL_AUDIO__PORT']}",
        additions={"extensions.conf": DIALPLAN},
    )  # fmt: skip
    async with AsyncExitStack() as running:
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, site))
        running.push_async_callback(switch.kill)
        cxcall.environ.update(ami_of(switch))
        await prepare(cxcall)
        await cxcall.add_user("admin", "admin")
        await cxcall.start()
        running.push_async_callback(cxcall.stop)
        await cxcall.connected()
        yield Place(switch=switch, phones=await connect_phones(switch, running), cxcall=cxcall)


@pytest_asyncio.fixture(loop_scope="session")
async def at(place: Place) -> AsyncIterator[Place]:
    for phone in place.phones.inside.values():
        phone.policy = Policy.RING
    place.phones.outside.listen = False
    await place.phones.forget_rings()
    yield place
    for phone in (*place.phones.inside.values(), place.phones.outside):
        for call in phone.calls:
            await call.hang_up()
    await no_calls(place.switch)


async def ask(at: Place, number: str, called: str = SAY_WHY) -> Call:
    """A caller who is asked now."""
    call = at.phones.outside.call(called, from_number=number)
    await call.answered()
    await asyncio.sleep(0.3)
    return call


async def say(call: Call, *names: str) -> float:
    """The caller says prompts in one breath; when they had said them, in seconds since 1970."""
    said = np.concatenate([np.zeros(2_400, np.int16), *(samples(prompt(name)) for name in names)])
    call.say_once(to_ulaw(np.concatenate([said, np.zeros(4_000, np.int16)])))
    await asyncio.sleep(len(said) / RATE)
    return time.time()


async def landed(at: Place, *ring: str, since: float) -> float:
    """Seconds from `since` until one of these phones rang."""
    rings = await at.phones.first_ringing(*ring)
    return rings.invited_at - since


async def understood(at: Place, numbers: str, *names: str) -> tuple[str, float, Call]:
    """Who said it, when they had, and the ring at `sales`; said again where the text came too late: the model may still
    be loading, or the machine busy."""
    for n in range(5):
        number = f"{numbers}{n}"
        call = await ask(at, number)
        spoke = await say(call, *names)
        ring = await at.phones.first_ringing(*SALES, *SUPPORT)
        if ring.phone.number in SALES:
            break
        await call.hang_up()
        await ring.ended()
        await at.phones.forget_rings()
    return number, spoke, ring


async def test_what_a_caller_says_leads_to_another_queue_and_is_kept_with_the_call(at: Place) -> None:
    number, spoke, ring = await understood(at, "0912111000", "tt-weasels")
    print(f"understood and in the other queue after {ring.invited_at - spoke:.2f} s")
    assert ring.phone.number in SALES
    assert ring.invited_at - spoke < WITHIN_S
    one = await at.said(number, "sure")
    print(one)
    assert one.intent == "phones"
    assert "phone system" in one.text.lower()
    await ring.answer()
    record = await at.cxcall.call(lambda each: each["caller"]["number"] == number)
    assert not [leg for leg in record["legs"] if "AudioSocket" in leg["channel"]], "who was heard by nobody is no leg"
    assert [visit["queue"] for visit in record["queue_visits"]] == ["sales"]
    http = await at.cxcall.sign_in("admin")
    async with http.get(f"/calls/{record['id']}") as page:
        assert one.text in await page.text()
    await http.close()


@pytest.mark.parametrize(("key", "ring", "how"), [("1", SALES, "confirmed"), ("2", SUPPORT, "refused")])
async def test_where_two_things_may_be_meant_the_caller_is_asked_and_1_means_yes(
    at: Place, key: str, ring: tuple[str, ...], how: str
) -> None:
    at.phones.outside.listen = True
    number, call = await questioned(at, f"091211101{key}")
    await at.phones.forget_rings()
    call.press(key)
    took = await landed(at, *ring, since=time.time())
    print(f"in the queue {took:.2f} s after the key")
    one = await at.said(number, how)
    assert {one.intent, one.guess} & {"locked", "meeting"}


async def questioned(at: Place, numbers: str) -> tuple[str, Call]:
    """Who is being asked "did you mean …" now; said again where the text came too late for it."""
    for n in range(5):
        number = f"{numbers}{n}"
        call = await ask(at, number)
        await say(call, "conf-lockednow")
        async with asyncio.timeout(30):
            while not (loud(call) or await in_queues(at)):
                await asyncio.sleep(0.05)
        if not await in_queues(at):
            return number, call
        await over(at, call)
    raise AssertionError("the text came too late five times")


def loud(call: Call) -> bool:
    """Whether the caller heard a voice a moment ago."""
    return max((abs(decode(byte)) for byte in call.heard.last(0.3)), default=0) > 2_000


@pytest.mark.parametrize(("said", "why"), [("", "silence"), ("tt-monkeysintro", "not_understood")])
async def test_nothing_or_rubbish_leads_to_the_usual_queue_within_five_seconds(at: Place, said: str, why: str) -> None:
    number = f"091211102{len(said):02}"
    call = await ask(at, number)
    since = await say(call, said) if said else time.time()
    took = await landed(at, *SUPPORT, since=since)
    print(f"{why}: in the usual queue after {took:.2f} s")
    assert took < WITHIN_S
    assert (await at.said(number, "none")).why in (why, "late")


async def test_a_sentence_longer_than_one_part_is_heard_to_its_end(at: Place) -> None:
    length = sum(len(samples(prompt(name))) for name in ("tt-monkeysintro", "tt-weasels")) / RATE
    assert length > 4, "it is longer than one part"
    number, spoke, ring = await understood(at, "0912111050", "tt-monkeysintro", "tt-weasels")
    print(f"a sentence of {length:.1f} s: in the other queue after {ring.invited_at - spoke:.2f} s")
    one = await at.said(number, "sure")
    assert one.intent == "phones"
    assert "monkeys" in one.text.lower()


@pytest.mark.parametrize(
    ("called", "key", "ring", "how", "intent"),
    [(WITH_KEYS, "1", SALES, "keyed", "phones"), (KEYS_ONLY, "9", SALES, "none", ""),
     (KEYS_ONLY, "5", SUPPORT, "none", ""), (KEYS_ONLY, "", SUPPORT, "none", "")],
)  # fmt: skip
async def test_who_says_nothing_or_will_not_be_heard_hears_the_menu_and_its_keys_lead_somewhere(
    at: Place, called: str, key: str, ring: tuple[str, ...], how: str, intent: str
) -> None:
    number = f"0912111060{key or 0}"
    at.phones.outside.listen = True
    since = time.time()
    call = await ask(at, number, called)
    await hears_thanks(call)
    print(f"the menu is heard {time.time() - since:.2f} s after the call was made")
    since = time.time()
    if key:
        call.press(key)
    took = await landed(at, *ring, since=since)
    print(f"key {key or 'none'}: in the queue {took:.2f} s after it, or after the menu")
    if key:
        one = await at.said(number, how)
        assert (one.intent, one.keys, one.text) == (intent, key, "")
    else:
        assert took < WITHIN_S, "a moment to find the key, and on"


async def test_twenty_callers_at_once_are_all_in_a_queue_within_five_seconds(at: Place) -> None:
    before = datetime.now(UTC)
    calls = [at.phones.outside.call(SAY_WHY, from_number=f"091211107{n:02}") for n in range(20)]
    for call in calls:
        await call.answered()
    since = max(await asyncio.gather(*(say(call, "tt-weasels") for call in calls)))
    async with asyncio.timeout(60):
        while (waiting := await in_queues(at)) < len(calls):
            await asyncio.sleep(0.1)
    took = time.time() - since
    print(f"{waiting} callers in their queues {took:.2f} s after the last had spoken")
    assert took < WITHIN_S
    kept = await at.kept_since(before, len(calls))
    print(Counter((one.how, one.why) for one in kept))


async def in_queues(at: Place) -> int:
    return sum([(await at.switch.cli(f"queue show {name}")).count("(wait: ") for name in ("support", "sales")])


@pytest.mark.parametrize("said", ["", "tt-monkeysintro"])
async def test_a_process_that_stops_while_it_listens_lets_nobody_wait_for_longer(at: Place, said: str) -> None:
    for n in range(5):  # the first may find no model loaded yet, and is not heard
        call = await ask(at, f"091211104{len(said):02}{n}")
        if "AudioSocket/" in await at.switch.cli("core show channels concise"):
            break
        await over(at, call)
    since = time.time()
    os.kill(at.cxcall.pid, signal.SIGSTOP)
    try:
        if said:
            since = await say(call, said)
        took = await landed(at, *SUPPORT, since=since)
    finally:
        os.kill(at.cxcall.pid, signal.SIGCONT)
    print(f"stopped while it listened, {'a caller who spoke' if said else 'a silent caller'}: {took:.2f} s")
    assert took < WITHIN_S
    await over(at, call)


async def test_without_cxcall_callers_are_in_the_usual_queue_within_five_seconds(at: Place) -> None:
    took: dict[str, float] = {}
    os.kill(at.cxcall.pid, signal.SIGSTOP)
    try:
        began = time.time()
        call = at.phones.outside.call(SAY_WHY, from_number="09121110301")
        took["takes calls and is silent"] = await landed(at, *SUPPORT, since=began)
    finally:
        os.kill(at.cxcall.pid, signal.SIGCONT)
    await over(at, call)
    call = await ask(at, "09121110302")
    began = time.time()
    await at.cxcall.kill()
    took["killed while it listened"] = await landed(at, *SUPPORT, since=began)
    await over(at, call)
    began = time.time()
    call = at.phones.outside.call(SAY_WHY, from_number="09121110303")
    took["not there"] = await landed(at, *SUPPORT, since=began)
    print({name: round(seconds, 2) for name, seconds in took.items()})
    assert max(took.values()) < WITHIN_S, took


async def over(at: Place, call: Call) -> None:
    await call.hang_up()
    await no_calls(at.switch)
    await at.phones.forget_rings()
