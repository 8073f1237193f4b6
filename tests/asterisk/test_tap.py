"""Live listening on a real Asterisk: who is heard in which stream, wherever the talk goes, and that the call lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import text

from cxcall.asterisk import doctor_audio
from cxcall.asterisk.doctor import examine
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.findings import Finding
from cxcall.asterisk.limits import Limits
from cxcall.asterisk.tap.tapper import Tapper
from cxcall.asterisk.watching import Watchers
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.speech import TapAsk, TapState, TapStatus
from cxcall.calls.record import CallRecord
from cxcall.demo.phone import Call, Policy, tone
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.settings import Ami, Audio, Settings
from cxcall.speech.listening import Listening
from cxcall.store import calls, speech_settings
from cxcall.store.engine import open_engine
from tests.asterisk.conftest import Phones, connect_phones, no_calls
from tests.asterisk.site import DIRECT, SALES, SUPPORT
from tests.support.ears import Kept, KeptStream
from tests.support.schema import new_database

RECEPTION = "02191000502"
ASKED = "02191000700"
UNASKED = "02191000701"
"""Ask whether the caller agrees, then go to the queue `support`; the second has no prompt to ask with."""

TONES = {"1001": 400, "1002": 500, "1003": 600, "1004": 700, "1005": 800, "outside": 1000}
"""What each phone sounds like, in hertz: whole periods in every tenth of a second."""

LOUD, SILENT = 5_000.0, 60.0
HEARD_S = 0.3

MODULES = """
load = cdr_csv.so
load = res_http_websocket.so
load = res_websocket_client.so
load = res_stasis.so
load = res_stasis_answer.so
load = res_stasis_playback.so
load = res_stasis_recording.so
load = res_stasis_snoop.so
load = res_stasis_device_state.so
load = res_ari.so
load = res_ari_model.so
load = res_ari_channels.so
load = res_ari_bridges.so
load = res_ari_events.so
load = chan_rtp.so
load = res_rtp_multicast.so
load = app_stasis.so
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapping:
    """A cxcall that follows and taps a switch."""

    edge: AsteriskEdge
    tapper: Tapper
    commands: Commands
    kept: Kept
    engine: Any

    async def state(self, call_id: str) -> TapState:
        state: TapState = await self.commands.ask("tap:state", TapAsk(call_id=call_id))
        return state

    async def status(self) -> TapStatus:
        status: TapStatus = await self.commands.ask("tap:status", None)
        return status

    async def stream(self, device: str, more_than: int = 0) -> KeptStream:
        """The newest stream of a device, once there are more than so many."""
        return (await self.kept.until(lambda: self.kept.of(device)[more_than:]))[-1]

    async def record(self, number: str) -> CallRecord:
        """The record of the call from `number`, once it is over."""
        async with asyncio.timeout(40):
            while True:
                async with self.engine.connect() as conn:
                    query = text("SELECT id FROM calls ORDER BY started_at DESC")
                    for found in (await conn.execute(query)).scalars().all():
                        record = await calls.get(conn, found)
                        if record is not None and record.caller.number == number and record.ended_at is not None:
                            return record
                await asyncio.sleep(0.1)


@dataclass(slots=True)
class Place:
    switch: Switch
    phones: Phones
    folder: Path
    tapping: Tapping


@asynccontextmanager
async def tapping(
    folder: Path, switch: Switch, chosen: dict[tuple[str, str], Listening], **server: Any
) -> AsyncIterator[Tapping]:
    folder.mkdir(exist_ok=True)
    file = folder / "cxcall.sqlite"
    engine = open_engine(f"sqlite:///{file}" if file.exists() else new_database(file))
    async with engine.begin() as conn:
        for (name, queue), listening in chosen.items():
            if await speech_settings.get(conn, name, queue) is None:
                await speech_settings.save(conn, name, queue, listening, by="test", now=datetime.now(UTC))
    bus, commands, kept = Bus(0), Commands(), Kept()
    ami = Ami(name=switch.name, port=switch.ami_port, username=switch.username, secret=switch.secret)
    ami = msgspec.structs.replace(ami, **server)
    settings = Settings(ami=(ami,), audio=Audio(port=0))
    tapper = Tapper(settings=settings, engine=engine, bus=bus, commands=commands, receiver=kept)
    quick = Limits(retry=(0.1, 1.0))
    edge = AsteriskEdge(
        settings=settings,
        engine=engine,
        bus=bus,
        commands=commands,
        data_dir=folder,
        limits=quick,
        watchers=Watchers(tapper),
    )
    try:
        async with tapper.serving():
            running = asyncio.create_task(edge.run())
            here = Tapping(edge=edge, tapper=tapper, commands=commands, kept=kept, engine=engine)
            try:
                await kept.until(lambda: tapper.servers[switch.name].line.way is not None)
                yield here
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
    finally:
        await engine.dispose()


ALL = {("", ""): Listening(live=True)}


def asks(number: str, prompt: str) -> str:
    """A number of the site that asks for consent before the queue."""
    return f"exten => {number},1,Gosub(cxcall-consent,s,1({prompt}))\n same => n,Goto(cxcall-queue,support,1)\n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """A switch that writes CDRs and has ARI, phones that hum, and a cxcall that taps every call."""
    folder = tmp_path_factory.mktemp("tap")
    site = Site(
        name="lab",
        additions={
            "modules.conf": MODULES,
            "cdr.conf": "[general](+)\nenable = yes\nunanswered = yes\n[csv]\nusegmtime = yes\n",
            "websocket_client.conf": "",
            "extensions.conf": f"[from-trunk](+)\n{asks(ASKED, 'beep')}{asks(UNASKED, 'no-such-prompt')}"
            "[globals](+)\nCXCALL_CONSENT_SECONDS = 1\nCXCALL_CONSENT_DEFAULT = yes\n",
            "ari.conf": "[general]\nenabled = yes\n[cxcall]\ntype = user\npassword = ari-secret\n",
        },
    )
    async with AsyncExitStack() as running:
        (folder / "switch/log/cdr-csv").mkdir(parents=True)
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, site))
        running.push_async_callback(switch.kill)
        phones = await connect_phones(switch, running)
        for phone in (*phones.inside.values(), phones.outside):
            phone.sound = tone(TONES[phone.number], 0.1)
            phone.listen = True
        here = await running.enter_async_context(tapping(folder / "cxcall", switch, ALL))
        yield Place(switch=switch, phones=phones, folder=folder, tapping=here)


@pytest_asyncio.fixture(loop_scope="session")
async def at(place: Place) -> AsyncIterator[Place]:
    """The place, with phones that only ring and nothing kept yet; no call is left at the end."""
    for phone in place.phones.inside.values():
        phone.policy = Policy.RING
    await place.phones.forget_rings()
    place.tapping.kept.streams.clear()
    yield place
    for phone in (*place.phones.inside.values(), place.phones.outside):
        for call in phone.calls:
            await call.hang_up()
    await no_calls(place.switch)


async def talk(at: Place, number: str, to: str = SUPPORT, *ring: str) -> tuple[Call, Call]:
    """Caller and agent in conversation."""
    call = at.phones.outside.call(to, from_number=number)
    taken = await at.phones.first_ringing(*(ring or ("1001", "1002", "1003")))
    await taken.answer()
    await call.answered()
    return call, taken


async def hears_only(stream: KeptStream, who: str) -> None:
    """Wait until what comes from now on is one phone's sound and nobody else's."""
    others = [hertz for name, hertz in TONES.items() if name != who]
    async with asyncio.timeout(30):
        while True:
            enough = stream.seconds + HEARD_S
            while stream.seconds < enough:
                await asyncio.sleep(0.02)
            if stream.strength(TONES[who], HEARD_S) < LOUD:
                continue
            if all(stream.strength(hertz, HEARD_S) < SILENT for hertz in others):
                return


async def test_a_queue_call_is_heard_speaker_by_speaker(at: Place) -> None:
    _, ring = await talk(at, "09121120001")
    customer = await at.tapping.stream("PJSIP/trunk")
    agent = await at.tapping.stream(f"PJSIP/{ring.phone.number}")
    await hears_only(customer, "outside")
    await hears_only(agent, ring.phone.number)
    assert (customer.stream.speaker, customer.stream.queue, customer.stream.agent) == ("customer", "support", "")
    assert (agent.stream.speaker, agent.stream.agent) == ("agent", f"PJSIP/{ring.phone.number}")
    assert agent.stream.agent_name in ("Sara Ahmadi", "Reza Karimi", "Maryam Rostami")
    state = await at.tapping.state(agent.stream.call_id)
    assert (state.heard, state.why, set(state.speakers)) == (True, "chosen", {"customer", "agent"})
    await ring.hang_up()
    await at.tapping.kept.until(lambda: agent.stream.call_id in at.tapping.kept.ended)
    assert (customer.closed, agent.closed) == ("hung_up", "hung_up")
    assert len(at.tapping.kept.streams) == 2


async def test_a_blind_transfer_brings_the_new_agent_a_stream_and_keeps_the_customers(at: Place) -> None:
    call, ring = await talk(at, "09121120002")
    customer = await at.tapping.stream("PJSIP/trunk")
    first = await at.tapping.stream(f"PJSIP/{ring.phone.number}")
    at.phones["1005"].policy = Policy.ANSWER
    await ring.transfer("1005")
    second = await at.tapping.stream("PJSIP/1005")
    await hears_only(second, "1005")
    await hears_only(customer, "outside")
    assert first.closed == "hung_up"
    assert (second.stream.call_id, second.stream.agent, second.stream.agent_name) == (
        customer.stream.call_id, "PJSIP/1005", "Nasrin Tehrani",
    )  # fmt: skip
    assert len(at.tapping.kept.of("PJSIP/trunk")) == 1
    await call.hang_up()
    await at.tapping.kept.until(lambda: customer.stream.call_id in at.tapping.kept.ended)


async def test_on_hold_and_through_a_consultation_only_the_talk_is_heard(at: Place) -> None:
    call, ring = await talk(at, "09121120003")
    customer = await at.tapping.stream("PJSIP/trunk")
    await hears_only(customer, "outside")
    await ring.hold()
    await at.tapping.kept.until(lambda: customer.holds == [True])
    kept = len(customer.sound)
    at.phones["1004"].policy = Policy.ANSWER
    consultation = ring.phone.call("1004")
    await consultation.answered()
    colleague = await at.tapping.stream("PJSIP/1004")
    await hears_only(colleague, "1004")
    assert len(customer.sound) == kept, "nothing of what was said on hold"
    await ring.transfer_to(consultation)
    # Between two bridges they may for a moment be with nobody once more.
    await at.tapping.kept.until(lambda: customer.holds[1:] and not customer.holds[-1])
    await hears_only(customer, "outside")
    await hears_only((await at.tapping.stream("PJSIP/1004")), "1004")
    assert (colleague.stream.call_id, customer.stream.call_id) in at.tapping.kept.merges
    await at.tapping.kept.until(lambda: all(each.closed for each in at.tapping.kept.of(f"PJSIP/{ring.phone.number}")))
    state = await at.tapping.state(customer.stream.call_id)
    assert set(state.speakers) == {"customer", "agent"}
    await call.hang_up()
    await at.tapping.kept.until(lambda: customer.stream.call_id in at.tapping.kept.ended)


async def test_three_calls_at_once_are_not_mixed_up(at: Place) -> None:
    made = [
        await talk(at, "09121120011", SUPPORT),
        await talk(at, "09121120012", SALES, "1004", "1005", "1003"),
        await talk(at, "09121120013", DIRECT + "1002", "1002")
        if not at.phones["1002"].calls
        else await talk(at, "09121120013", DIRECT + "1001", "1001"),
    ]
    customers = await at.tapping.kept.until(lambda: len(found := at.tapping.kept.of("PJSIP/trunk")) == 3 and found)
    assert len({each.stream.call_id for each in customers or ()}) == 3
    for _, ring in made:
        agent = await at.tapping.stream(f"PJSIP/{ring.phone.number}")
        await hears_only(agent, ring.phone.number)
        assert sum(each.stream.call_id == agent.stream.call_id for each in at.tapping.kept.streams) == 2
    status = await at.tapping.status()
    assert (status.calls, status.streams, status.servers) == (3, 6, {"lab": "audiosocket"})


async def test_a_local_member_is_heard_by_the_phone_behind_it(at: Place) -> None:
    call, _ = await talk(at, "09121120004", RECEPTION, "1001")
    agent, customer = await at.tapping.stream("PJSIP/1001"), await at.tapping.stream("PJSIP/trunk")
    await hears_only(agent, "1001")
    await hears_only(customer, "outside")
    assert (agent.stream.agent, agent.stream.agent_name) == ("Local/1001@cxcall-demo-agents/n", "Sara Ahmadi")
    assert len(at.tapping.kept.streams) == 2
    await call.hang_up()


async def test_everyone_in_a_conference_is_heard_once(at: Place) -> None:
    for number in ("1001", "1002"):
        await at.phones[number].call("600").answered()
    await at.phones.outside.call("02191000600", from_number="09121120005").answered()
    for device, who in (("PJSIP/1001", "1001"), ("PJSIP/1002", "1002"), ("PJSIP/trunk", "outside")):
        await hears_only(await at.tapping.stream(device), who)
    assert len(at.tapping.kept.streams) == 3


async def test_a_caller_who_waits_alone_is_not_heard_and_a_parked_one_neither(at: Place) -> None:
    waiting = at.phones.outside.call(SUPPORT, from_number="09121120006")
    await at.phones.first_ringing("1001", "1002", "1003")
    await at.tapping.kept.until(lambda: at.tapping.tapper.audio.status().frames)
    assert not at.tapping.kept.streams, "a spy is there, but nobody talks"
    await waiting.hang_up()
    await at.phones.forget_rings()
    _, ring = await talk(at, "09121120007")
    customer = await at.tapping.stream("PJSIP/trunk")
    await ring.transfer("700")
    await at.tapping.kept.until(lambda: customer.holds[-1:] == [True])
    fetching = at.phones["1004"].call("701")
    await fetching.answered()
    await hears_only(await at.tapping.stream("PJSIP/1004"), "1004")
    assert customer.holds == [True, False]


async def test_nothing_of_it_is_in_records_and_cdr(at: Place) -> None:
    call, ring = await talk(at, "09121120008")
    await hears_only(await at.tapping.stream("PJSIP/trunk"), "outside")
    await ring.hang_up()
    await call.ended()
    record = await at.tapping.record("09121120008")
    assert [leg.channel.rpartition("-")[0] for leg in record.legs if leg.result == "answered"] == [
        "PJSIP/trunk",
        f"PJSIP/{ring.phone.number}",
    ]
    assert len(record.talks) == 1
    async with at.tapping.engine.connect() as conn:
        ids = (await conn.execute(text("SELECT id FROM calls"))).scalars().all()
    assert not [call_id for call_id in ids if "cxspy" in call_id]
    file = at.switch.folder / "log/cdr-csv/Master.csv"
    await at.tapping.kept.until(lambda: "09121120008" in file.read_text())
    rows = file.read_text()
    assert "AudioSocket" not in rows
    assert "cxspy" not in rows


async def test_a_site_whose_audio_port_is_closed_to_asterisk_only_does_not_hear(at: Place) -> None:
    folder = at.folder / "closed"
    async with tapping(folder, at.switch, ALL, audio="127.0.0.1:1") as deaf:
        call, ring = await talk(at, "09121120009")
        (call_id,) = await at.tapping.kept.until(lambda: [each.stream.call_id for each in at.tapping.kept.streams][:1])
        async with asyncio.timeout(30):
            while (state := await deaf.state(call_id)).why != "refused":
                await asyncio.sleep(0.05)
        assert "127.0.0.1:1" in state.detail
        assert not state.heard
        tries = deaf.tapper.servers["lab"].calls[call_id].tries
        await deaf.kept.until(lambda: set(tries.values()) == {2})
        await at.tapping.kept.until(lambda: at.tapping.kept.of("PJSIP/trunk")[0].seconds > 1)
        assert (call.state, ring.state) == ("talking", "talking")
        assert not deaf.kept.streams


async def test_after_a_restart_of_cxcall_the_call_is_heard_again(at: Place) -> None:
    folder = at.folder / "again"
    async with tapping(folder, at.switch, ALL) as first:
        call, ring = await talk(at, "09121120010")
        await hears_only(await first.stream("PJSIP/trunk"), "outside")
    assert {each.closed for each in first.kept.streams} == {"stopped"}
    async with tapping(folder, at.switch, ALL) as second:
        customer, agent = await second.stream("PJSIP/trunk"), await second.stream(f"PJSIP/{ring.phone.number}")
        await hears_only(customer, "outside")
        await hears_only(agent, ring.phone.number)
        before = first.kept.of("PJSIP/trunk")[0].stream
        assert (customer.stream.call_id, customer.stream.queue) == (before.call_id, "support")
        assert call.state == "talking"


async def test_a_lost_manager_connection_loses_no_stream_and_what_happens_after_it_is_heard(at: Place) -> None:
    _, ring = await talk(at, "09121120016")
    customer = await at.tapping.stream("PJSIP/trunk")
    await hears_only(customer, "outside")
    (listener,) = at.tapping.edge.listeners
    before = listener.status()
    assert listener._client._link is not None
    listener._client._link.drop("the test cut it")
    await at.tapping.kept.until(lambda: listener.status().resynced_at != before.resynced_at)
    at.phones["1005"].policy = Policy.ANSWER
    await ring.transfer("1005")
    await hears_only(await at.tapping.stream("PJSIP/1005"), "1005")
    await hears_only(customer, "outside")
    assert len(at.tapping.kept.of("PJSIP/trunk")) == 1
    assert (await at.tapping.state(customer.stream.call_id)).why == "chosen"


async def test_without_audiosocket_the_same_is_heard_over_ari_and_nothing_is_left(at: Place) -> None:
    ari = {"tap": "ari", "ari_url": f"http://127.0.0.1:{at.switch.http_port}/ari", "ari_password": "ari-secret"}
    async with tapping(at.folder / "ari", at.switch, ALL, **ari) as other:
        call, ring = await talk(at, "09121120014")
        customer, agent = await other.stream("PJSIP/trunk"), await other.stream(f"PJSIP/{ring.phone.number}")
        await hears_only(customer, "outside")
        await hears_only(agent, ring.phone.number)
        assert (await other.status()).servers == {"lab": "ari"}
        await ring.hang_up()
        await call.ended()
        await other.kept.until(lambda: customer.stream.call_id in other.kept.ended)
        await no_calls(at.switch)
        assert "cxbr-" not in await at.switch.cli("bridge show all")


async def test_a_supervisor_has_one_call_heard_and_left_again_but_not_against_the_callers_no(at: Place) -> None:
    async with tapping(at.folder / "asked", at.switch, {}) as other:
        call, ring = await talk(at, "09121120015")
        (call_id,) = await at.tapping.kept.until(lambda: [each.stream.call_id for each in at.tapping.kept.streams][:1])
        assert (await other.state(call_id)).why == "off"
        await other.commands.ask("tap:start", TapAsk(call_id=call_id, by="u1"))
        customer = await other.stream("PJSIP/trunk")
        await hears_only(customer, "outside")
        await hears_only(await other.stream(f"PJSIP/{ring.phone.number}"), ring.phone.number)
        assert (await other.state(call_id)).why == "asked_for"
        await other.commands.ask("tap:stop", TapAsk(call_id=call_id, by="u1"))
        assert {each.closed for each in other.kept.streams} == {"stopped"}
        assert (await other.state(call_id)).heard is False
        await at.switch.cli(f"dialplan set chanvar {customer.stream.channel} CX_CONSENT no")
        with pytest.raises(CommandRefused, match="did not agree"):
            await other.commands.ask("tap:start", TapAsk(call_id=call_id, by="u1"))
        assert call.state == "talking"
        await call.hang_up()
        await other.kept.until(lambda: other.kept.ended == [call_id])


@pytest.mark.parametrize(
    ("asked", "key", "heard"), [(ASKED, "1", True), (ASKED, "2", False), (ASKED, "", True), (UNASKED, "", False)]
)
async def test_who_is_asked_is_heard_only_with_their_yes(at: Place, asked: str, key: str, heard: bool) -> None:
    """This site takes silence for a yes, but not when there was nothing to hear."""
    chosen = {("", "support"): Listening(live=True, consent="asked")}
    async with tapping(at.folder / f"consent{asked}{key}", at.switch, chosen) as asking:
        call = at.phones.outside.call(asked, from_number=f"0912112002{key or 0}")
        await call.answered()
        if key:
            call.press(key)
        ring = await at.phones.first_ringing("1001", "1002", "1003")
        await ring.answer()
        (call_id,) = await asking.kept.until(lambda: list(asking.tapper.servers["lab"].calls))
        if heard:
            await hears_only(await asking.stream("PJSIP/trunk"), "outside")
            return
        async with asyncio.timeout(30):
            while (state := await asking.state(call_id)).why != "no_consent":
                await asyncio.sleep(0.05)
        assert (state.heard, asking.kept.streams) == (False, [])


async def test_doctor_tries_the_whole_way_and_says_what_to_mend(at: Place) -> None:
    host, _, number = at.tapping.tapper.audio.address.rpartition(":")
    open_port, ami = Audio(host=host, port=int(number)), at.tapping.edge.listeners[0].server
    url = f"http://127.0.0.1:{at.switch.http_port}/ari"
    over_ari = {"tap": "ari", "ari_url": url, "ari_password": "ari-secret"}

    async def found(port: Audio, **server: str) -> Finding:
        async for finding in examine(msgspec.structs.replace(ami, **server), listen=0, audio=port):
            if finding.check == "live sound":
                return finding
        raise AssertionError("not looked at")

    assert (await doctor_audio.port(open_port)).result == "ok"
    assert (await doctor_audio.port(Audio(port=1))).fix == "Start it: cxcall serve"
    assert (await doctor_audio.port(msgspec.structs.replace(open_port, host="0.0.0.0"))).result == "warn"
    assert (await doctor_audio.port(Audio(port=at.switch.ami_port))).result == "fail"
    assert (await found(open_port)).says == f"Asterisk reaches {host}:{number}."
    closed = await found(Audio(port=1))
    assert (closed.result, "cxcall serve" in closed.fix) == ("warn", True)
    assert (await found(open_port, audio="127.0.0.1:1")).result == "warn"
    assert (await found(open_port, **over_ari)).result == "ok"
    assert "ari.conf" in (await found(open_port, **{**over_ari, "ari_password": "wrong"})).fix
    await no_calls(at.switch)
