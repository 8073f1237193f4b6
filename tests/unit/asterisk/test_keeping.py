"""The journal never stands in the way of following calls."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from cxcall.asterisk.keeping import Keeper
from cxcall.asterisk.status import Meter
from cxcall.store.journal import Journal

ONE = b"Event: Test\r\n\r\n"


async def test_a_disk_that_hangs_is_waited_for_once_and_then_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = Meter()
    keeper = Keeper(lambda: Journal(tmp_path), meter, limit=30)
    await keeper.open()
    goes_on = threading.Event()
    append = Journal.append

    def hangs(journal: Journal, data: bytes) -> int:
        goes_on.wait(60)
        return append(journal, data)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", hangs)
        patch.setattr(keeper, "_limit", 0.1)
        assert await keeper.append(ONE) == 0
        assert "does not answer" in str(meter.journal_error)
        passing = asyncio.create_task(keeper.append(ONE))
        await asyncio.sleep(0)
        assert passing.done(), "it waited again"
        assert passing.result() == 0
    goes_on.set()
    async with asyncio.timeout(30):
        while meter.journal_error is not None:
            await asyncio.sleep(0.01)
            end = await keeper.append(ONE)
    assert end == keeper.end
    await keeper.close()
    journal = Journal(tmp_path)
    assert journal.end == end
    journal.close()


async def test_a_folder_that_can_not_be_made_is_said_and_tried_again(tmp_path: Path) -> None:
    meter = Meter()
    (tmp_path / "blocked").write_text("a file where a folder should be")
    keeper = Keeper(lambda: Journal(tmp_path / "blocked" / "lab"), meter)
    assert await keeper.append(ONE) == 0
    assert "can't be written" in str(meter.journal_error)
    (tmp_path / "blocked").unlink()
    assert await keeper.append(ONE) == len(ONE)
    assert meter.journal_error is None
    await keeper.close()


async def test_a_journal_that_another_process_took_meanwhile_is_said_and_tried_again(tmp_path: Path) -> None:
    meter = Meter()
    (tmp_path / "lab").write_text("a file where a folder should be")
    keeper = Keeper(lambda: Journal(tmp_path / "lab"), meter)
    assert await keeper.append(ONE) == 0
    (tmp_path / "lab").unlink()
    other = Journal(tmp_path / "lab")
    assert await keeper.append(ONE) == 0
    assert "Another cxcall" in str(meter.journal_error)
    other.close()
    assert await keeper.append(ONE) == len(ONE)
    assert meter.journal_error is None
    await keeper.close()
