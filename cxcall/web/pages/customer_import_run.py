"""Uploads that wait for a decision, and the imports that run: one task each, going on where a restart stopped it."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from pathlib import Path

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import imports
from cxcall.web.keys import ENGINE

AT_ONCE = 100
"""Lines written in one transaction: short enough that calls are never kept waiting."""
REST_S = 0.02
"""Pause between transactions, in which the calls' writer gets its turn."""
RETRY_S = 2.0
RETRIES = 30
KEPT_UPLOADS_S = 24 * 3600
_NAME = re.compile(r"[0-9a-f]{32}")

log = structlog.get_logger("cxcall.web")


class Runner:
    """The running imports of this process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def go(self, import_id: str) -> None:
        """Run or undo the import until it has ended; does nothing when it is being run already."""
        if import_id not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._run(import_id))
            self._tasks[import_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(import_id, None))

    async def close(self) -> None:
        """Stop between two transactions' worth of lines; the next start or look goes on from there."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, import_id: str) -> None:
        failures = 0
        while failures < RETRIES:
            try:
                async with self._engine.begin() as conn:
                    job = await imports.run_some(conn, import_id, at_most=AT_ONCE)
                    if job.state == "undoing":
                        job = await imports.undo_some(conn, import_id, at_most=AT_ONCE)
            except imports.NoSuchImport:
                return
            except (SQLAlchemyError, OSError) as error:
                failures += 1
                log.warning("import_waits", id=import_id, error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                continue
            failures = 0
            if job.state in ("done", "undone"):
                log.info("import_ended", id=import_id, state=job.state, lines=job.lines)
                return
            await asyncio.sleep(REST_S)


RUNNER = web.AppKey("imports", Runner)


def setup(app: web.Application) -> None:
    """Give `app` its runner, which ends with it."""
    app[RUNNER] = Runner(app[ENGINE])

    async def close(_: web.Application) -> None:
        await app[RUNNER].close()

    app.on_shutdown.append(close)


def keep_upload(folder: Path, name: str, data: bytes) -> str:
    """Write an upload down until it is decided on; returns its key. Blocks. Old ones are thrown away."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        if time.time() - old.stat().st_mtime > KEPT_UPLOADS_S:
            old.unlink(missing_ok=True)
            old.with_suffix(".name").unlink(missing_ok=True)
    key = secrets.token_hex(16)
    (folder / f"{key}.csv").write_bytes(data)
    (folder / f"{key}.name").write_text(name[:200], encoding="utf-8")
    return key


def read_upload(folder: Path, key: str) -> tuple[str, bytes] | None:
    """Name and content of an upload; None when it is gone. Blocks."""
    if not _NAME.fullmatch(key):
        return None
    try:
        return (folder / f"{key}.name").read_text(encoding="utf-8"), (folder / f"{key}.csv").read_bytes()
    except OSError:
        return None


def drop_upload(folder: Path, key: str) -> None:
    """Throw an upload away. Blocks."""
    if _NAME.fullmatch(key):
        for suffix in (".csv", ".name"):
            (folder / f"{key}{suffix}").unlink(missing_ok=True)
