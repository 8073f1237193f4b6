"""Works off the speech jobs of a data folder until it is killed: `python -m tests.speech.worker FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from cxcall.store.engine import open_engine
from tests.speech.hearing import speech


async def work(folder: Path) -> None:
    database = open_engine(f"sqlite:///{folder / 'cxcall.sqlite'}")
    async with speech(folder, database):
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1])))
