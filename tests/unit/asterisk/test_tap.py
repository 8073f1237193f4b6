"""The tap where Asterisk does not do as it should: refusals, lost spies, settings, what a former process left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError, NoAnswerInTime, Refused
from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.following import Follower
from cxcall.asterisk.status import Meter
from cxcall.asterisk.tap import spying
from cxcall.asterisk.tap.choosing import Chosen, Customer
from cxcall.asterisk.tap.ear import Ear
from cxcall.asterisk.tap.line import Line
from cxcall.asterisk.tap.rtp import RtpPort, payload
from cxcall.asterisk.tap.spying import Spying
from cxcall.asterisk.tap.tapper import CHANGED, Tapper
from cxcall.asterisk.tap.ways import NotHeard
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.speech import TapAsk, TapStatus
from cxcall.customers.profile import Profile
from cxcall.demo.phone import tone
from cxcall.settings import Ami, Audio, Settings, SettingsError
from cxcall.settings import load as load_settings
from cxcall.speech.audiosocket import name, sound
from cxcall.speech.listening import Listening
from cxcall.speech.stream import Closed, Stream
from cxcall.store import customers, speech_settings
from cxcall.store.engine import open_engine
from tests.replay.summary import messages
from tests.replay.test_recorded_streams import HERE as STREAMS
from tests.support.ears import Kept
from tests.support.schema import new_database

Answer = AmiError | Mapping[str, str]


class Asterisk:
    """A manager connection that answers as it is told, and keeps what it was asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def action(self, name: str, fields: Any = None, *, limit: float | None = None) -> Mapping[str, str]:
        self.asked.append((name, dict(fields or {})))
        answer = self.answers.get(name, {})
        if isinstance(answer, AmiError):
            raise answer
        return answer

    act = action

    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


def ear(kept: Kept | None = None) -> tuple[Ear, list[Closed]]:
    ends: list[Closed] = []
    stream = Stream(
        id="5f0b9a52-63cc-4d44-9c1b-0c0e6b4a0001", server="lab", call_id="lab-1.1", caller_id="1.1",
        speaker="customer", channel="PJSIP/trunk-00000001", unique_id="lab-1.1",
    )  # fmt: skip
    return Ear(stream, kept or Kept(), lambda _, why: ends.append(why)), ends


def spies(asterisk: Asterisk, audio: AudioServer, *helpers: tuple[str, str]) -> Spying:
    return Spying(cast("Client", asterisk), audio, "127.0.0.1:9092", lambda: list(helpers))


async def test_a_spy_is_one_originate_that_names_itself_and_leaves_no_cdr() -> None:
    asterisk, audio = Asterisk(), AudioServer()
    listening, _ = ear()
    beginning = asyncio.create_task(spies(asterisk, audio).begin(listening))
    await asyncio.sleep(0)
    listening.arrived()
    await beginning
    ((action, fields),) = asterisk.asked
    assert (action, fields["Channel"]) == ("Originate", f"AudioSocket/127.0.0.1:9092/{listening.id}")
    assert (fields["Application"], fields["Data"]) == ("ChanSpy", "lab-1.1,quoESl")
    assert (fields["ChannelId"], fields["Variable"]) == (f"cxspy-{listening.id}", "CDR_PROP(disable)=1")


@pytest.mark.parametrize("how", ["refused", "silent", "told", "late"])
async def test_a_spy_that_can_not_be_made_says_why_and_is_not_waited_for(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spying, "CONNECT_S", 0.05 if how == "late" else 30.0)
    faults = {"refused": Refused("Permission denied"), "silent": NoAnswerInTime("Asterisk did not answer.")}
    asterisk, audio = Asterisk(**({"Originate": faults[how]} if how in faults else {})), AudioServer()
    listening, _ = ear()
    way = spies(asterisk, audio)
    beginning = asyncio.create_task(way.begin(listening))
    await asyncio.sleep(0)
    if how == "told":
        way.originated({"Response": "Success", "Channel": f"AudioSocket/127.0.0.1:9092/{listening.id}"})
        way.originated({"Response": "Failure", "Channel": "AudioSocket/127.0.0.1:9092/other"})
        way.originated({"Response": "Failure", "Channel": f"AudioSocket/127.0.0.1:9092/{listening.id}"})
    with pytest.raises(NotHeard, match={"refused": "Permission", "silent": "answer"}.get(how, "127.0.0.1:9092")):
        await beginning
    assert audio.status().asked == 0


async def test_only_our_own_spies_that_nobody_wants_are_swept_away() -> None:
    asterisk = Asterisk()
    helpers = [
        ("cxspy-old", "AudioSocket/127.0.0.1:9092-old"),
        ("cxspy-new", "AudioSocket/127.0.0.1:9092-new"),
        ("cxspy-his", "AudioSocket/10.0.0.9:9092-his"),
        ("lab-1.7", "AudioSocket/127.0.0.1:9092-reason"),
        ("cxsup-1", "PJSIP/1003-00000007"),
    ]
    await spies(asterisk, AudioServer(), *helpers).sweep({"new"})
    assert asterisk.asked == [("Hangup", {"Channel": "AudioSocket/127.0.0.1:9092-old"})]


async def test_an_ear_says_open_only_once_a_talk_has_sound_and_drops_what_is_said_on_hold() -> None:
    kept = Kept()
    listening, ends = ear(kept)
    listening.arrived()
    listening.audio(b"\1\1", 1.0)
    assert not kept.streams
    listening.hold(False, 2.0)
    listening.audio(b"\2\2", 2.0)
    listening.hold(True, 3.0)
    listening.hold(True, 3.1)
    listening.audio(b"\3\3", 3.2)
    listening.hold(False, 4.0)
    listening.audio(b"\4\4", 4.0)
    listening.close("hung_up", 5.0)
    listening.close("lost", 6.0)
    (stream,) = kept.streams
    assert (bytes(stream.sound), stream.holds, stream.closed, ends) == (
        b"\2\2\4\4", [True, False], "hung_up", ["hung_up"],
    )  # fmt: skip


def line(asterisk: Asterisk, port: AudioServer, **server: Any) -> Line:
    return Line(Ami(name="lab", **server), cast("Client", asterisk), Follower(Ami(name="lab"), Meter()), port)


@pytest.mark.parametrize(
    ("answers", "server", "way", "problem"),
    [
        ({}, {}, "audiosocket", ""),
        ({"ModuleCheck": Refused("Permission denied")}, {}, "audiosocket", ""),
        ({"ModuleCheck": Refused("Module not loaded")}, {}, None, "ari_url"),
        ({}, {"host": "10.0.0.5", "audio": "10.0.0.7:9092"}, "audiosocket", ""),
    ],
)
async def test_the_way_fits_the_asterisk(
    answers: dict[str, Answer], server: dict[str, Any], way: str | None, problem: str
) -> None:
    async with (audio := AudioServer()).listening("127.0.0.1", 0):
        here = line(Asterisk(**answers), audio, **server)
        await here.prepare(set())
        assert (here.way and here.way.name, problem in here.problem) == (way, True)


async def test_a_port_on_every_address_needs_one_named_for_an_asterisk_elsewhere() -> None:
    async with (audio := AudioServer()).listening("0.0.0.0", 0):
        here, there = line(Asterisk(), audio), line(Asterisk(), audio, host="10.0.0.5")
        await here.prepare(set())
        await there.prepare(set())
    assert here.way is not None
    assert "Set audio of [[ami]] lab" in there.problem


def test_settings_of_a_tap_that_can_not_be_are_refused() -> None:
    for environ in ({"CXCALL_AMI__AUDIO": "9092"}, {"CXCALL_AMI__TAP": "ari"}):
        with pytest.raises(SettingsError, match=r"host:port|ari_url"):
            load_settings(None, environ)


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    yield engine
    await engine.dispose()


class Tapped:
    """A tapper whose Asterisk is a recording."""

    def __init__(self, engine: AsyncEngine, *, models: Sequence[str] | None = None, **answers: Answer) -> None:
        """`models`: the languages that can be understood, None: every one."""
        self.asterisk, self.kept, self.bus, self.commands = Asterisk(**answers), Kept(), Bus(0), Commands()
        ami = Ami(name="lab")
        settings = Settings(ami=(ami,), audio=Audio(port=0))
        self.tapper = Tapper(
            settings=settings, engine=engine, bus=self.bus, commands=self.commands, receiver=self.kept,
            refusal=lambda language, _: "" if models is None or language in models else "no_model",
        )  # fmt: skip
        self.follower = Follower(ami, Meter())
        self.tapper.attach(ami, cast("Client", self.asterisk), self.follower)
        self.recording = iter(messages(STREAMS / "streams" / "queue_answered_agent_hangs_up.jsonl"))

    async def feed_to(self, event: str) -> None:
        """The recording as far as an event of this kind, with time for what it causes."""
        for message, at in self.recording:
            changes = self.follower.feed({"Timestamp": str(at), **message}, 0)
            if changes:
                self.tapper.heard("lab", changes)
            await asyncio.sleep(0)
            if message.get("Event") == event:
                break
        await asyncio.sleep(0.05)

    def spied(self) -> list[str]:
        return [fields["Data"].partition(",")[0] for name, fields in self.asterisk.asked if name == "Originate"]


async def save(engine: AsyncEngine, listening: Listening) -> None:
    """What holds for every call."""
    async with engine.begin() as conn:
        await speech_settings.save(conn, "", "", listening, by="test", now=datetime.now(UTC))


async def test_a_change_of_settings_counts_for_the_next_call_without_a_restart(engine: AsyncEngine) -> None:
    tapped = Tapped(engine)
    async with tapped.tapper.serving():
        tapped.tapper.listed("lab")
        await tapped.feed_to("QueueCallerJoin")
        assert not tapped.tapper.chosen.any("lab")
        await save(engine, Listening(live=True))
        tapped.bus.publish(CHANGED, {})
        await tapped.kept.until(lambda: tapped.tapper.chosen.any("lab"))
        await tapped.feed_to("AgentCalled")
        await tapped.kept.until(lambda: len(tapped.spied()) == 1)
        await tapped.feed_to("BridgeEnter")
        await tapped.feed_to("BridgeEnter")
        await tapped.kept.until(lambda: len(set(tapped.spied())) == 2)
        (call,) = tapped.tapper.servers["lab"].calls.values()
        assert {ear.stream.consent for ear in call.ears.values()} == {"not_needed"}


async def test_a_refused_channel_is_tried_once_more_and_then_left(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxcall.asterisk.tap.calls.AGAIN_S", 0.01)
    await save(engine, Listening(live=True))
    tapped = Tapped(engine, Originate=Refused("Permission denied"))
    async with tapped.tapper.serving():
        tapped.tapper.listed("lab")
        await tapped.feed_to("AgentCalled")
        await tapped.kept.until(lambda: len(tapped.spied()) == 2)
        for event in ("AgentConnect", "BridgeEnter", "BridgeEnter"):
            await tapped.feed_to(event)
        await asyncio.sleep(0.1)
        assert sorted(tapped.spied().count(uid) for uid in set(tapped.spied())) == [2, 2]
        (call,) = tapped.tapper.servers["lab"].calls.values()
        state = await tapped.commands.ask("tap:state", TapAsk(call_id=call.call_id))
        assert (state.heard, state.why) == (False, "refused")
        assert "Permission denied" in state.detail
        status = await tapped.commands.ask("tap:status", None)
        assert (status.refused, status.streams, status.servers) == (4, 0, {"lab": "audiosocket"})


async def test_who_fails_to_take_the_sound_ends_that_stream_and_the_call_is_told_over(engine: AsyncEngine) -> None:
    await save(engine, Listening(live=True))
    tapped = Tapped(engine)
    async with tapped.tapper.serving() as address:
        tapped.tapper.listed("lab")
        for event in ("AgentCalled", "BridgeEnter", "BridgeEnter"):
            await tapped.feed_to(event)
        await tapped.kept.until(lambda: len(tapped.spied()) == 2)
        writers = []
        for _, fields in [asked for asked in tapped.asterisk.asked if asked[0] == "Originate"]:
            _, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
            writer.write(name(fields["Channel"][-36:]) + sound(b"\1\1" * 160))
            writers.append(writer)
        await tapped.kept.until(lambda: len(tapped.kept.streams) == 2)
        first, second = tapped.kept.streams
        first.fails = True
        writers[0 if first.stream.unique_id == tapped.spied()[0] else 1].write(sound(b"\2\2" * 160))
        await tapped.kept.until(lambda: first.closed == "broken")
        assert second.closed is None
        for writer in writers:
            writer.close()
        await tapped.feed_to("nothing")
        await tapped.kept.until(lambda: tapped.kept.ended == [first.stream.call_id])
        with pytest.raises(CommandRefused, match="over"):
            await tapped.commands.ask("tap:start", TapAsk(call_id=first.stream.call_id))


async def test_a_reconnect_finds_what_is_heard_and_spies_on_nobody_twice(engine: AsyncEngine) -> None:
    await save(engine, Listening(live=True))
    tapped = Tapped(engine)
    async with tapped.tapper.serving():
        tapped.tapper.listed("lab")
        for event in ("AgentCalled", "BridgeEnter", "BridgeEnter"):
            await tapped.feed_to(event)
        await tapped.kept.until(lambda: len(tapped.spied()) == 2)
        for _ in range(3):
            tapped.tapper.listed("lab")
        await asyncio.sleep(0.1)
        assert len(tapped.spied()) == len(set(tapped.spied())) == 2
    await tapped.feed_to("nothing")
    assert len(tapped.spied()) == 2, "nobody is listened to once it has stopped"


async def test_tier_and_language_are_the_customers_by_their_number(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await customers.create(conn, Profile(name="Zahra", tier="gold", language="fa", numbers=("+989121234567",)))
    chosen = Chosen(engine, "IR")
    assert await chosen.customer("09121234567") == Customer(tier="gold", language="fa")
    assert [await chosen.customer(number) for number in ("09120000000", "1001")] == [Customer(), Customer()]


@pytest.mark.parametrize(("has_model", "spoken"), [(True, "en"), (False, "fa")])
async def test_a_customers_own_language_is_heard_where_there_is_a_model_for_it(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, has_model: bool, spoken: str
) -> None:
    await save(engine, Listening(live=True, language="fa"))
    tapped = Tapped(engine, models=("fa", "en") if has_model else ("fa",))

    async def known(_: str) -> Customer:
        return Customer(language="en")

    monkeypatch.setattr(tapped.tapper.chosen, "customer", known)
    async with tapped.tapper.serving():
        tapped.tapper.listed("lab")
        await tapped.feed_to("AgentCalled")
        await tapped.kept.until(lambda: len(tapped.spied()) == 1)
        (call,) = tapped.tapper.servers["lab"].calls.values()
        assert {ear.stream.language for ear in call.ears.values()} == {spoken}


async def test_each_of_several_asterisks_is_asked_for_its_own_calls_only(engine: AsyncEngine) -> None:
    await save(engine, Listening(live=True))
    tapped, other = Tapped(engine), Asterisk()
    tapped.tapper.attach(Ami(name="two"), cast("Client", other), Follower(Ami(name="two"), Meter()))
    async with tapped.tapper.serving():
        for server in ("lab", "two"):
            tapped.tapper.listed(server)
        await tapped.feed_to("AgentCalled")
        await tapped.kept.until(lambda: len(tapped.spied()) == 1)
        assert "Originate" not in other.names()
        (call,) = tapped.tapper.servers["lab"].calls.values()
        assert [ear.stream.server for ear in call.ears.values()] == ["lab"]
        status: TapStatus = await tapped.commands.ask("tap:status", None)
        assert status.servers == {"lab": "audiosocket", "two": "audiosocket"}


def test_the_nearest_settings_hold() -> None:
    chosen = Chosen(cast("AsyncEngine", None), "IR")
    one, two, three = (Listening(live=True, keep_days=days) for days in (1, 2, 3))
    chosen.put({("", ""): Listening(), ("lab", ""): one, ("", "sales"): two, ("lab", "sales"): three})
    asked = [("lab", "sales"), ("other", "sales"), ("lab", "support"), ("lab", ""), ("other", "")]
    assert [chosen.of(*each).keep_days for each in asked] == [3, 2, 1, 1, 0]
    assert chosen.any("other")
    chosen.put({("lab", ""): one, ("", ""): Listening()})
    assert (chosen.any("lab"), chosen.any("other")) == (True, False)


def packet(number: int, body: bytes, *, kind: int = 0, first: int = 0x80, more: bytes = b"") -> bytes:
    return bytes((first, kind)) + number.to_bytes(2, "big") + bytes(8) + more + body


def test_rtp_is_read_with_whatever_stands_before_the_sound() -> None:
    assert payload(packet(7, b"abc")) == (7, b"abc")
    assert payload(packet(7, b"abc", first=0x82, more=bytes(8))) == (7, b"abc")
    assert payload(packet(7, b"abc", first=0x90, more=b"\xbe\xde\0\1" + bytes(4))) == (7, b"abc")
    assert payload(packet(7, b"abc\0\0\3", first=0xA0)) == (7, b"abc")
    for wrong in (
        b"",
        b"x" * 12,
        packet(7, b"abc", kind=8),
        packet(7, b"abc", first=0x40),
        packet(7, b"\xff", first=0xA0),
    ):
        assert payload(wrong) is None


async def test_rtp_goes_on_in_order_and_from_one_sender_only() -> None:
    kept = Kept()
    listening, _ = ear(kept)
    listening.hold(False, 0.0)
    port = RtpPort(listening)
    hum = tone(400, 0.02)
    for number, sender in ((65534, 1), (65535, 1), (65535, 1), (0, 1), (65534, 1), (1, 2), (2, 1)):
        port.datagram_received(packet(number, hum), ("127.0.0.1", sender))
    (stream,) = kept.streams
    assert len(stream.sound) == 4 * 2 * len(hum)
    assert stream.strength(400, 0.02) == pytest.approx(9_000, rel=0.05)
