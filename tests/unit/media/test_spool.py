"""Sound kept on disk: in order, within its limit, whole also after a crash in the middle of a record."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cxcall.media.spool import Kept, Spool

HERE = "lab-17/95..\u202e.1"


def kept(start: float) -> Kept:
    return Kept(start=start, spoke=start + 0.3, end=start + 2.0, speaker="customer", language="en")


@asynccontextmanager
async def running(spool: Spool) -> AsyncIterator[Spool]:
    task = asyncio.create_task(spool.run())
    try:
        yield spool
    finally:
        await spool.flush()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_kept_is_read_in_order_whatever_the_call_is_called(tmp_path: Path) -> None:
    async with running(Spool(tmp_path / "speech")) as spool:
        assert not spool.has(HERE)
        for n in range(3):
            assert spool.keep(HERE, kept(float(n)), bytes([n]) * 320)
        spool.keep("other", kept(9.0), b"\n\n{}" * 10)
        spool.move("other", HERE)
        await spool.flush()
        assert spool.has(HERE)
        assert [(about.start, len(pcm)) for about, pcm in spool.read(HERE)] == [
            (0.0, 320), (1.0, 320), (2.0, 320), (9.0, 40),
        ]  # fmt: skip
        assert not spool.has("other")
        assert all(file.parent == tmp_path / "speech" for file in tmp_path.rglob("*.sound"))
        spool.remove(HERE)
        await spool.flush()
        assert spool.size == 0


async def test_there_is_no_more_than_its_room_also_after_a_restart(tmp_path: Path) -> None:
    async with running(Spool(tmp_path / "speech", most=2_000)) as spool:
        assert spool.keep(HERE, kept(0.0), bytes(1_500))
        assert not spool.keep(HERE, kept(5.0), bytes(1_500))
        assert spool.dropped == pytest.approx(2.0)
    async with running(Spool(tmp_path / "speech", most=2_000)) as again:
        again.remove("nothing")
        await again.flush()
        assert again.size > 1_500
        assert again.nearly_full or not again.keep(HERE, kept(5.0), bytes(1_500))
        assert again.keep(HERE, kept(6.0), bytes(100))


async def test_a_record_that_a_crash_cut_off_ends_the_sound_and_harms_nothing(tmp_path: Path) -> None:
    async with running(Spool(tmp_path / "speech")) as spool:
        for n in range(2):
            spool.keep("a", kept(float(n)), bytes(320))
        await spool.flush()
        file = tmp_path / "speech" / "a.sound"
        file.write_bytes(file.read_bytes()[:-100])
        assert [about.start for about, _ in spool.read("a")] == [0.0]
        file.write_bytes(b"no json\n" + bytes(100))
        assert list(spool.read("a")) == []


async def test_a_disk_that_takes_nothing_loses_sound_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "speech").write_text("in the way")
    async with running(Spool(tmp_path / "speech")) as spool:
        spool.keep("a", kept(0.0), bytes(320))
        await spool.flush()
        assert spool.size == 0


async def test_a_disk_that_fills_up_in_the_middle_of_a_record_hides_nothing_that_comes_after(tmp_path: Path) -> None:
    async with running(Spool(tmp_path / "speech")) as spool:
        spool.keep("a", kept(0.0), bytes(320))
        await spool.flush()
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limit[1]))  # the rest of the disk is full
            spool.keep("a", kept(1.0), bytes(3_200))
            await spool.flush()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
            signal.signal(signal.SIGXFSZ, before)
        spool.keep("a", kept(2.0), bytes(320))
        await spool.flush()
        assert [about.start for about, _ in spool.read("a")] == [0.0, 2.0]
