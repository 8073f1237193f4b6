"""New SQLite databases at no cost: migrated once a process, then copied."""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from cxcall.store.engine import open_engine
from cxcall.store.migrate import upgrade


def new_database(file: Path) -> str:
    """Make `file` a database of this version's schema without rows; its address for `open_engine`."""
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    with ThreadPoolExecutor(1) as beside, tempfile.TemporaryDirectory() as folder:  # the caller's loop may run
        file = Path(folder) / "cxcall.sqlite"
        beside.submit(asyncio.run, _migrate(file)).result()
        return file.read_bytes()


async def _migrate(file: Path) -> None:
    engine = open_engine(f"sqlite:///{file}")
    await upgrade(engine)
    await engine.dispose()
