"""The AudioSocket port: streams that were asked for, strangers, floods, and that each costs only itself."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import pytest
import structlog

from cxcall.asterisk.audio.limits import Limits
from cxcall.asterisk.audio.server import AudioServer
from cxcall.speech.audiosocket import hang_up, name, sound
from cxcall.speech.stream import Closed
from tests.support.audio_strangers import FRAME, Crowd

SESSIONS = 800


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """What is wrong is counted; the log says the first of each kind."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


class Kept:
    """Takes a stream and keeps it."""

    def __init__(self, fails: bool = False) -> None:
        self.here = asyncio.Event()
        self.pcm = bytearray()
        self.at: list[float] = []
        self.closed: Closed | None = None
        self._fails = fails

    def arrived(self) -> None:
        self.here.set()

    def audio(self, pcm: bytes, at: float) -> None:
        if self._fails:
            raise RuntimeError("the pipeline broke")
        self.pcm += pcm
        self.at.append(at)

    def close(self, why: Closed, at: float) -> None:
        assert self.closed is None, "said once"
        self.closed = why


async def until(look: Callable[[], bool], limit: float = 30.0) -> None:
    async with asyncio.timeout(limit):
        while not look():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def serving(limits: Limits | None = None) -> AsyncIterator[tuple[AudioServer, int]]:
    server = AudioServer(limits)
    async with server.listening("127.0.0.1", 0) as address:
        yield server, int(address.rpartition(":")[2])


async def come(port: int, said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    await writer.drain()
    return reader, writer


def ended(server: AudioServer, end: str) -> bool:
    return server.status().ends[end] == 1


async def leave(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def asked(server: AudioServer, kept: Kept | None = None) -> tuple[str, Kept]:
    id_, kept = str(uuid.uuid4()), kept or Kept()
    server.expect(id_, kept)
    return id_, kept


async def test_a_stream_that_was_asked_for_arrives_whole_and_ends_with_its_channel() -> None:
    async with serving() as (server, port):
        id_, kept = asked(server)
        _, writer = await come(port, name(id_) + sound(FRAME) * 3)
        await until(lambda: len(kept.pcm) == 3 * len(FRAME))
        assert (kept.here.is_set(), server.status().open, server.status().asked) == (True, 1, 0)
        await leave(writer)
        await until(lambda: server.status().open == 0)
        assert (kept.closed, server.status().ends["hung_up"]) == ("hung_up", 1)


async def test_a_name_counts_once_and_only_if_it_was_asked_for() -> None:
    async with serving() as (server, port):
        id_, kept = asked(server)
        _, first = await come(port, name(id_))
        await kept.here.wait()
        for stranger in (id_, str(uuid.uuid4())):
            reader, second = await come(port, name(stranger) + sound(FRAME))
            assert await reader.read() == b""
            await leave(second)
        await until(lambda: server.status().ends["unknown"] == 2)
        assert (server.status().strangers, server.status().open, kept.closed) == (2, 1, None)
        await leave(first)


async def test_whom_we_no_longer_want_is_told_to_hang_up() -> None:
    async with serving() as (server, port):
        id_, kept = asked(server)
        reader, writer = await come(port, name(id_))
        await kept.here.wait()
        server.forget(id_)
        assert await reader.read() == hang_up()
        assert kept.closed == "stopped"
        await leave(writer)
        late, never = asked(server)
        server.forget(late)
        reader, writer = await come(port, name(late))
        assert await reader.read() == b""
        assert not never.here.is_set()
        await leave(writer)
        id_, last = asked(server)
        reader, writer = await come(port, name(id_))
        await last.here.wait()
    assert await reader.read() == hang_up()
    assert last.closed == "stopped"
    await leave(writer)


async def test_another_rate_is_brought_to_ours() -> None:
    async with serving() as (server, port):
        id_, kept = asked(server)
        _, writer = await come(port, name(id_) + sound(FRAME * 2, 16_000) * 100)
        await until(lambda: len(kept.pcm) > 98 * len(FRAME))
        assert len(kept.pcm) <= 100 * len(FRAME)
        await leave(writer)
        await until(lambda: server.status().resampled == 1)


async def test_what_is_no_frame_a_flood_silence_and_a_broken_taker_end_that_stream_only() -> None:
    limits = Limits(idle=2.0, ahead=2.0, name=0.2)
    async with serving(limits) as (server, port):
        good_id, good = asked(server)
        _, goes_on = await come(port, name(good_id))
        wanted = {"broken": b"\x77", "flood": sound(FRAME) * 200, "idle": b"", "failed": sound(FRAME)}
        for end, said in wanted.items():
            id_, kept = asked(server, Kept(fails=end == "failed"))
            _, writer = await come(port, name(id_) + said)
            async with asyncio.timeout(30):
                while kept.closed is None:
                    goes_on.write(sound(FRAME))
                    await asyncio.sleep(0.02)
            await until(partial(ended, server, end))
            assert kept.closed == ("lost" if end == "idle" else "broken")
            await leave(writer)
        reader, late = await come(port, name(str(uuid.uuid4()))[:7])
        assert await reader.read() == b""
        await until(lambda: server.status().ends["late"] == 1)
        assert good.closed is None
        assert good.pcm
        await leave(late)
        await leave(goes_on)


async def test_a_crowd_of_strangers_leaves_nothing_and_a_good_stream_keeps_its_pace() -> None:
    gc.collect()
    before = asyncio.all_tasks()
    async with serving(Limits(name=0.3, ahead=10)) as (server, port):
        names = [asked(server)[0] for _ in range(SESSIONS)]
        good_id, good = asked(server)
        _, writer = await come(port, name(good_id))
        crowd = Crowd(port, SESSIONS, iter(names), seed=7)
        coming = asyncio.create_task(crowd.come())
        sent = 0
        while not coming.done():
            writer.write(sound(FRAME))
            sent += 1
            await asyncio.sleep(0.02)
        await coming
        await until(lambda: len(good.at) == sent)
        assert time.time() - good.at[-1] < 30
        await leave(writer)
        await until(lambda: server.status().open == server.status().waiting == 0)
        status = server.status()
        await until(lambda: status.connections == sum(server.status().ends.values()))
    assert not crowd.stuck
    assert status.ends["failed"] == status.ends["full"] == 0
    assert {status.ends[end] > 0 for end in ("unknown", "garbage", "late", "broken", "flood")} == {True}
    gc.collect()
    assert asyncio.all_tasks() == before
