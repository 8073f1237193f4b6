"""What calls are counted with when they are written: the site's zone, and the targets of queues as they are now."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.definition import Targets
from cxcall.reports.facts import Counting, Target
from cxcall.store.queue_tables import queues

REFRESH_S = 60.0
"""Seconds after which targets are read anew."""


class _Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Of a definition or a look only what calls are counted with: the rest can't keep a call from being written."""

    targets: Targets = Targets()


_queue = msgspec.json.Decoder(_Queue)


class SiteCounting:
    """`now` is what a transaction that writes calls counts with."""

    def __init__(self, zone: tzinfo, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counting = Counting(zone=zone)
        self._read_at: float | None = None

    async def now(self, conn: AsyncConnection) -> Counting:
        """Targets at most a minute old."""
        at = self._clock()
        if self._read_at is None or at - self._read_at >= REFRESH_S:
            self._counting = Counting(zone=self._counting.zone, targets=await targets(conn))
            self._read_at = at
        return self._counting

    def forget(self) -> None:
        """Queues have changed: targets are read anew with the next call."""
        self._read_at = None


async def targets(conn: AsyncConnection) -> Mapping[tuple[str, str], Target]:
    """What each queue is to reach, by server and name: as applied, before that as drafted, else as it is shown."""
    its = queues.c
    rows = await conn.execute(select(its.server, its.name, its.kind, its.draft, its.applied, its.look))
    found: dict[tuple[str, str], Target] = {}
    for row in rows:
        told = _targets(row)
        if told is not None:
            found[row.server, row.name] = Target(within=told.answer_within, short=told.short_abandon)
    return found


def _targets(row: Any) -> Targets | None:
    text = row.look if row.kind == "observed" else row.applied or row.draft or row.look
    try:
        return _queue.decode(text).targets
    except msgspec.DecodeError:
        return None
