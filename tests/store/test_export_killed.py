"""A big export whose writer is ended by SIGKILL, in the middle of a piece and behind one: whoever goes on misses no
line and writes none twice."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.settings import Data, Settings
from cxcall.store import report_jobs, users
from cxcall.store.engine import open_engine
from cxcall.store.report_jobs import LEASE, Job, Reading
from cxcall.web.exporting import PIECE, Exporter, file_of
from tests.store.big import CALLS

KILLED = """
import asyncio, os, signal, sys
from datetime import UTC, datetime, timedelta
from cxcall.bus import Bus
from cxcall.settings import Data, Settings
from cxcall.store.engine import open_engine
from cxcall.web import exporting

folder, address, late, last, how = sys.argv[1:6]
late, last, torn = float(late), int(last), how == "torn"
real, pieces = exporting._append, []

def killed(path, text):
    pieces.append(path)
    if len(pieces) < last:
        return real(path, text)
    real(path, text[: len(text) // 2] if torn else text)
    os.kill(os.getpid(), signal.SIGKILL)

async def write():
    exporting._append = killed
    now = lambda: datetime.now(UTC) + timedelta(seconds=late)
    exporter = exporting.Exporter(
        settings=Settings(data=Data(dir=folder)), engine=open_engine(address), bus=Bus(epoch=1), clock=now
    )
    assert await exporter.write_one()

asyncio.run(write())
"""


def run_until_killed(folder: Path, address: str, *, late: float, last: int, torn: bool) -> None:
    """Write an export in a process of its own, which ends itself by SIGKILL when it writes for the `last` time."""
    root = str(Path(__file__).parents[2])
    words = [str(folder), address, str(late), str(last), "torn" if torn else "whole"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words], env={**os.environ, "PYTHONPATH": root}, timeout=100,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


async def asked_for(engine: AsyncEngine) -> Job:
    async with engine.begin() as conn:
        known = [user for user in await users.everyone(conn) if user.name == "leila"]
        user = known[0] if known else await users.create(conn, name="leila", role="supervisor", password_hash="x")
        return await report_jobs.make(
            conn, kind="calls", name="all", owner_id=user.id, query="", reader=Reading(), format_="csv", lines=CALLS,
            now=datetime.now(UTC),
        )  # fmt: skip


async def now_is(engine: AsyncEngine, job: Job) -> Job:
    async with engine.connect() as conn:
        found = await report_jobs.get(conn, job.id)
    assert found is not None
    return found


async def test_a_big_export_goes_on_where_it_was_killed(big_file: str, tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    shutil.copyfile(big_file.removeprefix("sqlite:///"), file)
    address, settings = f"sqlite:///{file}", Settings(data=Data(dir=str(tmp_path)))
    engine = open_engine(address)
    try:
        job = await asked_for(engine)
        written = file_of(settings, job.id)
        run_until_killed(tmp_path, address, late=0, last=4, torn=True)  # the line of headings is the first
        half = await now_is(engine, job)
        assert (half.state, half.done) == ("running", 2 * PIECE)
        assert written.stat().st_size > half.bytes, "half a piece lies behind what was written down"
        late = LEASE.total_seconds() + 1
        run_until_killed(tmp_path, address, late=late, last=3, torn=False)
        more = await now_is(engine, job)
        assert (more.state, more.done, more.tries) == ("running", 4 * PIECE, 2)
        assert written.stat().st_size > more.bytes, "a whole piece does"
        clock = datetime.now(UTC) + timedelta(seconds=2 * late)
        exporter = Exporter(settings=settings, engine=engine, bus=Bus(epoch=1), clock=lambda: clock)
        assert await exporter.write_one()
        over = await now_is(engine, job)
        assert (over.state, over.done, over.tries) == ("done", CALLS, 3)
        rows = list(csv.DictReader(io.StringIO(written.read_text(encoding="utf-8-sig"))))
        assert len({row["Call"] for row in rows}) == len(rows) == CALLS
        assert written.stat().st_size == over.bytes
        straight = await asked_for(engine)
        assert await exporter.write_one()
        assert file_of(settings, straight.id).read_bytes() == written.read_bytes()
    finally:
        await engine.dispose()
