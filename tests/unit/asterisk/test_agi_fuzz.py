"""Some thousand broken sessions among good ones; benchmarks/agi_fuzz.py is the same with a hundred thousand."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest
import structlog

from benchmarks.agi_fuzz import bad, good
from cxcall.asterisk.agi.limits import Limits
from cxcall.asterisk.agi.server import Server
from tests.support import agi_strangers
from tests.support.agi_strangers import PATIENCE, Crowd

SESSIONS = 2_000


@pytest.fixture
def silence() -> Iterator[None]:
    """What is wrong is counted; a line for each kind is tested elsewhere."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


async def keep_calling(port: int, stop: asyncio.Event) -> int:
    """Have one good conversation after the other; how many there were. Raises when one is not."""
    count = 0
    while not stop.is_set():
        async with asyncio.timeout(PATIENCE):
            await agi_strangers.good(port)
        count += 1
        await asyncio.sleep(0.01)
    return count


@pytest.mark.usefixtures("silence")
async def test_broken_sessions_leave_nothing_and_harm_no_good_one() -> None:
    server, stop = Server({"/good": good, "/bad": bad}, Limits(header=3.0, grace=0.1)), asyncio.Event()
    before = asyncio.all_tasks()
    async with server.listening("127.0.0.1", 0) as address:
        port = int(address.rpartition(":")[2])
        calling = asyncio.create_task(keep_calling(port, stop))
        crowd = Crowd(port, SESSIONS, seed=7)
        await crowd.come(workers=32, slow=16)
        stop.set()
        called = await calling
        async with asyncio.timeout(PATIENCE):
            while (status := server.status()).connections != sum(status.ends.values()):
                await asyncio.sleep(0.02)
    assert not crowd.stuck
    assert called == status.ends["done"]
    assert (status.open, status.waiting) == (0, 0)
    assert status.ends["failed"] == status.ends["slow"] == status.ends["too_long"] == status.ends["full"] == 0
    assert status.connections >= SESSIONS + called - crowd.kinds["refused"]
    gc.collect()
    assert asyncio.all_tasks() == before
