"""Recording on a real Asterisk: who is on which side, what is left out, and that nothing is lost when we are away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from numpy.typing import NDArray

from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.limits import Limits
from cxcall.asterisk.recording.recorder import Recorder
from cxcall.asterisk.tap.choosing import Chosen
from cxcall.asterisk.watching import Watchers
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.speech import RecordingAsk, RecordingState
from cxcall.calls.record import CallId
from cxcall.demo.phone import Call, Policy, tone
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.media.recording.keeper import Keeper
from cxcall.settings import Ami, Data, Settings
from cxcall.speech.listening import Listening
from cxcall.speech.stream import RATE
from cxcall.store import recordings, speech_settings
from cxcall.store.engine import open_engine
from cxcall.store.recordings import Recording
from tests.asterisk.conftest import Phones, connect_phones, no_calls
from tests.asterisk.site import SALES, SUPPORT
from tests.support.schema import new_database

CUSTOMER, AGENT = 1000.0, 500.0
"""What each side sounds like, in hertz."""

CHOSEN = {("", "support"): Listening(record=True, after=True), ("", "sales"): Listening(record=True, consent="asked")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A cxcall that follows and records a switch."""

    settings: Settings
    recorder: Recorder
    commands: Commands
    keeper: Keeper
    engine: Any

    async def ask(self, what: str, call_id: str) -> RecordingState:
        state: RecordingState = await self.commands.ask(f"recording:{what}", RecordingAsk(call_id=call_id, by="test"))
        return state

    async def going(self, *, recorded: bool = True) -> str:
        """The call that is decided on by now."""
        async with asyncio.timeout(40):
            while True:
                for calls in self.recorder.servers.values():
                    for call_id, why in calls.decided.items():
                        if (call_id in calls.tapes) if recorded else (why and call_id not in calls.tapes):
                            return call_id
                await asyncio.sleep(0.05)

    async def until(self, call_id: str, *, state: str = "kept") -> Recording:
        """The recording of a call once it is in this state, the keeper helping."""
        async with asyncio.timeout(60):
            while True:
                await self.keeper.look()
                async with self.engine.connect() as conn:
                    for found in await recordings.of_call(conn, call_id):
                        if found.state == state:
                            return found
                await asyncio.sleep(0.2)

    def sound(self, recording: Recording) -> NDArray[np.int16]:
        """Its samples, one row a channel."""
        samples, rate = soundfile.read(self.settings.data_dir / "recordings" / recording.file, dtype="int16")
        assert rate == RATE
        sides: NDArray[np.int16] = samples.T
        return sides


@dataclass(slots=True)
class Place:
    switch: Switch
    phones: Phones
    folder: Path


@asynccontextmanager
async def recording(place: Place) -> AsyncIterator[Recorded]:
    folder = place.folder / "cxcall"
    folder.mkdir(exist_ok=True)
    file, switch = folder / "cxcall.sqlite", place.switch
    engine = open_engine(f"sqlite:///{file}" if file.exists() else new_database(file))
    async with engine.begin() as conn:
        for (name, queue), listening in CHOSEN.items():
            if await speech_settings.get(conn, name, queue) is None:
                await speech_settings.save(conn, name, queue, listening, by="test", now=datetime.now(UTC))
    bus, commands = Bus(0), Commands()
    ami = Ami(name=switch.name, port=switch.ami_port, username=switch.username, secret=switch.secret)
    settings = Settings(ami=(ami,), data=Data(dir=str(folder)))
    chosen = Chosen(engine, "IR")
    await chosen.load()
    recorder = Recorder(settings=settings, engine=engine, bus=bus, commands=commands, chosen=chosen)
    edge = AsteriskEdge(
        settings=settings,
        engine=engine,
        bus=bus,
        commands=commands,
        limits=Limits(retry=(0.1, 1.0)),
        watchers=Watchers(recorder),
    )
    try:
        async with recorder.serving():
            running = asyncio.create_task(edge.run())
            async with asyncio.timeout(40):
                while edge.status()[0].state != "connected":
                    await asyncio.sleep(0.05)
            keeper = Keeper(settings=settings, engine=engine, bus=bus)
            try:
                yield Recorded(settings=settings, recorder=recorder, commands=commands, keeper=keeper, engine=engine)
            finally:
                async with asyncio.timeout(20):  # cancelled in the middle, a write holds the file until it is collected
                    while edge.writer.waiting or edge.writer.unsaved or recorder.waiting:
                        await asyncio.sleep(0.05)
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
    finally:
        await engine.dispose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("recording")
    async with AsyncExitStack() as running:
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, Site(name="lab")))
        running.push_async_callback(switch.kill)
        phones = await connect_phones(switch, running)
        for phone in phones.inside.values():
            phone.sound = tone(AGENT, 0.1)
        phones.outside.sound = tone(CUSTOMER, 0.1)
        yield Place(switch=switch, phones=phones, folder=folder)


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


async def talk(at: Place, number: str, to: str, *ring: str) -> tuple[Call, Call]:
    call = at.phones.outside.call(to, from_number=number)
    taken = await at.phones.first_ringing(*ring)
    await taken.answer()
    await call.answered()
    return call, taken


def strength(samples: NDArray[np.int16], hertz: float) -> float:
    """Amplitude of a tone in some samples."""
    wave = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / RATE)
    return float(2 * abs(samples.astype(float) @ wave) / max(1, len(samples)))


def loud(samples: NDArray[np.int16], hertz: float) -> float:
    """Seconds in which a tone is heard, in tenths."""
    step = RATE // 10
    pieces = [samples[at : at + step] for at in range(0, len(samples) - step, step)]
    return sum(strength(piece, hertz) > 3_000 for piece in pieces) / 10


async def test_each_side_is_on_its_own_channel_and_what_was_paused_is_silent(at: Place) -> None:
    async with recording(at) as here:
        call, taken = await talk(at, "09121110001", SUPPORT)
        call_id = await here.going()
        await asyncio.sleep(1.5)
        assert (await here.ask("pause", call_id)).paused
        await asyncio.sleep(1.5)
        state = await here.ask("resume", call_id)
        assert (state.recording, state.paused) == (True, False)
        await asyncio.sleep(1.0)
        await taken.hang_up()
        await call.ended()
        kept = await here.until(call_id)
    left, right = here.sound(kept)
    assert kept.consent == "unknown"
    assert [pause.why for pause in kept.pauses] == ["agent"]
    (pause,) = kept.pauses
    assert pause.until is not None
    middle = slice(int((pause.since + 0.3) * RATE), int((pause.until - 0.3) * RATE))
    for side, own, other in ((left, CUSTOMER, AGENT), (right, AGENT, CUSTOMER)):
        assert loud(side, own) >= 1.5, "heard before and after the pause"
        assert loud(side, other) == 0, "the other side is not in it"
        assert np.abs(side[middle]).max() < 50, "nothing of what was said in the pause"
    assert not list((at.folder / "cxcall/recordings/incoming").iterdir())


async def test_a_number_that_is_keyed_in_is_left_out(at: Place) -> None:
    async with recording(at) as here:
        call, _ = await talk(at, "09121110002", SUPPORT)
        call_id = await here.going()
        call.press("4716253")
        async with asyncio.timeout(40):
            while not (state := await here.ask("state", call_id)).paused:
                await asyncio.sleep(0.1)
        assert state.detail == "card"
        await asyncio.sleep(1.0)
        await call.hang_up()
        kept = await here.until(call_id)
    assert [pause.why for pause in kept.pauses] == ["card"]


async def test_who_did_not_agree_is_not_recorded_whoever_asks(at: Place) -> None:
    async with recording(at) as here:
        call, taken = await talk(at, "09121110003", SALES, "1004", "1005")
        call_id = await here.going(recorded=False)
        state = await here.ask("state", call_id)
        assert (state.recording, state.detail) == (False, "no_consent")
        with pytest.raises(CommandRefused, match="did not agree"):
            await here.ask("start", call_id)
        await taken.hang_up()
        await call.ended()
        async with here.engine.connect() as conn:
            assert await recordings.of_call(conn, call_id) == []


async def test_asterisk_goes_on_recording_while_we_are_away(at: Place) -> None:
    async with recording(at) as here:
        call, taken = await talk(at, "09121110004", SUPPORT)
        call_id = await here.going()
    await asyncio.sleep(1.0)
    async with recording(at) as here:
        assert await here.going() == call_id, "taken up again, not begun anew"
        await asyncio.sleep(0.5)
        assert here.recorder.servers[at.switch.name].follower.stage_of(CallId(call_id)) is not None
    await taken.hang_up()
    await call.ended()
    async with recording(at) as here:  # it ended while nobody looked
        kept = await here.until(call_id)
        left, right = here.sound(kept)
        async with here.engine.connect() as conn:
            assert len(await recordings.of_call(conn, call_id)) == 1, "it was recorded once"
    assert loud(left, CUSTOMER) >= 1.0
    assert loud(right, AGENT) >= 1.0
