"""What a handler may ask of a call, and what it is told came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from operator import methodcaller
from typing import Any

import pytest

from cxcall.asterisk.agi import route
from cxcall.asterisk.agi.counters import End
from cxcall.asterisk.agi.errors import (
    CallerHungUp,
    CommandError,
    CommandRejected,
    ConnectionClosed,
    NoAnswerInTime,
    NoSuchApplication,
    PeerError,
)
from cxcall.asterisk.agi.limits import Limits
from cxcall.asterisk.agi.results import ALL_KEYS, ChannelState, NotPlayed, Played, Pressed, Recording, Silence
from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.agi.session import Session
from cxcall.bus import Commands
from cxcall.bus.routing import DECIDE
from tests.support.agi_peer import PATIENCE, Peer, connect, header

Ask = Callable[[Session], Awaitable[Any]]
DEAD = "511 Command Not Permitted on a dead channel or intercept routine"


@asynccontextmanager
async def conversation(handler: Callable[[Session], Awaitable[None]]) -> AsyncIterator[tuple[Peer, Server]]:
    server = Server({"/test": handler}, Limits(think=PATIENCE, farewell=PATIENCE))
    async with server.listening("127.0.0.1", 0) as address, connect(address, header()) as peer:
        yield peer, server


async def asked(ask: Ask, *answers: str, then_close: bool = False) -> tuple[list[str], Any, Server]:
    """The commands that were sent for `ask`, what it gave or raised, and the server."""
    outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def handler(session: Session) -> None:
        try:
            outcome.set_result(await ask(session))
        except Exception as error:
            outcome.set_result(error)

    async with conversation(handler) as (peer, server):
        commands = await peer.answers(*answers)
        if then_close:
            await peer.command()
            peer.writer.close()
        async with asyncio.timeout(PATIENCE):
            return commands, await outcome, server


PLAY: Ask = methodcaller("stream_file", "/prompts/hello", ALL_KEYS)
WAIT: Ask = methodcaller("wait_for_digit", 2.5)
RECORD: Ask = methodcaller("record_file", "/tmp/c", seconds=30, silence=4)
STATUS: Ask = methodcaller("channel_status")


@pytest.mark.parametrize(
    ("answer", "came_of_it"),
    [
        ("200 result=0 endpos=32000", Played(4.0)),
        ("200 result=50 endpos=3840", Pressed("2")),
        ("200 result=42 endpos=3840", Pressed("*")),
        ("200 result=0 endpos=0", NotPlayed()),
    ],
)
async def test_a_prompt_is_heard_or_cut_short_or_missing(answer: str, came_of_it: object) -> None:
    commands, came, _ = await asked(PLAY, answer)
    assert commands == ['STREAM FILE "/prompts/hello" "0123456789*#" 0']
    assert came == came_of_it


async def test_minus_one_of_a_prompt_is_no_hang_up_while_the_channel_is_up() -> None:
    commands, came, _ = await asked(PLAY, "200 result=-1 endpos=0", "200 result=6")
    assert commands[1] == "CHANNEL STATUS"
    assert came == NotPlayed()


@pytest.mark.parametrize("status", [DEAD, f"HANGUP\n{DEAD}", "HANGUP\n200 result=6", "200 result=-1"])
@pytest.mark.parametrize("ask", [PLAY, WAIT])
async def test_minus_one_is_a_hang_up_once_the_channel_is_gone(ask: Ask, status: str) -> None:
    _, came, _ = await asked(ask, "200 result=-1 endpos=4160", status)
    assert isinstance(came, CallerHungUp)


async def test_after_a_hang_up_only_what_a_dead_channel_can_do_is_sent() -> None:
    async def ask(session: Session) -> object:
        with pytest.raises(CallerHungUp):
            await session.wait_for_digit(1)
        assert session.gone
        for gone in (PLAY, WAIT, RECORD, lambda session: session.answer()):
            with pytest.raises(CallerHungUp):
                await gone(session)
        await session.set_variable("CX_RESULT", "half")
        return await session.get_variable("CX_RESULT")

    answers = ("HANGUP\n200 result=-1", "200 result=1", "200 result=1 (half)")
    commands, came, server = await asked(ask, *answers)
    assert commands[1:] == ["SET VARIABLE CX_RESULT half", "GET VARIABLE CX_RESULT"]
    assert came == "half"
    async with asyncio.timeout(PATIENCE):
        while not server.counters.ends[End.HUNG_UP]:
            await asyncio.sleep(0.01)


async def test_waiting_for_a_key_gives_it_or_silence() -> None:
    assert (await asked(WAIT, "200 result=53"))[:2] == (["WAIT FOR DIGIT 2500"], Pressed("5"))
    assert (await asked(WAIT, "200 result=0"))[1] == Silence()


async def test_a_failure_on_a_live_channel_is_not_called_a_hang_up() -> None:
    _, came, _ = await asked(WAIT, "200 result=-1", "200 result=6")
    assert isinstance(came, CommandRejected)


@pytest.mark.parametrize(
    ("answer", "recording"),
    [
        ("200 result=35 (dtmf) endpos=8800", Recording(ended_by="key", seconds=1.1, key="#")),
        ("200 result=0 (timeout) endpos=240160", Recording(ended_by="limit", seconds=30.02)),
        ("200 result=0 (timeout) endpos=10080", Recording(ended_by="silence", seconds=1.26)),
        ("200 result=-1 (hangup) endpos=10400", Recording(ended_by="hang_up", seconds=1.3)),
    ],
)
async def test_a_recording_ends_by_key_silence_limit_or_hang_up(answer: str, recording: Recording) -> None:
    commands, came, _ = await asked(RECORD, answer)
    assert commands == ['RECORD FILE "/tmp/c" wav "#" 30000 BEEP "s=4"']
    assert came == recording


async def test_a_recording_that_can_not_be_written_has_failed() -> None:
    _, came, _ = await asked(RECORD, "200 result=-1 (writefile)", "200 result=6")
    assert came == Recording(ended_by="failed", seconds=0.0)


async def test_a_recording_of_a_wide_band_format_has_its_own_samples() -> None:
    _, came, _ = await asked(
        lambda session: session.record_file("/tmp/c", fmt="wav16", seconds=9, beep=False),
        "200 result=0 (timeout) endpos=16000",
    )
    assert came == Recording(ended_by="limit", seconds=1.0)


async def test_variables_are_read_and_set_as_they_are() -> None:
    get: Ask = methodcaller("get_variable", "CHANNEL(language)")
    assert (await asked(get, "200 result=1 (fa)"))[:2] == (['GET VARIABLE "CHANNEL(language)"'], "fa")
    assert (await asked(get, "200 result=0"))[1] is None
    commands, _, _ = await asked(lambda session: session.set_variable("X", 'a "b"\\'), "200 result=1")
    assert commands == ['SET VARIABLE X "a \\"b\\"\\\\"']


async def test_the_state_of_the_channel_is_one_of_asterisks() -> None:
    assert (await asked(STATUS, "200 result=6"))[1] is ChannelState.UP
    assert (await asked(STATUS, "200 result=4"))[1] is ChannelState.RING
    assert (await asked(STATUS, "200 result=77"))[1] is ChannelState.DOWN


async def test_an_application_runs_or_does_not_exist() -> None:
    run: Ask = methodcaller("execute", "Playback", "beep&beep")
    assert (await asked(run, "200 result=0"))[:2] == (['EXEC Playback "beep&beep"'], 0)
    assert isinstance((await asked(run, "200 result=-2"))[1], NoSuchApplication)


async def test_words_for_asterisks_log_are_one_line() -> None:
    commands, _, _ = await asked(lambda session: session.verbose("a\nb  c", 3), "200 result=1")
    assert commands == ['VERBOSE "a b c" 3']


@pytest.mark.parametrize("refusal", ["510 Invalid or unknown command", "520-Invalid\nUsage\n520 End of proper usage."])
async def test_a_command_asterisk_does_not_know_is_told_from_the_end(refusal: str) -> None:
    _, came, _ = await asked(lambda session: session.command("FOO"), refusal)
    assert isinstance(came, CommandRejected)
    assert came.code == int(refusal[:3])


async def test_a_number_that_is_no_key_is_not_believed() -> None:
    _, came, _ = await asked(WAIT, "200 result=99999999999")
    assert isinstance(came, PeerError)


async def test_a_line_end_in_an_argument_sends_nothing_and_the_conversation_goes_on() -> None:
    async def ask(session: Session) -> object:
        with pytest.raises(CommandError):
            await session.set_variable("X", "a\nHANGUP")
        return await session.get_variable("X")

    commands, came, _ = await asked(ask, "200 result=0")
    assert (commands, came) == (["GET VARIABLE X"], None)


async def test_a_call_that_asterisk_takes_away_ends_the_command_in_flight() -> None:
    _, came, _ = await asked(PLAY, then_close=True)
    assert isinstance(came, ConnectionClosed)


async def test_a_command_without_an_answer_ends_the_conversation_in_its_time() -> None:
    async def ask(session: Session) -> object:
        with pytest.raises(NoAnswerInTime):
            await session.command("NOOP", limit=0.05)
        with pytest.raises(ConnectionClosed):
            await session.answer()
        return "ended"

    _, came, server = await asked(ask)
    assert came == "ended"
    async with asyncio.timeout(PATIENCE):
        while not server.counters.ends[End.NO_ANSWER]:
            await asyncio.sleep(0.01)


async def test_a_command_given_up_closes_so_that_its_answer_is_not_taken_for_the_next() -> None:
    async def ask(session: Session) -> object:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await session.wait_for_digit(30)
        with pytest.raises(ConnectionClosed):
            await session.answer()
        return "closed"

    assert (await asked(ask))[1] == "closed"


async def test_a_call_can_be_let_go_of_while_the_handler_still_writes() -> None:
    written = asyncio.Event()

    async def handler(session: Session) -> None:
        await session.answer()
        session.end()
        assert session.gone
        await written.wait()

    async with conversation(handler) as (peer, server):
        await peer.answers("200 result=0")
        assert await peer.closed() == b""
        assert server.status().open == 1
        written.set()
        async with asyncio.timeout(PATIENCE):
            while server.status().open:
                await asyncio.sleep(0.01)
        assert server.counters.ends[End.DONE] == 1


async def test_route_says_default_where_nobody_decides() -> None:
    commands, _, _ = await asked(route.script(Commands()), "200 result=1")
    assert commands == ["SET VARIABLE CX_STATUS default"]


async def test_route_sets_what_was_decided_and_the_status_last() -> None:
    seen: list[Any] = []

    async def decide(said: Any) -> dict[str, str]:
        seen.append(said)
        return {"status": "hint", "queue": "sales", "priority": "5", "agent": "PJSIP/1001", "something": "else"}

    deciding = Commands()
    deciding.serve(DECIDE, decide)
    commands, _, _ = await asked(route.script(deciding), *["200 result=1"] * 6)
    assert commands == [
        "SET VARIABLE CX_STATUS default",
        "SET VARIABLE CX_QUEUE sales",
        "SET VARIABLE CX_PRIORITY 5",
        'SET VARIABLE CX_AGENT "PJSIP/1001"',
        'SET VARIABLE CX_ANSWER "OK|status=hint|queue=sales|priority=5|agent=PJSIP/1001|end"',
        "SET VARIABLE CX_STATUS hint",
    ]
    assert seen[0]["call"]
