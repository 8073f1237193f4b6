"""Tests wait for what has to become true, however slow the machine is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], object], limit: float = 20.0) -> None:
    """Return once `true()` is; fail after `limit` seconds."""
    async with asyncio.timeout(limit):
        while not true():
            await asyncio.sleep(0.005)
