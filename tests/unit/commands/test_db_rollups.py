"""`cxcall db rebuild-rollups`: counts anew, is killed and goes on, and its check finds a row that was tampered with."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import calls
from cxcall.store.engine import open_engine
from cxcall.store.reporting.tables import rollup_queues
from tests.store.make import REGION
from tests.store.rollup_histories import TEHRAN, counting, history
from tests.unit.commands.conftest import Cxcall

WORDS = ("db", "rebuild-rollups")
CALLS = 30
SLICE = 3
KILLED_AFTER = 2
KILLED = f"""
import os, signal
from cxcall.cli import main
from cxcall.store.reporting import rebuild

rebuild.SLICE, real, slices = {SLICE}, rebuild._slice_of_calls, []

async def killed(*given):
    slices.append(await real(*given))
    if len(slices) > {KILLED_AFTER}:
        os.kill(os.getpid(), signal.SIGKILL)  # its transaction was not committed yet
    return slices[-1]

rebuild._slice_of_calls = killed
main()
"""


@pytest.fixture
def database(cxcall: Cxcall, tmp_path: Path) -> str:
    """The address of a database with calls that are counted."""
    assert cxcall("db", "upgrade").returncode == 0
    address = f"sqlite:///{next(tmp_path.rglob('cxcall.sqlite'))}"
    asyncio.run(_do(address, lambda conn: calls.apply(
        conn, history(3, calls=CALLS), region=REGION, counting=counting(TEHRAN)
    )))  # fmt: skip
    done = cxcall(*WORDS)  # the site's zone
    assert done.returncode == 0, done.stderr
    return address


async def _do(address: str, what: Callable[[AsyncConnection], Awaitable[object]]) -> object:
    engine = open_engine(address)
    try:
        async with engine.begin() as conn:
            return await what(conn)
    finally:
        await engine.dispose()


async def _tamper(conn: AsyncConnection) -> None:
    its = rollup_queues.c
    first = select(func.min(its.slot)).where(its.grain == 0).scalar_subquery()
    done = await conn.execute(update(rollup_queues).where(its.grain == 0, its.slot == first).values(
        offered=its.offered + 1
    ))  # fmt: skip
    assert done.rowcount


def counted(said: str) -> int:
    found = re.search(r"(\d+) calls", said)
    assert found, said
    return int(found[1])


def killed_midway(folder: Path) -> None:
    """Run the command in a process of its own that is ended by SIGKILL in the middle of a transaction."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CXCALL_")}
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *WORDS], cwd=folder, env={**environ, "PYTHONPATH": root}, timeout=60,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_all_calls_are_counted_and_a_check_finds_nothing(cxcall: Cxcall, database: str) -> None:
    again = cxcall(*WORDS)
    assert (again.returncode, again.stdout) == (0, "")
    every = counted(again.stderr)
    checked = cxcall(*WORDS, "--check")
    assert (checked.returncode, checked.stdout) == (0, "")
    assert f"Rollups are what {every} calls say." in checked.stderr


def test_a_row_that_was_tampered_with_is_named_and_mended(cxcall: Cxcall, database: str) -> None:
    asyncio.run(_do(database, _tamper))
    checked = cxcall(*WORDS, "--check")
    assert checked.returncode == 1
    assert "offered" in checked.stdout
    assert "To mend them: cxcall db rebuild-rollups" in checked.stderr
    assert cxcall(*WORDS, "--check").returncode == 1, "a check changes nothing"
    assert cxcall(*WORDS).returncode == 0
    assert cxcall(*WORDS, "--check").returncode == 0


def test_a_rebuild_that_was_killed_goes_on_where_it_stopped(cxcall: Cxcall, database: str, tmp_path: Path) -> None:
    every = counted(cxcall(*WORDS).stderr)
    asyncio.run(_do(database, _tamper))
    killed_midway(tmp_path)
    checked = cxcall(*WORDS, "--check")
    assert (checked.returncode, checked.stdout) == (1, "")
    assert "Rollups are being rebuilt now" in checked.stderr
    gone_on = cxcall(*WORDS)
    assert gone_on.returncode == 0
    assert counted(gone_on.stderr) == every - SLICE * KILLED_AFTER, "what was counted before is not again"
    assert cxcall(*WORDS, "--check").returncode == 0
