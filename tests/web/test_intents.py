"""/admin/routing/intents: who sees what, a sentence tried, an intent made and taken out; the dialplan's lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from yarl import URL

from cxcall.bus import CommandRefused
from cxcall.bus.reasons import ANSWER, BEGIN, CHANGED, RESULT
from cxcall.media import catalogues
from cxcall.queues.definition import QueueDefinition
from cxcall.routing.rule import Condition, Rule, RuleSet, Then
from cxcall.speech.intents import body_of
from cxcall.speech.templates.intents import READY_MADE
from cxcall.store import intents, queues, reasons, rule_sets
from cxcall.store.reasons import How, Reason
from tests.support.call_centre import MARYAM, answered, call_centre, ringing
from tests.support.webapp import Browser, World
from tests.web.reading import browsing

PATH = "/admin/routing/intents"
TYRES = {
    "version": "0", "name": "tyres", "title.en": "New tyres", "title.fa": "لاستیک",
    "phrases.en": "tyre*\n\nwheel\ntyre*", "examples.en": "I need winter tyres", "phrases.fa": "لاستیک",
    "key": "7", "queue": "garage", "number": "۸۰۵", "enabled": "1", "offered": "1",
}  # fmt: skip


async def ready_made(world: World) -> dict[str, str]:
    """The ready-made intents; their ids by name."""
    async with world.engine.begin() as conn:
        made = [
            await intents.create(conn, one.name, body_of(one), by="", now=world.clock()) for one in READY_MADE
        ]  # fmt: skip
    return {one.name: one.id for one in made}


async def test_a_sentence_is_tried_and_callers_are_counted(world: World, supervisor: Browser, agent: Browser) -> None:
    assert "No intents yet." in (await supervisor.get(PATH)).text
    assert (await agent.get(PATH)).status == 403
    ids = await ready_made(world)
    async with world.engine.begin() as conn:
        heard: list[tuple[str, How]] = [("billing", "sure"), ("billing", "keyed"), ("", "none")]
        for n, (intent, how) in enumerate(heard):
            one = Reason(id=str(n), at=world.clock() - timedelta(hours=1), call_id=f"lab-{n}", text=f"blue {n} moon",
                         intent=intent, how=how)  # fmt: skip
            await reasons.put(conn, one)
    page = await supervisor.get(PATH + "?text=Where+is+my+order%3F&language=en")
    for words in ("Where is my order", "Understood", "2 of 3 callers were understood", "1 by key", "blue 2 moon",
                  "<mark>Where is my order</mark>"):  # fmt: skip
        assert words in page.text, words
    assert "New intent" not in page.text, "supervisors read"
    asked = await supervisor.get(PATH + "?text=the+moon+is+green")
    assert "Not understood" in asked.text
    form = await supervisor.get(f"{PATH}/{ids['billing']}")
    assert "readonly" in form.text
    assert (await supervisor.get(f"{PATH}/ffff")).status == 404


async def test_an_intent_is_made_tried_changed_and_taken_out(world: World, admin: Browser, supervisor: Browser) -> None:
    told: list[object] = []
    world.bus.subscribe(CHANGED, told.append)
    wrong = await admin.post(PATH, {**TYRES, "name": "new tyres", "title.en": "", "title.fa": "", "phrases.en": "***"})
    assert wrong.status == 422
    for words in ("Write a name of letters", "Write a title in one language", "This has no words in it: ***"):
        assert words in wrong.text, words
    tried = await admin.post(PATH, {**TYRES, "do": "try", "text": "my wheel is flat", "spoken": "en"})
    assert "Understood" in tried.text
    assert "<mark>wheel</mark>" in tried.text
    made = await admin.post(PATH, TYRES, follow=True)
    assert "The intent is made." in made.text
    async with world.engine.connect() as conn:
        kept = await intents.by_name(conn, "tyres")
    assert kept is not None
    assert kept.body["phrases"] == {"fa": ["لاستیک"], "en": ["tyre*", "wheel"]}
    assert kept.body["number"] == "805"
    assert (await admin.post(PATH, {**TYRES, "key": ""})).status == 422, "the name is taken"
    one = f"{PATH}/{kept.id}"
    assert (await supervisor.post(one, TYRES)).status == 403
    changed = {**TYRES, "version": "1", "title.en": "Tyres"}
    assert "The intent is saved." in (await admin.post(one, changed, follow=True)).text
    assert (await admin.post(one, changed)).status == 409
    assert "The intent is deleted." in (await admin.post(one + "/remove", {"version": "2"}, follow=True)).text
    assert len(told) == 3


async def test_what_was_not_understood_becomes_an_example(world: World, admin: Browser, supervisor: Browser) -> None:
    ids = await ready_made(world)
    lost = Reason(id="1", at=world.clock() - timedelta(hours=1), call_id="lab-1", text="the thingummy squeaks")
    async with world.engine.begin() as conn:
        await reasons.put(conn, lost)
    form = {"id": ids["technical_support"], "text": lost.text}
    assert (await supervisor.post(PATH + "/learn", form)).status == 403
    for _ in range(2):
        assert "The sentence is an example now." in (await admin.post(PATH + "/learn", form, follow=True)).text
    assert "Nothing was changed" in (await admin.post(PATH + "/learn", {**form, "id": "ffff"}, follow=True)).text
    async with world.engine.connect() as conn:
        kept = await intents.get(conn, form["id"])
    assert kept is not None
    assert kept.body["examples"]["en"].count(lost.text) == 1
    assert "Understood" in (await admin.get(PATH + "?text=the+thingummy+squeaks")).text


async def test_a_queue_has_to_be_one_there_is_and_gives_its_number(world: World, admin: Browser) -> None:
    garage = QueueDefinition(name="garage", numbers=("806",))
    async with world.engine.begin() as conn:
        await queues.create(conn, "lab", garage, by="", now=world.clock())
    refused = await admin.post(PATH, {**TYRES, "queue": "nowhere"})
    assert refused.status == 422
    assert "There is no queue nowhere." in refused.text
    made = await admin.post(PATH, {**TYRES, "number": ""}, follow=True)
    assert "Not offered yet: there is no number to dial." in made.text
    async with world.engine.begin() as conn:
        await queues.applied(conn, "lab", [garage], by="", now=world.clock())
    assert "the queue’s own number, 806" in (await admin.get(URL(made.url).path)).text
    _, _, (known,) = await catalogues.load(world.engine)
    assert (known.queue, known.number) == ("garage", "806")


async def test_what_a_rule_asks_for_neither_goes_nor_is_renamed(world: World, admin: Browser) -> None:
    ids = await ready_made(world)
    asks = Rule(id="r", name="Bills first", when=(Condition(fact="said.intent", op="is", value=("billing",)),),
                then=Then(queue="bills"))  # fmt: skip
    async with world.engine.begin() as conn:
        await rule_sets.save_draft(conn, RuleSet(rules=(asks,)), version=0, by="x", now=world.clock())
    refused = await admin.post(f"{PATH}/{ids['billing']}/remove", {"version": "1"})
    assert refused.status == 409
    assert "Bills first" in refused.text
    renamed = await admin.post(f"{PATH}/{ids['billing']}", {**TYRES, "version": "1", "key": ""})
    assert renamed.status == 422
    assert "Bills first" in renamed.text


async def test_the_dialplan_is_answered_in_lines_and_told_nothing_when_nobody_is_there(world: World) -> None:
    path, guest = "/dialplan/reason?step=", world.guest()
    assert (await guest.get(path + "begin&call=1.1")).status == 503
    asked: list[dict[str, str]] = []

    async def begin(said: dict[str, str]) -> dict[str, str]:
        asked.append(said)
        return {"answer": "listen", "token": "ab-1", "reason": ""}

    async def result(said: dict[str, str]) -> dict[str, str]:
        if said.get("token") != "ab-1":
            raise CommandRefused("Nobody was asked.")
        return {"answer": "ask", "intent": "billing", "sure": "45", "prompt": "/data/prompts/ab/cd"}

    async def answer(said: dict[str, str]) -> dict[str, str]:
        return {"answer": "sure", "intent": "billing", "sure": "100", "prompt": ""}

    for name, handler in ((BEGIN, begin), (RESULT, result), (ANSWER, answer)):
        world.commands.serve(name, handler)
    assert (await guest.get(path + "begin&call=1.1&queue=main")).text == "OK|listen|ab-1"
    assert asked == [{"call": "1.1", "queue": "main"}]
    assert (await guest.get(path + "result&token=ab-1")).text == "OK|ask|billing|45|/data/prompts/ab/cd"
    assert (await guest.get(path + "answer&token=ab-1&key=1")).text == "OK|sure|billing|100"
    assert (await guest.get(path + "result&token=x")).status == 503
    assert (await guest.get(path + "steal")).status == 400


async def test_the_agent_and_the_call_s_page_show_what_was_said(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        rings = ringing(MARYAM, centre.ago(seconds=20))
        said = Reason(
            id="t", at=centre.now, call_id=rings.id, text="Where is my order?", intent="order_status", how="sure"
        )
        async with centre.engine.begin() as conn:
            for one in READY_MADE:
                await intents.create(conn, one.name, body_of(one), by="", now=centre.now)
            await reasons.put(conn, said)
        await centre.tell(rings)
        for page in (await browser.text("sara", "/desk"), await browser.text("leila", f"/calls/{rings.id}")):
            for words in ("Why they call", "Where is my order?", "understood"):
                assert words in page, words
        await centre.tell(answered(rings, centre.now))
        assert "Where is my order?" in await browser.text("sara", "/desk")
        async with centre.engine.begin() as conn:
            await reasons.put(conn, replace(said, text="", intent="", how="none", why="silence"))
        assert "They said nothing." in await browser.text("sara", "/desk")
