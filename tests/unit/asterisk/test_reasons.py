"""Callers who say why they call, as the dialplan meets them: with a caller of the test's own and no Asterisk."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.reasons.edge import Hears, ReasonEdge
from cxcall.bus import Bus, CommandRefused, Commands, NoAnswer
from cxcall.bus.reasons import ANSWER, BEGIN, CHANGED, RESULT, SAID, STATUS
from cxcall.calls.record import Caller as Party
from cxcall.calls.record import CallId, CallRecord
from cxcall.prompts.made import Made
from cxcall.settings import Ami, Data, Settings
from cxcall.speech.intents import Intent, body_of
from cxcall.speech.sentence import Ear, Heard, Wanted
from cxcall.speech.stream import Closed
from cxcall.store import intents, prompts, reasons
from cxcall.store.engine import open_engine
from tests.store.make import MORNING
from tests.support.schema import new_database

CALL = "1795000000.7"
ORDER = Intent(name="order", phrases={"en": ("my order",)}, key="1")
BILL = Intent(name="bill", phrases={"en": ("bill", "my bill")}, key="2")
BOTH = "my order and my bill"


class Caller:
    """Hears nothing by itself: the test says what was said."""

    def __init__(self, wanted: Wanted, judge: Callable[[str], bool], told: Callable[[Heard], None]) -> None:
        self.wanted, self.judge, self.told = wanted, judge, told

        self.here = False
        self.sound = b""
        self.closed: list[Closed] = []

    def arrived(self) -> None:
        assert not self.here, "whoever speaks arrives once"
        self.here = True

    def audio(self, pcm: bytes, at: float) -> None:
        self.sound += pcm

    def close(self, why: Closed, at: float) -> None:
        self.closed.append(why)


class Scene:
    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.engine, self.bus, self.commands = engine, Bus(epoch=1), Commands()
        self.settings = Settings(data=Data(dir=str(folder)), ami=(Ami(name="lab", secret="x"),))
        self.commands.serve("live:lab", self.on_the_line)
        self.callers: dict[str, Caller] = {}
        self.audio = AudioServer()
        self.why_not: Literal["", "no_model", "overload"] = ""

    async def on_the_line(self, unique_id: str) -> CallRecord | None:
        if unique_id != CALL:
            return None
        return CallRecord(
            id=CallId(f"lab-{CALL}"),
            server="lab",
            linked_ids=(CALL,),
            direction="inbound",
            caller=Party(),
            started_at=MORNING,
        )

    def listen(self, wanted: Wanted, judge: Callable[[str], bool], told: Callable[[Heard], None]) -> Ear:
        self.callers[wanted.token] = Caller(wanted, judge, told)
        return self.callers[wanted.token]

    def refusal(self, language: str, engine: str = "") -> Literal["", "no_model", "overload"]:
        return self.why_not

    async def ask(self, name: str, **said: str) -> dict[str, str]:
        answer: dict[str, str] = await self.commands.ask(name, said)
        return answer

    async def said(self, token: str, text: str) -> dict[str, str]:
        self.callers[token].told(Heard(why="said" if text else "silence", text=text))
        return await self.ask(RESULT, token=token)


@asynccontextmanager
async def on_stage(
    tmp_path: Path, *, hears: bool = True, made: tuple[Intent, ...] = (ORDER, BILL)
) -> AsyncIterator[Scene]:
    tmp_path.mkdir(exist_ok=True)
    engine = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    async with engine.begin() as conn:
        for intent in made:
            await intents.create(conn, intent.name, body_of(intent), by="test", now=MORNING)
    scene = Scene(engine, tmp_path)
    able = Hears(audio=scene.audio, listen=scene.listen, refusal=scene.refusal) if hears else Hears()
    edge = ReasonEdge(settings=scene.settings, engine=engine, bus=scene.bus, commands=scene.commands, **able)
    async with scene.audio.listening("127.0.0.1", 0):
        running = asyncio.create_task(edge.run())
        try:
            await _ready(scene, len(made))
            yield scene
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await engine.dispose()


async def _ready(scene: Scene, count: int) -> None:
    """The intents are read."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(NoAnswer):
                if (await scene.commands.ask(STATUS, None)).intents == count:
                    return
            await asyncio.sleep(0.005)


async def begin(scene: Scene, call: str = CALL) -> str:
    answer = await scene.ask(BEGIN, call=call, queue="main", server="", language="en")
    assert answer["answer"] == "listen"
    return answer["token"]


async def leg(scene: Scene, token: str, sound: bytes) -> asyncio.StreamWriter:
    """Asterisk dials the audio port, and the caller speaks."""
    host, _, port = scene.audio.address.partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"\x01\x00\x10" + uuid.UUID(token).bytes + b"\x10" + len(sound).to_bytes(2, "big") + sound)
    await until(lambda: scene.callers[token].sound.endswith(sound))
    return writer


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


async def kept(scene: Scene, how: str) -> reasons.Reason:
    """What is in the store, once it is so."""
    async with asyncio.timeout(20):
        while True:
            async with scene.engine.connect() as conn:
                one = await reasons.of_call(conn, f"lab-{CALL}")
            if one is not None and one.how == how:
                return one
            await asyncio.sleep(0.005)


async def test_what_is_understood_is_told_to_the_dialplan_to_the_decision_and_kept(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        token = await begin(scene)
        assert scene.callers[token].judge("where is my order")
        answer = await scene.said(token, "where is my order, my card is 6037 9911 1111 1116")
        assert (answer["answer"], answer["intent"]) == ("sure", "order")
        assert 60 <= int(answer["sure"]) <= 100
        told = await scene.commands.ask(SAID, {"server": "lab", "call": CALL})
        assert (told["intent"], told["how"]) == ("order", "sure")
        assert "6037" not in told["text"], "nor has what decisions keep"
        assert told["text"].startswith("where is my order")
        one = await kept(scene, "sure")
        assert (one.intent, one.queue, one.call_id) == ("order", "main", f"lab-{CALL}")
        assert "6037" not in one.text, "what is kept has no card numbers"


async def with_question(scene: Scene) -> None:
    """The intent `order` may be asked about."""
    made = Made(sha="ab" * 32, wav=b"", wav16=b"", seconds=1.0, loudness=-20.0)
    async with scene.engine.begin() as conn:
        prompt = await prompts.create(conn, name="Is it about your order")
        await prompts.set_variant(conn, prompt.id, "en", made, source="upload", by="test")
        row = await intents.by_name(conn, "order")
        assert row is not None
        body = {**row.body, "prompt": prompt.id}
        await intents.save(
            conn, row.id, name="order", body=body, enabled=True, version=row.version, by="test", now=MORNING
        )
    scene.bus.publish(CHANGED, {"id": row.id})
    async with asyncio.timeout(20):
        while (await scene.said(await begin(scene), BOTH))["answer"] != "ask":
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("key", "intent", "how"), [("1", "order", "confirmed"), ("2", "", "refused"), ("", "", "refused")]
)
async def test_two_things_at_once_are_asked_about_and_only_1_means_yes(
    tmp_path: Path, key: str, intent: str, how: str
) -> None:
    async with on_stage(tmp_path) as scene:
        assert (await scene.said(await begin(scene), BOTH))["answer"] == "none", "no prompt asks for it"
        await with_question(scene)
        token = await begin(scene)
        asked = await scene.said(token, BOTH)
        assert (asked["answer"], asked["intent"]) == ("ask", "order")
        assert asked["prompt"].endswith("ab" * 32)
        answer = await scene.ask(ANSWER, token=token, key=key)
        assert (answer["answer"], answer["intent"]) == ("sure" if intent else "none", intent)
        one = await kept(scene, how)
        assert (one.intent, one.guess) == (intent, "" if intent else "order")


async def test_who_says_nothing_or_rubbish_keys_what_they_want(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        token = await begin(scene)
        assert (await scene.said(token, ""))["answer"] == "none"
        assert (await kept(scene, "none")).why == "silence"
        assert (await scene.ask(ANSWER, token=token, key="2"))["intent"] == "bill"
        one = await kept(scene, "keyed")
        assert (one.intent, one.keys, one.why) == ("bill", "2", "")
        token = await begin(scene)
        assert (await scene.said(token, "the moon is green"))["answer"] == "none"
        assert (await kept(scene, "none")).why == "not_understood"
        assert (await scene.ask(ANSWER, token=token, key="9"))["answer"] == "none"


async def test_a_long_sentence_comes_in_parts_to_one_ear(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        token = await begin(scene)
        caller = scene.callers[token]
        first = await leg(scene, token, b"\x01\x00" * 160)
        first.close()  # Asterisk's limit
        assert (await scene.ask(RESULT, token=token, left="4800"))["answer"] == "more"
        second = await leg(scene, token, b"\x02\x00" * 160)
        assert caller.sound == b"\x01\x00" * 160 + b"\x02\x00" * 160
        assert not caller.closed
        assert (await scene.said(token, "where is my order"))["answer"] == "sure"
        second.close()
        assert (await scene.ask(RESULT, token=token, left="1600"))["answer"] == "sure", "it is over"


async def test_who_hangs_up_between_two_parts_is_gone_and_who_never_came_is_not_dialled_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        token = await begin(scene)
        (await leg(scene, token, b"\x01\x00" * 160)).close()
        assert (await scene.ask(RESULT, token=token, left="4800"))["answer"] == "more"
        await until(lambda: scene.callers[token].closed)
        other = await begin(scene)
        assert (await scene.ask(RESULT, token=other, left="4800"))["answer"] == "none"
        assert (await kept(scene, "none")).why == "gone"


async def test_who_does_not_agree_is_not_heard_and_may_key_what_they_want(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        answer = await scene.ask(BEGIN, call=CALL, consent="no")
        assert (answer["answer"], answer["reason"]) == ("menu", "no_consent")
        assert not scene.callers
        assert (await scene.ask(ANSWER, token=answer["token"], key="1"))["intent"] == "order"


@pytest.mark.parametrize("why", ["no_model", "overload"])
async def test_who_cannot_be_heard_is_sent_to_the_menu(tmp_path: Path, why: Literal["no_model", "overload"]) -> None:
    async with on_stage(tmp_path) as scene:
        scene.why_not = why
        answer = await scene.ask(BEGIN, call=CALL)
        assert (answer["answer"], answer["reason"]) == ("menu", why)
        assert (await scene.ask(ANSWER, token=answer["token"], key="1"))["intent"] == "order"
    async with on_stage(tmp_path / "other", hears=False) as scene:
        assert (await scene.ask(BEGIN, call=CALL))["answer"] == "menu"
    async with on_stage(tmp_path / "none", made=()) as scene:
        assert (await scene.ask(BEGIN, call=CALL))["reason"] == "no_intents"


async def test_strangers_and_late_ones_are_refused_and_a_text_that_never_comes_is_not_waited_for(
    tmp_path: Path,
) -> None:
    async with on_stage(tmp_path) as scene:
        for name, said in (
            (BEGIN, {}),
            (BEGIN, {"call": "no call of ours"}),
            (RESULT, {"token": "x"}),
            (ANSWER, {"token": "\0", "key": "1"}),
        ):
            with pytest.raises(CommandRefused):
                await scene.ask(name, **said)
        token = await begin(scene)
        asterisk = await leg(scene, token, b"\x01\x00" * 160)
        began = asyncio.get_running_loop().time()
        assert (await scene.ask(RESULT, token=token))["answer"] == "none"
        assert asyncio.get_running_loop().time() - began < 5
        assert (await kept(scene, "none")).why == "late"
        asterisk.close()
        scene.callers[token].told(Heard(why="said", text="my order"))
        assert await scene.commands.ask(SAID, {"server": "lab", "call": "another"}) is None
        told = await scene.commands.ask(SAID, {"server": "lab", "call": CALL})
        assert told["intent"] == "", "what comes after the answer changes nothing"


async def test_a_database_that_takes_nothing_keeps_nobody_waiting_and_has_it_later(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        other = sqlite3.connect(tmp_path / "cxcall.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            token = await begin(scene)
            assert (await scene.said(token, "where is my order"))["answer"] == "sure"
            told = await scene.commands.ask(SAID, {"server": "lab", "call": CALL})
            assert told["intent"] == "order"
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert (await kept(scene, "sure")).intent == "order"


async def test_rubbish_on_the_audio_port_ends_that_sentence_only(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        token, other = await begin(scene), await begin(scene)
        asterisk = await leg(scene, token, b"\x01\x00" * 160)
        asterisk.write(b"\xff" * 500)
        await until(lambda: scene.callers[token].closed)
        asterisk.close()
        assert scene.callers[token].closed == ["broken"]
        (await leg(scene, other, b"\x02\x00" * 160)).close()
        assert (await scene.said(other, "where is my order"))["answer"] == "sure"
