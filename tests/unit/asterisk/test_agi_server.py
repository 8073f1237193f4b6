"""The FastAGI port among good and bad peers: everyone is let go of in time, counted by kind, and nothing is left."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from cxcall.asterisk.agi.counters import End
from cxcall.asterisk.agi.edge import AgiEdge
from cxcall.asterisk.agi.errors import SessionOver
from cxcall.asterisk.agi.limits import Limits
from cxcall.asterisk.agi.server import Handler, Server
from cxcall.asterisk.agi.session import Session
from cxcall.bus import Commands, NoAnswer
from cxcall.settings import Agi
from tests.support.agi_peer import PATIENCE, connect, header

LONG = Limits(header=PATIENCE, think=PATIENCE, farewell=PATIENCE, grace=PATIENCE)


async def greet(session: Session) -> None:
    await session.answer()
    await session.set_variable("SAID", session.request.arg(1))


async def wait_for_ever(session: Session) -> None:
    await session.answer()
    await asyncio.Event().wait()


class Stand:
    """A running server and what is left of it."""

    def __init__(self, server: Server, address: str) -> None:
        self.server, self.address = server, address

    async def counted(self, **ends: int) -> None:
        """Wait until exactly these ends are counted, and nothing is open."""
        async with asyncio.timeout(PATIENCE):
            while self.ends() != ends or self.server.status().open or self.server.status().waiting:
                await asyncio.sleep(0.01)
        assert self.server.counters.connections == sum(ends.values())

    def ends(self) -> dict[str, int]:
        return {name: count for name, count in self.server.status().ends.items() if count}


@asynccontextmanager
async def stand(limits: Limits = LONG, **scripts: Handler) -> AsyncIterator[Stand]:
    server = Server({f"/{name}": handler for name, handler in ({"test": greet} | scripts).items()}, limits)
    before = asyncio.all_tasks()
    async with server.listening("127.0.0.1", 0) as address:
        yield Stand(server, address)
    status = server.status()
    assert (status.open, status.waiting) == (0, 0)
    assert asyncio.all_tasks() <= before | {asyncio.current_task()}
    assert status.connections == sum(status.ends.values())


async def until(ready: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not ready():
            await asyncio.sleep(0.01)


async def test_a_conversation_is_given_to_its_script_with_its_arguments() -> None:
    seen: list[tuple[Mapping[str, str], tuple[str, ...]]] = []

    async def look(session: Session) -> None:
        seen.append((session.request.query, session.request.args))

    async with stand(look=look) as site:
        async with connect(site.address, header("look?x=1", "a b")) as peer:
            assert await peer.closed() == b""
        await site.counted(done=1)
    assert seen == [({"x": "1"}, ("a b",))]


async def test_a_good_conversation_is_done_and_closed() -> None:
    async with stand() as site, connect(site.address, header("test", "hello")) as peer:
        assert await peer.answers("200 result=0", "200 result=1") == ["ANSWER", "SET VARIABLE SAID hello"]
        assert await peer.closed() == b""
        await site.counted(done=1)


async def test_hundred_conversations_at_once_have_their_own_answers() -> None:
    async def one(site: Stand, number: int) -> None:
        async with connect(site.address, header("test", f"caller {number}")) as peer:
            assert (await peer.answers("200 result=0", "200 result=1"))[1] == f'SET VARIABLE SAID "caller {number}"'
            assert await peer.closed() == b""

    async with stand() as site:
        await asyncio.gather(*(one(site, number) for number in range(100)))
        await site.counted(done=100)


@pytest.mark.parametrize(
    ("said", "end"),
    [
        (b"", "nothing_said"),
        (b"agi_network: yes\nagi_net", "cut_off"),
        (header()[:-1], "cut_off"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "garbage"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "garbage"),
        (b"agi_network: yes\nfoo\n", "garbage"),
        (b"agi_x: y\n" * 300, "too_much"),
        (b"agi_x: " + b"y" * 40_000, "too_much"),
        (header("nowhere"), "unknown_script"),
        (header("test") + b"what?\n", "wrong_answer"),
        (header("test") + b"200 result=1\n200 result=1\n", "wrong_answer"),
    ],
)
async def test_bad_peers_are_closed_and_counted_by_kind(said: bytes, end: str) -> None:
    async with stand() as site:
        async with connect(site.address, said) as peer:
            await asyncio.sleep(0)
            if end in ("nothing_said", "cut_off"):
                peer.writer.close()
            else:
                await peer.closed()
        await site.counted(**{end: 1})


async def test_a_reset_in_the_middle_of_a_header_is_a_cut_off() -> None:
    async with stand() as site:
        async with connect(site.address, b"agi_network: yes\n") as peer:
            await until(lambda: site.server.status().waiting)
            raw: socket.socket = peer.writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.writer.transport.abort()
        await site.counted(cut_off=1)


@pytest.mark.parametrize("drops", [[], [b"a"], [b"agi_network: yes\n"], [b"agi_x: y\n"] * 100])
async def test_a_header_that_does_not_end_in_time_is_late_even_drop_by_drop(drops: list[bytes]) -> None:
    async with stand(Limits(header=0.3)) as site, connect(site.address) as peer:
        for drop in drops:
            peer.send(drop)
            await asyncio.sleep(0.01)
        assert await peer.closed() == b""
        await site.counted(late=1)


async def test_when_too_many_wait_without_a_header_the_oldest_goes_and_calls_come_through() -> None:
    async with stand(Limits(header=PATIENCE, doorway=5)) as site:
        strangers = [await asyncio.open_connection(*site.address.split(":")) for _ in range(20)]
        async with connect(site.address, header()) as peer:
            await peer.answers("200 result=0", "200 result=1")
            await peer.closed()
        for _, writer in strangers:
            writer.close()
        await until(lambda: site.server.status().waiting == 0)
        assert site.ends()["done"] == 1
        assert site.ends()["crowded_out"] >= 15


async def test_one_conversation_too_many_gets_its_call_back_at_once() -> None:
    async with stand(Limits(sessions=1, grace=0.1), keep=wait_for_ever) as site:
        async with connect(site.address, header("keep")) as first:
            await first.answers("200 result=0")
            async with connect(site.address, header("test")) as second:
                assert await second.closed() == b""
        await until(lambda: site.ends().get("full") == 1)


async def test_a_handler_that_raises_ends_its_own_conversation_only() -> None:
    async def fail(session: Session) -> None:
        await session.answer()
        raise ZeroDivisionError

    with capture_logs() as logs:
        async with stand(fail=fail) as site:
            async with connect(site.address, header("test")) as good:
                assert await good.command() == "ANSWER"
                async with connect(site.address, header("fail")) as bad:
                    await bad.answers("200 result=0")
                    assert await bad.closed() == b""
                good.send(b"200 result=0\n")
                await good.answers("200 result=1")
            await site.counted(failed=1, done=1)
    assert any(entry["log_level"] == "error" and entry.get("script") == "/fail" for entry in logs)


async def test_a_handler_that_keeps_the_call_waiting_is_cancelled_and_the_call_goes_on() -> None:
    cleaned = asyncio.Event()

    async def slow(session: Session) -> None:
        await session.answer()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    async with stand(Limits(think=0.1), slow=slow) as site, connect(site.address, header("slow")) as peer:
        await peer.answers("200 result=0")
        assert await peer.closed() == b""
        async with asyncio.timeout(PATIENCE):
            await cleaned.wait()
        await site.counted(slow=1)


async def test_the_time_of_a_command_is_asterisks_and_not_the_handlers() -> None:
    async def ask(session: Session) -> None:
        await session.wait_for_digit(5)

    async with stand(Limits(think=0.1), ask=ask) as site, connect(site.address, header("ask")) as peer:
        await peer.command()
        await asyncio.sleep(0.3)
        peer.send(b"200 result=0\n")
        assert await peer.closed() == b""
        await site.counted(done=1)


async def test_a_conversation_can_not_last_for_ever() -> None:
    async def chat(session: Session) -> None:
        while True:
            await session.verbose("still here")

    async with stand(Limits(session=0.3), chat=chat) as site, connect(site.address, header("chat")) as peer:
        with contextlib.suppress(EOFError, ConnectionError):
            while await peer.answers("200 result=1"):
                pass
        await site.counted(too_long=1)


async def test_after_the_hang_up_a_handler_has_its_farewell_and_no_more() -> None:
    async def write(session: Session) -> None:
        try:
            await session.wait_for_digit(5)
        except SessionOver:
            await asyncio.Event().wait()  # a database that hangs

    limits = Limits(think=0.05, farewell=0.3)
    async with stand(limits, write=write) as site, connect(site.address, header("write")) as peer:
        await peer.answers("HANGUP\n200 result=-1")
        assert await peer.closed() == b""
        await site.counted(slow=1)


async def test_writing_after_the_hang_up_is_not_held_to_the_time_to_think() -> None:
    async def write(session: Session) -> None:
        with pytest.raises(SessionOver):
            await session.wait_for_digit(5)
        await asyncio.sleep(0.2)
        await session.set_variable("CX", "x")

    async with stand(Limits(think=0.05), write=write) as site, connect(site.address, header("write")) as peer:
        await peer.answers("HANGUP\n200 result=-1", "200 result=1")
        assert await peer.closed() == b""
        await site.counted(hung_up=1)


async def test_a_hang_up_while_the_handler_thinks_ends_its_time_to_think() -> None:
    heard = asyncio.Event()

    async def think(session: Session) -> None:
        await session.answer()
        async with asyncio.timeout(PATIENCE):
            while not session.gone:
                await asyncio.sleep(0.01)
        heard.set()

    async with stand(think=think) as site, connect(site.address, header("think")) as peer:
        await peer.answers("200 result=0")
        peer.send(b"HANGUP\n")
        async with asyncio.timeout(PATIENCE):
            await heard.wait()
        await site.counted(hung_up=1)


async def test_a_call_asterisk_takes_away_is_lost() -> None:
    async with stand() as site:
        async with connect(site.address, header()) as peer:
            await peer.command()
        await site.counted(lost=1)


async def test_stopping_lets_conversations_end_politely() -> None:
    async def polite(session: Session) -> None:
        await session.answer()
        await session.stopping.wait()
        await session.execute("Playback", "thanks")

    async with AsyncExitStack() as peers:
        async with stand(polite=polite) as site:
            peer = await peers.enter_async_context(connect(site.address, header("polite")))
            await peer.answers("200 result=0")
            goodbye = asyncio.create_task(peer.answers("200 result=0"))
        assert await goodbye == ["EXEC Playback thanks"]
    assert site.ends() == {"done": 1}


async def test_stopping_waits_a_short_time_only_and_leaves_nothing() -> None:
    freed = asyncio.Event()

    async def stubborn(session: Session) -> None:
        try:
            await wait_for_ever(session)
        finally:
            freed.set()

    limits = Limits(header=PATIENCE, grace=0.1, last=0.5)
    async with stand(limits, stubborn=stubborn) as site:
        keeps = await asyncio.open_connection(*site.address.split(":"))
        keeps[1].write(header("stubborn"))
        idle = await asyncio.open_connection(*site.address.split(":"))
        await until(lambda: site.server.status().open and site.server.status().waiting)
    assert freed.is_set()
    assert site.ends() == {"stopped": 2}
    for reader, writer in (keeps, idle):
        async with asyncio.timeout(PATIENCE):
            assert await reader.read() in (b"", b"ANSWER\n")
        writer.close()
    with pytest.raises(OSError):
        await asyncio.open_connection(*site.address.split(":"))


async def test_each_kind_of_stranger_and_each_unknown_script_is_logged_once() -> None:
    with capture_logs() as logs:
        async with stand() as site:
            for said in (b"GET", b"PUT", header("a"), header("a"), header("b")):
                async with connect(site.address, said) as peer:
                    await peer.closed()
            await site.counted(garbage=2, unknown_script=3)
    assert [entry.get("kind") or entry.get("script") for entry in logs] == ["garbage", "/a", "/b"]


async def test_strangers_cost_no_task() -> None:
    async with stand() as site:
        before = len(asyncio.all_tasks())
        strangers = [await asyncio.open_connection(*site.address.split(":")) for _ in range(30)]
        await until(lambda: site.server.status().waiting == 30)
        assert len(asyncio.all_tasks()) <= before
        for _, writer in strangers:
            writer.close()
        await site.counted(nothing_said=30)


async def test_the_edge_says_how_it_is_while_it_serves() -> None:
    commands = Commands()
    edge = AgiEdge(settings=Agi(port=0), commands=commands, scripts={"/test": greet})
    async with edge.serving() as address:
        async with connect(address, b"nonsense") as peer:
            await peer.closed()
        await until(lambda: edge.status().ends["garbage"])
        status: Any = await commands.ask("agi:status", None)
        assert (status.address, status.connections) == (address, 1)
        with pytest.raises(OSError):
            async with AgiEdge(
                settings=Agi(port=int(address.partition(":")[2])), commands=commands, scripts={}
            ).serving():
                pass
    with pytest.raises(NoAnswer):
        await commands.ask("agi:status", None)


async def test_every_end_has_its_place() -> None:
    async with stand() as site:
        assert set(site.server.status().ends) == set(map(str, End))
