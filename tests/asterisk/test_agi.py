"""FastAGI on a real Asterisk: keys, prompts, recordings and hang-ups as calls bring them."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cxcall.asterisk.agi import route
from cxcall.asterisk.agi.commands import line
from cxcall.asterisk.agi.counters import End
from cxcall.asterisk.agi.errors import CallerHungUp, CommandRejected, NoSuchApplication
from cxcall.asterisk.agi.limits import Limits
from cxcall.asterisk.agi.results import ALL_KEYS, ChannelState, NotPlayed, Played, Pressed, Recording, Silence
from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.agi.session import Session
from cxcall.bus import Commands
from cxcall.demo.phone import Call, Phone, tone
from cxcall.demo.switch import Site, Switch, Tree

PATIENCE = 60.0
DIALPLAN = """
[from-trunk]
exten => _77X,1,AGI(agi://{address}/test?x=1&y=a%20b,${{EXTEN}},two words,,زهرا)
 same => n,Set(CX_AFTER=${{CX_BEFORE}} ${{AGISTATUS}})
 same => n,Answer()
 same => n,Wait(20)
exten => 780,1,AGI(agi://{address}/route)
 same => n,Hangup(${{IF($["${{CX_STATUS}}"="default"]?17:1)}})
exten => 781,1,AGI(agi://{address}/nowhere)
 same => n,Hangup(17)
"""

Act = Callable[[Session], Awaitable[Any]]


class Stage:
    """A real Asterisk that hands calls to `act`, and a phone outside."""

    def __init__(self, server: Server, phone: Phone, folder: Path, switch: Switch) -> None:
        self.server, self.phone, self.folder, self.switch = server, phone, folder, switch
        self.act: Act = _nothing
        self.outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def handle(self, session: Session) -> None:
        """What came of the act; a fault of it is the test's."""
        try:
            self.outcome.set_result(await self.act(session))
        except (Exception, asyncio.CancelledError) as error:
            if not self.outcome.done():
                self.outcome.set_exception(error if isinstance(error, Exception) else TimeoutError())
            raise

    def call(self, act: Act, number: str = "770") -> Call:
        self.act = act
        self.outcome = asyncio.get_running_loop().create_future()
        return self.phone.call(number, from_number="09121234567")

    async def came_of_it(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return await self.outcome

    async def counted(self, end: End, more_than: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.server.counters.ends[end] <= more_than:
                await asyncio.sleep(0.02)


async def _nothing(session: Session) -> None:
    """Before a test says what to do."""


@asynccontextmanager
async def silent_web() -> AsyncIterator[str]:
    """A web server that takes requests and says nothing; its address."""
    open_ones = list[asyncio.StreamWriter]()

    async def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for writer in open_ones:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("agi")
    for name, seconds in (("short", 1), ("long", 40)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as prompt:
            prompt.setparams((1, 2, 8000, 0, "NONE", ""))
            prompt.writeframes(b"\x00\x10" * 8000 * seconds)
    stages = list[Stage]()

    async def test(session: Session) -> None:
        await stages[0].handle(session)

    server = Server({"/test": test, "/route": route.script(Commands())}, Limits(think=5.0, grace=0.1))
    async with AsyncExitStack() as running:
        address = await running.enter_async_context(server.listening("127.0.0.1", 0))
        additions = {
            "extensions.conf": DIALPLAN.format(address=address),
            "res_http_media_cache.conf": "[general]\ntimeout_secs=2\n",
        }
        site = Site(name="lab", agi=address, additions=additions)
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, site))
        phone = await running.enter_async_context(Phone.start("outside", switch.sip_address, port=switch.trunk_port))
        stages.append(Stage(server, phone, folder, switch))
        yield stages[0]


async def test_a_conversation_asks_plays_waits_and_leaves_the_call_to_the_dialplan(stage: Stage) -> None:
    later = asyncio.get_running_loop().call_later  # a key that comes between two commands is lost
    pressed = list[asyncio.Task[None]]()

    async def act(session: Session) -> list[Any]:
        found: list[Any] = [session.request.args, dict(session.request.query), session.request.caller_id]
        found += [await session.channel_status()]
        await session.answer()
        found += [await session.channel_status()]
        found += [await session.stream_file("/nowhere/at-all", ALL_KEYS)]
        found += [await session.stream_file("http://127.0.0.1:1/gone.wav", ALL_KEYS)]
        found += [await session.stream_file(str(stage.folder / "short")), await session.wait_for_digit(0.2)]
        later(0.4, call.press, "4")
        found += [await session.stream_file(str(stage.folder / "long"), ALL_KEYS)]
        later(0.4, call.press, "#")
        found += [await session.wait_for_digit(40)]
        later(0.4, lambda: pressed.append(asyncio.create_task(call.press_by_info("7"))))
        found += [await session.wait_for_digit(40)]
        await asyncio.gather(*pressed)
        await session.set_variable("CX_BEFORE", 'زهرا "a\\b"')
        found += [await session.get_variable("CX_BEFORE"), await session.get_variable("CX_NOWHERE")]
        found += [await session.get_variable("CHANNEL(language)"), await session.execute("NoOp", "a,b")]
        with pytest.raises(NoSuchApplication):
            await session.execute("NoSuchThing")
        with pytest.raises(CommandRejected, match="510"):
            await session.command("NO SUCH COMMAND")
        with pytest.raises(CommandRejected, match="520"):
            await session.command("SET VARIABLE X")
        await session.verbose('said "plainly"')
        return [*found, session.gone]

    call = stage.call(act)
    before = stage.server.counters.ends[End.DONE]
    assert await stage.came_of_it() == [
        ("770", "two words", "", "زهرا"), {"x": "1", "y": "a b"}, "09121234567",
        ChannelState.RING, ChannelState.UP,
        NotPlayed(), NotPlayed(), Played(1.0), Silence(), Pressed("4"), Pressed("#"), Pressed("7"),
        'زهرا "a\\b"', None, "en", 0, False,
    ]  # fmt: skip
    await stage.counted(End.DONE, before)
    async with asyncio.timeout(PATIENCE):
        while "Wait" not in (shown := await stage.switch.cli("core show channels verbose")):
            await asyncio.sleep(0.1)
    assert call.state == "talking", shown
    await call.hang_up()


async def test_a_recording_ends_by_key_or_hang_up_and_is_there_both_times(stage: Stage) -> None:
    async def act(session: Session) -> list[Recording]:
        await session.answer()
        call.say(tone(440))
        later = asyncio.get_running_loop().call_later
        later(1.0, call.press, "#")
        by_key = await session.record_file(str(stage.folder / "key"), seconds=30, beep=False)
        later(1.0, lambda: leaving.append(asyncio.create_task(call.hang_up())))
        by_hang_up = await session.record_file(str(stage.folder / "left"), seconds=30, silence=5)
        assert session.gone
        await session.set_variable("CX_BEFORE", "x")
        return [by_key, by_hang_up]

    leaving = list[asyncio.Task[None]]()
    call = stage.call(act)
    by_key, by_hang_up = await stage.came_of_it()
    assert (by_key.ended_by, by_key.key, by_hang_up.ended_by) == ("key", "#", "hang_up")
    for name, recording in (("key", by_key), ("left", by_hang_up)):
        with wave.open(str(stage.folder / f"{name}.wav")) as kept:
            assert kept.getnframes() / kept.getframerate() == pytest.approx(recording.seconds, abs=0.2)
    await asyncio.gather(*leaving)


ASKS: dict[str, Callable[[Session, str, str], Awaitable[Any]]] = {
    "waiting for a key": lambda session, *_: session.wait_for_digit(30),
    "hearing a prompt": lambda session, prompt, _: session.stream_file(prompt, ALL_KEYS),
    "a prompt is fetched": lambda session, _, web: session.stream_file(f"{web}/x.wav", ALL_KEYS),
    "we think": lambda session, *_: _think(session),
}


async def _think(session: Session) -> None:
    async with asyncio.timeout(PATIENCE):
        while not session.gone:
            await asyncio.sleep(0.02)
    await session.wait_for_digit(1)


@pytest.mark.parametrize("when", ASKS)
async def test_a_caller_who_hangs_up_in_mid_question_is_known_to_be_gone(stage: Stage, when: str) -> None:
    async def act(session: Session) -> str:
        await session.answer()
        asyncio.get_running_loop().call_later(0.5, lambda: leaving.append(asyncio.create_task(call.hang_up())))
        with pytest.raises(CallerHungUp):
            await ASKS[when](session, str(stage.folder / "long"), web)
        assert session.gone
        with pytest.raises(CallerHungUp):  # 511
            await session.command(line("STREAM FILE", "beep", "", 0))
        await session.set_variable("CX_RESULT", "half an answer")
        return str(await session.get_variable("CX_RESULT"))

    leaving = list[asyncio.Task[None]]()
    before = stage.server.counters.ends[End.HUNG_UP]
    async with silent_web() as web:
        call = stage.call(act)
        assert await stage.came_of_it() == "half an answer"
    await stage.counted(End.HUNG_UP, before)
    await asyncio.gather(*leaving)


async def test_a_handler_that_is_stuck_gives_its_call_back(stage: Stage) -> None:
    async def act(session: Session) -> None:
        await session.answer()
        await asyncio.Event().wait()

    before = stage.server.counters.ends[End.SLOW]
    call = stage.call(act)
    with pytest.raises(TimeoutError):
        await stage.came_of_it()
    await stage.counted(End.SLOW, before)
    async with asyncio.timeout(PATIENCE):
        while "Wait" not in await stage.switch.cli("core show channels verbose"):
            await asyncio.sleep(0.1)
    await call.hang_up()


@pytest.mark.parametrize("number", ["780", "781"])
async def test_route_says_default_and_an_unknown_script_lets_go_at_once(stage: Stage, number: str) -> None:
    call = stage.phone.call(number, from_number="09121234567")
    await call.ended(PATIENCE)
    assert call.status == 486  # hangup cause 17, as the dialplan says when all is well
